"""The framing of the link between agent and orchestrator: four bytes of length, big-endian, then the payload.

Pure: bytes in, payloads out. It knows neither sockets nor what a payload holds.
"""

from typing import Final

from api.wire.errors import RecordError

LENGTH_BYTES: Final = 4
DEFAULT_MAX_FRAME_BYTES: Final = 64 * 1024 * 1024
"""Neither written nor read beyond this: both sides raise `RecordError`, and the reader's link is closed."""


def encode_frame(payload: bytes, max_frame_bytes: int = DEFAULT_MAX_FRAME_BYTES) -> bytes:
    """The payload with its length before it. Raises `RecordError` when it is longer than the limit."""
    if len(payload) > max_frame_bytes:
        raise RecordError(f"a frame of {len(payload)} bytes exceeds the limit of {max_frame_bytes} bytes")
    return len(payload).to_bytes(LENGTH_BYTES, "big") + payload


class FrameDecoder:
    """Takes a stream apart, however it was cut.

    It holds at most one incomplete frame: `max_frame_bytes` and its length, plus what one `feed` adds.
    """

    def __init__(self, max_frame_bytes: int = DEFAULT_MAX_FRAME_BYTES) -> None:
        self._max_frame_bytes = max_frame_bytes
        self._buffer = bytearray()
        self._failure: str | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """The payloads that `data` completes, in order.

        Raises `RecordError` for an excessive length, and again on every later call; frames before it in the
        same `data` are lost with it. The link must then be closed.
        """
        if self._failure is not None:
            raise RecordError(self._failure)
        self._buffer += data
        payloads: list[bytes] = []
        position = 0
        while len(self._buffer) - position >= LENGTH_BYTES:
            start = position + LENGTH_BYTES
            end = start + self._checked_length(position)
            if end > len(self._buffer):
                break
            payloads.append(bytes(self._buffer[start:end]))
            position = end
        del self._buffer[:position]
        return payloads

    def finish(self) -> None:
        """Says that the stream has ended. Raises `RecordError` when it ended within a frame."""
        if self._buffer:
            raise self._fail("the stream ended within a frame")

    def _checked_length(self, position: int) -> int:
        begins = bytes(self._buffer[position : position + LENGTH_BYTES])
        length = int.from_bytes(begins, "big")
        if begins == b"HTTP":  # more than any limit
            raise self._fail("the other side speaks HTTP: that is another port than the link's")
        if length > self._max_frame_bytes:
            raise self._fail(f"a frame of {length} bytes exceeds the limit of {self._max_frame_bytes} bytes")
        return length

    def _fail(self, message: str) -> RecordError:
        self._failure = message
        self._buffer.clear()
        return RecordError(message)
