"""The algebra of resources: immutable collections that add, subtract, contain and convert.

Theory of operation. A collection is two tables:

- divisible: identity (all but the value) -> value. Values of one identity merge; ranges and sets
  merge as sets, amounts add.
- counted: resource -> how often. Indivisible disks are taken whole or not at all, so two disks of
  the same look stay two; a shared resource is one thing, counted by how often it is handed out.

The divisible are few, the counted may be very many: what adds, subtracts or compares a few resources
with very many looks at the few, and copies the others without looking at them.

Empty values vanish. Subtraction floors: taking what is not there takes nothing more. What a
resource is allowed to look like is `validation`; nothing here refuses a combination.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import final

from api.model.disk import DEFAULT_COST_MILLI, DiskSource
from api.model.errors import StaleView
from api.model.resource import Identity, InvalidResource, Reservation, Resource, in_order, scalar
from api.model.roles import UNRESERVED, is_under
from api.model.tallies import Counted, Divisible, add_into, covers, merge, take_from
from api.model.validation import validate_resource, validate_resources
from api.model.values import Items, Ranges, Scalar, Value

MAX_LISTED = 5  # resources that an error message lists; more are counted only


class NotContained(StaleView):
    """What an operation consumes is not (or no longer) there. `missing` is what is lacking."""

    def __init__(self, missing: Resources, available: Resources) -> None:
        names = {resource.name for resource in missing}
        near = available.filter(lambda resource: resource.name in names)
        super().__init__(f"{_listed(missing)} is missing; of that kind there is {_listed(near)}: look again")
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Conversion:
    """What an operation does to a collection: takes `consumed` out, puts `converted` in."""

    consumed: Resources
    converted: Resources


@final
class Resources:
    """An immutable collection of resources. Two are equal when they hold the same, however they arose."""

    __slots__ = ("_counted", "_divisible", "_hash", "_may_describe", "_ordered", "_quantities")

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        divisible: Divisible = {}
        counted: Counted = {}
        for resource in resources:
            if resource.value.is_empty:
                continue
            if resource.is_counted:
                counted[resource] = counted.get(resource, 0) + 1
            else:
                merge(divisible, resource.identity, resource.value)
        self._set(divisible, counted, any(map(_is_described_disk, counted)))

    def _set(self, divisible: Divisible, counted: Counted, may_describe: bool) -> None:
        """`may_describe`: False when surely no source among `counted` says a capacity group or a cost."""
        self._divisible = divisible
        self._counted = counted
        self._may_describe = may_describe
        self._ordered: tuple[Resource, ...] | None = None
        self._quantities: Mapping[str, int] | None = None
        self._hash: int | None = None

    @classmethod
    def _made(cls, divisible: Divisible, counted: Counted, may_describe: bool) -> Resources:
        made = cls.__new__(cls)
        made._set(divisible, counted, may_describe)
        return made

    @classmethod
    def total(cls, collections: Iterable[Resources]) -> Resources:
        """The sum of many; much cheaper than adding one after the other."""
        parts = [collection for collection in collections if collection]
        if len(parts) < 2:
            return parts[0] if parts else EMPTY
        may_describe = any(part._may_describe for part in parts)
        largest = parts.pop(max(range(len(parts)), key=lambda at: len(parts[at]._counted)))
        divisible, counted = dict(largest._divisible), dict(largest._counted)
        for part in parts:
            add_into(divisible, counted, part._divisible, part._counted)
        return cls._made(divisible, counted, may_describe)

    # What it holds

    def __iter__(self) -> Iterator[Resource]:
        """In canonical order; what is counted twice comes twice."""
        if self._ordered is None:
            merged = [identity.of(value) for identity, value in self._divisible.items()]
            merged += [resource for resource, count in self._counted.items() for _ in range(count)]
            self._ordered = in_order(merged)
        return iter(self._ordered)

    def __len__(self) -> int:
        return len(self._divisible) + sum(self._counted.values())

    def __bool__(self) -> bool:
        return bool(self._divisible or self._counted)

    @property
    def is_empty(self) -> bool:
        return not self

    def count(self, resource: Resource) -> int:
        """How often an indivisible or shared resource is in here; for others, 1 if all of it is."""
        if resource.is_counted:
            return self._counted.get(resource, 0)
        held = self._divisible.get(resource.identity)
        return 1 if held is not None and covers(held, resource.value) else 0

    def scalar_milli(self, name: str) -> int:
        """The amount of all scalars called `name`, in milli-units. A shared resource counts once."""
        return self.quantities().get(name, 0)

    def quantities(self) -> Mapping[str, int]:
        """Amounts in milli-units by name, over all scalars. A shared resource counts once."""
        if self._quantities is None:
            amounts: dict[str, int] = {}
            for identity, value in self._divisible.items():
                if isinstance(value, Scalar):
                    amounts[identity.name] = amounts.get(identity.name, 0) + value.milli
            for resource, count in self._counted.items():
                times = 1 if resource.shared else count
                amounts[resource.name] = amounts.get(resource.name, 0) + resource.milli * times
            self._quantities = MappingProxyType(amounts)
        return self._quantities

    # Comparing

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Resources):
            return NotImplemented
        return self._divisible == other._divisible and self._counted == other._counted

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((frozenset(self._divisible.items()), frozenset(self._counted.items())))
        return self._hash

    def contains(self, other: Resources) -> bool:
        """Whether `other` could be taken out of this: amounts by amount, indivisible disks as wholes."""
        for identity, value in other._divisible.items():
            held = self._divisible.get(identity)
            if held is None or not covers(held, value):
                return False
        counted = self._counted
        return all(counted.get(resource, 0) >= count for resource, count in other._counted.items())

    def __ge__(self, other: Resources) -> bool:
        return self.contains(other)

    def __le__(self, other: Resources) -> bool:
        return other.contains(self)

    def described_alike(self, other: Resources) -> bool:
        """Equal, and alike also in what equality leaves out: volumes, capacity groups, costs."""
        return self == other and self._descriptions() == other._descriptions()

    def _descriptions(self) -> dict[Identity, object]:
        return {i: (i.disk.volume, _description(i.disk.source)) for i in self._identities() if i.disk}

    # Adding, subtracting, converting

    def __add__(self, other: Resources) -> Resources:
        return Resources.total((self, other))

    def __sub__(self, other: Resources) -> Resources:
        if not other or not self:
            return self
        divisible, counted = dict(self._divisible), dict(self._counted)
        take_from(divisible, counted, other._divisible, other._counted)
        return Resources._made(divisible, counted, self._may_describe)

    def apply(self, conversion: Conversion) -> Resources:
        """This, less what is consumed, plus what is converted.

        What the conversion does not say of a disk (capacity group, cost) is kept from here. Raises
        NotContained when not all that is consumed is here; nothing is changed then.
        """
        if not self.contains(conversion.consumed):
            raise NotContained(conversion.consumed - self, self)
        return self.exchange(conversion.consumed, conversion.converted.described_as_in(self))

    def exchange(self, less: Resources, more: Resources) -> Resources:
        """This minus `less` plus `more`, for collections of very many: what stays is copied once only."""
        if not less or not self:
            return self + more
        divisible, counted = dict(self._divisible), dict(self._counted)
        take_from(divisible, counted, less._divisible, less._counted)
        add_into(divisible, counted, more._divisible, more._counted)
        return Resources._made(divisible, counted, self._may_describe or more._may_describe)

    def described_as_in(self, known: Resources) -> Resources:
        """The same resources; disks that say no capacity group and cost take those of `known`'s sources."""
        if all(map(_is_described, self._sources())):
            return self
        sources = known._sources(counted=known._may_describe)
        described = {source: source for source in sources if _is_described(source)}
        return Resources(_described(each, described) for each in self) if described else self

    @property
    def names_disks(self) -> bool:
        """Whether some are disks of a kind of their own: of those more may be said than equality looks at."""
        return any(identity.disk is not None for identity in self._identities())

    def _sources(self, counted: bool = True) -> Iterator[DiskSource]:
        for identity in self._identities() if counted else self._divisible:
            if identity.disk is not None and identity.disk.source is not None:
                yield identity.disk.source

    def _identities(self) -> Iterator[Identity]:
        yield from self._divisible
        for resource in self._counted:
            yield resource.identity

    # Choosing

    @property
    def divisible(self) -> Resources:
        """Those that merge: all but indivisible disks and what is shared."""
        return self if not self._counted else Resources._made(self._divisible, {}, may_describe=False)

    @property
    def counted(self) -> Resources:
        """Indivisible disks and what is shared."""
        if not self._counted:
            return EMPTY
        return self if not self._divisible else Resources._made({}, self._counted, self._may_describe)

    def filter(self, predicate: Callable[[Resource], bool]) -> Resources:
        """Those for which `predicate` holds; it must depend on the resource alone."""
        return Resources(resource for resource in self if predicate(resource))

    def _select(self, predicate: Callable[[Identity], bool]) -> Resources:
        divisible = {identity: value for identity, value in self._divisible.items() if predicate(identity)}
        counted = {item: count for item, count in self._counted.items() if predicate(item.identity)}
        if len(divisible) == len(self._divisible) and len(counted) == len(self._counted):
            return self
        return Resources._made(divisible, counted, self._may_describe)

    def named(self, name: str) -> Resources:
        return self._select(lambda identity: identity.name == name)

    def reserved(self) -> Resources:
        """Those reserved for any role."""
        return self._select(lambda identity: bool(identity.reservations))

    def reserved_to(self, role: str) -> Resources:
        """Those whose reservation in force is for exactly `role`."""
        return self._select(lambda identity: bool(identity.reservations) and identity.role == role)

    def unreserved(self) -> Resources:
        return self._select(lambda identity: not identity.reservations)

    def allocatable_to(self, role: str) -> Resources:
        """Those that may be offered to `role`: unreserved, or reserved for it or for a role above it."""
        return self._select(lambda identity: not identity.reservations or is_under(role, identity.role))

    def of_provider(self, provider_id: str | None) -> Resources:
        """Those that the provider owns; with None, the agent's own."""
        return self._select(lambda identity: identity.provider_id == provider_id)

    def roles(self) -> tuple[str, ...]:
        """The roles that something is reserved for, sorted."""
        return tuple(sorted({i.role for i in self._identities() if i.role != UNRESERVED}))

    def provider_ids(self) -> tuple[str | None, ...]:
        """The owners of what is here: None (the agent itself) first, then ids, sorted."""
        owners = {identity.provider_id for identity in self._identities()}
        return tuple(sorted(owners, key=lambda owner: (owner is not None, owner or "")))

    # Changing all of them alike

    def allocated(self, role: str) -> Resources:
        """All of them, allocated to `role`."""
        return self._allocated_to(role)

    def unallocated(self) -> Resources:
        """All of them without their allocation, as in totals."""
        return self._allocated_to(None)

    def _allocated_to(self, role: str | None) -> Resources:
        if all(identity.allocated_to == role for identity in self._identities()):
            return self
        divisible: Divisible = {}
        for identity, value in self._divisible.items():
            merge(divisible, identity.with_allocation(role), value)
        counted: Counted = {}
        for resource, count in self._counted.items():
            moved = resource.with_allocation(role)
            counted[moved] = counted.get(moved, 0) + count
        return Resources._made(divisible, counted, self._may_describe)

    def push_reservation(self, reservation: Reservation) -> Resources:
        """Each with one more reservation."""
        return Resources(resource.push_reservation(reservation) for resource in self)

    def pop_reservation(self) -> Resources:
        """Each without its last reservation. Raises InvalidResource when one has none."""
        divisible: Divisible = {}
        for identity, value in self._divisible.items():
            if not identity.reservations:
                identity.of(value).pop_reservation()  # says what is wrong
            merge(divisible, identity.with_reservations(identity.reservations[:-1]), value)
        counted: Counted = {}
        for resource, count in self._counted.items():
            popped = resource.pop_reservation()
            counted[popped] = counted.get(popped, 0) + count
        return Resources._made(divisible, counted, self._may_describe)

    def __str__(self) -> str:
        return "; ".join(map(str, self)) if self else "nothing"

    def __repr__(self) -> str:
        return f"Resources({self})"


