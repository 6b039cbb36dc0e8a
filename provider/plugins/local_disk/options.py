"""What the plugin is started with. Read by the composition root only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PLUGIN_NAME = "local-disk.orlop"
"""GetPluginInfo.name; also the prefix of the topology key."""

TOPOLOGY_KEY = f"{PLUGIN_NAME}/node"
"""Segment that says on which node a volume lies; its value is the node id."""

NODE_ID_BYTES = 63
"""A node id is also a topology value, which has at most so many bytes."""

DEFAULT_STATE_FOLDER = Path("/var/lib/orlop/local-disk")

BackendChoice = Literal["auto", "image", "dir"]


@dataclass(frozen=True)
class PluginOptions:
    """As on the command line.

    endpoint: `unix:///absolute/path` of the socket to make; at most 107 bytes of path.
    node_id: the name of this node, as it appears in topology; letters, digits, `-`, `_` and `.`.
    pool: a folder (made when missing), or a whole block device, which must be empty or a pool already.
    backend: "image" needs root; "auto" is what the pool was made with, else "image" as root, else "dir".
    capacity: bytes that volumes may take; None: what is free at the pool's first start, less a reserve.
    state_folder: where a pool on a device is mounted; unused for folders.
    pool_id: the UUID of the pool's filesystem, on whatever device it is attached now. The device has to carry
        it already then: it is never formatted.
    """

    endpoint: str
    node_id: str
    pool: Path
    backend: BackendChoice = "auto"
    capacity: int | None = None
    state_folder: Path = DEFAULT_STATE_FOLDER
    pool_id: str | None = None
