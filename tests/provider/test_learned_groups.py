"""Capacity groups that nobody declared are learned from what the plugin says, and nothing wrong is."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provider.accounts import LAG_SECONDS, Accounts
from provider.group_learning import GroupLearning, Sweep
from provider.groups import Groups
from provider.learned_rates import (
    MAX_CONTRADICTIONS,
    MILLIONTHS,
    OBSERVATIONS_NEEDED,
    Learned,
    Rates,
)
from provider.records import Profile
from provider.volume import VolumeCapability

GIB = 2**30
INTERVAL = 10.0


def profile(name: str, group: str | None = None, cost: int = 1000) -> Profile:
    return Profile(name, VolumeCapability(), capacity_group=group, cost_milli=cost)


@dataclass
class Plugin:
    """Profiles draw on devices, the first that they name first, at a cost; answers may be old, rounded down,
    restless, or always the same."""

    reach: Mapping[str, tuple[str, ...]]
    cost: Mapping[str, int]
    free: dict[str, int]
    lag: float = 0.0
    granule: int = 1
    unrest: int = 0
    thin: frozenset[str] = frozenset()
    draw: random.Random = field(default_factory=lambda: random.Random(1))
    exhausted: int = 0

    def __post_init__(self) -> None:
        self.past = [(float("-inf"), dict(self.free))]
        self.volumes: list[tuple[str, int, dict[str, int]]] = []

    def create(self, name: str, size: int, now: float) -> bool:
        need, parts = size * self.cost[name], {}
        for device in self.reach[name]:
            parts[device] = min(need, self.free[device])
            need -= parts[device]
        if need:
            self.exhausted += 1
            return False
        for device, part in parts.items():
            self.free[device] -= part
        self.volumes.append((name, size, parts))
        self.past.append((now, dict(self.free)))
        return True

    def delete(self, now: float) -> tuple[str, int]:
        name, size, parts = self.volumes.pop(self.draw.randrange(len(self.volumes)))
        for device, part in parts.items():
            self.free[device] += part
        self.past.append((now, dict(self.free)))
        return name, size

    def said(self, name: str, now: float) -> int:
        free = self.past[0][1] if name in self.thin else None
        seen = free or next(left for at, left in reversed(self.past) if at <= now - self.lag)
        size = sum(seen[device] for device in self.reach[name]) // self.cost[name]
        return max(0, size // self.granule * self.granule - self.draw.randint(0, self.unrest))


class Site:
    """A provider's counts and what it learns, with nobody else there."""

    def __init__(self, plugin: Plugin, declared: Mapping[str, str | None] | None = None) -> None:
        self.plugin, self.now = plugin, 0.0
        self.rates = Rates()
        self.learning = GroupLearning(self.rates)
        known = declared or {}
        self.profiles = {name: profile(name, known.get(name)) for name in plugin.reach}
        self.accounts = Accounts(Groups(self.profiles, "vendor", self.rates), {}, fresh=True)
        self.accounts.begin(0.0)

    def sweep(self) -> None:
        self.now += INTERVAL
        quiet = self.accounts.is_rested(self.now)
        said = {name: self.plugin.said(name, self.now) for name in self.profiles}
        for name, size in said.items():
            self.accounts.read(name, size, self.now, self.now, making={}, deleting={})
        if quiet:
            self.learning.take(Sweep(said, dict(self.accounts.made), self.accounts.changes))
            if self.rates.changed:
                self.rates.changed = False
                self.accounts.set_groups(Groups(self.profiles, "vendor", self.rates), self.profiles)

    def rest(self) -> None:
        for _ in range(8):
            self.sweep()

    def make(self, name: str, size: int) -> bool:
        """As much as is counted and no more; whether there was room for anything."""
        size = min(size, self.accounts.room(name, {}))
        if size <= 0:
            return False
        if self.plugin.create(name, size, self.now):
            self.accounts.take(name, size, self.now)
        else:
            self.rates.exhausted(name, "no room")
        return True

    def delete(self) -> None:
        if self.plugin.volumes:
            self.accounts.give(*self.plugin.delete(self.now), self.now)

    def teach(self, *names: str, volumes: int = OBSERVATIONS_NEEDED + 1, size: int = 3 * GIB + 4096) -> None:
        for name in names:
            for _ in range(volumes):
                self.make(name, size)
                self.rest()

    @property
    def groups(self) -> Groups:
        return self.accounts.groups


