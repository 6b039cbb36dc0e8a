"""RecordIO, the framing of the streaming HTTP APIs: `<decimal length>\\n<bytes>`, again and again.

Pure: bytes in, records out. It knows neither HTTP nor what a record holds.
"""

from typing import Final

from api.wire.errors import RecordError

DEFAULT_MAX_RECORD_BYTES: Final = 64 * 1024 * 1024
"""A reader refuses a longer record with `RecordError`, as soon as its length is read."""


def encode_record(record: bytes) -> bytes:
    """The record with its length before it, ready to be written as one HTTP chunk."""
    return b"%d\n%b" % (len(record), record)


class RecordDecoder:
    """Takes a stream apart, however it was cut.

    It holds at most one incomplete record: `max_record_bytes`, its length line, and what one `feed` adds.
    """

    def __init__(self, max_record_bytes: int = DEFAULT_MAX_RECORD_BYTES) -> None:
        self._max_record_bytes = max_record_bytes
        self._max_digits = len(str(max_record_bytes))
        self._buffer = bytearray()
        self._length: int | None = None
        """Of the record under way; None while its length line is incomplete."""
        self._failure: str | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """The records that `data` completes, in order.

        Raises `RecordError` for a malformed or excessive length, naming it, and again on every later call;
        records before it in the same `data` are lost with it. The stream must then be closed.
        """
        if self._failure is not None:
            raise RecordError(self._failure)
        self._buffer += data
        records: list[bytes] = []
        position = 0
        while True:
            if self._length is None:
                newline = self._find_length_end(position)
                if newline < 0:
                    break
                self._length = self._parse_length(bytes(self._buffer[position:newline]))
                position = newline + 1
            end = position + self._length
            if end > len(self._buffer):
                break
            records.append(bytes(self._buffer[position:end]))
            position, self._length = end, None
        del self._buffer[:position]
        return records

    def finish(self) -> None:
        """Says that the stream has ended. Raises `RecordError` when it ended within a record."""
        if self._length is not None or self._buffer:
            raise self._fail("the stream ended within a record")

    def _find_length_end(self, start: int) -> int:
        newline = self._buffer.find(b"\n", start, start + self._max_digits + 1)
        if newline < 0 and len(self._buffer) - start > self._max_digits:
            shown = bytes(self._buffer[start : start + self._max_digits + 1])
            raise self._fail(f"no record length of at most {self._max_digits} digits where {shown!r} stands")
        return newline

    def _parse_length(self, line: bytes) -> int:
        if not line.isdigit():
            raise self._fail(f"{line!r} is not the length of a record: decimal digits are expected")
        length = int(line)
        if length > self._max_record_bytes:
            raise self._fail(
                f"a record of {length} bytes exceeds the limit of {self._max_record_bytes} bytes"
            )
        return length

    def _fail(self, message: str) -> RecordError:
        self._failure = message
        self._buffer.clear()
        return RecordError(message)
