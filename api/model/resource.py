"""One resource: a value, and all that tells it from other resources of the same name.

Frozen and comparable. How resources add up is `resources`; which of them make sense is
`validation`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from api.model.disk import Disk, Labels, sorted_labels
from api.model.errors import InvalidRequest
from api.model.roles import UNRESERVED
from api.model.values import Items, Ranges, Scalar, Value


class InvalidResource(InvalidRequest, ValueError):
    """A resource that cannot be; the message shows it and says what to change."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """That a resource is kept for a role: static (by an agent's configuration) or dynamic (by RESERVE)."""

    role: str
    dynamic: bool = True
    principal: str | None = None
    labels: Labels = ()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", sorted_labels(self.labels))
        object.__setattr__(self, "_hash", hash((self.role, self.dynamic, self.principal, self.labels)))

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        parts = ["DYNAMIC" if self.dynamic else "STATIC", self.role]
        if self.principal is not None:
            parts.append(self.principal)
        if self.labels:
            parts.append("{" + ",".join(k if v is None else f"{k}:{v}" for k, v in self.labels) + "}")
        return "(" + ",".join(parts) + ")"


class Identity(NamedTuple):
    """All of a resource but its value. Values of equal identity add up, unless the disk is indivisible."""

    name: str
    kind: str
    reservations: tuple[Reservation, ...]
    disk: Disk | None
    provider_id: str | None
    shared: bool
    revocable: bool
    allocated_to: str | None

    @property
    def role(self) -> str:
        """The role it is reserved for, by its last reservation; "*" when it is not."""
        return self.reservations[-1].role if self.reservations else UNRESERVED

    def of(self, value: Value) -> Resource:
        """The resource with this identity and `value`."""
        name, _, reservations, disk, provider_id, shared, revocable, allocated_to = self
        return Resource(name, value, reservations, disk, provider_id, shared, revocable, allocated_to)

    def with_allocation(self, role: str | None) -> Identity:
        """The same, allocated to `role`; with None, to nobody."""
        name, kind, reservations, disk, provider_id, shared, revocable, _ = self
        return Identity(name, kind, reservations, disk, provider_id, shared, revocable, role)

    def with_reservations(self, reservations: tuple[Reservation, ...]) -> Identity:
        """The same with another stack of reservations."""
        name, kind, _, disk, provider_id, shared, revocable, allocated_to = self
        return Identity(name, kind, reservations, disk, provider_id, shared, revocable, allocated_to)

    def order(self) -> tuple[object, ...]:
        """A key that sorts identities the same way in every process."""
        return (
            self.name,
            self.kind,
            _text(self.provider_id),
            tuple((r.role, r.dynamic, _text(r.principal), _label_order(r.labels)) for r in self.reservations),
            _disk_order(self.disk),
            self.shared,
            self.revocable,
            _text(self.allocated_to),
        )


def _text(value: str | None) -> str:
    """Orders None before every string, the empty one included."""
    return "" if value is None else "=" + value


def _label_order(labels: Labels) -> tuple[tuple[str, str], ...]:
    return tuple((key, _text(value)) for key, value in labels)


def _disk_order(disk: Disk | None) -> tuple[object, ...]:
    if disk is None:
        return ()
    source, persistence = disk.source, disk.persistence
    return (
        (_text(persistence.id), _text(persistence.principal)) if persistence else (),
        (
            str(source.type),
            _text(source.root),
            _text(source.id),
            _text(source.profile),
            _text(source.vendor),
            _label_order(source.metadata),
        )
        if source
        else (),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A named value, as one entry of an offer or of an agent's totals.

    name: "cpus", "mem", "disk", "ports", … ; `mem` and `disk` count MB of 2^20 bytes.
    reservations: the stack, the last one in force; empty when unreserved.
    provider_id: the resource provider that owns it; None for the agent's own.
    allocated_to: the role it is offered or allocated to; None in totals.
    """

    name: str
    value: Value
    reservations: tuple[Reservation, ...] = ()
    disk: Disk | None = None
    provider_id: str | None = None
    shared: bool = False
    revocable: bool = False
    allocated_to: str | None = None
    identity: Identity = field(init=False, repr=False)
    _is_counted: bool = field(init=False, repr=False)
    _hash: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        identity = Identity(
            self.name,
            self.value.kind,
            self.reservations,
            self.disk,
            self.provider_id,
            self.shared,
            self.revocable,
            self.allocated_to,
        )
        object.__setattr__(self, "identity", identity)
        object.__setattr__(self, "_is_counted", self.shared or self.is_indivisible)
        object.__setattr__(self, "_hash", hash((identity, self.value)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Resource):
            return NotImplemented
        return self.value == other.value and self.identity == other.identity

    def __hash__(self) -> int:
        return self._hash

    @property
    def is_indivisible(self) -> bool:
        """Whether it is taken as a whole or not at all."""
        return self.disk is not None and self.disk.is_indivisible

    @property
    def is_counted(self) -> bool:
        """Whether copies of it are counted, never merged: indivisible disks and shared resources."""
        return self._is_counted

    @property
    def is_persistent(self) -> bool:
        """Whether it is a persistent volume."""
        return self.disk is not None and self.disk.persistence is not None

    @property
    def is_reserved(self) -> bool:
        return bool(self.reservations)

    @property
    def role(self) -> str:
        """The role it is reserved for; "*" when it is not."""
        return self.identity.role

    @property
    def milli(self) -> int:
        """Its amount in milli-units; 0 for ranges and sets."""
        return self.value.milli if isinstance(self.value, Scalar) else 0

    def with_value(self, value: Value) -> Resource:
        return dataclasses.replace(self, value=value)

    def with_disk(self, disk: Disk | None) -> Resource:
        return dataclasses.replace(self, disk=disk)

    def with_allocation(self, role: str | None) -> Resource:
        """The same, allocated to `role`; with None, to nobody."""
        return self if role == self.allocated_to else self.identity.with_allocation(role).of(self.value)

    def push_reservation(self, reservation: Reservation) -> Resource:
        """The same with one more reservation, which is then in force."""
        return self.identity.with_reservations((*self.reservations, reservation)).of(self.value)

    def pop_reservation(self) -> Resource:
        """The same without its last reservation. Raises InvalidResource when there is none."""
        if not self.reservations:
            raise InvalidResource(f"{self} has no reservation to take off: name a reserved resource")
        return self.identity.with_reservations(self.reservations[:-1]).of(self.value)

    def order(self) -> tuple[object, ...]:
        """A key that sorts resources the same way in every process."""
        return (*self.identity.order(), _value_order(self.value))

    def __str__(self) -> str:
        text = self.name
        if self.allocated_to is not None:
            text += f"(allocated:{self.allocated_to})"
        if self.reservations:
            text += "(reservations:[" + ",".join(map(str, self.reservations)) + "])"
        if self.disk is not None and (inner := str(self.disk)):
            text += f"[{inner}]"
        if self.revocable:
            text += "{REV}"
        if self.shared:
            text += "<SHARED>"
        return f"{text}:{self.value}"


def in_order(resources: list[Resource]) -> tuple[Resource, ...]:
    """Sorted by `Resource.order`."""
    if len({resource.name for resource in resources}) == len(resources):
        # The name comes first, and here it decides: most collections are like that.
        return tuple(sorted(resources, key=attrgetter("name")))
    return tuple(sorted(resources, key=Resource.order))


def _value_order(value: Value) -> tuple[object, ...]:
    match value:
        case Scalar():
            return (value.milli,)
        case Ranges():
            return value.ranges
        case Items():
            return value.items


def scalar(name: str, milli: int) -> Resource:
    """An unreserved amount of the agent's own, in milli-units. Raises InvalidQuantity when negative."""
    return Resource(name, Scalar(milli))
