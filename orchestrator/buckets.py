"""Entities of one kind in encoded form, in buckets: what is asked for again and again is at hand.

An entity is encoded when it is asked for after it changed, and a bucket's entities are joined when the
bucket is asked for after one of them did. Both are done step by step, so that whoever asks can let others
have a turn between two steps; once no step is left, all of it is as the entities are at that moment.

Pure: it knows no entity, no clock and no socket. Whoever keeps the entities says what changes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Generic, Protocol, TypeVar

from api.wire.content import MediaType
from api.wire.message import Message
from orchestrator.assembly import Pieces, framed, joined, unframed

BUCKET_ENTITIES = 256
"""Entities in a bucket: enough that an answer has few pieces, few enough to be joined anew at a change."""

SPARSE = BUCKET_ENTITIES // 4
"""Neighbours with no more entities than this are thrown together."""

NOT_MADE = b""
"""An entity that is not encoded, in its place; one that is, is never empty."""

K = TypeVar("K", bound=Hashable)
E = TypeVar("E")
W = TypeVar("W", contravariant=True)


class Watcher(Protocol[W]):
    """Who is told of what changes in some buckets."""

    def came(self, key: W) -> None:
        """It is new, and stands last."""

    def changed(self, key: W) -> None:
        """It is different, where it was."""

    def went(self, key: W) -> None:
        """It is not there any more."""


class _Bucket(Generic[K, E]):
    """Neighbours in the order of coming. `whole`: all of them, encoded, as one piece.

    Invariant: each of `made` has the keys of `entities`, in the same order.
    `changes` grows with all that happens to it.
    """

    __slots__ = ("changes", "entities", "made", "whole")

    def __init__(self) -> None:
        self.entities: dict[K, E] = {}
        self.made: dict[MediaType, dict[K, bytes]] = {}
        self.whole: dict[MediaType, bytes] = {}
        self.changes = 0

    def made_in(self, media_type: MediaType) -> dict[K, bytes]:
        """What is encoded in that media type, which nobody may have asked for before."""
        made = self.made.get(media_type)
        if made is None:
            made = self.made[media_type] = dict.fromkeys(self.entities, NOT_MADE)
        return made


class Buckets(Generic[K, E]):
    """The entities that stand in one repeated field of an answer, in the order in which they came.

    `answer`, `field`: that field. `encode` makes one entity. Nothing is encoded in a media type that nobody
    asked for.
    """

    def __init__(self, answer: type[Message], field: str, encode: Callable[[E, MediaType], bytes]) -> None:
        self._answer = answer
        self.field = field
        self._encode = encode
        self._buckets: list[_Bucket[K, E]] = []
        self._of: dict[K, _Bucket[K, E]] = {}
        self._stale: dict[MediaType, dict[_Bucket[K, E], None]] = {}
        """Buckets that are not whole, by the media types that were ever asked for."""
        self._watchers: tuple[Watcher[K], ...] = ()

    def __len__(self) -> int:
        return len(self._of)

    def __contains__(self, key: K) -> bool:
        return key in self._of

    # What changes.

    def put(self, key: K, entity: E) -> None:
        """The entity is new, or different."""
        bucket = self._of.get(key)
        if bucket is None:
            bucket = self._of[key] = self._roomy()
            for watcher in self._watchers:
                watcher.came(key)
        else:
            for watcher in self._watchers:
                watcher.changed(key)
        bucket.entities[key] = entity
        self._forget(bucket, key)

    def touch(self, key: K) -> None:
        """Something that shows in the entity is different. Nothing happens when it is not there."""
        bucket = self._of.get(key)
        if bucket is not None:
            for watcher in self._watchers:
                watcher.changed(key)
            self._forget(bucket, key)

    def remove(self, key: K) -> None:
        """Nothing happens when it is not there."""
        bucket = self._of.pop(key, None)
        if bucket is None:
            return
        for watcher in self._watchers:
            watcher.went(key)
        self._forget(bucket, key)
        del bucket.entities[key]
        for made in bucket.made.values():
            del made[key]
        if not bucket.entities:
            self._drop(bucket)
        elif len(bucket.entities) == SPARSE:
            self._close_ranks(bucket)

    def keep_last(self, count: int) -> None:
        """Remove all but the last `count` that came."""
        while len(self._of) > count:
            self.remove(next(iter(self._of)))

    def items(self) -> list[tuple[K, E]]:
        """All of them now, in the order in which they came."""
        return [item for bucket in self._buckets for item in bucket.entities.items()]

    def get(self, key: K) -> E | None:
        bucket = self._of.get(key)
        return None if bucket is None else bucket.entities[key]

    def keys(self) -> list[K]:
        """All of them now, in the order in which they came."""
        return list(self._of)

    def watch(self, watcher: Watcher[K]) -> None:
        """Tell it of what changes from now on."""
        self._watchers = (*self._watchers, watcher)

    def unwatch(self, watcher: Watcher[K]) -> None:
        self._watchers = tuple(each for each in self._watchers if each is not watcher)

    # What is shown.

    def passing(self, key: K, media_type: MediaType) -> bytes:
        """One entity, not kept encoded for the sake of this. Raises KeyError when it is not there."""
        bucket = self._of[key]
        made = bucket.made.get(media_type)
        kept = NOT_MADE if made is None else made[key]
        return unframed(kept, media_type) if kept else self._encode(bucket.entities[key], media_type)

    def encoded(self, key: K, media_type: MediaType) -> bytes:
        """One entity. Raises KeyError when it is not there."""
        return unframed(self.element(key, media_type), media_type)

    def element(self, key: K, media_type: MediaType) -> bytes:
        """The same, as an element of its field. Raises KeyError when it is not there."""
        bucket = self._of[key]
        made = bucket.made_in(media_type)
        kept = made[key]
        if not kept:
            fragment = self._encode(bucket.entities[key], media_type)
            kept = made[key] = framed(self._answer, self.field, fragment, media_type)
        return kept

    def is_stale(self, media_type: MediaType) -> bool:
        """Whether there is a step to take before `pieces`."""
        return bool(self._stale.get(media_type, True))

    def steps(self, media_type: MediaType) -> Iterator[None]:
        """Encode and join what has changed, an entity or a bucket at each step.

        When there is no further step, `pieces` shows the entities as they are. What changes between steps is
        made in a later one.
        """
        stale = self._stale.get(media_type)
        if stale is None:
            stale = self._stale[media_type] = dict.fromkeys(self._buckets)
        while stale:
            bucket = next(iter(stale))
            made, changes = bucket.made_in(media_type), bucket.changes
            for key in [key for key, kept in made.items() if not kept]:
                if key in made and not made[key]:
                    fragment = self._encode(bucket.entities[key], media_type)
                    made[key] = framed(self._answer, self.field, fragment, media_type)
                yield
            if bucket.changes == changes and bucket in stale:  # nobody else has joined it meanwhile
                bucket.whole[media_type] = joined(made.values(), media_type)
                del stale[bucket]
                yield

    def pieces(self, media_type: MediaType) -> Pieces:
        """All of them, encoded, for `assembly.message`; nothing of it may be stale."""
        assert not self._stale[media_type], f"{self.field} is asked for before it was made"
        return [bucket.whole[media_type] for bucket in self._buckets]

    # Within.

    def _forget(self, bucket: _Bucket[K, E], key: K) -> None:
        bucket.changes += 1
        for made in bucket.made.values():
            made[key] = NOT_MADE
        for stale in self._stale.values():
            stale[bucket] = None

    def _roomy(self) -> _Bucket[K, E]:
        """The last bucket, or a new one behind it: who comes last stands last."""
        if not self._buckets or len(self._buckets[-1].entities) >= BUCKET_ENTITIES:
            self._buckets.append(_Bucket())
        return self._buckets[-1]

    def _drop(self, bucket: _Bucket[K, E]) -> None:
        bucket.changes += 1
        self._buckets.remove(bucket)
        for stale in self._stale.values():
            stale.pop(bucket, None)

    def _close_ranks(self, bucket: _Bucket[K, E]) -> None:
        """A bucket has become sparse: it is thrown together with a neighbour that is sparse as well."""
        at = self._buckets.index(bucket)
        for left in (at - 1, at):
            if 0 <= left < len(self._buckets) - 1:
                one, other = self._buckets[left : left + 2]
                if len(one.entities) <= SPARSE and len(other.entities) <= SPARSE:
                    self._merge(one, other)
                    return

    def _merge(self, one: _Bucket[K, E], other: _Bucket[K, E]) -> None:
        for media_type in {**one.made, **other.made}:
            one.made_in(media_type).update(other.made_in(media_type))
        one.entities.update(other.entities)
        one.changes += 1
        for key in other.entities:
            self._of[key] = one
        self._drop(other)
        for stale in self._stale.values():
            stale[one] = None
