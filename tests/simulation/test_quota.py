"""Quota and weights are set while volumes come and go and processes crash: limits and answers hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.allocator import clients, cycle
from orchestrator.quota import Quotas
from orchestrator.registrar import Registrar
from tests.simulation.cluster import play

SEEDS = range(4)
FIRST_PLANTED = 300
SEEDS_FOR_A_BUG = 20
"""Within so many seeds a planted bug must be found."""


@pytest.fixture(autouse=True)
def decrees(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator sets quota in every story."""
    monkeypatch.setattr("tests.simulation.decrees.SHARE", 1.0)


@pytest.mark.timeout(600)
def test_what_was_answered_holds_and_no_role_is_taken_above_a_limit() -> None:
    done = 0
    for seed in SEEDS:
        outcome = play(seed)
        assert outcome.failure is None, f"seed {seed}: {outcome.failure}"
        done += outcome.counts["quota set"]
    assert done > 10


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
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    failures = (play(seed).failure for seed in range(FIRST_PLANTED, FIRST_PLANTED + SEEDS_FOR_A_BUG))
    found = next((failure for failure in failures if failure is not None), None)
    assert found is not None
    assert "quota of" in found or "other quota" in found or "above its limit" in found
