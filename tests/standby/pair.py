"""A leader and a standby of it in one process, each with its own HTTP port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from api.model.clock import SystemClock
from api.wire.content import JSON, PROTOBUF, MediaType, decode
from api.wire.v1 import master
from orchestrator.front import Front
from orchestrator.shown_answers import SHOWN
from orchestrator.standby.reads import AGE, DOCUMENTS
from orchestrator.standby.source import Source
from orchestrator.standby.standby import Standby
from tests.orchestrator_api.cluster import WAIT_SECONDS, ApiCluster

READS = sorted((*SHOWN, *DOCUMENTS))
"""What a standby answers of what it was told."""


class StandbyServer:
    """A standby, and a client of it."""

    def __init__(self, standby: Standby, port: int, client: aiohttp.ClientSession) -> None:
        self.standby = standby
        self.port = port
        self.client = client

    async def ask(
        self, call: str | bytes, accept: MediaType = JSON, path: str = "/api/v1", **headers: str
    ) -> tuple[aiohttp.ClientResponse, bytes]:
        return await ask(self.client, call, accept, path, **headers)

    async def grown(self, age: float) -> None:
        """Wait until what there is to show is so old."""
        async with asyncio.timeout(WAIT_SECONDS):
            while (self.standby.age or 0.0) < age:  # noqa: ASYNC110 - a port of a test
                await asyncio.sleep(0.01)

    async def shown(self) -> None:
        """Wait until there is something to show."""
        async with asyncio.timeout(WAIT_SECONDS):
            while self.standby.age is None:  # noqa: ASYNC110 - a port of a test
                await asyncio.sleep(0.01)


async def ask(
    client: aiohttp.ClientSession,
    call: str | bytes,
    accept: MediaType = JSON,
    path: str = "/api/v1",
    **headers: str,
) -> tuple[aiohttp.ClientResponse, bytes]:
    """An answer as it travels, without following redirects."""
    body = call if isinstance(call, bytes) else json.dumps({"type": call}).encode()
    sent = {"Content-Type": JSON, "Accept": accept, "Accept-Encoding": "identity", **headers}
    async with client.post(path, data=body, headers=sent, allow_redirects=False) as response:
        return response, await response.read()


@asynccontextmanager
async def standing_by(cluster: ApiCluster, source: Source | None = None) -> AsyncIterator[StandbyServer]:
    """A standby that follows nobody yet."""
    standby = Standby("b", SystemClock(), cluster.process, "0.1.0", source=source)
    front = Front(dict)
    host, port = await front.start("127.0.0.1", 0)
    standby.open(f"{host}:{port}")
    front.serve(standby.server)
    async with aiohttp.ClientSession(f"http://{host}:{port}", auto_decompress=False) as client:
        try:
            yield StandbyServer(standby, port, client)
        finally:
            await standby.close()
            await front.stop()


@asynccontextmanager
async def following(cluster: ApiCluster, source: Source | None = None) -> AsyncIterator[StandbyServer]:
    """One that follows the cluster's leader, and has something to show."""
    async with standing_by(cluster, source) as made:
        made.standby.follow(0, f"127.0.0.1:{cluster.port}")
        await made.shown()
        yield made


async def same(cluster: ApiCluster, server: StandbyServer) -> None:
    """Wait until the standby answers every call as its leader does: in JSON byte for byte."""
    async with aiohttp.ClientSession(cluster.url) as leader:
        for call in READS:
            await _until_same(leader, server, call)


async def _until_same(leader: aiohttp.ClientSession, server: StandbyServer, call: str) -> None:
    here: Any = None
    there: Any = None
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                told, there = await ask(leader, call)
                shown, here = await server.ask(call)
                assert (told.status, shown.status) == (200, 200), (call, told.status, shown.status, here)
                assert AGE in shown.headers
                assert AGE not in told.headers
                if here == there:
                    _, here = await ask(leader, call, PROTOBUF)
                    _, there = await server.ask(call, PROTOBUF)
                    if decode(master.Response, here, PROTOBUF) == decode(master.Response, there, PROTOBUF):
                        return
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"{call} shows {here!r} instead of {there!r}") from None
