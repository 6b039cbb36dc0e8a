"""The last lines of what a container printed, from the files that its containerizer keeps in the sandbox.

Reads the end of each file only, whatever its size. The container may write in its sandbox, so neither a
link nor a fifo in a file's place is followed. It must not keep a file open, know what a container is for, or
make lines fit to be shown: what is cut or cleaned here could not be searched any more.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

TAIL_BYTES = 16 * 1024
"""Bytes read from the end of each file; a line that begins before them is left out."""

STREAMS = ("stdout", "stderr")


def last_lines(sandbox: Path, lines: int) -> tuple[str, ...]:
    """At most so many lines: those of stderr, where programs say what went wrong, after those of stdout.

    When both have many, stdout gets a quarter of the room.
    """
    printed, errors = (_tail(sandbox / name) for name in STREAMS)
    kept = _last(printed, max(lines - len(errors), lines // 4))
    return (*kept, *_last(errors, lines - len(kept)))


def _last(lines: list[str], count: int) -> list[str]:
    return lines[-count:] if count > 0 else []


def _tail(path: Path) -> list[str]:
    """The last lines of `path`, or of the file that it was before it began anew when it is empty."""
    return _read(path) or _read(path.with_name(f"{path.name}.1"))


def _read(path: Path) -> list[str]:
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return []
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            return []
        start = max(0, status.st_size - TAIL_BYTES)
        text = os.pread(file, TAIL_BYTES, start).decode("utf-8", "replace")
    finally:
        os.close(file)
    found = text.split("\n")
    return [line for line in (found[1:] if start > 0 else found) if line.strip()]
