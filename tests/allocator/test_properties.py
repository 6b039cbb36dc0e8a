"""What holds of every cluster, however its story is told: in whatever order, by whichever runs.

These know no rules of who comes first; they only know what may never be, and what was promised.
"""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.model.resource import Resource
from api.model.resources import Resources
from orchestrator.allocator import Allocator, AllocatorConfig, Offer, Quota
from tests.allocator.vocabulary import cpus, mem, pool, reserved

ROLES = ("a", "a/x", "a/y", "b", "c")
TOP = ("a", "b", "c")

bounded = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])

agent_totals = st.lists(
    st.tuples(
        st.integers(0, 8).map(lambda n: cpus(n / 2)),
        st.integers(0, 40).map(lambda n: mem(n * 100)),
        st.one_of(st.none(), st.sampled_from(ROLES).map(lambda role: reserved(cpus(1), role))),
        st.one_of(st.none(), st.integers(1, 50).map(lambda n: pool("fast", n * 10, "g"))),
        st.one_of(st.none(), st.integers(1, 50).map(lambda n: pool("safe", n * 10, "g", 2))),
    ).map(lambda parts: Resources(part for part in parts if isinstance(part, Resource))),
    min_size=1,
    max_size=6,
)
frameworks = st.lists(st.sets(st.sampled_from(ROLES), min_size=1), min_size=1, max_size=5)
amounts = st.dictionaries(
    st.sampled_from(["cpus", "mem", "disk", "disk[profile=fast]"]),
    st.integers(0, 30).map(lambda n: n * 100_000),
)
limits = st.dictionaries(st.sampled_from(ROLES), amounts, max_size=3)
plain_amounts = st.fixed_dictionaries(
    {},
    optional={
        "cpus": st.integers(0, 20).map(lambda n: n * 250),
        "mem": st.integers(0, 30).map(lambda n: n * 50_000),
    },
)
guarantees = st.dictionaries(st.sampled_from(TOP), plain_amounts, max_size=3)


def allocator(totals: Iterable[Resources]) -> Allocator:
    made = Allocator(AllocatorConfig(min_allocatable=()))
    for at, total in enumerate(totals):
        made.add_agent(f"agent{at}", total)
    return made


def run_in_parts(made: Allocator, parts: Iterable[set[str] | None]) -> list[Offer]:
    """Runs over these agents, one run after the other; after each the books are checked."""
    offers = []
    for now, part in enumerate(parts):
        offers += made.allocate_cycle(float(now), part)
        made.validate()
    return offers


@st.composite
def groupings(draw: st.DrawFn, number: int) -> list[set[str] | None]:
    """Runs over some agents at a time, in any order, and one over all at the end."""
    names = draw(st.permutations([f"agent{at}" for at in range(number)]))
    sizes = draw(st.lists(st.integers(1, 3), max_size=number))
    parts: list[set[str] | None] = []
    for size in sizes:
        part, names = set(names[:size]), names[size:]
        parts.append(part)
    return [*parts, None]


@bounded
@given(st.data(), agent_totals, frameworks, limits)
def test_no_role_is_ever_above_a_limit_and_nothing_is_given_twice(
    data: st.DataObject, totals: list[Resources], roles: list[set[str]], limited: dict[str, dict[str, int]]
) -> None:
    made = allocator(totals)
    for role, most in limited.items():
        made.set_quota(role, Quota({}, most))
    before = {role: dict(made.consumed(role)) for role in limited}
    for at, wanted in enumerate(roles):
        made.add_framework(f"f{at}", sorted(wanted))
    offers = run_in_parts(made, data.draw(groupings(len(totals))))
    for role, most in limited.items():
        for name, limit in most.items():
            had = before[role].get(name, 0)  # reservations are there whatever the limit says
            assert made.consumed(role).get(name, 0) <= max(limit, had), (role, name)
    for at, total in enumerate(totals):
        given = Resources.total(o.resources.unallocated() for o in offers if o.agent_id == f"agent{at}")
        assert total.contains(given)
        units = sum(
            r.milli * r.disk.source.cost_milli
            for r in given
            if r.disk is not None and r.disk.source is not None
        )
        sizes = [r.milli * r.disk.source.cost_milli for r in total if r.disk is not None and r.disk.source]
        assert units <= max(sizes, default=0), "a capacity group was given out beyond its capacity"


