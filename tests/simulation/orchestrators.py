"""The orchestrators of the simulated cluster: one with a database of its own, or several that share one.

Real: the candidacy, the lease, the port that agents dial, and the rooms of whoever leads. HTTP is not: a
client's call is done in the process that it reaches, if that one leads; else it is sent on, as by a 307.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from api.model.ids import SeededIds
from orchestrator.candidacy import Candidacy, CandidacyLimits, Leadership, Registry, SeenLeader
from orchestrator.daemon import Orchestrator, OrchestratorConfig
from orchestrator.following.followers import Followers
from orchestrator.lease import Candidate, Lease
from orchestrator.link_front import KnownLeader, LinkFront
from orchestrator.stances import Stance
from orchestrator.term import Term
from store.port import StoreError
from tests.simulation.clock import SimClock
from tests.simulation.database import RemoteStore, SimServer
from tests.simulation.loop import CURRENT
from tests.simulation.parts import NoAnswer, Part
from tests.simulation.simstore import SimDisk, SimStore
from tests.simulation.standbys import SimStandby, followed
from tests.simulation.stream import Stream

if TYPE_CHECKING:
    from tests.simulation.cluster import Cluster

T = TypeVar("T")

ANSWER_SECONDS = 30.0
"""How long a client waits for an answer before it tries again."""

LEASE_SECONDS = 2.0
"""Short, as the stories are."""

LINK_PORT, HTTP_PORT = 5060, 5050


class OrchestratorPart(Part):
    """One orchestrator. `database`: its own disk, or the server that it shares with others."""

    def __init__(
        self, cluster: Cluster, name: str, config: OrchestratorConfig, database: SimDisk | SimServer
    ) -> None:
        super().__init__(cluster, name)
        self.config = config
        self.clock = SimClock(cluster.loop, drift=self.rng("drift").uniform(-0.01, 0.01))
        self.rooms: Orchestrator | None = None
        """While this one leads, or has not noticed that it does not."""
        self.leader: SeenLeader | None = None
        """Who else leads, as far as it knows."""
        self.streams: list[Stream] = []
        self.leaderships = 0
        self._term: Term | None = None
        self.followers: Followers | None = None
        """Who follows this one, while it leads."""
        self.standby: SimStandby | None = None
        self.database = database
        self._front: LinkFront | None = None
        self._running: asyncio.Task[None] | None = None

    async def live(self) -> BaseException:
        process = self.process
        assert process is not None
        process.at_kill(self._gone)
        await asyncio.sleep(0.05)
        self._front = LinkFront()
        self.standby = SimStandby(self, self.rng("standby"))
        await self._front.start(self.name, LINK_PORT)
        limits = CandidacyLimits()
        candidacy = Candidacy(self._open, self._lead, self.clock, self.rng("candidacy"), self._told, limits)
        self._running = asyncio.ensure_future(candidacy.run())
        await asyncio.wait([self._running])
        if self._running.cancelled():
            return StoreError("it was told to stop")
        error = self._running.exception()
        assert error is not None
        return error

    def end(self) -> None:
        """As by SIGTERM: it hands over in good order, and is started again."""
        if self._running is not None:
            self._running.cancel()

    @property
    def believes(self) -> int:
        """The epoch in which it would say something now; 0 for none."""
        leads = self.process is not None and self.rooms is not None
        return self._term.epoch if leads and self._term is not None and not self._term.is_over else 0

    async def _open(self) -> Registry:
        assert self.process is not None
        self._stores += 1
        name, rng = f"{self.name}-{self._stores}", self.rng(f"store-{self._stores}")
        if isinstance(self.database, SimDisk):
            own = SimStore(self.database, rng, self._dies_now, self._committed, self._write_fails)
            return _Registry(own, Lease(own, self._candidate, SeededIds(rng)), None)
        shared = RemoteStore(
            self.cluster, self.database, self.process, name, rng, self._dies_now, self._committed
        )
        await shared.ask(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())
        return _Registry(shared, Lease(shared, self._candidate, SeededIds(rng), LEASE_SECONDS), LEASE_SECONDS)

    @property
    def address(self) -> str:
        """Of its HTTP API, as others know it."""
        return self._candidate.http

    @property
    def _candidate(self) -> Candidate:
        return Candidate(self.name, f"{self.name}:{HTTP_PORT}", f"{self.name}:{LINK_PORT}")

    async def _lead(self, registry: Registry, term: Term) -> Leadership:
        self.leaderships += 1
        self._term = term
        if isinstance(registry.store, RemoteStore):
            registry.store.epoch = term.epoch
        ids, rng = SeededIds(self.rng(f"ids-{term.epoch}")), self.rng(f"rooms-{term.epoch}")
        rooms = await Orchestrator.lead(self.config, registry.store, term, self.clock, ids, rng)
        self.followers = followed(rooms, SeededIds(self.rng(f"followers-{term.epoch}")))
        self.cluster.trace.note(self.name, f"leads in epoch {term.epoch}")
        self.cluster.leads(rooms)
        self.rooms = rooms
        assert self._front is not None
        self._front.lead(rooms.agent_link)
        return _Leadership(self, rooms)

    def _told(self, stance: Stance, leader: SeenLeader | None) -> None:
        self.leader = leader
        if stance is not Stance.LEADING and self._front is not None:
            self._front.follow(None if leader is None else KnownLeader(leader.epoch, leader.link))
        if self.standby is not None:
            if leader is None or not self.cluster.followed:
                self.standby.leave()
            elif leader.name != self.name:
                self.standby.follow(leader.epoch, leader.http)

    def _gone(self) -> None:
        self.rooms, self.leader, self._front, self._running = None, None, None, None
        self.followers, self.standby = None, None
        self.streams.clear()

    def deposed(self, rooms: Orchestrator) -> None:
        """Nothing is said in that epoch any more."""
        if self.rooms is rooms:
            self.cluster.trace.note(self.name, f"leads no more in epoch {rooms.epoch}")
            self.rooms, self.followers = None, None
            for stream in self.streams:
                stream.close("another orchestrator leads, or will")
            self.streams.clear()


class _Registry:
    """See `orchestrator.candidacy.Registry`."""

    def __init__(self, store: SimStore | RemoteStore, lease: Lease, seconds: float | None) -> None:
        self.store, self.lease, self.seconds = store, lease, seconds

    def let_go(self) -> None:
        if isinstance(self.store, RemoteStore):
            self.store.let_go()


class _Leadership:
    """See `orchestrator.candidacy.Leadership`."""

    def __init__(self, part: OrchestratorPart, rooms: Orchestrator) -> None:
        self._part, self._rooms = part, rooms

    @property
    def failed(self) -> asyncio.Future[BaseException]:
        return self._rooms.failed

    async def hand_over(self) -> None:
        await self._rooms.stop()

    def drop(self) -> None:
        self._rooms.drop()
        self._part.deposed(self._rooms)


class Orchestrators:
    """All of them, as clients see them: by several addresses, of which one leads."""

    def __init__(self, cluster: Cluster, parts: Sequence[OrchestratorPart]) -> None:
        self._cluster = cluster
        self.parts = list(parts)
        self._known: dict[str, int] = {}
        """By client, the number of the one that it asks first."""

    @property
    def disk(self) -> SimDisk:
        """Where the ledger is."""
        database = self.parts[0].database
        return database if isinstance(database, SimDisk) else database.disk

    @property
    def rooms(self) -> Orchestrator | None:
        """Those that lead, in the highest epoch of those that believe so."""
        found = [part.rooms for part in self.parts if part.rooms is not None]
        return max(found, key=lambda rooms: rooms.epoch, default=None)

    async def ask(self, work: Callable[[Orchestrator], Awaitable[T]]) -> T:
        """A client's call: done in the leader's process, its answer may be lost.

        Raises NoAnswer, and what the rooms raise.
        """
        caller = CURRENT.get()
        name = "operator" if caller is None else caller.name
        number = self._known.get(name, 0)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                part = await self._led(name, number)
                return await self._ask(name, part, work)
        except TimeoutError:
            self._known[name] = (number + 1) % len(self.parts)
            raise NoAnswer("no answer in time") from None
        except NoAnswer:
            self._known[name] = (number + 1) % len(self.parts)
            raise

    async def _led(self, name: str, number: int) -> OrchestratorPart:
        """The one to ask, or the one that it names. Raises NoAnswer."""
        part = self.parts[number]
        await self._cluster.network.cross(name, part.name)
        if part.rooms is None and (leader := part.leader) is not None and part.process is not None:
            await self._cluster.network.cross(part.name, name)
            number = next(n for n, each in enumerate(self.parts) if each.name == leader.name)
            part = self.parts[number]
            await self._cluster.network.cross(name, part.name)
        if part.process is None or part.rooms is None:
            raise NoAnswer("it does not lead")
        self._known[name] = number
        return part

    async def _ask(
        self, name: str, part: OrchestratorPart, work: Callable[[Orchestrator], Awaitable[T]]
    ) -> T:
        cluster, process, rooms = self._cluster, part.process, part.rooms
        if process is None or rooms is None or cluster.call_is_lost():
            raise NoAnswer("nobody is there")
        what = named(work)
        cluster.trace.arrow(name, part.name, what)
        answer: asyncio.Future[T] = cluster.loop.create_future()
        process.at_kill(lambda: _fail(answer, NoAnswer("the connection broke")))
        process.spawn(_serve(work(rooms), answer))
        result = await answer
        await cluster.network.cross(part.name, name)
        if cluster.call_is_lost():
            raise NoAnswer("the answer was lost")
        return result

    def serving(self) -> OrchestratorPart:
        """The one whose process runs this."""
        process = CURRENT.get()
        return next(part for part in self.parts if part.process is process)


def named(work: Callable[..., object]) -> str:
    """What a call does, for the story: its own name, or of what it calls last."""
    code = getattr(work, "__code__", None)
    names = code.co_names if code is not None and code.co_name == "<lambda>" else ()
    return (names[-1] if names else getattr(work, "__name__", "call")).strip("_")


async def _serve(work: Awaitable[T], answer: asyncio.Future[T]) -> None:
    try:
        result = await work
    except StoreError as error:
        _fail(answer, NoAnswer(str(error)))
    except Exception as error:
        _fail(answer, error)
    else:
        if not answer.done():
            answer.set_result(result)


def _fail(answer: asyncio.Future[T], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
        answer.exception()  # the caller may be gone
