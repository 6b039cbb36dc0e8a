"""What a container prints, read from the files that keep it as they grow and are begun anew.

A file that reaches its bound becomes `NAME.1` and `NAME` begins anew; who follows reads on across that. Who
is to miss nothing locks the file that it reads: whoever writes waits for that (`shim.output`). It
waits for nothing: it is asked again and again, and how a file is opened safely is the caller's.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from typing import Final

CHUNK: Final = 64 * 1024
"""Bytes that one read returns at most."""

Open = Callable[[], int | None]
"""A descriptor of the file as it is now; None when there is none."""


class FollowedFile:
    """One output stream. What was dropped between two reads, because there was too much, is not seen; nothing
    is where `older` opens the file before, and its writer is one that waits."""

    def __init__(self, opened: Open, *, from_end: bool, older: Open | None = None) -> None:
        """With `from_end` only what is printed from now on is read."""
        self._opened = opened
        self._older = older
        self._file = self._first()
        self._offset = 0
        if from_end and self._file is not None:
            self._offset = os.fstat(self._file).st_size

    def read(self) -> bytes:
        """What is new, at most CHUNK bytes; empty when nothing is."""
        if self._file is None:
            self._file = self._first()
            if self._file is None:
                return b""
        data = self._next()
        while not data and self._begun_anew():
            data = self._next()
        return data

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _first(self) -> int | None:
        file = self._opened()
        if self._older is None or file is None:
            return file
        if (older := self._older()) is not None:
            os.close(file)
            file = older
        return file if self._kept(file) else None

    def _kept(self, file: int) -> bool:
        """Lock it, where that matters; False: its writer looks at the lock just now; it is closed."""
        if self._older is None:
            return True
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        return True

    def _next(self) -> bytes:
        assert self._file is not None, "read() opens it"
        data = os.pread(self._file, CHUNK, self._offset)
        self._offset += len(data)
        return data

    def _begun_anew(self) -> bool:
        """Go on with the file that has taken the name, once the old one is read to its end."""
        assert self._file is not None, "read() opens it"
        following = self._opened()
        if following is None:
            return False
        old, new = os.fstat(self._file), os.fstat(following)
        if (old.st_dev, old.st_ino) != (new.st_dev, new.st_ino):
            if old.st_size > self._offset:  # it grew between the read and the change of the name
                os.close(following)
                return True
            if not self._kept(following):
                return False
            os.close(self._file)
            self._file, self._offset = following, 0
            return True
        os.close(following)
        if new.st_size < self._offset:
            self._offset = 0
            return True
        return False
