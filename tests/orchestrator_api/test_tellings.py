"""What frameworks ask to be told: bounded, in turns, and to who asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import cast

import pytest

from api.wire import slices
from orchestrator import tellings
from orchestrator.journal import Journal
from orchestrator.sessions import FrameworkSessions
from orchestrator.tellings import Tellings


class Durable:
    """A journal with nothing that is not written."""

    async def barrier(self) -> None:
        return


class Reader:
    """A framework that reads when it is let."""

    def __init__(self) -> None:
        self.reads = asyncio.Event()

    def send(self, message: object) -> None: ...

    def close(self, reason: str) -> None: ...

    async def caught_up(self) -> None:
        await self.reads.wait()


async def settled() -> None:
    for _ in range(100):
        await asyncio.sleep(0)


def counted(told: list[int], count: int) -> Iterator[None]:
    for number in range(count):
        told.append(number)
        yield


@pytest.fixture
def sessions() -> FrameworkSessions:
    return FrameworkSessions()


@pytest.fixture
def room(sessions: FrameworkSessions, monkeypatch: pytest.MonkeyPatch) -> Tellings:
    monkeypatch.setattr(slices.Slices, "is_over", property(lambda self: True))  # a turn for each step
    return Tellings(sessions, cast(Journal, Durable()))


async def test_what_goes_on_behind_answers_is_bounded(room: Tellings, sessions: FrameworkSessions) -> None:
    reader, told = Reader(), [list[int]() for _ in range(tellings.BEHIND_LIMIT + 1)]
    sessions.open("framework", reader)
    async with asyncio.timeout(30):
        for each in told:
            await room.tell("framework", reader, counted(each, 5))
    assert [len(each) for each in told] == [1] * tellings.BEHIND_LIMIT + [5]  # the last one waits for nobody
    reader.reads.set()
    await settled()
    assert told == [[0, 1, 2, 3, 4]] * len(told)
    reader.reads.clear()
    await room.tell("framework", reader, counted(told[0], 5))
    assert told[0][5:] == [0]  # there is room again


async def test_who_has_subscribed_since_is_told_nothing_that_it_did_not_ask_for(
    room: Tellings, sessions: FrameworkSessions
) -> None:
    reader, told = Reader(), list[int]()
    sessions.open("framework", reader)
    await room.tell("framework", reader, counted(told, 5))
    sessions.open("framework", Reader())
    reader.reads.set()
    await settled()
    assert told == [0]
