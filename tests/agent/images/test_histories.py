"""Random histories of pulls, launches, exits, prunes, other people, crashes: nothing goes that is in use."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.images import keeper as keeper_room
from tests.agent.images.world import World

# Coroutines of killed processes are never resumed, and say so when they are thrown away.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

STEPS = 120


@settings(max_examples=40)
@given(st.integers(0, 2**32))
@example(1294)  # a launch that comes while the runtime is asked who uses what
def test_nothing_that_is_used_wanted_pinned_or_somebody_elses_ever_goes(seed: int) -> None:
    world = World(seed)
    world.run(STEPS)
    assert world.wrong == []


def test_the_histories_are_eventful() -> None:
    """They start containers, fill the disk, collect and crash; or the other test would show nothing."""
    started = collected = lives = full = 0
    for seed in range(10):
        world = World(seed)
        world.run(STEPS)
        assert world.wrong == []
        started += world.started
        lives += world.lives
        collected += world.removed
        full += sum("no space left" in message for message in world.refused)
    assert started > 300 and lives > 20 and collected > 100 and full > 3, (started, lives, collected, full)


@pytest.mark.parametrize("fault", ["no second look", "no hold"])
def test_a_keeper_that_forgets_a_look_is_found_out(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if fault == "no second look":
        monkeypatch.setattr(keeper_room, "why_kept", lambda image, standing: ())
    else:
        monkeypatch.setattr("agent.images.uses.ImageUses.held", property(lambda self: ()))
        monkeypatch.setattr(World, "_wanted", lambda self: {})
    seeds = random.Random(7)
    assert any(_wrong(seeds.randrange(2**32)) for _ in range(60))


def _wrong(seed: int) -> list[str]:
    world = World(seed)
    world.run(STEPS)
    return world.wrong