def two(cost: int = 1, apart: bool = False, **more: object) -> Site:
    reach = {"a": ("d",), "b": ("e" if apart else "d",)}
    site = Site(Plugin(reach, {"a": 1, "b": cost}, {"d": 100 * GIB, "e": 100 * GIB}, **more))  # type: ignore[arg-type]
    site.rest()
    return site


def test_pools_that_never_move_together_stand_apart_once_both_were_used():
    site = two(apart=True)
    site.teach("a")
    assert site.groups.members("a") == ("a", "b"), "seen from one side alone"
    site.teach("b")
    assert site.groups.members("a") == ("a",) and site.groups.label("a") is None
    assert site.groups.taken({"a": 10}, "b") == 0


def test_pools_that_move_together_share_at_the_rate_that_was_seen():
    site = two(cost=2)
    site.teach("b")
    assert (site.groups.cost_milli("a"), site.groups.cost_milli("b")) == (1000, 2000)
    assert site.groups.label("a") == site.groups.label("b") == "vendor"
    assert site.groups.taken({"b": GIB}, "a") >= 2 * GIB
    assert GIB // 2 <= site.groups.taken({"a": GIB}, "b") < GIB * 0.51


def test_a_dear_profile_counts_as_dear_before_it_is_known_for_sure():
    site = two(cost=3)
    site.teach("b", volumes=2)
    assert site.rates.relation("a", "b") is None
    assert site.groups.taken({"b": GIB}, "a") >= 3 * GIB
    assert site.groups.taken({"a": GIB}, "b") == GIB, "the cheaper direction waits"


def test_nothing_is_learned_from_few_volumes_or_from_small_ones():
    site = two(apart=True)
    site.teach("a", "b", volumes=OBSERVATIONS_NEEDED - 1)
    assert site.groups.members("a") == ("a", "b")
    site = two(apart=True)
    site.teach("a", "b", volumes=2 * OBSERVATIONS_NEEDED, size=8 * 2**20)
    assert site.groups.members("a") == ("a", "b"), "of pools of 100 GiB that is next to nothing"


@pytest.mark.parametrize("thin", [{"a"}, {"b"}, {"a", "b"}])
def test_a_plugin_whose_capacity_never_moves_teaches_nothing(thin):
    site = two(thin=frozenset(thin))
    site.teach("a", "b", volumes=3 * OBSERVATIONS_NEEDED, size=2 * GIB)
    assert site.groups.taken({"a": 10}, "b") >= 10 and site.groups.taken({"b": 10}, "a") >= 10
    relation = site.rates.relation("a", "b")
    assert relation is None or not relation.apart


@pytest.mark.parametrize("lag", [5.0, 29.0, 45.0, 300.0])
def test_a_plugin_that_is_late_teaches_nothing_wrong(lag):
    site = two(lag=lag)
    site.teach("a", "b", volumes=2 * OBSERVATIONS_NEEDED, size=3 * GIB)
    relation = site.rates.relation("a", "b")
    assert relation is None or (not relation.apart and relation.low <= MILLIONTHS <= relation.high)
    if lag < LAG_SECONDS:
        assert relation is not None


def test_what_is_rounded_to_the_size_of_a_volume_does_not_pass_for_standing_apart():
    """Volumes of 1 GiB, made and deleted: a pool that costs a third, told in GiB, never seems to move."""
    site = two(cost=3, granule=GIB)
    for _ in range(3 * OBSERVATIONS_NEEDED):
        site.make("a", GIB)
        site.rest()
        site.delete()
        site.rest()
    assert site.groups.taken({"a": 3 * GIB}, "b") >= 3 * GIB
    assert site.groups.members("a") == ("a", "b")


