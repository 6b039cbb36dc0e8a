"""Resources as scenarios write them, and as the model has them.

A scenario names what there is by name, size and profile; the model also wants ids of providers and disks.
Those are made here and never shown: what is taken out of an agent's resources is found by what was written.

Must not: know steps, frameworks or the allocator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.model.disk import DEFAULT_COST_MILLI, Disk, DiskSource, SourceType
from api.model.errors import InvalidRequest
from api.model.resource import Reservation, Resource
from api.model.resources import EMPTY, Resources
from api.model.roles import UNRESERVED
from api.model.values import Ranges, Scalar

PROVIDER = "storage"
"""Which provider the pools and disks of an agent belong to."""

VENDOR = "scenario"


class NotThere(InvalidRequest):
    """What was named is not among the resources it should be taken from."""


@dataclass(frozen=True, slots=True)
class Pool:
    """A RAW pool: its size in milli-MB, and what it shares."""

    milli: int
    group: str | None = None
    cost_milli: int = DEFAULT_COST_MILLI


@dataclass(frozen=True, slots=True)
class Part:
    """What is reserved for one role, or for nobody. Amounts in milli-units, disks in milli-MB."""

    scalars: Mapping[str, int] = field(default_factory=dict)
    revocable: Mapping[str, int] = field(default_factory=dict)
    ranges: Mapping[str, Ranges] = field(default_factory=dict)
    mount_disks: tuple[int, ...] = ()
    pools: Mapping[str, Pool] = field(default_factory=dict)


Written = Mapping[str, Part]
"""By the role that it is reserved for; "*" is what is not."""


def present(written: Written, known: Resources = EMPTY, more: bool = False) -> Resources:
    """All of it as resources of an agent that has `known`: disks that it has already keep their ids.

    `more`: what is written comes besides what is known, so all its disks are new.
    """
    found: list[Resource] = []
    ids = _DiskIds(known, reuse=not more)
    for role, part in written.items():
        plain = [
            *(Resource(name, Scalar(milli)) for name, milli in part.scalars.items()),
            *(Resource(name, Scalar(milli), revocable=True) for name, milli in part.revocable.items()),
            *(Resource(name, ranges) for name, ranges in part.ranges.items()),
            *(_pool(profile, pool) for profile, pool in part.pools.items()),
            *(_mount_disk(ids.next(role, milli), milli) for milli in part.mount_disks),
        ]
        if role != UNRESERVED:
            plain = [resource.push_reservation(Reservation(role, dynamic=False)) for resource in plain]
        found += plain
    return Resources(found)


def taken(held: Resources, wanted: Written) -> Resources:
    """The part of `held` that `wanted` names. Raises NotThere."""
    left = held
    found: list[Resource] = []
    for role, part in wanted.items():
        for name, milli in part.scalars.items():
            found += _scalars(left, (name, role, False, None), milli)
        for name, milli in part.revocable.items():
            found += _scalars(left, (name, role, True, None), milli)
        for profile, pool in part.pools.items():
            found += _scalars(left, ("disk", role, False, profile), pool.milli)
        for name, ranges in part.ranges.items():
            found += _ranges(left, name, role, ranges)
        for milli in part.mount_disks:
            disk = _one_disk(left, role, milli)
            left = left - Resources([disk])
            found.append(disk)
    return Resources(found)


def shown(resources: Resources) -> dict[str, Any]:
    """As a scenario writes them: unreserved first, then by role."""
    found = _shown_part(resource for resource in resources if not resource.is_reserved)
    for role in resources.roles():
        found[f"reserved:{role}"] = _shown_part(resources.reserved_to(role))
    return found


def number(milli: int) -> int | float:
    """Milli-units in units, whole where they are."""
    return milli // 1000 if milli % 1000 == 0 else milli / 1000


def same(resources: Resources, wanted: Written) -> bool:
    """Whether they are just what is written; a pool's group and cost do not matter."""
    return _forms(resources) == _written_forms(wanted)


# Within


class _DiskIds:
    """Ids of an agent's indivisible disks: one of the same size and role that it has, else a new one."""

    def __init__(self, known: Resources, reuse: bool) -> None:
        self._known = [(r.role, r.milli, _id(r)) for r in known if r.is_indivisible and reuse]
        self._numbers = {int(_id(r).rpartition("-")[2]) for r in known if r.is_indivisible}

    def next(self, role: str, milli: int) -> str:
        for at, (known_role, known_milli, disk_id) in enumerate(self._known):
            if (known_role, known_milli) == (role, milli):
                del self._known[at]
                return disk_id
        number_ = max(self._numbers, default=0) + 1
        self._numbers.add(number_)
        return f"disk-{number_}"


def _id(resource: Resource) -> str:
    source = resource.disk.source if resource.disk is not None else None
    return (source.id if source is not None else None) or ""


def _pool(profile: str, pool: Pool) -> Resource:
    source = DiskSource(
        SourceType.RAW,
        profile=profile,
        vendor=VENDOR,
        capacity_group=pool.group,
        cost_milli=pool.cost_milli,
    )
    return Resource("disk", Scalar(pool.milli), disk=Disk(source), provider_id=PROVIDER)


