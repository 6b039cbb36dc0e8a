"""What the straightforward port writes down: plain dicts of amounts, sorted from scratch whenever asked.

For comparison only: nothing of the product may import it, and it shares no code with the allocator but the
values that go in and come out. Capacity groups and quota by profile are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from api.model.resource import Identity, Resource
from api.model.resources import EMPTY, Resources
from api.model.values import Scalar

Holder = tuple[str, str]  # framework, role


class Key:
    """All of a scalar resource but its amount. `piece`: the amount of one if it is indivisible, else 0."""

    __slots__ = (
        "always_worth",
        "identity",
        "is_plain",
        "name",
        "order",
        "piece",
        "reserved_for",
        "revocable",
        "shared",
    )

    def __init__(self, identity: Identity, piece: int) -> None:
        self.identity = identity
        self.piece = piece
        self.name = identity.name
        self.revocable = identity.revocable
        self.shared = identity.shared
        self.reserved_for = identity.role if identity.reservations else None
        self.is_plain = not identity.reservations and not identity.revocable
        persistent = identity.disk is not None and identity.disk.persistence is not None
        self.always_worth = identity.provider_id is not None or persistent
        self.order = (identity.order(), piece)


Bag = dict[Key, int]  # milli-units
Quantities = dict[str, int]


class Keys:
    """One key for each identity, so that dicts of amounts hash quickly."""

    def __init__(self) -> None:
        self._known: dict[tuple[Identity, int], Key] = {}

    def read(self, resources: Iterable[Resource]) -> tuple[Bag, Resources]:
        bag: Bag = {}
        others: list[Resource] = []
        for resource in resources:
            if not isinstance(resource.value, Scalar):
                others.append(resource.with_allocation(None))
                continue
            identity = resource.identity._replace(allocated_to=None)
            at = (identity, resource.milli if resource.is_counted else 0)
            key = self._known.get(at)
            if key is None:
                key = self._known[at] = Key(*at)
            bag[key] = bag.get(key, 0) + resource.milli
        return bag, Resources(others) if others else EMPTY


def resources_of(bag: Bag, others: Resources, role: str) -> Resources:
    found = []
    for key, amount in bag.items():
        for _ in range(amount // key.piece if key.piece else 1):
            piece = key.identity._replace(allocated_to=role).of(Scalar(key.piece or amount))
            found.append(piece)
    return Resources(found) + others.allocated(role)


K = TypeVar("K")


def add(into: dict[K, int], more: Mapping[K, int]) -> None:
    for key, amount in more.items():
        into[key] = into.get(key, 0) + amount


def subtract(from_: dict[K, int], less: Mapping[K, int]) -> None:
    for key, amount in less.items():
        left = from_.get(key, 0) - amount
        if left:
            from_[key] = left
        else:
            from_.pop(key, None)


def by_name(bag: Bag) -> Quantities:
    found: Quantities = {}
    for key, amount in bag.items():
        found[key.name] = found.get(key.name, 0) + amount
    return found


@dataclass
class Refusal:
    """A filter: one object for each."""

    bag: Bag
    others: Resources
    until: float
    batch: int


@dataclass
class PortAgent:
    """An agent: what it has, and who has what of it."""

    id: str
    total: Bag
    others: Resources
    is_active: bool = True
    allocated: Bag = field(default_factory=dict)
    used: dict[Holder, tuple[Bag, Resources]] = field(default_factory=dict)
    filters: dict[Holder, list[Refusal]] = field(default_factory=dict)

    def free(self) -> Bag:
        """What nobody has; what is shared may be offered while others have it."""
        free = dict(self.total)
        subtract(free, self.allocated)
        free.update({key: amount for key, amount in self.total.items() if key.shared})
        return {key: amount for key, amount in free.items() if amount > 0}

    def free_others(self) -> Resources:
        free = self.others
        for _, others in self.used.values():
            if others:
                free = free - others
        return free


@dataclass
class Node:
    """A role, or a framework in a role: what it has by name, with and without its children."""

    path: str
    weight: float = 1.0
    used: Quantities = field(default_factory=dict)
    own: Quantities = field(default_factory=dict)
    served: int = 0
    own_served: int = 0
    children: dict[str, Node] = field(default_factory=dict)
    clients: dict[str, Node] = field(default_factory=dict)


class Tree:
    """Roles by path, their frameworks, and the order of both by dominant share."""

    def __init__(self, excluded: frozenset[str]) -> None:
        self._root = Node("")
        self._excluded = excluded
        self.roles: dict[str, Node] = {}
        self.totals: Quantities = {}

    def role(self, path: str) -> Node:
        node = self.roles.get(path)
        if node is None:
            parent = self.role(path.rpartition("/")[0]) if "/" in path else self._root
            node = self.roles[path] = parent.children[path] = Node(path)
        return node

    def client(self, framework_id: str, path: str) -> Node:
        clients = self.role(path).clients
        if framework_id not in clients:
            clients[framework_id] = Node(framework_id)
        return clients[framework_id]

    def charge(self, holder: Holder, amounts: Quantities, sign: int, times: int) -> None:
        framework_id, path = holder
        client = self.client(framework_id, path)
        role = self.roles[path]
        ancestors = [self.roles[path[:at]] for at, letter in enumerate(path) if letter == "/"]
        role.own_served += times
        for node in (client, role, *ancestors):
            node.served += times
        for used in (client.used, role.own, role.used, *(node.used for node in ancestors)):
            for name, amount in amounts.items():
                used[name] = used.get(name, 0) + sign * amount

    def share(self, used: Quantities) -> float:
        share = 0.0
        for name, amount in used.items():
            total = self.totals.get(name, 0)
            if total > 0 and name not in self._excluded:
                share = max(share, amount / total)
        return share

    def in_order(self) -> list[str]:
        """All roles, sorted anew among their siblings, parents as a leaf among their children."""
        return list(self._leaves(self._root))

    def _leaves(self, node: Node) -> Iterator[str]:
        found = [
            (self.share(child.used) / child.weight, child.served, child.path, child)
            for child in node.children.values()
        ]
        if node.children and node.clients:
            found.append((self.share(node.own), node.own_served, node.path + "/.", node))
        found.sort(key=lambda entry: entry[:3])
        for _, _, _, child in found:
            if child is node or not child.children:
                yield child.path
            else:
                yield from self._leaves(child)

    def clients_in_order(self, path: str) -> list[str]:
        """The role's frameworks, sorted anew."""
        clients = self.roles[path].clients.values()
        return [c.path for c in sorted(clients, key=lambda c: (self.share(c.used), c.served, c.path))]
