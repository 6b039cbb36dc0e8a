"""Each scenario is stopped after every single instruction of its executor, and ends the same."""

from __future__ import annotations

import typing

import pytest

from provider import calls, events
from tests.provider.every_instruction.rig import Rig
from tests.provider.every_instruction.scenarios import SCENARIOS, Scenario

QUIET_POINTS = 20
"""Of the quiet after a story: acknowledgements, then the same looks at the plugin again and again."""


def play(scenario: Scenario, stop_at: int = 0) -> Rig:
    rig = scenario.rig(stop_at)
    rig.play(scenario.story)
    return rig


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_ends_the_same_wherever_the_provider_is_stopped(name, tell):
    scenario = SCENARIOS[name]
    whole = play(scenario)
    expected = whole.outcome()
    stops = min(whole.told + QUIET_POINTS, len(whole.points))
    for stop_at in range(1, stops + 1):
        stopped = play(scenario, stop_at)
        where = f"{name}, stopped at point {stop_at}: {stopped.points[stop_at - 1]}"
        assert stopped.lives == 2, where
        assert stopped.outcome() == expected, where
    tell(f"{name}: stopped after each of {stops} instructions")


def test_every_kind_of_instruction_is_reached_by_a_scenario():
    """The kinds are the executor's own, so a new one without a scenario fails here."""
    reached = {point.split()[0] for each in SCENARIOS.values() for point in play(each).points}
    kinds = set(typing.get_args(events.Instruction)) - {events.CallPlugin, events.ActOnHost}
    kinds |= set(typing.get_args(events.HostAction)) | set(calls.Request.__subclasses__())
    missing = {kind.__name__ for kind in kinds} - reached
    assert not missing, f"no scenario stops at {sorted(missing)}"
