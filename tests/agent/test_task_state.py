"""The table of a task's life."""

from __future__ import annotations

import itertools

import pytest

from agent.tasks.state import (
    TERMINAL,
    TRANSITIONS,
    InvalidTaskTransition,
    TaskEvent,
    TaskPhase,
    next_phase,
    wire_state_name,
)
from api.wire.v1 import mesos

ORDER = [TaskPhase.RECEIVED, TaskPhase.STARTING, TaskPhase.RUNNING, TaskPhase.KILLING]


def test_a_terminal_phase_takes_no_event() -> None:
    for phase, event in itertools.product(TERMINAL, TaskEvent):
        with pytest.raises(InvalidTaskTransition):
            next_phase(phase, event)


def test_an_event_that_the_table_does_not_hold_is_refused_with_both_names() -> None:
    with pytest.raises(InvalidTaskTransition, match="RUNNING cannot take the event PUBLISHED"):
        next_phase(TaskPhase.RUNNING, TaskEvent.PUBLISHED)


def test_phases_never_move_backwards() -> None:
    for (phase, _), after in TRANSITIONS.items():
        assert after in TERMINAL or ORDER.index(after) >= ORDER.index(phase)


def test_every_phase_that_is_not_terminal_can_be_ended_by_a_kill() -> None:
    for phase in ORDER:
        ended = next_phase(phase, TaskEvent.KILL)
        assert ended in TERMINAL or next_phase(ended, TaskEvent.DISAPPEARED) in TERMINAL


def test_every_phase_is_reached_from_received() -> None:
    reached = {TaskPhase.RECEIVED}
    while True:
        more = {after for (phase, _), after in TRANSITIONS.items() if phase in reached} - reached
        if not more:
            break
        reached |= more
    assert reached == set(TaskPhase)


@pytest.mark.parametrize("phase", list(TaskPhase))
def test_every_phase_has_a_name_in_the_v1_api(phase: TaskPhase) -> None:
    for aware in (True, False):
        mesos.TaskState(wire_state_name(phase, partition_aware=aware))


def test_only_partition_aware_schedulers_hear_of_gone_tasks() -> None:
    assert wire_state_name(TaskPhase.LOST, partition_aware=True) == "TASK_GONE"
    assert wire_state_name(TaskPhase.LOST, partition_aware=False) == "TASK_LOST"
