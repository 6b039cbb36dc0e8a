"""What a storage provider does to the host's file system itself: directories, and wiping.

A port and its implementation. The plugin mounts; this room only makes the directories that CSI wants
made by its client, removes what is empty, and deletes the contents of a published volume. It never
follows a symbolic link inside a volume and never leaves the file system that it wipes.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import stat
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from provider.events import MountProblem, PublishedMount
from provider.local_storage import mount_health
from provider.local_storage.host_threads import HostThreads
from provider.removal import empty

ZERO_CHUNK = 4 * 1024 * 1024
"""Bytes written at once when a block volume is zeroed by writing."""

BLKGETSIZE64 = 0x80081272
BLKZEROOUT = 0x127F
FALLOC_FL_KEEP_SIZE = 1
FALLOC_FL_PUNCH_HOLE = 2

LOST_AND_FOUND = "lost+found"
"""What file system checkers expect at the top of an ext volume: emptied, not removed."""


class HostFiles(Protocol):
    """The host's file system, as far as a provider touches it. All of it may be repeated; raises OSError."""

    async def make_directory(self, path: str) -> None:
        """A directory, with its parents; one that exists is fine."""

    async def remove_directory(self, path: str) -> None:
        """Remove an empty directory or a plain file; one that is not there is fine.

        Raises OSError when it is a mount point or holds something: nothing is ever deleted inside it.
        """

    async def wipe(self, path: str, block: bool) -> None:
        """Delete everything below the mount point `path`; with `block`, zero the device or file there."""

    async def is_mounted(self, path: str) -> bool:
        """Whether something is mounted at `path`."""

    async def exists(self, path: str) -> bool:
        """Whether anything is at `path`, be it a link that leads nowhere."""

    async def names(self, path: str) -> frozenset[str]:
        """The names of all that is in the directory `path`; none when there is no such directory."""

    async def examine(self, mounts: Sequence[PublishedMount]) -> Mapping[str, MountProblem]:
        """What is wrong with which of them, by volume id."""


class LocalFiles:
    """`HostFiles` on this machine. Each call is in a thread, as it may take long, or hang for ever.

    Raises HostHangs, a TimeoutError, for what has not come back in time; the same again waits for it.
    """

    def __init__(self) -> None:
        self._threads = HostThreads()

    async def make_directory(self, path: str) -> None:
        """See `HostFiles.make_directory`."""
        await self._threads.run(
            f"mkdir {path}", lambda: Path(path).mkdir(parents=True, exist_ok=True, mode=0o750)
        )

    async def remove_directory(self, path: str) -> None:
        """See `HostFiles.remove_directory`."""
        await self._threads.run(f"rmdir {path}", lambda: _remove(path))

    async def wipe(self, path: str, block: bool) -> None:
        """See `HostFiles.wipe`. It takes as long as it takes."""
        work = zero if block else wipe_contents
        await self._threads.run(f"wiping {path}", lambda: work(path), patience=None)

    async def is_mounted(self, path: str) -> bool:
        """See `HostFiles.is_mounted`."""
        return await mount_health.seen_mounted(self._threads, path)

    async def exists(self, path: str) -> bool:
        """See `HostFiles.exists`."""
        return await self._threads.run(f"a look at {path}", lambda: os.path.lexists(path))

    async def names(self, path: str) -> frozenset[str]:
        """See `HostFiles.names`."""
        return await self._threads.run(f"a look into {path}", lambda: _names(path))

    async def examine(self, mounts: Sequence[PublishedMount]) -> Mapping[str, MountProblem]:
        """See `HostFiles.examine`."""
        return await mount_health.examine(self._threads, mounts)


def _names(path: str) -> frozenset[str]:
    try:
        # Names alone: nothing below is touched, as it may hang.
        return frozenset(each.name for each in Path(path).iterdir())
    except FileNotFoundError:
        return frozenset()


def _remove(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            Path(path).rmdir()
        else:
            Path(path).unlink()


def wipe_contents(path: str) -> None:
    """Delete all below the directory `path`, not `path` itself. Raises OSError at the first obstacle."""
    root = os.open(path, os.O_RDONLY | os.O_DIRECTORY)  # the target itself may be the plugin's link
    try:
        empty(root, kept=(LOST_AND_FOUND,))
    finally:
        os.close(root)


def zero(path: str) -> None:
    """Make a block volume read as zeroes: by discarding where that is sure to, else by writing them."""
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        if stat.S_ISBLK(os.fstat(handle).st_mode):
            _zero_device(handle)
        else:
            _zero_range(handle, os.fstat(handle).st_size)
        os.fsync(handle)
    finally:
        os.close(handle)


def _zero_device(handle: int) -> None:
    size = struct.unpack("Q", fcntl.ioctl(handle, BLKGETSIZE64, bytes(8)))[0]
    if _discard(handle, size):
        return
    try:
        fcntl.ioctl(handle, BLKZEROOUT, struct.pack("QQ", 0, size))
    except OSError:
        _zero_range(handle, size)


def _discard(handle: int, size: int) -> bool:
    """Give the space back, if the device promises that it reads as zeroes then.

    A plain discard (BLKDISCARD) promises nothing; punching a hole does, and is refused where it cannot.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
    done = libc.fallocate(handle, mode, ctypes.c_int64(0), ctypes.c_int64(size))
    return int(done) == 0


def _zero_range(handle: int, size: int) -> None:
    zeroes = bytes(ZERO_CHUNK)
    os.lseek(handle, 0, os.SEEK_SET)
    left = size
    while left > 0:
        left -= os.write(handle, zeroes[: min(left, ZERO_CHUNK)])
