"""Work that is done for one client, and is given up when that client has gone or the agent stops.

Knows connections alone: neither calls nor containers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from aiohttp import web

from agent.http_edge import is_closed

T = TypeVar("T")

LOOK_SECONDS: Final = 0.25
"""Between looks whether a client is still there, unless the caller says otherwise."""


async def while_connected(
    request: web.BaseRequest,
    closing: asyncio.Event,
    work: Coroutine[Any, Any, T],
    pause: float = LOOK_SECONDS,
) -> T:
    """What `work` returns. Raises ConnectionError when the client goes before, or the agent stops.

    `work` is cancelled then, and has ended when this returns.
    """
    job, stopping = asyncio.create_task(work), asyncio.create_task(closing.wait())
    try:
        while not job.done():
            await asyncio.wait((job, stopping), timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            if not job.done() and (stopping.done() or is_closed(request)):
                raise ConnectionResetError("the agent stops" if stopping.done() else "the client has gone")
        return job.result()
    finally:
        job.cancel()
        stopping.cancel()
        await asyncio.gather(job, stopping, return_exceptions=True)
