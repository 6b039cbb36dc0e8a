"""Operators' volumes: the record of each, its states, and the table of what follows what.

Pure: no I/O, no clock. `provisioning` carries the steps out.

A volume goes up and down one ladder. Each rung is one operation of a resource provider; the
resource that stands after it is recorded with it, so that the next step needs nothing else.

    up:   CREATE_DISK -> RESERVE -> CREATE        (a refusal on the way turns it downwards)
    down: DESTROY -> UNRESERVE -> DESTROY_DISK

Once it stands, a volume may be made larger: GROW_VOLUME leads from PERSISTENT to PERSISTENT.

A provider that can (`CREATE_DISK_WHOLE`) takes all rungs in one operation, up by CREATE_DISK and down by
DESTROY_DISK. A volume that stands between two rungs goes on from there, whoever provides it now.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from random import Random  # noqa: TID251 - for its type: the generator is passed in

import msgspec

from api.model.disk import Disk, Persistence, SourceType
from api.model.errors import StaleView
from api.model.operation import (
    Create,
    CreateDisk,
    Destroy,
    DestroyDisk,
    Operation,
    OperationType,
    Reserve,
    Unreserve,
)
from api.model.resource import Reservation, Resource

VOLUMES_LIMIT = 100_000
"""Volumes that may be known; a further one is refused until one is destroyed."""

ATTEMPTS_LIMIT = 5
"""How often a step that was dropped (its view of the resources was stale) is tried anew."""

RETRY_FIRST_SECONDS = 0.2
RETRY_LAST_SECONDS = 10.0
"""The wait before a dropped step is tried anew doubles from the first to the last, with jitter."""

OPERATIONS_SHOWN = 32
"""Operations that a volume's record names; the oldest are left out beyond it."""


class Rung(StrEnum):
    """How much of the volume there is."""

    NOTHING = "NOTHING"
    DISK = "DISK"
    RESERVED = "RESERVED"
    PERSISTENT = "PERSISTENT"


class Goal(StrEnum):
    PRESENT = "PRESENT"
    LARGER = "LARGER"
    ABSENT = "ABSENT"


class VolumeState(StrEnum):
    """What an operator sees. The names are those of the message, without its prefix."""

    CREATING = "CREATING"
    AVAILABLE = "AVAILABLE"
    EXPANDING = "EXPANDING"
    DESTROYING = "DESTROYING"
    FAILED = "FAILED"
    NEEDS_OPERATOR = "NEEDS_OPERATOR"


# (rung, goal) -> (the operation that comes next, the rung after it)
STEPS: dict[tuple[Rung, Goal], tuple[OperationType, Rung]] = {
    (Rung.NOTHING, Goal.PRESENT): (OperationType.CREATE_DISK, Rung.DISK),
    (Rung.DISK, Goal.PRESENT): (OperationType.RESERVE, Rung.RESERVED),
    (Rung.RESERVED, Goal.PRESENT): (OperationType.CREATE, Rung.PERSISTENT),
    (Rung.PERSISTENT, Goal.LARGER): (OperationType.GROW_VOLUME, Rung.PERSISTENT),
    (Rung.PERSISTENT, Goal.ABSENT): (OperationType.DESTROY, Rung.RESERVED),
    (Rung.RESERVED, Goal.ABSENT): (OperationType.UNRESERVE, Rung.DISK),
    (Rung.DISK, Goal.ABSENT): (OperationType.DESTROY_DISK, Rung.NOTHING),
}


WHOLE_STEPS: dict[tuple[Rung, Goal], tuple[OperationType, Rung]] = {
    **STEPS,
    (Rung.NOTHING, Goal.PRESENT): (OperationType.CREATE_DISK, Rung.PERSISTENT),
    (Rung.PERSISTENT, Goal.ABSENT): (OperationType.DESTROY_DISK, Rung.NOTHING),
    (Rung.RESERVED, Goal.ABSENT): (OperationType.DESTROY_DISK, Rung.NOTHING),
}
"""The same where the provider makes and ends whole volumes."""


