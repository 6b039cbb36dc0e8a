"""Long work in slices of the event loop: big answers are made without anybody else having to wait for them.

It knows nothing of what is made. The clock is the loop's, so that the simulation's works as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

SLICE_SECONDS = 0.002
"""Of the event loop, that one answer takes before all others have their turn."""

CHUNK_BYTES = 16 * 1024
"""Of a page, that are written at once; the last piece of a chunk may go beyond it."""


class Slices:
    """The turns of one piece of work. Ask `is_over` between small steps, and await `next` when it is."""

    def __init__(self, seconds: float = SLICE_SECONDS, share: float = 0.0, longest: float = 0.0) -> None:
        """`share`: of the time that all others took since the last slice, which the next one may take if that
        is longer than `seconds`, up to `longest`."""
        self._loop = asyncio.get_running_loop()
        self._seconds = seconds
        self._share, self._longest = share, longest
        self._end = self._loop.time() + seconds

    @property
    def is_over(self) -> bool:
        """Whether it is the others' turn."""
        return self._loop.time() >= self._end

    async def next(self) -> None:
        """Let all others have a turn."""
        left = self._loop.time()
        await asyncio.sleep(0)
        now = self._loop.time()
        self._end = now + max(self._seconds, min(self._longest, (now - left) * self._share))


def in_chunks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, joined to chunks. An empty one, a place at which a slice may end, is passed on."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        if not piece:
            yield piece
            continue
        waiting.append(piece)
        size += len(piece)
        if size >= CHUNK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


async def whole(pieces: Iterator[bytes]) -> bytes:
    """All of them, joined: for a page that is small enough to be kept until it is sent."""
    slices, made = Slices(), []
    for piece in pieces:
        made.append(piece)
        if slices.is_over:
            await slices.next()
    return b"".join(made)
