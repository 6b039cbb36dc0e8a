"""A work directory belongs to one process at a time: the lock that says so.

Two on one directory would each take the other's containers for orphans and its volumes for its own. The
kernel frees the lock with the process, however that ends. No event loop here: the supervisor stays small.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from cli.failures import CommandFailed

LOCK: Final = "lock"


class WorkDirLock:
    """The lock of `work_dir`, for a `who` (in messages). Makes the directory. Raises CommandFailed."""

    def __init__(self, work_dir: Path, who: str) -> None:
        self._work_dir = work_dir
        self._who = who
        try:
            work_dir.mkdir(parents=True, exist_ok=True)
            self._file: TextIO = (work_dir / LOCK).open("a+")
        except OSError as error:
            why = error.strerror or str(error)
            raise CommandFailed(f"cannot use {work_dir}: {why}; name another --work-dir") from error

    def take(self) -> bool:
        """Whether it is held from now on; False: another process holds it."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()
        return True

    def refusal(self) -> CommandFailed:
        """What to tell who cannot have it."""
        self._file.seek(0)
        holder = self._file.read().strip() or "unknown"
        return CommandFailed(
            f"another {self._who} (pid {holder}) runs in {self._work_dir}: end it, or name another --work-dir"
        )

    def close(self) -> None:
        """Let go."""
        self._file.close()


@contextmanager
def locked(work_dir: Path, who: str) -> Iterator[None]:
    """Hold the work directory. Raises CommandFailed when another process does."""
    lock = WorkDirLock(work_dir, who)
    try:
        if not lock.take():
            raise lock.refusal()
        yield
    finally:
        lock.close()
