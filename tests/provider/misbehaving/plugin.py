"""A real CSI server over the model plugin, that misbehaves for the volumes it was told to misbehave for.

Its volumes outlive its death, as a vendor's do. It is a container of its own to the plugin service:
`Containers` is that port, and what dies there is the server with all its connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from csi_spec import csi_pb2 as csi
from csi_spec import csi_pb2_grpc as stubs
from provider import calls
from provider.calls import PluginError
from provider.plugins.containers import ContainerFailed, FoundContainer, PluginContainer
from provider.volume import VolumeCapability
from tests.provider.model_plugin import ModelPlugin

RPC = csi.ControllerServiceCapability.RPC
NODE_RPC = csi.NodeServiceCapability.RPC
Answers = Callable[[ModelPlugin, Any], Any]
CODES = {code.name: code for code in grpc.StatusCode}

LATE_SECONDS = 0.2
"""Well within every deadline."""


DEATH_SECONDS = 0.1
"""From the call that it dies of to the end; what comes in between is lost with it."""


class Way(enum.StrEnum):
    """How a call goes wrong."""

    AT_ONCE = "at once"
    LATE = "late"
    TWICE = "twice"
    HANG = "hangs"
    DIE = "dies"
    DONE = "done, but answered with an error"


@dataclass
class Misbehaviour:
    """For one volume: the first call of `method` goes wrong in this way."""

    method: str
    code: str
    way: Way
    met: int = 0

    @property
    def is_over(self) -> bool:
        return self.met >= (2 if self.way is Way.TWICE else 1)


class MisbehavingPlugin:
    """The server. `about` finds what to do wrong from the name that the volume was created under."""

    def __init__(self, model: ModelPlugin) -> None:
        self.model = model
        self.about: dict[str, Misbehaviour] = {}
        self.instead: dict[str, Answers] = {}
        """What answers a method otherwise than the model does."""
        self.server: grpc.aio.Server | None = None
        self.deaths = 0
        self.ended: asyncio.Future[str] | None = None
        self._dying: asyncio.Task[None] | None = None

    async def start(self, socket: str) -> None:
        self.server = grpc.aio.server()
        for service, add in (
            ("Identity", stubs.add_IdentityServicer_to_server),
            ("Controller", stubs.add_ControllerServicer_to_server),
            ("Node", stubs.add_NodeServicer_to_server),
        ):
            add(_Servicer(self, service), self.server)
        self.server.add_insecure_port(f"unix:{socket}")
        self.ended = asyncio.get_running_loop().create_future()
        await self.server.start()

    async def end(self, how: str) -> None:
        server, self.server = self.server, None
        if server is not None:
            await server.stop(None)
            if self.ended is not None and not self.ended.done():
                self.ended.set_result(how)

    async def _die(self, how: str) -> None:
        await asyncio.sleep(DEATH_SECONDS)
        await self.end(how)

    async def met(self, method: str, name: str | None, act: Callable[[], Any], context: Any) -> Any:
        """Answer one call."""
        wrong = self.about.get(name or "")
        if wrong is None or wrong.method != method or wrong.is_over:
            return await self._answer(act, context)
        wrong.met += 1
        text = f"{method} {wrong.way} for {name}"
        match wrong.way:
            case Way.LATE:
                await asyncio.sleep(LATE_SECONDS)
            case Way.HANG:
                await asyncio.sleep(3600)
            case Way.DIE:
                self.deaths += 1
                asyncio.get_running_loop().create_task(self.end(text))
                await asyncio.sleep(3600)
            case Way.DONE:
                await self._answer(act, context)
        await context.abort(CODES[wrong.code], text)

    async def _answer(self, act: Callable[[], Any], context: Any) -> Any:
        try:
            return act()
        except PluginError as error:
            await context.abort(CODES[error.code], error.message)

    def name_of(self, volume_id: str) -> str | None:
        volume = self.model.volumes.get(volume_id)
        return None if volume is None else volume.name


class _Servicer:
    """Every method of one service, found by name."""

    def __init__(self, plugin: MisbehavingPlugin, service: str) -> None:
        self._plugin = plugin

    def __getattr__(self, method: str) -> Any:
        async def serve(request: Any, context: Any) -> Any:
            plugin = self._plugin
            answers = plugin.instead.get(method) or METHODS.get(method)
            if answers is None:
                await context.abort(grpc.StatusCode.UNIMPLEMENTED, method)
                return None
            named = getattr(request, "name", "") or plugin.name_of(getattr(request, "volume_id", ""))
            return await plugin.met(method, named, lambda: answers(plugin.model, request), context)

        return serve


def _capability(message: csi.VolumeCapability) -> VolumeCapability:
    block = message.HasField("block")
    mode = csi.VolumeCapability.AccessMode.Mode.Name(message.access_mode.mode)
    return VolumeCapability(block, message.mount.fs_type, tuple(message.mount.mount_flags), mode)


def _capabilities(model: ModelPlugin) -> csi.ControllerGetCapabilitiesResponse:
    has = model.facts.capabilities
    types = {
        RPC.CREATE_DELETE_VOLUME: has.create_delete_volume,
        RPC.PUBLISH_UNPUBLISH_VOLUME: has.controller_publish,
        RPC.LIST_VOLUMES: has.list_volumes,
        RPC.GET_CAPACITY: has.get_capacity,
        RPC.EXPAND_VOLUME: has.controller_expand,
    }
    return csi.ControllerGetCapabilitiesResponse(
        capabilities=[
            csi.ControllerServiceCapability(rpc=RPC(type=kind)) for kind, there in types.items() if there
        ]
    )


def _node_capabilities(model: ModelPlugin) -> csi.NodeGetCapabilitiesResponse:
    has = model.facts.capabilities
    types = {NODE_RPC.STAGE_UNSTAGE_VOLUME: has.stage, NODE_RPC.EXPAND_VOLUME: has.node_expand}
    return csi.NodeGetCapabilitiesResponse(
        capabilities=[
            csi.NodeServiceCapability(rpc=NODE_RPC(type=kind)) for kind, there in types.items() if there
        ]
    )


def _plugin_capabilities(model: ModelPlugin) -> csi.GetPluginCapabilitiesResponse:
    service, expansion = csi.PluginCapability.Service, csi.PluginCapability.VolumeExpansion
    found = [csi.PluginCapability(service=service(type=service.CONTROLLER_SERVICE))]
    if model.facts.capabilities.online_expand:
        found.append(csi.PluginCapability(volume_expansion=expansion(type=expansion.ONLINE)))
    return csi.GetPluginCapabilitiesResponse(capabilities=found)


def _volume(made: calls.CreatedVolume) -> csi.Volume:
    context = dict(made.context)
    return csi.Volume(volume_id=made.id, capacity_bytes=made.capacity_bytes, volume_context=context)


def _create(model: ModelPlugin, request: csi.CreateVolumeRequest) -> csi.CreateVolumeResponse:
    asked = calls.CreateVolume(
        request.name,
        request.capacity_range.required_bytes,
        _capability(request.volume_capabilities[0]),
        dict(request.parameters),
    )
    return csi.CreateVolumeResponse(volume=_volume(model.answer(asked)))


def _list(model: ModelPlugin, request: csi.ListVolumesRequest) -> csi.ListVolumesResponse:
    found = model.answer(calls.ListVolumes())
    start = int(request.starting_token or 0)
    stop = min(len(found), start + (request.max_entries or len(found)))
    return csi.ListVolumesResponse(
        entries=[csi.ListVolumesResponse.Entry(volume=_volume(each)) for each in found[start:stop]],
        next_token=str(stop) if stop < len(found) else "",
    )


def _validate(model: ModelPlugin, request: csi.ValidateVolumeCapabilitiesRequest) -> Any:
    asked = calls.ValidateVolume(
        request.volume_id, _capability(request.volume_capabilities[0]), dict(request.volume_context)
    )
    problem = model.answer(asked)
    confirmed = csi.ValidateVolumeCapabilitiesResponse.Confirmed()
    if problem is None:
        return csi.ValidateVolumeCapabilitiesResponse(confirmed=confirmed)
    return csi.ValidateVolumeCapabilitiesResponse(message=problem)


def _attach(model: ModelPlugin, request: csi.ControllerPublishVolumeRequest) -> Any:
    context = model.answer(
        calls.ControllerPublish(
            request.volume_id, request.node_id, _capability(request.volume_capability), request.readonly, {}
        )
    )
    return csi.ControllerPublishVolumeResponse(publish_context=context)


def _expand(model: ModelPlugin, request: csi.ControllerExpandVolumeRequest) -> Any:
    asked = calls.ControllerExpand(
        request.volume_id, request.capacity_range.required_bytes, _capability(request.volume_capability)
    )
    expanded = model.answer(asked)
    return csi.ControllerExpandVolumeResponse(
        capacity_bytes=expanded.capacity_bytes, node_expansion_required=expanded.on_node
    )


def _expand_here(model: ModelPlugin, request: csi.NodeExpandVolumeRequest) -> Any:
    asked = calls.NodeExpand(
        request.volume_id,
        request.volume_path,
        request.staging_target_path or None,
        request.capacity_range.required_bytes,
        _capability(request.volume_capability),
    )
    return csi.NodeExpandVolumeResponse(capacity_bytes=model.answer(asked))


def _publish(model: ModelPlugin, request: csi.NodePublishVolumeRequest) -> Any:
    """A folder stands for the mount."""
    model.answer(
        calls.NodePublish(
            request.volume_id,
            request.staging_target_path or None,
            request.target_path,
            _capability(request.volume_capability),
            request.readonly,
            {},
            dict(request.publish_context),
        )
    )
    Path(request.target_path).mkdir(exist_ok=True)
    return csi.NodePublishVolumeResponse()


def _unpublish(model: ModelPlugin, request: csi.NodeUnpublishVolumeRequest) -> Any:
    model.answer(calls.NodeUnpublish(request.volume_id, request.target_path))
    with contextlib.suppress(FileNotFoundError):
        Path(request.target_path).rmdir()
    return csi.NodeUnpublishVolumeResponse()


def _plain(
    answer: type[Any], asked: Callable[[Any], calls.Request[Any]]
) -> Callable[[ModelPlugin, Any], Any]:
    def act(model: ModelPlugin, request: Any) -> Any:
        model.answer(asked(request))
        return answer()

    return act


METHODS: dict[str, Answers] = {
    "Probe": lambda model, _: csi.ProbeResponse(),
    "GetPluginInfo": lambda model, _: csi.GetPluginInfoResponse(name=model.facts.name, vendor_version="1"),
    "GetPluginCapabilities": lambda model, _: _plugin_capabilities(model),
    "ControllerGetCapabilities": lambda model, _: _capabilities(model),
    "NodeGetCapabilities": lambda model, _: _node_capabilities(model),
    "NodeGetInfo": lambda model, _: csi.NodeGetInfoResponse(node_id=model.facts.node_id),
    "CreateVolume": _create,
    "DeleteVolume": _plain(csi.DeleteVolumeResponse, lambda r: calls.DeleteVolume(r.volume_id)),
    "ControllerPublishVolume": _attach,
    "ControllerUnpublishVolume": _plain(
        csi.ControllerUnpublishVolumeResponse, lambda r: calls.ControllerUnpublish(r.volume_id, r.node_id)
    ),
    "NodeStageVolume": _plain(
        csi.NodeStageVolumeResponse,
        lambda r: calls.NodeStage(
            r.volume_id,
            r.staging_target_path,
            _capability(r.volume_capability),
            {},
            dict(r.publish_context),
        ),
    ),
    "NodeUnstageVolume": _plain(
        csi.NodeUnstageVolumeResponse, lambda r: calls.NodeUnstage(r.volume_id, r.staging_target_path)
    ),
    "NodePublishVolume": _publish,
    "NodeUnpublishVolume": _unpublish,
    "ControllerExpandVolume": _expand,
    "NodeExpandVolume": _expand_here,
    "GetCapacity": lambda model, request: csi.GetCapacityResponse(
        available_capacity=model.answer(calls.GetCapacity(_capability(request.volume_capabilities[0])))
    ),
    "ListVolumes": _list,
    "ValidateVolumeCapabilities": _validate,
}


class Containers:
    """`provider.plugins.containers.PluginContainers`, with the one server in this process."""

    def __init__(self, plugin: MisbehavingPlugin, socket: Path) -> None:
        self._plugin = plugin
        self._socket = socket
        self._container: PluginContainer | None = None

    async def launch(self, container: PluginContainer) -> None:
        if self._container is None:
            self._container = container
            await self._plugin.start(str(self._socket))

    async def wait(self, container_id: str) -> str:
        ended = self._plugin.ended
        if self._container is None or ended is None:
            raise ContainerFailed(f"no container {container_id}")
        return await asyncio.shield(ended)

    async def kill(self, container_id: str) -> None:
        await self._plugin.end("killed")

    async def remove(self, container_id: str) -> None:
        self._container = None

    async def log(self, container_id: str, lines: int) -> tuple[str, ...]:
        return ()

    async def list(self, prefix: str) -> list[FoundContainer]:
        there = self._container
        if there is None:
            return []
        return [FoundContainer(there.id, self._plugin.server is not None, there.digest)]
