"""The CSI services over one disk: it is listed, checked, put where it is wanted and taken away again.

They create and delete nothing: the disk was there before, and stays. gRPC stands around this, not in here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from google.protobuf import wrappers_pb2

from csi_spec import csi_pb2
from provider.plugins.local_disk import paths, requests
from provider.plugins.local_disk.blocking import BlockingCalls
from provider.plugins.local_disk.in_flight import InFlight
from provider.plugins.local_disk.mounts import KernelMounts
from provider.plugins.local_disk.refusals import (
    Refusal,
    aborted,
    failed_precondition,
    internal,
    invalid_argument,
    not_found,
)
from provider.plugins.whole_disk import disk as disks
from provider.plugins.whole_disk.disk import PLUGIN_NAME, AnotherDisk, Disk

RAW = "a disk that is offered whole is a raw block device: ask for block"

T = TypeVar("T")
_Service = csi_pb2.PluginCapability.Service
_Controller = csi_pb2.ControllerServiceCapability.RPC
_Node = csi_pb2.NodeServiceCapability.RPC


class Identity:
    """The calls of csi.v1.Identity."""

    def __init__(self, version: str, disk: Disk, blocking: BlockingCalls) -> None:
        self._version = version
        self._disk = disk
        self._blocking = blocking

    async def get_plugin_info(self, request: csi_pb2.GetPluginInfoRequest) -> csi_pb2.GetPluginInfoResponse:
        return csi_pb2.GetPluginInfoResponse(name=PLUGIN_NAME, vendor_version=self._version)

    async def get_plugin_capabilities(
        self, request: csi_pb2.GetPluginCapabilitiesRequest
    ) -> csi_pb2.GetPluginCapabilitiesResponse:
        controller = csi_pb2.PluginCapability(service=_Service(type=_Service.CONTROLLER_SERVICE))
        return csi_pb2.GetPluginCapabilitiesResponse(capabilities=[controller])

    async def probe(self, request: csi_pb2.ProbeRequest) -> csi_pb2.ProbeResponse:
        """Ready while the disk is there. FAILED_PRECONDITION: an operator brings it back."""
        try:
            await self._blocking.call(self._disk.number)
        except OSError as error:
            raise failed_precondition(
                f"the disk {self._disk.path} is out of reach: {error.strerror}"
            ) from error
        return csi_pb2.ProbeResponse(ready=wrappers_pb2.BoolValue(value=True))


class Controller:
    """The calls of csi.v1.Controller. They raise Refusal."""

    def __init__(self, disk: Disk, blocking: BlockingCalls) -> None:
        self._disk = disk
        self._blocking = blocking

    async def controller_get_capabilities(
        self, request: csi_pb2.ControllerGetCapabilitiesRequest
    ) -> csi_pb2.ControllerGetCapabilitiesResponse:
        listing = csi_pb2.ControllerServiceCapability(rpc=_Controller(type=_Controller.LIST_VOLUMES))
        return csi_pb2.ControllerGetCapabilitiesResponse(capabilities=[listing])

    async def list_volumes(self, request: csi_pb2.ListVolumesRequest) -> csi_pb2.ListVolumesResponse:
        """The disk, with its size now."""
        if request.max_entries < 0:
            raise invalid_argument("max_entries must not be negative")
        if request.starting_token:
            raise aborted("starting_token is not valid; list from the beginning")
        size = await _of_kernel(self._blocking, self._disk, self._disk.size)
        volume = csi_pb2.Volume(volume_id=self._disk.volume_id, capacity_bytes=size)
        return csi_pb2.ListVolumesResponse(entries=[csi_pb2.ListVolumesResponse.Entry(volume=volume)])

    async def validate_volume_capabilities(
        self, request: csi_pb2.ValidateVolumeCapabilitiesRequest
    ) -> csi_pb2.ValidateVolumeCapabilitiesResponse:
        """Confirms all that was asked, or says in `message` what the disk cannot do."""
        check_volume(self._disk, request.volume_id)
        if not request.volume_capabilities:
            raise invalid_argument("volume_capabilities is missing")
        if reason := self._why_not(request):
            return csi_pb2.ValidateVolumeCapabilitiesResponse(message=reason)
        confirmed = csi_pb2.ValidateVolumeCapabilitiesResponse.Confirmed(
            volume_context=request.volume_context,
            volume_capabilities=request.volume_capabilities,
            parameters=request.parameters,
        )
        return csi_pb2.ValidateVolumeCapabilitiesResponse(confirmed=confirmed)

    def _why_not(self, request: csi_pb2.ValidateVolumeCapabilitiesRequest) -> str:
        if request.parameters or request.mutable_parameters:
            return "a disk that is offered whole has no parameters"
        if request.volume_context:
            return "volume_context is not the volume's"
        try:
            asked = requests.capabilities(request.volume_capabilities)
        except Refusal as refusal:
            return refusal.message
        return RAW if any(each.access_type != "block" for each in asked) else ""


class Node:
    """The calls of csi.v1.Node. They raise Refusal."""

    def __init__(self, node_id: str, disk: Disk, in_flight: InFlight, blocking: BlockingCalls) -> None:
        self._node_id = node_id
        self._disk = disk
        self._in_flight = in_flight
        self._blocking = blocking
        self._mounts = KernelMounts()

    async def node_get_info(self, request: csi_pb2.NodeGetInfoRequest) -> csi_pb2.NodeGetInfoResponse:
        return csi_pb2.NodeGetInfoResponse(node_id=self._node_id)

    async def node_get_capabilities(
        self, request: csi_pb2.NodeGetCapabilitiesRequest
    ) -> csi_pb2.NodeGetCapabilitiesResponse:
        statistics = csi_pb2.NodeServiceCapability(rpc=_Node(type=_Node.GET_VOLUME_STATS))
        return csi_pb2.NodeGetCapabilitiesResponse(capabilities=[statistics])

    async def node_publish_volume(
        self, request: csi_pb2.NodePublishVolumeRequest
    ) -> csi_pb2.NodePublishVolumeResponse:
        """The disk's node is at target_path, which is made; its parent must exist.

        INVALID_ARGUMENT: read-only, which a node cannot be; or as a file system. ALREADY_EXISTS: something
        else is there.
        """
        check_volume(self._disk, request.volume_id)
        target = requests.check_path(request.target_path, "target_path")
        asked = requests.capability(request.volume_capability)
        if asked.access_type != "block":
            raise invalid_argument(RAW)
        if request.readonly or asked.mode == "SINGLE_NODE_READER_ONLY":
            raise invalid_argument("a disk that is offered whole cannot be published read-only")
        work = lambda place: disks.publish(self._disk, place, self._mounts)  # noqa: E731
        await self._alone("NodePublishVolume", paths.resolved_target, target, work)
        return csi_pb2.NodePublishVolumeResponse()

    async def node_unpublish_volume(
        self, request: csi_pb2.NodeUnpublishVolumeRequest
    ) -> csi_pb2.NodeUnpublishVolumeResponse:
        """No longer at target_path, which is removed; also of a disk that has gone."""
        check_volume(self._disk, request.volume_id)
        target = requests.check_path(request.target_path, "target_path")
        work = lambda place: disks.unpublish(place, self._mounts)  # noqa: E731
        await self._alone("NodeUnpublishVolume", paths.resolved_if_possible, target, work)
        return csi_pb2.NodeUnpublishVolumeResponse()

    async def node_get_volume_stats(
        self, request: csi_pb2.NodeGetVolumeStatsRequest
    ) -> csi_pb2.NodeGetVolumeStatsResponse:
        """Its size: nobody knows what is used of a raw device. NOT_FOUND: it is not at that path."""
        check_volume(self._disk, request.volume_id)
        path = requests.check_possible_path(request.volume_path, "volume_path")
        real = await self._blocking.call(paths.resolved_if_possible, path)
        work = lambda: disks.is_published(self._disk, real, self._mounts)  # noqa: E731
        if not path.startswith("/") or not await _of_kernel(self._blocking, self._disk, work):
            raise not_found(f"{request.volume_id} at {path}")
        size = await _of_kernel(self._blocking, self._disk, self._disk.size)
        usage = csi_pb2.VolumeUsage(unit=csi_pb2.VolumeUsage.BYTES, total=size)
        return csi_pb2.NodeGetVolumeStatsResponse(usage=[usage])

    async def _alone(
        self, call: str, resolved: Callable[[str], str], target: str, work: Callable[[str], None]
    ) -> None:
        async def run() -> None:
            place = await self._blocking.call(resolved, target)
            await _of_kernel(self._blocking, self._disk, lambda: work(place))

        await self._in_flight.alone(self._disk.volume_id, call, run)


def check_volume(disk: Disk, volume_id: str) -> None:
    """Raises Refusal NOT_FOUND for any other volume."""
    if requests.check_string(volume_id, "volume_id") != disk.volume_id:
        raise not_found(volume_id)


async def _of_kernel(blocking: BlockingCalls, disk: Disk, work: Callable[[], T]) -> T:
    try:
        return await blocking.call(work)
    except AnotherDisk as error:
        raise failed_precondition(f"{disk.path} is not the disk any more: {error.strerror}") from error
    except OSError as error:
        raise internal(f"{disk.path}: {error.strerror or error}") from error
