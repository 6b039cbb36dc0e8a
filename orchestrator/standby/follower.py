"""A standby's following: it asks the leader again and again, and keeps the replica as that says.

How old the replica is counts from when the question was sent whose answer it holds, by this host's own
clock: whatever the leader had told anybody before, is in it. So no two clocks are compared, and a leader
that falls silent lets the view grow old.

What one leader told is never put into what another did: a new leader's view takes the place of the old one
at the moment when all of it is here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from api.model.clock import Clock
from api.wire.errors import MalformedDocument
from api.wire.slices import Slices
from api.wire.v1 import master
from orchestrator.following.records import End, Head, Part, Record, read
from orchestrator.snapshots import StateSnapshots
from orchestrator.standby.replica import Replica
from orchestrator.standby.source import Source, SourceFailed

log = logging.getLogger(__name__)

ASK_SECONDS: Final = 0.1
"""From one question to the next, when the answer takes no longer."""

RETRY_SECONDS: Final = 0.25
"""After a question that was not answered."""

REPLICA_BYTES: Final = 2 * 2**30
"""Of entities as JSON, that a standby keeps. When there is more, it keeps none, tries again after
`TOO_MUCH_SECONDS`, and sends who reads to the leader."""

TOO_MUCH_SECONDS: Final = 300.0
"""After a leader showed more than may be kept here, until it is asked again."""

AGE_LIMIT_SECONDS: Final = 30.0
"""A view that is older is not shown: who reads is sent to the leader, or told that there is none."""


class TooMuch(Exception):
    """The leader shows more than `REPLICA_BYTES`."""


@dataclass(frozen=True, slots=True)
class Leader:
    """Who leads: epoch of the lease, and host:port of its HTTP API."""

    epoch: int
    address: str


class View:
    """A replica that is whole, and the answers that are made of it."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.snapshots = StateSnapshots(replica)

    async def settled(self) -> None:
        """Until nothing is being put into it: then no turn was given since."""
        while self.replica.is_partial:  # noqa: ASYNC110 - a few turns of the loop
            await asyncio.sleep(0)


