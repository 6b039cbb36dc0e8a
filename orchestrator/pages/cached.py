"""Parts of entities of one kind, kept until their entity changes.

It listens to nobody: who knows of a change says so. No I/O, no decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Generic, TypeVar

STEP = 2_000
"""Keys that are noted at once."""

K = TypeVar("K", bound=Hashable)
E = TypeVar("E")
P = TypeVar("P")


class Cached(Generic[K, E, P]):
    """One part for each entity, in the order in which the entities came.

    Invariant: an entity's part is made from what it is now, or its key is among the stale.
    """

    def __init__(self, entities: Callable[[], Mapping[K, E]], make: Callable[[E], P]) -> None:
        self._entities = entities
        self._make = make
        self._made: dict[K, P] = {}
        self._stale: dict[K, None] = {}

    def begin(self) -> Iterator[None]:
        """Everything has to be made, whatever is left of before. In steps; changes in between are told."""
        for keys in (list(self._entities()), list(self._made)):
            for first in range(0, len(keys), STEP):
                self._stale.update(dict.fromkeys(keys[first : first + STEP]))
                yield

    def changed(self, key: K) -> None:
        """The entity is another, new, or gone."""
        self._stale[key] = None

    @property
    def is_fresh(self) -> bool:
        return not self._stale

    def freshen_one(self) -> None:
        """Make the part of one stale entity, or forget it when the entity has gone."""
        key = next(iter(self._stale))
        del self._stale[key]
        entity = self._entities().get(key)
        if entity is None:
            self._made.pop(key, None)
        else:
            self._made[key] = self._make(entity)

    def parts(self) -> list[P]:
        """All of them. Only while it is fresh."""
        return list(self._made.values())

    def of(self, key: K) -> P | None:
        return self._made.get(key)

    def drop(self, many: int) -> bool:
        """Forget so many parts; whether there are more. It has to `begin` anew after the first."""
        for _ in range(min(many, len(self._made))):
            self._made.popitem()
        self._stale = {}
        return bool(self._made)
