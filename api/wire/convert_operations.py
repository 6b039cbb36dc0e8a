"""Operations and their statuses between the wire and the model.

LAUNCH and what else is accepted through offers but is no operation of the model is `Unsupported` here: who
serves it takes it out before. Whether an operation makes sense is for `api.model.operation_rules`.
"""

import uuid
from collections.abc import Callable
from typing import Final, TypeVar

from msgspec import UNSET, UnsetType

from api.model.operation import (
    Create,
    CreateDisk,
    Destroy,
    DestroyDisk,
    GrowVolume,
    Operation,
    OperationState,
    Reserve,
    ShrinkVolume,
    Unreserve,
)
from api.model.quantity import MILLI, InvalidQuantity
from api.model.resources import Resources, Scalar
from api.wire.convert import (
    persistence_from_wire,
    persistence_to_wire,
    reservation_from_wire,
    reservation_to_wire,
    resource_from_wire,
    resource_list_from_wire,
    resource_to_wire,
    resources_from_wire,
    resources_to_wire,
    source_type_from_wire,
    source_type_to_wire,
    uuid_to_wire,
)
from api.wire.errors import InvalidMessage, Unsupported
from api.wire.v1 import mesos

T = TypeVar("T")
_Type = mesos.OfferOperationType


def operation_from_wire(wire: mesos.OfferOperation, path: str = "operation") -> Operation:
    """The operation that the message asks for; its id stays with the caller.

    Raises `InvalidMessage` (the sender mends the field that is named) or `Unsupported` (the sender asks for
    something else).
    """
    if wire.type is UNSET or wire.type is _Type.UNKNOWN:
        raise InvalidMessage(f"{path}.type", "set it to the type of the operation, for example CREATE_DISK")
    read = _READERS.get(wire.type)
    if read is None:
        raise Unsupported(f"{path}: operations of type {wire.type} are not supported here")
    return read(wire, path)


def operation_to_wire(operation: Operation, operation_id: str | None = None) -> mesos.OfferOperation:
    """The message, with the framework's id of the operation when it gave one."""
    wire = mesos.OfferOperation(type=_Type(operation.type.value))
    if operation_id is not None:
        wire.id = mesos.OperationID(value=operation_id)
    match operation:
        case Reserve(resources, source):
            wire.reserve = mesos.OfferOperationReserve(
                resources=resources_to_wire(resources), source=resources_to_wire(source)
            )
        case Unreserve(resources):
            wire.unreserve = mesos.OfferOperationUnreserve(resources=resources_to_wire(resources))
        case Create(volumes):
            wire.create = mesos.OfferOperationCreate(volumes=resources_to_wire(volumes))
        case Destroy(volumes):
            wire.destroy = mesos.OfferOperationDestroy(volumes=resources_to_wire(volumes))
        case CreateDisk():
            wire.create_disk = _create_disk_to_wire(operation)
        case DestroyDisk(source, whole):
            wire.destroy_disk = mesos.OfferOperationDestroyDisk(
                source=resource_to_wire(source), whole=True if whole else UNSET
            )
        case GrowVolume(volume, addition):
            wire.grow_volume = mesos.OfferOperationGrowVolume(
                volume=resource_to_wire(volume), addition=resource_to_wire(addition)
            )
        case ShrinkVolume(volume, milli):
            wire.shrink_volume = mesos.OfferOperationShrinkVolume(
                volume=resource_to_wire(volume), subtract=mesos.ValueScalar(value=milli / MILLI)
            )
    return wire


def _create_disk_to_wire(operation: CreateDisk) -> mesos.OfferOperationCreateDisk:
    wire = mesos.OfferOperationCreateDisk(
        source=resource_to_wire(operation.source),
        target_type=source_type_to_wire(operation.target_type),
        target_reservations=[reservation_to_wire(each) for each in operation.target_reservations],
    )
    if operation.target_profile is not None:
        wire.target_profile = operation.target_profile
    if operation.target_persistence is not None:
        wire.target_persistence = persistence_to_wire(operation.target_persistence)
    return wire


def _reserve(wire: mesos.OfferOperation, path: str) -> Operation:
    payload = _payload(wire.reserve, wire, f"{path}.reserve")
    return Reserve(
        resource_list_from_wire(payload.resources, f"{path}.reserve.resources"),
        resource_list_from_wire(payload.source, f"{path}.reserve.source"),
    )


def _unreserve(wire: mesos.OfferOperation, path: str) -> Operation:
    payload = _payload(wire.unreserve, wire, f"{path}.unreserve")
    return Unreserve(resource_list_from_wire(payload.resources, f"{path}.unreserve.resources"))


