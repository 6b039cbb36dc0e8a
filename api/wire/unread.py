"""Connections whose answers are not read: found by looking at them from time to time, and cut off.

Both daemons' HTTP edges use it. It opens and reads no socket, and has no clock of its own: whoever owns the
connections says when it is time to look, and what time it is.
"""

from __future__ import annotations

from typing import Final, Protocol

UNREAD_SECONDS: Final = 30.0
"""For a client to take what was answered; a connection on which something waited all that time is cut off, so
that what waits there is not held for ever. Streams and long answers have rules of their own."""

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
        self._since: dict[Connection, float | None] = {}

    def __len__(self) -> int:
        return len(self._since)

    def watch(self, connection: Connection | None) -> None:
        """Something was answered there. It is looked at until all of it was taken."""
        if connection is not None:
            self._since.setdefault(connection, None)

    def spare(self, connection: Connection | None) -> None:
        """Somebody else looks after this one now."""
        if connection is not None:
            self._since.pop(connection, None)

    def look(self, now: float) -> int:
        """Cut off who has not read for too long; how many these were. `now`: seconds of any steady clock."""
        cut = 0
        for connection, since in list(self._since.items()):
            if connection.get_write_buffer_size() == 0:
                del self._since[connection]
            elif since is None:
                self._since[connection] = now
            elif now - since > self._seconds:
                del self._since[connection]
                connection.abort()
                cut += 1
        return cut
