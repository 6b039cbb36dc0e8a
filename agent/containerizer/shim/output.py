"""Keeps a container's output within bounds: pipe to file, the newest part stays.

A file that reaches half the limit becomes `NAME.1` (the one before goes), and `NAME` begins
anew; so both together never exceed the limit and hold at least its newest half. A disk that is
full loses output; it never stops the container. Output that is paced waits for its reader instead.
"""

from __future__ import annotations

import fcntl
import os

CHUNK = 65536
"""Bytes copied at a time: what a pipe holds."""


class KeptOutput:
    """Copies from a non-blocking pipe `source` to the file at `path`.

    Where it is `paced` its one reader has a lock on the file that it reads, and the one before it stays until
    that is read, and until there is a reader.
    """

    def __init__(self, source: int, path: str, limit: int, *, paced: bool = False) -> None:
        self.source = source
        self._paced = paced
        self._has_reader = False
        self._path = path
        self._half = max(1, limit // 2)
        self._fd = -1
        self._size = 0
        self._open()

    def is_held(self) -> bool:
        """Whether the file is full, and the one that would go for the next is still to be read."""
        if not self._paced or self._size < self._half:
            return False
        try:
            older = os.open(f"{self._path}.1", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return False
        try:
            is_read = _is_locked(older)
        finally:
            os.close(older)
        self._has_reader = self._has_reader or is_read or _is_locked(self._fd)
        return is_read or not self._has_reader

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
            if room <= 0 and not self.is_held():
                self._rotate()
                continue
            room = room if room > 0 else len(data)  # little: who is held is not read from
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


def _is_locked(fd: int) -> bool:
    """By somebody else, of the file there."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    fcntl.flock(fd, fcntl.LOCK_UN)
    return False
