"""Streams of records to subscribers: one record for each HTTP chunk, heartbeats, and an end.

What goes to many is framed once and handed to each connection as it is; what a connection does not take at
once waits beside it, shared with all others that wait for the same. A subscriber that reads too slowly or
not at all is cut off here, so that it costs nobody else anything. Bytes in, sockets out: this room does not
know what a record says.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter

from api.wire.content import JSON, MediaType
from api.wire.recordio import encode_record
from orchestrator.beginnings import Beginning, Unread, patience, too_many

log = logging.getLogger(__name__)

SUBSCRIBERS_LIMIT = 10_000
"""Open streams; a further subscriber is answered 503 and may try again later."""

WAITING_LIMIT_BYTES = 32 * 2**20
"""Bytes that may wait for one subscriber when another record comes: beyond it the subscriber is cut off. The
snapshot that a stream begins with does not count. What goes to many waits once for all of them."""

WRITE_BYTES = 256 * 1024
"""At most so much is handed to a connection in one piece of what waits for it."""

SLICE_SECONDS = 0.002
"""Of the event loop's time for what waits for one subscriber, then others have their turn."""

STALLED_SECONDS = 60.0
"""A subscriber that has taken nothing of what waits for it for this long is cut off."""

GOODBYE_SECONDS = 5.0
"""How long the last records of a stream that ends may take; then the connection is dropped."""

QUIET_SECONDS = 0.5
"""A stream that is to be followed up has a heartbeat when it was silent for this long after a record: some
clients hand a record on only when the next one begins to arrive, and what they are offered would be gone."""

SWEEP_SECONDS = 0.25
"""How often streams are looked at: heartbeats are late, and lost connections unnoticed, by this."""


class TooManySubscribers(Exception):
    """`SUBSCRIBERS_LIMIT` is reached: the subscriber should try again later."""


class CutOff(StrEnum):
    """Why a subscriber was cut off."""

    SLOW = "slow"
    STALLED = "stalled"
    DISCONNECTED = "disconnected"
    OVERRUN = "overrun"
    """Not its fault: events came faster than they were made durable, or kept; or one could not be told."""


class Batch:
    """Records that go to many in one write, framed by `encode_record`; each is an HTTP chunk of its own."""

    __slots__ = ("_records", "chunks")

    def __init__(self, records: Sequence[bytes]) -> None:
        self._records = records
        self.chunks = b"".join([b"%x\r\n%b\r\n" % (len(record), record) for record in records])

    def bare(self) -> bytes:
        """For HTTP/1.0, which knows no chunks."""
        return b"".join(self._records)


