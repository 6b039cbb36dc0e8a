"""Who follows, what each was told, and the records of its next answer.

A follower asks again and again; each answer is what changed since the one before, up to one moment after the
question. So who asks seldom is told less, and nothing queues up for it. The first answer begins with all
there is, entity by entity while others have their turn and kept nowhere, and ends with what changed
meanwhile: what the follower has then is what there was at the moment of the end, and never a mixture.

Only what is durable is told with an end. It changes nothing of what is known. No sockets here: `answer` has
them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec import UNSET, Raw

from api.model.ids import IdSource
from api.wire.content import JSON
from api.wire.slices import Slices
from api.wire.v1 import master
from orchestrator.buckets import Buckets
from orchestrator.following.changes import Changes, Cut
from orchestrator.following.documents import Documents
from orchestrator.following.records import Document, End, Head, end_record, head_record, part_record
from orchestrator.journal import Journal
from orchestrator.streams import TooManySubscribers

FOLLOWERS_LIMIT: Final = 16
"""Followers at once; a further one is answered 503, and tries again."""

FORGOTTEN_SECONDS: Final = 15.0
"""A follower that has not asked for so long is forgotten: it begins anew when it comes back."""

CHANGES_LIMIT: Final = 500_000
"""Keys that wait to be told to one follower; beyond it the follower is forgotten, and begins anew."""

LOOK_SECONDS: Final = 1.0
"""How often that is looked at."""

SLICE_SECONDS: Final = 0.005
"""Of the event loop for one follower, then others have their turn: with shorter ones an answer would wait for
many turns of others under load, and standbys be older."""

SHARE: Final = 0.5
"""Of the time that others took of the loop since a follower's last slice, it has for the next one, if that is
longer: what changes is encoded faster than it changes, also when others leave long between two slices. All
followers have that together."""

LONGEST_SLICE_SECONDS: Final = 0.05
"""And no slice is longer."""

PART_ENTITIES: Final = 256
"""Entities in one record."""

PART_BYTES: Final = 256 * 1024
"""A record that has reached it is ended; the last entity of one may go beyond it."""


@dataclass(slots=True)
class Follower:
    """`name`: ours for it; `standby`, `address`: its own. `number`: of the last answer. `told`: what that one
    said of each kind, until it is known to have arrived. `documents`: as they were told last."""

    name: str
    asked: float
    standby: str = ""
    address: str = ""
    number: int = 0
    is_busy: bool = False
    changes: dict[str, Changes[Any]] = field(default_factory=dict)
    told: dict[str, Cut[Any]] = field(default_factory=dict)
    documents: dict[master.CallType, bytes] = field(default_factory=dict)
    told_documents: dict[master.CallType, bytes] = field(default_factory=dict)

    def close(self) -> None:
        for changes in self.changes.values():
            changes.close()
        self.changes.clear()

    @property
    def waiting(self) -> int:
        return sum(map(len, self.changes.values()))


@dataclass(slots=True)
class Effort:
    """What followers have cost since the start. beginnings: answers that told everything. seconds: of the
    event loop, spent on encoding."""

    answers: int = 0
    beginnings: int = 0
    bytes: int = 0
    seconds: float = 0.0


class Followers:
    """All of them, of one leader."""

    def __init__(
        self,
        kinds: Mapping[str, Buckets[Any, Any]],
        documents: Documents,
        journal: Journal,
        ids: IdSource,
        epoch: int,
        clock: Callable[[], float],
        is_closing: Callable[[], bool] = lambda: False,
    ) -> None:
        """`clock`: seconds, steady. `is_closing`: whether nobody is told any more."""
        self._is_closing = is_closing
        self._kinds = kinds
        self._documents = documents
        self._journal = journal
        self._ids = ids
        self._epoch = epoch
        self._clock = clock
        self._known: dict[str, Follower] = {}
        self._looking: asyncio.TimerHandle | None = None
        self.effort = Effort()

    def __len__(self) -> int:
        return len(self._known)

    def records(self, wanted: master.CallFollow) -> AsyncGenerator[bytes, None]:
        """The records of an answer, framed; to be read to the end, or closed. Raises TooManySubscribers.

        Reading them raises StoreFailed.
        """
        follower = self._found(wanted)
        if follower is not None:
            return self._next(follower)
        if len(self._known) >= FOLLOWERS_LIMIT:
            raise TooManySubscribers(f"{len(self._known)} standbys follow: try again later")
        return self._whole(self._admitted(wanted))

    def standbys(self) -> list[master.Standby]:
        """Who follows, as they name themselves."""
        return [
            master.Standby(name=each.standby, address=each.address)
            for each in self._known.values()
            if each.standby
        ]

    # Who asks.

    def _admitted(self, wanted: master.CallFollow) -> Follower:
        follower = Follower(
            str(self._ids.uuid()), self._clock(), wanted.standby or "", wanted.address or "", is_busy=True
        )
        self._known[follower.name] = follower
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
        return follower

    def _found(self, wanted: master.CallFollow) -> Follower | None:
        """Who can be told what changed; None: it is to begin anew."""
        if wanted.follower is UNSET:
            return None
        follower = self._known.get(wanted.follower)
        if follower is None:
            return None
        if follower.is_busy or wanted.number not in (follower.number, follower.number - 1):
            self._forget(follower)
            return None
        if wanted.number == follower.number:
            follower.told = {}
            follower.documents |= follower.told_documents
        else:
            for kind, cut in follower.told.items():
                follower.changes[kind].give_back(cut)
            follower.told, follower.number = {}, follower.number - 1
        follower.told_documents = {}
        return follower

    def _forget(self, follower: Follower) -> None:
        follower.close()
        self._known.pop(follower.name, None)

    def _look(self) -> None:
        """Forget those that do not ask any more, or that too much waits for; all when this leader stops."""
        self._looking = None
        now = self._clock()
        for follower in tuple(self._known.values()):
            is_away = not follower.is_busy and now - follower.asked > FORGOTTEN_SECONDS
            if is_away or follower.waiting > CHANGES_LIMIT or self._is_closing():
                self._forget(follower)
        if self._known:
            self._looking = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    # What it is told.

    async def _whole(self, follower: Follower) -> AsyncGenerator[bytes, None]:
        """All there is, then what changed while that was told."""
        follower.changes = {name: Changes(buckets) for name, buckets in self._kinds.items()}
        there = {name: buckets.keys() for name, buckets in self._kinds.items()}
        try:
            yield self._head(follower, whole=True)
            self._check(follower)
            for name, keys in there.items():
                async for record in self._walk(follower, name, keys):
                    yield record
            async for record in self._changed(follower, follower.asked):
                yield record
        except BaseException:
            self._forget(follower)
            raise
        follower.is_busy = False
        self.effort.beginnings += 1

    async def _next(self, follower: Follower) -> AsyncGenerator[bytes, None]:
        """What changed since the last answer."""
        follower.is_busy = True
        follower.number += 1
        follower.asked = self._clock()
        try:
            yield self._head(follower, whole=False)
            async for record in self._changed(follower, follower.asked):
                yield record
        finally:
            follower.is_busy = False

    def _head(self, follower: Follower, *, whole: bool) -> bytes:
        return head_record(Head(self._epoch, follower.name, follower.number, whole))

    async def _walk(self, follower: Follower, name: str, keys: Sequence[Any]) -> AsyncGenerator[bytes, None]:
        """Entities that were there at the beginning, in the order in which they came.

        What went since is told at the end, and where it came anew as well.
        """
        buckets, changes = self._kinds[name], follower.changes[name]
        slices = self._slices()
        began = self._clock()
        taken: list[Any] = []
        entities: list[bytes] = []
        size = 0
        for key in keys:
            if changes.is_told_anew(key):
                continue
            entities.append(buckets.passing(key, JSON))
            taken.append(key)
            size += len(entities[-1])
            if slices.is_over:
                self._spent(began)
                await slices.next()
                self._check(follower)
                began = self._clock()
            if len(taken) >= PART_ENTITIES or size >= PART_BYTES:
                yield self._counted(part_record(name, (), taken, entities))
                self._check(follower)
                taken, entities, size = [], [], 0
                began = self._clock()
        if taken:
            yield self._counted(part_record(name, (), taken, entities))
        self._spent(began)

    async def _changed(self, follower: Follower, asked: float) -> AsyncGenerator[bytes, None]:
        """What changed up to one moment, once it is durable."""
        await self._documents.refresh()
        self._check(follower)
        await self._encode(follower)
        follower.told = {name: changes.cut() for name, changes in follower.changes.items()}
        documents = self._told_documents(follower, asked)
        await self._journal.barrier()
        for name, cut in follower.told.items():
            for record in _parts(name, cut):
                yield self._counted(record)
        yield self._counted(end_record(End(documents)))
        self.effort.answers += 1

    async def _encode(self, follower: Follower) -> None:
        """Until nothing is left: then no turn was given since the last step."""
        slices = self._slices()
        began = self._clock()
        for _ in _steps(follower):
            if slices.is_over:
                self._spent(began)
                await slices.next()
                self._check(follower)
                began = self._clock()
        self._spent(began)

    def _slices(self) -> Slices:
        busy = sum(each.is_busy for each in self._known.values())
        return Slices(SLICE_SECONDS, SHARE / max(busy, 1), LONGEST_SLICE_SECONDS)

    def _told_documents(self, follower: Follower, asked: float) -> dict[str, Document]:
        told: dict[str, Document] = {}
        for call, made in self._documents.made.items():
            age = max(0.0, asked - made.began)
            if follower.documents.get(call) is made.body:
                told[str(call)] = Document(age)
            else:
                told[str(call)] = Document(age, [Raw(made.body)])
                follower.told_documents[call] = made.body
        return told

    def _check(self, follower: Follower) -> None:
        """Raises ConnectionResetError: it was forgotten meanwhile, and has to begin anew."""
        if follower.name not in self._known or self._is_closing():
            raise ConnectionResetError("a follower was forgotten while it was told")

    def _counted(self, record: bytes) -> bytes:
        self.effort.bytes += len(record)
        return record

    def _spent(self, began: float) -> None:
        self.effort.seconds += self._clock() - began


def _steps(follower: Follower) -> Iterator[None]:
    while any(not changes.is_made for changes in follower.changes.values()):
        for changes in follower.changes.values():
            yield from changes.steps()


def _parts(name: str, cut: Cut[Any]) -> Iterator[bytes]:
    removed, keys = list(cut.removed), list(cut.put)
    at = 0
    while removed or at < len(keys):
        taken: list[Any] = []
        entities: list[bytes] = []
        size = 0
        while at < len(keys) and len(taken) < PART_ENTITIES and size < PART_BYTES:
            entity = cut.put[keys[at]]
            assert entity is not None
            entities.append(entity)
            taken.append(keys[at])
            size += len(entity)
            at += 1
        yield part_record(name, removed, taken, entities)
        removed = []
