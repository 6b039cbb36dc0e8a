"""Probes over the network: an HTTP request, a TCP connection. Reads little and never for long.

Who calls bounds the time. No certificate is checked and no redirect is followed: a probe asks whether
the task answers, not whether it is who it says.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable
from typing import Final

from agent.checks.definition import SUCCESSES, HttpProbe, TcpProbe
from agent.checks.findings import Found, http_answer, tcp_answer

MAX_LINE: Final = 16 * 1024
"""Bytes of an answer's line that are read; a longer one is no HTTP."""

MAX_LINES: Final = 200
"""Header lines of informational answers that are skipped."""

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[str, int, ssl.SSLContext | None], Awaitable[Connection]]
"""Host (an IP address), port, and how to encrypt, if at all. Raises OSError."""


class NoHttp(Exception):
    """What came back is no answer of an HTTP server."""


async def connect(host: str, port: int, encryption: ssl.SSLContext | None) -> Connection:
    """The real network."""
    return await asyncio.open_connection(host, port, ssl=encryption, limit=MAX_LINE)


async def probe_tcp(probe: TcpProbe, host: str, open_connection: Connect) -> Found:
    """Whether something accepts connections. Never raises but for cancellation."""
    try:
        _, writer = await open_connection(host, probe.port, None)
    except OSError as error:
        return tcp_answer(False, f"no connection to {_place(host, probe.port)}: {_reason(error)}")
    writer.close()
    return tcp_answer(True, f"{_place(host, probe.port)} accepts connections")


async def probe_http(probe: HttpProbe, host: str, open_connection: Connect) -> Found | str:
    """The server's answer, or in words why there is none."""
    place = _place(host, probe.port)
    try:
        reader, writer = await open_connection(host, probe.port, _encryption(probe))
    except OSError as error:
        return f"no connection to {place}: {_reason(error)}"
    try:
        writer.write(_request(probe, place))
        await writer.drain()
        code = await _status(reader)
    except (OSError, NoHttp, ValueError, asyncio.IncompleteReadError) as error:
        return f"{place} sent no HTTP answer: {_reason(error)}"
    finally:
        writer.transport.abort()  # without waiting for a server that does not close
    passed = code in probe.statuses if probe.statuses else code in SUCCESSES
    return http_answer(code, passed, f"GET {probe.path} was answered with {code}")


def _request(probe: HttpProbe, place: str) -> bytes:
    lines = (f"GET {probe.path} HTTP/1.1", f"Host: {place}", "User-Agent: orlop", "Accept: */*")
    return "\r\n".join((*lines, "Connection: close", "", "")).encode("ascii")


async def _status(reader: asyncio.StreamReader) -> int:
    for _ in range(MAX_LINES):
        line = await reader.readline()
        if not line:
            raise NoHttp("the connection was closed")
        words = line.split(None, 2)
        if not words or not words[0].startswith(b"HTTP/"):
            if line[:1].isspace() or b":" in line:
                continue  # a header of an informational answer, or the line that ends it
            raise NoHttp("it begins with something else")
        code = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
        if not 100 <= code <= 999:
            raise NoHttp("it has no status")
        if code >= 200:
            return code
    raise NoHttp("it does not come to its status")


def _encryption(probe: HttpProbe) -> ssl.SSLContext | None:
    if probe.scheme != "https":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno is not None and not isinstance(error, ssl.SSLError):
        return os.strerror(error.errno)  # asyncio's own text says less
    return str(error) or type(error).__name__
