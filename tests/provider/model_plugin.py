"""A CSI plugin in memory: correct, idempotent, and strict about the order of calls.

The simulation and the crash tests use it where a real plugin would be too slow or could not be made
to lose answers. `answer` is the plugin itself, without waiting; `call` is the port on top of it. What a
test may look at afterwards is `volumes`: what exists, where it is staged and published, and what data
is on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from provider.calls import (
    ControllerExpand,
    ControllerPublish,
    ControllerUnpublish,
    CreatedVolume,
    CreateVolume,
    DeleteVolume,
    Expanded,
    GetCapacity,
    ListVolumes,
    NodeExpand,
    NodePublish,
    NodeStage,
    NodeUnpublish,
    NodeUnstage,
    PluginError,
    PluginFacts,
    Request,
    ValidateVolume,
)
from provider.events import MountProblem, MountState, PublishedMount
from provider.plugins.discovery import Described
from provider.volume import Capabilities, VolumeCapability

ALL = Capabilities(
    create_delete_volume=True,
    controller_publish=True,
    stage=True,
    list_volumes=True,
    get_capacity=True,
    controller_expand=True,
    node_expand=True,
    online_expand=True,
)


def described(facts: PluginFacts) -> Described:
    """What a plugin with these facts says of itself: both services, in one container."""
    has = facts.capabilities
    plugin = {"CONTROLLER_SERVICE"}
    plugin |= {"VOLUME_ACCESSIBILITY_CONSTRAINTS"} if has.topology else set()
    plugin |= {"ONLINE"} if has.online_expand else set()
    controller = {
        "CREATE_DELETE_VOLUME": has.create_delete_volume,
        "PUBLISH_UNPUBLISH_VOLUME": has.controller_publish,
        "LIST_VOLUMES": has.list_volumes,
        "GET_CAPACITY": has.get_capacity,
        "EXPAND_VOLUME": has.controller_expand,
        "PUBLISH_READONLY": has.readonly_publish,
    }
    node = {"STAGE_UNSTAGE_VOLUME": has.stage, "EXPAND_VOLUME": has.node_expand}
    return Described(
        facts.name,
        facts.vendor_version,
        frozenset(plugin),
        frozenset(name for name, there in controller.items() if there),
        frozenset(name for name, there in node.items() if there),
        facts.node_id,
        facts.topology,
        facts.max_volumes,
    )


@dataclass
class ModelVolume:
    """A volume as the plugin knows it; `data` stands for what containers wrote."""

    id: str
    name: str
    size: int
    capability: VolumeCapability
    parameters: dict[str, str]
    attached: bool = False
    attached_to: str = ""
    staged: str | None = None
    published: str | None = None
    data: list[str] = field(default_factory=list)
    file_system: int = 0
    """What a user sees of `size`: less, while NodeExpandVolume is owed."""
    readonly: bool = False
    broken: MountState | None = None
    """What became of its mount without anybody having asked for that."""


class ModelPlugin:
    """All volumes share `capacity` bytes. `granularity`: sizes round up to multiples of it."""

    def __init__(
        self,
        capacity: int,
        capabilities: Capabilities = ALL,
        granularity: int = 1,
        prefix: str = "vol",
        max_volumes: int = 0,
    ) -> None:
        self.capacity = capacity
        self.facts = PluginFacts("model.orlop", "1", capabilities, node_id="node", max_volumes=max_volumes)
        self.volumes: dict[str, ModelVolume] = {}
        self.requests: list[Request[Any]] = []
        self.refuse: Callable[[Request[Any]], PluginError | None] = lambda request: None
        """Called first; an error it returns is the answer, and nothing is done."""
        self.lose: Callable[[Request[Any]], PluginError | None] = lambda request: None
        """Called last; an error it returns is the answer although everything was done."""
        self.delay: Callable[[Request[Any]], Awaitable[None]] = lambda request: asyncio.sleep(0)
        self._granularity = granularity
        self._prefix = prefix
        self._last = 0

    @property
    def free(self) -> int:
        """Bytes that are left."""
        return self.capacity - sum(v.size for v in self.volumes.values())

    async def call(self, request: Request[Any], answered: Callable[[], None] = lambda: None) -> Any:
        """See `provider.calls.PluginClient`."""
        await self.delay(request)
        result = self.answer(request)
        answered()
        await asyncio.sleep(0)
        return result

    def answer(self, request: Request[Any]) -> Any:
        """The answer, at once. Raises PluginError."""
        self.requests.append(request)
        refusal = self.refuse(request)
        if refusal is not None:
            raise refusal
        result = getattr(self, "_" + type(request).__name__)(request)
        lost = self.lose(request)
        if lost is not None:
            raise lost
        return result

    def reboot(self) -> None:
        """The host came up anew: nothing is mounted any more."""
        for volume in self.volumes.values():
            volume.staged = volume.published = None

    def examine(self, mounts: Sequence[PublishedMount]) -> dict[str, MountProblem]:
        """What a look at the host's mounts shows."""
        found = {}
        for mount in mounts:
            volume = self.volumes.get(mount.volume_id)
            if volume is None or volume.published != mount.path:
                found[mount.volume_id] = MountProblem(MountState.VANISHED, "nothing is mounted there")
            elif volume.broken is not None:
                found[mount.volume_id] = MountProblem(volume.broken, f"it is {volume.broken.lower()}")
        return found

    def _CreateVolume(self, request: CreateVolume) -> CreatedVolume:
        known = next((v for v in self.volumes.values() if v.name == request.name), None)
        if known is not None:
            same = known.capability == request.capability and known.parameters == dict(request.parameters)
            if not same or known.size < request.required_bytes:
                raise PluginError("ALREADY_EXISTS", f"{request.name} is another volume's name")
            return self._described(known)
        size = -(-request.required_bytes // self._granularity) * self._granularity
        if size > self.free:
            raise PluginError("RESOURCE_EXHAUSTED", f"{size} bytes wanted, {self.free} left")
        self._last += 1
        volume = ModelVolume(
            f"{self._prefix}/{self._last}", request.name, size, request.capability, dict(request.parameters)
        )
        volume.file_system = size
        self.volumes[volume.id] = volume
        return self._described(volume)

    def _described(self, volume: ModelVolume) -> CreatedVolume:
        return CreatedVolume(volume.id, volume.size, {"made-by": "model"})

    def _DeleteVolume(self, request: DeleteVolume) -> None:
        volume = self.volumes.get(request.volume_id)
        if volume is not None and (volume.attached or volume.staged or volume.published):
            raise PluginError("FAILED_PRECONDITION", f"{volume.id} is in use")
        self.volumes.pop(request.volume_id, None)

    def _volume(self, volume_id: str) -> ModelVolume:
        if volume_id not in self.volumes:
            raise PluginError("NOT_FOUND", f"no volume {volume_id}")
        return self.volumes[volume_id]

    def _ControllerPublish(self, request: ControllerPublish) -> dict[str, str]:
        assert request.node_id == self.facts.node_id
        volume = self._volume(request.volume_id)
        if volume.attached and volume.attached_to != request.node_id:
            raise PluginError("FAILED_PRECONDITION", f"{volume.id} is attached to {volume.attached_to}")
        volume.attached, volume.attached_to = True, request.node_id
        return {"slot": request.volume_id}

    def _ControllerUnpublish(self, request: ControllerUnpublish) -> None:
        volume = self._volume(request.volume_id)
        if volume.staged or volume.published:
            raise PluginError("FAILED_PRECONDITION", f"{volume.id} is staged")
        if request.node_id == volume.attached_to:  # from any other node it is detached already
            volume.attached = False

    def _NodeStage(self, request: NodeStage) -> None:
        volume = self._volume(request.volume_id)
        if self.facts.capabilities.controller_publish and not (
            volume.attached and request.publish_context == {"slot": volume.id}
        ):
            raise PluginError("FAILED_PRECONDITION", f"{volume.id} is not attached")
        volume.staged = request.staging_path

    def _NodeUnstage(self, request: NodeUnstage) -> None:
        volume = self._volume(request.volume_id)
        if volume.published:
            raise PluginError("FAILED_PRECONDITION", f"{volume.id} is published")
        volume.staged = None
        volume.broken = None

    def _NodePublish(self, request: NodePublish) -> bool:
        volume = self._volume(request.volume_id)
        if volume.published and volume.readonly is not request.readonly:
            raise PluginError("ALREADY_EXISTS", f"{volume.id} is published otherwise")
        here = [v for v in self.volumes.values() if v.attached or v.staged or v.published or v is volume]
        if self.facts.max_volumes and len(here) > self.facts.max_volumes:
            raise PluginError("RESOURCE_EXHAUSTED", f"{len(here)} volumes on this node")
        volume.readonly = request.readonly
        if self.facts.capabilities.stage and volume.staged != request.staging_path:
            raise PluginError("FAILED_PRECONDITION", f"{volume.id} is not staged there")
        volume.published = request.target_path
        return True  # what is seen on the host: a mount is there

    def _NodeUnpublish(self, request: NodeUnpublish) -> None:
        volume = self._volume(request.volume_id)
        volume.published = None
        if volume.broken is MountState.VANISHED or not self.facts.capabilities.stage:
            volume.broken = None

    def _ControllerExpand(self, request: ControllerExpand) -> Expanded:
        volume = self._volume(request.volume_id)
        if volume.published and not self.facts.capabilities.online_expand:
            raise PluginError("FAILED_PRECONDITION", f"{volume.id} is published")
        self._enlarge(volume, request.required_bytes)
        return Expanded(volume.size, self.facts.capabilities.node_expand)

    def _enlarge(self, volume: ModelVolume, required_bytes: int) -> None:
        size = -(-required_bytes // self._granularity) * self._granularity
        if size - volume.size > self.free:
            raise PluginError("OUT_OF_RANGE", f"{size - volume.size} bytes more wanted, {self.free} left")
        volume.size = max(volume.size, size)
        if not self.facts.capabilities.node_expand:
            volume.file_system = volume.size

    def _NodeExpand(self, request: NodeExpand) -> int:
        volume = self._volume(request.volume_id)
        if volume.published != request.volume_path:
            raise PluginError("FAILED_PRECONDITION", f"{volume.id} is not published there")
        if not self.facts.capabilities.controller_expand:
            self._enlarge(volume, request.required_bytes)
        volume.file_system = volume.size
        return volume.file_system

    def _GetCapacity(self, request: GetCapacity) -> int:
        return self.free

    def _ListVolumes(self, request: ListVolumes) -> tuple[CreatedVolume, ...]:
        return tuple(self._described(v) for v in self.volumes.values())

    def _ValidateVolume(self, request: ValidateVolume) -> str | None:
        volume = self._volume(request.volume_id)
        return None if volume.capability == request.capability else "other capability"