def _description(source: DiskSource | None) -> object:
    return None if source is None else (source.capacity_group, source.cost_milli)


def _is_described(source: DiskSource) -> bool:
    return source.capacity_group is not None or source.cost_milli != DEFAULT_COST_MILLI


def _is_described_disk(resource: Resource) -> bool:
    disk = resource.disk
    return disk is not None and disk.source is not None and _is_described(disk.source)


def _described(resource: Resource, described: Mapping[DiskSource, DiskSource]) -> Resource:
    disk = resource.disk
    if disk is None or disk.source is None or _is_described(disk.source):
        return resource
    source = described.get(disk.source)
    return resource if source is None else resource.with_disk(dataclasses.replace(disk, source=source))


def _listed(resources: Resources) -> str:
    shown = [str(resource) for resource in resources]
    if len(shown) > MAX_LISTED:
        shown = [*shown[:MAX_LISTED], f"{len(shown) - MAX_LISTED} more"]
    return "; ".join(shown) if shown else "nothing"


EMPTY = Resources()

__all__ = ["EMPTY", "Conversion", "Identity", "InvalidResource", "Items", "NotContained", "Ranges"]
__all__ += ["Reservation", "Resource", "Resources", "Scalar", "Value", "scalar"]
__all__ += ["validate_resource", "validate_resources"]
