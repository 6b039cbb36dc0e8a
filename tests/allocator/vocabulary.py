"""Resources as the allocator's tests write them. Amounts in units: cpus, MB."""

from __future__ import annotations

import dataclasses

from api.model.disk import Disk, DiskSource, Persistence, SourceType
from api.model.resource import Reservation, Resource, scalar
from api.model.resources import Resources
from api.model.values import Ranges, Scalar

PROVIDER = "provider-1"


def cpus(amount: float) -> Resource:
    return scalar("cpus", round(amount * 1000))


def mem(mb: int) -> Resource:
    return scalar("mem", mb * 1000)


def custom(name: str, amount: float) -> Resource:
    return Resource(name, Scalar.of(amount))


def ports(lo: int, hi: int) -> Resource:
    return Resource("ports", Ranges(((lo, hi),)))


def pool(profile: str, mb: int, group: str | None = None, cost: float = 1.0) -> Resource:
    source = DiskSource(
        SourceType.RAW, profile=profile, vendor="v", capacity_group=group, cost_milli=round(cost * 1000)
    )
    return Resource("disk", Scalar(mb * 1000), disk=Disk(source), provider_id=PROVIDER)


def mount(name: str, mb: int, persistent: bool = False, cost: float = 1.0, profile: str = "fast") -> Resource:
    source = DiskSource(
        SourceType.MOUNT,
        id=name,
        profile=profile,
        vendor="v",
        root=f"/volumes/{name}",
        cost_milli=round(cost * 1000),
    )
    persistence = Persistence(name) if persistent else None
    return Resource("disk", Scalar(mb * 1000), disk=Disk(source, persistence), provider_id=PROVIDER)


def reserved(resource: Resource, role: str) -> Resource:
    return resource.push_reservation(Reservation(role))


def these(*resources: Resource) -> Resources:
    return Resources(resources)


def gpus(number: int) -> Resource:
    return scalar("gpus", number * 1000)


def revocable(amount: float) -> Resource:
    return Resource("cpus", Scalar(round(amount * 1000)), revocable=True)


def shared(name: str, mb: int) -> Resource:
    return dataclasses.replace(mount(name, mb, persistent=True), shared=True)
