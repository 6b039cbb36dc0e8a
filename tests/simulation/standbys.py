"""Standbys of the simulated cluster: each follows whoever leads, and does not take its view for younger than
it is.

Real: who follows and what each is told, the following, the replica. Models: the way between them.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING

from api.model.ids import IdSource
from api.wire.recordio import RecordDecoder
from api.wire.v1 import master
from orchestrator.daemon import Orchestrator
from orchestrator.following.documents import Made
from orchestrator.following.followers import Followers
from orchestrator.kinds import Kinds
from orchestrator.staleness import Staleness
from orchestrator.standby.follower import Follower, Leader
from orchestrator.standby.source import SourceFailed
from store.port import StoreFailed

if TYPE_CHECKING:
    from tests.simulation.orchestrators import OrchestratorPart

SILENCE_SECONDS = 10.0
"""Without an answer; then the leader is asked anew."""

ROUNDING_SECONDS = 1e-6


class NoDocuments:
    """Answers that are not made of entities are not told here."""

    made: Mapping[master.CallType, Made] = {}

    async def refresh(self) -> None:
        """There are none."""


def followed(rooms: Orchestrator, ids: IdSource) -> Followers:
    """Who follows a leader. Made before anything changes."""
    state, offers, volumes = rooms.state, rooms.offers, rooms.provisioning
    kinds = Kinds(state, rooms.operations, offers, volumes, rooms.standings, rooms.inverse_offers)
    Staleness(kinds, state, rooms.ledger, offers, volumes, rooms.inverse_offers)
    documents = NoDocuments()
    clock = rooms.clock.monotonic
    return Followers(kinds.by_name, documents, rooms.journal, ids, rooms.epoch, clock)  # type: ignore[arg-type]


class SimStandby:
    """Of one orchestrator's process. It is a `Source` of its own follower."""

    def __init__(self, part: OrchestratorPart, rng: random.Random) -> None:
        self._part = part
        self._rng = rng
        self._follower = Follower(self, part.clock, part.name)
        self._told_at: float | None = None
        """When the leader began to say what was taken in last, by this host's clock."""

    def follow(self, epoch: int, address: str) -> None:
        self._follower.follow(Leader(epoch, address))

    def leave(self) -> None:
        self._follower.leave(keep=True)

    def check(self) -> None:
        """It knows nothing that is younger than what it was told."""
        age = self._follower.age
        if age is None or self._told_at is None:
            return
        until = self._part.clock.monotonic() - age
        self._part.cluster.trace.require(
            until <= self._told_at + ROUNDING_SECONDS,
            f"{self._part.name} shows what there was {age:.3f} s ago, it says, and was told that before",
        )

    # See `orchestrator.standby.source.Source`.

    async def ask(self, address: str, wanted: master.CallFollow) -> AsyncGenerator[bytes, None]:
        part = self._part
        leader = next(each for each in part.cluster.orchestrator.parts if each.address == address)
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                await self._cross(part.name, leader.name)
                told_at = part.clock.monotonic()
                records = await _told(leader, wanted)
                await self._cross(leader.name, part.name)
        except TimeoutError:
            raise SourceFailed(f"{address} does not answer") from None
        for record in records:
            yield record
        self._told_at = told_at

    async def close(self) -> None:
        """Nothing is open."""

    async def _cross(self, sender: str, receiver: str) -> None:
        await asyncio.sleep(self._rng.choice((0.001, 0.001, 0.01, 0.3)))
        while self._part.cluster.network.is_silent(sender, receiver):  # noqa: ASYNC110 - it is sent again
            await asyncio.sleep(0.2)


async def _told(leader: OrchestratorPart, wanted: master.CallFollow) -> list[bytes]:
    """All records of an answer, made in the leader's process. Raises SourceFailed."""
    process, followers = leader.process, leader.followers
    if process is None or followers is None:
        raise SourceFailed("it does not lead")
    answer: asyncio.Future[list[bytes]] = asyncio.get_running_loop().create_future()
    process.at_kill(lambda: _fail(answer, "the connection broke"))
    process.spawn(_tell(followers, wanted, answer))
    return await answer


async def _tell(followers: Followers, wanted: master.CallFollow, answer: asyncio.Future[list[bytes]]) -> None:
    records: list[bytes] = []
    decoder = RecordDecoder()
    try:
        async for framed in followers.records(wanted):
            records += decoder.feed(framed)
    except StoreFailed as error:
        _fail(answer, str(error))
    else:
        if not answer.done():
            answer.set_result(records)


def _fail(answer: asyncio.Future[list[bytes]], why: str) -> None:
    if not answer.done():
        answer.set_exception(SourceFailed(why))
        answer.exception()  # who asked may be gone
