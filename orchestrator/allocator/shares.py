"""Dominant shares in exact integers.

The share of a node is the largest of used/total over the names of resources. To compare shares
without dividing, all are scaled by the least common multiple of the totals: used * (lcm / total) is
an integer, and a common scale does not change the order. A change of totals changes the scale, so
whoever keeps scaled shares compares `version` first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping


class ClusterTotals:
    """What there is of each name in the whole cluster, and the scale of shares that follows from it."""

    def __init__(self) -> None:
        self._totals: dict[str, int] = {}
        self._scale: dict[str, int] | None = None
        self.version = 0

    def replace(self, old: Mapping[str, int], new: Mapping[str, int]) -> None:
        """An agent that had `old` has `new`."""
        if old == new:
            return
        for name in sorted({*old, *new}):
            left = self._totals.get(name, 0) - old.get(name, 0) + new.get(name, 0)
            if left:
                self._totals[name] = left
            else:
                self._totals.pop(name, None)
        self._scale = None
        self.version += 1

    def share(self, used: Mapping[str, int]) -> int:
        """The dominant share, scaled. Names of which the cluster has nothing do not count."""
        scale = self._scale
        if scale is None:
            scale = self._scale = self._make_scale()
        largest = 0
        for name, amount in used.items():
            scaled = amount * scale.get(name, 0)
            if scaled > largest:
                largest = scaled
        return largest

    def totals(self) -> Mapping[str, int]:
        return self._totals

    def _make_scale(self) -> dict[str, int]:
        common = math.lcm(*self._totals.values())
        return {name: common // total for name, total in self._totals.items()}
