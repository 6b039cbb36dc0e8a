"""Connections that are kept, and those that are not: too many, and heads that never come to an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from api.wire.listening import BoundedServer

PATIENCE = 20.0
REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def listening(max_connections: int = 10, head_seconds: float = 0.5) -> AsyncIterator[int]:
    """A server that says hello; its port."""

    async def hello(request: web.BaseRequest) -> web.Response:
        return web.Response(text="hello")

    runner = web.ServerRunner(BoundedServer(hello, max_connections, head_seconds), shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def connected(port: int) -> Streams:
    return await asyncio.open_connection("127.0.0.1", port)


async def asked(streams: Streams, request: bytes = REQUEST) -> bytes:
    reader, writer = streams
    writer.write(request)
    async with asyncio.timeout(PATIENCE):
        return await reader.readuntil(b"hello")


async def cut_off(streams: Streams) -> bool:
    """Whether the other side ends the connection; what it says before does not matter."""
    try:
        async with asyncio.timeout(PATIENCE):
            while await streams[0].read(1000):
                pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    return True


async def drip(streams: Streams) -> None:
    """A head that goes on for ever, a little at a time."""
    try:
        streams[1].write(b"GET / HTTP/1.1\r\n")
        while True:
            streams[1].write(b"X: y\r\n")
            await streams[1].drain()
            await asyncio.sleep(0.05)
    except OSError:
        pass


async def test_who_never_ends_a_head_is_cut_off_also_after_an_earlier_request() -> None:
    async with listening() as port:
        for earlier in (False, True):
            streams = await connected(port)
            if earlier:
                assert b"200" in await asked(streams)
            dripping = asyncio.create_task(drip(streams))
            assert await cut_off(streams)
            dripping.cancel()
            streams[1].close()


async def test_connections_that_are_opened_in_advance_or_kept_are_not_cut_off() -> None:
    async with listening() as port:
        silent, kept, slow, unread = [await connected(port) for _ in range(4)]
        assert b"200" in await asked(kept)
        slow[1].write(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nab")
        assert b"200" in await asked(unread, b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\nabc")
        dripping = asyncio.create_task(drip(late := await connected(port)))
        assert await cut_off(late)  # as long as those whose heads are awaited are kept
        dripping.cancel()
        slow[1].write(b"cde")
        assert b"hello" in await slow[0].readuntil(b"hello")
        for streams in (silent, kept, unread):
            assert b"200" in await asked(streams)
        for streams in (silent, kept, slow, unread, late):
            streams[1].close()


async def test_one_connection_too_many_is_closed_and_the_others_are_served() -> None:
    async with listening(max_connections=2) as port:
        first, second = await connected(port), await connected(port)
        assert b"200" in await asked(first)
        assert b"200" in await asked(second)
        third = await connected(port)
        assert await cut_off(third)
        assert b"200" in await asked(first)
        for streams in (first, second, third):
            streams[1].close()
