"""The CSI Controller service: volumes made, found, grown and deleted, and the capacity for them.

Each changing call runs alone on its volume, in steps that leave either nothing or the whole behind, also
when the process dies between two; recovery at the next start removes what no record owns. Mounting is the
node's part; gRPC stands around this, not in here.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable

from google.protobuf import wrappers_pb2

from csi_spec import csi_pb2
from provider.plugins.local_disk import requests
from provider.plugins.local_disk.backend import Backend
from provider.plugins.local_disk.blocking import BlockingCalls
from provider.plugins.local_disk.geometry import (
    MAXIMUM_VOLUME_BYTES,
    Layout,
    allocated_bytes,
    largest_size,
    minimum_bytes,
    whole_mib,
)
from provider.plugins.local_disk.growth import Growth
from provider.plugins.local_disk.in_flight import InFlight
from provider.plugins.local_disk.options import TOPOLOGY_KEY
from provider.plugins.local_disk.records import VOLUME_ID, VolumeRecord, volume_id_of
from provider.plugins.local_disk.refusals import (
    Refusal,
    aborted,
    already_exists,
    exhausted,
    failed_precondition,
    invalid_argument,
    out_of_range,
)
from provider.plugins.local_disk.steps import Steps
from provider.plugins.local_disk.volume_table import VolumeTable

PAGE_LIMIT = 1000
"""Volumes in one answer of ListVolumes, whatever is asked for: the rest follows by next_token."""

_Rpc = csi_pb2.ControllerServiceCapability.RPC
CAPABILITIES = (
    _Rpc.CREATE_DELETE_VOLUME,
    _Rpc.LIST_VOLUMES,
    _Rpc.GET_CAPACITY,
    _Rpc.EXPAND_VOLUME,
    _Rpc.GET_VOLUME,
    _Rpc.SINGLE_NODE_MULTI_WRITER,
)


class Controller:
    """The calls of csi.v1.Controller, without gRPC around them. They raise Refusal."""

    def __init__(
        self,
        node_id: str,
        table: VolumeTable,
        backend: Backend,
        growth: Growth,
        in_flight: InFlight,
        free_bytes: Callable[[], int],
        blocking: BlockingCalls,
        steps: Steps,
    ) -> None:
        self._topology = {TOPOLOGY_KEY: node_id}
        self._table = table
        self._backend = backend
        self._in_flight = in_flight
        self._free_bytes = free_bytes
        self._blocking = blocking
        self._steps = steps
        self._growth = growth

    async def create_volume(self, request: csi_pb2.CreateVolumeRequest) -> csi_pb2.CreateVolumeResponse:
        """A volume of that name, made now or before.

        ALREADY_EXISTS: made before with another size, capability or parameters. OUT_OF_RANGE: the pool
        could never hold it. RESOURCE_EXHAUSTED: not now, or not on this node. ABORTED: another call on
        the name is under way.
        """
        requests.check_name(request.name)
        requests.refuse_unsupported(request, ("volume_content_source", "mutable_parameters"))
        wanted = self._wanted(request)
        self._check_topology(request.accessibility_requirements)
        record = await self._in_flight.alone(
            wanted.volume_id, "CreateVolume", lambda: self._create(wanted, request)
        )
        return csi_pb2.CreateVolumeResponse(volume=self._volume(record))

    def _wanted(self, request: csi_pb2.CreateVolumeRequest) -> VolumeRecord:
        """The record of the volume as this request would make it."""
        parameters = requests.check_map(request.parameters, "parameters")
        asked = requests.capabilities(request.volume_capabilities)
        layouts = {self._backend.layout(each, parameters) for each in asked}
        if len(layouts) > 1:
            raise invalid_argument("volume_capabilities: one volume cannot have several filesystem types")
        layout = layouts.pop()
        size = requests.wanted_size(request.capacity_range, layout)
        return VolumeRecord(
            volume_id=volume_id_of(request.name),
            name=request.name,
            size_bytes=size,
            allocated_bytes=allocated_bytes(layout, size),
            layout=layout,
            modes=tuple(sorted({each.mode for each in asked})),
            parameters=parameters,
        )

    def _check_topology(self, wanted: csi_pb2.TopologyRequirement) -> None:
        places = [requests.segments(each) for each in wanted.requisite]
        if places and self._topology not in places:
            raise exhausted(f"volumes of this plugin are at {self._topology}, which is not among requisite")

    async def _create(self, wanted: VolumeRecord, request: csi_pb2.CreateVolumeRequest) -> VolumeRecord:
        if self._table.being_deleted(wanted.volume_id):
            raise aborted(
                f"a volume of this name is being deleted; repeat DeleteVolume of {wanted.volume_id}"
            )
        existing = self._table.find(wanted.volume_id)
        if existing is not None:
            check_same(existing, wanted, request.capacity_range)
            return existing
        self._check_total(wanted.allocated_bytes)
        self._table.ledger.charge(wanted.volume_id, wanted.allocated_bytes)
        try:
            storage = await self._backend.allocate(wanted, wanted.allocated_bytes)
            self._steps.reached(wanted.volume_id, "create: storage allocated")
            await self._table.put(wanted, storage)
        except Exception:
            await self._undo_creation(wanted)
            raise
        self._steps.reached(wanted.volume_id, "create: recorded")
        return wanted

    def _check_total(self, allocated: int) -> None:
        total = self._table.ledger.total
        if allocated > total:
            raise out_of_range(f"the volume takes {allocated} bytes, the whole pool has {total}")

    async def _undo_creation(self, wanted: VolumeRecord) -> None:
        """Nothing was answered: nothing stays. When even this fails, the next start cleans up."""
        await self._table.discard(wanted.volume_id)
        await self._backend.release(wanted)
        self._table.ledger.release(wanted.volume_id)

    async def delete_volume(self, request: csi_pb2.DeleteVolumeRequest) -> csi_pb2.DeleteVolumeResponse:
        """The volume is gone; one that is not there is so already.

        FAILED_PRECONDITION: it is staged or published; unpublish and unstage it first.
        """
        volume_id = requests.check_string(request.volume_id, "volume_id")
        await self._in_flight.alone(volume_id, "DeleteVolume", lambda: self._delete(volume_id))
        return csi_pb2.DeleteVolumeResponse()

    async def _delete(self, volume_id: str) -> None:
        record = self._table.being_deleted(volume_id)
        if record is None:
            existing = self._table.find(volume_id)
            if existing is None:
                return
            reason = await self._backend.why_busy(existing)
            if reason:
                raise failed_precondition(f"volume {volume_id} is in use: {reason}; unpublish and unstage it")
            record = await self._table.bury(volume_id)
            self._steps.reached(volume_id, "delete: buried")
        await self._backend.release(record)
        self._steps.reached(volume_id, "delete: storage removed")
        await self._table.forget(volume_id)
        self._steps.reached(volume_id, "delete: forgotten")

    async def controller_expand_volume(
        self, request: csi_pb2.ControllerExpandVolumeRequest
    ) -> csi_pb2.ControllerExpandVolumeResponse:
        """The volume is at least as large as asked; it never shrinks. NodeExpandVolume does the rest.

        RESOURCE_EXHAUSTED: the pool has not that much left; the volume is as it was. OUT_OF_RANGE: the pool
        could never hold it, or the volume has more than limit_bytes already.
        """
        volume_id = requests.check_string(request.volume_id, "volume_id")
        if not request.HasField("capacity_range"):
            raise invalid_argument("capacity_range is missing")
        required, limit = requests.check_range(request.capacity_range)
        if not required and not limit:
            raise invalid_argument("capacity_range: required_bytes or limit_bytes must be set")
        record = await self._in_flight.alone(
            volume_id, "ControllerExpandVolume", lambda: self._expand(volume_id, request.capacity_range)
        )
        unfinished = record.filesystem_bytes not in (0, record.allocated_bytes)
        attached = record.staging is not None
        return csi_pb2.ControllerExpandVolumeResponse(
            capacity_bytes=record.size_bytes, node_expansion_required=unfinished or attached
        )

    async def _expand(self, volume_id: str, asked: csi_pb2.CapacityRange) -> VolumeRecord:
        record = self._table.get(volume_id)
        size = max(whole_mib(asked.required_bytes), record.size_bytes)
        if asked.limit_bytes and size > asked.limit_bytes:
            raise out_of_range(
                f"the volume would have {size} bytes, more than limit_bytes {asked.limit_bytes}"
            )
        if size > MAXIMUM_VOLUME_BYTES:
            raise out_of_range(f"a volume has at most {MAXIMUM_VOLUME_BYTES} bytes, not {size}")
        return await self._growth.to_size(record, size)

    async def validate_volume_capabilities(
        self, request: csi_pb2.ValidateVolumeCapabilitiesRequest
    ) -> csi_pb2.ValidateVolumeCapabilitiesResponse:
        """Confirms all that was asked, or says in `message` what the volume cannot do."""
        record = self._find(request.volume_id)
        if not request.volume_capabilities:
            raise invalid_argument("volume_capabilities is missing")
        reason = self._why_not(record, request)
        if reason:
            return csi_pb2.ValidateVolumeCapabilitiesResponse(message=reason)
        confirmed = csi_pb2.ValidateVolumeCapabilitiesResponse.Confirmed(
            volume_context=request.volume_context,
            volume_capabilities=request.volume_capabilities,
            parameters=request.parameters,
        )
        return csi_pb2.ValidateVolumeCapabilitiesResponse(confirmed=confirmed)

    def _why_not(self, record: VolumeRecord, request: csi_pb2.ValidateVolumeCapabilitiesRequest) -> str:
        if request.mutable_parameters:
            return "mutable_parameters are not supported by this plugin"
        if request.parameters and dict(request.parameters) != record.parameters:
            return "the volume was made with other parameters"
        if request.volume_context and dict(request.volume_context) != self._context(record):
            return "volume_context is not the volume's"
        try:
            for each in requests.capabilities(request.volume_capabilities):
                if self._backend.layout(each, record.parameters) != record.layout:
                    what = record.layout.fs_type or record.layout.access_type
                    return f"the volume is {what}, and was asked to be {each.fs_type or each.access_type}"
        except Refusal as refusal:
            return refusal.message
        return ""

    async def list_volumes(self, request: csi_pb2.ListVolumesRequest) -> csi_pb2.ListVolumesResponse:
        """Volumes in the order of their ids; each that exists all along appears in exactly one page.

        ABORTED: the token is not one of ours; the client starts over without one.
        """
        if request.max_entries < 0:
            raise invalid_argument("max_entries must not be negative")
        token = request.starting_token
        if token and not VOLUME_ID.fullmatch(token):
            raise aborted("starting_token is not valid; list from the beginning")
        ids = self._table.ids()
        first = bisect.bisect_right(ids, token) if token else 0
        last = first + min(request.max_entries or PAGE_LIMIT, PAGE_LIMIT)
        page = [self._table.get(volume_id) for volume_id in ids[first:last]]
        return csi_pb2.ListVolumesResponse(
            entries=[csi_pb2.ListVolumesResponse.Entry(volume=self._volume(each)) for each in page],
            next_token=page[-1].volume_id if last < len(ids) else "",
        )

    async def controller_get_volume(
        self, request: csi_pb2.ControllerGetVolumeRequest
    ) -> csi_pb2.ControllerGetVolumeResponse:
        record = self._find(request.volume_id)
        return csi_pb2.ControllerGetVolumeResponse(
            volume=self._volume(record), status=csi_pb2.ControllerGetVolumeResponse.VolumeStatus()
        )

    async def get_capacity(self, request: csi_pb2.GetCapacityRequest) -> csi_pb2.GetCapacityResponse:
        """The size of the largest volume of that kind that can be made now, in whole MiB.

        0 for a kind of volume that this pool does not make, and for other nodes.
        """
        parameters = requests.check_map(request.parameters, "parameters")
        layouts = self._layouts(request, parameters)
        elsewhere = request.HasField("accessible_topology") and not self._is_here(request.accessible_topology)
        if elsewhere or not layouts:
            return csi_pb2.GetCapacityResponse(available_capacity=0)
        physical = await self._blocking.call(self._free_bytes)
        free = min(self._table.ledger.free, physical)
        available = min(largest_size(layout, free) for layout in layouts)
        return csi_pb2.GetCapacityResponse(
            available_capacity=available,
            maximum_volume_size=wrappers_pb2.Int64Value(value=available),
            minimum_volume_size=wrappers_pb2.Int64Value(value=max(minimum_bytes(each) for each in layouts)),
        )

    def _layouts(self, request: csi_pb2.GetCapacityRequest, parameters: dict[str, str]) -> set[Layout]:
        """Layouts that the volume must have at once; none when this pool cannot make such a volume."""
        if not request.volume_capabilities:
            plain = requests.Capability("mount", "", "SINGLE_NODE_WRITER")
            return {self._backend.layout(plain, parameters)}
        requests.check_parameters(parameters, (requests.BYTES_PER_INODE,))
        try:
            asked = requests.capabilities(request.volume_capabilities)
            layouts = {self._backend.layout(each, parameters) for each in asked}
        except Refusal:
            return set()
        return layouts if len(layouts) == 1 else set()

    def _is_here(self, topology: csi_pb2.Topology) -> bool:
        return requests.segments(topology) in ({}, self._topology)

    async def controller_get_capabilities(
        self, request: csi_pb2.ControllerGetCapabilitiesRequest
    ) -> csi_pb2.ControllerGetCapabilitiesResponse:
        return csi_pb2.ControllerGetCapabilitiesResponse(
            capabilities=[csi_pb2.ControllerServiceCapability(rpc=_Rpc(type=each)) for each in CAPABILITIES]
        )

    def _find(self, volume_id: str) -> VolumeRecord:
        return self._table.get(requests.check_string(volume_id, "volume_id"))

    def _volume(self, record: VolumeRecord) -> csi_pb2.Volume:
        return csi_pb2.Volume(
            volume_id=record.volume_id,
            capacity_bytes=record.size_bytes,
            volume_context=self._context(record),
            accessible_topology=[csi_pb2.Topology(segments=self._topology)],
        )

    def _context(self, record: VolumeRecord) -> dict[str, str]:
        context = {"backend": self._backend.name, "enforced": "true" if self._backend.enforced else "false"}
        return context | ({"fs_type": record.layout.fs_type} if record.layout.fs_type else {})


def check_same(existing: VolumeRecord, wanted: VolumeRecord, asked: csi_pb2.CapacityRange) -> None:
    """Raises Refusal ALREADY_EXISTS, naming what differs between the volume and the repeated request."""
    if not requests.satisfies(existing.size_bytes, asked):
        raise already_exists(f"the volume exists with {existing.size_bytes} bytes; take another name")
    if existing.layout != wanted.layout or existing.modes != wanted.modes:
        raise already_exists("the volume exists with another volume capability; take another name")
    if existing.parameters != wanted.parameters:
        raise already_exists("the volume exists with other parameters; take another name")
