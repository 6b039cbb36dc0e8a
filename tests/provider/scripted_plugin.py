"""A real CSI server whose every call can be scripted: refuse, wait, hang, die, or do it and say it failed.

It runs in a test's own process (`ScriptedPlugin.start`) or as one of its own, as a plugin container does:

    python -m tests.provider.scripted_plugin --endpoint unix:///… --state DIRECTORY [--services …]

A process reads its script from DIRECTORY/script.json before each call, so that a test may change it under
way (`State.script`), and writes each call that it gets to DIRECTORY/calls.jsonl. Its volumes are in
DIRECTORY/volumes.json: they outlive the process, and processes of two containers share them. Publishing
makes a directory at the target path; nothing is mounted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from google.protobuf.json_format import MessageToDict

from csi_spec import csi_pb2 as csi
from csi_spec import csi_pb2_grpc as stubs

CONTROLLER = (
    "CREATE_DELETE_VOLUME",
    "PUBLISH_UNPUBLISH_VOLUME",
    "LIST_VOLUMES",
    "GET_CAPACITY",
    "EXPAND_VOLUME",
)
NODE = ("STAGE_UNSTAGE_VOLUME", "EXPAND_VOLUME", "GET_VOLUME_STATS")


@dataclass
class Step:
    """What one call of a method does instead of being answered. In this order: it prints, waits, is carried
    out if `done`, hangs, dies, or ends with `code`; a step with none of these ends is answered after all.

    `times`: for so many calls, then the next step of that method; 0 is for ever. `about`: only for requests
    whose text holds this.
    """

    code: str = ""
    message: str = "scripted"
    seconds: float = 0.0
    done: bool = False
    hang: bool = False
    die: bool = False
    times: int = 1
    about: str = ""
    prints: str = ""
    used: int = 0
    """Calls that it was taken for."""


@dataclass
class Script:
    """`steps` by the name of the CSI call, Probe and GetPluginInfo too."""

    name: str = "scripted.orlop.test"
    version: str = "1"
    ready: bool = True
    node_id: str = "here"
    capacity: int = 2**40
    plugin: tuple[str, ...] = ("CONTROLLER_SERVICE",)
    expansion: tuple[str, ...] = ("ONLINE",)
    controller: tuple[str, ...] = CONTROLLER
    node: tuple[str, ...] = NODE
    context: dict[str, str] = field(default_factory=lambda: {"made": "here"})
    """Of each volume that it makes."""
    newer: int = 0
    """The number of a capability that nobody knows, which it claims too; 0 for none."""
    steps: dict[str, list[Step]] = field(default_factory=dict)


class Memory:
    """Script, calls and volumes of a plugin that runs in the test's own process."""

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or Script()
        self.calls: list[dict[str, Any]] = []
        self.volumes: dict[str, dict[str, Any]] = {}

    def now(self) -> Script:
        return self.script

    def note(self, method: str, request: Any) -> None:
        self.calls.append(
            {"method": method, "request": MessageToDict(request, preserving_proto_field_name=True)}
        )

    def save(self) -> None:
        """Nothing outlives this process."""


class State(Memory):
    """The same in files, for a plugin in a process of its own and for the test that looks at it."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.directory = directory

    def write(self, script: Script) -> None:
        """From its next call on the plugin follows this script, from the beginning."""
        temporary = self.directory / ".script"
        temporary.write_text(json.dumps(asdict(script)))
        temporary.rename(self.directory / "script.json")

    def read_calls(self, method: str | None = None) -> list[dict[str, Any]]:
        """The calls that came so far, by all of the plugin's processes."""
        path = self.directory / "calls.jsonl"
        found = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [each for each in found if method in (None, each["method"])]

    def now(self) -> Script:
        path = self.directory / "script.json"
        content = json.loads(path.read_text()) if path.exists() else {}
        version = path.stat().st_mtime_ns if path.exists() else 0
        if version != getattr(self, "_version", None):
            self._version = version
            steps = {
                name: [Step(**each) for each in found] for name, found in content.pop("steps", {}).items()
            }
            self.script = Script(**content, steps=steps)
        volumes = self.directory / "volumes.json"
        self.volumes = json.loads(volumes.read_text()) if volumes.exists() else {}
        return self.script

    def note(self, method: str, request: Any) -> None:
        super().note(method, request)
        with (self.directory / "calls.jsonl").open("a") as file:
            file.write(json.dumps({**self.calls[-1], "pid": os.getpid()}) + "\n")

    def save(self) -> None:
        temporary = self.directory / f".volumes-{os.getpid()}"
        temporary.write_text(json.dumps(self.volumes))
        temporary.rename(self.directory / "volumes.json")


