"""What answers about state are made of: buckets, snapshots that several share, filters, gzip."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from api.model.resource import Resource
from api.model.resource_sum import ResourceSum
from api.model.resources import Resources
from api.model.values import Ranges, Scalar
from api.wire.content import JSON, MEDIA_TYPES, MediaType, decode, encode
from api.wire.fragments import empty
from api.wire.recordio import encode_record
from api.wire.v1 import master, mesos
from orchestrator import compression
from orchestrator.assembly import Body, Repeated, extended
from orchestrator.buckets import BUCKET_ENTITIES, Buckets
from orchestrator.compression import Compression, gzip_accepted
from orchestrator.fan_out import Event, FanOut
from orchestrator.snapshots import StateSnapshots, in_slices
from orchestrator.streams import Batch, CutOff, Streams
from orchestrator.subjects import Subjects

T = master.CallType
Names = dict[int, str]


def volume(name: str, media_type: MediaType) -> bytes:
    return encode(mesos.AgentInfo(hostname=name), media_type)


def shown(buckets: Buckets[int, str], media_type: MediaType) -> list[str]:
    for _ in buckets.steps(media_type):
        pass
    message = master.ResponseGetAgents
    field = [Repeated(buckets.field, buckets.pieces(media_type))]
    body = b"".join(extended(empty(media_type), message, field, media_type))
    return [each.hostname for each in decode(message, body, media_type).recovered_agents]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_buckets_show_what_was_put_in_the_order_in_which_it_came(media_type: MediaType, seed: int) -> None:
    random = Random(seed)
    buckets: Buckets[int, str] = Buckets(master.ResponseGetAgents, "recovered_agents", volume)
    there: Names = {}
    for turn in range(6):
        for number in range(1_500):
            key = random.randrange(2_000)
            if random.random() < (0.8 if turn % 2 else 0.3):
                there.pop(key, None)
                buckets.remove(key)
            else:
                there[key] = f"{key}-{turn}-{number}"
                buckets.put(key, there[key])
        assert shown(buckets, media_type) == list(there.values())
        assert len(buckets) == len(there)
    assert len(buckets._buckets) <= 2 + 8 * len(there) // BUCKET_ENTITIES, "sparse ones are thrown together"


def test_only_what_changed_is_encoded_again() -> None:
    encoded: list[str] = []

    def noted(name: str, media_type: MediaType) -> bytes:
        encoded.append(name)
        return volume(name, media_type)

    buckets: Buckets[int, str] = Buckets(master.ResponseGetAgents, "recovered_agents", noted)
    for key in range(1_000):
        buckets.put(key, f"{key}")
    shown(buckets, JSON)
    encoded.clear()
    shown(buckets, JSON)
    assert encoded == []
    buckets.put(7, "seven")
    buckets.touch(800)
    shown(buckets, JSON)
    assert encoded == ["seven", "800"]


class View:
    """A view with one number to show, and steps to show it in."""

    def __init__(self) -> None:
        self.moment = 0
        self.made = 0
        self.after_body: list[asyncio.Handle] = []

    def steps(self, call: T, media_type: MediaType) -> Iterator[None]:
        self.made += 1
        for _ in range(3):
            yield

    def body(self, call: T, media_type: MediaType) -> list[bytes]:
        return [b"%d" % self.moment]


async def test_who_asks_while_an_answer_is_made_gets_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.snapshots.SLICE_SECONDS", 0.0)
    view = View()
    snapshots = StateSnapshots(view)  # type: ignore[arg-type]
    first = asyncio.ensure_future(snapshots.take(T.GET_STATE, JSON))
    await asyncio.sleep(0)
    view.moment = 1
    second = asyncio.ensure_future(snapshots.take(T.GET_STATE, JSON))
    assert [(await each).moment for each in (first, second)] == [1, 1]
    assert view.made == 1


async def test_what_takes_no_longer_than_a_slice_is_answered_in_the_turn_in_which_it_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("orchestrator.snapshots.SLICE_SECONDS", 60.0)
    asking = StateSnapshots(View()).take(T.GET_STATE, JSON)  # type: ignore[arg-type]
    with pytest.raises(StopIteration) as answered:
        asking.send(None)
    assert answered.value.value.body == [b"0"]


async def test_an_answer_is_made_though_changes_come_faster_than_they_are_encoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("orchestrator.snapshots.IN_SLICES_SECONDS", 0.05)
    to_do, turns = 1_000, 0

    def more() -> None:
        nonlocal to_do, turns
        to_do += 100  # in each turn, and a slice is enough for less
        turns += 1
        handles.append(loop.call_soon(more))

    def steps() -> Iterator[None]:
        nonlocal to_do
        while to_do > 0:
            to_do -= 1
            until = loop.time() + 0.0001
            while loop.time() < until:
                pass
            yield

    loop = asyncio.get_running_loop()
    handles = [loop.call_soon(more)]
    async with asyncio.timeout(20):
        await in_slices(steps())
    handles[-1].cancel()
    assert to_do == 0
    assert turns > 30, "others had their turn until the end"


async def test_who_asks_after_a_change_is_never_shown_what_was_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("orchestrator.snapshots.SLICE_SECONDS", 0.0)
    view = View()
    snapshots = StateSnapshots(view)  # type: ignore[arg-type]
    late = []

    def ask_at_once() -> None:
        """In the turn in which the first answer is complete, and nobody has been told so."""
        view.moment = 1
        asking = snapshots.take(T.GET_STATE, JSON)
        asking.send(None)
        late.append(asking)

    body = view.body

    def body_then_ask(call: T, media_type: MediaType) -> list[bytes]:
        asyncio.get_running_loop().call_soon(ask_at_once)
        return body(call, media_type)

    view.body = body_then_ask  # type: ignore[method-assign]
    assert (await snapshots.take(T.GET_STATE, JSON)).moment == 0
    assert late
    assert view.made == 2, "the second was not answered with the first one's"
    for asking in late:
        asking.close()


async def test_gzip_is_made_once_while_nothing_changes() -> None:
    body = Body.of([b"%d," % number for number in range(10_000)])
    with ThreadPoolExecutor(1) as threads:
        made = Compression(threads)
        one, other = await asyncio.gather(made.of(body, ("state", 1)), made.of(body, ("state", 1)))
        assert one is not None
        assert one is other
        assert await made.of(body, ("state", 1)) is one
        assert await made.of(body, ("state", 2)) is not one
        assert gzip.decompress(one.whole()) == body.whole()
        assert one.length == len(one.whole()) < body.length // 2


async def test_what_is_short_or_too_much_at_once_is_not_compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    long = Body.of([b"x" * 10_000])
    with ThreadPoolExecutor(1) as threads:
        made = Compression(threads)
        assert await made.of(Body.of([b"short"]), ("state", 1)) is None
        monkeypatch.setattr(compression, "COMPRESSIONS_LIMIT", 1)
        done = await asyncio.gather(made.of(long, ("state", 1)), made.of(long, ("tasks", 1)))
        assert [each is None for each in done] == [False, True]


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, False),
        ("", False),
        ("identity", False),
        ("gzip", True),
        ("GZIP", True),
        ("deflate, gzip;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip;q=no", False),
        ("*", True),
        ("*;q=0", False),
        ("br, x-gzip", True),
    ],
)
def test_gzip_is_sent_to_who_asks_for_it(header: str | None, wanted: bool) -> None:
    assert gzip_accepted(header) is wanted


@pytest.mark.parametrize("seed", range(5))
def test_a_sum_is_what_was_added_and_not_taken(seed: int) -> None:
    random = Random(seed)
    held: list[Resources] = []
    total = ResourceSum()
    for _ in range(200):
        if held and random.random() < 0.4:
            total.take(held.pop(random.randrange(len(held))))
        else:
            start = random.randrange(10)
            ports = Resource("ports", Ranges(((start, start + random.randrange(5)),)))
            held.append(Resources([Resource("cpus", Scalar(random.randrange(3) * 100)), ports]))
            total.add(held[-1])
        assert total.total() == Resources.total(held)


def test_bodies_are_the_same_in_one_piece_and_in_chunks() -> None:
    chunks = [b"x" * size for size in (1, 20_000, 5, 16_000, 900, 0, 70_000)]
    body = Body.of(chunks)
    assert body.whole() == b"".join(chunks)
    assert body.length == len(body.whole())
    assert len(body.chunks) < len(chunks)


async def test_who_waits_for_a_snapshot_while_too_much_happens_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("orchestrator.fan_out.KEPT_LIMIT", 3)
    opened, fan_out = Streams(), FanOut()
    waits, follows = (opened.open(b"{}", 15.0) for _ in range(2))
    for stream in (waits, follows):
        fan_out.add(stream)
    fan_out.show(follows, 0)
    for moment in range(1, 5):
        assert not waits.is_over
        await fan_out.deliver([Event(moment, Subjects(), {JSON: encode_record(b"{}")})])
    assert waits.is_over
    assert opened.cut_off[CutOff.OVERRUN] == 1
    assert not follows.is_over
    assert follows.waiting_bytes == 4 * len(Batch([encode_record(b"{}")]).chunks)
