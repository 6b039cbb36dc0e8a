"""A whole orchestrator with its HTTP server on a loopback port, and a scripted agent behind it.

Clients here speak raw JSON through aiohttp, as a user's own program would.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from api.wire.codec import decode
from api.wire.recordio import RecordDecoder
from api.wire.v1 import master
from cli.daemon_settings import OrchestratorSettings
from cli.process import DaemonProcess
from orchestrator.daemon import OrchestratorConfig
from orchestrator.edges import build_http_server
from orchestrator.front import Front
from orchestrator.http import HttpLimits
from tests.orchestrator.scripted import ScriptedAgent, lead, open_store

Json = dict[str, Any]

WAIT_SECONDS = 10.0


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():  # noqa: ASYNC110 - conditions of many kinds, in one test helper
            await asyncio.sleep(0.005)


class EventReader:
    """A stream of records, read in the background; `wait` finds one that has come or will come."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.records: list[bytes] = []
        self.chunks: list[bytes] = []
        self.ended = False
        self._arrived = asyncio.Event()
        self._task = asyncio.ensure_future(self._read())

    @property
    def events(self) -> list[Json]:
        return [json.loads(record) for record in self.records]

    @property
    def stream_id(self) -> str:
        return self.response.headers["Mesos-Stream-Id"]

    def of_type(self, event_type: str) -> list[Json]:
        return [event.get(event_type.lower(), {}) for event in self.events if event["type"] == event_type]

    async def wait(self, event_type: str, which: Callable[[Json], object] = lambda body: True) -> Json:
        """The body of the first event of this type that `which` is true of."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                self._arrived.clear()
                for body in self.of_type(event_type):
                    if which(body):
                        return body
                assert not self.ended, f"the stream ended without {event_type}: {self.events[-3:]}"
                await self._arrived.wait()

    async def wait_ended(self) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            await asyncio.wait([self._task])

    async def close(self) -> None:
        self.response.close()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self) -> None:
        decoder, chunk = RecordDecoder(), b""
        try:
            async for data, end_of_chunk in self.response.content.iter_chunks():
                chunk += data
                if end_of_chunk:
                    self.chunks.append(chunk)
                    chunk = b""
                self.records += decoder.feed(data)
                self._arrived.set()
        except aiohttp.ClientError:
            pass
        finally:
            self.ended = True
            self._arrived.set()


class ApiCluster:
    """The orchestrator under test, and a client of it."""

    def __init__(
        self,
        folder: Path,
        limits: HttpLimits | None,
        heartbeat_interval: float,
        config: OrchestratorConfig,
    ) -> None:
        self.folder = folder
        self._config = config
        self.agent = ScriptedAgent()
        self.process = DaemonProcess(
            lambda: OrchestratorSettings(work_dir=folder, log_file=folder / "orchestrator.log")
        )
        self._limits = limits
        self._heartbeat_interval = heartbeat_interval
        self._readers: list[EventReader] = []
        self.is_serving = True
        self._starts = 0

    async def start(self, port: int = 0) -> None:
        """`port`: where it was before; 0 for any."""
        self._starts += 1  # each start draws other ids
        self.store = open_store(self.folder)
        self.orchestrator = rooms = await lead(self.store, self._starts, config=self._config)
        self.server = build_http_server(
            state=rooms.state,
            sessions=rooms.framework_sessions,
            ledger=rooms.ledger,
            journal=rooms.journal,
            allocator=rooms.allocator,
            offers=rooms.offers,
            operations=rooms.operations,
            tasks=rooms.tasks,
            executors=rooms.executors,
            acceptance=rooms.acceptance,
            frameworks=rooms.frameworks,
            provisioning=rooms.provisioning,
            standings=rooms.standings,
            restoration=rooms.restoration,
            interventions=rooms.interventions,
            machines=rooms.machines,
            draining=rooms.draining,
            inverse_offers=rooms.inverse_offers,
            adoptions=rooms.adoptions,
            expansion=rooms.expansion,
            reservations=rooms.reservations,
            quotas=rooms.quotas,
            weights=rooms.weights,
            clock=rooms.clock,
            ids=rooms.ids,
            heartbeat_interval=self._heartbeat_interval,
            product_version="0.1.0",
            identity=rooms.identity,
            process=self.process,
            limits=self._limits,
        )
        self.front = Front(dict, self._limits or HttpLimits())
        ip, self.port = await self.front.start("127.0.0.1", port)
        rooms.identity.listens_at(ip, self.port)
        self.server.open()
        self.front.serve(self.server)
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = aiohttp.ClientSession(self.url)

    async def stop(self) -> None:
        for reader in self._readers:
            await reader.close()
        await self.client.close()
        await self.stop_serving()
        await self.orchestrator.stop()
        await self.store.close()

    async def stop_serving(self) -> None:
        """What the daemon does first when it is told to end."""
        self.is_serving = False
        self.server.end_streams()
        await self.front.stop()
        await self.server.close()

    async def join(self) -> None:
        """The scripted agent registers and reports its pool."""
        await self.agent.join(self.orchestrator)

    # Clients.

    async def post(self, path: str, body: object, headers: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text of the answer to a call in JSON."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        data = body if isinstance(body, bytes) else json.dumps(body)
        async with self.client.post(path, data=data, headers=sent) as response:
            return response.status, await response.text()

    async def operator(self, call_type: str, **fields: object) -> Json:
        """The body of a successful operator call, named by the call."""
        status, text = await self.post("/api/v1", {"type": call_type, **fields})
        assert status in (200, 202), f"{status} {text}"
        decode(master.Response, text.encode())
        answer: Json = json.loads(text)
        assert answer["type"] == call_type
        body: Json = answer[call_type.lower()]
        return body

    async def operator_done(self, call_type: str, **fields: object) -> None:
        """A successful operator call that is answered without a body."""
        status, text = await self.post("/api/v1", {"type": call_type, **fields})
        assert (status, text) == (200, "")

    async def open(self, path: str, body: object) -> EventReader:
        response = await self.client.post(path, json=body)
        reader = EventReader(response)
        self._readers.append(reader)
        return reader

    async def subscribe(
        self,
        role: str = "test",
        framework_id: str | None = None,
        failover_timeout: float = 60.0,
        more: Json | None = None,
        **info: object,
    ) -> Scheduler:
        """`more`: fields of SUBSCRIBE; `info`: of the framework's description."""
        info = {"user": "me", "name": "scheduler", "roles": [role], **info}
        info["failover_timeout"] = failover_timeout
        call: Json = {"type": "SUBSCRIBE", "subscribe": {"framework_info": info, **(more or {})}}
        if framework_id is not None:
            info["id"] = call["framework_id"] = {"value": framework_id}
        stream = await self.open("/api/v1/scheduler", call)
        subscribed = await stream.wait("SUBSCRIBED")
        return Scheduler(self, stream, subscribed["framework_id"]["value"])


