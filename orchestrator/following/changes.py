"""What changed of one kind since a follower was last told, each entity once however often it changed.

Entities are encoded step by step; once no step is left, what is cut off is as they are at that moment. Pure:
no clock, no socket.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from api.wire.content import JSON
from orchestrator.buckets import Buckets

K = TypeVar("K", bound=Hashable)


@dataclass(slots=True)
class Cut(Generic[K]):
    """`removed` have gone, or went and came anew. `put`: encoded, those that came in the order in which they
    did, behind all others. Whoever is told removes first."""

    removed: dict[K, None] = field(default_factory=dict)
    put: dict[K, bytes | None] = field(default_factory=dict)


class Changes(Generic[K]):
    """Of one kind, for one follower. Watches the buckets until it is closed."""

    def __init__(self, buckets: Buckets[K, Any]) -> None:
        self._buckets = buckets
        self._since: Cut[K] = Cut()
        self._unmade: dict[K, None] = {}
        """Keys of `_since.put` that are not encoded, or changed since they were."""
        buckets.watch(self)

    def __len__(self) -> int:
        """How many keys wait to be told."""
        return len(self._since.put) + len(self._since.removed)

    def close(self) -> None:
        self._buckets.unwatch(self)

    # What the buckets say.

    def came(self, key: K) -> None:
        self.changed(key)  # it stands last: it is not among them, or went and was taken out

    def changed(self, key: K) -> None:
        self._since.put[key] = None
        self._unmade[key] = None

    def went(self, key: K) -> None:
        self._since.put.pop(key, None)
        self._unmade.pop(key, None)
        self._since.removed[key] = None

    # What the follower is told.

    def is_told_anew(self, key: K) -> bool:
        """Whether it went since the last cut: wherever it stood then, it stands there no more."""
        return key in self._since.removed

    @property
    def is_made(self) -> bool:
        """Whether there is no step to take before `cut`."""
        return not self._unmade

    def steps(self) -> Iterator[None]:
        """Encode what is not, an entity at each step; what changes between steps is made in a later one."""
        while self._unmade:
            key = next(iter(self._unmade))
            del self._unmade[key]
            self._since.put[key] = self._buckets.passing(key, JSON)
            yield

    def cut(self) -> Cut[K]:
        """All that changed since the last cut, as it is now. Only when no step is left."""
        assert self.is_made
        cut, self._since = self._since, Cut()
        return cut

    def give_back(self, cut: Cut[K]) -> None:
        """The last cut was not told: it is part of the next one."""
        since = self._since
        put = {key: made for key, made in cut.put.items() if key not in since.removed}
        put |= since.put  # in its place what is there: it did not come anew
        self._since = Cut({**cut.removed, **since.removed}, put)
