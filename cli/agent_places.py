"""Where the things of an agent's plugins are on this host, and what the host is called to them.

Paths and names only: but for the sockets' folders nothing is made here.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path
from typing import Final

from msgspec import UNSET

from agent.containerizer.watch import scope_of
from agent.providers.ended_plugins import container_prefix
from agent.providers.plugin_config import Places
from api.wire.v1 import mesos
from cli.failures import CommandFailed

NODE_ID_LENGTH: Final = 63
"""Of a node id, which is a topology value too (CSI 1.x, Topology)."""
DIGEST_LENGTH: Final = 8


class AgentPlaces:
    """The directories of one agent's plugins."""

    def __init__(self, work_dir: Path, hostname: str) -> None:
        self._work_dir = work_dir
        self._node_id = node_id(hostname, work_dir)
        self._sockets = sockets_of(work_dir)

    def of(self, info: mesos.ResourceProviderInfo) -> Places:
        """Where the plugin of that provider has its things. Two providers share none of them."""
        return Places(
            prefix=container_prefix(info.name),
            sockets=str(self.sockets(info)),
            mount_root=str(self.mount_root(info)),
            node_id=self._node_id,
        )

    def database(self, info: mesos.ResourceProviderInfo) -> Path:
        """What the provider knows; stays when it is removed, and is taken up when it comes back."""
        return self._work_dir / "providers" / f"{info.type}.{info.name}.db"

    def mount_root(self, info: mesos.ResourceProviderInfo) -> Path:
        """Its volumes are published below."""
        root = UNSET if info.storage is UNSET else info.storage.plugin.target_path_root
        return (self._work_dir / "mounts" if root is UNSET else Path(root)) / info.name

    def sockets(self, info: mesos.ResourceProviderInfo) -> Path:
        """A folder with a short path, whatever the name is: a unix socket's has at most 107 bytes."""
        digest = hashlib.sha256(f"{info.type}/{info.name}".encode()).hexdigest()
        return self._sockets / digest[:DIGEST_LENGTH]

    def remove_sockets(self) -> None:
        """Their folders, when nothing is in them any more."""
        for folder in (*self._sockets.glob("*"), self._sockets):
            try:
                folder.rmdir()
            except OSError:  # somebody else's socket is in it
                continue


def node_id(hostname: str, work_dir: Path) -> str:
    """One node for each agent, also when several share a host."""
    name = re.sub(r"[^A-Za-z0-9_.-]", "-", hostname).strip("-_.")
    return f"{name[: NODE_ID_LENGTH - 13]}-{scope_of(work_dir)}".lstrip("-_.")


def sockets_of(work_dir: Path) -> Path:
    """The agent's own folder for sockets."""
    scope = scope_of(work_dir)
    if os.geteuid() == 0:
        return Path("/run/orlop") / scope
    return _own_runtime_folder() / "orlop" / scope


def _own_runtime_folder() -> Path:
    """The user's runtime folder, or one in /tmp that is this user's and nobody else's."""
    known = os.environ.get("XDG_RUNTIME_DIR")
    if known is not None:
        return Path(known)
    folder = Path(f"/tmp/orlop-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise CommandFailed(f"{folder} is not this user's own folder: remove it, or set XDG_RUNTIME_DIR")
    return folder