def test_somebody_else_who_uses_the_capacity_as_well_teaches_nothing_wrong():
    site = two(apart=True, unrest=0)
    site.plugin.draw = random.Random(3)
    for round_ in range(40):
        site.make("ab"[round_ % 2], 2 * GIB)
        for _ in range(8):
            site.plugin.create(
                "ab"[site.plugin.draw.randrange(2)], site.plugin.draw.randint(1, GIB // 4), site.now
            )
            site.sweep()
    relation = site.rates.relation("a", "b")
    assert relation is None or relation.apart


def test_a_pool_that_moves_after_all_shares_at_once_again_and_says_why():
    """Two profiles that fill their own devices first, and then one that both reach."""
    reach = {"a": ("d", "s"), "b": ("e", "s")}
    site = Site(Plugin(reach, {"a": 1, "b": 1}, {"d": 50 * GIB, "e": 50 * GIB, "s": 50 * GIB}))
    site.rest()
    site.teach("a", "b")
    assert site.groups.members("a") == ("a",)
    site.teach("a", size=20 * GIB, volumes=3)
    assert site.groups.members("a") == ("a", "b")
    assert site.groups.taken({"a": 10}, "b") == 10
    assert "took" in site.rates.contradiction("b", "a") and site.learning.contradictions


def test_profiles_that_are_linked_by_a_third_do_not_stand_apart():
    reach = {"a": ("d", "s"), "b": ("e", "s"), "c": ("s",)}
    site = Site(Plugin(reach, dict.fromkeys(reach, 1), {"d": 90 * GIB, "e": 90 * GIB, "s": 90 * GIB}))
    site.rest()
    site.teach("a", "b", "c")
    assert site.groups.members("a") == ("a", "b", "c")
    assert site.groups.taken({"a": 100}, "b") >= 100


def test_room_that_was_counted_and_not_there_takes_what_was_learned_away_and_more_is_needed_then():
    site = two(apart=True)
    site.teach("a", "b")
    assert site.groups.members("a") == ("a",)
    assert site.rates.exhausted("b", "the plugin had no room for b though it was counted")
    assert site.rates.relation("a", "b") is None
    site.teach("a", "b", volumes=OBSERVATIONS_NEEDED, size=GIB)
    assert site.rates.relation("a", "b") is None, "twice as many are needed now"
    site.teach("a", "b", volumes=2 * OBSERVATIONS_NEEDED, size=GIB)
    assert site.rates.relation("a", "b") is not None
    for _ in range(MAX_CONTRADICTIONS):
        site.rates.contradict("a", "b", "again")
    site.teach("a", "b", volumes=OBSERVATIONS_NEEDED, size=GIB // 2)
    assert site.rates.relation("a", "b") is None and site.rates.is_given_up("a", "b")


def test_what_is_declared_is_not_learned_otherwise():
    reach = {"a": ("d",), "b": ("e",), "c": ("e",)}
    declared = {"a": "g", "b": "g", "c": None}
    site = Site(Plugin(reach, dict.fromkeys(reach, 1), {"d": 90 * GIB, "e": 90 * GIB}), declared)
    site.rest()
    site.teach("a", "b", "c")
    assert site.groups.members("a") == ("a", "b", "c"), "c shares with b, and b is declared to with a"
    assert site.groups.taken({"a": 10}, "b") == 10, "the operator says so"


def test_what_was_learned_is_known_after_a_restart_and_forgotten_with_another_plugin():
    site = two(apart=True)
    site.rates.begin("disks 1.0")
    site.teach("a", "b")
    kept = site.rates.learned()
    again = Rates(kept)
    assert not again.begin("disks 1.0") and not again.changed
    assert again.relation("a", "b") == site.rates.relation("a", "b") is not None
    assert again.begin("disks 2.0") and again.relation("a", "b") is None and again.changed
    assert again.learned() == Learned("disks 2.0")


LAYOUT = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["d", "e", "f"]), min_size=2, max_size=4)


