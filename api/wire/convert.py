"""Resources between the wire and the model, and the identifiers they carry.

Read: resources in the form with `reservations`, and in the older one with `role` and `reservation`. Written:
the form with `reservations`, or the older one where that is asked for. `allocation_info` is kept both ways.
What a resource may look like beyond its message is for `api.model.validation`; nothing here knows what
exists.

Every reader takes the `path` of what it reads, for its errors, and raises `InvalidMessage`: the sender must
change the field that the error names.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from msgspec import UNSET, UnsetType, structs

from api.model.disk import (
    DEFAULT_COST_MILLI,
    Disk,
    DiskSource,
    Labels,
    Persistence,
    SourceType,
    VolumeMount,
)
from api.model.quantity import InvalidQuantity, from_milli, to_milli
from api.model.resource import Reservation, Resource
from api.model.resources import Resources
from api.model.roles import UNRESERVED, InvalidRole, validate_role
from api.model.values import Items, Ranges, Scalar, Value
from api.wire.errors import InvalidMessage
from api.wire.v1 import mesos

_STATIC = mesos.ResourceReservationInfoType.STATIC
_DYNAMIC = mesos.ResourceReservationInfoType.DYNAMIC
_MOUNT = mesos.ResourceDiskInfoSourceType.MOUNT
_PATH = mesos.ResourceDiskInfoSourceType.PATH

UUID_BYTES: Final = 16

T = TypeVar("T")


def resources_from_wire(wire: Iterable[mesos.Resource], path: str = "resources") -> Resources:
    """The collection; equal resources merge as the algebra says."""
    return Resources(resource_list_from_wire(wire, path))


def resource_list_from_wire(wire: Iterable[mesos.Resource], path: str = "resources") -> tuple[Resource, ...]:
    """One by one, in the order given, nothing merged: for what names particular resources."""
    return tuple(resource_from_wire(each, f"{path}[{index}]") for index, each in enumerate(wire))


def resources_to_wire(resources: Iterable[Resource]) -> list[mesos.Resource]:
    """In the order given; a `Resources` gives its own, the same in every process."""
    return [resource_to_wire(each) for each in resources]


def resource_from_wire(wire: mesos.Resource, path: str = "resource") -> Resource:
    """The resource that the message means."""
    allocation = _present(wire.allocation_info)
    allocated_to = _present(allocation.role) if allocation is not None else None
    if allocated_to is not None:
        _check_role(allocated_to, f"{path}.allocation_info.role")
    provider = _present(wire.provider_id)
    return Resource(
        name=wire.name,
        value=_value(wire, path),
        reservations=_reservations(wire, path),
        disk=None if wire.disk is UNSET else _disk(wire.disk, f"{path}.disk"),
        provider_id=None if provider is None else provider.value,
        shared=wire.shared is not UNSET,
        revocable=wire.revocable is not UNSET,
        allocated_to=allocated_to,
    )


def resource_to_wire(resource: Resource) -> mesos.Resource:
    """The message, in the form with `reservations`."""
    wire = mesos.Resource(
        name=resource.name,
        type=mesos.ValueType(resource.value.kind),
        reservations=[reservation_to_wire(each) for each in resource.reservations],
        disk=UNSET if resource.disk is None else disk_to_wire(resource.disk),
        revocable=mesos.ResourceRevocableInfo() if resource.revocable else UNSET,
        shared=mesos.ResourceSharedInfo() if resource.shared else UNSET,
    )
    if resource.provider_id is not None:
        wire.provider_id = mesos.ResourceProviderID(value=resource.provider_id)
    if resource.allocated_to is not None:
        wire.allocation_info = mesos.ResourceAllocationInfo(role=resource.allocated_to)
    match resource.value:
        case Scalar(milli):
            wire.scalar = mesos.ValueScalar(value=from_milli(milli))
        case Ranges(ranges):
            wire.ranges = mesos.ValueRanges(range=[mesos.ValueRange(begin=lo, end=hi) for lo, hi in ranges])
        case Items(items):
            wire.set = mesos.ValueSet(item=list(items))
    return wire


def in_older_form(wire: mesos.Resource) -> mesos.Resource:
    """What `resource_to_wire` made, for who looks for `role` and `reservation`. What is reserved more than
    once cannot be said so, and stays as it is."""
    return wire if len(wire.reservations) > 1 else structs.replace(in_both_forms(wire), reservations=[])


def in_both_forms(wire: mesos.Resource) -> mesos.Resource:
    """The same for who may look for either."""
    if len(wire.reservations) > 1:
        return wire
    said = structs.replace(wire, role=UNRESERVED)
    for reservation in wire.reservations:
        said.role = reservation.role
        if reservation.type is _DYNAMIC:
            said.reservation = mesos.ResourceReservationInfo(
                principal=reservation.principal, labels=reservation.labels
            )
    return said


# -- values


def _value(wire: mesos.Resource, path: str) -> Value:
    try:
        return _VALUES[wire.type](wire, path)
    except KeyError:
        reason = f"{wire.type} is not a type of resource: use SCALAR, RANGES or SET"
        raise InvalidMessage(f"{path}.type", reason) from None


def _scalar(wire: mesos.Resource, path: str) -> Value:
    scalar = _required(wire.scalar, f"{path}.scalar", "the type is SCALAR")
    try:
        return Scalar.of(scalar.value)
    except InvalidQuantity as error:
        raise InvalidMessage(f"{path}.scalar.value", str(error)) from error


def _ranges(wire: mesos.Resource, path: str) -> Value:
    ranges = _required(wire.ranges, f"{path}.ranges", "the type is RANGES")
    try:
        return Ranges(tuple((each.begin, each.end) for each in ranges.range))
    except InvalidQuantity as error:
        raise InvalidMessage(f"{path}.ranges", str(error)) from error


def _items(wire: mesos.Resource, path: str) -> Value:
    return Items(tuple(_required(wire.set, f"{path}.set", "the type is SET").item))


_VALUES: dict[mesos.ValueType, Callable[[mesos.Resource, str], Value]] = {
    mesos.ValueType.SCALAR: _scalar,
    mesos.ValueType.RANGES: _ranges,
    mesos.ValueType.SET: _items,
}


# -- reservations


def _reservations(wire: mesos.Resource, path: str) -> tuple[Reservation, ...]:
    role = _present(wire.role)
    if not wire.reservations:
        return _older_reservation(wire, UNRESERVED if role is None else role, path)
    stack = tuple(
        reservation_from_wire(each, f"{path}.reservations[{index}]")
        for index, each in enumerate(wire.reservations)
    )
    if role is not None and role not in (UNRESERVED, stack[-1].role):
        reason = f"it contradicts the last of the reservations, which is for {stack[-1].role!r}"
        raise InvalidMessage(f"{path}.role", reason)
    return stack


def _older_reservation(wire: mesos.Resource, role: str, path: str) -> tuple[Reservation, ...]:
    _check_role(role, f"{path}.role")
    if wire.reservation is UNSET:
        return () if role == UNRESERVED else (Reservation(role, dynamic=False),)
    if role == UNRESERVED:
        reason = "set `role` beside it to the role it is for, or use `reservations`"
        raise InvalidMessage(f"{path}.reservation", reason)
    reservation = wire.reservation
    labels = labels_from_wire(reservation.labels)
    return (Reservation(role, dynamic=True, principal=_present(reservation.principal), labels=labels),)


def reservation_from_wire(wire: mesos.ResourceReservationInfo, path: str) -> Reservation:
    """One reservation, in the form that says its role itself."""
    role = _required(wire.role, f"{path}.role", "a reservation is for a role")
    _check_role(role, f"{path}.role")
    if wire.type not in (_STATIC, _DYNAMIC):
        raise InvalidMessage(f"{path}.type", "set it to STATIC or DYNAMIC")
    return Reservation(
        role=role,
        dynamic=wire.type is _DYNAMIC,
        principal=_present(wire.principal),
        labels=labels_from_wire(wire.labels),
    )


def reservation_to_wire(reservation: Reservation) -> mesos.ResourceReservationInfo:
    """The message of one reservation."""
    return mesos.ResourceReservationInfo(
        type=_DYNAMIC if reservation.dynamic else _STATIC,
        role=reservation.role,
        principal=_or_unset(reservation.principal),
        labels=labels_to_wire(reservation.labels),
    )


# -- disks


def _disk(wire: mesos.ResourceDiskInfo, path: str) -> Disk:
    return Disk(
        source=None if wire.source is UNSET else disk_source_from_wire(wire.source, f"{path}.source"),
        persistence=persistence_from_wire(wire.persistence),
        volume=None if wire.volume is UNSET else _volume(wire.volume, f"{path}.volume"),
    )


def persistence_from_wire(wire: mesos.ResourceDiskInfoPersistence | UnsetType) -> Persistence | None:
    """What persists on a disk; None when the message is not set."""
    return None if wire is UNSET else Persistence(wire.id, _present(wire.principal))


def disk_source_from_wire(wire: mesos.ResourceDiskInfoSource, path: str = "source") -> DiskSource:
    """Where the disk comes from. `root` is taken from the member that belongs to the type."""
    return DiskSource(
        type=source_type_from_wire(wire.type, f"{path}.type"),
        root=_root(wire, path),
        id=_present(wire.id),
        metadata=labels_from_wire(wire.metadata),
        profile=_present(wire.profile),
        vendor=_present(wire.vendor),
        capacity_group=_present(wire.capacity_group),
        cost_milli=_cost(wire, path),
    )


def source_type_from_wire(wire: mesos.ResourceDiskInfoSourceType, path: str = "type") -> SourceType:
    """The type by its name, which is the same on both sides."""
    if wire is mesos.ResourceDiskInfoSourceType.UNKNOWN:
        raise InvalidMessage(path, "UNKNOWN is not a type of disk: use RAW, MOUNT, BLOCK or PATH")
    return SourceType(wire.value)


def _root(wire: mesos.ResourceDiskInfoSource, path: str) -> str | None:
    for member, belongs_to in (("mount", _MOUNT), ("path", _PATH)):
        if getattr(wire, member) is not UNSET and wire.type is not belongs_to:
            reason = f"it belongs to a disk of type {belongs_to}, and this is {wire.type}"
            raise InvalidMessage(f"{path}.{member}", reason)
    if wire.mount is not UNSET:
        return _present(wire.mount.root)
    return None if wire.path is UNSET else _present(wire.path.root)


def _cost(wire: mesos.ResourceDiskInfoSource, path: str) -> int:
    if wire.cost is UNSET:
        return DEFAULT_COST_MILLI
    try:
        cost = to_milli(wire.cost)
    except InvalidQuantity as error:
        raise InvalidMessage(f"{path}.cost", str(error)) from error
    if cost == 0:
        raise InvalidMessage(
            f"{path}.cost", "nothing is for free: give at least 0.001, or leave it out for 1"
        )
    return cost


def _volume(wire: mesos.Volume, path: str) -> VolumeMount:
    for name in ("image", "source"):
        if getattr(wire, name) is not UNSET:
            raise InvalidMessage(f"{path}.{name}", "leave it out: the disk itself is what is mounted")
    return VolumeMount(wire.container_path, wire.mode is mesos.VolumeMode.RO, _present(wire.host_path))


def disk_to_wire(disk: Disk) -> mesos.ResourceDiskInfo:
    """The message of a disk."""
    wire = mesos.ResourceDiskInfo()
    if disk.persistence is not None:
        wire.persistence = persistence_to_wire(disk.persistence)
    if disk.volume is not None:
        mode = mesos.VolumeMode.RO if disk.volume.read_only else mesos.VolumeMode.RW
        wire.volume = mesos.Volume(
            container_path=disk.volume.container_path,
            host_path=_or_unset(disk.volume.host_path),
            mode=mode,
        )
    if disk.source is not None:
        wire.source = disk_source_to_wire(disk.source)
    return wire


def persistence_to_wire(persistence: Persistence) -> mesos.ResourceDiskInfoPersistence:
    """The message of what persists on a disk."""
    return mesos.ResourceDiskInfoPersistence(id=persistence.id, principal=_or_unset(persistence.principal))


def disk_source_to_wire(source: DiskSource) -> mesos.ResourceDiskInfoSource:
    """The message of a disk's source; a cost of 1 is left out."""
    wire = mesos.ResourceDiskInfoSource(
        type=source_type_to_wire(source.type),
        id=_or_unset(source.id),
        metadata=labels_to_wire(source.metadata),
        profile=_or_unset(source.profile),
        vendor=_or_unset(source.vendor),
        capacity_group=_or_unset(source.capacity_group),
    )
    if source.cost_milli != DEFAULT_COST_MILLI:
        wire.cost = from_milli(source.cost_milli)
    if source.root is not None and source.type is SourceType.MOUNT:
        wire.mount = mesos.ResourceDiskInfoSourceMount(root=source.root)
    if source.root is not None and source.type is SourceType.PATH:
        wire.path = mesos.ResourceDiskInfoSourcePath(root=source.root)
    return wire


