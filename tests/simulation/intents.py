"""What a plugin is asked for is written by then: a provider that starts at this moment asks for it again."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from provider.calls import (
    ControllerPublish,
    ControllerUnpublish,
    CreateVolume,
    DeleteVolume,
    NodePublish,
    NodeStage,
    NodeUnpublish,
    NodeUnstage,
    Request,
    volume_name,
)
from provider.records import Checkpoint
from provider.volume import VolumeState

STATES: Mapping[type[Request[Any]], VolumeState] = MappingProxyType(
    {
        ControllerPublish: VolumeState.CONTROLLER_PUBLISH,
        NodeStage: VolumeState.NODE_STAGE,
        NodePublish: VolumeState.NODE_PUBLISH,
        NodeUnpublish: VolumeState.NODE_UNPUBLISH,
        NodeUnstage: VolumeState.NODE_UNSTAGE,
        ControllerUnpublish: VolumeState.CONTROLLER_UNPUBLISH,
        DeleteVolume: VolumeState.DELETING,
    }
)
"""What must be written of a volume before the plugin is asked for that."""


def is_intended(request: Request[Any], checkpoint: Checkpoint) -> bool:
    """Whether `checkpoint` says so of a call that makes, moves or deletes a volume; true of the others."""
    if isinstance(request, CreateVolume):
        return any(
            each.started and not each.state.is_terminal and volume_name(each.uuid) == request.name
            for each in checkpoint.operations
        )
    state = STATES.get(type(request))
    if state is None:
        return True
    volume_id = getattr(request, "volume_id", None)
    return any(each.id == volume_id and each.state is state for each in checkpoint.volumes)
