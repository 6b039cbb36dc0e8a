"""An answer to a follower on its way: records, as fast as they are read.

Bytes in, sockets out. It knows nothing of what they say.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Final

from aiohttp import web

from api.wire.content import JSON
from api.wire.http_rules import RECORDIO
from store.port import StoreFailed

log = logging.getLogger(__name__)

WRITE_BYTES: Final = 64 * 1024
"""Records are written together until they are as long."""

UNREAD_SECONDS: Final = 10.0
"""For what was written to be taken, but for what the kernel keeps; then the connection is cut off."""


class FollowAnswer:
    """One answer. `records`: framed; they are closed when nobody reads any more."""

    def __init__(self, records: AsyncGenerator[bytes, None]) -> None:
        self._records = records

    def finish(self) -> None:
        """It ends by itself."""

    async def serve(self, request: web.BaseRequest, headers: Mapping[str, str]) -> web.StreamResponse:
        """Answer `request` with all records, or break the connection off: without its end it says nothing."""
        response = web.StreamResponse(
            headers={
                "Content-Type": RECORDIO,
                "Message-Content-Type": JSON,
                "Cache-Control": "no-store",
                **headers,
            }
        )
        try:
            async with aclosing(self._records) as records:
                await self._send(request, response, records)
        except (StoreFailed, TimeoutError, ConnectionError) as error:
            log.info("a standby was not told everything: %s", str(error) or "it did not read")
            if request.transport is not None:
                request.transport.abort()
        return response

    async def _send(
        self, request: web.BaseRequest, response: web.StreamResponse, records: AsyncIterator[bytes]
    ) -> None:
        waiting: list[bytes] = []
        size = 0
        await response.prepare(request)
        async for record in records:
            waiting.append(record)
            size += len(record)
            if size >= WRITE_BYTES:
                await _write(response, waiting)
                waiting, size = [], 0
        if waiting:
            await _write(response, waiting)
        await response.write_eof()


async def _write(response: web.StreamResponse, records: list[bytes]) -> None:
    async with asyncio.timeout(UNREAD_SECONDS):
        await response.write(b"".join(records))
