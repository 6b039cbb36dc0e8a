"""What a provider owns: storage pools with their accounted capacity, and disks.

Pure arithmetic: no calls, no operations' states. Sizes of pools are accounted, not polled, while
operations run: the capacity read when nothing was going on, less what creations took, plus what
deletions gave back. All profiles of one capacity group gain and lose together.

Invariants: the unreserved part of a pool is what the group's capacity leaves after every reserved
part; divisible resources and indivisible disks are kept apart, because the former are few and are
persisted as one, the latter may be many and are persisted one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from api.model.disk import Disk, DiskSource, SourceType
from api.model.quantity import MILLI, bytes_to_mb_down, mb_milli_to_bytes
from api.model.resources import Conversion, NotContained, Resource, Resources, Scalar
from provider.records import Change, Checkpoint, Profile, SaveCapacity, SaveDisk, SaveDivisible


class Totals:
    """The resources of one provider. Every change returns the records to persist."""

    def __init__(self, vendor: str, checkpoint: Checkpoint) -> None:
        self._vendor = vendor
        in_force = frozenset(checkpoint.profiles_in_force)
        self._profiles: Mapping[str, Profile] = {p.name: p for p in checkpoint.profiles if p.name in in_force}
        self._divisible = Resources(checkpoint.divisible)
        self._disks = Resources(r for r, count in checkpoint.disks for _ in range(count))
        self._available = dict(checkpoint.available)
        self._names = {name for disk in self._disks if (name := _persistence(disk)) is not None}
        self._promised: dict[tuple[str, str], UUID] = {}

    def all(self) -> Resources:
        """Everything, as UPDATE_STATE reports it."""
        return self._divisible + self._disks

    @property
    def disks(self) -> Resources:
        """The indivisible ones."""
        return self._disks

    @property
    def available(self) -> Mapping[str, int]:
        """Accounted bytes by profile."""
        return self._available

    def is_named(self, volume: Resource) -> bool:
        """Whether a persistent volume of that role has, or will have, the persistence id of `volume`."""
        name = _persistence(volume)
        return name in self._names or name in self._promised

    def promise(self, volume: Resource, operation: UUID) -> bool:
        """Keep the persistence id of a volume that `operation` is making; False when another has it.

        A volume without one needs none. Not durable: what is under way is begun anew after a restart.
        """
        name = _persistence(volume)
        if name is None or self._promised.get(name) == operation:
            return True
        if self.is_named(volume):
            return False
        self._promised[name] = operation
        return True

    def release(self, volume: Resource, operation: UUID) -> None:
        """`operation` has ended: the volume has its persistence id, or never will."""
        name = _persistence(volume)
        if name is not None and self._promised.get(name) == operation:
            del self._promised[name]

    def missing(self, wanted: Resources, taken: Resources) -> Resources:
        """What of `wanted` is not here once `taken` is gone; empty when all is."""
        lacking = wanted.filter(_is_divisible) - (self._divisible - taken)
        disks = {r for r in wanted if r.is_counted}  # never all disks are looked at: there may be many
        return lacking + Resources(
            r for r in disks for _ in range(wanted.count(r) - self._disks.count(r) + taken.count(r))
        )

    def apply(self, conversion: Conversion) -> list[Change]:
        """Take `consumed` out and put `converted` in. Raises NotContained and changes nothing then."""
        lacking = self.missing(conversion.consumed, Resources())
        if lacking:
            raise NotContained(lacking, self.all())
        converted = conversion.converted.described_as_in(self._divisible)
        changes: list[Change] = []
        divisible = self._divisible - conversion.consumed + converted.filter(_is_divisible)
        if divisible != self._divisible:
            self._divisible = divisible
            changes.append(SaveDivisible(tuple(divisible)))
        self._disks = self._disks - conversion.consumed + converted.filter(_is_counted)
        self._names -= {_persistence(r) for r in conversion.consumed if r.is_persistent}
        self._names |= {name for r in converted if (name := _persistence(r)) is not None}
        touched = {r for r in (*conversion.consumed, *converted) if r.is_counted}
        ordered = sorted(touched, key=Resource.order)
        return [*changes, *(SaveDisk(resource, self._disks.count(resource)) for resource in ordered)]

    # Pools

    def group(self, profile: str) -> tuple[str, ...]:
        """The profiles that draw on the same capacity as `profile`, itself included, sorted."""
        known = self._profiles.get(profile)
        if known is None:
            return (profile,)
        return tuple(sorted(n for n, p in self._profiles.items() if p.capacity_group == known.capacity_group))

    def charge(self, profile: str, size_bytes: int) -> list[Change]:
        """`size_bytes` left the group's capacity (negative: came back). Pools follow by `settle`."""
        for name in self.group(profile):
            if name in self._available:
                self._available[name] = max(0, self._available[name] - size_bytes)
        return [SaveCapacity(dict(self._available))]

    def set_profiles(self, profiles: Mapping[str, Profile]) -> None:
        """Profiles that can be asked for from now on. Pools follow by `settle`."""
        self._profiles = dict(profiles)
        for name in [n for n in self._available if n not in profiles]:
            del self._available[name]

    def set_available(self, available: Mapping[str, int]) -> list[Change]:
        """A capacity read while nothing was created or deleted."""
        if dict(available) == self._available:
            return []
        self._available = dict(available)
        return [SaveCapacity(dict(self._available))]

    def settle(self, provider_id: str, held: Mapping[str, int]) -> list[Change]:
        """Make the unreserved pools what capacity and reservations say; no changes when they are already.

        `held`: milli-MB by profile that operations under way consume from unreserved pools; a pool does not
        shrink below that, so that whatever they end in can be accounted.
        """
        kept = [r for r in self._divisible if not (is_pool(r) and not r.is_reserved)]
        reserved = _reserved_by_profile(kept)
        for name in sorted({*self._available, *held}):
            free = self._available.get(name, 0) - sum(reserved.get(n, 0) for n in self.group(name))
            size = max(bytes_to_mb_down(max(0, free)) * MILLI, held.get(name, 0))
            if size > 0:
                kept.append(self._pool(name, size, provider_id))
        settled = Resources(kept)
        if settled.described_alike(self._divisible):
            return []
        self._divisible = settled
        return [SaveDivisible(tuple(settled))]

    def unreserved_room(self, profile: str, pending: Mapping[str, int]) -> int:
        """Bytes that a creation from the unreserved pool may still take.

        `pending`: bytes by profile of creations under way, from whatever part of a pool.
        """
        names = self.group(profile)
        reserved = _reserved_by_profile(self._divisible)
        free = self._available.get(profile, 0) - sum(reserved.get(n, 0) for n in names)
        return free - sum(pending.get(n, 0) for n in names)

    def pool_piece(self, disk: Resource, profile: str) -> Resource:
        """What a destroyed `disk` becomes: space of its pool, with the disk's reservations."""
        source = self._source(profile)
        return Resource("disk", disk.value, disk.reservations, Disk(source), disk.provider_id)

    def _pool(self, profile: str, milli: int, provider_id: str) -> Resource:
        return Resource("disk", Scalar(milli), (), Disk(self._source(profile)), provider_id)

    def _source(self, profile: str) -> DiskSource:
        shared = len(self.group(profile)) > 1
        known = self._profiles.get(profile)
        own = known.capacity_group if known is not None else None
        return DiskSource(
            SourceType.RAW,
            profile=profile,
            vendor=self._vendor,
            capacity_group=(own or self._vendor) if shared else None,
        )

    def validate(self) -> None:
        """Raises AssertionError when an invariant is broken."""
        for resource in self._divisible:
            assert not resource.is_counted, f"{resource} is among the divisible"
        for resource in self._disks:
            assert resource.is_counted, f"{resource} is among the disks"
        names = [name for disk in self._disks if (name := _persistence(disk)) is not None]
        assert sorted(names) == sorted(self._names), "the names of persistent volumes are not what is there"
        assert all(size >= 0 for size in self._available.values()), self._available


