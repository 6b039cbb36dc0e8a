"""The agent's HTTP edge: POST /api/v1, its executors' and providers' APIs; /health, /version, /metrics.

Sockets and status codes only. Which checks come in which order is `api.wire.http_rules`'; what a
call is answered is `agent.operator_calls`', or a group of calls' with a room of its own.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from aiohttp import web
from prometheus_client.registry import Collector

from agent.containers.calls import WAITS, Done
from agent.containers.calls import validate as validate_container_call
from agent.containers.edge import ContainerEdge
from agent.daemon import Agent
from agent.executors.api import PATH as EXECUTOR_PATH
from agent.executors.api import ExecutorApi
from agent.http_edge import BODIES_LIMIT, CLOSE, body_of, head_of, look_after, rejected
from agent.images.calls import validate as validate_image_call
from agent.metrics import AgentMetrics
from agent.operator_calls import OperatorCalls, validate
from agent.pages.daemon_calls import validate as validate_daemon_call
from agent.pages.pages import PREFIX, Pages
from agent.providers.api import PATH as PROVIDER_PATH
from agent.providers.api import ProviderApi
from agent.providers.calls import validate as validate_provider_call
from agent.providers.config_calls import validate as validate_config_call
from agent.sandboxes.sandbox import NoSuchFile, SandboxError
from api.wire.content import JSON, MediaType, encode
from api.wire.http_rules import (
    DEFAULT_MAX_BODY_BYTES,
    RECORDIO,
    Accepted,
    Head,
    Rejection,
    check_call,
    check_head,
    check_stream_head,
    media_type,
    served_path,
)
from api.wire.listening import BoundedServer
from api.wire.reading import Reading
from api.wire.served import SERVED
from api.wire.unread import IDLE_SECONDS, UNREAD_SECONDS, Unread
from api.wire.v0.paths import plain, unprefixed
from api.wire.v1 import agent as wire

log = logging.getLogger(__name__)

BODY_SECONDS = 60.0
"""For the body of a call to arrive; then 408. Streams of input may take as long as they like."""

RETRY_LATER = (("Retry-After", "1"),)
API_PATH = "/api/v1"
PATHS = (
    "served are /api/v1, /health, /version, /metrics, /metrics/snapshot, /state, /flags, /containers, "
    "/monitor/statistics, /files/browse and /files/read"
)
CONNECTIONS_LIMIT = 4_096
"""Open at once, idle ones and streams included; a further one is closed. A custom executor has two."""

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class CallGroup(Protocol):
    """Calls that are served by a room of their own."""

    def serves(self, call: wire.Call) -> bool:
        """Whether `handle` answers this type of call."""

    async def handle(self, call: wire.Call) -> wire.Response | Rejection | Done | None:
        """The answer to a call that is valid; None is 200 without content."""


class OperatorApi:
    """Serves one agent on one address. A `Service` of the agent: it answers 503 until that has recovered."""

    def __init__(
        self,
        agent: Agent,
        calls: OperatorCalls,
        containers: ContainerEdge,
        provider_api: ProviderApi,
        groups: Sequence[CallGroup],
        host: str,
        port: int,
        *,
        pages: Pages,
        max_body_bytes: int = DEFAULT_MAX_BODY_BYTES,
        unread_seconds: float = UNREAD_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
        max_connections: int = CONNECTIONS_LIMIT,
        metrics: Sequence[Collector] = (),
    ) -> None:
        self._agent = agent
        self._reading = Reading(wire.Call)
        self._executor_api = ExecutorApi(agent.executors, agent.link.send, reading=self._reading)
        self._calls = calls
        self._containers = containers
        self._provider_api = provider_api
        self._groups = [containers.calls, *groups]
        self._metrics = AgentMetrics(agent, metrics)
        self._pages = pages
        self._host = host
        self._port = port
        self._max_body_bytes = max_body_bytes
        self._idle_seconds = idle_seconds
        self._max_connections = max_connections
        self._bodies = 0
        self._unread = Unread(unread_seconds)
        self._watchman: asyncio.Task[None] | None = None
        self._runner: web.ServerRunner | None = None

    async def start(self) -> None:
        """Listen. Raises OSError when the address is taken: choose another one."""
        server = BoundedServer(
            self._handle, self._max_connections, access_log=None, keepalive_timeout=self._idle_seconds
        )
        self._runner = web.ServerRunner(server, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        try:
            await site.start()
        except OSError:
            await self.stop()
            raise
        self._watchman = asyncio.ensure_future(look_after(self._unread))
        self._port = self._runner.addresses[0][1]
        self._agent.serves_on(self._port)

    @property
    def port(self) -> int:
        """The port that is listened on, once `start` has returned."""
        return self._port

    async def stop(self) -> None:
        """Close every connection."""
        if self._runner is not None:
            self._provider_api.close()
            self._containers.streams.close()
            await self._runner.cleanup()
            self._runner = None
            self._reading.close()
        if self._watchman is not None:
            self._watchman.cancel()
            self._watchman = None

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        response = await self._serve(request)
        if not response.prepared:  # else it was a stream, which has rules of its own
            self._unread.watch(request.transport)
        return response

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        match served_path(unprefixed(request.path, PREFIX), [API_PATH, PROVIDER_PATH, EXECUTOR_PATH]):
            case str(path) if not self._agent.recovered:
                return rejected(Rejection(503, f"the agent is recovering: try {path} again soon"))
            case str(path):
                if path == EXECUTOR_PATH:
                    return await self._executor_api.serve(request)
                is_provider = path == PROVIDER_PATH
                return await (self._provider_api.serve(request) if is_provider else self._api(request))
        if request.method not in ("GET", "HEAD"):
            return rejected(Rejection(405, "expecting a GET", (("Allow", "GET, HEAD"),)))
        return await self._page(plain(request.path, PREFIX), request.query)

    async def _page(self, path: str, query: Mapping[str, str]) -> web.Response:
        if self._pages.serves(path):
            if not self._agent.recovered:
                return rejected(Rejection(503, f"the agent is recovering: try {path} again soon"))
            page = await self._pages.page(path, query)
            return rejected(page) if isinstance(page, Rejection) else _json(200, page)
        older = await self._containers.older_list(path, query) if self._agent.recovered else None
        if older is not None:
            return _json(200, json.dumps(older).encode())
        match path:
            case "/health":
                return self._health()
            case "/version":
                return _json(200, encode(self._calls.version(), JSON))
            case "/metrics":
                return web.Response(body=self._metrics.text(), headers={"Content-Type": METRICS_TYPE})
            case _:
                return rejected(Rejection(404, PATHS))

    def _health(self) -> web.Response:
        """200 while this agent does its work; whether it is registered is said, and is no ill health."""
        link = self._agent.link
        facts = {
            "healthy": self._agent.recovered,
            "registered": link.connected,
            "link": link.last_error or ("registered" if link.connected else "not registered yet"),
        }
        return _json(200 if self._agent.recovered else 503, json.dumps(facts).encode())

    async def _api(self, request: web.BaseRequest) -> web.StreamResponse:
        head = head_of(request)
        if media_type(head.content_type) == RECORDIO:
            return await self._records(request, head)
        rejection = check_head(head, self._max_body_bytes)
        if rejection is not None:
            return rejected(rejection)
        if self._bodies >= BODIES_LIMIT:
            return rejected(
                Rejection(503, "too many calls are being read: try again in a moment", RETRY_LATER)
            )
        self._bodies += 1
        try:
            body = await body_of(request, self._max_body_bytes, BODY_SECONDS)
            outcome = (
                body if isinstance(body, Rejection) else await self._reading.read(self._read, head, body)
            )
        finally:
            self._bodies -= 1
        streams = self._containers.streams
        if isinstance(outcome, Rejection):
            return rejected(outcome)
        if streams.serves(outcome.call):
            stream = await streams.answer(request, outcome)
            return rejected(stream) if isinstance(stream, Rejection) else stream
        if outcome.call.type in WAITS:
            return _reply(await streams.wait(request, outcome.call), outcome.media_type)
        if outcome.call.type is wire.CallType.ATTACH_CONTAINER_INPUT:
            return rejected(Rejection(415, f"expecting 'Content-Type' of {RECORDIO} for {outcome.call.type}"))
        for group in self._groups:
            if group.serves(outcome.call):
                return _reply(await group.handle(outcome.call), outcome.media_type)
        return self._answer(outcome.call, outcome.media_type)

    def _read(self, head: Head, body: bytes) -> Accepted[wire.Call] | Rejection:
        return check_call(head, body, wire.Call, _missing, streams=self._containers.streams.serves)

    async def _records(self, request: web.BaseRequest, head: Head) -> web.Response:
        """A body that is a stream of records: input for a container."""
        rejection = check_stream_head(head) or await self._containers.streams.take_input(request)
        if rejection is None:
            return web.Response(status=200)
        # What the client still sends is not read.
        return rejected(Rejection(rejection.status, rejection.message, CLOSE))

    def _answer(self, call: wire.Call, media_type: MediaType) -> web.Response:
        if not self._calls.serves(call):
            why = SERVED[wire.Call].refusal(str(call.type).lower()) or "there is nothing behind it yet"
            return rejected(Rejection(501, f"{call.type} is not served by this agent: {why}"))
        try:
            return _reply(self._calls.handle(call), media_type)
        except NoSuchFile as error:
            return rejected(Rejection(404, str(error)))
        except SandboxError as error:
            return rejected(Rejection(400, str(error)))


def _json(status: int, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, headers={"Content-Type": JSON})


def _missing(call: wire.Call) -> str | None:
    """What a call lacks whose type says that it has content."""
    return (
        validate(call)
        or validate_container_call(call)
        or validate_provider_call(call)
        or validate_config_call(call)
        or validate_image_call(call)
        or validate_daemon_call(call)
    )


def _reply(answer: wire.Response | Rejection | Done | None, media_type: MediaType) -> web.Response:
    if isinstance(answer, Rejection):
        return rejected(answer)
    if isinstance(answer, Done):
        return web.Response(status=answer.status)
    if answer is None:
        return web.Response(status=200)
    return web.Response(body=encode(answer, media_type), headers={"Content-Type": media_type})
