"""Nodes for raw devices, one set for each container: who may open a device is decided by its node's owner.

The node that a plugin publishes is shared by all who look at the device, and outlives its users; so a task
that is not root's gets a node of its own, and the plugin's is left as it is.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from provider.removal import remove_tree


class DeviceNodes:
    """The nodes below one directory."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def make(self, path: str, container_id: str, owner: tuple[int, int], *, read_only: bool = False) -> str:
        """The absolute path of a node for the device at `path`, which `owner` may open. Idempotent.

        Raises OSError: also when it is no device, or when devices cannot be used on the work directory's
        file system (`nodev`).
        """
        status = os.stat(path)  # noqa: PTH116 - of what a plugin's link may lead to
        if not (stat.S_ISBLK(status.st_mode) or stat.S_ISCHR(status.st_mode)):
            raise OSError(f"{path} is not a device")
        directory = self._root / container_id
        directory.mkdir(parents=True, exist_ok=True, mode=0o711)
        if os.statvfs(directory).f_flag & os.ST_NODEV:
            raise OSError(f"{directory} is on a file system without devices: mount it without nodev")
        node = directory / f"{os.major(status.st_rdev)}-{os.minor(status.st_rdev)}"
        try:
            os.mknod(node, stat.S_IFMT(status.st_mode) | 0o600, status.st_rdev)
        except FileExistsError:
            pass  # made before a crash
        os.chown(node, *owner)
        node.chmod(0o400 if read_only else 0o600)
        return str(node)

    def forget(self, container_id: str) -> None:
        """No node of the container is left. Idempotent. Raises OSError."""
        directory = self._root / container_id
        if directory.exists():
            remove_tree(directory)
