"""The life of a task on its agent, as data: phases, events and the table between them.

No I/O, no clock, no messages here: `agent.tasks.tasks` carries out what the phases mean and persists
them; this room only says which phase follows from which event, and what a phase is called in
the v1 API.

    RECEIVED --PUBLISHED--> STARTING --LAUNCHED--> RUNNING --EXITED_WITH_*--> FINISHED | FAILED
        \\                        \\                    \\
         KILL: KILLED             KILL ------------> KILLING --EXITED_WITH_*--> FINISHED | KILLED

A phase is persisted before what it stands for is done (STARTING before the launch), so that
after a crash the persisted phase says what to repeat. Invariant: phases never move backwards.
"""

from __future__ import annotations

import enum


class TaskPhase(enum.StrEnum):
    """What is durably known about a task. The value is what the checkpoint holds."""

    RECEIVED = "RECEIVED"
    """Known and checked; its volumes may be in the middle of being published."""
    STARTING = "STARTING"
    """Its volumes are published; its container may or may not have been started."""
    RUNNING = "RUNNING"
    """Its container was started, and nobody has asked to end it."""
    KILLING = "KILLING"
    """Someone asked to end it; its container may or may not have been started."""
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"
    ERROR = "ERROR"
    """The task as described cannot run anywhere; nothing was started."""
    LOST = "LOST"
    """Its container disappeared without anyone having seen how it ended."""
    GONE_BY_OPERATOR = "GONE_BY_OPERATOR"
    """It was ended because its agent is removed for good."""


class TaskEvent(enum.StrEnum):
    """What can happen to a task."""

    INVALID = "INVALID"
    PUBLISHED = "PUBLISHED"
    PUBLISH_FAILED = "PUBLISH_FAILED"
    LAUNCHED = "LAUNCHED"
    LAUNCH_FAILED = "LAUNCH_FAILED"
    KILL = "KILL"
    EXITED_WITH_SUCCESS = "EXITED_WITH_SUCCESS"
    EXITED_WITH_FAILURE = "EXITED_WITH_FAILURE"
    LIMITED = "LIMITED"
    """It was ended because of what it did itself: it took too much, or too long, or lost what it lived in."""
    REMOVED = "REMOVED"
    """It has ended by a kill, and that was because its agent is removed for good."""
    DISAPPEARED = "DISAPPEARED"
    """The containerizer does not know the container."""


class InvalidTaskTransition(Exception):
    """An event that the task's phase does not allow: a fault of the agent's own; report it."""

    def __init__(self, phase: TaskPhase, event: TaskEvent) -> None:
        super().__init__(f"a task that is {phase} cannot take the event {event}")
        self.phase = phase
        self.event = event


P, E = TaskPhase, TaskEvent

TRANSITIONS: dict[tuple[TaskPhase, TaskEvent], TaskPhase] = {
    (P.RECEIVED, E.INVALID): P.ERROR,
    (P.RECEIVED, E.PUBLISHED): P.STARTING,
    (P.RECEIVED, E.PUBLISH_FAILED): P.FAILED,
    (P.RECEIVED, E.KILL): P.KILLED,
    (P.RECEIVED, E.REMOVED): P.GONE_BY_OPERATOR,
    (P.STARTING, E.LAUNCHED): P.RUNNING,
    (P.STARTING, E.LAUNCH_FAILED): P.FAILED,
    # The host was booted anew: the container may have run, and is not started a second time.
    (P.STARTING, E.DISAPPEARED): P.LOST,
    (P.STARTING, E.KILL): P.KILLING,
    (P.RUNNING, E.KILL): P.KILLING,
    (P.RUNNING, E.EXITED_WITH_SUCCESS): P.FINISHED,
    (P.RUNNING, E.EXITED_WITH_FAILURE): P.FAILED,
    (P.RUNNING, E.LIMITED): P.FAILED,
    (P.RUNNING, E.DISAPPEARED): P.LOST,
    # A second KILL may carry a shorter grace period.
    (P.KILLING, E.KILL): P.KILLING,
    # It was done before, or in spite of, the signal: its own word counts.
    (P.KILLING, E.EXITED_WITH_SUCCESS): P.FINISHED,
    (P.KILLING, E.EXITED_WITH_FAILURE): P.KILLED,
    (P.KILLING, E.REMOVED): P.GONE_BY_OPERATOR,
    (P.KILLING, E.LIMITED): P.FAILED,
    (P.KILLING, E.DISAPPEARED): P.KILLED,
}

TERMINAL: frozenset[TaskPhase] = frozenset(
    {P.FINISHED, P.FAILED, P.KILLED, P.ERROR, P.LOST, P.GONE_BY_OPERATOR}
)

_WIRE_NAMES: dict[TaskPhase, str] = {
    P.RECEIVED: "TASK_STAGING",
    P.STARTING: "TASK_STARTING",
    P.RUNNING: "TASK_RUNNING",
    P.KILLING: "TASK_KILLING",
    P.FINISHED: "TASK_FINISHED",
    P.FAILED: "TASK_FAILED",
    P.KILLED: "TASK_KILLED",
    P.ERROR: "TASK_ERROR",
}


_AWARE_NAMES: dict[TaskPhase, str] = {P.LOST: "TASK_GONE", P.GONE_BY_OPERATOR: "TASK_GONE_BY_OPERATOR"}


def next_phase(phase: TaskPhase, event: TaskEvent) -> TaskPhase:
    """The phase after `event`. Raises InvalidTaskTransition for a pair that is not in the table."""
    try:
        return TRANSITIONS[phase, event]
    except KeyError:
        raise InvalidTaskTransition(phase, event) from None


def wire_state_name(phase: TaskPhase, *, partition_aware: bool) -> str:
    """The phase as a v1 TaskState. Schedulers that are not partition-aware know TASK_LOST alone of those
    states of which nobody saw, or waited for, the end."""
    if phase in _AWARE_NAMES:
        return _AWARE_NAMES[phase] if partition_aware else "TASK_LOST"
    return _WIRE_NAMES[phase]
