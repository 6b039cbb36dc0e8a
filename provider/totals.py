"""What a provider owns: storage pools with their accounted capacity, and disks.

Pure arithmetic: no calls, no operations' states. How much a pool has left is counted (`accounts`); which
pools share a capacity, and at which cost, is said by `groups`.

A provider may be reserved as a whole: `defaults` is the stack of reservations that all has which no operation
has reserved otherwise. What has another stack stands apart: a part of a pool that is kept for somebody.

Invariants: the common part of a pool is what the group's capacity leaves after every part that stands
apart; divisible resources and indivisible disks are kept apart, because the former are few and are
persisted as one, the latter may be many and are persisted one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from api.model.disk import DEFAULT_COST_MILLI, Disk, DiskSource, SourceType
from api.model.quantity import MILLI, bytes_to_mb_down, mb_milli_to_bytes
from api.model.resources import EMPTY, Conversion, NotContained, Resource, Resources, Scalar
from provider.accounts import LAG_SECONDS, Accounts
from provider.groups import Groups
from provider.learned_rates import Rates
from provider.records import Change, Checkpoint, Profile, SaveCapacity, SaveDisk, SaveDivisible


class Totals:
    """The resources of one provider. Every change returns the records to persist."""

    def __init__(
        self, vendor: str, checkpoint: Checkpoint, lag_seconds: float = LAG_SECONDS, *, learns: bool = True
    ) -> None:
        self._vendor = vendor
        self.rates = Rates(checkpoint.learned)
        if not learns:
            self.rates.begin("")
        self.defaults = checkpoint.default_reservations
        in_force = frozenset(checkpoint.profiles_in_force)
        self._profiles: Mapping[str, Profile] = {p.name: p for p in checkpoint.profiles if p.name in in_force}
        self._divisible = Resources(checkpoint.divisible)
        self._disks = {resource: count for resource, count in checkpoint.disks if count > 0}
        """The indivisible ones, and how often each is there: they may be very many, and change one by one."""
        self._shown: Resources | None = None
        self.accounts = Accounts(
            Groups(self._profiles, vendor, self.rates),
            checkpoint.available,
            fresh=not checkpoint.volumes and not checkpoint.operations,
            lag_seconds=lag_seconds,
        )
        self._saved = dict(checkpoint.available)
        self._redescribed = True
        """Whether pools may have to be described otherwise, though they are as large as before."""
        self.now = 0.0
        """Monotonic seconds: when what happens now happens."""
        self._names = {name for disk in self._disks if (name := _persistence(disk)) is not None}
        self._promised: dict[tuple[str, str], UUID] = {}
        self._raw = {disk for disk, _ in checkpoint.disks if _is_raw(disk)}

    def all(self) -> Resources:
        """Everything, as UPDATE_STATE reports it."""
        return self._divisible + self.disks

    @property
    def disks(self) -> Resources:
        """The indivisible ones. All are looked at when they are asked for after a change."""
        if self._shown is None:
            self._shown = Resources(r for r, count in self._disks.items() for _ in range(count))
        return self._shown

    @property
    def pre_existing(self) -> Iterator[Resource]:
        """Disks with an id that are still RAW. Few, among disks that may be very many."""
        return iter(sorted(self._raw, key=Resource.order))

    @property
    def available(self) -> Mapping[str, int]:
        """Accounted bytes by profile."""
        return self.accounts.available

    def is_named(self, volume: Resource) -> bool:
        """Whether a persistent volume of that role has, or will have, the persistence id of `volume`."""
        name = _persistence(volume)
        return name is not None and self.has_name(*name)

    def has_name(self, role: str, persistence_id: str) -> bool:
        """Whether there is a persistent volume of that name, or one is being made."""
        return (role, persistence_id) in self._names or (role, persistence_id) in self._promised

    def promise(self, name: tuple[str, str] | None, operation: UUID) -> bool:
        """Keep the role and persistence id of a volume that `operation` is making; False when another has it.

        A disk without one needs none. Not durable: what is under way is begun anew after a restart.
        """
        if name is None or self._promised.get(name) == operation:
            return True
        if name in self._names or name in self._promised:
            return False
        self._promised[name] = operation
        return True

    def release(self, name: tuple[str, str] | None, operation: UUID) -> None:
        """`operation` has ended: the volume has its persistence id, or never will."""
        if name is not None and self._promised.get(name) == operation:
            del self._promised[name]

    def missing(self, wanted: Resources, taken: Resources) -> Resources:
        """What of `wanted` is not here once `taken` is gone; empty when all is."""
        lacking = EMPTY
        amounts = wanted.divisible
        if amounts:
            left = self._divisible - taken.divisible
            if not left.contains(amounts):
                lacking = amounts - left
        counted = [  # never all disks are looked at: there may be many
            r
            for r in set(wanted.counted)
            for _ in range(wanted.count(r) - self._disks.get(r, 0) + taken.count(r))
        ]
        return lacking + Resources(counted) if counted else lacking

    def apply(self, conversion: Conversion) -> list[Change]:
        """Take `consumed` out and put `converted` in. Raises NotContained and changes nothing then."""
        consumed = conversion.consumed
        lacking = self.missing(consumed, EMPTY)
        if lacking:
            raise NotContained(lacking, self.all())
        converted = conversion.converted.described_as_in(self._divisible)
        changes: list[Change] = []
        divisible = self._divisible.exchange(consumed.divisible, converted.divisible)
        if divisible != self._divisible:
            self._divisible = divisible
            changes.append(SaveDivisible(tuple(divisible)))
        gone, come = consumed.counted, converted.counted
        for resource in gone:
            self._count(resource, -1)
        for resource in come:
            self._count(resource, 1)
        touched = gone if not come else come if not gone else Resources({*gone, *come})
        return [*changes, *(SaveDisk(each, self._disks.get(each, 0)) for each in dict.fromkeys(touched))]

    def _count(self, resource: Resource, more: int) -> None:
        """One of these disks is gone, or has come; which are RAW and how they are named follows."""
        self._shown = None
        count = self._disks.get(resource, 0) + more
        name = _persistence(resource)
        if count > 0:
            self._disks[resource] = count
            if name is not None:
                self._names.add(name)
            if _is_raw(resource):
                self._raw.add(resource)
        else:
            self._disks.pop(resource, None)
            self._raw.discard(resource)
            if name is not None:
                self._names.discard(name)

    # Pools

    def charge(self, profile: str, size_bytes: int) -> list[Change]:
        """`size_bytes` left the group's capacity (negative: came back). Pools follow by `settle`."""
        if size_bytes >= 0:
            self.accounts.take(profile, size_bytes, self.now)
        else:
            self.accounts.give(profile, -size_bytes, self.now)
        return self.counted()

    def pass_by(self, profile: str, size_bytes: int) -> None:
        """`size_bytes` left the group's capacity and are back, without having been charged."""
        self.accounts.pass_by(profile, size_bytes, self.now)

    def pass_unmeasured(self) -> None:
        """A disk is gone that was never counted: what comes back shows in the plugin's capacity alone."""
        self.accounts.pass_unmeasured(self.now)

    def counted(self) -> list[Change]:
        """What has to be persisted after the counts of the pools may have changed."""
        if self._saved == self.accounts.available:
            return []
        self._saved = dict(self.accounts.available)
        return [SaveCapacity(self._saved)]

    def set_profiles(self, profiles: Mapping[str, Profile]) -> None:
        """Profiles that can be asked for from now on. Pools follow by `settle`."""
        self._profiles = dict(profiles)
        self.regroup()

    def regroup(self) -> None:
        """What is known of the groups has changed. Pools follow by `settle`."""
        self.accounts.set_groups(Groups(self._profiles, self._vendor, self.rates), self._profiles)
        self._redescribed = True

    def settle(self, provider_id: str, held: Mapping[str, int]) -> list[Change]:
        """Make the common pools what capacity and reservations say; no changes when they are already.

        `held`: milli-MB by profile that operations under way consume from common pools; a pool does not
        shrink below that, so that whatever they end in can be accounted.
        """
        kept: list[Resource] = []
        common: dict[str, int] = {}
        for resource in self._divisible:
            if not is_pool(resource) or self.is_apart(resource):
                kept.append(resource)
            else:
                common[pool_profile(resource)] = resource.milli
        sizes = self._sizes(kept, held)
        if sizes == common and not self._redescribed:
            return []
        self._redescribed = False
        settled = Resources([*kept, *(self._pool(name, size, provider_id) for name, size in sizes.items())])
        if settled.described_alike(self._divisible):
            return []
        self._divisible = settled
        return [SaveDivisible(tuple(settled))]

    def _sizes(self, kept: Iterable[Resource], held: Mapping[str, int]) -> dict[str, int]:
        """Milli-MB of each common pool that is not empty, beside the parts that stand apart."""
        reserved = self._apart_by_profile(kept)
        sizes: dict[str, int] = {}
        for name in sorted({*self.available, *held}):
            free = self.available.get(name, 0) - self.accounts.groups.taken(reserved, name)
            size = max(bytes_to_mb_down(max(0, free)) * MILLI, held.get(name, 0))
            if size > 0:
                sizes[name] = size
        return sizes

    def room(self, profile: str, pending: Mapping[str, int], *, reserved: bool) -> int:
        """Bytes that may still be taken from a pool: from its `reserved` parts, or from what is left of it.

        `pending`: bytes by profile that are being taken: from reserved parts too, or from the rest alone.
        """
        promised = dict(pending)
        if not reserved:
            for name, size in self._apart_by_profile(self._divisible).items():
                promised[name] = promised.get(name, 0) + size
        return self.accounts.room(profile, promised)

    def pool_piece(self, disk: Resource, profile: str) -> Resource:
        """What a destroyed `disk` becomes: space of its pool, with the disk's reservations."""
        source = self._source(profile)
        return Resource("disk", disk.value, disk.reservations, Disk(source), disk.provider_id)

    def _pool(self, profile: str, milli: int, provider_id: str) -> Resource:
        return Resource("disk", Scalar(milli), self.defaults, Disk(self._source(profile)), provider_id)

    def is_apart(self, resource: Resource) -> bool:
        """Whether it is reserved in another way than all that nobody has reserved."""
        return resource.reservations != self.defaults

    def _apart_by_profile(self, resources: Iterable[Resource]) -> dict[str, int]:
        sizes: dict[str, int] = {}
        for resource in resources:
            if is_pool(resource) and self.is_apart(resource):
                name = pool_profile(resource)
                sizes[name] = sizes.get(name, 0) + mb_milli_to_bytes(resource.milli)
        return sizes

    def _source(self, profile: str) -> DiskSource:
        groups = self.accounts.groups
        group = groups.label(profile)
        return DiskSource(
            SourceType.RAW,
            profile=profile,
            vendor=self._vendor,
            capacity_group=group,
            cost_milli=DEFAULT_COST_MILLI if group is None else groups.cost_milli(profile),
        )

    def validate(self) -> None:
        """Raises AssertionError when an invariant is broken."""
        for resource in self._divisible:
            assert not resource.is_counted, f"{resource} is among the divisible"
        for resource in self._disks:
            assert resource.is_counted, f"{resource} is among the disks"
        assert self._raw == {disk for disk in self._disks if _is_raw(disk)}, "the RAW disks are not those"
        names = [name for disk in self._disks if (name := _persistence(disk)) is not None]
        assert sorted(names) == sorted(self._names), "the names of persistent volumes are not what is there"
        assert all(size >= 0 for size in self.available.values()), self.available


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


def _is_raw(resource: Resource) -> bool:
    source = resource.disk.source if resource.disk is not None else None
    return source is not None and source.type is SourceType.RAW and source.id is not None


def _is_divisible(resource: Resource) -> bool:
    return not resource.is_counted


def _is_counted(resource: Resource) -> bool:
    return resource.is_counted


def volume_key(resource: Resource) -> str:
    """What a volume is called among holders: the plugin's id, or the role and the persistence id."""
    disk = resource.disk
    if disk is None:
        return ""
    if disk.source is not None and disk.source.id is not None:
        return disk.source.id
    return f"{resource.role}#{disk.persistence.id}" if disk.persistence is not None else ""
