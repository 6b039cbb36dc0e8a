"""The one HTTP listener of an orchestrator's process, whoever leads.

Each request goes to the leader's server or to the standby's, and to one of them only; while there is none,
because this process recovers, it is answered 503. What is asked and answered is not known here, but for
/health, which says what this process is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import msgspec
from aiohttp import web

from api.wire.listening import BoundedServer
from api.wire.v0.paths import plain
from orchestrator.http import HttpLimits
from orchestrator.pages.page import PREFIX

BACKLOG: Final = 4_096
"""Connections that the kernel keeps until they are accepted; more are refused."""

HEALTH: Final = "/health"


class Handler(Protocol):
    """Who answers requests now."""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer it, or serve a stream until it is over."""


class Front:
    """Listens, from the start of the process to its end."""

    def __init__(self, health: Callable[[], Mapping[str, Any]], limits: HttpLimits = HttpLimits()) -> None:
        """`health`: what /health says, as JSON."""
        self._health = health
        self._limits = limits
        self._handler: Handler | None = None
        self._is_over: Callable[[], bool] = _never
        self._why = "the orchestrator starts"
        self._runner: web.ServerRunner | None = None

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listen, and return address and port (a free one when `port` is 0). Raises OSError."""
        # Handler cancellation stays off, its default: what a client asked for is carried out whole,
        # also when it no longer listens. No application around it: there are no routes to choose among.
        server = BoundedServer(
            self._handle,
            self._limits.max_connections,
            access_log=None,
            keepalive_timeout=self._limits.keepalive_seconds,
            lingering_time=self._limits.lingering_seconds,
        )
        runner = web.ServerRunner(server, shutdown_timeout=self._limits.shutdown_seconds)
        await runner.setup()
        self._runner = runner
        try:
            await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
        except BaseException:
            await self.stop()
            raise
        ip, bound = runner.addresses[0][:2]
        return str(ip), int(bound)

    def serve(self, handler: Handler, is_over: Callable[[], bool] | None = None) -> None:
        """Requests go to this one from now on; those that are being answered stay where they are.

        `is_over`: whether it may not answer any more, asked for each request: a process that was paused finds
        requests that came meanwhile before it finds that it leads no more.
        """
        self._handler, self._is_over = handler, is_over or _never

    def refuse(self, why: str) -> None:
        """Requests are answered 503 from now on: try again in a moment."""
        self._handler, self._why = None, why

    async def stop(self) -> None:
        """Listen no more; what is being answered is, within `shutdown_seconds`."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method in ("GET", "HEAD") and plain(request.path, PREFIX) == HEALTH:
            return web.Response(body=msgspec.json.encode(self._health()), content_type="application/json")
        if self._handler is None:
            return _later(self._why)
        if self._is_over():
            return _later("this orchestrator leads no more: try again in a moment")
        return await self._handler.handle(request)


def _later(why: str) -> web.Response:
    return web.Response(status=503, text=f"{why}\n", headers={"Retry-After": "1"})


def _never() -> bool:
    return False
