"""How much of a disk a directory takes. Blocking: callers run it in a thread.

Counts what is allocated, as `du` does: sparse files for what they hold, files with several names once. It
follows no link and crosses no mount: what is mounted below a sandbox is not the sandbox's.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

MAX_ENTRIES = 200_000
"""Entries looked at; what is beyond is not counted, and the answer says that it is incomplete."""

BLOCK = 512
"""Bytes of the unit in which the kernel tells what is allocated, whatever the filesystem's own is."""


@dataclass(frozen=True, slots=True)
class DiskUse:
    """What was found: `bytes` allocated, in so many `entries`. Not `complete`: it is at least that much."""

    bytes: int
    entries: int
    complete: bool


def disk_use(path: str, *, max_entries: int = MAX_ENTRIES) -> DiskUse:
    """What the tree at `path` takes. Entries that go away meanwhile are not counted; nothing is raised."""
    try:
        top = os.lstat(path)
    except OSError:
        return DiskUse(0, 0, complete=True)
    taken, entries = top.st_blocks * BLOCK, 1
    linked: set[int] = set()
    for found in _below(path, top.st_dev):
        if entries >= max_entries:
            return DiskUse(taken, entries, complete=False)
        entries += 1
        if found.st_nlink > 1 and not stat.S_ISDIR(found.st_mode):
            if found.st_ino in linked:
                continue
            linked.add(found.st_ino)
        taken += found.st_blocks * BLOCK
    return DiskUse(taken, entries, complete=True)


def _below(path: str, device: int) -> Iterator[os.stat_result]:
    """Every entry below `path` that is on the same device, in no order, without recursion."""
    waiting = [path]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as directory:
                entries = list(directory)
        except OSError:
            continue  # gone, or not to be read
        for entry in entries:
            try:
                found = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if found.st_dev != device:
                continue
            yield found
            if stat.S_ISDIR(found.st_mode):
                waiting.append(entry.path)
