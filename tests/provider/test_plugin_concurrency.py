"""How many calls a plugin gets at once: learned, bounded, fair, and in order."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.model.clock import SystemClock
from provider.plugins.concurrency import SEVERAL, STALL_SECONDS, Concurrency, Place
from provider.plugins.slots import CallSlots

CODES = ["OK", "OK", "OK", "ABORTED", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL"]


def end_with(limit: Concurrency, subject: str, code: str, seconds: float = 0.01, now: float = 0.0) -> None:
    place = limit.begin(subject, "CreateVolume", now)
    limit.end(place, code, now + seconds)


@given(
    maximum=st.integers(1, 64),
    acts=st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(CODES), st.floats(0, 30), st.booleans()), max_size=200
    ),
)
def test_whatever_is_answered_the_limit_stays_between_one_and_its_maximum(maximum, acts):
    limit, now, open_places = Concurrency(maximum), 0.0, []
    for subject, code, seconds, ends in acts:
        now += seconds
        name = f"volume-{subject}"
        if ends and open_places:
            limit.end(open_places.pop(0), code, now)
        elif limit.has_room(now, suspect=limit.is_suspect(name, "NodeStageVolume")):
            open_places.append(limit.begin(name, "NodeStageVolume", now))
        assert 1 <= limit.limit <= maximum
        assert limit.in_flight == len(open_places) <= maximum
    for place in open_places:
        limit.abandon(place)
    assert limit.in_flight == 0 and limit.has_room(now + 1, suspect=False)


@given(st.lists(st.sampled_from(["RESOURCE_EXHAUSTED", "UNAVAILABLE"]), min_size=1, max_size=50))
def test_what_says_that_there_were_too_many_never_raises_the_limit(codes):
    limit = Concurrency(64)
    for code in codes:
        before = limit.limit
        end_with(limit, "volume", code)
        assert limit.limit <= before
    assert limit.limit < 64


@given(st.integers(1, 64))
def test_success_under_load_raises_the_limit_to_its_maximum_again(maximum):
    limit = Concurrency(maximum)
    for _ in range(10):
        end_with(limit, "volume", "RESOURCE_EXHAUSTED")
    assert limit.limit == 1
    for turn in range(maximum * maximum):
        places = []
        while limit.has_room(turn, suspect=False):
            places.append(limit.begin("volume", "NodeStageVolume", turn))
        for place in places:
            limit.end(place, "OK", turn + 0.01)
    assert limit.limit == maximum


def test_calls_that_were_let_in_together_lower_it_once():
    limit = Concurrency(64)
    places = [limit.begin(f"volume-{n}", "NodeStageVolume", 0.0) for n in range(64)]
    for place in places:
        limit.end(place, "RESOURCE_EXHAUSTED", 1.0)
    assert limit.limit == 32


@pytest.mark.parametrize("code", ["ABORTED", "DEADLINE_EXCEEDED"])
def test_trouble_of_one_volume_is_its_own_and_of_several_the_plugins(code):
    limit = Concurrency(64)
    for _ in range(20):
        end_with(limit, "the same", code)
    assert limit.limit == 64
    for number in range(SEVERAL):
        end_with(limit, f"volume-{number}", code)
    assert limit.limit == 32


def test_answers_that_become_slow_lower_it_and_a_plugin_that_always_was_slow_is_left_alone():
    steady = Concurrency(64)
    for _ in range(100):
        end_with(steady, "volume", "OK", seconds=20.0)
    assert steady.limit == 64
    limit = Concurrency(64)
    for _ in range(20):
        end_with(limit, "volume", "OK", seconds=0.05)
    for _ in range(10):
        end_with(limit, "volume", "OK", seconds=5.0)
    assert limit.limit < 64


def test_a_call_that_stalls_leaves_its_place_to_others_but_counts_against_the_maximum():
    limit = Concurrency(2)
    end_with(limit, "volume", "RESOURCE_EXHAUSTED")
    assert limit.limit == 1
    stalled = limit.begin("stuck", "NodeStageVolume", 0.0)
    assert not limit.has_room(1.0, suspect=False) and limit.next_room() == STALL_SECONDS
    assert limit.has_room(STALL_SECONDS, suspect=False)
    limit.begin("other", "NodeStageVolume", STALL_SECONDS)
    assert not limit.has_room(10 * STALL_SECONDS, suspect=False), "the maximum is never exceeded"
    limit.end(stalled, "OK", 100.0)


def test_volumes_that_hang_again_and_again_leave_half_of_the_places_to_others():
    limit = Concurrency(64)
    hung = [limit.begin(f"hung-{n}", "NodeStageVolume", 0.0) for n in range(64)]
    assert not limit.has_room(59.0, suspect=False), "as many as may be under way at all"
    for place in hung:
        limit.end(place, "DEADLINE_EXCEEDED", 60.0)
    again = 0
    while limit.has_room(60.0, suspect=True):
        limit.begin(f"hung-{again}", "NodeStageVolume", 60.0)
        again += 1
    assert again == limit.limit // 2 == 16
    assert limit.has_room(60.0, suspect=False)


async def take(slots: CallSlots, subject: str) -> Place:
    """The place that a call on `subject` begins in."""
    places: list[Place] = []

    def begin(place: Place) -> bool:
        places.append(place)
        return True

    await slots.take(subject, "CreateVolume", begin)
    return places[0]


async def test_calls_beyond_the_limit_wait_in_order():
    slots = CallSlots(2, SystemClock())
    began = []

    async def work(number: int) -> None:
        place = await take(slots, f"volume-{number}")
        began.append(number)
        await asyncio.sleep(0)
        slots.give(place, "OK")

    await asyncio.gather(*(work(number) for number in range(10)))
    assert began == list(range(10))
    assert slots.in_flight == 0 and slots.waiting == 0


async def test_the_next_call_begins_while_the_one_before_gives_its_place_back():
    slots = CallSlots(1, SystemClock())
    first = await take(slots, "a")
    began: list[Place] = []
    waits = asyncio.create_task(slots.take("b", "CreateVolume", lambda place: began.append(place) is None))
    await asyncio.sleep(0)
    assert not began
    slots.give(first, "OK")
    assert len(began) == 1 and slots.in_flight == 1, "nobody had to be woken for it"
    await waits


async def test_a_call_that_is_not_made_after_all_leaves_its_place_to_the_next():
    slots = CallSlots(1, SystemClock())
    first = await take(slots, "a")
    made: list[str] = []

    def begins(name: str, does: bool):
        return lambda place: (made.append(name) is None) and does

    waits = [
        asyncio.create_task(slots.take(name, "CreateVolume", begins(name, does)))
        for name, does in (("b", False), ("c", False), ("d", True))
    ]
    await asyncio.sleep(0)
    slots.give(first, "OK")
    assert made == ["b", "c", "d"] and slots.in_flight == 1
    await asyncio.wait_for(asyncio.gather(*waits), 5)
    assert slots.waiting == 0


async def test_a_wait_that_is_cancelled_leaves_nothing_behind():
    slots = CallSlots(1, SystemClock())
    first = await take(slots, "a")
    waiting = [asyncio.create_task(take(slots, name)) for name in "bc"]
    await asyncio.sleep(0)
    waiting[0].cancel()
    slots.give(first, "OK")
    place = await asyncio.wait_for(waiting[1], 5)
    assert slots.in_flight == 1
    slots.give_up(place)
    await asyncio.wait_for(slots.idle(), 5)
    assert slots.in_flight == 0 and slots.waiting == 0


async def test_who_waits_is_let_in_when_a_call_has_taken_very_long():
    clock = SystemClock()
    slots = CallSlots(2, clock)
    slots.give(await take(slots, "a"), "RESOURCE_EXHAUSTED")
    stuck = await take(slots, "stuck")
    stuck.began -= STALL_SECONDS - 0.05
    await asyncio.wait_for(take(slots, "other"), 1)
    assert slots.limit == 1 and slots.in_flight == 2


def test_a_kind_of_call_that_hangs_for_several_volumes_leaves_the_ordinary_places_to_others():
    limit = Concurrency(8)
    for name in ("one", "two"):
        place = limit.begin(name, "NodeStageVolume", 0.0)
        limit.end(place, "DEADLINE_EXCEEDED", 60.0)
    assert limit.is_suspect("three", "NodeStageVolume") and not limit.is_suspect("three", "CreateVolume")
    before = limit.limit
    for number in range(10):
        place = limit.begin(f"more-{number}", "NodeStageVolume", 60.0)
        limit.end(place, "DEADLINE_EXCEEDED", 120.0)
    assert limit.limit == before, "that suspects hang is no news"
    place = limit.begin("four", "NodeStageVolume", 120.0)
    limit.end(place, "OK", 121.0)
    assert not limit.is_suspect("three", "NodeStageVolume")
