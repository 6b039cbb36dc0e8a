"""What is sent to the plugin for each step of a volume, built from its record alone.

So that a repeat after a restart sends exactly the same. Pure; decides nothing about when.
"""

from __future__ import annotations

from provider.calls import (
    ControllerExpand,
    ControllerPublish,
    ControllerUnpublish,
    DeleteVolume,
    NodeExpand,
    NodePublish,
    NodeStage,
    NodeUnpublish,
    NodeUnstage,
    PluginFacts,
    VolumeRequest,
)
from provider.paths import VolumePaths
from provider.volume import READ_ONLY_MODES, Volume, VolumeCall


def request_for(volume: Volume, call: VolumeCall, facts: PluginFacts, paths: VolumePaths) -> VolumeRequest:
    """The request of `call` on `volume`, as it stands in its record."""
    staging, target = paths.staging(volume.id), paths.target(volume.id)
    match call:
        case VolumeCall.CONTROLLER_PUBLISH:
            # Attached read-only only when the volume can never be written to: an attachment outlives
            # single users, and a writer that comes later must not need it undone under a live reader.
            never_written = volume.capability.access_mode in READ_ONLY_MODES
            readonly = never_written and facts.capabilities.readonly_publish
            return ControllerPublish(
                volume.id,
                volume.attached_to or facts.node_id,
                volume.capability,
                readonly,
                volume.context,
                volume.profile,
            )
        case VolumeCall.NODE_STAGE:
            return NodeStage(
                volume.id, staging, volume.capability, volume.context, volume.publish_context, volume.profile
            )
        case VolumeCall.NODE_PUBLISH:
            return NodePublish(
                volume.id,
                staging if facts.capabilities.stage or volume.staged else None,
                target,
                volume.capability,
                volume.readonly,
                volume.context,
                volume.publish_context,
                volume.profile,
            )
        case VolumeCall.NODE_UNPUBLISH:
            return NodeUnpublish(volume.id, target)
        case VolumeCall.NODE_UNSTAGE:
            return NodeUnstage(volume.id, staging)
        case VolumeCall.CONTROLLER_UNPUBLISH:
            return ControllerUnpublish(volume.id, volume.attached_to or facts.node_id, volume.profile)
        case VolumeCall.DELETE:
            return DeleteVolume(volume.id, volume.profile)


def expand_at_controller(volume: Volume, required_bytes: int) -> ControllerExpand:
    """ControllerExpandVolume (CSI 1.x): room is made where the volume is kept."""
    return ControllerExpand(volume.id, required_bytes, volume.capability, volume.profile)


def expand_on_node(volume: Volume, required_bytes: int, facts: PluginFacts, paths: VolumePaths) -> NodeExpand:
    """NodeExpandVolume (CSI 1.x) of a published volume: its file system takes the room in."""
    staging = paths.staging(volume.id) if facts.capabilities.stage else None
    return NodeExpand(
        volume.id, paths.target(volume.id), staging, required_bytes, volume.capability, volume.profile
    )
