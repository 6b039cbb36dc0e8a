"""Amounts of resources, as the allocator counts them: plain integers by kind.

A `Kind` is all of a resource but its amount. Amounts are milli-units for what can be divided, and
numbers of pieces for what cannot. Ranges and sets have no amount: they stay `Resources`.

Nothing here knows agents or frameworks; model objects come in and go out here and nowhere else in
this package.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from api.model.disk import DEFAULT_COST_MILLI
from api.model.resource import Identity, Resource
from api.model.resources import EMPTY, Resources
from api.model.values import Scalar

GroupKey = tuple[str | None, str]  # provider id, capacity group


class Kind:
    """What amounts of can be added up.

    identity: as last described in the agent's totals; never allocated.
    unit_milli: milli-units in one piece of what is indivisible, 1 for what can be divided.
    weight: what one of `amounts` adds to a share: milli-units times the pool's cost in thousandths;
        0 when the name does not count in shares.

    Invariant: the description (identity's details, group, cost) may change while the kind lives; what
    it is equal to does not. Whoever changes it first takes back what was charged by the old weight.
    """

    __slots__ = (
        "__weakref__",
        "cost_milli",
        "group",
        "identity",
        "is_counted",
        "is_reserved",
        "name",
        "offered_alone",
        "role",
        "unit_milli",
        "weight",
    )

    def __init__(self, resource: Resource, excluded: frozenset[str]) -> None:
        self.is_counted = resource.is_counted
        self.unit_milli = resource.milli if resource.is_counted else 1
        self.name = resource.name
        self.role = resource.role
        self.is_reserved = resource.is_reserved
        self.offered_alone = resource.provider_id is not None or resource.is_persistent
        self.describe(resource, excluded)

    def describe(self, resource: Resource, excluded: frozenset[str]) -> None:
        """Take over what the totals say of it now."""
        self.identity = resource.identity._replace(allocated_to=None)
        source = resource.disk.source if resource.disk is not None else None
        grouped = source is not None and source.is_pool and source.capacity_group is not None
        self.group: GroupKey | None = None
        self.cost_milli = DEFAULT_COST_MILLI
        if grouped and source is not None and source.capacity_group is not None:
            self.group = (resource.provider_id, source.capacity_group)
            self.cost_milli = max(source.cost_milli, 1)
        self.weight = 0 if self.name in excluded else self.unit_milli * self.cost_milli

    def resources(self, amount: int, role: str | None) -> list[Resource]:
        """`amount` of it as model resources, allocated to `role`."""
        name, _, reservations, disk, provider_id, shared, revocable, _ = self.identity
        value = Scalar(self.unit_milli if self.is_counted else amount)
        piece = Resource(name, value, reservations, disk, provider_id, shared, revocable, role)
        return [piece] * amount if self.is_counted else [piece]

    def order(self) -> tuple[tuple[object, ...], int]:
        """A key that sorts kinds the same way in every process."""
        return (self.identity.order(), self.unit_milli)

    def __repr__(self) -> str:
        return f"Kind({self.identity}, {self.unit_milli})"


Amounts = dict[Kind, int]


@dataclass(slots=True)
class Holding:
    """So much of so many kinds, and ranges and sets. Amounts are never zero or negative."""

    amounts: Amounts = field(default_factory=dict)
    others: Resources = EMPTY

    def __bool__(self) -> bool:
        return bool(self.amounts) or bool(self.others)

    def add(self, more: Holding) -> None:
        add_amounts(self.amounts, more.amounts)
        if more.others:
            self.others = self.others + more.others

    def contains(self, part: Holding) -> bool:
        amounts = self.amounts
        return all(amounts.get(kind, 0) >= amount for kind, amount in part.amounts.items()) and (
            not part.others or self.others.contains(part.others)
        )

    def subtract(self, part: Holding) -> None:
        """Takes away what is contained here."""
        for kind, amount in part.amounts.items():
            add_amount(self.amounts, kind, -amount)
        if part.others:
            self.others = self.others - part.others

    def resources(self, role: str | None) -> Resources:
        """As model resources, allocated to `role`."""
        found = [r for kind, amount in self.amounts.items() for r in kind.resources(amount, role)]
        counted = Resources(found)
        return counted + self.others.allocated(role) if self.others and role else counted + self.others


def add_amount(amounts: Amounts, kind: Kind, amount: int) -> None:
    left = amounts.get(kind, 0) + amount
    if left:
        amounts[kind] = left
    else:
        amounts.pop(kind, None)


def add_amounts(amounts: Amounts, more: Amounts) -> None:
    for kind, amount in more.items():
        add_amount(amounts, kind, amount)


def by_name(amounts: Amounts) -> dict[str, int]:
    """What the amounts add to shares, by name of resource."""
    found: dict[str, int] = {}
    for kind, amount in amounts.items():
        found[kind.name] = found.get(kind.name, 0) + amount * kind.weight
    return found


class Kinds:
    """Finds the kind of a resource, so that equal resources have one kind.

    Kinds without a disk are alike everywhere and shared by all agents; those with one are described
    by their own agent's totals and live in the `own` table that the agent passes in.
    """

    def __init__(self, excluded: frozenset[str]) -> None:
        self._excluded = excluded
        self._plain: WeakValueDictionary[tuple[Identity, int], Kind] = WeakValueDictionary()

    def read(self, resources: Resources, own: OwnKinds, describe: bool = False) -> Holding:
        """The resources as amounts; with `describe`, what they say of disks replaces what was known."""
        holding = Holding()
        others = []
        for resource in resources:
            if not isinstance(resource.value, Scalar):
                others.append(resource.with_allocation(None))
                continue
            kind = self._kind(resource, own, describe)
            add_amount(holding.amounts, kind, 1 if kind.is_counted else resource.milli)
        if others:
            holding.others = Resources(others)
        return holding

    def _kind(self, resource: Resource, own: OwnKinds, describe: bool) -> Kind:
        identity = resource.identity
        if identity.allocated_to is not None:
            identity = identity._replace(allocated_to=None)
        key = (identity, resource.milli if resource.is_counted else 1)
        table = self._plain if resource.disk is None and not resource.shared else own
        kind = table.get(key)
        if kind is None:
            kind = table[key] = Kind(resource, self._excluded)
        elif describe and table is own:
            kind.describe(resource, self._excluded)
        return kind


OwnKinds = WeakValueDictionary[tuple[Identity, int], Kind]
