"""What frameworks are offered: fairness, reservations, filters, suppression."""

from __future__ import annotations

import pytest

from api.model.resources import EMPTY, Resources
from orchestrator.allocator import (
    AgentTraits,
    Allocator,
    AllocatorConfig,
    NotHeld,
    Offer,
    Quota,
    UnknownAgent,
    UnknownFramework,
    holdings,
)
from orchestrator.allocator.holdings import Holding
from tests.allocator.story import Story
from tests.allocator.vocabulary import cpus, mem, mount, pool, ports, reserved, these

SMALL = these(cpus(2), mem(1024))


@pytest.fixture
def allocator() -> Allocator:
    return Allocator(AllocatorConfig())


def cycle(allocator: Allocator, now: float = 0.0, only: set[str] | None = None) -> list[Offer]:
    offers = allocator.allocate_cycle(now, only)
    allocator.validate()
    return offers


def who(offers: list[Offer]) -> list[tuple[str, str]]:
    return [(offer.framework_id, offer.agent_id) for offer in offers]


def decline(allocator: Allocator, offer: Offer, until: float | None) -> None:
    allocator.decline(offer.framework_id, offer.role, offer.agent_id, offer.resources, until)
    allocator.validate()


def test_one_framework_is_offered_all_that_is_free_allocated_to_its_role(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL + these(ports(1, 9)))
    allocator.add_framework("f1", ["r"])
    assert cycle(allocator) == [Offer("f1", "r", "a1", (SMALL + these(ports(1, 9))).allocated("r"))]
    assert cycle(allocator) == []


def test_agents_go_to_the_role_with_the_least_dominant_share(allocator: Allocator) -> None:
    allocator.add_agent("big", these(cpus(6), mem(1024)))
    for name in ("s1", "s2", "s3"):
        allocator.add_agent(name, SMALL)
    allocator.add_framework("f1", ["r1"])
    allocator.add_framework("f2", ["r2"])
    assert who(cycle(allocator)) == [("f1", "big"), ("f2", "s1"), ("f2", "s2"), ("f1", "s3")]


def test_a_role_of_twice_the_weight_gets_twice_as_much() -> None:
    allocator = Allocator(AllocatorConfig())
    allocator.set_weight("heavy", 2000)
    for at in range(30):
        allocator.add_agent(f"a{at}", SMALL)
    allocator.add_framework("f1", ["heavy"])
    allocator.add_framework("f2", ["light"])
    offers = cycle(allocator)
    assert [sum(o.role == role for o in offers) for role in ("heavy", "light")] == [20, 10]


def test_frameworks_of_one_role_take_turns(allocator: Allocator) -> None:
    for at in range(4):
        allocator.add_agent(f"a{at}", SMALL)
    allocator.add_framework("f1", ["r"])
    allocator.add_framework("f2", ["r"])
    assert who(cycle(allocator)) == [("f1", "a0"), ("f2", "a1"), ("f1", "a2"), ("f2", "a3")]


def test_equal_shares_go_to_who_was_served_less_often(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL)
    allocator.add_framework("f1", ["r"])
    allocator.add_framework("f2", ["r"])
    for expected in ("f1", "f2", "f1"):
        [offer] = cycle(allocator)
        assert offer.framework_id == expected
        decline(allocator, offer, None)


def test_excluded_names_do_not_count_in_shares() -> None:
    allocator = Allocator(AllocatorConfig(fair_sharing_excluded=frozenset({"mem"})))
    allocator.add_agent("a1", these(cpus(1), mem(9000)))
    allocator.add_agent("a2", these(cpus(2), mem(10)))
    allocator.add_agent("a3", these(cpus(4), mem(10)))
    allocator.add_framework("f1", ["r1"])
    allocator.add_framework("f2", ["r2"])
    assert who(cycle(allocator)) == [("f1", "a1"), ("f2", "a2"), ("f1", "a3")]


