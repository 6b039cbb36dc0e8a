"""Directories below which a container's mounts reach the host, and the host's reach containers.

Such a directory is a mount of its own, bound onto itself, with shared propagation: this way it
does not matter whether `/` is shared or private. Knows no containers and no volumes.
"""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path
from typing import Protocol

from agent.containerizer.shim import kernel
from agent.host.mount_table import mount_points


class SharedDirectories(Protocol):
    """Makes directories shared, and no longer."""

    def share(self, path: str) -> None:
        """Make `path` and let mounts below it spread both ways. Idempotent. Raises OSError."""

    def release(self, path: str) -> None:
        """Undo `share`, unless something is mounted below: then it stays, for the next time. Idempotent."""


class SharedMounts:
    """`SharedDirectories` on Linux. Without root there are no mounts to be spread, and nothing is done."""

    def share(self, path: str) -> None:
        """See `SharedDirectories.share`."""
        Path(path).mkdir(parents=True, exist_ok=True)
        if os.geteuid() != 0:
            return
        if not _is_mount_point(path):
            kernel.mount(path, path, None, kernel.MS_BIND)
        kernel.mount("none", path, None, kernel.MS_SHARED)

    def release(self, path: str) -> None:
        """See `SharedDirectories.release`."""
        if os.geteuid() != 0 or not _is_mount_point(path):
            return
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.umount2(os.fsencode(path), 0) != 0 and ctypes.get_errno() != errno.EBUSY:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)


def _is_mount_point(path: str) -> bool:
    """Also for a directory bound onto itself, which os.path.ismount does not see."""
    return os.path.realpath(path) in mount_points()
