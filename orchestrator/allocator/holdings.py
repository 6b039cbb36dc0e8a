"""Amounts of resources, as the allocator counts them: plain integers by kind.

A `Kind` is all of a resource but its amount. Amounts are milli-units for what can be divided, and
numbers of pieces for what cannot. Ranges and sets have no amount: they stay `Resources`.

Nothing here knows agents or frameworks; model objects come in and go out here and nowhere else in
this package.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from api.model.disk import DEFAULT_COST_MILLI
from api.model.resource import Resource
from api.model.resources import EMPTY, Resources
from api.model.roles import UNRESERVED
from api.model.values import Scalar
from orchestrator.allocator.config import WHOLE_MB
from orchestrator.allocator.names import MICRO, Names, Vector
from orchestrator.allocator.quota import disk_of_profile

GroupKey = tuple[str | None, str]  # provider id, capacity group

# What is special in a holding; most have nothing of it.
REVOCABLE: Final = 1
SHARED: Final = 2
REFINED: Final = 4  # reserved more than once
RESERVED: Final = 8
ALONE: Final = 16  # worth an offer by itself: a provider's disk, a persistent volume
UNEVEN: Final = 32  # cannot be cut at any place, or counts under more than one name


class Kind:
    """What amounts of can be added up.

    identity: as last described in the agent's totals; never allocated.
    unit_milli: milli-units in one piece of what is indivisible, 1 for what can be divided.
    counts: (slot, millionths) that one of `amounts` adds to: its name, at the pool's cost, and the name of
        its profile.
    grain: when a part of it is offered, a multiple of this.
    flags: what is special in it.

    Invariant: the description (identity's details, group, cost) may change while the kind lives; what
    it is equal to does not. Whoever changes it first takes back what was charged by the old `counts`.
    """

    __slots__ = (
        "__weakref__",
        "_order",
        "cost_milli",
        "counts",
        "flags",
        "grain",
        "group",
        "identity",
        "is_counted",
        "is_plain",
        "is_reserved",
        "name",
        "offered_alone",
        "role",
        "unit_milli",
    )

    def __init__(self, resource: Resource, names: Names) -> None:
        self.is_counted = resource.is_counted
        self.unit_milli = resource.milli if resource.is_counted else 1
        self.name = resource.name
        self.role = resource.role
        self.is_reserved = resource.is_reserved
        is_disk = resource.disk is not None
        self.offered_alone = is_disk and (resource.provider_id is not None or resource.is_persistent)
        self.flags = (
            REVOCABLE * resource.revocable
            | SHARED * resource.shared
            | REFINED * (len(resource.reservations) > 1)
            | RESERVED * resource.is_reserved
            | ALONE * self.offered_alone
            | UNEVEN * (self.is_counted or (resource.disk is not None and resource.disk.source is not None))
        )
        self.is_plain = not self.is_reserved and not resource.revocable
        has_source = resource.disk is not None and resource.disk.source is not None
        self.grain = WHOLE_MB if has_source and not self.is_counted else 1
        self._order: tuple[tuple[object, ...], int] | None = None
        self.describe(resource, names)

    def describe(self, resource: Resource, names: Names) -> None:
        """Take over what the totals say of it now."""
        self.identity = resource.identity._replace(allocated_to=None)
        source = resource.disk.source if resource.disk is not None else None
        self.group: GroupKey | None = None
        self.cost_milli = DEFAULT_COST_MILLI if source is None else max(source.cost_milli, 1)
        if source is not None and source.is_pool and source.capacity_group is not None:
            self.group = (resource.provider_id, source.capacity_group)
        self.counts: Vector = ((names.slot(self.name), self.unit_milli * self.cost_milli),)
        if source is not None and source.profile is not None and not resource.revocable:
            self.counts += ((names.slot(disk_of_profile(source.profile)), self.unit_milli * MICRO),)

    def resources(self, amount: int, role: str | None) -> list[Resource]:
        """`amount` of it as model resources, allocated to `role`."""
        name, _, reservations, disk, provider_id, shared, revocable, _ = self.identity
        value = Scalar(self.unit_milli if self.is_counted else amount)
        piece = Resource(name, value, reservations, disk, provider_id, shared, revocable, role)
        return [piece] * amount if self.is_counted else [piece]

    def order(self) -> tuple[tuple[object, ...], int]:
        """A key that sorts kinds the same way in every process."""
        if self._order is None:
            self._order = (self.identity.order(), self.unit_milli)
        return self._order

    def __repr__(self) -> str:
        return f"Kind({self.identity}, {self.unit_milli})"


Amounts = dict[Kind, int]

_NO_AMOUNTS: Mapping[Kind, int] = MappingProxyType({})


class Holding:
    """So much of so many kinds, and ranges and sets. Never changed, so that alike ones can be one object.

    amounts: never zero or negative.
    vector: what it adds up to, by slot; counted: the part of that which is neither reserved nor revocable
        (the same object when that is all). Both are worked out by `derive`, None before.
    flags: what is special in any of its kinds. enough: whether it is worth an offer by the common rule, None
        while nobody has asked.
    """

    __slots__ = (
        "__weakref__",
        "_ordered",
        "_parts",
        "amounts",
        "counted",
        "enough",
        "flags",
        "others",
        "vector",
    )

    def __init__(self, amounts: Mapping[Kind, int] = _NO_AMOUNTS, others: Resources = EMPTY) -> None:
        self.amounts = amounts
        self.others = others
        self.vector: Vector | None = None
        self.counted: Vector = ()
        self.flags = 0
        self.enough: bool | None = None
        self._ordered: tuple[Kind, ...] | None = None
        self._parts: dict[str, Holding] | None = None

    def __bool__(self) -> bool:
        return bool(self.amounts) or bool(self.others)

    def is_like(self, other: Holding) -> bool:
        return self is other or (self.amounts == other.amounts and self.others == other.others)

    def derive(self) -> Vector:
        """Works out what follows from the amounts."""
        flags = 0
        if self.others and self.others.roles():
            flags = RESERVED | REFINED * any(len(each.reservations) > 1 for each in self.others)
        for kind in self.amounts:
            flags |= kind.flags
        if not flags:
            return self.derive_plain()
        self.flags = flags
        self.vector = vector(self.amounts)
        if flags & (REVOCABLE | RESERVED):
            plain = {kind: amount for kind, amount in self.amounts.items() if kind.is_plain}
            self.counted = vector(plain)
        else:
            self.counted = self.vector
        return self.vector

    def derive_plain(self) -> Vector:
        """The same of one that surely has nothing special, as a part of such a one: each kind counts once."""
        found = []
        for kind, amount in self.amounts.items():
            slot, weight = kind.counts[0]
            found.append((slot, amount * weight))
        is_even = len(dict(found)) == len(found)
        self.vector = self.counted = tuple(found) if is_even else vector(self.amounts)
        return self.vector

    def ordered(self) -> tuple[Kind, ...]:
        """Its kinds in canonical order."""
        if self._ordered is None:
            self._ordered = tuple(sorted(self.amounts, key=Kind.order))
        return self._ordered

    def plus(self, more: Holding) -> Holding:
        if not more:
            return self
        if not self:
            return more
        amounts = dict(self.amounts)
        for kind, amount in more.amounts.items():
            amounts[kind] = amounts.get(kind, 0) + amount
        found = Holding(amounts, self.others + more.others if more.others else self.others)
        return _followed(self, NOTHING, more, found)

    def minus(self, part: Holding) -> Holding:
        """Without what is contained here."""
        if not part:
            return self
        amounts = dict(self.amounts)
        for kind, amount in part.amounts.items():
            left = amounts.get(kind, 0) - amount
            if left:
                amounts[kind] = left
            else:
                del amounts[kind]
        others = EMPTY if self.others is part.others else self.others - part.others
        found = Holding(amounts, others)
        if self.vector is not None and not self.flags:
            found.derive_plain()
            return found
        return _followed(self, part, NOTHING, found)

    def exchange(self, less: Holding, more: Holding) -> Holding:
        """Without what is contained here, with something else: copied once."""
        amounts = dict(self.amounts)
        for kind, amount in less.amounts.items():
            add_amount(amounts, kind, -amount)
        for kind, amount in more.amounts.items():
            add_amount(amounts, kind, amount)
        others = self.others
        if less.others or more.others:
            others = others - less.others + more.others
        return _followed(self, less, more, Holding(amounts, others))

    def contains(self, part: Holding) -> bool:
        if self is part:
            return True
        amounts = self.amounts
        for kind, amount in part.amounts.items():
            if amounts.get(kind, 0) < amount:
                return False
        return not part.others or self.others is part.others or self.others.contains(part.others)

    def by_role(self) -> dict[str, Holding]:
        """Its parts by the role that they are reserved for; "*" for what is not."""
        if self._parts is not None:
            return self._parts
        if self.vector is None:
            self.derive()
        if not self.flags & RESERVED:
            return {UNRESERVED: self} if self else {}
        roles = dict.fromkeys(kind.role for kind in self.amounts)
        if self.others:
            roles.update(dict.fromkeys(self.others.roles()))
            if UNRESERVED not in roles and self.others.unreserved():
                roles[UNRESERVED] = None
        if len(roles) == 1:
            return {next(iter(roles)): self}
        amounts: dict[str, Amounts] = {role: {} for role in roles}
        for kind, amount in self.amounts.items():
            amounts[kind.role][kind] = amount
        return {role: Holding(found, _of_role(self.others, role)) for role, found in amounts.items()}

    def resources(self, role: str | None = None) -> Resources:
        """As model resources, allocated to `role`."""
        found = [r for kind, amount in self.amounts.items() for r in kind.resources(amount, role)]
        counted = Resources(found)
        return counted + self.others.allocated(role) if self.others and role else counted + self.others

    def __repr__(self) -> str:
        return f"Holding({self.resources(None)})"


NOTHING: Final = Holding()
NOTHING.derive()


def _of_role(others: Resources, role: str) -> Resources:
    if not others:
        return others
    return others.unreserved() if role == UNRESERVED else others.reserved_to(role)


def add_amount(amounts: Amounts, kind: Kind, amount: int) -> None:
    left = amounts.get(kind, 0) + amount
    if left:
        amounts[kind] = left
    else:
        amounts.pop(kind, None)


def vector(amounts: Mapping[Kind, int]) -> Vector:
    """What the amounts add up to, by slot."""
    found: dict[int, int] = {}
    for kind, amount in amounts.items():
        for slot, weight in kind.counts:
            found[slot] = found.get(slot, 0) + amount * weight
    return tuple(found.items())


def _followed(before: Holding, less: Holding, more: Holding, after: Holding) -> Holding:
    """`after`, which is `before` without `less` and with `more`.

    Of very many kinds, what follows from its amounts is carried along instead of worked out anew.
    """
    if before.vector is None or len(after.amounts) < MANY or less.others or more.others or before.others:
        return after
    for gone in less.amounts:
        if gone.flags and not any(not gone.flags & ~kind.flags for kind in after.amounts):
            return after  # nothing else is as special as this was
    after.flags = before.flags
    for kind in more.amounts:
        after.flags |= kind.flags
    after.vector = _carried(before.vector, less.amounts.items(), more.amounts.items())
    if after.flags & (REVOCABLE | RESERVED):
        plain = [[(k, n) for k, n in part.amounts.items() if k.is_plain] for part in (less, more)]
        after.counted = _carried(before.counted, *plain)
    else:
        after.counted = after.vector
    return after


def _carried(before: Vector, less: Iterable[tuple[Kind, int]], more: Iterable[tuple[Kind, int]]) -> Vector:
    found = dict(before)
    for sign, part in ((-1, less), (1, more)):
        for kind, amount in part:
            for slot, weight in kind.counts:
                found[slot] = found.get(slot, 0) + sign * amount * weight
    return tuple((slot, amount) for slot, amount in found.items() if amount)


class Pile(Holding):
    """What one holder has of very many kinds, which is changed where it lies. Nobody else ever has it."""

    __slots__ = ()
    amounts: Amounts

    def put(self, more: Holding) -> None:
        for kind, amount in more.amounts.items():
            add_amount(self.amounts, kind, amount)
        self.others = self.others + more.others

    def take_out(self, less: Holding) -> None:
        for kind, amount in less.amounts.items():
            add_amount(self.amounts, kind, -amount)
        self.others = self.others - less.others


# Kinds from which on a holding is changed where it lies, and not copied with each change.
MANY = 32


def joined(parts: dict[str, Holding]) -> Holding:
    """The sum of what is reserved for different roles ("*": for none), which it can be parted into again."""
    if len(parts) == 1:
        return next(iter(parts.values()))
    amounts: Amounts = {}
    sums: dict[int, int] = {}
    flags = 0
    for part in parts.values():
        amounts.update(part.amounts)
        for slot, amount in part.derive() if part.vector is None else part.vector:
            sums[slot] = sums.get(slot, 0) + amount
        flags |= part.flags
    found = Holding(amounts, Resources.total(part.others for part in parts.values()))
    found.vector, found.flags, found._parts = tuple(sums.items()), flags, parts
    found.counted = parts[UNRESERVED].counted if UNRESERVED in parts else ()
    return found


def added(present: Holding | None, more: Holding) -> Holding:
    """What a holder has after it took more."""
    if present is None:
        return more
    if isinstance(present, Pile):
        present.put(more)
        return present
    if len(present.amounts) < MANY:
        return present.plus(more)
    pile = Pile(dict(present.amounts), present.others)
    pile.put(more)
    return pile


def removed(present: Holding, less: Holding) -> Holding:
    """What a holder has after it gave back what it had."""
    if isinstance(present, Pile):
        present.take_out(less)
        return present if present else NOTHING
    if len(present.amounts) < MANY or present.is_like(less):
        return NOTHING if present.is_like(less) else present.minus(less)
    pile = Pile(dict(present.amounts), present.others)
    pile.take_out(less)
    return pile
