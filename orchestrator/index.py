"""Entities by what they belong to, so that to find a few of them not all must be looked at.

Pure bookkeeping: whoever keeps the entities says when one comes and goes.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

G = TypeVar("G", bound=Hashable)
V = TypeVar("V")


class Index(Generic[G, V]):
    """Values by group and key, in the order in which they came. A group without values takes no memory."""

    def __init__(self) -> None:
        self._groups: dict[G, dict[Hashable, V]] = {}

    def add(self, group: G, key: Hashable, value: V) -> None:
        self._groups.setdefault(group, {})[key] = value

    def remove(self, group: G, key: Hashable) -> None:
        """Nothing happens when it is not there."""
        values = self._groups.get(group)
        if values is not None and values.pop(key, None) is not None and not values:
            del self._groups[group]

    def of(self, group: G) -> list[V]:
        return list(self._groups.get(group, {}).values())

    def count(self, group: G) -> int:
        """How many values are in the group."""
        return len(self._groups.get(group, {}))

    def __len__(self) -> int:
        """How many groups there are."""
        return len(self._groups)
