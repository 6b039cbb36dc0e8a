"""Dominant shares in exact integers.

The share of a node is the largest of used/total over the names of resources. To compare shares
without dividing, all are scaled by the least common multiple of the totals: used * (lcm / total) is
an integer, and a common scale does not change the order. A change of totals changes the scale, so
whoever keeps scaled shares compares `version` first.
"""

from __future__ import annotations

import math

from orchestrator.allocator.names import Names, Slot, Vector


class ClusterTotals:
    """What there is of each name in the whole cluster, and the scale of shares that follows from it.

    revocable: the part of it that is. Both by slot, in millionths.
    factors: the scale of now, None while nobody has asked for it.
    """

    def __init__(self, names: Names, excluded: frozenset[str]) -> None:
        self._names = names
        self._excluded = excluded
        self.totals: list[int] = []
        self.revocable: list[int] = []
        self.factors: list[tuple[Slot, int]] | None = None
        self.version = 0
        names.grown.append(self._grow)
        self._grow()

    def _grow(self) -> None:
        more = [0] * (len(self._names) - len(self.totals))
        self.totals += more
        self.revocable += more

    def change(self, less: Vector, more: Vector) -> None:
        """`less` is gone, `more` is new."""
        if less == more:
            return
        for slot, amount in less:
            self.totals[slot] -= amount
        for slot, amount in more:
            self.totals[slot] += amount
        self.outdate()

    def change_revocable(self, less: Vector, more: Vector) -> None:
        for slot, amount in less:
            self.revocable[slot] -= amount
        for slot, amount in more:
            self.revocable[slot] += amount

    def outdate(self) -> None:
        """All shares may be others than they were."""
        self.factors = None
        self.version += 1

    def scale(self) -> list[tuple[Slot, int]]:
        """By how much to multiply what is used of each name that counts, for shares that can be compared."""
        if self.factors is None:
            counted = [
                (slot, total) for slot, total in enumerate(self.totals) if total > 0 and self._counts(slot)
            ]
            common = math.lcm(*(total for _, total in counted))
            self.factors = [(slot, common // total) for slot, total in counted]
        return self.factors

    def share(self, used: list[int]) -> float:
        """The dominant share, 0 to 1, for people."""
        counted = [slot for slot, _ in self.scale()]
        return max((used[slot] / self.totals[slot] for slot in counted), default=0.0)

    def _counts(self, slot: Slot) -> bool:
        return self._names.name(slot) not in self._excluded and not self._names.is_of_profile(slot)
