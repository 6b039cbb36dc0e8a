"""Operations: what they ask for, what they take, how they may end.

Theory of operation. An operation is PENDING from its acceptance until its owner says how it ended;
the ends never change. UNREACHABLE, RECOVERING and UNKNOWN are what somebody other than the owner
knows meanwhile: they come and go, and any end may follow them. The table below is all there is;
what is not in it is refused.

No I/O here, and no knowledge of the cluster: whether the resources exist is decided elsewhere, and
whether an operation makes sense by `operation_rules`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from api.model.disk import Disk, DiskSource, Persistence, SourceType
from api.model.errors import InvalidRequest, StaleView
from api.model.resource import Reservation, Resource
from api.model.resources import Conversion, Resources, Scalar

CHECK_AT_REST: Final = "CHECK_AT_REST"
"""The capability of a provider that says, when asked, which volumes are not at rest on its host."""

CREATE_DISK_WHOLE: Final = "CREATE_DISK_WHOLE"
"""The capability of a provider that takes the extensions of CREATE_DISK and DESTROY_DISK (`CreateDisk`)."""


class OperationState(StrEnum):
    """As on the wire; the value is the name there."""

    UNSUPPORTED = "OPERATION_UNSUPPORTED"  # what an old reader makes of a state it does not know
    PENDING = "OPERATION_PENDING"
    FINISHED = "OPERATION_FINISHED"
    FAILED = "OPERATION_FAILED"
    ERROR = "OPERATION_ERROR"
    DROPPED = "OPERATION_DROPPED"
    UNREACHABLE = "OPERATION_UNREACHABLE"
    GONE_BY_OPERATOR = "OPERATION_GONE_BY_OPERATOR"
    RECOVERING = "OPERATION_RECOVERING"
    UNKNOWN = "OPERATION_UNKNOWN"

    @property
    def is_terminal(self) -> bool:
        """Whether this is an end: no transition leads out of it."""
        return self in TERMINAL


class OperationEvent(StrEnum):
    """What can happen to an operation."""

    FINISH = "finish"  # its owner did it
    FAIL = "fail"  # its owner tried, and it did not work
    REJECT = "reject"  # it was invalid or not allowed; no owner ever saw it
    DROP = "drop"  # its owner did not try, or never got it
    MARK_GONE = "mark gone"  # an operator declared its owner gone
    RESTATE = "restate"  # its owner says that it is still at it
    LOSE = "lose"  # its agent cannot be reached
    RECOVER = "recover"  # its owner is known but has not come back yet
    FORGET = "forget"  # its owner is not known


_S, _E = OperationState, OperationEvent

# From each of the states that are not an end, the same may follow, but only what nobody has acted
# on yet can be rejected.
TRANSITIONS: dict[tuple[OperationState, OperationEvent], OperationState] = {
    (_S.PENDING, _E.REJECT): _S.ERROR,
    **{
        (state, event): to
        for state in (_S.PENDING, _S.UNREACHABLE, _S.RECOVERING, _S.UNKNOWN)
        for event, to in (
            (_E.FINISH, _S.FINISHED),
            (_E.FAIL, _S.FAILED),
            (_E.DROP, _S.DROPPED),
            (_E.MARK_GONE, _S.GONE_BY_OPERATOR),
            (_E.RESTATE, _S.PENDING),
            (_E.LOSE, _S.UNREACHABLE),
            (_E.RECOVER, _S.RECOVERING),
            (_E.FORGET, _S.UNKNOWN),
        )
    },
}

TERMINAL = frozenset((_S.FINISHED, _S.FAILED, _S.ERROR, _S.DROPPED, _S.GONE_BY_OPERATOR))

# The event that a status update with this state reports. UNSUPPORTED reports nothing.
REPORTS: dict[OperationState, OperationEvent] = {
    _S.PENDING: _E.RESTATE,
    _S.FINISHED: _E.FINISH,
    _S.FAILED: _E.FAIL,
    _S.ERROR: _E.REJECT,
    _S.DROPPED: _E.DROP,
    _S.UNREACHABLE: _E.LOSE,
    _S.GONE_BY_OPERATOR: _E.MARK_GONE,
    _S.RECOVERING: _E.RECOVER,
    _S.UNKNOWN: _E.FORGET,
}


class InvalidTransition(StaleView):
    """The table has no such transition."""

    def __init__(self, state: OperationState, event: OperationEvent) -> None:
        super().__init__(f"an operation that is {state} cannot {event}: ask for its state again")
        self.state = state
        self.event = event


class InvalidOperation(InvalidRequest, ValueError):
    """The operation can never be applied; the message says what to change."""


def advance(state: OperationState, event: OperationEvent) -> OperationState:
    """The state after `event`. Raises InvalidTransition, naming both, when the table has none."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise InvalidTransition(state, event) from None


