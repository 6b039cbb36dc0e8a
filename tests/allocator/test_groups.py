"""Pools that share a capacity: never more on offer than there is, and everybody sees every profile."""

from __future__ import annotations

import pytest

from api.model.resource import Resource
from api.model.resources import EMPTY, Resources
from orchestrator.allocator import (
    Allocator,
    AllocatorConfig,
    Capability,
    FrameworkTraits,
    Offer,
    Quota,
    converted_total,
)
from orchestrator.allocator.groups import divide
from tests.allocator.vocabulary import cpus, mount, pool, reserved, these

SHARED = these(pool("fast", 1000, "g"), pool("safe", 500, "g", cost=2))


@pytest.fixture
def allocator() -> Allocator:
    made = Allocator(AllocatorConfig())
    made.add_agent("a1", SHARED)
    made.add_framework("f1", ["r"])
    return made


def sizes(resources: Resources) -> dict[str, int]:
    return {r.disk.source.profile or "": r.milli // 1000 for r in resources if r.disk and r.disk.source}


def next_offer(allocator: Allocator, now: float = 0.0) -> Offer:
    [offer] = allocator.allocate_cycle(now)
    allocator.validate()
    return offer


def give_back(allocator: Allocator, offer: Offer, until: float | None = None) -> None:
    allocator.decline(offer.framework_id, offer.role, offer.agent_id, offer.resources, until)


def test_offers_alternate_between_equal_parts_and_all_to_one_pool(allocator: Allocator) -> None:
    seen = []
    for _ in range(5):
        offer = next_offer(allocator)
        seen.append(sizes(offer.resources))
        give_back(allocator, offer)
    half = {"fast": 500, "safe": 250}
    assert seen == [half, {"fast": 1000}, half, {"safe": 500}, half]


def test_an_offer_keeps_what_the_provider_said_of_its_pools(allocator: Allocator) -> None:
    costs = {
        r.disk.source.cost_milli: r.disk.source.capacity_group
        for r in next_offer(allocator).resources
        if r.disk and r.disk.source
    }
    assert costs == {1000: "g", 2000: "g"}


def test_what_is_held_of_one_pool_leaves_less_for_its_sibling(allocator: Allocator) -> None:
    allocator.allocate(None, None, "a1", these(pool("safe", 300)))
    assert sizes(next_offer(allocator).resources) == {"fast": 200, "safe": 100}


def test_what_is_free_of_a_pool_is_told_with_its_siblings_in_mind(allocator: Allocator) -> None:
    assert allocator.free("a1", pool("safe", 1)) == 500_000
    allocator.allocate(None, None, "a1", these(pool("fast", 600)))
    assert allocator.free("a1", pool("safe", 1)) == 200_000
    assert allocator.free("a1", pool("fast", 1)) == 400_000
    next_offer(allocator)
    assert allocator.free("a1", pool("safe", 1)) == 0
    assert allocator.free("unknown", pool("safe", 1)) == 0


def test_another_division_of_a_refused_capacity_is_nothing_new(allocator: Allocator) -> None:
    offer = next_offer(allocator)
    give_back(allocator, offer, until=100.0)
    assert allocator.allocate_cycle(1.0) == []
    assert allocator.allocate_cycle(2.0) == []
    assert sizes(next_offer(allocator, 100.0).resources) == {"fast": 1000}


def test_more_of_a_shared_capacity_breaks_through(allocator: Allocator) -> None:
    give_back(allocator, next_offer(allocator), until=100.0)
    allocator.update_agent_total("a1", these(pool("fast", 2000, "g"), pool("safe", 1000, "g", cost=2)))
    assert allocator.allocate_cycle(1.0)


def test_a_shared_capacity_counts_once_in_shares(allocator: Allocator) -> None:
    allocator.allocate("f1", "r", "a1", these(pool("safe", 250)))
    assert allocator.shares() == {"r": 0.5}


def test_what_is_reserved_of_one_pool_is_kept_out_of_its_siblings_offers() -> None:
    allocator = Allocator(AllocatorConfig())
    part = reserved(pool("fast", 400, "g"), "owner")
    allocator.add_agent("a1", these(pool("fast", 600, "g"), part, pool("safe", 500, "g", cost=2)))
    allocator.add_framework("f1", ["other"])
    offer = next_offer(allocator)
    assert sum(r.milli * (2 if sizes(these(r)).get("safe") else 1) for r in offer.resources) == 600_000
    allocator.add_framework("f2", ["owner"])
    assert sizes(next_offer(allocator).resources) == {"fast": 400}


def test_a_disk_cut_from_one_pool_shrinks_its_sibling_at_once(allocator: Allocator) -> None:
    offer = next_offer(allocator)
    consumed = these(pool("safe", 100)).allocated("r")
    disk = mount("v1", 100)
    allocator.convert("a1", "f1", "r", consumed, these(disk).allocated("r"))
    allocator.release("f1", "r", "a1", offer.resources - consumed)
    allocator.validate()
    allocator.suppress("f1")
    allocator.add_framework("f2", ["s"])
    assert sizes(next_offer(allocator).resources) == {"fast": 400, "safe": 200}
    assert converted_total(SHARED, consumed, these(disk)) == these(
        pool("fast", 800), pool("safe", 400), mount("v1", 100)
    )


def test_a_reservation_of_a_shared_pool_takes_nothing_from_its_sibling() -> None:
    part: Resource = pool("fast", 400, "g")
    after = converted_total(SHARED, these(part), these(reserved(part, "r")))
    assert after == these(pool("fast", 600), reserved(pool("fast", 400), "r"), pool("safe", 500))


def test_a_destroyed_disk_gives_back_its_own_pool_until_the_provider_reports() -> None:
    start = these(pool("fast", 800, "g"), mount("v1", 200))
    assert converted_total(start, these(mount("v1", 200)), these(pool("fast", 200))) == these(
        pool("fast", 1000)
    )
    assert converted_total(start, EMPTY, EMPTY) == start


def test_groups_of_different_names_do_not_share() -> None:
    allocator = Allocator(AllocatorConfig())
    allocator.add_agent("a1", these(cpus(1), pool("x", 10, "g1"), pool("y", 20, "g2"), pool("z", 5)))
    allocator.add_framework("f1", ["r"])
    assert sizes(next_offer(allocator).resources) == {"x": 10, "y": 20, "z": 5}


@pytest.mark.parametrize("turn", range(6))
@pytest.mark.parametrize("room", [0, 999, 1000, 1_500_000, 10_000_000, 10**9])
def test_a_division_fits_the_room_and_leaves_no_whole_mb_unused(turn: int, room: int) -> None:
    pools = [(1000, 5000), (1500, 7000), (333, 9000)]
    parts = divide(pools, room, turn)
    left = room - sum(cost * part for (cost, _), part in zip(pools, parts, strict=True))
    assert left >= 0
    for (cost, amount), part in zip(pools, parts, strict=True):
        assert 0 <= part <= amount
        assert part == amount or left < cost * 1000


def test_a_pool_that_says_it_has_less_than_its_siblings_is_not_filled_beyond_that() -> None:
    allocator = Allocator(AllocatorConfig())
    allocator.add_agent("a1", these(pool("large", 600, "g"), pool("small", 100, "g")))
    allocator.allocate(None, None, "a1", these(pool("large", 60)))
    assert allocator.free("a1", pool("small", 1)) == 40_000
    allocator.allocate(None, None, "a1", these(pool("large", 60)))
    assert allocator.free("a1", pool("small", 1)) == 0
    assert allocator.free("a1", pool("large", 1)) == 480_000


def test_a_disk_costs_the_siblings_of_its_pool_as_much_as_it_would_there() -> None:
    unequal = these(pool("fast", 1000, "g"), pool("safe", 300, "g", cost=2), pool("own", 50))
    after = converted_total(unequal, these(pool("fast", 101)), these(mount("v1", 101)))
    assert after == these(pool("fast", 899), pool("safe", 249.5), pool("own", 50), mount("v1", 101))


def test_a_disk_cut_from_a_reserved_part_takes_nothing_from_the_siblings() -> None:
    part = reserved(pool("fast", 400, "g"), "owner")
    total = these(pool("fast", 600, "g"), part, pool("safe", 300, "g", cost=2))
    after = converted_total(total, these(part), these(reserved(mount("v1", 400), "owner")))
    assert after == these(pool("fast", 600), pool("safe", 300), reserved(mount("v1", 400), "owner"))


REFINING = FrameworkTraits(frozenset({Capability.RESERVATION_REFINEMENT}))


def default_reserved() -> Allocator:
    """All pools are reserved for eng by default; a part of one is not as the others are."""
    made = Allocator(AllocatorConfig())
    made.add_framework("f1", ["eng"], traits=REFINING)
    return made


def test_what_is_refined_of_pools_reserved_by_default_is_not_offered_from_their_siblings() -> None:
    allocator = default_reserved()
    fast, safe = reserved(pool("fast", 700, "g"), "eng"), reserved(pool("safe", 500, "g", cost=2), "eng")
    refined = reserved(reserved(pool("fast", 300, "g"), "eng"), "eng/db")
    allocator.add_agent("a1", these(fast, refined, safe))
    for _ in range(4):
        offer = next_offer(allocator)
        found = sizes(offer.resources)
        assert found.get("fast", 0) + 2 * found.get("safe", 0) <= 700
        give_back(allocator, offer)
    allocator.suppress("f1", None)
    allocator.add_framework("f2", ["eng/db"], traits=REFINING)
    assert sizes(next_offer(allocator).resources)["fast"] >= 300


def test_what_is_no_longer_reserved_of_pools_reserved_by_default_is_offered_to_all() -> None:
    allocator = default_reserved()
    fast, safe = reserved(pool("fast", 700, "g"), "eng"), reserved(pool("safe", 500, "g", cost=2), "eng")
    allocator.add_agent("a1", these(fast, pool("fast", 300, "g"), safe))
    allocator.suppress("f1", None)
    allocator.add_framework("f2", ["web"])
    assert sizes(next_offer(allocator).resources) == {"fast": 300}
    allocator.revive("f1", None)
    found = sizes(next_offer(allocator).resources)
    assert found["fast"] + 2 * found["safe"] == 700


def test_what_a_division_left_of_a_guaranteed_pool_is_offered_in_the_next_run() -> None:
    allocator = Allocator(AllocatorConfig())
    allocator.add_agent("a1", these(pool("fast", 350, "g"), pool("safe", 100, "g")))
    allocator.set_quota("r", Quota({"disk[profile=fast]": 700_000, "disk": 60_000}, {}))
    allocator.add_framework("f1", ["r"])
    offered = [sizes(next_offer(allocator).resources) for _ in range(2)]
    assert offered == [{"fast": 250}, {"fast": 100}]
    assert allocator.allocate_cycle(0.0) == []
