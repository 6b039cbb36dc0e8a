"""How much of a disk a directory takes. Blocking: callers run it in a thread.

Counts what is allocated, as `du` does: sparse files for what they hold, files with several names once. It
follows no link and crosses no mount: what is mounted below a sandbox is not the sandbox's.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass

MAX_ENTRIES = 400_000
"""Entries looked at, twice what a fetch may bring; what is beyond is not counted, and the answer says that it
is incomplete."""

BLOCK = 512
"""Bytes of the unit in which the kernel tells what is allocated, whatever the filesystem's own is."""


@dataclass(frozen=True, slots=True)
class DiskUse:
    """What was found: `bytes` allocated, in so many `entries`. Not `complete`: it is at least that much."""

    bytes: int
    entries: int
    complete: bool


def disk_use(path: str, *, max_entries: int = MAX_ENTRIES, apart: str = "") -> DiskUse:
    """What the tree at `path` takes, without what is in the directory `apart` at its top.

    Entries that go away meanwhile are not counted; nothing is raised.
    """
    try:
        top = os.lstat(path)
    except OSError:
        return DiskUse(0, 0, complete=True)
    taken, entries = top.st_blocks * BLOCK, 1
    linked: set[int] = set()
    complete = True
    with closing(_below(path, top.st_dev, apart)) as below:
        for found in below:
            if entries >= max_entries:
                return DiskUse(taken, entries, complete=False)
            entries += 1
            if isinstance(found, OSError):
                complete = complete and found.errno != errno.ENAMETOOLONG
                continue
            if found.st_dev != top.st_dev:
                continue
            if found.st_nlink > 1 and not stat.S_ISDIR(found.st_mode):
                if found.st_ino in linked:
                    continue
                linked.add(found.st_ino)
            taken += found.st_blocks * BLOCK
    return DiskUse(taken, entries, complete=complete)


def _below(path: str, device: int, apart: str) -> Generator[os.stat_result | OSError, None, None]:
    """Every entry below `path`, which is on `device`, in no order, without recursion; neither what is mounted
    there nor the directory `apart` at its top is entered. An error where there is no more to know: it is
    gone, not to be read, or too deep.

    One at a time: a directory may hold millions. Those that wait share the text of the path above them.
    """
    waiting = [(path, "")]
    while waiting:
        above, name = waiting.pop()
        directory = f"{above}/{name}" if name else above
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    found = _status(entry)
                    yield found
                    if isinstance(found, OSError):
                        continue
                    if not name and entry.name == apart:
                        continue
                    if stat.S_ISDIR(found.st_mode) and found.st_dev == device:
                        waiting.append((directory, entry.name))
        except OSError as error:
            yield error


def _status(entry: os.DirEntry[str]) -> os.stat_result | OSError:
    try:
        return entry.stat(follow_symlinks=False)
    except OSError as error:
        return error
