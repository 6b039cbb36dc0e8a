"""Who is next: nodes in the order of (share / weight, times served, path).

A node whose share changed is moved by one bisection. When the cluster's totals or a weight changed, every
key did, and the whole is sorted anew when it is next asked for. Nothing here knows what is shared out.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.allocator.names import Slot, Vector
from orchestrator.allocator.shares import ClusterTotals

DEFAULT_WEIGHT = 1000

Key = tuple[int, int, str, Any]
"""(scaled share / weight, times served, path, the node). Paths differ, so nodes are never compared."""


class Node:
    """One that competes: a role among its siblings, or a framework among those of its role.

    used: what it holds or is offered, by slot, in millionths.
    served: how often it was given something; never goes down.
    factor, divisor: what its share is multiplied by, and then divided by, for its place (`weighing`); by
        none if the divisor is 0.
    key: where it stands, None while it stands nowhere.
    """

    __slots__ = ("divisor", "factor", "key", "path", "served", "used")

    def __init__(self, path: str, slots: int) -> None:
        self.path = path
        self.used = [0] * slots
        self.served = 0
        self.factor = 1
        self.divisor = 0
        self.key: Key | None = None

    def new_key(self, totals: ClusterTotals) -> Key:
        used = self.used
        share = 0
        factors = totals.scale()
        if totals.base:
            return (self._divided(factors, totals.base), self.served, self.path, self)
        for slot, factor in factors:
            scaled = used[slot] * factor
            if scaled > share:
                share = scaled
        if self.divisor:
            share = share * self.factor // self.divisor
        return (share, self.served, self.path, self)

    def _divided(self, totals: Iterable[tuple[Slot, int]], base: int) -> int:
        """The share, where there are too many names for a common multiple; divided once, so that it is exact
        whatever the weight."""
        weight, used = self.divisor or 1, self.used
        scale = base * self.factor if self.divisor else base
        return max((used[slot] * scale // (total * weight) for slot, total in totals), default=0)


class Sorter:
    """Nodes in order.

    Invariant: `_keys` is sorted and holds the key of each node once, when `_version` is the totals' own;
    otherwise they wait for `places`.
    """

    __slots__ = ("_keys", "_nodes", "_totals", "_version")

    def __init__(self, totals: ClusterTotals) -> None:
        self._totals = totals
        self._version = totals.version
        self._keys: list[Key] = []
        self._nodes: dict[str, Node] = {}

    def __contains__(self, node: Node) -> bool:
        return node.path in self._nodes

    def __len__(self) -> int:
        return len(self._nodes)

    def add(self, node: Node) -> None:
        self._nodes[node.path] = node
        if self._version == self._totals.version:
            node.key = node.new_key(self._totals)
            insort(self._keys, node.key)

    def remove(self, node: Node) -> None:
        """Its `key` is as it was when it was last moved."""
        del self._nodes[node.path]
        if self._version == self._totals.version and node.key is not None:
            del self._keys[bisect_left(self._keys, node.key)]

    def move(self, node: Node) -> None:
        """The node's share or count changed. Nothing happens while all wait for `places`."""
        totals, old = self._totals, node.key
        if old is None or self._version != totals.version:
            return
        share, used = 0, node.used
        for slot, factor in totals.factors or totals.scale():  # as `new_key`, which is called once less
            scaled = used[slot] * factor
            if scaled > share:
                share = scaled
        if node.divisor:
            share = share * node.factor // node.divisor
        new = node.key = (share, node.served, node.path, node) if not totals.base else node.new_key(totals)
        keys = self._keys
        if len(keys) == 1:
            keys[0] = new
            return
        del keys[0 if keys[0] is old else bisect_left(keys, old)]
        insort(keys, new)

    def charge_first(self, vector: Vector) -> None:
        """Who stands first was given this: adds it, counts it, and moves it, all at once."""
        totals, keys = self._totals, self._keys
        node = keys[0][3]
        share, used = 0, node.used
        for slot, amount in vector:
            used[slot] += amount
        for slot, factor in totals.factors or totals.scale():
            scaled = used[slot] * factor
            if scaled > share:
                share = scaled
        node.served = served = node.served + 1
        if node.divisor:
            share = share * node.factor // node.divisor
        new = node.key = (share, served, node.path, node) if not totals.base else node.new_key(totals)
        if len(keys) == 1:
            keys[0] = new
        else:
            del keys[0]
            insort(keys, new)

    def replace(self, old: Key, new: Key) -> None:
        """A node that stood at `old` stands at `new`."""
        if self._version != self._totals.version:
            return
        keys = self._keys
        if len(keys) == 1:
            keys[0] = new
            return
        del keys[0 if keys[0] is old else bisect_left(keys, old)]
        insort(keys, new)

    def places(self) -> list[Key]:
        """The order itself; not to be changed, nor kept over a `replace`."""
        if self._version != self._totals.version:
            self._version = self._totals.version
            for node in self._nodes.values():
                node.key = node.new_key(self._totals)
            self._keys = sorted(node.key for node in self._nodes.values() if node.key is not None)
        return self._keys

    def nodes(self) -> list[Node]:
        """The nodes, those that have least first."""
        return [key[3] for key in self.places()]


def weighing(weights: Mapping[str, int]) -> tuple[int, int]:
    """What every role's share is multiplied by, and what those without a weight of their own are divided by
    then, the others by their weights; 1 and 0 while there is no weight.

    Exact, and of few digits however many weights there are: two whole numbers divided by weights up to W
    differ by 1/W² at least if they differ at all, so that multiplied by W² and rounded down they are in the
    same order, and those that are equal stay equal.
    """
    if not weights:
        return 1, 0
    return max(DEFAULT_WEIGHT, *weights.values()) ** 2, DEFAULT_WEIGHT