class OperationType(StrEnum):
    """As on the wire."""

    RESERVE = "RESERVE"
    UNRESERVE = "UNRESERVE"
    CREATE = "CREATE"
    DESTROY = "DESTROY"
    GROW_VOLUME = "GROW_VOLUME"
    SHRINK_VOLUME = "SHRINK_VOLUME"
    CREATE_DISK = "CREATE_DISK"
    DESTROY_DISK = "DESTROY_DISK"


class Reckoned:
    """What follows from an operation by itself is worked out once, and kept with it."""

    __slots__ = ("_conversion",)
    _conversion: Conversion

    def reckoned(self) -> Conversion:
        """See `speculative_conversion`."""
        try:
            return self._conversion
        except AttributeError:
            object.__setattr__(self, "_conversion", found := _conversion_of(self))  # type: ignore[arg-type]
            return found


@dataclass(frozen=True, slots=True)
class Reserve(Reckoned):
    """Reserve: the resources as they shall be, with the new reservation last.

    source: the same resources as they are, when more than the last reservation is to be different: dynamic
    reservations that only one of the two has are taken off, and pushed, at once. Empty: one is pushed.
    """

    resources: tuple[Resource, ...]
    source: tuple[Resource, ...] = ()
    type = OperationType.RESERVE


@dataclass(frozen=True, slots=True)
class Unreserve(Reckoned):
    """Take the last reservation off: the resources as they are."""

    resources: tuple[Resource, ...]
    type = OperationType.UNRESERVE


@dataclass(frozen=True, slots=True)
class Create(Reckoned):
    """Make persistent volumes: the volumes as they shall be."""

    volumes: tuple[Resource, ...]
    type = OperationType.CREATE


@dataclass(frozen=True, slots=True)
class Destroy(Reckoned):
    """End the persistence and wipe the data: the volumes as they are."""

    volumes: tuple[Resource, ...]
    type = OperationType.DESTROY


@dataclass(frozen=True, slots=True)
class CreateDisk(Reckoned):
    """Make a disk out of (part of) a storage pool, or import a pre-existing disk by `target_profile`.

    Whole (an extension): the disk comes into being with `target_reservations` on top of those of its
    source, and as a persistent volume when `target_persistence` says so.
    """

    source: Resource
    target_type: SourceType
    target_profile: str | None = None
    target_reservations: tuple[Reservation, ...] = ()
    target_persistence: Persistence | None = None
    type = OperationType.CREATE_DISK

    @property
    def target_name(self) -> tuple[str, str] | None:
        """The role and the persistence id of the volume to be made; None when it is none. It is valid."""
        if self.target_persistence is None:
            return None
        reservations = self.target_reservations or self.source.reservations
        return reservations[-1].role, self.target_persistence.id

    @property
    def target(self) -> Resource:
        """The disk to be made, as far as it is known before: without id, and of the size asked for."""
        source = Disk(DiskSource(self.target_type), self.target_persistence)
        reservations = (*self.source.reservations, *self.target_reservations)
        return Resource("disk", self.source.value, reservations, source, self.source.provider_id)


@dataclass(frozen=True, slots=True)
class DestroyDisk(Reckoned):
    """Delete a disk; its space returns to the pool.

    whole (an extension): a persistent volume is wiped before, and the space is returned without the
    dynamic reservations of the disk.
    """

    source: Resource
    whole: bool = False
    type = OperationType.DESTROY_DISK


