"""Requests of a standby that are told by their path alone: pages of the daemon itself, and all that the
leader alone answers.

Sockets and status codes. Whoever is sent elsewhere is sent there before anything of its call is looked at.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from aiohttp import web

from api.model.errors import OrlopError
from api.model.process import Process
from api.wire.http_rules import Rejection, served_path
from api.wire.v0.paths import plain, unprefixed
from orchestrator.pages.page import PREFIX, DaemonPages, Maker
from orchestrator.standby.elsewhere import elsewhere
from orchestrator.standby.follower import Follower
from orchestrator.standby.metrics import StandbyMetrics
from orchestrator.standby.reads import PATH
from orchestrator.version import version_info

log = logging.getLogger(__name__)

SCHEDULERS: Final = "/api/v1/scheduler"


class StandbyPaths:
    """Of one standby. See `http.PathEdge`."""

    def __init__(
        self, follower: Follower, metrics: StandbyMetrics, process: Process, product_version: str
    ) -> None:
        self._follower = follower
        self._metrics = metrics
        self._version = msgspec.json.encode(version_info(product_version))
        self._pages: Mapping[str, Maker] = DaemonPages(process, metrics).makers()
        self._own: Mapping[str, Callable[[], web.Response]] = {
            "/health": web.Response,
            "/version": lambda: web.Response(body=self._version, content_type="application/json"),
            "/metrics": self._measured,
        }

    async def response(self, request: web.BaseRequest) -> web.StreamResponse | Rejection | None:
        if served_path(unprefixed(request.path, PREFIX), (SCHEDULERS, PATH)) == PATH:
            return None
        path = plain(request.path, PREFIX)
        if path not in self._own and path not in self._pages:
            return elsewhere(self._follower, "" if path == "/redirect" else request.path_qs)
        if request.method not in ("GET", "HEAD"):
            return Rejection(405, f"expecting a GET, not a {request.method}", (("Allow", "GET, HEAD"),))
        return self._own[path]() if path in self._own else await self._page(path, request)

    def close(self) -> None:
        """Nothing is kept here."""

    def _measured(self) -> web.Response:
        body, content_type = self._metrics.page()
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def _page(self, path: str, request: web.BaseRequest) -> web.Response | Rejection:
        try:
            page = await self._pages[path](request.query)
        except OrlopError as error:
            return Rejection(error.http_status, str(error))
        if isinstance(page, Rejection):
            return page
        return web.Response(body=page.body, headers={"Content-Type": page.content_type})
