"""What a provider keeps durable, as plain values: the records, and the changes made to them.

Not wire messages and not rows: `checkpoint` turns records into rows, the edges turn them into
messages. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from api.model.operation import Operation, OperationState
from api.model.resources import Reservation, Resource
from provider.learned_rates import NOTHING_LEARNED, Learned
from provider.volume import EMPTY, Volume, VolumeCapability


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of volume that can be asked for by name.

    What it means to the plugin (`capability`, `parameters`) never changes once it is known.
    `capacity_group`: profiles with one group draw on the same capacity; None: the operator did not say.
    `cost_milli`: thousandths of a byte of the group's capacity that a byte of a volume takes.
    `limit_bytes`: what volumes of it may take together; the pool's capacity where the plugin tells none.
    `secrets`: for the plugin's calls, file by key: where they are, never what they say.
    `volume_context`: of a volume that was there before, where the plugin does not tell it.
    """

    name: str
    capability: VolumeCapability
    parameters: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    description: str = ""
    capacity_group: str | None = None
    cost_milli: int = 1000
    limit_bytes: int | None = None
    secrets: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    volume_context: Mapping[str, str] = field(default_factory=lambda: EMPTY)

    def means_the_same(self, other: Profile) -> bool:
        """Whether volumes of either could be taken for the other's."""
        return self.capability == other.capability and dict(self.parameters) == dict(other.parameters)


@dataclass(frozen=True, slots=True)
class OperationRecord:
    """An operation that is not forgotten: pending, ended and not yet acknowledged, or remembered after that.

    `operation_id` is the framework's own name for it. `status_uuid`, `message`, `converted` and `ended`
    (seconds since the epoch) belong to the terminal status; `created` is when it was accepted here,
    `sequence` its place in the order of acceptance. `started`: something may have been done for it.
    `abandoned`: when an operator gave it up (seconds since the epoch). `topology`: of a creation, from where
    its volume has to be reachable, once that was said to the plugin. `acknowledged`: when its terminal status
    was (seconds since the epoch).
    """

    uuid: UUID
    operation: Operation
    created: float
    sequence: int
    framework_id: str | None = None
    operation_id: str | None = None
    state: OperationState = OperationState.PENDING
    status_uuid: UUID | None = None
    message: str | None = None
    converted: tuple[Resource, ...] = ()
    ended: float | None = None
    started: bool = False
    abandoned: float | None = None
    topology: Mapping[str, str] | None = None
    acknowledged: float | None = None


@dataclass(frozen=True, slots=True)
class SaveOperation:
    record: OperationRecord


@dataclass(frozen=True, slots=True)
class SaveAcknowledged:
    """An operation that has ended: its end was acknowledged, or is owed again."""

    record: OperationRecord


@dataclass(frozen=True, slots=True)
class ForgetOperation:
    uuid: UUID


@dataclass(frozen=True, slots=True)
class SaveVolume:
    volume: Volume


@dataclass(frozen=True, slots=True)
class ForgetVolume:
    volume_id: str


@dataclass(frozen=True, slots=True)
class SaveHolders:
    """Who uses a volume now; nobody when `users` is empty. `readers`: those among them that only read."""

    volume_id: str
    users: tuple[str, ...]
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SaveDivisible:
    """All divisible resources (pools, and an agent's cpus, mem, …): few, so they are kept as one."""

    resources: tuple[Resource, ...]


@dataclass(frozen=True, slots=True)
class SaveCapacity:
    """The accounted capacity in bytes by profile."""

    available: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SaveLearned:
    """What was learned of how the pools draw on each other."""

    learned: Learned


@dataclass(frozen=True, slots=True)
class SaveDisk:
    """An indivisible resource that is there `count` times; not at all when `count` is 0."""

    resource: Resource
    count: int


@dataclass(frozen=True, slots=True)
class SaveProfile:
    """A profile as it is known: what it means stays, how it is described and counted may change."""

    profile: Profile


@dataclass(frozen=True, slots=True)
class SaveProfilesInForce:
    """The names of the known profiles that can be asked for now."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SaveWithheld:
    """The ids of volumes that the plugin had already and nobody has let in."""

    volume_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SaveProviderId:
    provider_id: str


@dataclass(frozen=True, slots=True)
class SavePluginName:
    """What the plugin that looks after the volumes says that it is called (GetPluginInfo)."""

    name: str


@dataclass(frozen=True, slots=True)
class SaveDefaultReservations:
    """How everything of this provider is reserved that no operation has reserved otherwise."""

    reservations: tuple[Reservation, ...]


@dataclass(frozen=True, slots=True)
class SaveBase:
    """What the host was configured with, to compare with at the next start (agents' own resources)."""

    resources: tuple[Resource, ...]


Change = (
    SaveOperation
    | SaveAcknowledged
    | ForgetOperation
    | SaveVolume
    | ForgetVolume
    | SaveHolders
    | SaveDivisible
    | SaveCapacity
    | SaveLearned
    | SaveDisk
    | SaveProfile
    | SaveProfilesInForce
    | SaveWithheld
    | SaveProviderId
    | SavePluginName
    | SaveBase
    | SaveDefaultReservations
)


def subject(change: Change) -> tuple[str, object]:
    """What `change` is about: of several changes of one subject in one write, only the last counts."""
    match change:
        case SaveOperation(record) | SaveAcknowledged(record):
            return "operation", record.uuid
        case ForgetOperation(uuid):
            return "operation", uuid
        case SaveVolume(volume):
            return "volume", volume.id
        case ForgetVolume(volume_id):
            return "volume", volume_id
        case SaveHolders(volume_id):
            return "holders", volume_id
        case SaveDisk(resource, _):
            return "disk", resource
        case SaveProfile(profile):
            return "profile", profile.name
        case SaveDivisible() | SaveCapacity() | SaveProviderId() | SavePluginName() | SaveBase():
            return type(change).__name__, None
        case SaveProfilesInForce() | SaveWithheld() | SaveDefaultReservations() | SaveLearned():
            return type(change).__name__, None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything durable of one provider, as it is read at start. Empty at the very first."""

    provider_id: str | None = None
    plugin_name: str | None = None
    operations: tuple[OperationRecord, ...] = ()
    remembered: tuple[OperationRecord, ...] = ()
    volumes: tuple[Volume, ...] = ()
    holders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    readers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    divisible: tuple[Resource, ...] = ()
    disks: tuple[tuple[Resource, int], ...] = ()
    available: Mapping[str, int] = field(default_factory=dict)
    profiles: tuple[Profile, ...] = ()
    profiles_in_force: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    learned: Learned = NOTHING_LEARNED
    base: tuple[Resource, ...] | None = None
    default_reservations: tuple[Reservation, ...] = ()