@settings(max_examples=60, deadline=None)
@given(
    device=LAYOUT,
    cost=st.fixed_dictionaries({name: st.sampled_from([1, 1, 2, 3]) for name in "abcd"}),
    lag=st.floats(0, LAG_SECONDS - 1),
    granule=st.sampled_from([1, 4096, 2**20, GIB]),
    unrest=st.sampled_from([0, 0, 2**20, GIB]),
    thin=st.sets(st.sampled_from("abcd"), max_size=2),
    seed=st.integers(0, 2**32),
)
def test_what_is_learned_is_true(device, cost, lag, granule, unrest, thin, seed):
    """Random groups, costs, lags, roundings, unrest and thin pools: what is known at the end is so."""
    draw = random.Random(seed)
    reach = {name: (where,) for name, where in device.items()}
    free = dict.fromkeys("def", 400 * GIB + 12345)
    site = Site(Plugin(reach, cost, free, lag, granule, unrest, frozenset(thin), random.Random(seed)))
    site.rest()
    for _ in range(40):
        name = draw.choice(sorted(reach))
        for _ in range(draw.randint(1, 3)):
            site.make(name, draw.choice([GIB // 7, GIB, 3 * GIB]) + 4096 * draw.randint(0, 99))
        if draw.random() < 0.3:
            site.delete()
        for _ in range(draw.randint(1, 7)):
            site.sweep()
    for name in reach:
        for other in reach:
            relation = site.rates.relation(name, other) if name != other else None
            if relation is None:
                continue
            assert relation.apart == (device[name] != device[other])
            true = MILLIONTHS * cost[name] // cost[other]
            assert relation.apart or relation.low * 0.98 <= true <= relation.high * 1.02


@settings(max_examples=60, deadline=None)
@given(device=LAYOUT, lag=st.floats(0, LAG_SECONDS - 1), seed=st.integers(0, 2**32))
def test_an_honest_plugin_never_has_less_room_than_was_promised(device, lag, seed):
    """Before anything is learned, while it is, and after: a volume that was counted on is never refused. What
    is still to be made is promised first, and made at once or after others."""
    draw = random.Random(seed)
    reach = {name: (where,) for name, where in device.items()}
    site = Site(Plugin(reach, dict.fromkeys(reach, 1), dict.fromkeys("def", 200 * GIB), lag))
    site.rest()
    names = sorted(reach)
    for turn in range(60):
        if turn % 6 == 5:  # fill all there is, at once
            draw.shuffle(names)
            for name in names:
                site.make(name, 2**60)
            for _ in range(len(site.plugin.volumes) - draw.randint(0, 3)):
                site.delete()
        else:
            site.make(names[turn // 12 % len(names)], draw.randint(GIB, 5 * GIB))
        for _ in range(draw.randint(0, 7)):
            site.sweep()
    assert site.plugin.exhausted == 0


@pytest.mark.parametrize("seed", range(6))
def test_the_truth_is_learned_after_enough_volumes(seed):
    draw = random.Random(seed)
    device = {name: draw.choice("de") for name in "abcd"}
    cost = {name: draw.choice([1, 1, 2]) for name in "abcd"}
    free = dict.fromkeys("de", 400 * GIB + 999)
    site = Site(Plugin({n: (d,) for n, d in device.items()}, cost, free, 9.0, 4096, 8192))
    site.rest()
    site.teach(*"abcd", volumes=OBSERVATIONS_NEEDED + 1, size=5 * GIB)
    for name in "abcd":
        assert site.groups.members(name) == tuple(n for n in "abcd" if device[n] == device[name])
        for other in site.groups.members(name):
            rate = site.groups.taken({name: GIB}, other) / GIB
            assert rate == pytest.approx(cost[name] / cost[other], rel=0.03)
    labels = {device[n]: site.groups.label(n) for n in "abcd" if len(site.groups.members(n)) > 1}
    assert len(set(labels.values())) == len(labels) and None not in labels.values()
