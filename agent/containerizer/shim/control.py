"""What is asked of a shim, as lines in its fifo: cut out of what was read, and understood.

    term SECONDS     SIGTERM now, SIGKILL then
    signal NUMBER    that signal now
    eof              let go of the container's input
    window ROWS COLS the size of its terminal

A container's life hangs on its shim: a line that cannot be read is passed over, and never ends it. What is
done about a request is not decided here.
"""

from __future__ import annotations

import os

Request = tuple[str, float, float]
"""The verb, and its values; 0.0 where it has none."""

MAX_CONTROL_BYTES = 4096
"""Read at a time. A rest without a newline that is longer is no request, and is let go."""

HIGHEST_SIGNAL = 64
LONGEST_SIDE = 65535
"""Rows or columns that a terminal can have."""


class Requests:
    """The requests of one fifo, which may come in any pieces."""

    def __init__(self) -> None:
        self._rest = b""

    def read(self, fifo: int) -> list[Request]:
        """Those that are whole now. The non-blocking `fifo` may turn out to be empty."""
        try:
            data = self._rest + os.read(fifo, MAX_CONTROL_BYTES)
        except BlockingIOError:
            return []
        *lines, rest = data.split(b"\n")
        self._rest = rest if len(rest) <= MAX_CONTROL_BYTES else b""
        return [request for line in lines if (request := _understood(line)) is not None]


def _understood(line: bytes) -> Request | None:
    verb, _, value = line.decode("ascii", "replace").partition(" ")
    try:
        if verb == "signal" and 0 <= int(value) <= HIGHEST_SIGNAL:
            return verb, int(value), 0.0
        if verb == "term" and float(value) >= 0:
            return verb, float(value), 0.0
        if verb == "window":
            rows, columns = (int(each) for each in value.split())
            return (
                (verb, rows, columns)
                if 0 <= min(rows, columns) <= max(rows, columns) <= LONGEST_SIDE
                else None
            )
    except ValueError:
        return None
    return (verb, 0.0, 0.0) if line == b"eof" else None
