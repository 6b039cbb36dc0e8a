"""The three kinds of value a resource can have: an amount, ranges of integers, a set of names.

Each knows how to add, subtract and compare within its own kind; nothing here knows what the value
is of. Subtraction floors: what is not there leaves nothing negative behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from api.model.quantity import InvalidQuantity, format_milli, to_milli

# Integers in ranges are uint64 on the wire.
MAX_RANGE_BOUND = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Scalar:
    """An amount in milli-units, never negative. Raises InvalidQuantity."""

    milli: int
    kind: ClassVar[str] = "SCALAR"

    def __post_init__(self) -> None:
        if self.milli < 0:
            raise InvalidQuantity(f"{format_milli(self.milli)} is negative: give zero or more")

    @classmethod
    def of(cls, units: float) -> Scalar:
        """From units, as on the wire. Raises InvalidQuantity as `to_milli` does."""
        return cls(to_milli(units))

    @property
    def is_empty(self) -> bool:
        return self.milli == 0

    def plus(self, other: Scalar) -> Scalar:
        return Scalar(self.milli + other.milli)

    def minus(self, other: Scalar) -> Scalar:
        return Scalar(max(self.milli - other.milli, 0))

    def covers(self, other: Scalar) -> bool:
        return self.milli >= other.milli

    def __str__(self) -> str:
        return format_milli(self.milli)


@dataclass(frozen=True, slots=True)
class Ranges:
    """Integers, as inclusive ranges (lo, hi).

    Invariant: sorted, disjoint, with a gap between neighbours; so equal sets are equal tuples.
    Raises InvalidQuantity for bounds that are negative, beyond uint64 or the wrong way round.
    """

    ranges: tuple[tuple[int, int], ...] = ()
    kind: ClassVar[str] = "RANGES"

    def __post_init__(self) -> None:
        for lo, hi in self.ranges:
            if not 0 <= lo <= hi <= MAX_RANGE_BOUND:
                raise InvalidQuantity(
                    f"[{lo}-{hi}] is not a range: give 0 <= begin <= end <= {MAX_RANGE_BOUND}"
                )
        object.__setattr__(self, "ranges", _normalised(self.ranges))

    @property
    def is_empty(self) -> bool:
        return not self.ranges

    def plus(self, other: Ranges) -> Ranges:
        return Ranges(self.ranges + other.ranges)

    def minus(self, other: Ranges) -> Ranges:
        return Ranges(_difference(self.ranges, other.ranges))

    def covers(self, other: Ranges) -> bool:
        return not _difference(other.ranges, self.ranges)

    def __str__(self) -> str:
        return "[" + ",".join(f"{lo}-{hi}" for lo, hi in self.ranges) + "]"


def _normalised(ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    if len(ranges) < 2:
        return ranges
    merged: list[tuple[int, int]] = []
    for lo, hi in sorted(ranges):
        if merged and lo <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], hi))
        else:
            merged.append((lo, hi))
    return tuple(merged)


def _difference(
    left: tuple[tuple[int, int], ...], right: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int], ...]:
    """Both normalised; one walk over each."""
    result: list[tuple[int, int]] = []
    at = 0
    for lo, hi in left:
        while at < len(right) and right[at][1] < lo:
            at += 1
        start, cut = lo, at
        while cut < len(right) and right[cut][0] <= hi:
            if right[cut][0] > start:
                result.append((start, right[cut][0] - 1))
            start = right[cut][1] + 1
            cut += 1
        if start <= hi:
            result.append((start, hi))
    return tuple(result)


@dataclass(frozen=True, slots=True)
class Items:
    """A set of names. Invariant: sorted, without duplicates."""

    items: tuple[str, ...] = ()
    kind: ClassVar[str] = "SET"

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", tuple(sorted(set(self.items))))

    @property
    def is_empty(self) -> bool:
        return not self.items

    def plus(self, other: Items) -> Items:
        return Items(self.items + other.items)

    def minus(self, other: Items) -> Items:
        gone = set(other.items)
        return Items(tuple(item for item in self.items if item not in gone))

    def covers(self, other: Items) -> bool:
        return set(self.items).issuperset(other.items)

    def __str__(self) -> str:
        return "{" + ",".join(self.items) + "}"


Value = Scalar | Ranges | Items
