"""What leading is for a process: its registry, the rooms of one term, and who answers at its two ports.

Put together for `orchestrator.candidacy`, which says when. A composition root: it decides nothing.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Mapping
from importlib import metadata
from pathlib import Path
from random import Random  # noqa: TID251 - for its type: the generator is passed in
from typing import Any, Final

from api.model.clock import Clock
from api.model.ids import IdSource
from api.model.process import Process
from cli.long_lived import LongLived
from cli.registry_marker import Marker
from cli.whitelist import Whitelist
from orchestrator.candidacy import Candidacy, Registry, SeenLeader
from orchestrator.daemon import Orchestrator, OrchestratorConfig
from orchestrator.edges import build_http_server
from orchestrator.front import Front
from orchestrator.http import HttpServer
from orchestrator.lease import Candidate, Lease
from orchestrator.link_front import KnownLeader, LinkFront
from orchestrator.stances import Stance
from orchestrator.standby.standby import Standby
from orchestrator.term import Term
from orchestrator.version import Identity
from store.port import Store

SETTLE_SECONDS: Final = 2.0
"""After a leadership was dropped; then what it had in memory is looked for, which takes a while."""

CLOSE_SECONDS: Final = 15.0
"""For registries to be closed when the process ends."""

log = logging.getLogger(__name__)


class OpenRegistry:
    """See `candidacy.Registry`: one store, and the lease in it."""

    def __init__(self, store: Store, lease: Lease, closed: Callable[[Store], None]) -> None:
        self.store = store
        self.lease = lease
        self.seconds = lease.ttl if store.shared else None
        self._closed = closed

    def let_go(self) -> None:
        """See `Registry.let_go`."""
        self._closed(self.store)


class Registries:
    """Opens the registry, anew for each round, and closes what was opened."""

    def __init__(
        self,
        opened: Callable[[], Awaitable[Store]],
        marker: Marker,
        candidate: Candidate,
        clock: Clock,
        ids: IdSource,
        seconds: float,
    ) -> None:
        """`seconds`: what the lease lasts."""
        self._opened = opened
        self._marker = marker
        self._candidate = candidate
        self._clock = clock
        self._ids = ids
        self._seconds = seconds
        self._closing: set[asyncio.Task[None]] = set()

    async def open(self) -> Registry:
        """See `candidacy.Open`."""
        self._marker.expect()
        store = await self._opened()
        try:
            await self._marker.recognise(store, self._clock, self._ids)
        except BaseException:
            await store.close()
            raise
        return OpenRegistry(store, Lease(store, self._candidate, self._ids, self._seconds), self._close)

    def leads(self, epoch: int) -> None:
        """This process leads in `epoch`. Raises StoreError."""
        self._marker.leads(epoch)

    async def close(self) -> None:
        """Wait until all are closed, for a bounded time."""
        if self._closing:
            await asyncio.wait(self._closing, timeout=CLOSE_SECONDS)

    def _close(self, store: Store) -> None:
        task = asyncio.create_task(self._closed(store), name="closing the registry")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _closed(self, store: Store) -> None:
        if not store.shared:
            self._marker.closed()
        await store.close()


class RunningLeadership:
    """See `candidacy.Leadership`: the rooms of one term, and its HTTP server."""

    def __init__(
        self,
        orchestrator: Orchestrator,
        server: HttpServer,
        whitelist: Whitelist | None,
        handing_over: Callable[[], None],
        closing: set[asyncio.Task[None]],
        is_over: Callable[[], bool],
    ) -> None:
        """`handing_over` is called when it is told to stop. `closing`: gets what is not over when it is
        dropped. `is_over`: whether another may lead by now."""
        self.is_over = is_over
        self.orchestrator = orchestrator
        self.server = server
        self.whitelist = whitelist
        self._following = None if whitelist is None else asyncio.create_task(whitelist.follow())
        self._handing_over = handing_over
        self._closing = closing

    @property
    def waits(self) -> str | None:
        """Why nothing becomes durable now; None when all does."""
        return self.orchestrator.journal.waits

    @property
    def failed(self) -> asyncio.Future[BaseException]:
        """See `Leadership.failed`."""
        return self.orchestrator.failed

    async def hand_over(self) -> None:
        """See `Leadership.hand_over`."""
        self._handing_over()
        self.server.end_streams()
        await self.orchestrator.stop()

    def drop(self) -> None:
        """See `Leadership.drop`. Requests that are being answered still are."""
        self.server.end_streams()
        self.orchestrator.drop()
        if self._following is not None:
            self._following.cancel()
        task = asyncio.create_task(self.server.close(), name="the last answers of a leadership")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


class Leading:
    """Who answers at the ports of this process: the leader of a term, or a standby."""

    def __init__(
        self,
        config: OrchestratorConfig,
        front: Front,
        link_front: LinkFront,
        standby: Standby,
        identity: Identity,
        process: Process,
        clock: Clock,
        ids: IdSource,
        random: Random,
        registries: Registries,
        address: str,
        whitelist: Path | None,
        serving: Callable[[], None],
    ) -> None:
        """`address`: host:port of this process's HTTP API, as others reach it. `serving`: called once what
        was recovered is in memory."""
        self._config = config
        self._front = front
        self._link_front = link_front
        self._standby = standby
        self._identity = identity
        self._process = process
        self._clock = clock
        self._ids = ids
        self._random = random
        self._registries = registries
        self._address = address
        self._whitelist = whitelist
        self._serving = serving
        self._leadership: RunningLeadership | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._stance = Stance.STANDBY

    async def lead(self, registry: Registry, term: Term) -> RunningLeadership:
        """See `candidacy.Lead`."""
        self._registries.leads(term.epoch)
        orchestrator = await Orchestrator.lead(
            self._config, registry.store, term, self._clock, self._ids, self._random, self._identity
        )
        whitelist = None
        try:
            server = http_server(orchestrator, self._process)
            if self._whitelist is not None:
                whitelist = Whitelist(self._whitelist, orchestrator.allocator.set_whitelist)
                whitelist.begin()
        except BaseException:
            orchestrator.drop()
            raise
        LongLived(orchestrator.state)
        server.open()
        self._leadership = RunningLeadership(
            orchestrator, server, whitelist, self._link_front.stop, self._closing, lambda: term.is_over
        )
        return self._leadership

    async def reread(self) -> None:
        """SIGHUP: what is configured by files is looked at now. A standby looks when it leads."""
        if self._leadership is not None and self._leadership.whitelist is not None:
            await self._leadership.whitelist.reread()

    def told(self, stance: Stance, leader: SeenLeader | None) -> None:
        """See `candidacy.Told`."""
        self._stance = stance
        if stance is Stance.LEADING and self._leadership is not None:
            self._serving()
            self._link_front.lead(self._leadership.orchestrator.agent_link)
            self._front.serve(self._leadership.server, self._leadership.is_over)
        elif stance is Stance.RECOVERING:
            self._standby.leave()
            self._link_front.follow(None)
            self._front.refuse("the orchestrator recovers: try again in a moment")
        elif stance is Stance.STANDBY:
            self._leadership = None
            if leader is not None and leader.http == self._address:
                leader = None  # a former life of this process, until its lease ends
            self._link_front.follow(None if leader is None else KnownLeader(leader.epoch, leader.link))
            if leader is None:
                self._standby.leave(keep=True)
            else:
                self._standby.follow(leader.epoch, leader.http)
            self._front.serve(self._standby.server)
        elif stance is Stance.RESIGNING:
            self._link_front.follow(None)
            self._front.refuse("this orchestrator stops leading: try again in a moment")
            asyncio.get_running_loop().call_later(SETTLE_SECONDS, self._forget)

    @property
    def waits(self) -> str | None:
        """While this process leads: why nothing becomes durable now; None when all does."""
        return None if self._leadership is None else self._leadership.waits

    async def closed(self) -> None:
        """Wait until the last requests of leaderships that are over were answered, for a bounded time."""
        if self._closing:
            await asyncio.wait(self._closing)

    def _forget(self) -> None:
        """What was set aside for good, because a leadership would need it, is looked at once more."""
        if self._stance is Stance.STANDBY:  # a leader has no time for it
            gc.unfreeze()
            gc.collect()


def health(candidacy: Candidacy | None, leading: Leading | None) -> Mapping[str, Any]:
    """What /health says: whether this process leads, who else does, and whether writes wait."""
    if candidacy is None:
        return {"stance": str(Stance.STANDBY).lower()}
    stance = candidacy.stance
    if stance is Stance.LEADING and candidacy.term is not None and candidacy.term.is_over:
        stance = Stance.RESIGNING  # it was paused, and does so next
    told: dict[str, Any] = {"stance": str(stance).lower()}
    if candidacy.term is not None:
        told["epoch"] = candidacy.term.epoch
    if candidacy.leader is not None:
        told |= {"leader": candidacy.leader.http, "epoch": candidacy.leader.epoch}
    if candidacy.trouble is not None:
        told["database"] = candidacy.trouble
        if candidacy.leader is not None and candidacy.looked_before is not None:
            told["leader_known_before_seconds"] = round(candidacy.looked_before, 1)
    if leading is not None and leading.waits is not None:
        told["writes_waiting"] = leading.waits
    return told


def http_server(orchestrator: Orchestrator, process: Process) -> HttpServer:
    """The HTTP edges of one orchestrator."""
    return build_http_server(
        state=orchestrator.state,
        sessions=orchestrator.framework_sessions,
        ledger=orchestrator.ledger,
        journal=orchestrator.journal,
        allocator=orchestrator.allocator,
        offers=orchestrator.offers,
        operations=orchestrator.operations,
        tasks=orchestrator.tasks,
        executors=orchestrator.executors,
        acceptance=orchestrator.acceptance,
        frameworks=orchestrator.frameworks,
        provisioning=orchestrator.provisioning,
        standings=orchestrator.standings,
        restoration=orchestrator.restoration,
        interventions=orchestrator.interventions,
        machines=orchestrator.machines,
        draining=orchestrator.draining,
        inverse_offers=orchestrator.inverse_offers,
        adoptions=orchestrator.adoptions,
        expansion=orchestrator.expansion,
        reservations=orchestrator.reservations,
        quotas=orchestrator.quotas,
        weights=orchestrator.weights,
        clock=orchestrator.clock,
        ids=orchestrator.ids,
        heartbeat_interval=orchestrator.config.scheduler_heartbeat,
        product_version=metadata.version("orlop"),
        identity=orchestrator.identity,
        process=process,
        epoch=orchestrator.epoch,
    )
