"""Quota and weights are set while volumes come and go and processes crash: limits and answers hold."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.allocator import Allocator, clients, cycle
from orchestrator.quota import Quotas
from orchestrator.registrar import Registrar
from tests.simulation.cluster import play
from tests.simulation.decrees import Decrees, runs_within_limits
from tests.simulation.operator import OperatorPart
from tests.simulation.trace import Trace

SEEDS = range(4)
FIRST_PLANTED = 300
SEEDS_FOR_A_BUG = 20
"""Within so many seeds a planted bug must be found."""


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The operator has one hand more in this test; what it did."""
    counts: Counter[str] = Counter()
    traces: list[Trace] = []
    live = OperatorPart.live

    async def with_decrees(self: OperatorPart) -> BaseException:
        traces.append(self.cluster.trace)
        decrees = Decrees(self.cluster.seed, self.cluster.trace, self._repeat)
        decrees.done = counts
        return await asyncio.gather(live(self), decrees.run(lambda: self.draining))  # type: ignore[return-value]

    watched = runs_within_limits(lambda what: traces[-1].require(False, what))
    monkeypatch.setattr(Allocator, "allocate_cycle", watched)
    monkeypatch.setattr(OperatorPart, "live", with_decrees)
    return counts


@pytest.mark.timeout(600)
def test_what_was_answered_holds_and_no_role_is_taken_above_a_limit(done: Counter[str]) -> None:
    for seed in SEEDS:
        outcome = play(seed)
        assert outcome.failure is None, f"seed {seed}: {outcome.failure}"
    assert done["set"] > 10


def _forgets_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Quotas, "recover", lambda self: None)


def _answers_before_it_is_durable(monkeypatch: pytest.MonkeyPatch) -> None:
    record = Registrar.set_quota

    def forgetful(self: Registrar, *of: Any) -> Any:
        record(self, *of)
        return lambda connection: None

    monkeypatch.setattr(Registrar, "set_quota", forgetful)


def _knows_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients.Role, "has_room", lambda self, wanted: True)
    monkeypatch.setattr(cycle, "within_quota", lambda have, *of, **more: (have, False))


@pytest.mark.parametrize("plant", [_forgets_at_start, _answers_before_it_is_durable, _knows_no_limit])
@pytest.mark.timeout(600)
def test_a_planted_bug_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch, done: Counter[str]
) -> None:
    plant(monkeypatch)
    failures = (play(seed).failure for seed in range(FIRST_PLANTED, FIRST_PLANTED + SEEDS_FOR_A_BUG))
    found = next((failure for failure in failures if failure is not None), None)
    assert found is not None
    assert "quota of" in found or "other quota" in found or "above its limit" in found
