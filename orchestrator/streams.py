"""Streams of records to subscribers: one record for each HTTP chunk, heartbeats, and an end.

A subscriber that reads too slowly or not at all is cut off here, so that it costs nobody else
anything. Bytes in, sockets out: this room does not know what a record says.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Mapping
from typing import Final

from aiohttp import HttpVersion11, web

from api.wire.content import JSON, MediaType
from api.wire.recordio import encode_record

log = logging.getLogger(__name__)

SUBSCRIBERS_LIMIT = 10_000
"""Open streams; a further subscriber is answered 503 and may try again later."""

WAITING_LIMIT_BYTES = 32 * 2**20
"""Bytes that may wait for one subscriber when another record comes: beyond it the subscriber is
cut off. One record alone may be longer, so that a snapshot always gets through."""

STALLED_SECONDS = 60.0
"""A subscriber that has taken nothing of what waits for it for this long is cut off."""

GOODBYE_SECONDS = 5.0
"""How long the last records of a stream that ends may take; then the connection is dropped."""

SWEEP_SECONDS = 0.25
"""How often streams are looked at: heartbeats are late, and lost connections unnoticed, by this."""


class TooManySubscribers(Exception):
    """`SUBSCRIBERS_LIMIT` is reached: the subscriber should try again later."""


class RecordStream:
    """One subscriber. Records that are pushed before it is served wait for it."""

    def __init__(self, heartbeat: bytes, interval: float, media_type: MediaType = JSON) -> None:
        self.media_type: Final = media_type
        """Of what each record is made."""
        self._heartbeat = encode_record(heartbeat)
        self._interval = interval
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._transport: asyncio.Transport | None = None
        self._chunked = True
        self._flushing = False
        self._next_heartbeat = 0.0
        self._moved_at = 0.0
        self._unsent = 0
        self._over = asyncio.Event()
        self._cut = False

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def push(self, record: bytes) -> None:
        """Queue one record, framed by `encode_record`. A subscriber that is too slow is cut off."""
        if self.is_over:
            return
        unread = self._transport.get_write_buffer_size() if self._transport is not None else 0
        if self._waiting_bytes + unread > WAITING_LIMIT_BYTES:
            self.cut(f"more than {WAITING_LIMIT_BYTES} bytes wait for it")
            return
        self._waiting.append(record)
        self._waiting_bytes += len(record)
        if self._transport is not None and not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def finish(self) -> None:
        """End the stream after what waits. Nothing is queued any more."""
        self._over.set()

    def cut(self, reason: str) -> None:
        """Drop the connection at once, and what waits with it."""
        if not self._cut:
            log.info("cutting a subscriber off: %s", reason)
        self._cut = True
        self._waiting.clear()
        self._over.set()
        if self._transport is not None:
            self._transport.abort()

    def tick(self, now: float) -> None:
        """Look after the stream; `now` is the event loop's time."""
        if self._transport is None or self.is_over:
            return
        if self._transport.is_closing():
            self.cut("its connection is closed")
        elif self._is_stalled(now):
            self.cut(f"it has read nothing for {STALLED_SECONDS:.0f} s")
        elif now >= self._next_heartbeat:
            self._next_heartbeat = now + self._interval
            self.push(self._heartbeat)

    async def serve(self, request: web.BaseRequest, headers: Mapping[str, str]) -> web.StreamResponse:
        """Answer `request` with the stream, until either side ends it."""
        response = web.StreamResponse(
            headers={"Content-Type": self.media_type, "Cache-Control": "no-store", **headers}
        )
        self._chunked = request.version >= HttpVersion11
        if self._chunked:
            response.enable_chunked_encoding()
        await response.prepare(request)
        self._attach(request.transport)
        try:
            await self._over.wait()
            if not self._cut:
                self._flush()
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await response.write_eof()
        except (TimeoutError, ConnectionError):
            self.cut("its connection broke, or it did not read the end of its stream")
        finally:
            self._over.set()
        return response

    def _attach(self, transport: asyncio.Transport | None) -> None:
        if transport is None or transport.is_closing():
            self.cut("its connection is closed")
            return
        _bound_silence(transport)
        now = asyncio.get_running_loop().time()
        self._transport = transport
        self._next_heartbeat, self._moved_at = now + self._interval, now
        self._flush()

    def _flush(self) -> None:
        """Hand over all that waits in one write, each record a chunk of its own."""
        self._flushing = False
        if self._transport is None or self._cut or not self._waiting or self._transport.is_closing():
            return
        records, self._waiting, self._waiting_bytes = self._waiting, [], 0
        if self._chunked:
            records = [b"%x\r\n%b\r\n" % (len(record), record) for record in records]
        self._transport.write(b"".join(records))

    def _is_stalled(self, now: float) -> bool:
        assert self._transport is not None
        unsent = self._transport.get_write_buffer_size()
        if unsent == 0 or unsent < self._unsent:
            self._moved_at = now
        self._unsent = unsent
        return now - self._moved_at > STALLED_SECONDS


class Streams:
    """All open streams, and the clockwork that looks after them."""

    def __init__(self) -> None:
        self._streams: set[RecordStream] = set()
        self.is_closing = False

    def __len__(self) -> int:
        return len(self._streams)

    def open(self, heartbeat: bytes, interval: float, media_type: MediaType = JSON) -> RecordStream:
        """A stream for a new subscriber; `heartbeat` (not framed) is repeated every `interval` seconds.
        Its records, heartbeats included, are made of `media_type`.

        It must be passed to `forget` when it is over. Raises TooManySubscribers.
        """
        if self.is_closing or len(self._streams) >= SUBSCRIBERS_LIMIT:
            raise TooManySubscribers(f"{len(self._streams)} streams are open: try again later")
        stream = RecordStream(heartbeat, interval, media_type)
        self._streams.add(stream)
        return stream

    def forget(self, stream: RecordStream) -> None:
        """The stream is over, or nobody came to read it."""
        stream.finish()
        self._streams.discard(stream)

    def close(self) -> None:
        """End all streams, and open none any more: the orchestrator is stopping."""
        self.is_closing = True
        for stream in tuple(self._streams):
            stream.finish()

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            now = loop.time()
            for stream in tuple(self._streams):
                stream.tick(now)


def _bound_silence(transport: asyncio.Transport) -> None:
    """Have the kernel drop a connection whose peer no longer confirms what it is sent."""
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(STALLED_SECONDS * 1000))
