"""The CSI client: typed calls to one plugin over gRPC on a unix socket.

Only this room and the built-in plugin know the protobuf stubs. It makes each call once, with a
deadline, and says how it ended; repeating is the machine's business. CSI 1.x, all services it uses.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, cast

import grpc
import grpc.aio

from csi_spec import csi_pb2 as csi
from csi_spec import csi_pb2_grpc as stubs
from provider import calls
from provider.calls import CreatedVolume, PluginError, PluginFacts, Request
from provider.volume import Capabilities, VolumeCapability

log = logging.getLogger(__name__)
T = TypeVar("T")

MESSAGE_LIMIT = 64 * 1024 * 1024
"""Bytes of a message, either way: 100,000 volumes in one list. A larger one fails the call."""

PAGE = 1000
"""Volumes asked for at once by ListVolumes."""

MAX_PAGES = 1000
"""Pages after which a list is taken for one that never ends; the call fails then."""

DEADLINES: Mapping[type[Request[Any]], float] = {
    calls.CreateVolume: 60.0,
    calls.DeleteVolume: 60.0,
    calls.ControllerPublish: 60.0,
    calls.ControllerUnpublish: 60.0,
    calls.NodeStage: 60.0,
    calls.NodeUnstage: 60.0,
    calls.NodePublish: 30.0,
    calls.NodeUnpublish: 30.0,
    calls.GetCapacity: 15.0,
    calls.ListVolumes: 30.0,
    calls.ValidateVolume: 15.0,
    calls.ControllerExpand: 60.0,
    calls.NodeExpand: 60.0,
}
"""Seconds until an answer counts as lost. The call is then repeated, so a slow plugin is only slow."""

IDENTITY_DEADLINE = 10.0
"""Seconds for Probe and for what a plugin says of itself."""

OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_LIMIT),
    ("grpc.max_send_message_length", MESSAGE_LIMIT),
    ("grpc.enable_retries", 0),  # repeating is decided by the machine
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.default_authority", "localhost"),
)


class CsiClient:
    """A `PluginClient` on `socket_path`, with the identity calls that bring a plugin up."""

    def __init__(self, socket_path: str, deadlines: Mapping[type[Request[Any]], float] = DEADLINES) -> None:
        self._target = f"unix:{socket_path}"
        self._deadlines = deadlines
        self._channel: grpc.aio.Channel | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._made: Mapping[type[Request[Any]], Callable[[Any, float], Awaitable[Any]]] = {
            calls.CreateVolume: self._create,
            calls.DeleteVolume: self._delete,
            calls.ControllerPublish: self._controller_publish,
            calls.ControllerUnpublish: self._controller_unpublish,
            calls.NodeStage: self._stage,
            calls.NodeUnstage: self._unstage,
            calls.NodePublish: self._publish,
            calls.NodeUnpublish: self._unpublish,
            calls.GetCapacity: self._capacity,
            calls.ListVolumes: self._list,
            calls.ValidateVolume: self._validate,
            calls.ControllerExpand: self._controller_expand,
            calls.NodeExpand: self._node_expand,
        }

    async def call(self, request: Request[T]) -> T:
        """See `PluginClient.call`."""
        kind = type(request)
        return cast(T, await _tried(self._made[kind](request, self._deadlines[kind])))

    async def probe(self) -> bool:
        """Whether the plugin says that it is ready. Raises PluginError."""
        answer = await _tried(self._identity.Probe(csi.ProbeRequest(), timeout=IDENTITY_DEADLINE))
        return not answer.HasField("ready") or bool(answer.ready.value)

    async def discover(self) -> PluginFacts:
        """What the plugin can do. Raises PluginError."""
        return await _tried(self._discover())

    def redial(self) -> None:
        """The plugin was started anew: connect anew. Calls under way on the old connection end as lost."""
        channel, self._channel = self._channel, None
        if channel is not None:
            task = asyncio.get_running_loop().create_task(channel.close(grace=None))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Let go of the connection; calls under way end as lost."""
        self.redial()
        await asyncio.gather(*self._closing, return_exceptions=True)

    @property
    def _open(self) -> grpc.aio.Channel:
        if self._channel is None:
            self._channel = grpc.aio.insecure_channel(self._target, options=OPTIONS)
        return self._channel

    @property
    def _identity(self) -> Any:
        return stubs.IdentityStub(self._open)

    @property
    def _controller(self) -> Any:
        return stubs.ControllerStub(self._open)

    @property
    def _node(self) -> Any:
        return stubs.NodeStub(self._open)

    async def _discover(self) -> PluginFacts:
        wait = IDENTITY_DEADLINE
        info = await self._identity.GetPluginInfo(csi.GetPluginInfoRequest(), timeout=wait)
        plugin = await self._identity.GetPluginCapabilities(csi.GetPluginCapabilitiesRequest(), timeout=wait)
        service = csi.PluginCapability.Service
        services = {c.service.type for c in plugin.capabilities if c.HasField("service")}
        controller: set[str] = set()
        if service.CONTROLLER_SERVICE in services:
            answer = await self._controller.ControllerGetCapabilities(
                csi.ControllerGetCapabilitiesRequest(), timeout=wait
            )
            rpc = csi.ControllerServiceCapability.RPC
            controller = {rpc.Type.Name(c.rpc.type) for c in answer.capabilities}
        answer = await self._node.NodeGetCapabilities(csi.NodeGetCapabilitiesRequest(), timeout=wait)
        node = {csi.NodeServiceCapability.RPC.Type.Name(c.rpc.type) for c in answer.capabilities}
        here = await self._node_info(wait)
        expansion = csi.PluginCapability.VolumeExpansion
        expansions = {
            expansion.Type.Name(c.volume_expansion.type)
            for c in plugin.capabilities
            if c.HasField("volume_expansion")
        }
        names = {service.Type.Name(s) for s in services} | controller | node | expansions
        return PluginFacts(
            info.name,
            info.vendor_version,
            Capabilities(
                create_delete_volume="CREATE_DELETE_VOLUME" in controller,
                controller_publish="PUBLISH_UNPUBLISH_VOLUME" in controller,
                stage="STAGE_UNSTAGE_VOLUME" in node,
                list_volumes="LIST_VOLUMES" in controller,
                get_capacity="GET_CAPACITY" in controller,
                topology=service.VOLUME_ACCESSIBILITY_CONSTRAINTS in services,
                controller_expand="EXPAND_VOLUME" in controller,
                node_expand="EXPAND_VOLUME" in node,
                online_expand="ONLINE" in expansions,
                readonly_publish="PUBLISH_READONLY" in controller,
            ),
            here.node_id,
            tuple(sorted(names)),
            dict(here.accessible_topology.segments),
            max(0, here.max_volumes_per_node),
        )

    async def _node_info(self, wait: float) -> csi.NodeGetInfoResponse:
        """A driver that has nothing to say of the node may lack the call."""
        try:
            return cast(
                csi.NodeGetInfoResponse, await self._node.NodeGetInfo(csi.NodeGetInfoRequest(), timeout=wait)
            )
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNIMPLEMENTED:
                raise
            return csi.NodeGetInfoResponse()

    async def _create(self, request: calls.CreateVolume, wait: float) -> CreatedVolume:
        answer = await self._controller.CreateVolume(
            csi.CreateVolumeRequest(
                name=request.name,
                capacity_range=csi.CapacityRange(required_bytes=request.required_bytes),
                volume_capabilities=[capability_out(request.capability)],
                parameters=dict(request.parameters),
                accessibility_requirements=_requirement(request.topology),
            ),
            timeout=wait,
        )
        return _volume(answer.volume)

    async def _delete(self, request: calls.DeleteVolume, wait: float) -> None:
        await self._controller.DeleteVolume(
            csi.DeleteVolumeRequest(volume_id=request.volume_id), timeout=wait
        )

    async def _controller_publish(self, request: calls.ControllerPublish, wait: float) -> Mapping[str, str]:
        answer = await self._controller.ControllerPublishVolume(
            csi.ControllerPublishVolumeRequest(
                volume_id=request.volume_id,
                node_id=request.node_id,
                volume_capability=capability_out(request.capability),
                readonly=request.readonly,
                volume_context=dict(request.context),
            ),
            timeout=wait,
        )
        return dict(answer.publish_context)

    async def _controller_unpublish(self, request: calls.ControllerUnpublish, wait: float) -> None:
        await self._controller.ControllerUnpublishVolume(
            csi.ControllerUnpublishVolumeRequest(volume_id=request.volume_id, node_id=request.node_id),
            timeout=wait,
        )

    async def _stage(self, request: calls.NodeStage, wait: float) -> None:
        await self._node.NodeStageVolume(
            csi.NodeStageVolumeRequest(
                volume_id=request.volume_id,
                publish_context=dict(request.publish_context),
                staging_target_path=request.staging_path,
                volume_capability=capability_out(request.capability),
                volume_context=dict(request.context),
            ),
            timeout=wait,
        )

    async def _unstage(self, request: calls.NodeUnstage, wait: float) -> None:
        await self._node.NodeUnstageVolume(
            csi.NodeUnstageVolumeRequest(
                volume_id=request.volume_id, staging_target_path=request.staging_path
            ),
            timeout=wait,
        )

    async def _publish(self, request: calls.NodePublish, wait: float) -> None:
        await self._node.NodePublishVolume(
            csi.NodePublishVolumeRequest(
                volume_id=request.volume_id,
                publish_context=dict(request.publish_context),
                staging_target_path=request.staging_path or "",
                target_path=request.target_path,
                volume_capability=capability_out(request.capability),
                readonly=request.readonly,
                volume_context=dict(request.context),
            ),
            timeout=wait,
        )

    async def _unpublish(self, request: calls.NodeUnpublish, wait: float) -> None:
        await self._node.NodeUnpublishVolume(
            csi.NodeUnpublishVolumeRequest(volume_id=request.volume_id, target_path=request.target_path),
            timeout=wait,
        )

    async def _capacity(self, request: calls.GetCapacity, wait: float) -> int:
        answer = await self._controller.GetCapacity(
            csi.GetCapacityRequest(
                volume_capabilities=[capability_out(request.capability)],
                parameters=dict(request.parameters),
                accessible_topology=csi.Topology(segments=dict(request.topology))
                if request.topology
                else None,
            ),
            timeout=wait,
        )
        return int(answer.available_capacity)

    async def _list(self, request: calls.ListVolumes, wait: float) -> tuple[CreatedVolume, ...]:
        found: dict[str, CreatedVolume] = {}
        token = ""
        for _ in range(MAX_PAGES):
            answer = await self._controller.ListVolumes(
                csi.ListVolumesRequest(max_entries=PAGE, starting_token=token), timeout=wait
            )
            for entry in answer.entries:
                found[entry.volume.volume_id] = _volume(entry.volume)
            token = answer.next_token
            if not token:
                return tuple(found.values())
        raise PluginError("UNKNOWN", f"ListVolumes did not end after {MAX_PAGES} pages")

    async def _validate(self, request: calls.ValidateVolume, wait: float) -> str | None:
        answer = await self._controller.ValidateVolumeCapabilities(
            csi.ValidateVolumeCapabilitiesRequest(
                volume_id=request.volume_id,
                volume_context=dict(request.context),
                volume_capabilities=[capability_out(request.capability)],
                parameters=dict(request.parameters),
            ),
            timeout=wait,
        )
        if answer.HasField("confirmed"):
            return None
        return answer.message or "the plugin does not confirm it"

    async def _controller_expand(self, request: calls.ControllerExpand, wait: float) -> calls.Expanded:
        answer = await self._controller.ControllerExpandVolume(
            csi.ControllerExpandVolumeRequest(
                volume_id=request.volume_id,
                capacity_range=csi.CapacityRange(required_bytes=request.required_bytes),
                volume_capability=capability_out(request.capability),
            ),
            timeout=wait,
        )
        return calls.Expanded(max(0, answer.capacity_bytes), answer.node_expansion_required)

    async def _node_expand(self, request: calls.NodeExpand, wait: float) -> int:
        answer = await self._node.NodeExpandVolume(
            csi.NodeExpandVolumeRequest(
                volume_id=request.volume_id,
                volume_path=request.volume_path,
                staging_target_path=request.staging_path or "",
                capacity_range=csi.CapacityRange(required_bytes=request.required_bytes),
                volume_capability=capability_out(request.capability),
            ),
            timeout=wait,
        )
        return max(0, int(answer.capacity_bytes))


