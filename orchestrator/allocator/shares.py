"""Dominant shares in exact integers.

The share of a node is the largest of used/total over the names of resources. To compare shares
without dividing, all are scaled by the least common multiple of the totals: used * (lcm / total) is
an integer, and a common scale does not change the order. A change of totals changes the scale, so
whoever keeps scaled shares compares `version` first.

That multiple grows with each name that there is, and anybody may report names of their own. Once it has too
many digits, shares are multiplied by the square of the largest total T, and divided and rounded down after
all: two shares that differ do so by 1/T² at least, so that they stay in their order, and those that are equal
stay equal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from orchestrator.allocator.names import Names, Slot, Vector

MAX_SCALE_BITS: Final = 256
"""Of the least common multiple of all totals; beyond it shares are divided. Enough for a handful of names."""


class ClusterTotals:
    """What there is of each name in the whole cluster, and the scale of shares that follows from it.

    revocable: the part of it that is. Both by slot, in millionths.
    factors: the scale of now, None while nobody has asked for it. By what to multiply what is used of each
        name, or, when `base` is not 0, by what to divide it after it was multiplied by `base`.
    """

    def __init__(self, names: Names, excluded: frozenset[str]) -> None:
        self._names = names
        self._excluded = excluded
        self.totals: list[int] = []
        self.revocable: list[int] = []
        self.factors: list[tuple[Slot, int]] | None = None
        self.base = 0
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
        """What makes shares that can be compared of what is used of each name that counts; see `factors`."""
        if self.factors is None:
            counted = [
                (slot, total) for slot, total in enumerate(self.totals) if total > 0 and self._counts(slot)
            ]
            common = _common_multiple([total for _, total in counted])
            if common is not None:
                self.base, self.factors = 0, [(slot, common // total) for slot, total in counted]
            else:
                self.base, self.factors = max(total for _, total in counted) ** 2, counted
        return self.factors

    def share(self, used: list[int]) -> float:
        """The dominant share, 0 to 1, for people."""
        counted = [slot for slot, _ in self.scale()]
        return max((used[slot] / self.totals[slot] for slot in counted), default=0.0)

    def _counts(self, slot: Slot) -> bool:
        return self._names.name(slot) not in self._excluded and not self._names.is_of_profile(slot)


def _common_multiple(totals: Iterable[int]) -> int | None:
    """The least one; None when it has more than MAX_SCALE_BITS."""
    common = 1
    for total in totals:
        common = math.lcm(common, total)
        if common.bit_length() > MAX_SCALE_BITS:
            return None
    return common
