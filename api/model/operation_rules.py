"""Which operations make sense: the rules for what each may name, before anything is looked up in a cluster.

Pure. Whether the resources exist is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import takewhile

from api.model.disk import SourceType
from api.model.operation import (
    CreateDisk,
    DestroyDisk,
    GrowVolume,
    InvalidOperation,
    Operation,
    OperationType,
    Reserve,
    ShrinkVolume,
    resources_of,
)
from api.model.resource import InvalidResource, Reservation, Resource
from api.model.resources import Resources
from api.model.validation import validate_resource, validate_resources


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
    if isinstance(operation, Reserve) and operation.source:
        _exchange_rules(operation)
        return
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


def _exchange_rules(operation: Reserve) -> None:
    """One stack of reservations for another: what is below the dynamic ones that differ stays."""
    first = resources_of(operation)[0]
    for resource in resources_of(operation):
        if resource.is_persistent:
            raise _refuse(operation, resource, "DESTROY the persistent volume first")
    before, after = _stack_of(operation, operation.source), _stack_of(operation, operation.resources)
    if Resources(map(_bare, operation.source)) != Resources(map(_bare, operation.resources)):
        raise _refuse(operation, first, "name the same in `source` and `resources`, but for reservations")
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    if not all(reservation.dynamic for reservation in (*before[common:], *after[common:])):
        raise _refuse(operation, first, "leave static reservations as they are in `source`")
    if len(after) == common:
        raise _refuse(operation, first, "add a reservation that `source` lacks, or use UNRESERVE")


def _stack_of(operation: Operation, resources: tuple[Resource, ...]) -> tuple[Reservation, ...]:
    stacks = {resource.reservations: resource for resource in resources}
    if len(stacks) > 1:
        other = list(stacks.values())[1]
        raise _refuse(operation, other, "send one operation for each stack of reservations")
    return next(iter(stacks), ())


def _bare(resource: Resource) -> Resource:
    return replace(resource, reservations=(), allocated_to=None)


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

    if operation.target_reservations or operation.target_persistence is not None:
        _target_rules(operation)


def _target_rules(operation: CreateDisk) -> None:
    """The disk to be made must make sense like one that was reserved and made persistent afterwards."""
    if not all(reservation.dynamic for reservation in operation.target_reservations):
        raise _refuse(operation, operation.source, "make its target_reservations dynamic")
    try:
        validate_resource(operation.target)
    except InvalidResource as error:
        raise InvalidOperation(f"{operation.type}: {error}") from error


def _destroy_disk_rules(operation: Operation, resource: Resource) -> None:
    assert isinstance(operation, DestroyDisk)
    if resource.is_persistent and not operation.whole:
        raise _refuse(operation, resource, "DESTROY the persistent volume first")
    source = resource.disk.source if resource.disk is not None else None
    if resource.provider_id is None or source is None or not source.is_indivisible:
        raise _refuse(
            operation, resource, "name a MOUNT or BLOCK disk, or a RAW disk with an id, of a provider"
        )


def _grow_rules(operation: Operation, resource: Resource) -> None:
    assert isinstance(operation, GrowVolume)
    volume, addition = operation.volume, operation.addition
    if addition.is_persistent or (addition.disk is not None and addition.disk.is_indivisible):
        raise _refuse(operation, addition, "add space that is no volume of its own")
    if volume.provider_id is None:
        _own_volume_rules(operation, volume)
        source = addition.disk.source if addition.disk is not None else None
        if (
            volume.disk is None
            or source != volume.disk.source
            or addition.reservations != volume.reservations
        ):
            raise _refuse(
                operation, addition, "add space of the volume's own disk, reserved as the volume is"
            )
        return
    made_from = volume.disk.source if volume.disk is not None else None
    if made_from is None or made_from.type not in (SourceType.MOUNT, SourceType.BLOCK) or volume.shared:
        raise _refuse(operation, volume, "name a MOUNT or BLOCK disk that is not shared")
    pool = addition.disk.source if addition.disk is not None else None
    if pool is None or not pool.is_pool or pool.profile != made_from.profile:
        raise _refuse(operation, addition, f"add a piece of the pool of profile {made_from.profile!r}")
    if volume.reservations[: len(addition.reservations)] != addition.reservations:
        raise _refuse(
            operation, addition, "add space that is unreserved, or reserved as the volume is or was before"
        )


def _shrink_rules(operation: Operation, resource: Resource) -> None:
    assert isinstance(operation, ShrinkVolume)
    if resource.provider_id is not None:
        raise _refuse(
            operation, resource, "CSI cannot make a volume smaller: make a smaller one, copy, DESTROY this"
        )
    _own_volume_rules(operation, resource)
    if not 0 < operation.subtract_milli < resource.milli:
        raise _refuse(operation, resource, "take off more than nothing, and less than all of it")


def _own_volume_rules(operation: Operation, volume: Resource) -> None:
    """A volume whose size is a matter of accounting alone: a directory on the agent's disk."""
    source = volume.disk.source if volume.disk is not None else None
    if not volume.is_persistent or (source is not None and source.type is not SourceType.PATH):
        raise _refuse(operation, volume, "name a persistent volume on the agent's root disk or a PATH disk")
    if volume.shared:
        raise _refuse(operation, volume, "a shared volume keeps its size while it may be in use")


_RULES: dict[OperationType, Callable[[Operation, Resource], None]] = {
    OperationType.RESERVE: _reserve_rules,
    OperationType.UNRESERVE: _unreserve_rules,
    OperationType.CREATE: _volume_rules,
    OperationType.DESTROY: _volume_rules,
    OperationType.CREATE_DISK: _create_disk_rules,
    OperationType.DESTROY_DISK: _destroy_disk_rules,
    OperationType.GROW_VOLUME: _grow_rules,
    OperationType.SHRINK_VOLUME: _shrink_rules,
}
