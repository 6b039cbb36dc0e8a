"""Several agents' links on one connection, for more of them than a process may have descriptors.

Before each frame of a link stands the number of its agent on this connection; nothing else is different: the
orchestrator's end is its own link with each agent, over a transport that is not a socket. Only what the kernel
does for a connection (to accept it, to poll it, a buffer) is done for several together. Not for use.
"""

from __future__ import annotations

NUMBER_BYTES = 4
LENGTH_BYTES = 4


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
            while at < len(frames):
                end = at + LENGTH_BYTES + int.from_bytes(frames[at : at + LENGTH_BYTES], "big")
                found.append((number, frames[at + LENGTH_BYTES : end]))
                at = end
        return found
