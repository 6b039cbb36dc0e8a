"""Each way on which nothing may arrive, and each clock that may jump, by itself: see docs/failover.md.

The whole cluster with two orchestrators; nothing else goes wrong. All invariants hold, and all ends well.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.simulation.acts import Act
from tests.simulation.cluster import FAULTS, Cut, Outcome, Scenario, play

BOTH = ("orchestrator-0", "orchestrator-1")
SEED = 11


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable()
    yield
    logging.disable(before)


def played(*acts: Act, chaos: float = 12.0) -> Outcome:
    outcome = play(SEED, Scenario(chaos=chaos, orchestrators=2), Cut(acts, frozenset(FAULTS)))
    assert outcome.failure is None, outcome.failure
    assert outcome.counts["operations"] > 0
    return outcome


@pytest.mark.parametrize("to_agent", [True, False])
@pytest.mark.parametrize("seconds", [4.0, 30.0])
def test_leader_and_agent_in_each_direction(to_agent: bool, seconds: float) -> None:
    ways = [(each, "agent-0") if to_agent else ("agent-0", each) for each in BOTH]
    played(*(Act(2.0, "silence", *way, seconds=seconds) for way in ways))


@pytest.mark.parametrize("to_database", [True, False])
def test_leader_and_database_in_each_direction_another_leads(to_database: bool) -> None:
    """Whichever of the two leads is cut off, one after the other."""
    ways = [(each, "database") if to_database else ("database", each) for each in BOTH]
    acts = [Act(2.0 + 6.0 * n, "silence", *way, seconds=5.0) for n, way in enumerate(ways)]
    assert played(*acts, chaos=20.0).counts["leaderships"] > 1


@pytest.mark.parametrize("answers", ["are lost", "come late"])
def test_the_connection_to_the_database_is_lost_during_commits(answers: str) -> None:
    pick = 0.1 if answers == "come late" else 0.9
    acts = [Act(0.5 * n, "cut database", who, pick=pick) for n in range(1, 16) for who in BOTH]
    played(*acts)


def test_the_database_is_started_anew_again_and_again() -> None:
    played(*(Act(1.0 * n, "restart database", "database") for n in range(1, 9)))


def test_agent_and_provider() -> None:
    played(*(Act(0.7 * n, "cut provider", "agent-0") for n in range(1, 12)))


def test_a_leader_that_is_stopped_past_its_lease_and_goes_on() -> None:
    acts = [Act(2.0 + 6.0 * n, "stop orchestrator", who, seconds=5.0) for n, who in enumerate(BOTH)]
    assert played(*acts, chaos=20.0).counts["leaderships"] > 1


@pytest.mark.parametrize("who", ["agent-0", "database", *BOTH])
@pytest.mark.parametrize("seconds", [-86_400.0, 86_400.0])
def test_a_clock_that_jumps(who: str, seconds: float) -> None:
    played(Act(3.0, "clock jumps", who, seconds=seconds))
