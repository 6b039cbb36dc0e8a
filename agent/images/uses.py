"""Who uses which image and since when, what this agent pulled, who is about to use one: the book of images.

    hold ── pulling ── pulled ── used ── the container is made ── the hold is let go

A launch holds its image's name from before it looks for it until its container is known to the runtime;
nothing that the name leads to is removed meanwhile, and while an image is being removed nobody gets a hold.
That a pull begins is durable before it does, so that what it brings is known as this agent's also when the
agent is killed meanwhile. Nothing is pulled or removed here.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from agent.images.checkpoint import (
    PullIntent,
    forget_pull_change,
    forget_uses_change,
    load_pulls,
    load_uses,
    pull_change,
    use_change,
)
from agent.images.plan import Use
from api.model.clock import Clock
from store.port import Change, Store

PULL_OUTLIVES_AGENT = 3_600.0
"""Seconds in which a pull that an earlier life of the agent began may still bring its image; what comes later
counts as somebody else's."""

USE_RESOLUTION = 600.0
"""Seconds by which a use that goes on may be older on disk than it is."""

MAX_NAMES = 20
"""Names kept of one image that this agent pulled; those it was pulled by last."""


class ImageUses:
    """The book of one agent. Implements `containerizer.image_needs.ImageBook`."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._uses = store.read(load_uses)
        self._written = {image_id: use.last_used for image_id, use in self._uses.items()}
        self._pulls = store.read(load_pulls)
        self._held: Counter[str] = Counter()
        self._gate = asyncio.Lock()
        self._under_way: set[str] = set()
        self._make_room: Callable[[], Awaitable[bool]] | None = None
        self._changed: Callable[[], None] = lambda: None
        self.removals = 0
        """How many images have been removed in this life."""

    def attach(self, make_room: Callable[[], Awaitable[bool]], changed: Callable[[], None]) -> None:
        """Who collects: asked for room when a disk is full, told when there are other images than before."""
        self._make_room, self._changed = make_room, changed

    async def make_room(self) -> bool:
        """See `ImageBook.make_room`."""
        return self._make_room is not None and await self._make_room()

    @property
    def uses(self) -> Mapping[str, Use]:
        """What is known, by the image's id."""
        return self._uses

    @property
    def held(self) -> Collection[str]:
        """The names of images that launches are about to use."""
        return tuple(self._held)

    # launches

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[None]:
        """Nothing that the name leads to, or will lead to, is removed until this is left."""
        async with self._gate:
            self._held[name] += 1
        try:
            yield
        finally:
            self._held[name] -= 1
            if not self._held[name]:
                del self._held[name]

    async def used(self, image_id: str) -> None:
        """A container is about to be made of it. Durable on return. Raises StoreFailed."""
        await self._store.write(*self._touched({image_id}, resolution=0.0))

    async def pulling(self, name: str, before: str | None) -> None:
        """It is about to be pulled; `before` is the image that the name leads to now. Raises StoreFailed."""
        self._under_way.add(name)
        earlier = self._pulls.get(name)
        if earlier is not None and before is not None and before != earlier.before:
            await self._settled(name, before)  # what an earlier life began to pull has come
        intent = PullIntent(before, self._clock.now())
        await self._store.write(pull_change(name, intent))
        self._pulls[name] = intent

    async def pulled(self, name: str, found: str | None) -> None:
        """The pull has ended, and the name leads to `found`; None: it brought nothing. Raises StoreFailed."""
        self._under_way.discard(name)
        await self._settled(name, found)
        self._changed()

    def pull_broken_off(self, name: str) -> None:
        """The pull may still bring something: it is looked for later."""
        self._under_way.discard(name)

    async def _settled(self, name: str, found: str | None) -> None:
        intent = self._pulls.pop(name, None)
        changes = [forget_pull_change(name)]
        if intent is not None and found is not None and (found != intent.before or found in self._uses):
            changes.append(self._brought(name, found, new=found != intent.before))
        await self._store.write(*changes)

    def _brought(self, name: str, found: str, *, new: bool) -> Change:
        """This agent pulled it, or pulled once more what it or somebody else had brought here."""
        use, now = self._uses.get(found), self._clock.now()
        pulled_at = now if new else None
        if use is None:
            use = Use(now, (), pulled_at)
        elif use.pulled_at is not None:
            pulled_at = use.pulled_at
        names = () if pulled_at is None else (*(each for each in use.names if each != name), name)
        return self._note(found, Use(now, names[-MAX_NAMES:], pulled_at))

    # those who collect

    @asynccontextmanager
    async def removing(self) -> AsyncIterator[None]:
        """While this is entered nobody gets a hold; those that are there stay."""
        async with self._gate:
            yield

    async def removed(self, image_id: str) -> None:
        """It is not on the host any more. Raises StoreFailed."""
        self.removals += 1
        await self.forget({image_id})

    async def seen(self, present: Collection[str], in_use: Iterable[str], known: Collection[str]) -> None:
        """Which images there are, and which are used now; what was `known` before that was asked, and is not
        there, is forgotten. Raises StoreFailed.
        """
        changes = [self._note(each, Use(self._clock.now())) for each in present if each not in self._uses]
        changes += self._touched(set(in_use) & set(present), resolution=USE_RESOLUTION)
        if changes:
            await self._store.write(*changes)
        await self.forget(set(known) - set(present))

    async def forget(self, image_ids: Collection[str]) -> None:
        """Of images that are gone nothing needs to be known. Raises StoreFailed."""
        known = [each for each in image_ids if each in self._uses]
        if not known:
            return
        await self._store.write(forget_uses_change(known))
        for image_id in known:
            self._uses.pop(image_id, None)
            self._written.pop(image_id, None)

    @property
    def open_pulls(self) -> Collection[str]:
        """Names whose pull was broken off: what they lead to now is to be told by `found_later`."""
        return tuple(name for name in self._pulls if name not in self._under_way)

    async def found_later(self, name: str, found: str | None) -> None:
        """What a name of `open_pulls` leads to now. Raises StoreFailed."""
        intent = self._pulls.get(name)
        if intent is None or name in self._under_way:
            return
        waits = self._clock.now() - intent.began_at < PULL_OUTLIVES_AGENT
        if waits and (found is None or found == intent.before):
            return
        await self._settled(name, found)

    # within

    def _touched(self, image_ids: Collection[str], resolution: float) -> list[Change]:
        """The use of now, in memory; the changes that are due for it on disk."""
        now = self._clock.now()
        changes: list[Change] = []
        for image_id in sorted(image_ids):
            use = replace(self._uses.get(image_id) or Use(now), last_used=now)
            if now - self._written.get(image_id, 0.0) >= resolution:
                changes.append(self._note(image_id, use))
            else:
                self._uses[image_id] = use
        return changes

    def _note(self, image_id: str, use: Use) -> Change:
        self._uses[image_id] = use
        self._written[image_id] = use.last_used
        return use_change(image_id, use)