def _create(wire: mesos.OfferOperation, path: str) -> Operation:
    payload = _payload(wire.create, wire, f"{path}.create")
    return Create(resource_list_from_wire(payload.volumes, f"{path}.create.volumes"))


def _destroy(wire: mesos.OfferOperation, path: str) -> Operation:
    payload = _payload(wire.destroy, wire, f"{path}.destroy")
    return Destroy(resource_list_from_wire(payload.volumes, f"{path}.destroy.volumes"))


def _create_disk(wire: mesos.OfferOperation, path: str) -> Operation:
    path = f"{path}.create_disk"
    payload = _payload(wire.create_disk, wire, path)
    return CreateDisk(
        source=resource_from_wire(payload.source, f"{path}.source"),
        target_type=source_type_from_wire(payload.target_type, f"{path}.target_type"),
        target_profile=None if payload.target_profile is UNSET else payload.target_profile,
        target_reservations=tuple(
            reservation_from_wire(each, f"{path}.target_reservations[{index}]")
            for index, each in enumerate(payload.target_reservations)
        ),
        target_persistence=persistence_from_wire(payload.target_persistence),
    )


def _destroy_disk(wire: mesos.OfferOperation, path: str) -> Operation:
    payload = _payload(wire.destroy_disk, wire, f"{path}.destroy_disk")
    source = resource_from_wire(payload.source, f"{path}.destroy_disk.source")
    return DestroyDisk(source, payload.whole is True)


def _grow_volume(wire: mesos.OfferOperation, path: str) -> Operation:
    payload = _payload(wire.grow_volume, wire, f"{path}.grow_volume")
    return GrowVolume(
        resource_from_wire(payload.volume, f"{path}.grow_volume.volume"),
        resource_from_wire(payload.addition, f"{path}.grow_volume.addition"),
    )


def _shrink_volume(wire: mesos.OfferOperation, path: str) -> Operation:
    payload = _payload(wire.shrink_volume, wire, f"{path}.shrink_volume")
    volume = resource_from_wire(payload.volume, f"{path}.shrink_volume.volume")
    try:
        return ShrinkVolume(volume, Scalar.of(payload.subtract.value).milli)
    except InvalidQuantity as error:
        raise InvalidMessage(f"{path}.shrink_volume.subtract", str(error)) from error


_READERS: Final[dict[mesos.OfferOperationType, Callable[[mesos.OfferOperation, str], Operation]]] = {
    _Type.RESERVE: _reserve,
    _Type.UNRESERVE: _unreserve,
    _Type.CREATE: _create,
    _Type.DESTROY: _destroy,
    _Type.CREATE_DISK: _create_disk,
    _Type.DESTROY_DISK: _destroy_disk,
    _Type.GROW_VOLUME: _grow_volume,
    _Type.SHRINK_VOLUME: _shrink_volume,
}


def _payload(payload: T | UnsetType, wire: mesos.OfferOperation, path: str) -> T:
    if payload is UNSET:
        raise InvalidMessage(path, f"set this field: the type is {wire.type}")
    return payload


def state_from_wire(state: mesos.OperationState) -> OperationState:
    """The state by its name, which is the same on both sides."""
    return OperationState(state.value)


def state_to_wire(state: OperationState) -> mesos.OperationState:
    """The state by its name."""
    return mesos.OperationState(state.value)


def status_to_wire(
    state: OperationState,
    *,
    timestamp: float,
    operation_id: str | None = None,
    message: str | None = None,
    converted: Resources | None = None,
    status_uuid: uuid.UUID | None = None,
    agent_id: str | None = None,
    resource_provider_id: str | None = None,
) -> mesos.OperationStatus:
    """A status. `timestamp`: seconds since the epoch. With a `status_uuid` it must be acknowledged."""
    wire = mesos.OperationStatus(state=state_to_wire(state), timestamp=timestamp)
    if operation_id is not None:
        wire.operation_id = mesos.OperationID(value=operation_id)
    if message is not None:
        wire.message = message
    if converted is not None:
        wire.converted_resources = resources_to_wire(converted)
    if status_uuid is not None:
        wire.uuid = uuid_to_wire(status_uuid)
    if agent_id is not None:
        wire.agent_id = mesos.AgentID(value=agent_id)
    if resource_provider_id is not None:
        wire.resource_provider_id = mesos.ResourceProviderID(value=resource_provider_id)
    return wire


def converted_from_wire(status: mesos.OperationStatus, path: str = "status") -> Resources:
    """What a finished operation turned its resources into; empty for every other state."""
    return resources_from_wire(status.converted_resources, f"{path}.converted_resources")
