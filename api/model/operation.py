"""Operations: what they ask for, what they take, how they may end.

Theory of operation. An operation is PENDING from its acceptance until its owner says how it ended;
the ends never change. UNREACHABLE, RECOVERING and UNKNOWN are what somebody other than the owner
knows meanwhile: they come and go, and any end may follow them. The table below is all there is;
what is not in it is refused.

No I/O here, and no knowledge of the cluster: whether the resources exist is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from api.model.disk import Disk, SourceType
from api.model.errors import InvalidRequest, StaleView
from api.model.resource import InvalidResource, Resource
from api.model.resources import Conversion, Resources
from api.model.validation import validate_resources


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

    @property
    def is_speculative(self) -> bool:
        """Whether its result is known beforehand, so that it is applied to totals when it is sent."""
        return self not in (OperationType.CREATE_DISK, OperationType.DESTROY_DISK)


@dataclass(frozen=True, slots=True)
class Reserve:
    """Reserve: the resources as they shall be, with the new reservation last."""

    resources: tuple[Resource, ...]
    type = OperationType.RESERVE


@dataclass(frozen=True, slots=True)
class Unreserve:
    """Take the last reservation off: the resources as they are."""

    resources: tuple[Resource, ...]
    type = OperationType.UNRESERVE


@dataclass(frozen=True, slots=True)
class Create:
    """Make persistent volumes: the volumes as they shall be."""

    volumes: tuple[Resource, ...]
    type = OperationType.CREATE


@dataclass(frozen=True, slots=True)
class Destroy:
    """End the persistence and wipe the data: the volumes as they are."""

    volumes: tuple[Resource, ...]
    type = OperationType.DESTROY


@dataclass(frozen=True, slots=True)
class CreateDisk:
    """Make a disk out of (part of) a storage pool, or import a pre-existing disk by `target_profile`."""

    source: Resource
    target_type: SourceType
    target_profile: str | None = None
    type = OperationType.CREATE_DISK


@dataclass(frozen=True, slots=True)
class DestroyDisk:
    """Delete a disk; its space returns to the pool."""

    source: Resource
    type = OperationType.DESTROY_DISK


Operation = Reserve | Unreserve | Create | Destroy | CreateDisk | DestroyDisk


def resources_of(operation: Operation) -> tuple[Resource, ...]:
    """The resources that the operation names, as it names them."""
    match operation:
        case Reserve() | Unreserve():
            return operation.resources
        case Create() | Destroy():
            return operation.volumes
        case CreateDisk() | DestroyDisk():
            return (operation.source,)


def provider_of(operation: Operation) -> str | None:
    """The provider that a valid operation is for; None for the agent's own resources."""
    return resources_of(operation)[0].provider_id


def consumed(operation: Operation) -> Resources:
    """What it takes out of totals; allocations are left out. The operation is valid."""
    match operation:
        case Reserve() | Unreserve() | Create() | Destroy():
            return speculative_conversion(operation).consumed
        case CreateDisk() | DestroyDisk():
            return Resources((operation.source.with_allocation(None),))


def speculative_conversion(operation: Reserve | Unreserve | Create | Destroy) -> Conversion:
    """What it does to totals, known before it is done. The operation is valid."""
    named = [resource.with_allocation(None) for resource in resources_of(operation)]
    match operation:
        case Reserve():
            return Conversion(Resources(r.pop_reservation() for r in named), Resources(named))
        case Unreserve():
            return Conversion(Resources(named), Resources(r.pop_reservation() for r in named))
        case Create():
            return Conversion(Resources(map(_without_persistence, named)), Resources(named))
        case Destroy():
            return Conversion(Resources(named), Resources(map(_without_persistence, named)))


def _without_persistence(volume: Resource) -> Resource:
    source = volume.disk.source if volume.disk is not None else None
    return replace(volume, disk=None if source is None else Disk(source), shared=False)


def validate(operation: Operation) -> None:
    """Raises InvalidOperation (the caller changes the operation) with the resource and the rule."""
    resources = resources_of(operation)
    if not resources:
        raise InvalidOperation(f"{operation.type} names no resources: name at least one")
    try:
        validate_resources(resources)
    except InvalidResource as error:
        raise InvalidOperation(f"{operation.type}: {error}") from error
    _validate_together(operation, resources)
    for resource in resources:
        _RULES[operation.type](operation, resource)


def _validate_together(operation: Operation, resources: tuple[Resource, ...]) -> None:
    if len({resource.provider_id for resource in resources}) > 1:
        raise InvalidOperation(
            f"{operation.type} names resources of several providers: send one operation for each"
        )
    for resource in resources:
        if resource.revocable:
            raise InvalidOperation(f"{operation.type} of {resource}: use resources that are not revocable")


def _refuse(operation: Operation, resource: Resource, advice: str) -> InvalidOperation:
    return InvalidOperation(f"{operation.type} of {resource}: {advice}")


def _reserve_rules(operation: Operation, resource: Resource) -> None:
    if not resource.reservations:
        raise _refuse(operation, resource, "add the reservation to make as its last")
    if not resource.reservations[-1].dynamic:
        raise _refuse(operation, resource, "make its last reservation dynamic")
    if resource.is_persistent:
        raise _refuse(operation, resource, "reserve before making it persistent; DESTROY the volume first")


def _unreserve_rules(operation: Operation, resource: Resource) -> None:
    if not resource.reservations or not resource.reservations[-1].dynamic:
        raise _refuse(operation, resource, "name a resource whose last reservation is dynamic")
    if resource.is_persistent:
        raise _refuse(operation, resource, "DESTROY the persistent volume first")


def _volume_rules(operation: Operation, resource: Resource) -> None:
    if not resource.is_persistent:
        raise _refuse(operation, resource, "name a disk with a persistence id")


def _create_disk_rules(operation: Operation, resource: Resource) -> None:
    assert isinstance(operation, CreateDisk)
    source = resource.disk.source if resource.disk is not None else None
    if resource.provider_id is None or source is None or source.type is not SourceType.RAW:
        raise _refuse(operation, resource, "name a RAW disk of a resource provider")
    if operation.target_type not in (SourceType.MOUNT, SourceType.BLOCK):
        raise _refuse(
            operation, resource, f"choose MOUNT or BLOCK as its target, not {operation.target_type}"
        )
    if source.profile is None and not operation.target_profile:
        raise _refuse(operation, resource, "give a target_profile, as the disk has no profile of its own")
    if source.profile is not None and operation.target_profile is not None:
        raise _refuse(
            operation, resource, f"leave target_profile out, the disk has profile {source.profile!r}"
        )


def _destroy_disk_rules(operation: Operation, resource: Resource) -> None:
    if resource.is_persistent:
        raise _refuse(operation, resource, "DESTROY the persistent volume first")
    source = resource.disk.source if resource.disk is not None else None
    if resource.provider_id is None or source is None or not source.is_indivisible:
        raise _refuse(
            operation, resource, "name a MOUNT or BLOCK disk, or a RAW disk with an id, of a provider"
        )


_RULES: dict[OperationType, Callable[[Operation, Resource], None]] = {
    OperationType.RESERVE: _reserve_rules,
    OperationType.UNRESERVE: _unreserve_rules,
    OperationType.CREATE: _volume_rules,
    OperationType.DESTROY: _volume_rules,
    OperationType.CREATE_DISK: _create_disk_rules,
    OperationType.DESTROY_DISK: _destroy_disk_rules,
}