def test_reserved_resources_go_to_their_role_only(allocator: Allocator) -> None:
    allocator.add_agent("a1", these(cpus(1), reserved(cpus(3), "r2")))
    allocator.add_framework("f1", ["r1"])
    assert [o.resources.quantities() for o in cycle(allocator)] == [{"cpus": 1000}]
    allocator.add_framework("f2", ["r2"])
    assert [(o.role, o.resources.quantities()) for o in cycle(allocator)] == [("r2", {"cpus": 3000})]


def test_a_role_below_gets_what_is_reserved_for_the_one_above(allocator: Allocator) -> None:
    allocator.add_agent("a1", these(reserved(cpus(3), "eng")))
    allocator.add_framework("f1", ["eng/storage"])
    assert who(cycle(allocator)) == [("f1", "a1")]


def test_too_little_is_not_offered_but_a_disk_alone_is(allocator: Allocator) -> None:
    allocator.add_agent("crumbs", these(cpus(0.009), mem(31), ports(1, 9)))
    allocator.add_agent("pool", these(pool("fast", 1)))
    allocator.add_agent("volume", these(reserved(mount("v", 5, persistent=True), "r")))
    allocator.add_framework("f1", ["r"])
    assert who(cycle(allocator)) == [("f1", "pool"), ("f1", "volume")]


def test_a_declined_agent_is_offered_again_after_the_filter_ends(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL)
    allocator.add_framework("f1", ["r"])
    [offer] = cycle(allocator, 0.0)
    decline(allocator, offer, 5.0)
    assert cycle(allocator, 4.9) == []
    assert who(cycle(allocator, 5.0)) == [("f1", "a1")]


def test_a_filter_suppresses_one_run_over_all_agents_however_short_it_is(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL)
    allocator.add_framework("f1", ["r"])
    [offer] = cycle(allocator, 0.0)
    decline(allocator, offer, 0.1)
    allocator.filters.expire(1.0)
    assert cycle(allocator, 1.0, only={"a1"}) == []
    assert cycle(allocator, 1.0) == []
    assert who(cycle(allocator, 1.0)) == [("f1", "a1")]


def test_more_than_was_refused_breaks_through(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL)
    allocator.add_framework("f1", ["r"])
    [offer] = cycle(allocator)
    decline(allocator, offer, 1000.0)
    assert cycle(allocator) == []
    allocator.update_agent_total("a1", these(cpus(1), mem(1024)))
    assert cycle(allocator) == []
    allocator.update_agent_total("a1", SMALL + these(cpus(0.001)))
    assert who(cycle(allocator)) == [("f1", "a1")]


def test_an_agent_that_comes_back_is_offered_again_when_its_filters_end(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL)
    for name in ("f1", "f2"):
        allocator.add_framework(name, [name])
        [offer] = cycle(allocator)
        decline(allocator, offer, 1000.0)
    allocator.remove_agent("a1", comes_back=True)
    allocator.revive("f2")
    cycle(allocator, 1.0)
    allocator.remove_agent("a1", comes_back=True)  # said twice: nothing
    allocator.add_agent("a1", SMALL)
    [offer] = cycle(allocator, 2.0)
    assert who([offer]) == [("f2", "a1")], "who revived meanwhile"
    decline(allocator, offer, None)
    allocator.set_framework_active("f2", False)
    assert cycle(allocator, 3.0) == []
    allocator.remove_agent("a1", comes_back=True)
    assert cycle(allocator, 1000.0) == cycle(allocator, 1001.0) == []
    allocator.add_agent("a1", SMALL)
    [offer] = cycle(allocator, 1002.0)
    assert who([offer]) == [("f1", "a1")], "they end while it is away, too"


def test_an_agent_that_does_not_come_back_after_all_has_no_filters(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL)
    allocator.add_framework("f1", ["r"])
    [offer] = cycle(allocator)
    decline(allocator, offer, 1000.0)
    allocator.remove_agent("a1", comes_back=True)
    assert len(allocator.filters) == 1
    allocator.remove_agent("a1")
    assert len(allocator.filters) == 0
    allocator.add_agent("a1", SMALL)
    assert who(cycle(allocator)) == [("f1", "a1")]


def test_what_one_framework_refused_goes_to_the_next(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL)
    allocator.add_framework("f1", ["r"])
    [offer] = cycle(allocator)
    decline(allocator, offer, 1000.0)
    allocator.add_framework("f2", ["r"])
    assert who(cycle(allocator)) == [("f2", "a1")]


