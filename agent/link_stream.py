"""The link over TCP: length-prefixed frames on an asyncio stream.

Understands no message. Limits: a frame beyond `max_frame_bytes` ends the connection, and `send`
waits while the transport's buffer is above its high-water mark.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from agent.addresses import Address, Addresses, parsed
from agent.connection import ConnectionLost
from api.wire.errors import RecordError
from api.wire.frames import DEFAULT_MAX_FRAME_BYTES, FrameDecoder, encode_frame
from api.wire.silent_hosts import notice_silence

READ_BYTES = 256 * 1024


class StreamConnection:
    """A `Connection` over a pair of asyncio streams."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        max_frame_bytes: int = DEFAULT_MAX_FRAME_BYTES,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._max_frame_bytes = max_frame_bytes
        self._decoder = FrameDecoder(max_frame_bytes)
        self._frames: deque[bytes] = deque()

    async def send(self, *frames: bytes) -> None:
        """See `Connection.send`."""
        if self._writer.is_closing():
            raise ConnectionLost("the connection was closed")
        try:
            self._writer.write(b"".join(encode_frame(frame, self._max_frame_bytes) for frame in frames))
            await self._writer.drain()
        except (OSError, RecordError) as error:
            raise ConnectionLost(str(error)) from error

    async def receive(self) -> bytes:
        """See `Connection.receive`."""
        while not self._frames:
            try:
                data = await self._reader.read(READ_BYTES)
                if not data:
                    self._decoder.finish()
                    raise ConnectionLost("the other side closed the connection")
                self._frames.extend(self._decoder.feed(data))
            except (OSError, RecordError) as error:
                raise ConnectionLost(str(error)) from error
        return self._frames.popleft()

    async def close(self) -> None:
        """See `Connection.close`. What the other side has not taken by now is thrown away."""
        self._writer.close()
        try:
            async with asyncio.timeout(1.0):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self._writer.transport.abort()


class StreamConnector:
    """A `Connector` that dials one host and port, or one after the other of several."""

    def __init__(
        self,
        host: str,
        port: int,
        further: Sequence[Address] = (),
        max_frame_bytes: int = DEFAULT_MAX_FRAME_BYTES,
    ) -> None:
        self._addresses = Addresses([(host, port), *further])
        self._max_frame_bytes = max_frame_bytes

    @property
    def several(self) -> bool:
        """See `Connector.several`."""
        return self._addresses.several

    def redirected(self, leader: str) -> None:
        """See `Connector.redirected`."""
        self._addresses.name(parsed(leader))

    async def connect(self) -> StreamConnection:
        """See `Connector.connect`. With several, a host that falls silent is given up within seconds."""
        host, port = self._addresses.next()
        try:
            reader, writer = await asyncio.open_connection(host, port)
        except OSError as error:
            raise ConnectionLost(str(error)) from error
        if self.several:
            notice_silence(writer.get_extra_info("socket"))
        return StreamConnection(reader, writer, self._max_frame_bytes)
