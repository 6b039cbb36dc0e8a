"""What a plugin can do, and how a volume is accessed, in CSI's words. Values only; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

READ_ONLY_MODES = frozenset({"SINGLE_NODE_READER_ONLY", "MULTI_NODE_READER_ONLY"})
"""CSI access modes in which nobody ever writes."""

ONE_WRITER = "SINGLE_NODE_SINGLE_WRITER"
"""The CSI access mode in which a volume has one user at a time on its node."""

EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the plugin says it can do (ControllerGetCapabilities, NodeGetCapabilities).

    An edge whose capability is absent needs no call: the volume passes over it.
    """

    create_delete_volume: bool = True
    controller_publish: bool = False
    stage: bool = False
    list_volumes: bool = False
    get_capacity: bool = True
    topology: bool = False
    controller_expand: bool = False
    node_expand: bool = False
    online_expand: bool = False
    """VolumeExpansion.ONLINE: a published volume can be expanded; else it has to be unpublished first."""
    readonly_publish: bool = False


@dataclass(frozen=True, slots=True)
class VolumeCapability:
    """How a volume is accessed (CSI VolumeCapability). `fs_type` "" leaves the choice to the plugin."""

    block: bool = False
    fs_type: str = ""
    mount_flags: tuple[str, ...] = ()
    access_mode: str = "SINGLE_NODE_WRITER"


ANY_ACCESS = VolumeCapability()
"""What nobody said more of."""