def source_type_to_wire(source_type: SourceType) -> mesos.ResourceDiskInfoSourceType:
    """The type by its name."""
    return mesos.ResourceDiskInfoSourceType(source_type.value)


# -- labels and identifiers


def labels_from_wire(wire: mesos.Labels | UnsetType) -> Labels:
    """Labels in the order given; unset and empty are the same."""
    return () if wire is UNSET else tuple((label.key, _present(label.value)) for label in wire.labels)


def labels_to_wire(labels: Labels) -> mesos.Labels | UnsetType:
    """Unset when there are none."""
    if not labels:
        return UNSET
    return mesos.Labels(labels=[mesos.Label(key=key, value=_or_unset(value)) for key, value in labels])


def uuid_from_wire(wire: mesos.UUID, path: str = "uuid") -> uuid.UUID:
    """The UUID of a message that holds one."""
    return uuid_from_bytes(wire.value, f"{path}.value")


def uuid_from_bytes(value: bytes, path: str = "uuid") -> uuid.UUID:
    """The UUID in a field of bytes: 16 of them, most significant first."""
    if len(value) != UUID_BYTES:
        raise InvalidMessage(path, f"a UUID has {UUID_BYTES} bytes, and this has {len(value)}")
    return uuid.UUID(bytes=value)


def uuid_to_wire(value: uuid.UUID) -> mesos.UUID:
    """The message that holds the UUID."""
    return mesos.UUID(value=value.bytes)


def uuids_from_wire(wire: Sequence[mesos.UUID], path: str = "uuids") -> tuple[uuid.UUID, ...]:
    """Several, in the order given."""
    return tuple(uuid_from_wire(each, f"{path}[{index}]") for index, each in enumerate(wire))


# -- presence


def _present(value: T | UnsetType) -> T | None:
    return None if value is UNSET else value


def _or_unset(value: T | None) -> T | UnsetType:
    return UNSET if value is None else value


def _required(value: T | UnsetType, path: str, because: str) -> T:
    if value is UNSET:
        raise InvalidMessage(path, f"set this field: {because}")
    return value


def _check_role(role: str, path: str) -> None:
    try:
        validate_role(role)
    except InvalidRole as error:
        raise InvalidMessage(path, str(error)) from error
