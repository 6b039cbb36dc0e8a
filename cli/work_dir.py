"""A work directory belongs to one process at a time, and so does a registry that is a file: the locks.

Two on one directory would each take the other's containers for orphans and its volumes for its own; two on
one registry would depose each other again and again. The kernel frees a lock with the process, however that
ends. No event loop here: the supervisor stays small.
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


class Lock:
    """A file that a process holds. Makes it, and its folder. Raises CommandFailed."""

    def __init__(self, path: Path, who: str, where: str, other: str) -> None:
        """For messages: `who` is there already, `where`, and `other`: what can be named instead."""
        self._who, self._where, self._other = who, where, other
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: TextIO = path.open("a+")
        except OSError as error:
            why = error.strerror or str(error)
            raise CommandFailed(f"cannot use {path.parent}: {why}; name {other}") from error

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
            f"another {self._who} (pid {holder}) {self._where}: end it, or name {self._other}"
        )

    def close(self) -> None:
        """Let go."""
        self._file.close()


def work_dir_lock(work_dir: Path, who: str) -> Lock:
    """Of a work directory, for a `who` (in messages). Raises CommandFailed."""
    return Lock(work_dir / LOCK, who, f"runs in {work_dir}", "another --work-dir")


def registry_lock(database: Path) -> Lock:
    """Of a registry that is a file, whichever work directory it is used from. Raises CommandFailed."""
    path = database.with_name(f"{database.name}.{LOCK}")
    return Lock(path, "process", f"uses the registry {database}", "another --registry")


@contextmanager
def locked(work_dir: Path, who: str) -> Iterator[None]:
    """Hold the work directory. Raises CommandFailed when another process does."""
    with _held(work_dir_lock(work_dir, who)):
        yield


@contextmanager
def registry_locked(database: Path | None) -> Iterator[None]:
    """Hold a registry that is a file; None for one on a server. Raises CommandFailed when another process
    does."""
    if database is None:
        yield
        return
    with _held(registry_lock(database.absolute())):
        yield


@contextmanager
def _held(lock: Lock) -> Iterator[None]:
    try:
        if not lock.take():
            raise lock.refusal()
        yield
    finally:
        lock.close()
