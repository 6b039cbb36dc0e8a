"""Answers in gzip, for clients that ask for it: compressed once for all who ask at the same moment.

The work is done in a thread of its own: it takes a fifth of a second for the state of a large cluster, and
lets the event loop run meanwhile. It knows nothing of what it compresses.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Sequence
from concurrent.futures import Executor

from orchestrator.assembly import Body

LEVEL = 1
"""Of zlib: a seventh of the size in the least time; more would gain little."""

GZIP_MIN_BYTES = 1_024
"""A shorter answer is not worth it, and is sent as it is."""

COMPRESSIONS_LIMIT = 8
"""Answers that are compressed at once, or wait to be; a further one is sent as it is."""

KEPT = 4
"""Compressed answers that are kept until what they show has changed; beyond it the oldest is forgotten."""

GZIP_WINDOW = 16 + zlib.MAX_WBITS

Version = tuple[str, int]
"""What an answer is, and the moment that it shows: two with the same are the same."""


class Compression:
    """`executor`: where it is done, one at a time."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._under_way: dict[Version, asyncio.Future[Body]] = {}
        self._kept: dict[str, tuple[int, Body]] = {}

    async def of(self, body: Body, version: Version) -> Body | None:
        """The body in gzip; None when it is not worth it, or too many wait already."""
        if body.length < GZIP_MIN_BYTES:
            return None
        kept = self._kept.get(version[0])
        if kept is not None and kept[0] == version[1]:
            return kept[1]
        work = self._under_way.get(version)
        if work is None:
            if len(self._under_way) >= COMPRESSIONS_LIMIT:
                return None
            work = self._under_way[version] = asyncio.ensure_future(self._compress(body, version))
        return await asyncio.shield(work)

    async def _compress(self, body: Body, version: Version) -> Body:
        try:
            loop = asyncio.get_running_loop()
            chunks = await loop.run_in_executor(self._executor, _gzip, body.chunks)
            compressed = Body.of(chunks)
            self._kept.pop(version[0], None)
            self._kept[version[0]] = version[1], compressed
            if len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
            return compressed
        finally:
            del self._under_way[version]


def _gzip(chunks: Sequence[bytes]) -> list[bytes]:
    work = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP_WINDOW)
    return [*map(work.compress, chunks), work.flush()]


def gzip_accepted(accept_encoding: str | None) -> bool:
    """Whether an Accept-Encoding header (RFC 9110, 12.5.3) asks for gzip: by its name, or by "*"."""
    qualities: dict[str, float] = {}
    for part in (accept_encoding or "").split(","):
        name, _, parameters = part.partition(";")
        qualities[name.strip().lower()] = _quality(parameters)
    return qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0.0))) > 0.0


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