class Follower:
    """Of whoever leads. `name`: what this orchestrator is called; `address`: of its own HTTP API."""

    def __init__(
        self, source: Source, clock: Clock, name: str, *, replica_bytes: int = REPLICA_BYTES
    ) -> None:
        self._source = source
        self._clock = clock
        self._name = name
        self._replica_bytes = replica_bytes
        self._asking: asyncio.Task[None] | None = None
        self._told: Head | None = None
        """Of the last answer that was taken whole."""
        self._is_answered = True
        self._moment = 0
        self.address = ""
        self.leader: Leader | None = None
        self.view: View | None = None
        self.answers = 0
        self.beginnings = 0

    def follow(self, leader: Leader) -> None:
        """This one leads from now on. The view of the one before is shown until there is one of this."""
        if leader == self.leader and self._asking is not None:
            return
        self._stop()
        self.leader = leader
        self._asking = asyncio.ensure_future(self._follow(leader))

    def leave(self, *, keep: bool = False) -> None:
        """Nobody is followed. `keep`: what was told goes on being shown, and grows old."""
        self._stop()
        self.leader = None
        if not keep:
            self.view = None

    async def close(self) -> None:
        asking = self._asking
        self.leave()
        if asking is not None:
            await asyncio.gather(asking, return_exceptions=True)
        await self._source.close()

    @property
    def age(self) -> float | None:
        """Of the view, in seconds; None: there is none."""
        return None if self.view is None else self.age_of(self.view.replica.until)

    def age_of(self, until: float) -> float:
        return max(0.0, self._clock.monotonic() - until)

    # Within.

    def _stop(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        self._asking, self._told = None, None

    async def _follow(self, leader: Leader) -> None:
        while True:
            began = self._clock.monotonic()
            pause = ASK_SECONDS
            try:
                await self._ask(leader)
                self._answered(leader)
            except TooMuch as error:
                log.warning("this standby keeps no view of %s: %s", leader.address, error)
                self.view, self._told, pause = None, None, TOO_MUCH_SECONDS
            except (SourceFailed, MalformedDocument) as error:
                self._not_answered(leader, error)
                pause = RETRY_SECONDS
            except Exception:  # whatever it is, the next answer may be another
                log.exception("what %s told cannot be taken: report this", leader.address)
                self._told, pause = None, RETRY_SECONDS
            took = self._clock.monotonic() - began
            await asyncio.sleep(max(0.0, pause - took))

    def _answered(self, leader: Leader) -> None:
        if not self._is_answered:
            log.info("%s answers again", leader.address)
        self._is_answered = True

    def _not_answered(self, leader: Leader, error: Exception) -> None:
        level = logging.WARNING if self._is_answered else logging.DEBUG
        log.log(level, "the leader does not tell this standby what there is: %s", error)
        self._is_answered = False
        if isinstance(error, MalformedDocument):
            self._told = None

    async def _ask(self, leader: Leader) -> None:
        """One question and its answer."""
        asked = self._clock.monotonic()
        wanted = master.CallFollow(standby=self._name, address=self.address)
        if self._told is not None:
            wanted.follower, wanted.number = self._told.follower, self._told.number
        async with aclosing(self._source.ask(leader.address, wanted)) as records:
            head = _checked(leader, await anext(records, None))
            if head.whole:
                self._told = None
                await self._begin(head, asked, records)
            else:
                await self._go_on(asked, records)
        self._told = head
        self.answers += 1

    async def _begin(self, head: Head, asked: float, records: AsyncIterator[bytes]) -> None:
        """All there is: a view of its own until it is whole."""
        self._moment += 1
        replica = Replica(head.epoch, self._moment)
        slices = Slices()
        end: End | None = None
        async for record in _read(records):
            end = record.end or end
            for _ in replica.put(_part(record)):
                if slices.is_over:
                    await slices.next()
            self._check_size(replica)
        replica.complete(asked, _ended(end).documents)
        self.view = View(replica)
        self.beginnings += 1
        log.info("what epoch %d shows is here: %d bytes", head.epoch, replica.bytes)

    async def _go_on(self, asked: float, records: AsyncIterator[bytes]) -> None:
        """What changed: put into the view when all of it is here."""
        assert self.view is not None
        replica = self.view.replica
        parts: list[Part] = []
        end: End | None = None
        async for record in _read(records):
            end = record.end or end
            parts += _part(record)
        await self._put(replica, parts, _ended(end), asked)
        self._check_size(replica)

    async def _put(self, replica: Replica, parts: list[Part], end: End, asked: float) -> None:
        slices = Slices()
        steps = replica.put(parts)
        try:
            for _ in steps:
                if slices.is_over:
                    await slices.next()
        finally:  # also when it is to stop: half of a moment would be no moment
            for _ in steps:
                pass
            replica.complete(asked, end.documents)
            self._moment = replica.moment

    def _check_size(self, replica: Replica) -> None:
        if replica.bytes > self._replica_bytes:
            raise TooMuch(f"it shows more than {self._replica_bytes} bytes")


async def _read(records: AsyncIterator[bytes]) -> AsyncIterator[Record]:
    async for record in records:
        yield read(record)


def _part(record: Record) -> list[Part]:
    """None of it when it says something that is not known here."""
    return [] if record.part is None else [record.part]


def _ended(end: End | None) -> End:
    """Raises SourceFailed: the answer broke off."""
    if end is None:
        raise SourceFailed("an answer without an end")
    return end


def _checked(leader: Leader, record: bytes | None) -> Head:
    """The head of an answer. Raises SourceFailed, MalformedDocument."""
    head = None if record is None else read(record).head
    if head is None:
        raise MalformedDocument("an answer without a head")
    if head.epoch != leader.epoch:
        raise SourceFailed(f"{leader.address} answers for epoch {head.epoch}, and {leader.epoch} leads")
    return head
