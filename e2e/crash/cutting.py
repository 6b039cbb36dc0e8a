"""Operations made from what an offer holds: each takes its part of it, or does not find what it needs.

Everything here answers an operation and the resources that it leaves, None when the offer does not suffice.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import UNSET

from api.wire.v1 import mesos

Left = list[mesos.Resource]
Made = tuple[mesos.OfferOperation, Left] | None
Make = Callable[[mesos.Offer, Left], Made]
Kind = mesos.OfferOperationType
Target = mesos.ResourceDiskInfoSourceType


def create_disk(profile: str, size_mb: float, role: str, persistence_id: str = "") -> Make:
    """A disk of a profile's pool; with a persistence id whole, as a reserved persistent volume."""

    def make(offer: mesos.Offer, left: Left) -> Made:
        index = _pool(left, profile, size_mb)
        if index is None:
            return None
        create = mesos.OfferOperationCreateDisk(
            source=_sized(left[index], size_mb),
            target_type=Target.BLOCK if profile == "block" else Target.MOUNT,
        )
        if persistence_id:
            dynamic = mesos.ResourceReservationInfoType.DYNAMIC
            create.target_reservations = [mesos.ResourceReservationInfo(type=dynamic, role=role)]
            create.target_persistence = mesos.ResourceDiskInfoPersistence(id=persistence_id)
        return mesos.OfferOperation(type=Kind.CREATE_DISK, create_disk=create), _less(left, index, size_mb)

    return make


def grow_volume(disk_id: str, profile: str, more_mb: float) -> Make:
    """The disk, larger by a piece of its profile's pool."""

    def make(offer: mesos.Offer, left: Left) -> Made:
        at, pool = _disk(left, disk_id), _pool(left, profile, more_mb)
        if at is None or pool is None:
            return None
        grow = mesos.OfferOperationGrowVolume(volume=left[at], addition=_sized(left[pool], more_mb))
        rest = _less(left, pool, more_mb)
        return mesos.OfferOperation(type=Kind.GROW_VOLUME, grow_volume=grow), _without(rest, at)

    return make


def destroy_disk(disk_id: str) -> Make:
    """The end of a disk; of a persistent volume in one piece."""

    def make(offer: mesos.Offer, left: Left) -> Made:
        at = _disk(left, disk_id)
        if at is None:
            return None
        destroy = mesos.OfferOperationDestroyDisk(source=left[at])
        if left[at].disk is not UNSET and left[at].disk.persistence is not UNSET:
            destroy.whole = True
        return mesos.OfferOperation(type=Kind.DESTROY_DISK, destroy_disk=destroy), _without(left, at)

    return make


def launch(name: str, disk_id: str, command: str) -> Make:
    """A task with the disk at /data."""

    def make(offer: mesos.Offer, left: Left) -> Made:
        taken = _task_resources(left, disk_id)
        if taken is None:
            return None
        resources, rest = taken
        task = mesos.TaskInfo(
            name="story",
            task_id=mesos.TaskID(value=name),
            agent_id=offer.agent_id,
            resources=resources,
            command=mesos.CommandInfo(shell=True, value=command),
        )
        operation = mesos.OfferOperationLaunch(task_infos=[task])
        return mesos.OfferOperation(type=Kind.LAUNCH, launch=operation), rest

    return make


def disk_id(resource: mesos.Resource) -> str:
    """The id of its source; empty for a pool, and for what is no disk of a plugin."""
    source = _source(resource)
    return "" if source is None or source.id is UNSET else source.id


def _source(resource: mesos.Resource) -> mesos.ResourceDiskInfoSource | None:
    if resource.disk is UNSET or resource.disk.source is UNSET:
        return None
    return resource.disk.source


def _profile(resource: mesos.Resource) -> str:
    source = _source(resource)
    return "" if source is None or source.profile is UNSET else source.profile


def _pool(left: Left, profile: str, size_mb: float) -> int | None:
    for index, each in enumerate(left):
        if _profile(each) == profile and not disk_id(each) and each.scalar.value >= size_mb:
            return index
    return None


def _disk(left: Left, wanted: str) -> int | None:
    return next((index for index, each in enumerate(left) if disk_id(each) == wanted), None)


def _less(left: Left, index: int, value: float) -> Left:
    return [*left[:index], _sized(left[index], left[index].scalar.value - value), *left[index + 1 :]]


def _without(left: Left, index: int) -> Left:
    return [*left[:index], *left[index + 1 :]]


def _sized(resource: mesos.Resource, value: float) -> mesos.Resource:
    return msgspec.structs.replace(resource, scalar=mesos.ValueScalar(value=value))


def _task_resources(left: Left, wanted: str) -> tuple[Left, Left] | None:
    taken, rest = [], list(left)
    for index, resource in enumerate(rest):
        need = {"cpus": 0.05, "mem": 32.0}.get(resource.name)
        if need and resource.scalar is not UNSET and resource.scalar.value >= need:
            if any(each.name == resource.name for each in taken):
                continue
            taken.append(_sized(resource, need))
            rest[index] = _sized(resource, resource.scalar.value - need)
        elif disk_id(resource) == wanted:
            volume = mesos.Volume(container_path="/data", mode=mesos.VolumeMode.RW)
            disk = msgspec.structs.replace(resource.disk, volume=volume)
            taken.append(msgspec.structs.replace(resource, disk=disk))
            rest[index] = _sized(resource, 0.0)
    if len(taken) != 3:
        return None
    return taken, [each for each in rest if each.scalar is UNSET or each.scalar.value > 0]
