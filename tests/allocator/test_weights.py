"""Weights: the order is exact whatever they are, and there may be thousands of them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.allocator import Allocator, AllocatorConfig, Quota
from orchestrator.allocator.cluster import Cluster
from tests.allocator.vocabulary import cpus, mem, these

MANY = 10_000
"""As many as there may be."""

weights = st.one_of(st.integers(1, 5000), st.integers(1, 10**9))
amounts = st.integers(0, 12).map(lambda n: n * 500)


def place_of(allocator: Allocator, role: str) -> int:
    assert allocator.cluster.roster.root.inner is not None
    return [node.path for node in allocator.cluster.roster.root.inner.nodes()].index(role)


@given(st.lists(st.tuples(weights, amounts), min_size=2, max_size=8), st.data())
def test_roles_stand_by_the_exact_quotient_of_share_and_weight(
    roles: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Also when quotients are equal by different ways: then by how often they were served, then by name."""
    milli, used = roles[0]
    times = data.draw(st.integers(1, 3))
    roles.append((milli * times, used * times))
    allocator = Allocator(AllocatorConfig())
    allocator.add_agent("a1", these(cpus(7), mem(999)))
    for at, (_, held) in enumerate(roles):
        allocator.add_framework(f"f{at}", [f"r{at}"])
        if held:
            allocator.allocate(f"f{at}", f"r{at}", "a1", these(cpus(held / 1000)))
    allocator.set_weights({f"r{at}": milli for at, (milli, _) in enumerate(roles)})
    allocator.validate()
    expected = sorted(
        range(len(roles)), key=lambda at: (Fraction(roles[at][1], roles[at][0]), roles[at][1] > 0, f"r{at}")
    )
    assert sorted(range(len(roles)), key=lambda at: place_of(allocator, f"r{at}")) == expected


def test_roles_stand_as_before_when_the_last_weight_is_gone() -> None:
    allocator = Allocator(AllocatorConfig())
    allocator.add_agent("a1", these(cpus(7), mem(999)))
    for at, role in enumerate(("a", "a/b", "c"), start=1):
        allocator.add_framework(role, [role])
        allocator.allocate(role, role, "a1", these(cpus(at)))
    allocator.validate()  # looks at every order
    keys = {path: role.key for path, role in allocator.cluster.roster.roles.items()}
    for weight in (2000, 1000):
        allocator.set_weight("a", weight)
        allocator.cluster.roster.refresh()
        allocator.validate()
    assert {path: role.key for path, role in allocator.cluster.roster.roles.items()} == keys


def test_a_weight_is_forgotten_by_setting_the_default_one() -> None:
    allocator = Allocator(AllocatorConfig())
    allocator.set_weights({"a": 2000, "b": 3000})
    allocator.set_weight("a", 1000)
    assert (allocator.weight("a"), allocator.weight("b")) == (1000, 3000)
    assert list(allocator.cluster.roster.weights) == ["b"]


def test_of_several_weights_one_that_cannot_be_sets_none() -> None:
    allocator = Allocator(AllocatorConfig())
    with pytest.raises(ValueError, match="role b must be above zero"):
        allocator.set_weights({"a": 2000, "b": 0})
    assert allocator.weight("a") == 1000


def test_places_have_few_digits_however_many_different_weights_there_are() -> None:
    allocator = Allocator(AllocatorConfig())
    allocator.add_agent("a1", these(cpus(7), mem(999)))
    allocator.add_framework("f", ["r"])
    allocator.add_framework("g", ["s"])
    allocator.allocate("f", "r", "a1", these(cpus(1)))
    allocator.set_weights({f"w{at}": 10**9 - at for at in range(MANY - 1)} | {"r": 7})
    key = allocator.cluster.roster.roles["r"].new_key(allocator.cluster.totals)
    assert 0 < key[0] < 1 << 256
    (offer,) = allocator.allocate_cycle(0.0)
    assert offer.framework_id == "g"
    allocator.validate()


def test_agents_are_woken_once_when_many_roles_are_given_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    woken = []
    wake_all = Cluster.wake_all
    monkeypatch.setattr(Cluster, "wake_all", lambda self: (woken.append(1), wake_all(self))[1])
    allocator = Allocator(AllocatorConfig())
    allocator.add_agent("a1", these(cpus(7), mem(999)))
    allocator.set_quotas({f"r{at}": Quota({"cpus": at % 2}, {"cpus": 5000}) for at in range(100)})
    assert woken == [1]
    assert allocator.headroom().required == {"cpus": 50}
    allocator.validate()
    allocator.set_quotas({f"r{at}": Quota() for at in range(100)})
    assert not allocator.has_guarantees and not allocator.headroom().required
    allocator.validate()