@bounded
@given(st.data(), agent_totals, frameworks, guarantees)
def test_every_guarantee_is_met_that_the_cluster_can_meet_whoever_came_first(
    data: st.DataObject,
    totals: list[Resources],
    roles: list[set[str]],
    guaranteed: dict[str, dict[str, int]],
) -> None:
    made = allocator(totals)
    free = Resources.total(totals).unreserved().quantities()
    for role, least in sorted(guaranteed.items()):
        # only as much as there is besides what was guaranteed to others
        taken = {n: sum(made.quota(r).guarantees.get(n, 0) for r in guaranteed) for n in least}
        within = {n: min(amount, max(free.get(n, 0) - taken[n], 0)) for n, amount in least.items()}
        made.set_quota(role, Quota(within, {}))
    order = data.draw(st.permutations(range(len(roles))))
    for at in order:  # those that come early must leave what those who come late are guaranteed
        made.add_framework(f"f{at}", sorted(roles[at]))
        run_in_parts(made, data.draw(groupings(len(totals))))
    for role in guaranteed:
        made.add_framework(f"last-{role}", [role])
    run_in_parts(made, data.draw(groupings(len(totals))))
    for role in guaranteed:
        for name, least_amount in made.quota(role).guarantees.items():
            assert made.consumed(role).get(name, 0) >= least_amount, (role, name)
    assert made.headroom().required == {}


@bounded
@given(st.data(), agent_totals, frameworks)
def test_without_quota_all_goes_out_that_anybody_may_have(
    data: st.DataObject, totals: list[Resources], roles: list[set[str]]
) -> None:
    made = allocator(totals)
    for at, wanted in enumerate(roles):
        made.add_framework(f"f{at}", sorted(wanted))
    offers = run_in_parts(made, data.draw(groupings(len(totals))))
    everybody = set().union(*roles)
    for at, total in enumerate(totals):
        given = Resources.total(o.resources.unallocated() for o in offers if o.agent_id == f"agent{at}")
        left = (total - given).filter(lambda r: r.disk is None)
        assert not [r for r in left if any(Resources([r]).allocatable_to(role) for role in everybody)]
    assert run_in_parts(made, [None]) == []


@bounded
@given(st.data(), agent_totals, frameworks, limits, guarantees)
def test_what_is_given_back_can_be_given_out_again_and_the_books_end_empty(
    data: st.DataObject,
    totals: list[Resources],
    roles: list[set[str]],
    limited: dict[str, dict[str, int]],
    guaranteed: dict[str, dict[str, int]],
) -> None:
    made = allocator(totals)
    for role in {*limited, *guaranteed}:
        most = limited.get(role, {})
        least = {n: min(v, most.get(n, v)) for n, v in guaranteed.get(role, {}).items()}
        made.set_quota(role, Quota(least, most))
    empty = {role: dict(made.consumed(role)) for role in ROLES}
    headroom = made.headroom()
    for at, wanted in enumerate(roles):
        made.add_framework(f"f{at}", sorted(wanted))
    for _ in range(3):
        offers = run_in_parts(made, data.draw(groupings(len(totals))))
        for offer in data.draw(st.permutations(offers)):
            made.release(offer.framework_id, offer.role, offer.agent_id, offer.resources)
            made.validate()
        assert {role: dict(made.consumed(role)) for role in ROLES} == empty
        assert made.headroom() == headroom
        assert not any(made.shares().values())
