"""CSI messages from requests, and answers back: one pair of functions for each call. No I/O.

Beside the client and the built-in plugin this is the only room that knows the protobuf stubs. What a plugin
answers is checked only as far as this is needed to have a value; whether it makes sense is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from csi_spec import csi_pb2 as csi
from provider import calls
from provider.calls import CreatedVolume, PluginError, Request
from provider.volume import VolumeCapability

Secrets = Mapping[str, str]

PAGE = 1000
"""Volumes asked for at once by ListVolumes."""


@dataclass(frozen=True, slots=True)
class Translation:
    """`request`: the message, with secrets where it takes them. `answer`: what the caller gets."""

    request: Callable[[Any, Secrets], Any]
    answer: Callable[[Any], Any]


def capability_out(capability: VolumeCapability) -> csi.VolumeCapability:
    """The CSI message of a volume capability."""
    mode = csi.VolumeCapability.AccessMode(mode=capability.access_mode)
    if capability.block:
        return csi.VolumeCapability(block=csi.VolumeCapability.BlockVolume(), access_mode=mode)
    mount = csi.VolumeCapability.MountVolume(
        fs_type=capability.fs_type, mount_flags=list(capability.mount_flags)
    )
    return csi.VolumeCapability(mount=mount, access_mode=mode)


def volume_in(volume: csi.Volume) -> CreatedVolume:
    """Raises PluginError for a volume without an id: nothing can be done with it, so the call is repeated."""
    if not volume.volume_id:
        raise PluginError("UNKNOWN", "the plugin answered with a volume that has no id")
    return CreatedVolume(
        volume.volume_id,
        max(0, volume.capacity_bytes),
        dict(volume.volume_context),
        tuple(dict(each.segments) for each in volume.accessible_topology),
    )


def list_page(token: str, entries: int = PAGE) -> csi.ListVolumesRequest:
    """The request for the page of ListVolumes that `token` names; `entries` at most, 0 for any number."""
    return csi.ListVolumesRequest(max_entries=entries, starting_token=token)


def _requirement(topology: Mapping[str, str]) -> csi.TopologyRequirement | None:
    """The one place from which the volume has to be reached (CSI 1.x, CreateVolume)."""
    if not topology:
        return None
    here = csi.Topology(segments=dict(topology))
    return csi.TopologyRequirement(requisite=[here], preferred=[here])


def _create(request: calls.CreateVolume, secrets: Secrets) -> csi.CreateVolumeRequest:
    return csi.CreateVolumeRequest(
        name=request.name,
        capacity_range=csi.CapacityRange(required_bytes=request.required_bytes),
        volume_capabilities=[capability_out(request.capability)],
        parameters=dict(request.parameters),
        secrets=secrets,
        accessibility_requirements=_requirement(request.topology),
    )


def _delete(request: calls.DeleteVolume, secrets: Secrets) -> csi.DeleteVolumeRequest:
    return csi.DeleteVolumeRequest(volume_id=request.volume_id, secrets=secrets)


def _attach(request: calls.ControllerPublish, secrets: Secrets) -> csi.ControllerPublishVolumeRequest:
    return csi.ControllerPublishVolumeRequest(
        volume_id=request.volume_id,
        node_id=request.node_id,
        volume_capability=capability_out(request.capability),
        readonly=request.readonly,
        secrets=secrets,
        volume_context=dict(request.context),
    )


def _detach(request: calls.ControllerUnpublish, secrets: Secrets) -> csi.ControllerUnpublishVolumeRequest:
    return csi.ControllerUnpublishVolumeRequest(
        volume_id=request.volume_id, node_id=request.node_id, secrets=secrets
    )


def _stage(request: calls.NodeStage, secrets: Secrets) -> csi.NodeStageVolumeRequest:
    return csi.NodeStageVolumeRequest(
        volume_id=request.volume_id,
        publish_context=dict(request.publish_context),
        staging_target_path=request.staging_path,
        volume_capability=capability_out(request.capability),
        secrets=secrets,
        volume_context=dict(request.context),
    )


def _unstage(request: calls.NodeUnstage, secrets: Secrets) -> csi.NodeUnstageVolumeRequest:
    return csi.NodeUnstageVolumeRequest(volume_id=request.volume_id, staging_target_path=request.staging_path)


def _publish(request: calls.NodePublish, secrets: Secrets) -> csi.NodePublishVolumeRequest:
    return csi.NodePublishVolumeRequest(
        volume_id=request.volume_id,
        publish_context=dict(request.publish_context),
        staging_target_path=request.staging_path or "",
        target_path=request.target_path,
        volume_capability=capability_out(request.capability),
        readonly=request.readonly,
        secrets=secrets,
        volume_context=dict(request.context),
    )


def _unpublish(request: calls.NodeUnpublish, secrets: Secrets) -> csi.NodeUnpublishVolumeRequest:
    return csi.NodeUnpublishVolumeRequest(volume_id=request.volume_id, target_path=request.target_path)


def _capacity(request: calls.GetCapacity, secrets: Secrets) -> csi.GetCapacityRequest:
    return csi.GetCapacityRequest(
        volume_capabilities=[capability_out(request.capability)],
        parameters=dict(request.parameters),
        accessible_topology=csi.Topology(segments=dict(request.topology)) if request.topology else None,
    )


def _list(request: calls.ListVolumes, secrets: Secrets) -> csi.ListVolumesRequest:
    return list_page("")


def _validate(request: calls.ValidateVolume, secrets: Secrets) -> csi.ValidateVolumeCapabilitiesRequest:
    return csi.ValidateVolumeCapabilitiesRequest(
        volume_id=request.volume_id,
        volume_context=dict(request.context),
        volume_capabilities=[capability_out(request.capability)],
        parameters=dict(request.parameters),
        secrets=secrets,
    )


def _expand(request: calls.ControllerExpand, secrets: Secrets) -> csi.ControllerExpandVolumeRequest:
    return csi.ControllerExpandVolumeRequest(
        volume_id=request.volume_id,
        capacity_range=csi.CapacityRange(required_bytes=request.required_bytes),
        secrets=secrets,
        volume_capability=capability_out(request.capability),
    )


def _node_expand(request: calls.NodeExpand, secrets: Secrets) -> csi.NodeExpandVolumeRequest:
    return csi.NodeExpandVolumeRequest(
        volume_id=request.volume_id,
        volume_path=request.volume_path,
        staging_target_path=request.staging_path or "",
        capacity_range=csi.CapacityRange(required_bytes=request.required_bytes),
        volume_capability=capability_out(request.capability),
        secrets=secrets,
    )


def _nothing(answer: Any) -> None:
    return None


def _validated(answer: csi.ValidateVolumeCapabilitiesResponse) -> str | None:
    if answer.HasField("confirmed"):
        return None
    return answer.message or "the plugin does not confirm it"


def _expanded(answer: csi.ControllerExpandVolumeResponse) -> calls.Expanded:
    return calls.Expanded(max(0, answer.capacity_bytes), answer.node_expansion_required)


TRANSLATIONS: Mapping[type[Request[Any]], Translation] = MappingProxyType(
    {
        calls.CreateVolume: Translation(_create, lambda answer: volume_in(answer.volume)),
        calls.DeleteVolume: Translation(_delete, _nothing),
        calls.ControllerPublish: Translation(_attach, lambda answer: dict(answer.publish_context)),
        calls.ControllerUnpublish: Translation(_detach, _nothing),
        calls.NodeStage: Translation(_stage, _nothing),
        calls.NodeUnstage: Translation(_unstage, _nothing),
        calls.NodePublish: Translation(_publish, _nothing),
        calls.NodeUnpublish: Translation(_unpublish, _nothing),
        calls.GetCapacity: Translation(_capacity, lambda answer: int(answer.available_capacity)),
        calls.ListVolumes: Translation(_list, lambda answer: answer),
        calls.ValidateVolume: Translation(_validate, _validated),
        calls.ControllerExpand: Translation(_expand, _expanded),
        calls.NodeExpand: Translation(_node_expand, lambda answer: max(0, int(answer.capacity_bytes))),
    }
)
"""How each request is made a message. ListVolumes goes on page by page, which is the client's business."""