class Scheduler:
    """A subscribed framework."""

    def __init__(self, cluster: ApiCluster, stream: EventReader, framework_id: str) -> None:
        self.cluster = cluster
        self.stream = stream
        self.framework_id = framework_id

    async def call(self, call_type: str, body: object = None, **headers: str) -> tuple[int, str]:
        call: Json = {"type": call_type, "framework_id": {"value": self.framework_id}}
        if body is not None:
            call[call_type.lower()] = body
        sent = {"Mesos-Stream-Id": self.stream.stream_id, **headers}
        return await self.cluster.post("/api/v1/scheduler", call, sent)

    async def offer(self, which: Callable[[Json], object] = lambda resource: True) -> Json:
        """An offer that holds a resource that `which` is true of."""

        def holds(offers: Json) -> bool:
            return any(which(resource) for resource in offers["offers"][0]["resources"])

        body = await self.stream.wait("OFFERS", holds)
        offer: Json = body["offers"][0]
        return offer


@asynccontextmanager
async def running(
    folder: Path,
    limits: HttpLimits | None = None,
    heartbeat_interval: float = 15.0,
    config: OrchestratorConfig = OrchestratorConfig(),
) -> AsyncIterator[ApiCluster]:
    cluster = ApiCluster(folder, limits, heartbeat_interval, config)
    await cluster.start()
    try:
        yield cluster
    finally:
        await cluster.stop()
