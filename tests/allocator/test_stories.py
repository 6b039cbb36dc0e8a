"""The allocator against the dumb one, over random stories; and whether that would notice a mistake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.allocator import Allocator, NotHeld, agents, clients, cycle, filters, groups, sorter
from tests.allocator.story import tell

SEEDS = range(80)
STEPS = 80


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_story_ends_in_the_same_offers_as_the_dumb_allocator_makes(seed: int) -> None:
    tell(seed, STEPS)


def test_the_stories_are_about_something() -> None:
    assert sum(tell(seed, STEPS).offers_seen for seed in range(10)) > 100


def _never_moves(self: Any, node: Any) -> None:
    return None


def _gives_everything(pools: list[tuple[int, int]], room: int, turn: int) -> list[int]:
    return [amount for _, amount in pools]


def _ends_at_once(self: filters.Filters, now: float) -> None:
    self.batch_ended()
    _expire(self, now)


def _covers_nothing(self: Any, refused: Any, offered: Any) -> bool:
    return False


def _covers_what_was_less(self: agents.Agent, refused: Any, offered: Any) -> bool:
    return set(offered.amounts) <= set(refused.amounts)


def _ignores_reservations(self: agents.Agent, roles: Any) -> Any:
    return _free(self, list(self.balance))


def _counts_nothing(client: clients.Client, amounts: dict[str, int], order: Any) -> None:
    client.role.served -= 1
    _charge(client, amounts, order)


def _lets_sleep(self: Allocator, agent: agents.Agent) -> None:
    return None


def _forgets_the_group(total: Any, held: Any) -> list[groups.Group]:
    return []


_expire, _free, _charge = filters.Filters.expire, agents.Agent.free, cycle.charge

BUGS: list[tuple[Any, str, Callable[..., Any]]] = [
    (sorter.Sorter, "moved", _never_moves),
    (groups, "divide", _gives_everything),
    (filters.Filters, "expire", _ends_at_once),
    (agents.Agent, "covers", _covers_nothing),
    (agents.Agent, "covers", _covers_what_was_less),
    (agents.Agent, "free", _ignores_reservations),
    (cycle, "charge", _counts_nothing),
    (Allocator, "_woken", _lets_sleep),
    (agents, "groups_of", _forgets_the_group),
]


@pytest.mark.parametrize(("place", "name", "bug"), BUGS, ids=[bug.__name__.strip("_") for _, _, bug in BUGS])
def test_a_planted_bug_is_noticed(
    place: Any, name: str, bug: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, name, bug)
    with pytest.raises((AssertionError, NotHeld)):  # whichever check notices it first
        for seed in SEEDS:
            tell(seed, STEPS)
