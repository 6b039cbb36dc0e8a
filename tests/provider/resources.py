"""Resources and operations as schedulers send them, for the provider's tests."""

from __future__ import annotations

import uuid

from api.model.disk import Disk, DiskSource, Persistence, SourceType
from api.model.operation import Create, CreateDisk, Destroy, DestroyDisk, GrowVolume, Reserve, Unreserve
from api.model.resources import Reservation, Resource, Scalar
from provider.events import ApplyOperation
from tests.provider.world import PROVIDER, VENDOR

MB = 2**20
ROLE = Reservation("data")


def pool(mb: float, profile: str = "default", *reservations: Reservation) -> Resource:
    source = DiskSource(SourceType.RAW, profile=profile, vendor=VENDOR)
    return Resource("disk", Scalar.of(mb), reservations, Disk(source), PROVIDER)


def persistent(disk: Resource, name: str) -> Resource:
    assert disk.disk is not None
    return disk.with_disk(Disk(disk.disk.source, Persistence(name)))


def reserved(disk: Resource) -> Resource:
    return disk.push_reservation(ROLE)


def op(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


def create_disk(number: int, mb: float, profile: str = "default", *, block: bool = False) -> ApplyOperation:
    target = SourceType.BLOCK if block else SourceType.MOUNT
    return ApplyOperation(op(number), CreateDisk(pool(mb, profile), target), "framework")


def grow(number: int, volume: Resource, addition: Resource) -> ApplyOperation:
    return ApplyOperation(op(number), GrowVolume(volume, addition), "framework")


def destroy_disk(number: int, disk: Resource) -> ApplyOperation:
    return ApplyOperation(op(number), DestroyDisk(disk), "framework")


def reserve(number: int, *resources: Resource) -> ApplyOperation:
    return ApplyOperation(op(number), Reserve(resources), "framework")


def unreserve(number: int, *resources: Resource) -> ApplyOperation:
    return ApplyOperation(op(number), Unreserve(resources), "framework")


def create(number: int, *volumes: Resource) -> ApplyOperation:
    return ApplyOperation(op(number), Create(volumes), "framework")


def destroy(number: int, *volumes: Resource) -> ApplyOperation:
    return ApplyOperation(op(number), Destroy(volumes), "framework")
