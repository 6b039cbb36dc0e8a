"""The version-0 pages of an agent: which there are, what may be asked of each, and what they are made of.

An edge without sockets: paths and queries in, JSON out. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from msgspec import UNSET

from agent.daemon import CAPABILITIES, Agent
from agent.networks import ip_address_of
from agent.operator_calls import API_VERSION, PRODUCT, Files
from agent.pages import state_page
from agent.pages.mesos_metrics import MesosMetrics
from agent.sandboxes.sandbox import NoSuchFile, SandboxError
from api.model.clock import Clock
from api.model.errors import InvalidRequest
from api.model.process import Process
from api.model.resources import Resources
from api.wire.convert import resources_from_wire
from api.wire.http_rules import Rejection
from api.wire.slices import whole
from api.wire.v0.amounts import attributes, split
from api.wire.v0.documents import Document, as_json
from api.wire.v0.files import browsed, part_read
from api.wire.v0.queries import FileQuery, wanted_path
from api.wire.v1 import mesos

PREFIX = "/slave(1)"
"""May stand before every path."""

Query = Mapping[str, str]
Maker = Callable[[Query], Awaitable[bytes | Rejection]]


class Pages:
    """All of them, by path."""

    def __init__(
        self,
        agent: Agent,
        files: Files,
        metrics: MesosMetrics,
        process: Process,
        clock: Clock,
        product_version: str,
    ) -> None:
        self._agent = agent
        self._files = files
        self._numbers = metrics
        self._process = process
        self._product_version = product_version
        self._started = clock.now()
        self._makers: Mapping[str, Maker] = {
            "/state": self._state,
            "/flags": self._flags,
            "/metrics/snapshot": self._metrics,
            "/files/read": self._read,
            "/files/browse": self._browse,
        }

    def serves(self, path: str) -> bool:
        """Whether there is such a page; `path` as `api.wire.v0.paths` makes it."""
        return path in self._makers

    async def page(self, path: str, query: Query) -> bytes | Rejection:
        """The page, as JSON."""
        if "jsonp" in query:
            return Rejection(400, "jsonp is not served: any web site could read the agent by it")
        try:
            return await self._makers[path](query)
        except NoSuchFile as error:
            return Rejection(404, str(error))
        except (SandboxError, InvalidRequest) as error:
            return Rejection(400, str(error))

    async def _state(self, query: Query) -> bytes:
        """The latest tasks that have ended stay in sight, also when they are forgotten otherwise."""
        agent = self._agent
        tasks = agent.tasks.records
        found = state_page.frameworks(tasks, agent.executors.records, agent.ended.forgotten(tasks))
        agent_id = agent.agent_info().id or mesos.AgentID(value="")
        host = state_page.Host(agent_id, ip_address_of(agent.config.advertised_host))
        return await whole(state_page.state(self._about(), found, host))

    def _about(self) -> Document:
        agent, info = self._agent, self._agent.agent_info()
        total = Resources.total(
            resources_from_wire(report.update_state.resources) for report in agent.providers.reports
        )
        about: Document = {
            "version": API_VERSION,
            "product": PRODUCT,
            "product_version": self._product_version,
            "start_time": self._started,
            "id": info.id.value if info.id else "",
            "pid": f"{PREFIX[1:]}@{agent.address}",
            "hostname": info.hostname,
            "attributes": attributes(info.attributes),
            "capabilities": CAPABILITIES,
            "flags": dict(self._process.flags),
            **split(total),
        }
        if log_file := self._process.flags.get("log_file"):
            about["external_log_file"] = log_file
        if address := self._process.flags.get("orchestrator"):
            about["master_hostname"] = address.rpartition(":")[0]
        if info.domain is not UNSET:
            about["domain"] = info.domain
        if (order := agent.draining.order) is not None:
            about["drain_config"] = order.config
        return about

    async def _flags(self, query: Query) -> bytes:
        return as_json({"flags": dict(self._process.flags)})

    async def _metrics(self, query: Query) -> bytes:
        """`timeout` bounds how long it may take to read the numbers, which takes none here."""
        return as_json(await self._numbers.snapshot())

    async def _read(self, query: Query) -> bytes:
        wanted = FileQuery.read(query)
        part = self._files.read(
            wanted.path, wanted.offset or 0, 0 if wanted.offset is None else wanted.length
        )
        return as_json(part_read(wanted.offset, part.size, part.data))

    async def _browse(self, query: Query) -> bytes:
        return as_json([browsed(info) for info in self._files.entries(wanted_path(query))])