def test_a_filter_in_one_role_leaves_the_framework_s_other_role_alone(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL)
    allocator.add_framework("f1", ["r1", "r2"])
    roles = []
    for _ in range(2):
        [offer] = cycle(allocator)
        roles.append(offer.role)
        decline(allocator, offer, 1000.0)
    assert roles == ["r1", "r2"]
    assert cycle(allocator) == []


def test_revive_clears_filters_and_suppression(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL)
    allocator.add_framework("f1", ["r1", "r2"])
    [offer] = cycle(allocator)
    decline(allocator, offer, 1000.0)
    allocator.suppress("f1")
    assert cycle(allocator) == []
    allocator.revive("f1", ["r1"])
    assert [o.role for o in cycle(allocator)] == ["r1"]


def test_an_inactive_framework_or_agent_gets_and_makes_no_offers(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL)
    allocator.add_agent("a2", SMALL)
    allocator.set_agent_active("a1", False)
    allocator.add_framework("f1", ["r"], active=False)
    assert cycle(allocator) == []
    allocator.set_framework_active("f1", True)
    assert who(cycle(allocator)) == [("f1", "a2")]
    allocator.set_agent_active("a1", True)
    assert who(cycle(allocator)) == [("f1", "a1")]


@pytest.mark.parametrize("off", ["inactive", "not on the whitelist"])
def test_an_agent_that_makes_no_offers_keeps_no_guarantee(allocator: Allocator, off: str) -> None:
    both, one = frozenset({"h1", "h2"}), frozenset({"h2"})

    def switch(is_on: bool) -> None:
        if off == "inactive":
            allocator.set_agent_active("a1", is_on)
        else:
            allocator.set_whitelist(both if is_on else one)

    allocator.add_agent("a1", SMALL, traits=AgentTraits("h1"))
    allocator.add_agent("a2", SMALL, traits=AgentTraits("h2"))
    whole = dict(allocator.capacity())
    allocator.set_quota("kept", Quota({"cpus": 2000, "mem": 1_024_000}, {}))
    allocator.add_framework("f1", ["r"])
    switch(False)
    assert {name: 2 * amount for name, amount in allocator.capacity().items()} == whole
    assert allocator.headroom().available == allocator.capacity()
    assert cycle(allocator) == []  # all that a2 has is guaranteed to another role
    switch(True)
    assert allocator.capacity() == whole
    assert who(cycle(allocator)) == [("f1", "a1")]


def test_what_is_in_use_at_recovery_is_charged_and_not_offered(allocator: Allocator) -> None:
    used = these(cpus(1.5)).allocated("r")
    allocator.add_agent("a1", SMALL, {"f1": used})
    allocator.add_framework("f1", ["r"])
    allocator.add_framework("f2", ["r"])
    [offer] = cycle(allocator)
    assert (offer.framework_id, offer.resources.quantities()) == ("f2", {"cpus": 500, "mem": 1_024_000})
    assert allocator.shares() == {"r": 1.0}


def test_a_framework_that_left_stays_charged_until_its_tasks_end(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL)
    allocator.add_framework("f1", ["r"])
    [offer] = cycle(allocator)
    allocator.remove_framework("f1")
    allocator.add_framework("f2", ["r"])
    assert cycle(allocator) == []
    allocator.release("f1", "r", "a1", offer.resources)
    assert who(cycle(allocator)) == [("f2", "a1")]


def test_a_total_below_what_is_in_use_offers_nothing_until_enough_is_released(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL)
    allocator.add_framework("f1", ["r"])
    [offer] = cycle(allocator)
    allocator.update_agent_total("a1", these(cpus(1)))
    assert cycle(allocator) == []
    allocator.release("f1", "r", "a1", offer.resources)
    assert [o.resources.quantities() for o in cycle(allocator)] == [{"cpus": 1000}]


