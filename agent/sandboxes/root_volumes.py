"""Persistent volumes on the agent's own disk: one directory each, below the work directory.

    <work dir>/volumes/roles/<role>/<persistence id>
    <work dir>/volumes/devices/<container>/<device>

The second line is nodes for raw devices that tasks of other users than root may open. Sizes are accounted by
the provider without an id, not enforced here. Nothing here decides when a volume exists: CREATE and DESTROY
do.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from agent.host.device_nodes import DeviceNodes
from provider.manager.publishing import PublishFailed
from provider.removal import remove_tree

MAX_NAME = 255
"""Bytes of a file name; longer names are refused."""


class RootVolumes:
    """The directories of an agent's persistent volumes."""

    def __init__(self, work_dir: Path) -> None:
        self._root = work_dir / "volumes" / "roles"
        self._devices = DeviceNodes(work_dir / "volumes" / "devices")

    def path(self, role: str, persistence_id: str) -> Path:
        """Where the volume is or would be. Raises OSError when the names cannot be file names."""
        return self._root / _file_name(role) / _file_name(persistence_id)

    @property
    def root(self) -> Path:
        """Below it a directory for each role, and below that one for each volume."""
        return self._root

    def make(self, role: str, persistence_id: str) -> str:
        """See `provider.own.OwnVolumes.make`. On return it has reached the disk. Blocking: in a thread."""
        path = self.path(role, persistence_id)
        path.mkdir(parents=True, exist_ok=True)
        above = path.parent
        while True:  # also where it was there: an earlier try may have ended before this
            _sync(above)
            if above == self._root.parent.parent:
                break
            above = above.parent
        if any(path.iterdir()):
            raise OSError(
                f"{path} holds the data of a volume that is not known any more: choose another name, or have "
                "the agent's operator move them away"
            )
        return str(path)

    def ensure(
        self, role: str, persistence_id: str, owner: tuple[int, int] | None = None, *, shared: bool = False
    ) -> str:
        """See `agent.publisher.VolumeDirectories.ensure`. The volume is its latest user's, at its top; a
        shared one its first user's."""
        path = self.path(role, persistence_id)
        if not path.is_dir():  # made by CREATE: another one in its place would hide that data was lost
            raise PublishFailed(
                f"volume {persistence_id} of role {role} has no directory any more: {path} was removed, or is"
                " on a disk that is not mounted: bring it back there, or destroy the volume"
            )
        if owner is not None:
            self.give(str(path), owner, shared=shared)
        return str(path)

    def give(self, path: str, owner: tuple[int, int], *, shared: bool = False) -> None:
        """See `agent.publisher.VolumeDirectories.give`. What is in it stays whose it was."""
        status = os.stat(path)  # noqa: PTH116 - of what a plugin's link may lead to
        if shared and status.st_uid != os.geteuid():
            return  # another task may be using it
        if owner != (status.st_uid, status.st_gid):
            os.chown(path, *owner)

    def device_for(
        self, path: str, container_id: str, owner: tuple[int, int], *, read_only: bool = False
    ) -> str:
        """See `agent.publisher.VolumeDirectories.device_for`."""
        return self._devices.make(path, container_id, owner, read_only=read_only)

    def forget_devices(self, container_id: str) -> None:
        """See `agent.publisher.VolumeDirectories.forget_devices`."""
        self._devices.forget(container_id)

    def destroy(self, role: str, persistence_id: str) -> None:
        """Remove the volume with its data; idempotent. It may take long. Raises OSError."""
        remove_tree(self.path(role, persistence_id))


def _sync(directory: Path) -> None:
    """What is in it is found there after a loss of power, too."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _file_name(name: str) -> str:
    """One path component that no other name shares: a role's slashes are escaped."""
    quoted = quote(name, safe=" *")
    if quoted in {"", ".", ".."} or len(quoted.encode()) > MAX_NAME:
        raise OSError(f"{name!r} cannot name a directory")
    return quoted
