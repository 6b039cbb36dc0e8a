"""Roles, and the frameworks that compete in them.

A `Client` is one framework in one role: what is sorted within the role, suppressed, filtered, and
charged. It outlives its subscription while it still holds something.

Plain books; the tree that they make, and how it is kept in order, is `roster`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.model.roles import UNRESERVED, ancestors
from orchestrator.allocator.config import FrameworkId
from orchestrator.allocator.gates import bars, lacks
from orchestrator.allocator.names import Slot, Vector
from orchestrator.allocator.shares import ClusterTotals
from orchestrator.allocator.sorter import Node, Sorter
from orchestrator.allocator.traits import FrameworkTraits
from orchestrator.allocator.worth import Worth

Holder = tuple[FrameworkId | None, str | None]


class Client(Node):
    """A framework in a role. `bit` is its own in every agent's masks.

    bars, lacks: what of agents, and of resources, it cannot deal with.
    wants: whether it wants an agent at all; None: every one.
    worth: what an offer must hold at least; `is_choosy` when that is a rule of its own.
    places: on how many agents it holds something.
    took_turns: whether any agent counts how often it was offered a part of a divided capacity group.

    Invariant: it stands in its role's order exactly when `is_open`.
    """

    __slots__ = (
        "bars",
        "bit",
        "framework_active",
        "framework_id",
        "holder",
        "is_choosy",
        "is_subscribed",
        "is_suppressed",
        "lacks",
        "places",
        "role",
        "took_turns",
        "traits",
        "wants",
        "worth",
    )

    def __init__(self, framework_id: FrameworkId, role: Role, bit: int, worth: Worth) -> None:
        super().__init__(framework_id, len(role.used))
        self.framework_id = framework_id
        self.role = role
        self.bit = bit
        self.holder: Holder = (framework_id, role.path)
        self.is_subscribed = False
        self.is_suppressed = False
        self.framework_active = False
        self.places = 0
        self.took_turns = False
        self.set_traits(FrameworkTraits(), worth)

    def set_traits(self, traits: FrameworkTraits, common: Worth) -> None:
        self.traits = traits
        own = traits.min_allocatable.get(self.role.path)
        self.bars = bars(traits, self.role.path)
        self.lacks = lacks(traits)
        self.wants = traits.wants.get(self.role.path)
        self.is_choosy = own is not None
        self.worth = common if own is None else Worth(own)

    @property
    def is_open(self) -> bool:
        """Whether it may be made offers."""
        return self.is_subscribed and self.framework_active and not self.is_suppressed


class Place(Node):
    """A node of the tree of roles: a role, or what competes for its own frameworks beside its children.

    reach: the bits of the open clients in and below it. role: whose clients are asked here.
    inner: the order of what competes below it, spent: of what stands aside there; None for a leaf.
    home: the one that it stands in itself. wanting: whether it stands among those that lack guarantees, too.
    """

    __slots__ = ("home", "inner", "reach", "role", "spent", "wanting")

    role: Role

    def __init__(self, path: str, slots: int) -> None:
        super().__init__(path, slots)
        self.reach = 0
        self.home: Sorter | None = None
        self.inner: Sorter | None = None
        self.spent: Sorter | None = None
        self.wanting = False


class Own(Place):
    """The frameworks of a role that is a parent, too: they compete with its children, as the child "."."""

    __slots__ = ()

    def __init__(self, role: Role) -> None:
        super().__init__(f"{role.path}/.", len(role.used))
        self.role = role
        self.used = list(role.used)
        self.served = role.direct
        self.reach = role.mask


class Role(Place):
    """A role with its clients.

    mask: the bits of its own clients that are open. direct: how often something was given in it itself.
    lineage: it and the roles above it.
    line: the places that are charged with what is given in it, itself first, the top last.
    reserved_for: the roles whose reservations may be offered to it, itself first; without "*".
    apart: what of `used` does not count in quota, None while there is none; reserved: what is reserved for
        it and the roles below; both by slot. consumption = used - apart + reserved.
    limits, guarantees: by slot; unmet: what it lacks of its guarantees, no zeros.
    enough: for each alternative of what is worth an offer, what consumption of a name leaves too little room
        for it; () when the limits never do.
    caps: the roles with limits among it and those above it.
    choosy: clients in and below it with a rule of their own for what is worth an offer.
    places: on how many agents something is charged to it without a framework.
    """

    __slots__ = (
        "apart",
        "caps",
        "children",
        "choosy",
        "clients",
        "direct",
        "enough",
        "guarantees",
        "limits",
        "line",
        "lineage",
        "mask",
        "order",
        "own",
        "parent",
        "places",
        "reserved",
        "reserved_for",
        "top",
        "unmet",
    )

    def __init__(self, path: str, parent: Role | None, totals: ClusterTotals) -> None:
        super().__init__(path, len(totals.totals))
        self.role = self
        self.parent = parent
        self.children: dict[str, Role] = {}
        self.clients: dict[FrameworkId, Client] = {}
        self.order = Sorter(totals)
        self.own: Own | None = None
        self.mask = 0
        self.direct = 0
        self.reserved_for = () if path == UNRESERVED else (path, *ancestors(path))
        self.apart: list[int] | None = None
        self.reserved: list[int] | None = None
        self.limits: dict[Slot, int] = {}
        self.enough: tuple[Vector, ...] = ()
        self.guarantees: tuple[tuple[Slot, int], ...] = ()
        self.unmet: dict[Slot, int] = {}
        self.choosy = 0
        self.places = 0
        above = () if parent is None or parent.parent is None else parent.lineage
        self.lineage: tuple[Role, ...] = (self, *above)
        self.top: Role = above[-1] if above else self
        self.caps: tuple[Role, ...] = tuple(role for role in above if role.limits)
        self.line: tuple[Place, ...] = (self, *above)

    def consumed(self, slot: Slot) -> int:
        """What counts against its quota."""
        found = self.used[slot]
        if self.apart is not None:
            found -= self.apart[slot]
        if self.reserved is not None:
            found += self.reserved[slot]
        return found

    def has_room(self, wanted: Vector) -> bool:
        """Whether its limits let it have so much more."""
        limits = self.limits
        for slot, amount in wanted:
            if slot in limits and self.consumed(slot) + amount > limits[slot]:
                return False
        return True

    def is_spent(self) -> bool:
        """Whether its limits keep it from all that could be worth an offer on an agent without disks of
        providers, without reservations and the like."""
        if self.choosy or not self.enough:
            return False
        for alternative in self.enough:
            for slot, most in alternative:
                if self.consumed(slot) > most:
                    break
            else:
                return False
        return True

    def grow(self, slots: int) -> None:
        """There are so many slots now."""
        for amounts in (self.used, self.apart, self.reserved, None if self.own is None else self.own.used):
            if amounts is not None:
                amounts += [0] * (slots - len(amounts))
        for client in self.clients.values():
            client.used += [0] * (slots - len(client.used))


def enough_limits(limits: Mapping[Slot, int], least: Iterable[Vector]) -> tuple[Vector, ...]:
    """See `Role.enough`. least: the alternatives of what is worth an offer."""
    found = [tuple((s, limits[s] - need) for s, need in each if s in limits) for each in least]
    return tuple(found) if all(found) else ()
