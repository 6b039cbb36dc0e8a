"""What offers hold, found: functions that look for something in an offer. Pure.

Each returns a `Pick`: given an offer, what it found in it, or None. Users write their own in the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from msgspec import UNSET

from api.wire.v1 import mesos

T = TypeVar("T")
Pick = Callable[[mesos.Offer], T | None]
"""Looks for something in an offer; None: it is not there."""

SourceType = mesos.ResourceDiskInfoSourceType


def pool(profile: str, mb: float = 0.0) -> Pick[mesos.Resource]:
    """A storage pool of the profile with as many MB (of 2^20 bytes) left: what CREATE_DISK takes from."""

    def pick(offer: mesos.Offer) -> mesos.Resource | None:
        for resource in offer.resources:
            source = source_of(resource)
            if source is None or source.type is not SourceType.RAW or source.id is not UNSET:
                continue
            if source.profile == profile and amount_of(resource) >= mb:
                return resource
        return None

    return pick


def disk(source_id: str) -> Pick[mesos.Resource]:
    """The disk of that source id, as CREATE_DISK gave it."""
    return _resource(lambda resource: source_of(resource) is not None and _id_of(resource) == source_id)


def volume(persistence_id: str) -> Pick[mesos.Resource]:
    """The persistent volume of that id; an operator's volume has its name for one."""

    def is_it(resource: mesos.Resource) -> bool:
        held = resource.disk
        persistence = UNSET if held is UNSET else held.persistence
        return persistence is not UNSET and persistence.id == persistence_id

    return _resource(is_it)


def scalars(cpus: float = 0.0, mem: float = 0.0) -> Pick[bool]:
    """True for an offer with so many cpus and MB of memory."""

    def pick(offer: mesos.Offer) -> bool | None:
        wanted = {"cpus": cpus, "mem": mem}
        found = dict.fromkeys(wanted, 0.0)
        for resource in offer.resources:
            if resource.name in found:
                found[resource.name] += amount_of(resource)
        return all(found[name] >= amount for name, amount in wanted.items()) or None

    return pick


def source_of(resource: mesos.Resource) -> mesos.ResourceDiskInfoSource | None:
    """Where a disk comes from; None of what is no disk with a source."""
    held = resource.disk
    return None if held is UNSET or held.source is UNSET else held.source


def amount_of(resource: mesos.Resource) -> float:
    """Of a scalar resource, in its unit (cpus, MB); 0 of another."""
    return 0.0 if resource.scalar is UNSET else resource.scalar.value


def _id_of(resource: mesos.Resource) -> object:
    source = source_of(resource)
    return None if source is None else source.id


def _resource(is_it: Callable[[mesos.Resource], bool]) -> Pick[mesos.Resource]:
    return lambda offer: next((resource for resource in offer.resources if is_it(resource)), None)
