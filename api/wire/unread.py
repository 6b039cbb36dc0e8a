"""Connections whose answers are not read: found by looking at them from time to time, and cut off.

Both daemons' HTTP edges use it. It opens and reads no socket, and has no clock of its own: whoever owns the
connections says when it is time to look, and what time it is.
"""

from __future__ import annotations

from typing import Final, Protocol

UNREAD_SECONDS: Final = 30.0
"""For a client to take what was answered, or PROGRESS_BYTES of it; a connection on which more waited all that
time is cut off, so that it is not held for ever. Streams and long answers have rules of their own."""

PROGRESS_BYTES: Final = 16 * 1024
"""Who has taken as much gets the same time again."""

IDLE_SECONDS: Final = 6 * 3600.0
"""For a connection on which nothing is asked; then it is closed. So long because schedulers and executors
keep one open for their calls beside their stream, and take its end for the server's. Peers that have gone
are dropped by the kernel, within hours too."""

LOOK_SECONDS: Final = 1.0
"""How often to look: a connection is cut off late by this at most."""


class Connection(Protocol):
    """What is looked at: a transport of asyncio's."""

    def get_write_buffer_size(self) -> int: ...

    def abort(self) -> None: ...


class Unread:
    """Connections with an answer on its way. One for each server."""

    def __init__(self, seconds: float = UNREAD_SECONDS) -> None:
        self._seconds = seconds
        self._marks: dict[Connection, tuple[float, int] | None] = {}
        """When something waited there first, and how much; None: not looked at yet."""

    def __len__(self) -> int:
        return len(self._marks)

    def watch(self, connection: Connection | None) -> None:
        """Something was answered there. It is looked at until all of it was taken."""
        if connection is not None:
            self._marks.setdefault(connection, None)

    def spare(self, connection: Connection | None) -> None:
        """Somebody else looks after this one now."""
        if connection is not None:
            self._marks.pop(connection, None)

    def look(self, now: float) -> int:
        """Cut off who has not read for too long; how many these were. `now`: seconds of any steady clock."""
        cut = 0
        for connection, mark in list(self._marks.items()):
            waiting = connection.get_write_buffer_size()
            if waiting == 0:
                del self._marks[connection]
            elif mark is None or waiting <= mark[1] - PROGRESS_BYTES:
                self._marks[connection] = now, waiting
            elif now - mark[0] > self._seconds:
                del self._marks[connection]
                connection.abort()
                cut += 1
        return cut
