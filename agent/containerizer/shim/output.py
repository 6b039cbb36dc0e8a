"""Keeps a container's output within bounds: pipe to file, the newest part stays.

A file that reaches half the limit becomes `NAME.1` (the one before goes), and `NAME` begins
anew; so both together never exceed the limit and hold at least its newest half. A disk that is
full loses output; it never stops the container.
"""

from __future__ import annotations

import os

CHUNK = 65536
"""Bytes copied at a time: what a pipe holds."""


class KeptOutput:
    """Copies from a non-blocking pipe `source` to the file at `path`."""

    def __init__(self, source: int, path: str, limit: int) -> None:
        self.source = source
        self._path = path
        self._half = max(1, limit // 2)
        self._fd = -1
        self._size = 0
        self._open()

    def pump(self) -> bool:
        """Copy what is there. False: the other end has closed."""
        try:
            data = os.read(self.source, CHUNK)
        except BlockingIOError:
            return True
        except OSError:  # so a terminal says it
            return False
        if not data:
            return False
        self._keep(data)
        return True

    def drain(self) -> None:
        """Copy all that is in the pipe now."""
        while True:
            try:
                data = os.read(self.source, CHUNK)
            except OSError:  # nothing is there, or a terminal's other end has closed
                return
            if not data:
                return
            self._keep(data)

    def close(self) -> None:
        os.close(self._fd)
        os.close(self.source)

    def _keep(self, data: bytes) -> None:
        while data:
            room = self._half - self._size
            if room <= 0:
                self._rotate()
                continue
            part, data = data[:room], data[room:]
            try:
                os.write(self._fd, part)
            except OSError:
                pass  # lost; counted all the same, so that the loop ends
            self._size += len(part)

    def _rotate(self) -> None:
        os.close(self._fd)
        try:
            os.rename(self._path, f"{self._path}.1")
        except OSError:
            pass
        self._open()

    def _open(self) -> None:
        # The container can write here: neither a link nor a fifo in the file's place does any harm.
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            self._fd = os.open(self._path, flags, 0o644)
        except OSError:
            self._fd = os.open("/dev/null", os.O_WRONLY | os.O_CLOEXEC)
        self._size = 0
