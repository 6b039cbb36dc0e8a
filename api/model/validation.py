"""Which resources make sense, whatever the cluster looks like.

Pure checks of single values and of lists. Whether the resources exist, and who may have them, is
decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable

from api.model.disk import Disk, InvalidPersistenceId, SourceType, validate_persistence_id
from api.model.resource import InvalidResource, Resource
from api.model.roles import UNRESERVED, InvalidRole, is_strictly_under, validate_role
from api.model.values import Scalar

# A longer resource name is refused; names are repeated in every offer.
MAX_RESOURCE_NAME_LENGTH = 255


def validate_resource(resource: Resource) -> None:
    """Raises InvalidResource (the caller changes the resource), with the resource and the rule."""
    name = resource.name
    if not name or len(name) > MAX_RESOURCE_NAME_LENGTH or not name.isprintable():
        raise InvalidResource(
            f"{name[:60]!r} is not a resource name: give 1 to {MAX_RESOURCE_NAME_LENGTH} printable characters"
        )
    if resource.value.is_empty:
        raise InvalidResource(f"{resource} is empty: give more than nothing")
    _validate_reservations(resource)
    if resource.allocated_to is not None:
        _validate_role_of(resource, resource.allocated_to)
    if resource.disk is not None:
        _validate_disk(resource, resource.disk)
    if resource.shared and not resource.is_persistent:
        raise InvalidResource(f"{resource} is shared but not a persistent volume: only those can be shared")


def _validate_role_of(resource: Resource, role: str) -> None:
    try:
        validate_role(role)
    except InvalidRole as error:
        raise InvalidResource(f"{resource}: {error}") from error


def _validate_reservations(resource: Resource) -> None:
    previous: str | None = None
    for reservation in resource.reservations:
        _validate_role_of(resource, reservation.role)
        if reservation.role == UNRESERVED:
            raise InvalidResource(f"{resource} is reserved for '*': leave the reservation out instead")
        if previous is not None and not reservation.dynamic:
            raise InvalidResource(f"{resource} refines a reservation by a static one: make it dynamic")
        if previous is not None and not is_strictly_under(reservation.role, previous):
            raise InvalidResource(
                f"{resource} reserves for {reservation.role!r} what is reserved for {previous!r}: "
                f"choose a role below {previous!r}"
            )
        previous = reservation.role
    if resource.reservations and resource.revocable:
        raise InvalidResource(f"{resource} is revocable, which cannot be reserved: use other resources")


def _validate_disk(resource: Resource, disk: Disk) -> None:
    if resource.name != "disk" or not isinstance(resource.value, Scalar):
        raise InvalidResource(f"{resource} carries disk info: only an amount called 'disk' may")
    if disk.persistence is not None:
        _validate_persistent(resource, disk, disk.persistence.id)
    elif disk.volume is not None and not _is_usable(disk):
        raise InvalidResource(
            f"{resource} has a volume, but no container can use it: "
            "make it MOUNT or BLOCK by CREATE_DISK, or a persistent volume by CREATE"
        )


def _is_usable(disk: Disk) -> bool:
    """Whether a container can be given this disk although nothing persists on it."""
    return disk.source is not None and disk.source.type in (SourceType.MOUNT, SourceType.BLOCK)


def _validate_persistent(resource: Resource, disk: Disk, persistence_id: str) -> None:
    try:
        validate_persistence_id(persistence_id)
    except InvalidPersistenceId as error:
        raise InvalidResource(f"{resource}: {error}") from error
    if not resource.is_reserved:
        raise InvalidResource(f"{resource} is persistent but not reserved: reserve it for a role first")
    if resource.revocable:
        raise InvalidResource(f"{resource} is persistent and revocable: use resources that are not revocable")
    if disk.source is not None and disk.source.type is SourceType.RAW:
        raise InvalidResource(
            f"{resource} is persistent on a RAW disk: make it MOUNT or BLOCK by CREATE_DISK first"
        )
    if disk.volume is not None and disk.volume.host_path is not None:
        raise InvalidResource(f"{resource} names a host_path: leave it out, the provider chooses it")


def validate_resources(resources: Iterable[Resource]) -> None:
    """Each by itself, and no persistence id twice within a role. Raises InvalidResource.

    A shared volume may come several times, if it is the same each time.
    """
    volumes: dict[tuple[str, str], Resource] = {}
    for resource in resources:
        validate_resource(resource)
        if resource.disk is None or resource.disk.persistence is None:
            continue
        key = (resource.role, resource.disk.persistence.id)
        known = volumes.get(key)
        if known is not None and not (resource.shared and resource == known):
            raise InvalidResource(
                f"persistence id {resource.disk.persistence.id!r} is used twice in role {resource.role!r}: "
                "give each volume its own"
            )
        volumes[key] = resource
