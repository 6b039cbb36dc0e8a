"""What the agent's HTTP edges do alike with a request: its head, its body, refusals, streams that stay open.

No call is understood here, and nothing is decided: `api.wire.http_rules` says what a request has to be.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final

from aiohttp import web

from api.wire.http_rules import Head, Rejection, body_too_long
from api.wire.unread import LOOK_SECONDS, Unread

BODIES_LIMIT: Final = 64
"""Calls of operators whose bodies are being read at once; a further one is answered 503: say it again."""

CLOSE: Final = (("Connection", "close"),)


def head_of(request: web.BaseRequest) -> Head:
    """What the request says before its body."""
    return Head(
        method=request.method,
        content_type=request.headers.get("Content-Type"),
        accept=", ".join(request.headers.getall("Accept", [])) or None,
        content_length=request.content_length,
        message_accept=request.headers.get("Message-Accept"),
        message_content_type=request.headers.get("Message-Content-Type"),
    )


def rejected(rejection: Rejection) -> web.Response:
    """The answer that says so, in one line."""
    line = " ".join(rejection.message.split())
    response = web.Response(status=rejection.status, text=f"{line}\n", headers=dict(rejection.headers))
    if response.headers.get("Connection") == "close":
        response.force_close()
    return response


async def body_of(request: web.BaseRequest, max_bytes: int, seconds: float) -> bytes | Rejection:
    """The whole body, unless it is too long (413) or takes too long to arrive (408)."""
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > max_bytes:
                    return body_too_long(max_bytes)
    except TimeoutError:
        return Rejection(408, f"the body did not arrive within {seconds:g} s", CLOSE)
    except (web.RequestPayloadError, ConnectionError) as error:
        return Rejection(400, f"the body cannot be read: {error}", CLOSE)
    return bytes(body)


def is_closed(request: web.BaseRequest) -> bool:
    """Whether the request's connection has gone."""
    return request.transport is None or request.transport.is_closing()


def abort(request: web.BaseRequest) -> None:
    """Drop the connection, with what waits to be sent."""
    if request.transport is not None:
        request.transport.abort()


def bound_silence(transport: asyncio.Transport | None, seconds: float) -> None:
    """Have the kernel drop a connection whose peer no longer confirms what it is sent."""
    connection = None if transport is None else transport.get_extra_info("socket")
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))


async def look_after(unread: Unread) -> None:
    """Cut connections off on which answers are not read, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        unread.look(loop.time())
