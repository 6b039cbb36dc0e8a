"""When allocation runs, under virtual time."""

from __future__ import annotations

import asyncio

import pytest

from orchestrator.recovery_pause import RecoveryPause
from orchestrator.triggers import AllocationLoop, Triggers
from tests.simulation.loop import VirtualLoop

Run = tuple[float, list[str] | None]


class Clockwork:
    """A loop over agents a, b and c, and the runs that it made: when, and over which agents."""

    def __init__(self, loop: VirtualLoop, takes: float = 0.0) -> None:
        self.loop = loop
        self.runs: list[Run] = []
        self.triggers = Triggers(lambda: ["a", "b", "c"])
        self.allocation = AllocationLoop(self._allocate, self.triggers, 1.0)

    def _allocate(self, candidates: set[str] | None) -> None:
        when = round(self.loop.time() - self.began, 3)
        self.runs.append((when, None if candidates is None else sorted(candidates)))

    async def play(self, seconds: float, script: dict[float, list[str]]) -> list[Run]:
        """The runs within `seconds`, when agents are triggered at these times; "*" is every agent."""
        self.began = self.loop.time()
        for when, named in script.items():
            for name in named:
                trigger = self.triggers.every_agent if name == "*" else None
                self.loop.call_later(when, trigger or (lambda name=name: self.triggers.agent(name)))
        task = asyncio.ensure_future(self.allocation.run())
        await asyncio.sleep(seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return self.runs


def runs(seconds: float, script: dict[float, list[str]]) -> list[Run]:
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(Clockwork(loop).play(seconds, script))
    finally:
        loop.bury()
        loop.close()


def test_without_triggers_everything_is_looked_at_once_an_interval() -> None:
    assert runs(3.5, {}) == [(1.0, None), (2.0, None), (3.0, None)]


def test_a_trigger_is_answered_soon_and_over_its_agent_alone() -> None:
    assert runs(1.5, {0.3: ["b"]}) == [(0.31, ["b"]), (1.0, None)]


def test_triggers_that_come_together_are_one_run_over_all_that_they_name() -> None:
    assert runs(0.9, {0.3: ["b"], 0.305: ["a"], 0.5: ["*"], 0.504: ["a"]}) == [
        (0.31, ["a", "b"]),
        (0.51, ["a", "b", "c"]),
    ]


def test_a_batch_answers_what_was_triggered_just_before_and_is_not_put_off_by_triggers() -> None:
    steady = {0.05 * step: ["a"] for step in range(1, 40)}
    made = runs(2.2, steady | {0.995: ["b"]})
    assert [run for run in made if run[1] is None] == [(1.0, None), (2.0, None)]
    assert (1.005, ["b"]) not in made


@pytest.mark.parametrize(
    ("agents", "back", "paused"),
    [(10, 7, True), (10, 8, False), (2, 0, True), (2, 1, False), (1, 0, False), (0, 0, False)],
)
def test_the_pause_after_a_start_ends_when_four_fifths_of_the_agents_are_back(
    agents: int, back: int, paused: bool
) -> None:
    pause = RecoveryPause()
    pause.begin({str(number) for number in range(agents)}, now=100.0)
    for number in range(back):
        pause.agent_is_back(str(number))
        pause.agent_is_back(str(number))
    pause.agent_is_back("a new one")
    assert pause.is_on(101.0) is paused


def test_the_pause_after_a_start_ends_with_the_last_quota() -> None:
    pause = RecoveryPause()
    pause.begin({"a", "b"}, now=100.0)
    assert pause.is_on(101.0)
    pause.cancel()
    assert not pause.is_on(102.0)


def test_the_pause_after_a_start_ends_after_ten_minutes_for_good_and_says_for_what_it_waits() -> None:
    pause = RecoveryPause()
    assert not pause.is_on(0.0)
    pause.begin({"a", "b", "c"}, now=100.0)
    assert "until 2 more agents are back, or 590 s have passed" in str(pause.reason(110.0))
    assert pause.is_on(699.0)
    assert not pause.is_on(700.0)
    assert not pause.is_on(110.0)