class ScriptedPlugin:
    """The server. `services`: which of controller and node it serves beside the identity."""

    def __init__(self, memory: Memory, services: tuple[str, ...] = ("controller", "node")) -> None:
        self.memory = memory
        self._services = services
        self._server: grpc.aio.Server | None = None
        self.died = asyncio.Event()

    async def start(self, socket_path: str) -> None:
        self._server = grpc.aio.server(options=[("grpc.max_send_message_length", -1)])
        stubs.add_IdentityServicer_to_server(_Served(self), self._server)
        if "controller" in self._services:
            stubs.add_ControllerServicer_to_server(_Served(self), self._server)
        if "node" in self._services:
            stubs.add_NodeServicer_to_server(_Served(self), self._server)
        self._server.add_insecure_port(f"unix:{socket_path}")
        await self._server.start()

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.stop(None)

    async def serve(self, method: str, request: Any, context: Any) -> Any:
        script = self.memory.now()
        self.memory.note(method, request)
        step = self._step(script, method, request)
        if step.prints:
            print(step.prints, file=sys.stderr, flush=True)
        await asyncio.sleep(step.seconds)
        if step.done:
            self._answer(script, method, request)
        if step.hang:
            await asyncio.sleep(3600)
        if step.die:
            self.died.set()
            await asyncio.sleep(3600)
        if step.code:
            await context.abort(grpc.StatusCode[step.code], step.message)
        try:
            return self._answer(script, method, request)
        except LookupError as error:
            await context.abort(grpc.StatusCode.NOT_FOUND, str(error))

    def _step(self, script: Script, method: str, request: Any) -> Step:
        for step in script.steps.get(method, []):
            if step.about and step.about not in str(request):
                continue
            if step.times == 0 or step.used < step.times:
                step.used += 1
                return step
        return Step()

    def _answer(self, script: Script, method: str, request: Any) -> Any:
        answer = ANSWERS.get(method)
        if answer is None:
            return getattr(csi, f"{method}Response")()
        made = answer(script, self.memory.volumes, request)
        self.memory.save()
        return made


class _Served:
    """Every method of every service, found by its name."""

    def __init__(self, plugin: ScriptedPlugin) -> None:
        self._plugin = plugin

    def __getattr__(self, method: str) -> Any:
        async def serve(request: Any, context: Any) -> Any:
            return await self._plugin.serve(method, request, context)

        return serve


Volumes = dict[str, dict[str, Any]]


def _probe(script: Script, volumes: Volumes, request: Any) -> Any:
    answer = csi.ProbeResponse()
    answer.ready.value = script.ready
    return answer


def _info(script: Script, volumes: Volumes, request: Any) -> Any:
    return csi.GetPluginInfoResponse(name=script.name, vendor_version=script.version)


def _plugin_capabilities(script: Script, volumes: Volumes, request: Any) -> Any:
    kinds = csi.PluginCapability
    services = [kinds(service=kinds.Service(type=kinds.Service.Type.Value(each))) for each in script.plugin]
    expansions = [
        kinds(volume_expansion=kinds.VolumeExpansion(type=kinds.VolumeExpansion.Type.Value(each)))
        for each in script.expansion
    ]
    return csi.GetPluginCapabilitiesResponse(capabilities=[*services, *expansions])


def _controller_capabilities(script: Script, volumes: Volumes, request: Any) -> Any:
    kind = csi.ControllerServiceCapability
    numbers = [kind.RPC.Type.Value(each) for each in script.controller] + [script.newer] * bool(script.newer)
    return csi.ControllerGetCapabilitiesResponse(
        capabilities=[kind(rpc=kind.RPC(type=number)) for number in numbers]
    )


def _node_capabilities(script: Script, volumes: Volumes, request: Any) -> Any:
    kind = csi.NodeServiceCapability
    numbers = [kind.RPC.Type.Value(each) for each in script.node]
    return csi.NodeGetCapabilitiesResponse(
        capabilities=[kind(rpc=kind.RPC(type=number)) for number in numbers]
    )


def _node_info(script: Script, volumes: Volumes, request: Any) -> Any:
    return csi.NodeGetInfoResponse(node_id=script.node_id)


def _create(script: Script, volumes: Volumes, request: Any) -> Any:
    volume_id = f"vol-{request.name}"
    known = volumes.setdefault(volume_id, {"bytes": request.capacity_range.required_bytes})
    return csi.CreateVolumeResponse(
        volume=csi.Volume(volume_id=volume_id, capacity_bytes=known["bytes"], volume_context=script.context)
    )


