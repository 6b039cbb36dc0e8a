"""A leader without sockets: kinds that anything may be put into, who follows them, and a replica of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from random import Random

from api.model.ids import SeededIds
from api.wire.content import JSON, PROTOBUF, MediaType, decode, encode
from api.wire.message import Message
from api.wire.recordio import RecordDecoder
from api.wire.v1 import master, mesos
from orchestrator.buckets import Buckets
from orchestrator.following.documents import Made
from orchestrator.following.followers import Followers
from orchestrator.following.records import Head, Part, read
from orchestrator.shown_answers import KINDS, ShownAnswers
from orchestrator.standby.replica import Replica
from orchestrator.standby.source import SourceFailed

T = master.CallType
Key = tuple[str, int]
Bodies = tuple[bytes, ...]
CALLS: Mapping[T, type[Message]] = {
    T.GET_AGENTS: master.ResponseGetAgents,
    T.GET_VOLUMES: master.ResponseGetVolumes,
}
"""Those that show what is put there."""


class Durable:
    """A journal whose writes take as many turns of the event loop as a test says."""

    def __init__(self) -> None:
        self.turns = 0
        self._written = asyncio.Event()
        self._written.set()

    def hold(self) -> asyncio.Event:
        """Nothing is durable until that is set."""
        self._written.clear()
        return self._written

    async def barrier(self) -> None:
        await self._written.wait()
        for _ in range(self.turns):
            await asyncio.sleep(0)


class Documents:
    """Answers that are not made of kinds: as a test says."""

    def __init__(self) -> None:
        self.made: Mapping[T, Made] = {}

    async def refresh(self) -> None:
        """They are as they are."""


def agent(name: str, media_type: MediaType) -> bytes:
    return encode(mesos.AgentInfo(hostname=name), media_type)


def volume(name: str, media_type: MediaType) -> bytes:
    return encode(master.VolumeInfo(name=name, profile="fast", size_bytes=1, role="r"), media_type)


class Leader:
    """What it shows is agents that were recovered, and volumes."""

    def __init__(self, random: Random, epoch: int = 1) -> None:
        self.random = random
        self.now = 0.0
        self.is_closing = False
        self.journal = Durable()
        makers: dict[str, Callable[[str, MediaType], bytes]] = {"recovered": agent, "volumes": volume}
        self.kinds: dict[str, Buckets[Key, str]] = {
            name: Buckets(kind.answer, kind.field, makers.get(name, agent)) for name, kind in KINDS.items()
        }
        self.answers = ShownAnswers(self.kinds)
        self.documents = Documents()
        self.followers = Followers(
            self.kinds,
            self.documents,  # type: ignore[arg-type]
            self.journal,  # type: ignore[arg-type]
            SeededIds(random),
            epoch,
            lambda: self.now,
            lambda: self.is_closing,
        )
        self.had: set[Bodies] = set()
        """All that was ever shown."""
        self.number = 0
        self.note()

    def change(self) -> None:
        """One thing becomes different."""
        self.number += 1
        name = self.random.choice(["recovered", "volumes"])
        kind = self.kinds[name]
        key = name, self.random.randrange(120)
        act = self.random.random()
        if act < 0.35:
            kind.remove(key)
        elif act < 0.45:
            kind.touch(key)
        else:
            kind.put(key, f"{name}-{key[1]}-{self.number}")
        self.note()

    def note(self) -> None:
        self.had.add(self.shown())

    def shown(self, media_type: MediaType = JSON) -> Bodies:
        """All of it, now."""
        return everything(self.answers, media_type)


def everything(answers: ShownAnswers | Replica, media_type: MediaType) -> Bodies:
    bodies = []
    for call in CALLS:
        for _ in answers.steps(call, media_type):
            pass
        bodies.append(b"".join(answers.body(call, media_type)))
    return tuple(bodies)


class Told:
    """Who follows, without a clock: it asks when it is told to, and an answer may be lost on the way."""

    def __init__(self, leader: Leader) -> None:
        self.leader = leader
        self.head: Head | None = None
        self.replica: Replica | None = None
        self.begun = 0

    async def ask(self, meanwhile: Callable[[], None] = lambda: None, take: int | None = None) -> None:
        """Ask, and put in what is answered. `meanwhile` happens between records; `take`: so many are taken,
        and what is told then is lost."""
        wanted = master.CallFollow()
        if self.head is not None:
            wanted.follower, wanted.number = self.head.follower, self.head.number
        parts: list[Part] = []
        head: Head | None = None
        is_whole = False
        async for record in self._records(self.leader.followers.records(wanted), meanwhile, take):
            found = read(record)
            head = found.head or head
            if found.part is not None:
                parts.append(found.part)
            if found.end is not None:
                assert head is not None
                if head.whole:
                    self.begun += 1
                    self.replica = Replica(head.epoch, self.begun)
                assert self.replica is not None
                for _ in self.replica.put(parts):
                    pass
                self.replica.complete(self.leader.now, found.end.documents)
                self.head = head
                is_whole = True
        if not is_whole:
            raise SourceFailed("lost")

    async def _records(
        self, framed: AsyncGenerator[bytes, None], meanwhile: Callable[[], None], take: int | None
    ) -> AsyncGenerator[bytes, None]:
        decoder = RecordDecoder()
        count = 0
        try:
            async for data in framed:
                if count == take:
                    return
                count += 1
                for record in decoder.feed(data):
                    yield record
                meanwhile()
        finally:
            await framed.aclose()

    def check(self) -> None:
        """What there is here, was all there was at some moment; in both media types."""
        assert self.replica is not None
        shown = everything(self.replica, JSON)
        assert shown in self.leader.had
        in_protobuf = everything(self.replica, PROTOBUF)
        assert messages(in_protobuf, PROTOBUF) == messages(shown, JSON)


def messages(bodies: Bodies, media_type: MediaType) -> list[Message]:
    return [decode(CALLS[call], body, media_type) for call, body in zip(CALLS, bodies, strict=True)]
