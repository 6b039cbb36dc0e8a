"""The version-0 pages: which there are, what may be asked of each, and what they are made of.

An edge without sockets: paths and queries in, pages out. What is shown rests on what is durable. It changes
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from api.model.clock import Clock
from api.model.errors import InvalidRequest
from api.model.process import Process
from api.wire.convert import resources_from_wire
from api.wire.http_rules import Rejection
from api.wire.slices import in_chunks
from api.wire.v0.amounts import amounts
from api.wire.v0.documents import Document, plain_amounts
from api.wire.v0.queries import TaskQuery
from orchestrator.journal import Journal
from orchestrator.pages import state_pages
from orchestrator.pages.mesos_metrics import MesosMetrics
from orchestrator.pages.page import DaemonPages, Maker, Page, Query, whole
from orchestrator.pages.snapshots import Snapshot, Snapshots
from orchestrator.quota import Quotas
from orchestrator.quota_messages import status_of
from orchestrator.roles_view import RolesView
from orchestrator.version import API_VERSION, PRODUCT, Identity
from orchestrator.weights import Weights


@dataclass(frozen=True, slots=True)
class PageRooms:
    """What pages are made from."""

    snapshots: Snapshots
    metrics: MesosMetrics
    roles: RolesView
    quotas: Quotas
    weights: Weights
    journal: Journal
    identity: Identity
    process: Process
    clock: Clock
    product_version: str


class Pages:
    """All of them, by path."""

    def __init__(self, rooms: PageRooms) -> None:
        self._rooms = rooms
        self._started = rooms.clock.now()
        self._makers: Mapping[str, Maker] = {
            "/state": self._state,
            "/state-summary": self._summary,
            "/slaves": self._slaves,
            "/frameworks": self._frameworks,
            "/tasks": self._tasks,
            "/roles": self._roles,
            "/weights": self._weights,
            "/quota": self._quota,
            **DaemonPages(rooms.process, rooms.metrics).makers(),
        }

    def serves(self, path: str) -> bool:
        """Whether there is such a page; `path` as `api.wire.v0.paths` makes it."""
        return path in self._makers

    async def page(self, path: str, query: Query) -> Page | Rejection:
        """The page. Raises InvalidRequest."""
        if "jsonp" in query:
            raise InvalidRequest("jsonp is not served: any web site could read the cluster by it")
        return await self._makers[path](query)

    def close(self) -> None:
        """Nobody will ask any more."""
        self._rooms.snapshots.close()

    # State.

    async def _snapshot(self) -> Snapshot:
        """What was read from memory is told when it is durable."""
        snapshot = await self._rooms.snapshots.take()
        await self._rooms.journal.barrier()
        return snapshot

    async def _state(self, query: Query) -> Page:
        return _sliced(state_pages.state(await self._snapshot(), self._about()))

    async def _summary(self, query: Query) -> Page:
        master = self._rooms.identity.master_info()
        about: Document = {"hostname": master.hostname} if master else {}
        return _sliced(state_pages.summary(await self._snapshot(), about))

    async def _slaves(self, query: Query) -> Page:
        return _sliced(state_pages.slaves(await self._snapshot(), query.get("slave_id")))

    async def _frameworks(self, query: Query) -> Page:
        return _sliced(state_pages.frameworks(await self._snapshot(), query.get("framework_id")))

    async def _tasks(self, query: Query) -> Page:
        wanted = TaskQuery.read(query)
        return _sliced(state_pages.tasks(await self._snapshot(), wanted))

    def _about(self) -> Document:
        rooms = self._rooms
        about: Document = {
            "version": API_VERSION,
            "product": PRODUCT,
            "product_version": rooms.product_version,
            "start_time": self._started,
            "elected_time": self._started,
            "flags": dict(rooms.process.flags),
        }
        if log_file := rooms.process.flags.get("log_file"):
            about["external_log_file"] = log_file
        if master := rooms.identity.master_info():
            leader = {name: getattr(master, name) for name in ("id", "pid", "port", "hostname")}
            about |= {"id": master.id, "pid": master.pid, "hostname": master.hostname}
            about |= {"leader": master.pid, "leader_info": leader}
            if master.domain:
                about["domain"] = master.domain
        return about

    # Roles.

    async def _roles(self, query: Query) -> Page:
        """Amounts of a role are those of its subtree, but for `resources`, which are its own."""
        shown = await self._rooms.roles.shown()
        await self._rooms.journal.barrier()
        roles = []
        for role in shown.roles:
            quota = {
                "role": role.name,
                "guarantee": plain_amounts(role.guarantees),
                "limit": plain_amounts(role.limits),
                "consumed": plain_amounts(role.consumed),
            }
            roles.append(
                {
                    "name": role.name,
                    "weight": role.weight,
                    "frameworks": [each.value for each in role.frameworks],
                    "resources": amounts(resources_from_wire(role.resources)),
                    "allocated": plain_amounts(role.allocated),
                    "offered": plain_amounts(role.offered),
                    "reserved": plain_amounts(role.reserved),
                    "quota": quota,
                }
            )
        return whole({"roles": roles})

    async def _weights(self, query: Query) -> Page:
        return whole(self._rooms.weights.shown())

    async def _quota(self, query: Query) -> Page:
        return whole(status_of(self._rooms.quotas.all))


def _sliced(pieces: Iterator[bytes]) -> Page:
    return Page(chunks=in_chunks(pieces))
