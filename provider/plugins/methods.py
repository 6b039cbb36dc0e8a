"""What CSI calls each request, and what of it matters to more than the client. Tables only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from provider import calls
from provider.calls import Request
from provider.plugins.config import Service

METHODS: Mapping[type[Request[Any]], str] = MappingProxyType(
    {
        calls.CreateVolume: "CreateVolume",
        calls.DeleteVolume: "DeleteVolume",
        calls.ControllerPublish: "ControllerPublishVolume",
        calls.ControllerUnpublish: "ControllerUnpublishVolume",
        calls.NodeStage: "NodeStageVolume",
        calls.NodeUnstage: "NodeUnstageVolume",
        calls.NodePublish: "NodePublishVolume",
        calls.NodeUnpublish: "NodeUnpublishVolume",
        calls.GetCapacity: "GetCapacity",
        calls.ListVolumes: "ListVolumes",
        calls.ValidateVolume: "ValidateVolumeCapabilities",
        calls.ControllerExpand: "ControllerExpandVolume",
        calls.NodeExpand: "NodeExpandVolume",
    }
)
"""The name of the call in CSI 1.x."""

CARRY_SECRETS = frozenset(METHODS.values()) - {
    "NodeUnstageVolume",
    "NodeUnpublishVolume",
    "GetCapacity",
    "ListVolumes",
}
"""The calls whose requests have a field `secrets`."""


def service_of(method: str) -> Service:
    """Which service serves it."""
    return Service.NODE if method.startswith("Node") else Service.CONTROLLER


def subject_of(request: Request[Any]) -> str:
    """The volume that it is about, by its id or by the name that it is to get; else the call's own name."""
    match request:
        case calls.CreateVolume(name=name):
            return name
        case _:
            return str(getattr(request, "volume_id", METHODS[type(request)]))
