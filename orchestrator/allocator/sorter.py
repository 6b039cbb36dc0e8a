"""Who is next: nodes in the order of (share / weight, times served, path).

A node whose share changed is moved by one bisection. When the cluster's totals changed, every share
did, and the whole is sorted anew when it is next asked for. Nothing here knows what is shared out.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Mapping
from typing import Generic, TypeVar

from orchestrator.allocator.shares import ClusterTotals

DEFAULT_WEIGHT = 1000


class Node:
    """One that competes: a role among roles, or a framework among those of its role.

    used: what it holds or is offered, by name, in the unit of shares.
    served: how often it was given something; never goes down.
    factor: the common multiple of all weights, divided by its own.
    """

    __slots__ = ("factor", "key", "path", "served", "used")

    def __init__(self, path: str) -> None:
        self.path = path
        self.used: dict[str, int] = {}
        self.served = 0
        self.factor = 1
        self.key: tuple[int, int, str] | None = None

    def charge(self, amounts: Mapping[str, int]) -> None:
        used = self.used
        for name, amount in amounts.items():
            used[name] = used.get(name, 0) + amount

    def discharge(self, amounts: Mapping[str, int]) -> None:
        for name, amount in amounts.items():
            left = self.used.get(name, 0) - amount
            if left:
                self.used[name] = left
            else:
                self.used.pop(name, None)


N = TypeVar("N", bound=Node)


class Sorter(Generic[N]):
    """Nodes in order.

    Invariant: `_keys` is sorted and holds each node's `key` once. The keys say the true shares when
    `_version` is the totals' own; otherwise they wait for `refresh`.
    """

    def __init__(self, totals: ClusterTotals) -> None:
        self._totals = totals
        self._version = totals.version
        self._keys: list[tuple[int, int, str]] = []
        self._nodes: dict[str, N] = {}

    def __contains__(self, node: N) -> bool:
        return node.path in self._nodes

    def __len__(self) -> int:
        return len(self._nodes)

    def add(self, node: N) -> None:
        self._nodes[node.path] = node
        node.key = self._key(node)
        insort(self._keys, node.key)

    def remove(self, node: N) -> None:
        del self._nodes[node.path]
        if node.key is not None:
            self._take_out(node.key)
        node.key = None

    def moved(self, node: N) -> None:
        """The node's share, count or factor changed."""
        if node.key is None or self._version != self._totals.version:
            return
        key = self._key(node)
        if key != node.key:
            self._take_out(node.key)
            insort(self._keys, key)
            node.key = key

    def in_order(self) -> list[N]:
        """The nodes, those that have least first."""
        nodes = self._nodes
        return [nodes[path] for _, _, path in self.places()]

    def places(self) -> list[tuple[int, int, str]]:
        """The order itself, as (share, served, path); not to be changed, nor kept over a `moved`."""
        if self._version != self._totals.version:
            self.refresh()
        return self._keys

    def node(self, path: str) -> N:
        return self._nodes[path]

    def refresh(self) -> None:
        """Sorts anew, by shares as they are now."""
        self._version = self._totals.version
        for node in self._nodes.values():
            node.key = self._key(node)
        self._keys = sorted(node.key for node in self._nodes.values() if node.key is not None)

    def _key(self, node: N) -> tuple[int, int, str]:
        return (self._totals.share(node.used) * node.factor, node.served, node.path)

    def _take_out(self, key: tuple[int, int, str]) -> None:
        del self._keys[bisect_left(self._keys, key)]


def factors(weights: Mapping[str, int]) -> tuple[int, dict[str, int]]:
    """The factor of nodes without a weight of their own, and those of the nodes with one."""
    common = math.lcm(DEFAULT_WEIGHT, *weights.values())
    return common // DEFAULT_WEIGHT, {path: common // weight for path, weight in weights.items()}
