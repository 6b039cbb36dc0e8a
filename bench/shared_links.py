"""Several agents' links on one connection, for more of them than a process may have descriptors.

Before each frame of a link stands the number of its agent on this connection; nothing else is different: the
orchestrator's end is its own link with each agent, over a transport that is not a socket. Only what the
kernel does for a connection (to accept it, to poll it, a buffer) is done for several together. Not for use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

NUMBER_BYTES = 4
LENGTH_BYTES = 4
ENDED = b""
"""What the orchestrator's end says on a link that it has closed."""


def shared_frame(number: int, frames: bytes) -> bytes:
    """What one agent says, or is told: its number, and the length of its frames."""
    return number.to_bytes(NUMBER_BYTES, "big") + len(frames).to_bytes(LENGTH_BYTES, "big") + frames


class SharedDecoder:
    """Takes a shared stream apart."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def parts(self, data: bytes) -> list[tuple[int, bytes]]:
        """(agent's number, its frames) as they were sent."""
        self._buffer += data
        found, at, head = [], 0, NUMBER_BYTES + LENGTH_BYTES
        while len(self._buffer) - at >= head:
            number = int.from_bytes(self._buffer[at : at + NUMBER_BYTES], "big")
            end = at + head + int.from_bytes(self._buffer[at + NUMBER_BYTES : at + head], "big")
            if end > len(self._buffer):
                break
            found.append((number, bytes(self._buffer[at + head : end])))
            at = end
        del self._buffer[:at]
        return found

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """(agent's number, payload), each frame by itself."""
        found = []
        for number, frames in self.parts(data):
            at = 0
            if frames == ENDED:
                found.append((number, ENDED))
            while at < len(frames):
                end = at + LENGTH_BYTES + int.from_bytes(frames[at : at + LENGTH_BYTES], "big")
                found.append((number, frames[at + LENGTH_BYTES : end]))
                at = end
        return found


class SharedEnd(asyncio.Protocol):
    """The orchestrator's end of a shared connection. `link`: makes its end of one agent's link."""

    def __init__(self, link: Callable[[], asyncio.Protocol]) -> None:
        self._link = link
        self._decoder = SharedDecoder()
        self.links: dict[int, Part] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        for number, frames in self._decoder.parts(data):
            part = self.links.get(number)
            if part is None:
                part = self.links[number] = Part(self, number, self._link())
                part.protocol.connection_made(part)
            part.protocol.data_received(frames)

    def connection_lost(self, exc: Exception | None) -> None:
        for part in list(self.links.values()):
            part.abort()


class Part(asyncio.Transport):
    """One agent's link on a shared connection."""

    __slots__ = ("_end", "_is_closing", "_number", "protocol")

    def __init__(self, end: SharedEnd, number: int, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._end = end
        self._number = number
        self._is_closing = False
        self.protocol = protocol

    def write(self, data: Any) -> None:
        if not self._is_closing:
            self._end.transport.write(shared_frame(self._number, bytes(data)))

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def get_write_buffer_size(self) -> int:
        return self._end.transport.get_write_buffer_size()

    def is_closing(self) -> bool:
        return self._is_closing

    def pause_reading(self) -> None:
        """What has arrived for it is at hand anyway."""

    def resume_reading(self) -> None:
        """The same."""

    def close(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._end.links.pop(self._number, None)
            self._end.transport.write(shared_frame(self._number, ENDED))
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    abort = close