class VolumeRecord(msgspec.Struct, omit_defaults=True):
    """The durable record of one volume.

    size_mb: what was asked for, rounded up to whole MB.
    rung: how far the last finished operation has brought it.
    resource: the wire form of the resource as it stands on this rung; None on NOTHING.
    operation: the operation in flight, None between steps.
    failed: why the goal was turned to ABSENT, None when an operator asked for that.
    stuck: why nothing goes on until an operator acts.
    attempts: tries of the present step.
    gone: its provider was removed for good, with what there was of the volume.
    wanted_mb: what it is being expanded to; 0 when it is not.
    unexpanded: why the last expansion failed, until the next.
    source_id: the plugin's id of a volume that was there before, and is adopted; None for one that is made.
    wanted_provider: the name, or the id, of those that may make it; None: any that has the profile.
    reserved_by_pool: it comes reserved for its role, by default of its provider, and needs no RESERVE.
    """

    name: str
    profile: str
    size_mb: int
    block: bool
    role: str
    created: float
    agent_id: str
    provider_id: str
    wanted_agent_id: str | None = None
    goal: Goal = Goal.PRESENT
    rung: Rung = Rung.NOTHING
    resource: bytes | None = None
    operation: bytes | None = None
    operations: list[bytes] = []
    failed: str | None = None
    stuck: str | None = None
    attempts: int = 0
    gone: bool = False
    wanted_mb: int = 0
    unexpanded: str | None = None
    source_id: str | None = None
    reserved_by_pool: bool = False
    wanted_provider: str | None = None

    @property
    def state(self) -> VolumeState:
        if self.stuck is not None:
            return VolumeState.NEEDS_OPERATOR
        if self.goal is Goal.LARGER:
            return VolumeState.EXPANDING
        if self.goal is Goal.PRESENT:
            return VolumeState.AVAILABLE if self.rung is Rung.PERSISTENT else VolumeState.CREATING
        if self.failed is not None and self.rung is Rung.NOTHING:
            return VolumeState.FAILED
        return VolumeState.CREATING if self.failed is not None else VolumeState.DESTROYING

    @property
    def message(self) -> str:
        """Why it is in this state, when there is something to say."""
        return self.stuck or self.failed or self.unexpanded or ""

    def next_step(self, *, whole: bool) -> OperationType | None:
        """The operation that comes next; None at the goal. `whole`: the provider makes whole volumes."""
        rung = self.rung
        if rung is Rung.RESERVED and self.goal is Goal.ABSENT and self.reserved_by_pool:
            rung = Rung.DISK
        step = (WHOLE_STEPS if whole else STEPS).get((rung, self.goal))
        return None if step is None else step[0]

    def asks_for_the_same(self, other: VolumeRecord) -> bool:
        """Whether two requests for one name want the same volume."""
        return self._asked == other._asked

    @property
    def _asked(self) -> tuple[object, ...]:
        size = (
            self.size_mb if self.source_id is None else None
        )  # that of a volume that is there is what it is
        where = self.wanted_agent_id, self.wanted_provider
        return self.profile, size, self.block, self.role, where, self.source_id


def retry_pause(attempts: int, random: Random) -> float:
    """Seconds before a step is tried anew that was dropped so often."""
    limit: float = min(RETRY_LAST_SECONDS, RETRY_FIRST_SECONDS * 2**attempts)
    return limit * (0.5 + random.random() / 2)


def rung_of(record: VolumeRecord, resource: Resource) -> Rung:
    """How much of a volume this is."""
    if resource.is_persistent:
        return Rung.PERSISTENT
    return Rung.RESERVED if resource.role == record.role else Rung.DISK


def operation_for(record: VolumeRecord, step: OperationType, resource: Resource, *, whole: bool) -> Operation:
    """The operation of a step, on `resource`: the share of the pool first, then what stands."""
    match step:
        case OperationType.CREATE_DISK:
            target = SourceType.BLOCK if record.block else SourceType.MOUNT
            disk = CreateDisk(resource, target, None if record.source_id is None else record.profile)
            if not whole:
                return disk
            own = () if resource.role == record.role else (Reservation(record.role, dynamic=True),)
            return replace(disk, target_reservations=own, target_persistence=Persistence(record.name))
        case OperationType.RESERVE:
            return Reserve((_reserved(record, resource),))
        case OperationType.CREATE:
            return Create((_persistent(record, resource),))
        case OperationType.DESTROY:
            return Destroy((resource,))
        case OperationType.UNRESERVE:
            return Unreserve((resource,))
        case OperationType.DESTROY_DISK:
            return DestroyDisk(resource, whole)
        case _:
            raise StaleView(f"a volume has no step {step}")


def resource_after(record: VolumeRecord, step: OperationType, resource: Resource) -> Resource:
    """What stands after a step whose result is known beforehand."""
    match step:
        case OperationType.RESERVE:
            return _reserved(record, resource)
        case OperationType.CREATE:
            return _persistent(record, resource)
        case OperationType.DESTROY:
            return replace(resource, disk=Disk(resource.disk.source if resource.disk else None))
        case OperationType.UNRESERVE:
            return resource.pop_reservation()
        case _:
            raise StaleView(f"the result of {step} is only known afterwards")


def _reserved(record: VolumeRecord, resource: Resource) -> Resource:
    return resource.push_reservation(Reservation(record.role, dynamic=True))


def _persistent(record: VolumeRecord, resource: Resource) -> Resource:
    assert resource.disk is not None
    return replace(resource, disk=replace(resource.disk, persistence=Persistence(record.name)))