class RecordStream:
    """One subscriber. Records that are pushed before it is served wait for it."""

    def __init__(
        self,
        heartbeat: bytes,
        interval: float,
        media_type: MediaType = JSON,
        told: Callable[[CutOff], None] = lambda why: None,
        *,
        followed_up: bool = False,
        unread: Unread | None = None,
    ) -> None:
        """`told`: called once when the subscriber is cut off. `followed_up`: see QUIET_SECONDS."""
        self.media_type: MediaType = media_type
        self._heartbeat = encode_record(heartbeat)
        self._interval = interval
        self._told = told
        self._begin = Beginning(unread or Unread())
        self.begun_at = self._begin_seconds = 0.0
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._transport: asyncio.Transport | None = None
        self._chunked = True
        self._flushing = False
        self._patience: asyncio.Timeout | None = None
        self._awake = asyncio.Event()
        """Set when the connection did not take all that there is for it, and when the stream is over."""
        self._handed = 0
        self._taken = 0
        self._next_heartbeat = 0.0
        self._followed_up = followed_up
        self._pushed = self._seen = self._beaten = 0
        """Records: all, those at the latest look, and those up to the latest heartbeat."""
        self._quiet_since = 0.0
        self._moved_at = 0.0
        self._over = False
        self._cut = False

    @property
    def is_over(self) -> bool:
        return self._over

    @property
    def waiting_bytes(self) -> int:
        """Of records that the connection has not taken; others may wait for the same ones."""
        return self._waiting_bytes

    @property
    def unread_beginning(self) -> Beginning:
        """What its connection has not taken of the snapshot that it was given at `begun_at`."""
        return self._begin

    def begin(self, chunks: Sequence[bytes], length: int) -> None:
        """The first record, however long it is: `length` bytes in chunks, not framed. Before it is served."""
        head = b"%d\n" % length
        self.begun_at = asyncio.get_running_loop().time()
        self._begin_seconds = STALLED_SECONDS + patience(length)
        self._begin.extend((b"%x\r\n%b" % (len(head) + length, head), *chunks, b"\r\n"))

    def push(self, record: bytes) -> None:
        """Queue one record, framed by `encode_record`, to leave with all others of this turn of the loop."""
        if self._over or not self._has_room():
            return
        self._pushed += 1
        self._queue(b"%x\r\n%b\r\n" % (len(record), record) if self._chunked else record)
        if self._transport is not None and not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def send(self, batch: Batch) -> None:
        """Records that others are sent as well: at once, or after what waits already."""
        if self._over:
            return
        data = batch.chunks if self._chunked else batch.bare()
        transport = self._transport
        if transport is None or self._waiting or self._begin or transport.get_write_buffer_size():
            if self._has_room():
                self._queue(data)
                self._awake.set()
        elif not transport.is_closing():
            self._handed += len(data)
            transport.write(data)

    def finish(self) -> None:
        """End the stream after what waits. Nothing is queued any more."""
        if not self._over:
            self._over = True
            self._awake.set()
            if self._patience is not None:
                self._patience.reschedule(asyncio.get_running_loop().time() + GOODBYE_SECONDS)

    def cut(self, why: CutOff, reason: str) -> None:
        """Drop the connection at once, and what waits with it."""
        if not self._cut:
            quietly = why is CutOff.DISCONNECTED
            level = logging.INFO if quietly else logging.WARNING
            log.log(level, "cutting the subscriber %s off: %s", self._peer(), reason)
            self._told(why)
        self._cut = True
        self._waiting.clear()
        self._begin.clear()
        self._waiting_bytes = 0
        self._over = True
        self._awake.set()
        if self._transport is not None:
            self._transport.abort()

    def tick(self, now: float) -> None:
        """Look after the stream; `now` is the event loop's time."""
        if self._transport is None or self._over:
            return
        if self._transport.is_closing():
            self.cut(CutOff.DISCONNECTED, "its connection is closed")
        elif self._begin and now > self.begun_at + self._begin_seconds:
            self.cut(CutOff.SLOW, f"it has not read its snapshot in {self._begin_seconds:.0f} s")
        elif self._is_stalled(now):
            self.cut(CutOff.STALLED, f"it has read nothing for {STALLED_SECONDS:.0f} s")
        elif now >= self._next_heartbeat or self._has_gone_quiet(now):
            self._next_heartbeat = now + self._interval
            self.push(self._heartbeat)
            self._beaten = self._pushed

    async def serve(self, request: web.BaseRequest, headers: Mapping[str, str]) -> web.StreamResponse:
        """Answer `request` with the stream, until either side ends it."""
        response = web.StreamResponse(
            headers={"Content-Type": self.media_type, "Cache-Control": "no-store", **headers}
        )
        if request.version >= HttpVersion11:
            response.enable_chunked_encoding()
        else:
            self._unframe()
        await response.prepare(request)
        try:
            async with asyncio.timeout(GOODBYE_SECONDS if self._over else None) as self._patience:
                self._attach(request.transport)
                await self._pump(request.writer)
                if not self._cut:
                    await response.write_eof()
        except (TimeoutError, ConnectionError):
            self.cut(CutOff.DISCONNECTED, "its connection broke, or it did not read the end of its stream")
        finally:
            self._over = True
        return response

    # Within.

    def _attach(self, transport: asyncio.Transport | None) -> None:
        if transport is None or transport.is_closing():
            self.cut(CutOff.DISCONNECTED, "its connection is closed")
            return
        _bound_silence(transport)
        now = asyncio.get_running_loop().time()
        self._transport = transport
        self._next_heartbeat, self._moved_at = now + self._interval, now

    def _unframe(self) -> None:
        """HTTP/1.0 knows no chunks: what waits goes without them."""
        self._chunked = False
        self._begin.unframe()
        self._waiting = deque(record for data in self._waiting for record in _unchunked(data))
        self._waiting_bytes = sum(map(len, self._waiting))

    async def _pump(self, writer: AbstractStreamWriter) -> None:
        """Hand over what waits, as fast as it is read, until the stream is over."""
        loop = asyncio.get_running_loop()
        while True:
            turn = loop.time() + SLICE_SECONDS
            while (self._waiting or self._begin) and not self._cut:
                await writer.drain()
                self._write_some()
                if loop.time() > turn:
                    await asyncio.sleep(0)
                    turn = loop.time() + SLICE_SECONDS
            if self._over:
                return
            self._awake.clear()
            await self._awake.wait()

    def _flush(self) -> None:
        """Hand over all that waits in one write, if the connection takes it now."""
        self._flushing = False
        if self._transport is None or self._cut or not self._waiting:
            return
        if self._begin or self._waiting_bytes > WRITE_BYTES or self._transport.get_write_buffer_size():
            self._awake.set()
        else:
            self._write_some()

    def _write_some(self) -> None:
        assert self._transport is not None
        if self._transport.is_closing() or self._cut:
            self.cut(CutOff.DISCONNECTED, "its connection is closed")
            return
        queue = self._begin or self._waiting
        parts: list[bytes] = []
        size = 0
        while queue and (not parts or size + len(queue[0]) <= WRITE_BYTES):
            parts.append(queue.popleft())
            size += len(parts[-1])
        if queue is self._waiting:
            self._waiting_bytes -= size
        self._handed += size
        self._transport.write(parts[0] if len(parts) == 1 else b"".join(parts))

    def _queue(self, data: bytes) -> None:
        self._waiting.append(data)
        self._waiting_bytes += len(data)

    def _has_room(self) -> bool:
        unread = self._transport.get_write_buffer_size() if self._transport is not None else 0
        if self._waiting_bytes + unread <= WAITING_LIMIT_BYTES:
            return True
        self.cut(CutOff.SLOW, f"more than {WAITING_LIMIT_BYTES} bytes wait for it")
        return False

    def _is_stalled(self, now: float) -> bool:
        assert self._transport is not None
        unsent = self._transport.get_write_buffer_size()
        taken = self._handed - unsent
        if (unsent == 0 and not self._waiting and not self._begin) or taken > self._taken:
            self._moved_at = now
        self._taken = taken
        return now - self._moved_at > STALLED_SECONDS

    def _has_gone_quiet(self, now: float) -> bool:
        """Whether what was pushed last is no heartbeat, and has waited long enough for one to follow it."""
        if self._pushed != self._seen:
            self._seen, self._quiet_since = self._pushed, now
        return self._followed_up and self._pushed != self._beaten and now >= self._quiet_since + QUIET_SECONDS

    def _peer(self) -> str:
        address = self._transport.get_extra_info("peername") if self._transport is not None else None
        return f"{address[0]}:{address[1]}" if isinstance(address, tuple) else "(not connected)"