def _requirement(topology: Mapping[str, str]) -> csi.TopologyRequirement | None:
    """The one place from which the volume has to be reached (CSI 1.x, CreateVolume)."""
    if not topology:
        return None
    here = csi.Topology(segments=dict(topology))
    return csi.TopologyRequirement(requisite=[here], preferred=[here])


def capability_out(capability: VolumeCapability) -> csi.VolumeCapability:
    """The CSI message of a volume capability."""
    mode = csi.VolumeCapability.AccessMode(mode=capability.access_mode)
    if capability.block:
        return csi.VolumeCapability(block=csi.VolumeCapability.BlockVolume(), access_mode=mode)
    mount = csi.VolumeCapability.MountVolume(
        fs_type=capability.fs_type, mount_flags=list(capability.mount_flags)
    )
    return csi.VolumeCapability(mount=mount, access_mode=mode)


def _volume(volume: csi.Volume) -> CreatedVolume:
    if not volume.volume_id:
        raise PluginError("UNKNOWN", "the plugin answered with a volume that has no id")
    return CreatedVolume(volume.volume_id, max(0, volume.capacity_bytes), dict(volume.volume_context))


async def _tried(call: Awaitable[T]) -> T:
    """The answer of `call`; gRPC's errors as PluginError."""
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        raise PluginError(error.code().name, error.details() or "") from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling() > 0:
            raise
        # Nobody cancelled this task: gRPC ends calls so when `redial` closes their channel.
        raise PluginError("UNAVAILABLE", "the connection was given up during the call") from error
    except grpc.aio.UsageError as error:  # the channel was closed under it by `redial`
        raise PluginError("UNAVAILABLE", str(error)) from error
