"""An orchestrator that answers from a script, for tests of clients: real HTTP, no cluster behind it.

It keeps what it was asked; it decides nothing that a test did not put in.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

Document = dict[str, Any]
Answer = Document | tuple[int, str]
Handler = Callable[[Document], Answer]


class FakeOrchestrator:
    """`answers` by call type: a document (200), or (status, text), or a function of the call.

    `streams` receives, for each SUBSCRIBE of a scheduler, a queue of events to send; None ends the stream.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Handler] = {}
        self.calls: list[Document] = []
        self.stream_ids: list[str | None] = []
        self.streams: asyncio.Queue[asyncio.Queue[Document | None]] = asyncio.Queue()
        self.url = ""
        self._server: TestServer | None = None

    async def come(self) -> None:
        """Listen; where it did before if it was there already."""
        app = web.Application()
        app.router.add_post("/api/v1", self.operator)
        app.router.add_post("/api/v1/scheduler", self.scheduler)
        port = URL(self.url).port if self.url else None
        self._server = TestServer(app, port=port)
        await self._server.start_server(shutdown_timeout=0.1)
        self.url = str(self._server.make_url("")).rstrip("/")

    async def go(self) -> None:
        """Stop listening and break all connections."""
        server, self._server = self._server, None
        if server is not None:
            await server.close()

    def asked(self, kind: str) -> list[Document]:
        """The calls of that type, oldest first."""
        return [call for call in self.calls if call["type"] == kind]

    async def operator(self, request: web.Request) -> web.StreamResponse:
        call = await request.json()
        self.calls.append(call)
        answer = self.answers.get(call["type"], {"type": call["type"]})
        if callable(answer):
            answer = answer(call)
        if isinstance(answer, tuple):
            headers = {"Location": answer[1]} if answer[0] == 307 else {}
            return web.Response(status=answer[0], text=answer[1], headers=headers)
        return web.json_response(answer)

    async def scheduler(self, request: web.Request) -> web.StreamResponse:
        call = await request.json()
        self.calls.append(call)
        if call["type"] != "SUBSCRIBE":
            self.stream_ids.append(request.headers.get("Mesos-Stream-Id"))
            answer = self.answers.get(call["type"])
            if callable(answer):
                answer = answer(call)
            return (
                web.Response(status=answer[0], text=answer[1])
                if isinstance(answer, tuple)
                else web.Response(status=202)
            )
        return await self._stream(request)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Mesos-Stream-Id": f"stream-{len(self.asked('SUBSCRIBE'))}"})
        await response.prepare(request)
        events: asyncio.Queue[Document | None] = asyncio.Queue()
        await self.streams.put(events)
        while (event := await events.get()) is not None:
            record = json.dumps(event).encode()
            await response.write(b"%d\n%b" % (len(record), record))
        return response


@asynccontextmanager
async def running() -> AsyncIterator[FakeOrchestrator]:
    fake = FakeOrchestrator()
    try:
        await fake.come()
        yield fake
    finally:
        await fake.go()
