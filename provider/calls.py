"""The calls that a provider makes to its plugin, as plain values, and the port that carries them.

One frozen request type per CSI call, with the type of its answer. `profile` says whose secrets go with
a call: the secrets themselves are never in a request, so that nothing can store or show them. No gRPC
and no protobuf here: `provider.plugins.client` speaks those; the simulation's model plugin implements
the same port. Which call is made when is decided by the machine, not here.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from api.model.errors import Who, who_for_grpc
from provider.volume import EMPTY, Capabilities, VolumeCapability

R_co = TypeVar("R_co", covariant=True)


class Request(Generic[R_co]):
    """A call that is answered by an R. Every request may be repeated: CSI calls are idempotent."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class CreatedVolume:
    """A volume as the plugin describes it. `capacity_bytes` 0 means that the plugin does not say.

    `places`: segments of the topologies from each of which it can be reached; none: from anywhere.
    """

    id: str
    capacity_bytes: int
    context: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    places: tuple[Mapping[str, str], ...] = ()


VOLUME_NAME_PREFIX = "vol-"
"""What the names of volumes begin with. Many storages take no name that begins with a digit, as most UUIDs
do; with this one a name is as long as those that drivers are given elsewhere: 40 characters."""


def volume_name(operation: UUID) -> str:
    """What the volume that `operation` makes is called at the plugin, in each attempt."""
    return f"{VOLUME_NAME_PREFIX}{operation}"


@dataclass(frozen=True, slots=True)
class CreateVolume(Request[CreatedVolume]):
    """CreateVolume with `required_bytes` and no limit: a larger result is accepted."""

    name: str
    required_bytes: int
    capability: VolumeCapability
    parameters: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    topology: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """Where the volume must be accessible from (CSI 1.x, TopologyRequirement.requisite); empty: anywhere."""
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class DeleteVolume(Request[None]):
    volume_id: str
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class ControllerPublish(Request[Mapping[str, str]]):
    """Answered by the publish context."""

    volume_id: str
    node_id: str
    capability: VolumeCapability
    readonly: bool
    context: Mapping[str, str]
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class ControllerUnpublish(Request[None]):
    volume_id: str
    node_id: str
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class NodeStage(Request[None]):
    volume_id: str
    staging_path: str
    capability: VolumeCapability
    context: Mapping[str, str]
    publish_context: Mapping[str, str]
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class NodeUnstage(Request[None]):
    volume_id: str
    staging_path: str


@dataclass(frozen=True, slots=True)
class NodePublish(Request[None]):
    """`staging_path` is None when the plugin does not stage."""

    volume_id: str
    staging_path: str | None
    target_path: str
    capability: VolumeCapability
    readonly: bool
    context: Mapping[str, str]
    publish_context: Mapping[str, str]
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class NodeUnpublish(Request[None]):
    volume_id: str
    target_path: str


@dataclass(frozen=True, slots=True)
class Expanded:
    """What ControllerExpandVolume made of a volume. `on_node`: NodeExpandVolume has to follow."""

    capacity_bytes: int
    on_node: bool


@dataclass(frozen=True, slots=True)
class ControllerExpand(Request[Expanded]):
    """ControllerExpandVolume to at least `required_bytes`."""

    volume_id: str
    required_bytes: int
    capability: VolumeCapability
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class NodeExpand(Request[int]):
    """NodeExpandVolume of a volume that is staged or published here. Answered by its bytes, 0 for unsaid.

    `volume_path` is where it is published, or staged when it is not published; `staging_path` is None
    when the plugin does not stage.
    """

    volume_id: str
    volume_path: str
    staging_path: str | None
    required_bytes: int
    capability: VolumeCapability
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class GetCapacity(Request[int]):
    """Answered by the bytes available for volumes of this capability and these parameters."""

    capability: VolumeCapability
    parameters: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    topology: Mapping[str, str] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class ListVolumes(Request[tuple[CreatedVolume, ...]]):
    """All volumes of the plugin, whatever the size of its pages; each id once."""


@dataclass(frozen=True, slots=True)
class ValidateVolume(Request[str | None]):
    """ValidateVolumeCapabilities. Answered by None when confirmed, else by why not."""

    volume_id: str
    capability: VolumeCapability
    context: Mapping[str, str]
    parameters: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    profile: str | None = None


VolumeRequest = (
    DeleteVolume
    | ControllerPublish
    | ControllerUnpublish
    | NodeStage
    | NodeUnstage
    | NodePublish
    | NodeUnpublish
)
"""The requests that move an existing volume."""


class Outcome(enum.StrEnum):
    """What is known after a call that did not succeed."""

    REFUSED = "refused"
    """The plugin said no, definitely."""
    UNKNOWN = "unknown"
    """Nobody knows whether it happened: the same call must be repeated."""
    BUSY = "busy"
    """The plugin is at work on that volume already: the same call must be repeated."""


class PluginError(Exception):
    """A call that did not succeed. `code` is the gRPC status' name, `outcome` what the caller knows now."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        self.outcome = outcome_of(code)


def outcome_of(code: str) -> Outcome:
    """How the gRPC status `code` leaves a CSI call, by the table in `api.model.errors`."""
    if code == "DATA_LOSS":  # an operator must look, but nothing says that the call did nothing
        return Outcome.UNKNOWN
    match who_for_grpc(code):
        case Who.UNKNOWN_OUTCOME:
            return Outcome.UNKNOWN
        case Who.BUSY:
            return Outcome.BUSY
        case _:
            return Outcome.REFUSED


@dataclass(frozen=True, slots=True)
class PluginFacts:
    """What a plugin says of itself once it is up.

    `node_id`, `topology` (segments from which this node reaches volumes) and `max_volumes` (published here at
    once; 0 for any number) are NodeGetInfo's; a plugin without that call leaves them empty. `has_controller`:
    one of its containers serves the controller.
    """

    name: str
    vendor_version: str
    capabilities: Capabilities
    node_id: str = ""
    capability_names: tuple[str, ...] = ()
    topology: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    max_volumes: int = 0
    has_controller: bool = True


T = TypeVar("T")


class PluginClient(Protocol):
    """Carries requests to one plugin. Any number of calls may be under way at once."""

    def call(self, request: Request[T], answered: Callable[[], None]) -> Awaitable[T]:
        """Make a call; what is awaited is the plugin's answer. `answered` is called, if possible, as soon as
        the plugin has answered with what was asked for: before whoever awaits it goes on.

        Raises PluginError; also for a plugin that cannot be reached (UNAVAILABLE) and for an answer
        that did not come in time (DEADLINE_EXCEEDED). Cancelling leaves the outcome unknown.
        """
