"""The events that wait for one subscribed executor, in order and bounded. Knows no sockets.

A stream is one connection's: what it loses, when the connection goes, is said again after the executor has
subscribed again, by who owns it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from api.wire.content import JSON, MediaType, encode
from api.wire.v1 import executor as wire

MAX_QUEUED_BYTES: Final = 64 * 2**20
"""Of events that an executor does not read; beyond it its stream is ended, and it has to subscribe again."""

MAX_MESSAGES_BYTES: Final = 16 * 2**20
"""Beyond it messages of its scheduler are dropped: they are not reliable in these APIs."""


class StreamEnded(Exception):
    """Nothing more comes; the text says why."""


class ExecutorStream:
    """One executor's stream, of records of one media type."""

    def __init__(self, media_type: MediaType = JSON) -> None:
        self.media_type: Final = media_type
        self._events: deque[bytes] = deque()
        self._bytes = 0
        self._ended: str | None = None
        self._arrived = asyncio.Event()

    @property
    def ended(self) -> bool:
        return self._ended is not None

    def put(self, event: wire.Event) -> None:
        """Queue an event. After the end it goes nowhere."""
        if self._ended is None:
            record = encode(event, self.media_type)
            self._events.append(record)
            self._bytes += len(record)
            if self._bytes > MAX_QUEUED_BYTES:
                self.finish("the executor does not read its events")
            self._arrived.set()

    def put_message(self, data: bytes) -> bool:
        """Queue a scheduler's message; False when it is dropped."""
        if self._ended is not None or self._bytes + len(data) > MAX_MESSAGES_BYTES:
            return False
        self.put(wire.Event(type=wire.EventType.MESSAGE, message=wire.EventMessage(data=data)))
        return True

    def finish(self, reason: str) -> None:
        """What is queued still goes out; then `next` raises StreamEnded."""
        if self._ended is None:
            self._ended = reason
        self._arrived.set()

    async def next(self, patience: float) -> bytes | None:
        """The next event, encoded; None when none came for `patience` seconds. Raises StreamEnded."""
        if not self._events and self._ended is None:
            self._arrived.clear()
            try:
                async with asyncio.timeout(patience):
                    await self._arrived.wait()
            except TimeoutError:
                return None
        if self._events:
            record = self._events.popleft()
            self._bytes -= len(record)
            return record
        raise StreamEnded(self._ended or "")
