"""The whole cluster under virtual time: many seeds, replays, and bugs that must be found."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.simulation.cluster import Scenario, play
from tests.simulation.loop import Deadlock, Process, VirtualLoop
from tests.simulation.planted import PLANTS

SEEDS_AT_ONCE = 20
GROUPS = 4
"""A sample; `make sim` plays as many as wanted."""

FIRST_PLANTED = 1000
SEEDS_FOR_A_BUG = 150
"""Within so many seeds a planted bug must be found."""

RARE = {"a_refused_repeat_taken_for_an_outcome": 1100, "an_executor_that_is_charged_after_its_end": 1045}
"""Where to begin to look for bugs that few stories meet: shortly before one that does."""

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("first", range(0, SEEDS_AT_ONCE * GROUPS, SEEDS_AT_ONCE))
@pytest.mark.timeout(600)
def test_every_invariant_holds_whatever_crashes_when(first: int) -> None:
    for seed in range(first, first + SEEDS_AT_ONCE):
        outcome = play(seed)
        assert outcome.failure is None, f"seed {seed}: {outcome.failure}\nreplay: make sim SEED={seed}"


def test_a_seed_replays_to_the_last_line_whatever_the_hashes() -> None:
    stories = [
        subprocess.run(
            [sys.executable, "-m", "tests.simulation", "--seed", "7"],
            env={**os.environ, "PYTHONHASHSEED": hashes},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hashes in ("1", "2")
    ]
    assert stories[0] == stories[1]
    assert len(stories[0].splitlines()) > 50


def test_two_seeds_tell_two_stories() -> None:
    assert play(1).digest != play(2).digest


@pytest.mark.parametrize("name", PLANTS)
@pytest.mark.timeout(600)
def test_a_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    PLANTS[name](monkeypatch)
    first = RARE.get(name, FIRST_PLANTED)
    seeds = range(first, first + SEEDS_FOR_A_BUG)
    impatient = (play(seed, replace(Scenario.of(seed), quiet_within=200.0)) for seed in seeds)
    assert any(outcome.failure is not None for outcome in impatient), f"{name} was not noticed"


def test_a_stopped_process_runs_nothing_and_then_all_that_was_due() -> None:
    loop = VirtualLoop()
    process = Process(loop, "p")
    lines: list[tuple[float, str]] = []

    async def work() -> None:
        while True:
            await asyncio.sleep(1.0)
            lines.append((round(loop.time(), 3), "worked"))

    async def story() -> None:
        process.spawn(work())
        process.later(3.0, lambda: lines.append((round(loop.time(), 3), "was called")))
        await asyncio.sleep(1.5)
        process.stop()
        await asyncio.sleep(10.0)
        process.go_on()
        await asyncio.sleep(1.1)

    loop.run_until_complete(story())
    assert sorted(lines) == [(1.0, "worked"), (11.5, "was called"), (11.5, "worked"), (12.5, "worked")]
    loop.bury()


def test_a_wait_for_what_never_comes_is_a_deadlock_that_names_who_waits() -> None:
    loop = VirtualLoop()

    async def nothing_comes() -> None:
        await loop.create_future()

    with pytest.raises(Deadlock, match="nothing_comes"):
        loop.run_until_complete(nothing_comes())
    loop.bury()


def test_a_killed_process_does_not_run_another_line() -> None:
    loop = VirtualLoop()
    process = Process(loop, "p")
    lines: list[str] = []

    async def work() -> None:
        try:
            lines.append("begun")
            await asyncio.sleep(10.0)
        finally:
            lines.append("cleaned up")

    async def story() -> None:
        process.spawn(work())
        await asyncio.sleep(1.0)
        process.kill()
        await asyncio.sleep(100.0)

    loop.run_until_complete(story())
    assert lines == ["begun"]
    assert loop.time() == pytest.approx(101.0)
    loop.bury()


def test_what_is_buried_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    loop = VirtualLoop()
    errors: list[str] = []

    async def awaits_in_the_end() -> None:
        try:
            await loop.create_future()
        finally:
            await loop.create_future()

    async def reports() -> None:
        try:
            await awaits_in_the_end()
        except Exception as error:
            errors.append(str(error))
            logging.getLogger("story").exception("a fault that is none")

    async def story() -> None:
        Process(loop, "p").spawn(reports())
        await asyncio.sleep(1.0)

    loop.run_until_complete(story())
    loop.bury()
    assert errors == ["coroutine ignored GeneratorExit"]
    assert not caplog.records
    assert logging.getLogger("story").isEnabledFor(logging.ERROR)
