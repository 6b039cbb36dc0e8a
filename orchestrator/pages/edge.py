"""Pages over HTTP: which requests are for one, and how it is sent.

Sockets and status codes. What a page shows is `orchestrator.pages.pages`'.
"""

from __future__ import annotations

import logging
from typing import Final

import msgspec
from aiohttp import web

from api.model.errors import OrlopError
from api.wire.http_rules import Rejection
from api.wire.v0.paths import plain
from orchestrator.answers import Answers, TooManyAnswers
from orchestrator.metrics import Metrics
from orchestrator.pages.page import PREFIX, Page
from orchestrator.pages.pages import Pages
from orchestrator.version import version_info
from store.port import StoreFailed

log = logging.getLogger(__name__)

LITTLE: Final = frozenset({"/health", "/version", "/metrics", "/redirect"})
"""Pages that are not made from the cluster's state."""

PAGES_LIMIT: Final = 256
"""Pages of state that are being made or sent at once; who asks for a further one is answered 503."""

RETRY_LATER: Final = (("Retry-After", "1"),)


class PageEdge:
    """The pages of one orchestrator."""

    def __init__(self, pages: Pages, metrics: Metrics, answers: Answers, product_version: str) -> None:
        self._pages = pages
        self._metrics = metrics
        self._answers = answers
        self._version = msgspec.json.encode(version_info(product_version))
        self._under_way = 0

    async def response(self, request: web.BaseRequest) -> web.StreamResponse | Rejection | None:
        """The answer: one to be sent, or one that was sent in slices. None when the path is no page's."""
        path = plain(request.path, PREFIX)
        if path not in LITTLE and not self._pages.serves(path):
            return None
        if request.method not in ("GET", "HEAD"):
            return Rejection(405, f"expecting a GET, not a {request.method}", (("Allow", "GET, HEAD"),))
        if path in LITTLE:
            return self._little(path, request)
        if self._under_way >= PAGES_LIMIT:
            return Rejection(503, "too many pages are asked for: try again in a moment", RETRY_LATER)
        self._under_way += 1
        try:
            return await self._page(path, request)
        finally:
            self._under_way -= 1

    async def _page(self, path: str, request: web.BaseRequest) -> web.StreamResponse | Rejection:
        try:
            page = await self._pages.page(path, request.query)
        except OrlopError as error:
            return Rejection(error.http_status, str(error))
        except StoreFailed:
            return Rejection(
                503,
                "what there is to show is not durable, and the orchestrator restarts: ask again",
                RETRY_LATER,
            )
        except Exception:
            log.exception("the page %s cannot be made", path)
            return Rejection(500, "an internal error, described in the orchestrator's log: report it")
        return page if isinstance(page, Rejection) else await self._sent(request, page)

    def close(self) -> None:
        """The server stops."""
        self._pages.close()

    def _little(self, path: str, request: web.BaseRequest) -> web.Response:
        if path == "/version":
            return web.Response(body=self._version, content_type="application/json")
        if path == "/metrics":
            body, content_type = self._metrics.page()
            return web.Response(body=body, headers={"Content-Type": content_type})
        if path == "/redirect":
            return web.Response(status=307, headers={"Location": f"//{_authority(request)}"})
        return web.Response()

    async def _sent(self, request: web.BaseRequest, page: Page) -> web.StreamResponse | Rejection:
        headers = {"Content-Type": page.content_type}
        if page.chunks is None or request.method == "HEAD":
            return web.Response(body=page.body, headers=headers)
        try:
            return await self._answers.send(request, web.StreamResponse(headers=headers), page.chunks, None)
        except TooManyAnswers as error:
            return Rejection(503, str(error), RETRY_LATER)


def _authority(request: web.BaseRequest) -> str:
    """Host and port as the client knows them. Not `request.host`: that lacks the port when the request's
    target is a whole URL, as some clients send it."""
    named = request.headers.get("Host")
    if named:
        return named
    address = request.transport.get_extra_info("sockname") if request.transport is not None else None
    if not isinstance(address, tuple):
        return request.host
    return f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"