def _delete(script: Script, volumes: Volumes, request: Any) -> Any:
    volumes.pop(request.volume_id, None)
    return csi.DeleteVolumeResponse()


def _capacity(script: Script, volumes: Volumes, request: Any) -> Any:
    used = sum(each["bytes"] for each in volumes.values())
    return csi.GetCapacityResponse(available_capacity=max(0, script.capacity - used))


def _list(script: Script, volumes: Volumes, request: Any) -> Any:
    entry = csi.ListVolumesResponse.Entry
    names = sorted(volumes)
    start = int(request.starting_token or 0)
    stop = start + (request.max_entries or len(names))
    page = [
        entry(volume=csi.Volume(volume_id=name, capacity_bytes=volumes[name]["bytes"]))
        for name in names[start:stop]
    ]
    return csi.ListVolumesResponse(entries=page, next_token=str(stop) if stop < len(names) else "")


def _validate(script: Script, volumes: Volumes, request: Any) -> Any:
    _known(volumes, request.volume_id)
    confirmed = csi.ValidateVolumeCapabilitiesResponse.Confirmed(
        volume_capabilities=request.volume_capabilities
    )
    return csi.ValidateVolumeCapabilitiesResponse(confirmed=confirmed)


def _attach(script: Script, volumes: Volumes, request: Any) -> Any:
    _known(volumes, request.volume_id)
    return csi.ControllerPublishVolumeResponse(publish_context={"attached": request.node_id})


def _expand(script: Script, volumes: Volumes, request: Any) -> Any:
    volume = _known(volumes, request.volume_id)
    volume["bytes"] = max(volume["bytes"], request.capacity_range.required_bytes)
    return csi.ControllerExpandVolumeResponse(capacity_bytes=volume["bytes"], node_expansion_required=True)


def _node_expand(script: Script, volumes: Volumes, request: Any) -> Any:
    return csi.NodeExpandVolumeResponse(capacity_bytes=request.capacity_range.required_bytes)


def _publish(script: Script, volumes: Volumes, request: Any) -> Any:
    _known(volumes, request.volume_id)
    Path(request.target_path).mkdir(parents=True, exist_ok=True)
    return csi.NodePublishVolumeResponse()


def _unpublish(script: Script, volumes: Volumes, request: Any) -> Any:
    path = Path(request.target_path)
    if path.is_dir():
        path.rmdir()
    return csi.NodeUnpublishVolumeResponse()


def _known(volumes: Volumes, volume_id: str) -> dict[str, Any]:
    if volume_id not in volumes:
        raise LookupError(f"no volume {volume_id}")
    return volumes[volume_id]


ANSWERS: Mapping[str, Callable[[Script, Volumes, Any], Any]] = {
    "Probe": _probe,
    "GetPluginInfo": _info,
    "GetPluginCapabilities": _plugin_capabilities,
    "ControllerGetCapabilities": _controller_capabilities,
    "NodeGetCapabilities": _node_capabilities,
    "NodeGetInfo": _node_info,
    "CreateVolume": _create,
    "DeleteVolume": _delete,
    "GetCapacity": _capacity,
    "ListVolumes": _list,
    "ValidateVolumeCapabilities": _validate,
    "ControllerPublishVolume": _attach,
    "ControllerExpandVolume": _expand,
    "NodeExpandVolume": _node_expand,
    "NodePublishVolume": _publish,
    "NodeUnpublishVolume": _unpublish,
}
"""How a correct plugin answers; what is not here has an empty answer."""


def command(endpoint: str, state: Path, services: str = "controller,node") -> tuple[str, ...]:
    """The command line of a plugin in a process of its own."""
    module = ("-m", "tests.provider.scripted_plugin")
    return (sys.executable, *module, "--endpoint", endpoint, "--state", str(state), "--services", services)


async def _main(arguments: argparse.Namespace) -> None:
    services = tuple(arguments.services.split(","))
    plugin = ScriptedPlugin(State(Path(arguments.state)), services)
    print(f"scripted plugin serves {arguments.services}", file=sys.stderr, flush=True)
    await plugin.start(arguments.endpoint.removeprefix("unix://"))
    await plugin.died.wait()
    os.kill(os.getpid(), signal.SIGKILL)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="a CSI plugin that follows a script")
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--state", required=True)
    parser.add_argument("--services", default="controller,node")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(_main(_arguments()))
