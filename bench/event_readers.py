"""Many subscribers in one process, which does nothing but read and count; told what to do by lines.

    python -m bench.event_readers

Prints one JSON object for each line that it reads. What arrives is counted in bytes: to look for records
would take longer than to send them.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from typing import Any

BUFFER_BYTES = 1 << 20
PATIENCE_SECONDS = 60.0


class Readers:
    """Connections that have sent a request each and read the answer, or do not."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._got: dict[socket.socket, int] = {}
        self._buffer = bytearray(BUFFER_BYTES)
        self._stopped: list[socket.socket] = []

    def open(self, port: int, count: int, request: str) -> dict[str, Any]:
        """Connect so many and send the request on each; returns when all have had an answer and are quiet."""
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.sendall(request.encode())
            connection.setblocking(False)
            self._selector.register(connection, selectors.EVENT_READ)
            self._got[connection] = 0
        while not all(self._got.values()):
            self._read(1.0)
        while self._read(0.5):
            pass
        return {"open": len(self._got)}

    def stop(self, count: int) -> dict[str, Any]:
        """So many of them read no more."""
        for connection in list(self._got)[:count]:
            self._selector.unregister(connection)
            del self._got[connection]
            self._stopped.append(connection)
        return {"stopped": len(self._stopped)}

    def read(self, length: int) -> dict[str, Any]:
        """Read until each that reads has got so many bytes more; says when the last one had, by the clock."""
        self._got = dict.fromkeys(self._got, 0)
        print(json.dumps({"reading": len(self._got)}), flush=True)
        missing = len(self._got)
        until = time.monotonic() + PATIENCE_SECONDS
        while missing and time.monotonic() < until:
            for key, _ in self._selector.select(1.0):
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                had = self._got[connection]
                self._got[connection] = had + connection.recv_into(self._buffer)
                missing -= had < length <= self._got[connection]
        return {"at": time.monotonic(), "missing": missing, "least": min(self._got.values())}

    def close(self) -> dict[str, Any]:
        for connection in (*self._got, *self._stopped):
            connection.close()
        self.__init__()  # type: ignore[misc]
        return {}

    def _read(self, timeout: float) -> bool:
        ready = self._selector.select(timeout)
        for key, _ in ready:
            connection = key.fileobj
            assert isinstance(connection, socket.socket)
            self._got[connection] += connection.recv_into(self._buffer)
        return bool(ready)


def main() -> None:
    readers = Readers()
    commands = {each.__name__: each for each in (readers.open, readers.stop, readers.read, readers.close)}
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(commands[name](*arguments)), flush=True)


if __name__ == "__main__":
    main()
