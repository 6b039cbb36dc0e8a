"""An HTTP server that keeps no more connections than it may, and waits for no request's head for ever.

Both daemons listen with it. What is asked and answered is not known here. A connection on which nothing is
said is nobody's fault: clients open some in advance, and keep them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import StreamReader, web

HEAD_SECONDS: Final = 30.0
"""From the first byte of a request to the end of its head; then the connection is cut off."""

LOOK_SECONDS: Final = 1.0
"""How often to look for those: they are cut off late by this at most."""

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class BoundedServer(web.Server):
    """Hands each request to `answer`. `options` are those of aiohttp's connections."""

    def __init__(
        self, answer: Answer, max_connections: int, head_seconds: float = HEAD_SECONDS, **options: Any
    ) -> None:
        """A connection beyond `max_connections` is closed at once."""
        super().__init__(self._answered, **options)
        self._answer = answer
        self._max_connections = max_connections
        self._head_seconds = head_seconds
        self._options = options
        self._answering: set[web.RequestHandler] = set()
        self._awaited: dict[web.RequestHandler, float] = {}
        """Since when the rest of a head is awaited there, by the event loop's time; the longest first."""
        self._rests: dict[web.RequestHandler, StreamReader] = {}
        """Bodies that were answered before all of them had come."""
        self._look: asyncio.TimerHandle | None = None

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=asyncio.get_running_loop(), **self._options)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        if len(self.connections) > self._max_connections:
            transport.abort()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        self._awaited.pop(handler, None)
        self._rests.pop(handler, None)
        self._answering.discard(handler)

    def heard(self, handler: web.RequestHandler) -> None:
        """Bytes have come there: of a head, unless a request is being answered."""
        if handler in self._answering or handler in self._awaited:
            return
        if (rest := self._rests.get(handler)) is not None:
            if not rest.is_eof():
                return
            del self._rests[handler]
        loop = asyncio.get_running_loop()
        self._awaited[handler] = loop.time()
        if self._look is None:
            self._look = loop.call_later(LOOK_SECONDS, self._cut_off)

    async def _answered(self, request: web.BaseRequest) -> web.StreamResponse:
        handler = request.protocol
        self._awaited.pop(handler, None)
        self._answering.add(handler)
        try:
            return await self._answer(request)
        finally:
            self._answering.discard(handler)
            if not request.content.is_eof() and handler in self.connections:
                self._rests[handler] = request.content

    def _cut_off(self) -> None:
        loop = asyncio.get_running_loop()
        late = loop.time() - self._head_seconds
        for handler, since in list(self._awaited.items()):
            if since > late:
                break
            del self._awaited[handler]
            if handler.transport is not None:
                handler.transport.abort()
        self._look = loop.call_later(LOOK_SECONDS, self._cut_off) if self._awaited else None


class _Connection(web.RequestHandler):
    """Says when something comes."""

    __slots__ = ("_server",)

    def __init__(self, server: BoundedServer, **options: Any) -> None:
        super().__init__(server, **options)
        self._server = server

    def data_received(self, data: bytes) -> None:
        self._server.heard(self)
        super().data_received(data)
