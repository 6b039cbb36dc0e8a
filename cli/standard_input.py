"""Our own standard input, piece by piece, without a thread that would wait for it for ever."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import sys
from collections.abc import AsyncIterator
from typing import Final

CHUNK: Final = 64 * 1024


async def pieces() -> AsyncIterator[bytes]:
    """What is read, as it comes; and at its end an empty piece."""
    number = sys.stdin.fileno()
    try:
        reader, transport = await _reader()
    except (ValueError, PermissionError):  # a file: reading it does not wait
        while data := os.read(number, CHUNK):
            yield data
            await asyncio.sleep(0)
        yield b""
        return
    try:
        while data := await reader.read(CHUNK):
            yield data
        yield b""
    finally:
        transport.close()
        with contextlib.suppress(OSError):
            os.set_blocking(number, True)  # others may share it: the shell that started us


async def _reader() -> tuple[asyncio.StreamReader, asyncio.ReadTransport]:
    """Raises ValueError, PermissionError: it is nothing that can be waited for."""
    with select.epoll() as trial:
        trial.register(sys.stdin.fileno())  # connect_read_pipe finds out too late
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    # A copy of the descriptor: closing the transport must not close ours.
    file = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
    try:
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    except BaseException:
        file.close()
        raise
    return reader, transport
