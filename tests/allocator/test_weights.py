"""Weights: the order is exact whatever they are, and there may be thousands of them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.allocator import Allocator, AllocatorConfig, Quota, shares
from orchestrator.allocator.cluster import Cluster
from tests.allocator.vocabulary import cpus, custom, mem, these

MANY = 10_000
"""As many as there may be."""

weights = st.one_of(st.integers(1, 5000), st.integers(1, 10**9))
amounts = st.integers(0, 12).map(lambda n: n * 500)


def place_of(allocator: Allocator, role: str) -> int:
    assert allocator.cluster.roster.root.inner is not None
    return [node.path for node in allocator.cluster.roster.root.inner.nodes()].index(role)


@pytest.mark.parametrize("bits", [shares.MAX_SCALE_BITS, 0], ids=["multiplied", "divided"])
@given(st.lists(st.tuples(weights, amounts), min_size=2, max_size=8), st.data())
def test_roles_stand_by_the_exact_quotient_of_share_and_weight(
    bits: int, roles: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Also when quotients are equal by different ways: then by how often they were served, then by name."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shares, "MAX_SCALE_BITS", bits)
        stand_by_their_quotients(roles, data)


def stand_by_their_quotients(roles: list[tuple[int, int]], data: st.DataObject) -> None:
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


def test_places_have_few_digits_however_many_names_anybody_reports() -> None:
    allocator = Allocator(AllocatorConfig())
    odd = [custom(f"name-{at}", 100_003 + 2 * at) for at in range(300)]
    allocator.add_agent("a1", these(cpus(7), mem(999), *odd))
    allocator.set_weights({"t": 3000, "u": 7})
    held = {
        "r": these(cpus(3.5)),  # one half
        "s": these(custom("name-8", 100_019 / 2)),  # one half of another name
        "t": these(custom("name-9", 100_021 / 2)),  # one half, by three
        "u": these(cpus(0.001)),
    }
    for at, (role, mine) in enumerate(held.items()):
        allocator.add_framework(f"f{at}", [role])
        allocator.allocate(f"f{at}", role, "a1", mine)
    roles, totals = allocator.cluster.roster.roles, allocator.cluster.totals
    allocator.validate()
    assert all(0 < roles[role].new_key(totals)[0] < 1 << 256 for role in held)
    assert roles["r"].new_key(totals)[0] == roles["s"].new_key(totals)[0], "equal by different ways"
    order = [place_of(allocator, role) for role in ("u", "t", "r", "s")]
    assert order == sorted(order)
    allocator.release("f0", "r", "a1", these(cpus(0.001)))
    assert place_of(allocator, "r") < place_of(allocator, "s")
    allocator.validate()


@given(
    st.lists(st.integers(1, 10**7), min_size=2, max_size=6),
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 64), st.sampled_from([1, 250, 1000, 3000])),
        min_size=2,
        max_size=8,
    ),
)
def test_divided_or_multiplied_shares_stand_alike(
    totals: list[int], held: list[tuple[int, int, int]]
) -> None:
    orders = []
    for bits in (10_000, 0):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(shares, "MAX_SCALE_BITS", bits)
            allocator = Allocator(AllocatorConfig())
            allocator.add_agent("a1", these(*(custom(f"n{at}", each) for at, each in enumerate(totals))))
            allocator.set_weights({f"r{at}": weight for at, (_, _, weight) in enumerate(held)})
            for at, (which, parts, _) in enumerate(held):
                name = which % len(totals)
                allocator.add_framework(f"f{at}", [f"r{at}"])
                amount = totals[name] * parts // 64
                if amount:
                    allocator.allocate(f"f{at}", f"r{at}", "a1", these(custom(f"n{name}", amount)))
            allocator.validate()
            assert allocator.cluster.roster.root.inner is not None
            orders.append([node.path for node in allocator.cluster.roster.root.inner.nodes()])
    assert orders[0] == orders[1]
