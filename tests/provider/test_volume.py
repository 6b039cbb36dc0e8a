"""The ladder of a volume's states: where each call leads, what an interruption means."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.volume import (
    AFTER_REBOOT,
    DOWN,
    UP,
    Capabilities,
    Goal,
    InvalidTransition,
    Volume,
    VolumeCall,
    VolumeEvent,
    VolumeState,
    after_boot,
    begin,
    done,
    next_step,
    refused,
    transition,
)

ALL = Capabilities(controller_publish=True, stage=True)
BARE = Capabilities()
CHOICES = [Capabilities(controller_publish=c, stage=s) for c, s in itertools.product((False, True), repeat=2)]


def volume(state: VolumeState = VolumeState.CREATED, boot: str | None = None) -> Volume:
    return Volume("v", state, 1, boot_id=boot)


def climb(start: Volume, goal: Goal, capabilities: Capabilities) -> tuple[list[VolumeCall], Volume]:
    calls = []
    while (step := next_step(start, goal, capabilities)) is not None:
        calls.append(step.call)
        start = done(begin(start, step, "boot"), step)
        assert len(calls) < 20
    return calls, start


def test_a_plugin_that_can_everything_is_called_at_every_rung():
    up, published = climb(volume(), Goal.PUBLISHED, ALL)
    assert up == [VolumeCall.CONTROLLER_PUBLISH, VolumeCall.NODE_STAGE, VolumeCall.NODE_PUBLISH]
    assert published.state is VolumeState.PUBLISHED and published.boot_id == "boot"
    down, gone = climb(published, Goal.DELETED, ALL)
    assert down == [
        VolumeCall.NODE_UNPUBLISH,
        VolumeCall.NODE_UNSTAGE,
        VolumeCall.CONTROLLER_UNPUBLISH,
        VolumeCall.DELETE,
    ]
    assert gone.state is VolumeState.DELETED


def test_a_plugin_without_capabilities_is_only_asked_to_publish():
    up, published = climb(volume(), Goal.PUBLISHED, BARE)
    assert up == [VolumeCall.NODE_PUBLISH]
    down, _ = climb(published, Goal.CREATED, BARE)
    assert down == [VolumeCall.NODE_UNPUBLISH]


@pytest.mark.parametrize("state", [s for s, call in UP.items() if s.name == call.name])
def test_an_interrupted_call_is_made_again_on_the_way_up(state):
    step = next_step(volume(state), Goal.PUBLISHED, ALL)
    assert step is not None and step.transient is state and step.start is state


@pytest.mark.parametrize(
    ("state", "inverse"),
    [
        (VolumeState.CONTROLLER_PUBLISH, VolumeCall.CONTROLLER_UNPUBLISH),
        (VolumeState.NODE_STAGE, VolumeCall.NODE_UNSTAGE),
        (VolumeState.NODE_PUBLISH, VolumeCall.NODE_UNPUBLISH),
    ],
)
def test_an_interrupted_forward_call_is_undone_by_its_inverse_on_the_way_down(state, inverse):
    assert next_step(volume(state), Goal.CREATED, ALL).call is inverse


def test_an_inverse_call_is_finished_before_the_volume_goes_up_again():
    calls, published = climb(volume(VolumeState.NODE_UNSTAGE, "boot"), Goal.PUBLISHED, ALL)
    assert calls == [VolumeCall.NODE_UNSTAGE, VolumeCall.NODE_STAGE, VolumeCall.NODE_PUBLISH]
    assert published.state is VolumeState.PUBLISHED


def test_nothing_leads_back_from_a_deletion():
    with pytest.raises(InvalidTransition, match="DELETING"):
        next_step(volume(VolumeState.DELETING), Goal.PUBLISHED, ALL)


def test_what_the_table_does_not_have_is_refused_with_state_event_and_call():
    with pytest.raises(InvalidTransition, match=r"PUBLISHED.*begin.*DeleteVolume"):
        transition(VolumeState.PUBLISHED, VolumeEvent.BEGIN, VolumeCall.DELETE)


def test_after_a_refusal_the_inverse_cleans_up_what_may_have_been_left():
    start = volume(VolumeState.VOL_READY, "boot")
    step = next_step(start, Goal.PUBLISHED, ALL)
    stuck = refused(begin(start, step, "boot"), step)
    assert next_step(stuck, Goal.CREATED, ALL).call is VolumeCall.NODE_UNPUBLISH


def test_a_refused_deletion_leaves_the_volume_as_it_was():
    step = next_step(volume(), Goal.DELETED, ALL)
    assert refused(begin(volume(), step, "boot"), step).state is VolumeState.CREATED


@pytest.mark.parametrize("state", list(VolumeState))
def test_a_reboot_takes_mounts_away_and_nothing_else(state):
    there = volume(state, "old boot")
    assert after_boot(there, "old boot") == there
    assert after_boot(there, "new boot").state is AFTER_REBOOT.get(state, state)
    assert after_boot(volume(state), "new boot").state is state


@given(
    st.sampled_from([*UP, *DOWN]),
    st.lists(
        st.tuples(st.sampled_from([Goal.CREATED, Goal.PUBLISHED]), st.sampled_from(["ok", "no", "lost"]))
    ),
    st.sampled_from([Goal.PUBLISHED, Goal.CREATED, Goal.DELETED]),
    st.sampled_from(CHOICES),
)
def test_from_any_state_after_any_interruptions_every_goal_is_reached(state, story, goal, capabilities):
    at = volume(state, "boot")
    for wish, outcome in story:
        step = next_step(at, wish, capabilities)
        if step is None:
            continue
        at = begin(at, step, "boot")
        assert at.state is step.transient, "what is persisted before a call names the call"
        at = done(at, step) if outcome == "ok" else refused(at, step) if outcome == "no" else at
    calls, end = climb(at, goal, capabilities)
    assert len(calls) <= 7
    assert next_step(end, goal, capabilities) is None
    if goal is not Goal.CREATED:
        assert end.state is (VolumeState.PUBLISHED if goal is Goal.PUBLISHED else VolumeState.DELETED)
