"""The version-0 pages: which there are, what may be asked of each, and what they are made of.

An edge without sockets: paths and queries in, pages out. What is shown rests on what is durable. It changes
nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

from api.model.clock import Clock
from api.model.errors import InvalidRequest
from api.model.process import Process
from api.wire.content import JSON
from api.wire.convert import resources_from_wire
from api.wire.http_rules import Rejection
from api.wire.slices import in_chunks
from api.wire.v0.amounts import amounts
from api.wire.v0.documents import Document, as_json, plain_amounts
from api.wire.v0.files import NO_LOG, ServedLog, browsed, part_read
from api.wire.v0.queries import FileQuery, TaskQuery, wanted_path
from orchestrator.journal import Journal
from orchestrator.pages import state_pages
from orchestrator.pages.mesos_metrics import MesosMetrics
from orchestrator.pages.snapshots import Snapshot, Snapshots
from orchestrator.quota import Quotas
from orchestrator.quota_messages import status_of
from orchestrator.roles_view import RolesView
from orchestrator.version import API_VERSION, PRODUCT, Identity
from orchestrator.weights import Weights

PREFIX = "/master"
"""May stand before every path."""

LOG = "/master/log"
"""The path under which the log file is served."""

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """An answer of 200: its body; or instead its chunks, of which an empty one is a place to let others go
    on."""

    body: bytes = b""
    chunks: Iterator[bytes] | None = None
    content_type: str = JSON


Maker = Callable[[Query], Awaitable[Page | Rejection]]
"""Raises InvalidRequest for a query that cannot be meant."""


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
        self._log = ServedLog(rooms.process, LOG)
        self._makers: Mapping[str, Maker] = {
            "/state": self._state,
            "/state-summary": self._summary,
            "/slaves": self._slaves,
            "/frameworks": self._frameworks,
            "/tasks": self._tasks,
            "/roles": self._roles,
            "/weights": self._weights,
            "/quota": self._quota,
            "/flags": self._flags,
            "/metrics/snapshot": self._metrics,
            "/files/read": self._read,
            "/files/browse": self._browse,
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
        return _whole({"roles": roles})

    async def _weights(self, query: Query) -> Page:
        return _whole(self._rooms.weights.shown())

    async def _quota(self, query: Query) -> Page:
        return _whole(status_of(self._rooms.quotas.all))

    # The daemon.

    async def _flags(self, query: Query) -> Page:
        return _whole({"flags": dict(self._rooms.process.flags)})

    async def _metrics(self, query: Query) -> Page:
        """`timeout` bounds how long it may take to read the numbers, which takes none here."""
        return _whole(await self._rooms.metrics.snapshot())

    async def _read(self, query: Query) -> Page | Rejection:
        wanted = FileQuery.read(query)
        if not self._log.is_named(wanted.path):
            return _no_file(wanted.path)
        part = self._log.read(wanted.offset or 0, 0 if wanted.offset is None else wanted.length)
        if part is None:
            return Rejection(404, NO_LOG)
        return _whole(part_read(wanted.offset, part.size, part.data))

    async def _browse(self, query: Query) -> Page | Rejection:
        path = wanted_path(query)
        if not self._log.holds(path):
            return _no_file(path)
        info = self._log.info()
        return Rejection(404, NO_LOG) if info is None else _whole([browsed(info)])


def _no_file(path: str) -> Rejection:
    return Rejection(404, f"nothing is served at {path[:200]!r}: here is {LOG}; agents have tasks' files")


def _sliced(pieces: Iterator[bytes]) -> Page:
    return Page(chunks=in_chunks(pieces))


def _whole(document: object) -> Page:
    return Page(as_json(document))