@dataclass(frozen=True, slots=True)
class GrowVolume(Reckoned):
    """Make a volume larger: the volume as it is, and the piece of capacity that it takes in."""

    volume: Resource
    addition: Resource
    type = OperationType.GROW_VOLUME


@dataclass(frozen=True, slots=True)
class ShrinkVolume(Reckoned):
    """Make a volume smaller: the volume as it is, and how much (milli-MB) it gives back."""

    volume: Resource
    subtract_milli: int
    type = OperationType.SHRINK_VOLUME


Operation = Reserve | Unreserve | Create | Destroy | CreateDisk | DestroyDisk | GrowVolume | ShrinkVolume


def is_speculative(operation: Operation) -> bool:
    """Whether its result is known beforehand, so that it is applied to totals when it is sent.

    What a plugin makes of a disk is known only afterwards: it may round up, or refuse.
    """
    match operation:
        case CreateDisk() | DestroyDisk():
            return False
        case GrowVolume(volume) | ShrinkVolume(volume):
            return volume.provider_id is None
        case _:
            return True


def is_whole(operation: CreateDisk | DestroyDisk) -> bool:
    """Whether it needs a provider with the capability CREATE_DISK_WHOLE."""
    if isinstance(operation, DestroyDisk):
        return operation.whole
    return bool(operation.target_reservations) or operation.target_persistence is not None


def resources_of(operation: Operation) -> tuple[Resource, ...]:
    """The resources that the operation names, as it names them."""
    match operation:
        case Reserve():
            return (*operation.resources, *operation.source)
        case Unreserve():
            return operation.resources
        case Create() | Destroy():
            return operation.volumes
        case CreateDisk() | DestroyDisk():
            return (operation.source,)
        case GrowVolume():
            return (operation.volume, operation.addition)
        case ShrinkVolume():
            return (operation.volume,)


def provider_of(operation: Operation) -> str | None:
    """The provider that a valid operation is for; None for the agent's own resources."""
    return resources_of(operation)[0].provider_id


def consumed(operation: Operation) -> Resources:
    """What it takes out of totals; allocations are left out. The operation is valid."""
    match operation:
        case Reserve() | Unreserve() | Create() | Destroy():
            return speculative_conversion(operation).consumed
        case CreateDisk() | DestroyDisk() | GrowVolume() | ShrinkVolume():
            return Resources(resource.with_allocation(None) for resource in resources_of(operation))


def speculative_conversion(operation: Operation) -> Conversion:
    """What it does to totals, known before it is done. The operation is valid, and `is_speculative`."""
    return operation.reckoned()


def _conversion_of(operation: Operation) -> Conversion:
    assert is_speculative(operation), f"the result of {operation.type} is known only afterwards"
    if isinstance(operation, Reserve):
        return _reservation(operation)
    named = [resource.with_allocation(None) for resource in resources_of(operation)]
    match operation:
        case Unreserve():
            return Conversion(Resources(named), Resources(r.pop_reservation() for r in named))
        case Create():
            return Conversion(Resources(map(_without_persistence, named)), Resources(named))
        case Destroy():
            return Conversion(Resources(named), Resources(map(_without_persistence, named)))
        case GrowVolume():
            size = Scalar(sum(resource.milli for resource in named))
            return Conversion(Resources(named), Resources((named[0].with_value(size),)))
        case ShrinkVolume(subtract_milli=milli):
            less = named[0].with_value(Scalar(named[0].milli - milli))
            freed = _without_persistence(named[0]).with_value(Scalar(milli))
            return Conversion(Resources(named), Resources((less, freed)))
        case CreateDisk() | DestroyDisk():
            raise AssertionError("not speculative")


def _reservation(operation: Reserve) -> Conversion:
    wanted = Resources(operation.resources).unallocated()
    source = Resources(operation.source).unallocated()
    return Conversion(source if operation.source else wanted.pop_reservation(), wanted)


def _without_persistence(volume: Resource) -> Resource:
    source = volume.disk.source if volume.disk is not None else None
    return replace(volume, disk=None if source is None else Disk(source), shared=False)