def _persistence(resource: Resource) -> tuple[str, str] | None:
    """What no two persistent volumes share: the role and the persistence id."""
    if resource.disk is None or resource.disk.persistence is None:
        return None
    return resource.role, resource.disk.persistence.id


def is_pool(resource: Resource) -> bool:
    """Whether this is (a part of) a storage pool."""
    return resource.disk is not None and resource.disk.is_pool


def pool_profile(resource: Resource) -> str:
    """The profile of a disk; "" when it has none."""
    source = resource.disk.source if resource.disk is not None else None
    return (source.profile or "") if source is not None else ""


def _is_divisible(resource: Resource) -> bool:
    return not resource.is_counted


def _is_counted(resource: Resource) -> bool:
    return resource.is_counted


def _reserved_by_profile(resources: Iterable[Resource]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for resource in resources:
        if is_pool(resource) and resource.is_reserved:
            name = pool_profile(resource)
            sizes[name] = sizes.get(name, 0) + mb_milli_to_bytes(resource.milli)
    return sizes


def volume_key(resource: Resource) -> str:
    """What a volume is called among holders: the plugin's id, or the role and the persistence id."""
    disk = resource.disk
    if disk is None:
        return ""
    if disk.source is not None and disk.source.id is not None:
        return disk.source.id
    return f"{resource.role}#{disk.persistence.id}" if disk.persistence is not None else ""
