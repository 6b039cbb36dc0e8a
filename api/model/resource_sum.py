"""A sum of resources that many collections are added to and taken out of again, one at a time.

Each change costs what it says, however much there is in the sum. Ranges and sets are kept apart, each
with how often it was added: those of two hosts may name the same numbers, and one that is taken out must not
take the other's with it. Pure, as everything here; unlike everything else here it changes in place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import reduce
from typing import TypeVar

from api.model.resource import Identity, Resource
from api.model.resources import Resources, _is_described_disk
from api.model.tallies import plus
from api.model.values import Scalar, Value

K = TypeVar("K")


class ResourceSum:
    """What was added less what was taken. Only what was added before may be taken."""

    __slots__ = ("_amounts", "_counted", "_sets")

    def __init__(self) -> None:
        self._amounts: dict[Identity, int] = {}
        self._counted: dict[Resource, int] = {}
        self._sets: dict[Identity, Counter[Value]] = {}

    def __bool__(self) -> bool:
        return bool(self._amounts or self._counted or self._sets)

    def add(self, resources: Resources) -> None:
        """One more collection."""
        for identity, value in resources._divisible.items():
            if isinstance(value, Scalar):
                self._amounts[identity] = self._amounts.get(identity, 0) + value.milli
            else:
                self._sets.setdefault(identity, Counter())[value] += 1
        for resource, count in resources._counted.items():
            self._counted[resource] = self._counted.get(resource, 0) + count

    def take(self, resources: Resources) -> None:
        """One of those that were added, out again."""
        for identity, value in resources._divisible.items():
            if isinstance(value, Scalar):
                _lower(self._amounts, identity, value.milli)
            else:
                added = self._sets[identity]
                _lower(added, value, 1)
                if not added:
                    del self._sets[identity]
        for resource, count in resources._counted.items():
            _lower(self._counted, resource, count)

    def total(self) -> Resources:
        """All that is in it now."""
        divisible: dict[Identity, Value] = {each: Scalar(milli) for each, milli in self._amounts.items()}
        divisible |= {each: reduce(plus, added) for each, added in self._sets.items()}
        may_describe = any(map(_is_described_disk, self._counted))
        return Resources._made(divisible, dict(self._counted), may_describe)


def _lower(amounts: dict[K, int], key: K, less: int) -> None:
    left = amounts[key] - less
    if left:
        amounts[key] = left
    else:
        del amounts[key]


def merged(resources: Resources) -> Iterable[tuple[Identity, Value]]:
    """What merges of a collection, in no particular order; no resources are made of it, and none are kept."""
    return resources._divisible.items()
