"""How much a pool has left, for plugins that are slow to notice: never more than there can be."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provider.accounts import CONFIRM_SECONDS, LAG_SECONDS, Accounts
from provider.groups import Groups
from provider.records import Profile
from provider.volume import VolumeCapability

NONE: dict[str, int] = {}


def profile(name: str, group: str | None = None, cost: int = 1000) -> Profile:
    return Profile(name, VolumeCapability(), capacity_group=group, cost_milli=cost)


def groups(*profiles: Profile) -> Groups:
    return Groups({each.name: each for each in profiles}, "vendor")


def accounts(*profiles: Profile, **available: int) -> Accounts:
    made = Accounts(groups(*(profiles or (profile("a"),))), available, fresh=True)
    made.begin(0.0)
    return made


def read(made: Accounts, said: int, at: float, name: str = "a") -> int | None:
    made.read(name, said, at, at, making=NONE, deleting=NONE)
    return made.available.get(name)


# Groups


def test_profiles_that_were_declared_in_no_group_share_at_one_to_one():
    made = groups(profile("a"), profile("b"))
    assert made.members("a") == ("a", "b") and made.label("a") == "vendor"
    assert made.taken({"a": 10}, "b") == 10
    assert made.given({"a": 10}, "b") == 0, "nobody knows that they share"
    assert made.given({"a": 10}, "a") == 10


def test_a_profile_in_no_group_may_share_with_any_group():
    made = groups(profile("a"), profile("b", "g", 1310), profile("c", "g", 1280), profile("d", "h"))
    assert made.members("a") == ("a", "b", "c", "d") and made.members("d") == ("a", "d")
    assert made.members("b") == ("a", "b", "c") and made.peers("b") == ("b", "c")
    assert {made.label(name) for name in "abcd"} == {"vendor"}
    assert made.taken({"a": 100}, "b") == 100, "at 1:1 at least"
    assert made.taken({"b": 100}, "a") == 131, "or at its cost"
    assert made.given({"a": 100}, "b") == 0 and made.given({"b": 128}, "c") == 131


def test_groups_that_were_all_declared_do_not_share():
    made = groups(profile("a", "g"), profile("b", "g"), profile("c", "h"))
    assert made.label("a") == "g" and made.label("c") is None
    assert made.taken({"a": 10}, "c") == 0


@pytest.mark.parametrize(
    ("cost", "other"), [(1000, 1000), (1310, 1280), (2000, 1000), (1, 1_000_000), (3000, 4000)]
)
@given(size=st.integers(0, 2**50))
def test_every_rounding_is_towards_less_capacity(cost, other, size):
    made = groups(profile("a", "g", cost), profile("b", "g", other))
    exact = Fraction(size * cost, other)
    assert 0 <= made.taken({"a": size}, "b") - exact < 1
    assert 0 <= exact - made.given({"a": size}, "b") < 1


# Answers


def test_the_first_answer_of_a_fresh_provider_is_taken():
    assert read(accounts(), 100, 0.0) == 100


def test_an_answer_from_before_a_creation_does_not_give_it_back():
    made = accounts(a=100)
    made.take("a", 40, 10.0)
    for at in (10.0, 12.0, 20.0, 39.0):
        assert read(made, 100, at) == 60


def test_an_answer_from_before_a_deletion_does_not_take_it_again():
    made = accounts(a=60)
    made.give("a", 40, 10.0)
    assert read(made, 60, 15.0) == 100


def test_an_answer_from_when_a_volume_was_there_that_was_never_counted_takes_nothing():
    made = accounts(a=100)
    made.pass_by("a", 40, 10.0)
    for at in (10.0, 20.0, 39.0):
        assert read(made, 60, at) == 100
    assert read(made, 60, 11.0 + LAG_SECONDS) == 60, "it is somebody else's by now"


def test_what_somebody_else_takes_is_gone_at_once():
    made = accounts(a=100)
    assert read(made, 30, 10.0) == 30


def test_what_somebody_else_gives_is_believed_once_it_is_confirmed():
    made = accounts(a=100)
    assert read(made, 200, 10.0) == 100
    assert made.next_due() == 10.0 + CONFIRM_SECONDS
    assert read(made, 150, 10.0 + CONFIRM_SECONDS) == 150, "the smaller of both answers"


def test_a_capacity_that_jumps_up_for_a_moment_makes_no_pool_larger():
    made = accounts(a=100)
    read(made, 10**12, 10.0)
    assert read(made, 100, 13.0) == 100
    assert read(made, 10**12, 20.0) == 100


def test_what_is_being_deleted_is_not_counted_twice():
    made = accounts(a=60)
    for at in (100.0, 104.0, 108.0):
        made.read("a", 100, at, at, making=NONE, deleting={"a": 40})
    assert made.available["a"] == 60
    made.give("a", 40, 109.0)
    assert made.available["a"] == 100


def test_what_is_being_made_may_be_missing_from_the_answer_already():
    made = accounts(a=100)
    made.read("a", 60, 100.0, 100.0, making={"a": 40}, deleting=NONE)
    assert made.available["a"] == 100


def test_after_a_restart_nothing_becomes_larger_before_the_lag_is_over():
    made = Accounts(groups(profile("a"), profile("b")), {"a": 60}, fresh=False)
    made.begin(1000.0)
    assert read(made, 100, 1001.0) == 60 and read(made, 100, 1005.0) == 60
    assert read(made, 100, 1001.0, "b") is None
    assert made.next_due() == 1000.0 + LAG_SECONDS
    assert read(made, 100, 1000.0 + LAG_SECONDS, "b") == 100
    read(made, 100, 1000.0 + LAG_SECONDS)
    assert read(made, 100, 1010.0 + LAG_SECONDS) == 100


def test_the_ratio_of_a_group_is_counted_exactly():
    made = accounts(profile("a", "g", 2000), profile("b", "g", 3000), a=90, b=60)
    made.take("a", 31, 1.0)
    assert made.available == {"a": 59, "b": 39}
    made.give("a", 31, 2.0)
    assert made.available == {"a": 90, "b": 59}


# A backend with devices, and a plugin that answers what was true a while ago

DEVICES = {"d1": 4000, "d2": 6000, "d3": 2000}


class Backend:
    """Volumes take bytes of one of their profile's devices, times the profile's cost."""

    def __init__(self, reach: dict[str, tuple[str, ...]], cost: dict[str, int], lag: float) -> None:
        self.reach, self.cost, self.lag = reach, cost, lag
        self.free = dict(DEVICES)
        self.volumes: dict[int, tuple[str, int, list[tuple[str, int]]]] = {}
        self.past: list[tuple[float, dict[str, int]]] = [(float("-inf"), dict(DEVICES))]
        self.exhausted = 0

    def create(self, number: int, name: str, size: int, now: float, first: int) -> bool:
        need, parts = size * self.cost[name], []
        devices = self.reach[name]
        for device in devices[first % len(devices) :] + devices[: first % len(devices)]:
            part = min(need, self.free[device])
            parts.append((device, part))
            need -= part
        if need:
            self.exhausted += 1
            return False
        for device, part in parts:
            self.free[device] -= part
        self.volumes[number] = (name, size, parts)
        self.past.append((now, dict(self.free)))
        return True

    def delete(self, number: int, now: float) -> tuple[str, int]:
        name, size, parts = self.volumes.pop(number)
        for device, part in parts:
            self.free[device] += part
        self.past.append((now, dict(self.free)))
        return name, size

    def capacity(self, name: str, now: float, draw) -> int:
        """What was true at some moment within the lag."""
        recent = [free for at, free in self.past if at > now - self.lag]
        before = [free for at, free in self.past if at <= now - self.lag][-1:]
        seen = draw(st.sampled_from(before + recent))
        return sum(seen[device] for device in self.reach[name]) // self.cost[name]


ALONE = dict.fromkeys("abc")
PAIRED = {"a": "g", "b": "g", "c": "h"}
LAYOUTS = [
    ({"a": ("d1", "d2", "d3")}, {"a": 1}, ALONE),
    ({"a": ("d1",), "b": ("d2",), "c": ("d3",)}, {"a": 1, "b": 1, "c": 1}, ALONE),
    ({"a": ("d1", "d2"), "b": ("d2", "d3"), "c": ("d3", "d1")}, {"a": 1, "b": 1, "c": 1}, ALONE),
    ({"a": ("d1", "d2"), "b": ("d2",), "c": ("d2", "d3")}, {"a": 2, "b": 3, "c": 1}, ALONE),
    ({"a": ("d1", "d2"), "b": ("d1", "d2"), "c": ("d3",)}, {"a": 1, "b": 2, "c": 1}, PAIRED),
]
"""Which devices profiles reach, what their bytes cost there, and in which group they are declared."""


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_lagging_plugin_never_makes_a_creation_fail_for_lack_of_room(data):
    """Creations are begun while the count, less what is under way, has room; the backend refuses none."""
    draw = data.draw
    reach, cost, declared = draw(st.sampled_from(LAYOUTS))
    backend = Backend(reach, cost, draw(st.floats(0, LAG_SECONDS)))
    made = accounts(*(profile(n, declared[n], cost[n] * 1000) for n in reach))
    for name in reach:
        read(made, backend.capacity(name, 0.0, draw), 0.0, name)
    now, number = 0.0, 0
    making: dict[int, tuple[str, int]] = {}
    deleting: dict[int, tuple[str, int, bool]] = {}
    for _ in range(draw(st.integers(5, 60))):
        now += draw(st.sampled_from([0.0, 0.1, 1.0, 5.0, 40.0]))
        step = draw(st.sampled_from(["begin", "begin", "made", "made", "delete", "deleted", "read", "read"]))
        name = draw(st.sampled_from(sorted(reach)))
        if step == "begin":
            room = made.room(name, _sizes(making.values()))
            if room > 0:
                number += 1
                making[number] = (name, draw(st.integers(1, room)))
        elif step == "made" and making:
            each = draw(st.sampled_from(sorted(making)))
            name, size = making[each]
            assert backend.create(each, name, size, now, draw(st.integers(0, 2)))
            del making[each]
            made.take(name, size, now)
        elif step == "delete" and (left := sorted(backend.volumes.keys() - deleting.keys())):
            each = draw(st.sampled_from(left))
            deleting[each] = (*backend.volumes[each][:2], draw(st.booleans()))
            if deleting[each][2]:  # done by the backend before its answer
                backend.delete(each, now)
        elif step == "deleted" and deleting:
            each = draw(st.sampled_from(sorted(deleting)))
            name, size, done = deleting.pop(each)
            if not done:
                backend.delete(each, now)
            made.give(name, size, now)
        elif step == "read":
            said = backend.capacity(name, now, draw)
            under_way = _sizes((n, s) for n, s, _ in deleting.values())
            made.read(name, said, now, now, making=_sizes(making.values()), deleting=under_way)
    assert backend.exhausted == 0


def _sizes(volumes) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, size in volumes:
        found[name] = found.get(name, 0) + size
    return found


def test_at_rest_the_count_becomes_what_the_plugin_says():
    made = accounts(a=10)
    made.take("a", 5, 0.0)
    for at in range(0, 60, 2):
        read(made, 70, float(at))
    assert made.available["a"] == 70


def test_a_profile_that_goes_has_no_count_and_comes_back_with_the_plugins():
    made = accounts(profile("a"), profile("b"), a=10, b=10)
    made.set_groups(groups(profile("a")), {"a": None})
    assert made.available == {"a": 10}
    made.set_groups(groups(profile("a"), replace(profile("b"), cost_milli=2000)), {"a": None, "b": None})
    assert read(made, 7, 1.0, "b") == 7


def test_a_volume_larger_than_the_count_gives_back_no_more_than_it_took_of_it():
    made = accounts(a=100)
    made.take("a", 150, 1.0)
    assert made.available["a"] == 0
    made.give("a", 150, 2.0)
    assert made.available["a"] == 100
    made.take("a", 130, 3.0)
    made.give("a", 20, 4.0)
    assert made.available["a"] == 0, "the rest of what it took beyond is still out"
    made.give("a", 110, 5.0)
    assert made.available["a"] == 100


def test_the_plugins_word_settles_what_was_taken_beyond_the_count():
    made = accounts(a=100)
    made.take("a", 150, 1.0)
    later = 2 * LAG_SECONDS
    read(made, 70, later)
    assert read(made, 70, later + CONFIRM_SECONDS) == 70
    made.give("a", 150, later + CONFIRM_SECONDS + 1.0)
    assert made.available["a"] == 220