def _mount_disk(disk_id: str, milli: int) -> Resource:
    source = DiskSource(SourceType.MOUNT, id=disk_id, root=f"/{disk_id}", vendor=VENDOR)
    return Resource("disk", Scalar(milli), disk=Disk(source), provider_id=PROVIDER)


def _profile(resource: Resource) -> str | None:
    source = resource.disk.source if resource.disk is not None else None
    return source.profile if source is not None else None


_Form = tuple[str, str, bool, str | None]
"""Name, role it is reserved for ("*": none), revocable, profile of a pool."""


def _form(resource: Resource) -> _Form:
    return (resource.name, resource.role, resource.revocable, _profile(resource))


def _scalars(held: Resources, form: _Form, milli: int) -> list[Resource]:
    found: list[Resource] = []
    left = milli
    for resource in held.divisible:
        if left and isinstance(resource.value, Scalar) and _form(resource) == form:
            part = min(left, resource.milli)
            found.append(resource.with_value(Scalar(part)))
            left -= part
    if left:
        name, role, revocable, profile = form
        words = ["revocable " if revocable else "", f"pool {profile}" if profile else name]
        words.append(f" reserved for {role}" if role != UNRESERVED else "")
        raise NotThere(f"{number(milli)} of {''.join(words)} is wanted, {number(milli - left)} is there")
    return found


def _ranges(held: Resources, name: str, role: str, wanted: Ranges) -> list[Resource]:
    for resource in held.divisible:
        if (resource.name, resource.role) != (name, role) or not isinstance(resource.value, Ranges):
            continue
        if resource.value.covers(wanted):
            return [resource.with_value(wanted)]
    raise NotThere(f"{name} {_text(wanted)} is not all there")


def _one_disk(held: Resources, role: str, milli: int) -> Resource:
    for resource in held.counted:
        if resource.role == role and resource.milli == milli:
            return resource
    raise NotThere(f"no disk of {number(milli)} MB is there{'' if role == UNRESERVED else ' for ' + role}")


def _text(ranges: Ranges) -> str:
    return ",".join(f"{lo}-{hi}" for lo, hi in ranges.ranges)


def _shown_part(resources: Iterable[Resource]) -> dict[str, Any]:
    amounts: dict[str, int] = {}
    found: dict[str, Any] = {}
    disks: list[int | float] = []
    pools: dict[str, Any] = {}
    for resource in resources:
        profile = _profile(resource)
        if resource.is_indivisible:
            disks.append(number(resource.milli))
        elif profile is not None:
            pools[profile] = _shown_pool(resource, pools.get(profile, {}).get("mb", 0))
        elif isinstance(resource.value, Ranges):
            found[resource.name] = _text(resource.value)
        else:
            name = f"revocable_{resource.name}" if resource.revocable else resource.name
            amounts[name] = amounts.get(name, 0) + resource.milli
    found = {name: number(milli) for name, milli in sorted(amounts.items())} | found
    if disks:
        found["mount_disk"] = sorted(disks)
    if pools:
        found["pools"] = pools
    return found


def _shown_pool(resource: Resource, before: int | float) -> dict[str, Any]:
    found: dict[str, Any] = {"mb": number(resource.milli + round(before * 1000))}
    source = resource.disk.source if resource.disk is not None else None
    if source is not None and source.capacity_group is not None:
        found["group"] = source.capacity_group
    if source is not None and (source.capacity_group is not None or source.cost_milli != DEFAULT_COST_MILLI):
        found["cost"] = number(source.cost_milli)
    return found


_Forms = tuple[dict[_Form, int], dict[tuple[str, str], Ranges], list[tuple[str, int]]]


def _forms(resources: Resources) -> _Forms:
    amounts: dict[_Form, int] = {}
    ranges: dict[tuple[str, str], Ranges] = {}
    for resource in resources.divisible:
        if isinstance(resource.value, Ranges):
            ranges[resource.name, resource.role] = resource.value
        else:
            amounts[_form(resource)] = amounts.get(_form(resource), 0) + resource.milli
    return amounts, ranges, sorted((r.role, r.milli) for r in resources.counted)


def _written_forms(written: Written) -> _Forms:
    amounts: dict[_Form, int] = {}
    ranges: dict[tuple[str, str], Ranges] = {}
    disks: list[tuple[str, int]] = []
    for role, part in written.items():
        amounts |= {(name, role, False, None): milli for name, milli in part.scalars.items() if milli}
        amounts |= {(name, role, True, None): milli for name, milli in part.revocable.items() if milli}
        amounts |= {
            ("disk", role, False, name): pool.milli for name, pool in part.pools.items() if pool.milli
        }
        ranges |= {(name, role): value for name, value in part.ranges.items() if not value.is_empty}
        disks += [(role, milli) for milli in part.mount_disks]
    return amounts, ranges, sorted(disks)