def test_giving_back_what_is_not_held_is_refused_and_changes_nothing(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL)
    allocator.add_framework("f1", ["r"])
    [offer] = cycle(allocator)
    with pytest.raises(NotHeld, match="cpus"):
        allocator.release("f1", "r", "a1", offer.resources + these(cpus(1)).allocated("r"))
    with pytest.raises(NotHeld):
        allocator.convert("a1", "f2", "r", offer.resources, EMPTY)
    allocator.validate()
    assert cycle(allocator) == []


def test_an_agent_that_has_gone_has_given_back_all(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL)
    allocator.add_framework("f1", ["r"])
    [offer] = cycle(allocator)
    allocator.remove_agent("a1")
    allocator.release("f1", "r", "a1", offer.resources)
    assert allocator.shares() == {"r": 0.0}
    with pytest.raises(UnknownAgent):
        allocator.update_agent_total("a1", SMALL)


def test_unknown_frameworks_are_named(allocator: Allocator) -> None:
    with pytest.raises(UnknownFramework, match="nobody"):
        allocator.revive("nobody")


def test_a_reservation_made_of_an_offer_stays_with_its_role(allocator: Allocator) -> None:
    allocator.add_agent("a1", SMALL)
    allocator.add_framework("f1", ["r1"])
    [offer] = cycle(allocator)
    consumed = these(cpus(2)).allocated("r1")
    converted = Resources(reserved(resource, "r1") for resource in consumed)
    allocator.convert("a1", "f1", "r1", consumed, converted)
    allocator.release("f1", "r1", "a1", offer.resources - consumed + converted)
    allocator.suppress("f1")
    allocator.add_framework("f2", ["r2"])
    assert [o.resources.quantities() for o in cycle(allocator)] == [{"mem": 1_024_000}]


def test_filters_beyond_the_limit_drop_the_one_that_ends_soonest() -> None:
    allocator = Allocator(AllocatorConfig(max_filter_masks=2))
    for at in range(3):
        allocator.add_agent(f"a{at}", SMALL)
    allocator.add_framework("f1", ["r"])
    for until, offer in zip((30.0, 10.0, 20.0), cycle(allocator), strict=True):
        decline(allocator, offer, until)
    assert who(cycle(allocator)) == [("f1", "a1")]


@pytest.mark.parametrize("seed", range(6))
def test_what_follows_from_many_amounts_is_carried_along_as_it_would_be_worked_out(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here every holding counts as one of very many kinds; else only those of agents with many disks do."""
    monkeypatch.setattr(holdings, "MANY", 0)
    carried, followed = [], holdings._followed

    def compared(before: Holding, less: Holding, more: Holding, after: Holding) -> Holding:
        found = followed(before, less, more, after)
        if found.vector is not None:
            anew = Holding(found.amounts, found.others)
            carried.append(dict(found.vector) == dict(anew.derive()))
            carried.append((found.flags, dict(found.counted)) == (anew.flags, dict(anew.counted)))
        return found

    monkeypatch.setattr(holdings, "_followed", compared)
    story = Story(seed)
    for _ in range(80):
        story.step()
    assert carried and all(carried)


def test_a_role_that_only_reservations_know_keeps_how_often_it_was_served(allocator: Allocator) -> None:
    kept = these(reserved(cpus(1), "a"))
    allocator.add_agent("kept", kept)
    allocator.add_agent("free", SMALL)
    allocator.add_framework("f1", ["a"])
    for offer in cycle(allocator):
        decline(allocator, offer, None)
    allocator.remove_framework("f1")
    allocator.update_agent_total("kept", kept + these(reserved(mem(10), "a")))
    allocator.add_framework("f1", ["a"])
    allocator.add_framework("f2", ["b"])
    assert who(cycle(allocator, only={"free"})) == [("f2", "free")]


def test_a_role_that_a_framework_goes_down_from_keeps_how_often_it_was_served(allocator: Allocator) -> None:
    allocator.add_agent("free", SMALL)
    allocator.add_framework("f1", ["a"])
    for offer in cycle(allocator):
        decline(allocator, offer, None)
    allocator.update_framework("f1", ["a/below"])
    allocator.add_framework("f2", ["b"])
    assert who(cycle(allocator)) == [("f2", "free")]
