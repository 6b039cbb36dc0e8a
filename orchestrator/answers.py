"""Answers on their way to whoever asked: long ones in slices, and an end for those that nobody reads.

Bytes in, sockets out. It knows nothing of what an answer says, and streams of events are not its business
(`streams`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from aiohttp import HttpVersion11, web

from api.wire.unread import LOOK_SECONDS, UNREAD_SECONDS, Unread

log = logging.getLogger(__name__)

LONG_BYTES: Final = 256 * 1024
"""A longer answer is sent in slices, and no slice is longer. A shorter one goes out at once."""

SLICE_SECONDS: Final = 0.002
"""Of the event loop's time for one answer, then others have their turn."""

SLOWEST_BYTES_PER_SECOND: Final = 256 * 1024
"""A long answer may take as long as any, and longer by its length at this rate; then its connection is cut
off."""

UNKNOWN_BYTES: Final = 128 * 2**20
"""What an answer counts as whose length is not known before it was sent."""

LONG_ANSWERS_LIMIT: Final = 256
"""Long answers on their way at once; who asks for a further one is answered 503 and may try again. What they
hold in memory is one slice each, and the state that they were made from, which is shared."""


class TooManyAnswers(Exception):
    """`LONG_ANSWERS_LIMIT` is reached: the client should ask again a moment later."""


class Answers:
    """All answers of a server that are not taken yet."""

    def __init__(self, unread_seconds: float = UNREAD_SECONDS) -> None:
        """`unread_seconds`: for a client to take what it was answered."""
        self._patience = unread_seconds
        self._unread = Unread(unread_seconds)
        self._long = 0

    def short(self, request: web.BaseRequest, response: web.StreamResponse) -> web.StreamResponse:
        """An answer that the server sends at once; who does not read it is cut off by and by."""
        self._unread.watch(request.transport)
        return response

    async def send(
        self,
        request: web.BaseRequest,
        response: web.StreamResponse,
        chunks: Iterable[bytes],
        length: int | None,
    ) -> web.StreamResponse:
        """Send an answer's body, as fast as it is read. Raises TooManyAnswers.

        `length`: bytes of all chunks; None: not known, then it goes out in HTTP's chunks, and may take as
        long as one of UNKNOWN_BYTES. An empty chunk says that others may have their turn there.
        ConnectionError: the client has gone, or did not read and was cut off.
        """
        if self._long >= LONG_ANSWERS_LIMIT:
            raise TooManyAnswers(f"{self._long} long answers are on their way: ask again in a moment")
        self._long += 1
        self._unread.spare(request.transport)
        if length is not None:
            response.content_length = length
        elif request.version >= HttpVersion11:
            response.enable_chunked_encoding()
        slowest = (UNKNOWN_BYTES if length is None else length) / SLOWEST_BYTES_PER_SECOND
        try:
            async with asyncio.timeout(self._patience + slowest):
                await response.prepare(request)
                await _write(response, chunks)
                await response.write_eof()
        except TimeoutError:
            log.info(
                "cutting a client off: it takes too long to read an answer of %s bytes", length or "many"
            )
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("the answer was not read") from None
        finally:
            self._long -= 1
        return self.short(request, response)

    async def run(self) -> None:
        """Look after connections, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            cut = self._unread.look(loop.time())
            if cut:
                log.info("cut %d connections off: their clients did not read what they were answered", cut)


async def _write(response: web.StreamResponse, chunks: Iterable[bytes]) -> None:
    loop = asyncio.get_running_loop()
    turn = loop.time() + SLICE_SECONDS
    for chunk in chunks:
        for slice_ in _slices(chunk):
            if slice_:
                await response.write(slice_)
            if loop.time() > turn:
                await asyncio.sleep(0)
                turn = loop.time() + SLICE_SECONDS


def _slices(chunk: bytes) -> Iterable[bytes | memoryview]:
    if len(chunk) <= LONG_BYTES:
        return (chunk,)
    view = memoryview(chunk)
    return (view[start : start + LONG_BYTES] for start in range(0, len(chunk), LONG_BYTES))
