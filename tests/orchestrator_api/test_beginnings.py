"""Snapshots that nobody reads: memory is bounded, and who reads is not disturbed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

import pytest

from orchestrator import beginnings, streams
from orchestrator.beginnings import Beginning, Unread, too_many
from orchestrator.streams import CutOff, RecordStream, Streams
from tests.orchestrator_api.cluster import until
from tests.orchestrator_api.test_events import serving

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LONG = 16 * 2**20
"""More than sockets hold."""


def snapshot() -> list[bytes]:
    return [bytes(2**20) for _ in range(LONG // 2**20)]


def test_what_is_shared_counts_once_and_the_latest_stays_whatever_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(beginnings, "UNREAD_LIMIT_BYTES", 10)
    one, two, three = bytes(6), b"x" * 4, b"y" * 11
    assert list(too_many([[one, two]] * 3)) == []
    assert list(too_many([[one], [one, two], [b"z" * 4]])) == [1]
    assert list(too_many([[two], [three]])) == [0]
    assert list(too_many([])) == []


def test_what_nobody_waits_for_any_more_is_not_counted() -> None:
    unread = Unread()
    one, two = Beginning(unread), Beginning(unread)
    shared, own = bytes(100), b"x" * 10
    one.extend([shared, own, shared])
    two.extend([shared])
    assert unread.size == 110
    assert one.popleft() is shared
    two.clear()
    assert (unread.size, list(one)) == (110, [own, shared])
    one.clear()
    assert unread.size == 0


async def test_who_begins_with_what_others_have_is_not_compared_with_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened, looked = Streams(), list[int]()

    def none_of(unread: Sequence[object]) -> list[int]:
        looked.append(len(unread))
        return []

    monkeypatch.setattr(streams, "too_many", none_of)
    shared = snapshot()
    begun = [opened.open(b"{}", 15.0) for _ in range(100)]
    for stream in begun:  # together as long as a hundred of it, and kept once
        stream.begin(shared, LONG)
        opened.bound_beginnings()
    assert looked == []
    monkeypatch.setattr(beginnings, "UNREAD_LIMIT_BYTES", LONG - 1)
    opened.bound_beginnings()
    assert looked == [100]
    for stream in begun:
        opened.forget(stream)
    opened.bound_beginnings()
    assert looked == [100]


async def opened_by(port: int, made: list[RecordStream], stack: AsyncExitStack) -> RecordStream:
    """A stream whose client reads nothing."""
    before = len(made)
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    stack.callback(writer.close)
    writer.write(REQUEST)
    await until(lambda: len(made) > before)
    return made[-1]


async def test_of_many_who_read_nothing_those_are_cut_off_that_began_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(beginnings, "UNREAD_LIMIT_BYTES", 2 * LONG)
    opened = Streams()
    async with serving(opened) as (port, made), AsyncExitStack() as stack:
        for _ in range(5):
            stream = await opened_by(port, made, stack)
            stream.begin(snapshot(), LONG)
            opened.bound_beginnings()
            stream.push(b"1\n.")  # as HEARTBEAT follows: from here on it is written
        await until(lambda: len(opened) <= 2)
        assert [each.is_over for each in made] == [True, True, True, False, False]
        assert opened.cut_off[CutOff.SLOW] == 3


async def test_a_snapshot_that_is_read_in_drops_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STALLED_SECONDS", 0.0)
    monkeypatch.setattr(streams, "patience", lambda length: length / 2**26)
    opened = Streams()
    async with serving(opened) as (port, made), AsyncExitStack() as stack:
        stream = await opened_by(port, made, stack)
        monkeypatch.setattr(stream, "_is_stalled", lambda now: False)  # it takes a byte now and then
        stream.begin(snapshot(), LONG)
        stream.push(b"1\n.")
        await until(lambda: stream.is_over)
        assert opened.cut_off[CutOff.SLOW] == 1
        assert not stream.unread_beginning