class Streams:
    """All open streams, and the clockwork that looks after them."""

    def __init__(self) -> None:
        self._streams: set[RecordStream] = set()
        self._unread = Unread()
        self.is_closing = False
        self.cut_off: Counter[CutOff] = Counter(dict.fromkeys(CutOff, 0))
        """How many subscribers were cut off since the start, and why."""

    def __len__(self) -> int:
        return len(self._streams)

    @property
    def longest_waiting(self) -> int:
        """Bytes that wait for the slowest subscriber: beyond `WAITING_LIMIT_BYTES` it is cut off."""
        return max((stream.waiting_bytes for stream in self._streams), default=0)

    def open(
        self, heartbeat: bytes, interval: float, media_type: MediaType = JSON, *, followed_up: bool = False
    ) -> RecordStream:
        """A stream for a new subscriber; `heartbeat` (not framed) is repeated every `interval` seconds, and
        when it is to be `followed_up` also soon after what is pushed (QUIET_SECONDS). Its records,
        heartbeats included, are made of `media_type`.

        It must be passed to `forget` when it is over. Raises TooManySubscribers.
        """
        if self.is_closing or len(self._streams) >= SUBSCRIBERS_LIMIT:
            raise TooManySubscribers(f"{len(self._streams)} streams are open: try again later")
        told, unread = self._was_cut, self._unread
        stream = RecordStream(heartbeat, interval, media_type, told, followed_up=followed_up, unread=unread)
        self._streams.add(stream)
        return stream

    def forget(self, stream: RecordStream) -> None:
        """The stream is over, or nobody came to read it."""
        stream.finish()
        stream.unread_beginning.clear()
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
            self.bound_beginnings()

    def bound_beginnings(self) -> None:
        """Cut off who keeps too much of unread snapshots in memory. To be called when a stream was begun."""
        if self._unread.is_too_much:
            begun = sorted(self._streams, key=lambda each: each.begun_at)
            for place in too_many([each.unread_beginning for each in begun]):
                begun[place].cut(CutOff.SLOW, "it has not read its snapshot, and others take too much memory")

    def _was_cut(self, why: CutOff) -> None:
        self.cut_off[why] += 1


def _unchunked(data: bytes) -> Iterator[bytes]:
    """The contents of HTTP chunks."""
    while data:
        length, _, rest = data.partition(b"\r\n")
        size = int(length, 16)
        yield rest[:size]
        data = rest[size + 2 :]


def _bound_silence(transport: asyncio.Transport) -> None:
    """Have the kernel drop a connection whose peer no longer confirms what it is sent."""
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(STALLED_SECONDS * 1000))
