"""The allocator against the reference, over random stories; and whether that would notice a mistake.

More stories than here: `python -m tests.allocator --seeds 5000`, or ORLOP_STORIES=5000 for this file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.allocator import (
    NotHeld,
    agents,
    carving,
    clients,
    cycle,
    filters,
    groups,
    headroom,
    pools,
    roster,
    sorter,
    worth,
)
from tests.allocator.story import tell

SEEDS = range(int(os.environ.get("ORLOP_STORIES", "60")))
STEPS = 60
UNTIL_NOTICED = (73, *SEEDS)
"""Stories that are told until a planted bug is noticed; the first is about pools that share, and quota."""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_story_ends_in_the_same_offers_as_the_reference_makes(seed: int) -> None:
    tell(seed, STEPS)


def test_the_stories_are_about_something() -> None:
    assert sum(tell(seed, STEPS).offers_seen for seed in range(10)) > 100


def _never_moves(self: Any, old: Any, new: Any) -> None:
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


def _counts_no_service(self: Any, client: Any, role: Any, holding: Any, times: int = 1) -> None:
    _charge(self, client, role, holding, 0)


def _forgets_the_group(total: Any, held: Any) -> list[groups.Group]:
    return []


def _sets_all_reserved_pools_apart(kinds: Any, total: Any, capacity: int) -> frozenset[Any]:
    return frozenset(kind for kind in kinds if kind.is_reserved)


def _knows_no_limit(self: clients.Role, wanted: Any) -> bool:
    return True


def _keeps_nothing_free(self: headroom.HeadroomBooks, wanted: Any, entitled: Any = None) -> bool:
    return True


def _leaves_endless_room(role: Any) -> dict[int, int]:
    return {}


def _holds_nothing_back(headroom: Any, taken: Any, role: Any) -> dict[int, int]:
    return {}


def _guarantees_nothing(plain: Any, role: Any, room: Any) -> dict[Any, int]:
    return {}


def _asks_for_all_pools(wanted: Any, role: Any, books: Any, *, is_first: bool) -> Any:
    return dict(wanted)


def _cuts_nothing(holding: Any, role: Any, books: Any, *, is_first: bool) -> Any:
    return holding


def _asks_nobody_else(order: Any, asked: int) -> Any:
    """Whoever is next, quota or not."""
    places = order.places()
    if not places or not places[0][3].reach & asked:
        return None
    place = places[0][3]
    return place.role.order.places()[0][3] if place.inner is None else _asks_nobody_else(place.inner, asked)


def _charges_without_moving(self: Any, vector: Any) -> None:
    used = self.places()[0][3].used
    for slot, amount in vector:
        used[slot] += amount


def _counts_what_is_off(agent: Any) -> Any:
    return agent.star.counted


def _spares_no_pool(agent: Any, taken: Any, more: Any, role: Any, books: Any, turn: int) -> Any:
    return more


def _ignores_capabilities(holding: Any, flags: int) -> Any:
    return holding


def _bars_nobody(self: Any, gate: int) -> int:
    return 0


def _takes_crumbs(self: Any, holding: Any) -> bool:
    return bool(holding)


def _weighs_all_alike(self: Any, weights: Any) -> None:
    return None


def _cuts_disks_in_two(kind: Any, amount: int, most: int, kept: Any, target: Any) -> None:
    kind.grain, grain = 1, kind.grain
    _keep(kind, amount, most, kept, target)
    kind.grain = grain


_expire, _charge, _keep = filters.Filters.expire, roster.Roster.charge, carving._keep

BUGS: list[tuple[Any, str, Callable[..., Any]]] = [
    (sorter.Sorter, "replace", _never_moves),
    (groups, "divide", _gives_everything),
    (filters.Filters, "expire", _ends_at_once),
    (agents.Agent, "covers", _covers_nothing),
    (agents.Agent, "covers", _covers_what_was_less),
    (roster.Roster, "charge", _counts_no_service),
    (agents, "groups_of", _forgets_the_group),
    (groups, "_set_apart", _sets_all_reserved_pools_apart),
    (clients.Role, "has_room", _knows_no_limit),
    (headroom.HeadroomBooks, "allows", _keeps_nothing_free),
    (pools, "room_of", _leaves_endless_room),
    (carving, "_beyond_guarantees", _holds_nothing_back),
    (pools, "guaranteed", _guarantees_nothing),
    (cycle, "askable", _asks_for_all_pools),
    (pools, "spared", _spares_no_pool),
    (pools, "carved", _cuts_nothing),
    (cycle, "next_client", _asks_nobody_else),
    (sorter.Sorter, "charge_first", _charges_without_moving),
    (agents.Agent, "count_offerable", _counts_what_is_off),
    (cycle, "without", _ignores_capabilities),
    (roster.Roster, "barred", _bars_nobody),
    (worth.Worth, "is_enough", _takes_crumbs),
    (roster.Roster, "set_weights", _weighs_all_alike),
    (carving, "_keep", _cuts_disks_in_two),
]


@pytest.mark.parametrize(("place", "name", "bug"), BUGS, ids=[bug.__name__.strip("_") for _, _, bug in BUGS])
def test_a_planted_bug_is_noticed(
    place: Any, name: str, bug: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, name, bug)
    with pytest.raises((AssertionError, NotHeld)):  # whichever check notices it first
        for seed in UNTIL_NOTICED:
            tell(seed, STEPS)
