"""Probes against real servers on this machine, good and bad ones."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from agent.checks.definition import HttpProbe, TcpProbe
from agent.checks.findings import Found
from agent.checks.network import connect, probe_http, probe_tcp

HOST = "127.0.0.1"
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(answer: bytes, *, closes: bool = True) -> AsyncIterator[int]:
    """A server that answers every request with `answer`; its port."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
        if closes:
            writer.close()

    listening = await asyncio.start_server(handle, HOST, 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


async def ask(answer: bytes, *, closes: bool = True, statuses: frozenset[int] = frozenset()) -> Found | str:
    async with server(answer, closes=closes) as port:
        async with asyncio.timeout(5):
            return await probe_http(HttpProbe(port, "/x", statuses=statuses), HOST, connect)


@pytest.mark.parametrize(
    ("code", "passed"), [(200, True), (204, True), (302, True), (399, True), (404, False), (503, False)]
)
async def test_statuses_from_200_to_399_are_healthy(code: int, passed: bool) -> None:
    found = await ask(f"HTTP/1.1 {code} Whatever\r\n\r\n".encode())
    assert isinstance(found, Found)
    assert found.passed is passed
    assert found.status.http.status_code == code  # type: ignore[union-attr]


async def test_listed_statuses_are_the_healthy_ones() -> None:
    found = await ask(b"HTTP/1.1 418 Teapot\r\n\r\n", statuses=frozenset({418}))
    assert isinstance(found, Found)
    assert found.passed


async def test_a_server_that_never_closes_has_answered_with_its_first_line() -> None:
    found = await ask(b"HTTP/1.0 200 OK\r\nContent-Length: 1000000\r\n\r\n", closes=False)
    assert isinstance(found, Found)
    assert found.passed


async def test_informational_answers_are_passed_over() -> None:
    found = await ask(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 500 No\r\n\r\n")
    assert isinstance(found, Found)
    assert not found.passed


@pytest.mark.parametrize(
    "answer",
    [b"", b"SSH-2.0-something\r\n", b"HTTP/1.1\r\n", b"HTTP/1.1 abc\r\n", b"x" * 100_000, b"\xff\x00\r\n"],
)
async def test_what_is_no_http_is_no_answer(answer: bytes) -> None:
    found = await ask(answer)
    assert isinstance(found, str)
    assert "sent no HTTP answer" in found


async def test_endless_headers_are_not_read_for_ever() -> None:
    found = await ask(b"HTTP/1.1 100 Continue\r\n" + b"A: b\r\n" * 100_000)
    assert isinstance(found, str)


async def test_a_port_that_accepts_connections_passes_and_a_closed_one_does_not() -> None:
    async with server(b"") as port:
        assert (await probe_tcp(TcpProbe(port), HOST, connect)).passed
    found = await probe_tcp(TcpProbe(port), HOST, connect)
    assert not found.passed
    assert "refused" in found.words
    http = await probe_http(HttpProbe(port, "/"), HOST, connect)
    assert isinstance(http, str)
    assert "refused" in http
