"""Filters as masks: when they end, what they suppress, what they cost; beside a plain list of filters."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from orchestrator.allocator.config import MAX_FILTER_MASKS, MAX_REFUSALS
from orchestrator.allocator.filters import (
    EXACT_MASKS,
    LATEST,
    Filters,
    Masks,
    blocked,
    covering,
    filter_end,
    refuses,
)
from orchestrator.allocator.holdings import Holding

INTERVAL = 1.0
ALL = 9  # amounts in these tests are below it


@dataclass(eq=False)
class Place:
    """What filters need of an agent; kinds are plain names here."""

    id: str
    filters: Masks | None = None
    filtered: int = 0

    def covers(self, refused: object, offered: object) -> bool:
        return all(refused.amounts.get(kind, 0) >= n for kind, n in offered.amounts.items())  # type: ignore[attr-defined]


@dataclass(eq=False)
class Who:
    bit: int


def holding(**amounts: int) -> Holding:
    return Holding(dict(amounts))  # type: ignore[arg-type]


class Bench:
    """Filters with some agents and clients, and who was told that something was lifted."""

    def __init__(
        self,
        agents: int = 2,
        clients: int = 3,
        max_masks: int = MAX_FILTER_MASKS,
        exact_masks: int = EXACT_MASKS,
    ) -> None:
        self.agents = [Place(f"a{at}") for at in range(agents)]
        self.clients = [Who(1 << at) for at in range(clients)]
        self.lifted: set[Place] = set()
        self.filters = Filters(max_masks, INTERVAL, self.lifted.add, exact_masks)  # type: ignore[arg-type]
        self.filters.expire(0.0)

    def refuse(self, agent: int, client: int, refused: Holding, until: float) -> None:
        self.filters.install(self.agents[agent], self.clients[client], refused, until)  # type: ignore[arg-type]

    @property
    def masks(self) -> int:
        """Which is what memory goes by."""
        return sum(len(place.filters or {}) for place in self.agents)

    def batch(self, now: float) -> None:
        self.filters.expire(now)
        self.filters.batch_ended()

    def revive(self, client: int) -> None:
        self.filters.clear_client(self.clients[client], self.agents)  # type: ignore[arg-type]

    def suppresses(self, agent: int, client: int, offered: Holding) -> bool:
        place, who = self.agents[agent], self.clients[client]
        found = refuses(place, who, offered)  # type: ignore[arg-type]
        assert found == bool(blocked(place, offered) & who.bit)  # type: ignore[arg-type]
        return found


@given(
    st.floats(0, 1e7),
    st.floats(0, 365 * 86400),
    st.sampled_from([0.1, 1.0, 5.0]),
    st.floats(0, 1),
)
def test_a_filter_never_ends_early_and_at_most_an_interval_or_one_percent_late(
    now: float, length: float, interval: float, stale: float
) -> None:
    until = now + length
    end = filter_end(until, now - stale * interval, interval)
    assert until <= end <= until + max(interval, length * LATEST) * (1 + 1e-6) + 1e-6


def test_the_ends_of_filters_of_a_year_are_few() -> None:
    year = 365 * 86400.0
    ends = {filter_end(float(now) + year, float(now), INTERVAL) for now in range(0, 86400, 60)}
    assert len(ends) <= 2


def test_what_was_refused_and_less_is_suppressed_and_more_breaks_through() -> None:
    bench = Bench()
    bench.refuse(0, 0, holding(cpus=4, mem=4), 30.0)
    assert bench.suppresses(0, 0, holding(cpus=4, mem=4))
    assert bench.suppresses(0, 0, holding(cpus=3))
    assert not bench.suppresses(0, 0, holding(cpus=5))
    assert not bench.suppresses(0, 0, holding(cpus=1, disk=1))
    assert not bench.suppresses(0, 1, holding(cpus=4))
    assert not bench.suppresses(1, 0, holding(cpus=4))


def test_a_filter_however_short_sees_one_run_over_all_agents() -> None:
    bench = Bench()
    bench.refuse(0, 0, holding(cpus=4), 0.01)
    bench.filters.expire(50.0)  # an event's run is not one over all agents
    assert bench.suppresses(0, 0, holding(cpus=4))
    bench.batch(51.0)
    assert bench.suppresses(0, 0, holding(cpus=4))
    bench.filters.expire(51.5)
    assert not bench.suppresses(0, 0, holding(cpus=4))
    assert bench.lifted == {bench.agents[0]}


def test_one_that_waits_for_its_run_does_not_hold_back_those_that_end_with_it() -> None:
    bench = Bench()
    bench.refuse(0, 0, holding(cpus=4), 2.0)
    bench.batch(1.0)
    bench.refuse(0, 1, holding(cpus=4), 2.0)
    bench.filters.expire(2.0)
    assert not bench.suppresses(0, 0, holding(cpus=4))
    assert bench.suppresses(0, 1, holding(cpus=4))


def test_a_refusal_repeated_after_its_filter_was_cleared_holds_again() -> None:
    bench = Bench()
    for _ in range(3):
        bench.refuse(0, 0, holding(cpus=4), 5.0)
        assert bench.suppresses(0, 0, holding(cpus=4))
        bench.revive(0)
        assert not bench.suppresses(0, 0, holding(cpus=4))
    bench.refuse(0, 0, holding(cpus=4), 5.0)
    bench.batch(4.0)
    assert bench.suppresses(0, 0, holding(cpus=4))
    bench.batch(5.0)
    assert not bench.suppresses(0, 0, holding(cpus=4))


def test_reviving_clears_the_one_client_and_wakes_only_where_it_had_filters() -> None:
    bench = Bench()
    bench.refuse(0, 0, holding(cpus=4), 30.0)
    bench.refuse(0, 1, holding(cpus=4), 30.0)
    bench.revive(0)
    assert not bench.suppresses(0, 0, holding(cpus=1))
    assert bench.suppresses(0, 1, holding(cpus=4))
    assert bench.lifted == {bench.agents[0]}


def test_a_client_keeps_a_bounded_number_of_refusals_and_loses_the_one_that_ends_soonest() -> None:
    bench = Bench()
    for at in range(MAX_REFUSALS + 1):
        bench.refuse(0, 0, holding(**{f"kind{at}": 1}), 100.0 - at)
    assert len(bench.filters) == MAX_REFUSALS
    assert bench.suppresses(0, 0, holding(kind0=1))
    assert not bench.suppresses(0, 0, holding(**{f"kind{MAX_REFUSALS - 1}": 1}))
    assert bench.suppresses(0, 0, holding(**{f"kind{MAX_REFUSALS}": 1}))
    assert bench.lifted == {bench.agents[0]}


def test_a_refusal_of_more_for_longer_replaces_the_smaller_one() -> None:
    bench = Bench()
    bench.refuse(0, 0, holding(cpus=1), 10.0)
    bench.refuse(0, 0, holding(cpus=4), 20.0)
    assert (len(bench.filters), bench.masks) == (1, 1)
    bench.refuse(0, 0, holding(cpus=1), 30.0)
    assert len(bench.filters) == 2


def test_beyond_the_limit_of_masks_those_that_end_soonest_go() -> None:
    bench = Bench(agents=3, max_masks=2)
    for agent, until in ((0, 30.0), (1, 10.0), (2, 20.0)):
        bench.refuse(agent, 0, holding(cpus=4), until)
    assert [bench.suppresses(at, 0, holding(cpus=4)) for at in range(3)] == [True, False, True]
    assert bench.lifted == {bench.agents[1]}


def test_the_mask_that_makes_room_may_be_of_the_same_agent() -> None:
    bench = Bench(agents=1, max_masks=1)
    bench.refuse(0, 0, holding(cpus=4), 10.0)
    bench.refuse(0, 1, holding(mem=4), 20.0)
    assert not bench.suppresses(0, 0, holding(cpus=4))
    assert bench.suppresses(0, 1, holding(mem=4))
    bench.filters.check(bench.agents[0])  # type: ignore[arg-type]


def test_explaining_names_the_last_to_end_first() -> None:
    bench = Bench()
    bench.refuse(0, 0, holding(cpus=4), 10.0)
    bench.refuse(0, 0, holding(cpus=2), 20.0)
    found = covering(bench.agents[0], bench.clients[0], holding(cpus=1))  # type: ignore[arg-type]
    assert [(refused.amounts, end) for refused, end in found] == [({"cpus": 2}, 20.0), ({"cpus": 4}, 10.0)]


def test_filters_of_all_clients_on_all_agents_take_a_few_bytes_each() -> None:
    bench = Bench(agents=200, clients=500)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for client in range(500):
            for agent in range(200):
                bench.refuse(agent, client, holding(cpus=4, mem=agent), 5.0)
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(bench.filters) == 100_000
    assert bench.masks == 200
    assert used < 1_000_000  # a filter object would be some hundred bytes


OFFERS = (holding(x=1), holding(x=ALL), holding(y=1), holding(x=1, y=1), holding(x=ALL, y=ALL))

STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("refuse"),
            st.integers(0, 1),
            st.integers(0, 2),
            st.sampled_from(OFFERS),
            st.sampled_from([0.0, 0.3, 1.0, 5.0, 90.0, 1000.0]),
        ),
        st.tuples(st.just("batch"), st.sampled_from([0.0, 0.4, 1.0, 3.0, 500.0])),
        st.tuples(st.just("event"), st.sampled_from([0.0, 0.4, 1.0])),
        st.tuples(st.just("revive"), st.integers(0, 2)),
        st.tuples(st.just("remove"), st.integers(0, 1)),
    ),
    max_size=40,
)


class PlainFilters:
    """A list of filters, each an entry of its own; every question goes through all of it."""

    def __init__(self, is_exact: bool) -> None:
        self.is_exact = is_exact
        self.entries: list[tuple[int, int, Holding, float, int]] = []
        self.batches = 0
        self.now = 0.0

    def refuse(self, agent: int, client: int, refused: Holding, until: float) -> None:
        end = until if self.is_exact else filter_end(until, self.now, INTERVAL)
        mine = [entry for entry in self.entries if entry[:2] == (agent, client)]
        for entry in mine:
            if entry[3] <= end and self.covers(refused, entry[2]):
                self.entries.remove(entry)
                mine = [kept for kept in mine if kept is not entry]
        if len(mine) >= MAX_REFUSALS:
            reject()  # which of several with one end goes first is nobody's business
        self.entries.append((agent, client, refused, end, self.batches))

    def expire(self, now: float) -> None:
        self.now = now
        self.entries = [e for e in self.entries if e[3] > now or e[4] == self.batches]

    def covers(self, refused: Holding, offered: Holding) -> bool:
        return all(refused.amounts.get(kind, 0) >= n for kind, n in offered.amounts.items())

    def suppresses(self, agent: int, client: int, offered: Holding) -> bool:
        return any(e[:2] == (agent, client) and self.covers(e[2], offered) for e in self.entries)


@settings(max_examples=300, deadline=None)
@given(STEPS, st.booleans())
def test_any_story_suppresses_what_a_list_of_filters_would(
    steps: list[tuple[object, ...]], is_exact: bool
) -> None:
    bench, plain = Bench(exact_masks=EXACT_MASKS if is_exact else 0), PlainFilters(is_exact)
    now = 0.0
    for step in steps:
        before = everything(bench)
        bench.lifted.clear()
        match step:
            case ("refuse", agent, client, refused, length):
                bench.refuse(agent, client, refused, now + length)  # type: ignore[arg-type, operator]
                plain.refuse(agent, client, refused, now + length)  # type: ignore[arg-type, operator]
            case ("batch", later):
                now += later  # type: ignore[operator]
                bench.batch(now)
                plain.expire(now)
                plain.batches += 1
            case ("event", later):
                now += later  # type: ignore[operator]
                bench.filters.expire(now)
                plain.expire(now)
            case ("revive", client):
                bench.revive(client)  # type: ignore[arg-type]
                plain.entries = [e for e in plain.entries if e[1] != client]
            case ("remove", agent):
                bench.filters.clear_agent(bench.agents[agent])  # type: ignore[call-overload]
                plain.entries = [e for e in plain.entries if e[0] != agent]
        after = everything(bench)
        assert after == {at: plain.suppresses(*at[:2], OFFERS[at[2]]) for at in after}
        for at in [at for at in after if before[at] and not after[at]]:
            assert bench.agents[at[0]] in bench.lifted, "an agent that may be offered again was not woken"
        for place in bench.agents:
            bench.filters.check(place)  # type: ignore[arg-type]
        assert len(bench.filters) == len(plain.entries)
    for later in (1e4, 2e4):
        bench.batch(now + later)
    assert (bench.masks, len(bench.filters)) == (0, 0)
    assert all(not place.filters and not place.filtered for place in bench.agents)


def everything(bench: Bench) -> dict[tuple[int, int, int], bool]:
    """Whether each of the offers would be suppressed, by agent, client and offer."""
    return {
        (agent, client, at): bench.suppresses(agent, client, offered)
        for agent in range(2)
        for client in range(3)
        for at, offered in enumerate(OFFERS)
    }


def test_few_filters_end_when_they_were_asked_to_and_many_may_be_rounded() -> None:
    bench = Bench(exact_masks=1)
    bench.refuse(0, 0, holding(cpus=4), 86_400.5)
    bench.refuse(1, 0, holding(cpus=4), 86_400.5)
    bench.batch(86_400.0)
    bench.batch(86_400.5)
    assert not bench.suppresses(0, 0, holding(cpus=4))
    assert bench.suppresses(1, 0, holding(cpus=4))


@pytest.mark.parametrize("seconds", [0.5, 5.0, 600.0])
def test_a_filter_is_gone_once_it_ended(seconds: float) -> None:
    bench = Bench(exact_masks=0)
    bench.refuse(0, 0, holding(cpus=4), seconds)
    now = 0.0
    while bench.suppresses(0, 0, holding(cpus=4)):
        now += 0.5
        bench.batch(now)
    assert seconds <= now <= seconds + max(INTERVAL, seconds * LATEST) + INTERVAL
