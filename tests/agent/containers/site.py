"""An agent on models with its HTTP API on a socket, for tests of the calls on containers."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from agent.operator_api import OperatorApi
from agent.operator_calls import OperatorCalls
from agent.providers.api import ProviderApi
from api.wire.recordio import RecordDecoder, encode_record
from tests.agent.model_containerizer import ModelContainerizer
from tests.agent.world import World

JSON = {"Content-Type": "application/json"}
RECORDIO = {"Content-Type": "application/recordio", "Message-Content-Type": "application/json"}


def identified(path: str) -> dict[str, Any]:
    """A ContainerID: `a.b` is `b` nested in `a`."""
    found: dict[str, Any] = {}
    for value in path.split("."):
        found = {"value": value, "parent": found} if found else {"value": value}
    return found


@dataclass
class Site:
    """Who calls the API. `url` of the agent."""

    session: aiohttp.ClientSession
    url: str

    async def call(self, type: str, path: str | None = None, **content: Any) -> tuple[int, Any]:
        """The status, and the body: parsed when it is JSON. `path` names the container that it is about."""
        if path is not None:
            content["container_id"] = identified(path)
        body = {"type": type, type.lower(): content}
        async with self.session.post(f"{self.url}/api/v1", json=body) as response:
            text = await response.text()
            return response.status, json.loads(text) if text.startswith("{") else text.strip()

    async def launch(self, path: str, command: str = "sleep 1000", **content: Any) -> tuple[int, Any]:
        return await self.call("LAUNCH_CONTAINER", path, command={"value": command}, **content)

    async def read(self, path: str) -> tuple[int, Any]:
        """READ_FILE of that path."""
        body = {"type": "READ_FILE", "read_file": {"path": path, "offset": 0}}
        async with self.session.post(f"{self.url}/api/v1", json=body) as response:
            return response.status, await response.json() if response.status == 200 else await response.text()

    async def get(self, path: str) -> Any:
        async with self.session.get(f"{self.url}{path}") as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def send_input(self, records: list[dict[str, Any]], **headers: str) -> tuple[int, str]:
        """Stream records of input; the status and the text."""

        async def body() -> AsyncIterator[bytes]:
            for record in records:
                yield encode_record(json.dumps(record).encode())

        async with self.session.post(
            f"{self.url}/api/v1", data=body(), headers={**RECORDIO, **headers}
        ) as response:
            return response.status, await response.text()

    @asynccontextmanager
    async def stream(self, type: str, path: str, **content: Any) -> AsyncIterator[Output]:
        """An output stream, asked for as records."""
        body = {"type": type, type.lower(): {"container_id": identified(path), **content}}
        headers = {"Accept": "application/recordio", "Message-Accept": "application/json"}
        async with self.session.post(f"{self.url}/api/v1", json=body, headers=headers) as response:
            yield Output(response)


class Output:
    """What a container prints, as its stream tells it."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.printed = {"STDOUT": b"", "STDERR": b""}
        self.heartbeats = 0
        self._records = RecordDecoder()

    async def until(self, text: bytes, seconds: float = 10.0) -> None:
        """Read on until `text` was printed on standard output."""
        async with asyncio.timeout(seconds):
            while text not in self.printed["STDOUT"]:
                assert await self._read(), f"the stream ended: {self.printed}"

    async def rest(self, seconds: float = 10.0) -> None:
        """Read on until the stream ends."""
        async with asyncio.timeout(seconds):
            while await self._read():
                pass

    async def _read(self) -> bool:
        data = await self.response.content.readany()
        for record in self._records.feed(data):
            message = json.loads(record)
            if message["type"] == "CONTROL":
                self.heartbeats += 1
                continue
            self.printed[message["data"]["type"]] += base64.b64decode(message["data"]["data"])
        return bool(data)


@asynccontextmanager
async def site_of(world: World) -> AsyncIterator[Site]:
    """The API of the world's agent, which has started."""
    assert world.agent is not None
    calls = OperatorCalls(world.agent, ModelContainerizer(world.host), world.files, "0.1.0")
    provider_api = ProviderApi(world.manager, world.ids)  # type: ignore[arg-type]
    api = OperatorApi(world.agent, calls, world.edge, provider_api, [], "127.0.0.1", 0, pages=world.pages)
    await api.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Site(session, f"http://127.0.0.1:{api.port}")
    finally:
        await api.stop()


def sandbox_of(world: World, *path: str) -> Path:
    """Where the output of an operator's container is kept."""
    found = world.containers.sandbox(path)
    assert found is not None
    return found
