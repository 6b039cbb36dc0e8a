"""The image of a launch: on the host and kept there until the container is made, pulled if need be.

How a pull is asked of Podman is `libpod`'s, how many wait for one is `images`'; who keeps the book of images,
and makes room for them, is told here and lives elsewhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

from agent.containerizer.images import ImagePulls, Once, Pull, is_full
from agent.containerizer.interface import LaunchError, Progress, Who

Named = Callable[[str], Awaitable[str | None]]
"""The id of the image that a name leads to; None when it is not on the host."""

Credentials = Callable[[str], str | None]
"""What registries want to see for an image, as X-Registry-Auth has it; asked at each pull. May raise
LaunchError."""

DISTURBED_PULLS = 3
"""Times that a pull is begun in all when images were removed meanwhile: a layer that it counted on may have
been theirs."""


class ImageBook(Protocol):
    """Who keeps account of images. Its calls may raise StoreFailed: the daemon has to stop."""

    @property
    def removals(self) -> int:
        """How many images have been removed so far."""

    def hold(self, name: str) -> AbstractAsyncContextManager[None]:
        """Nothing that the name leads to, or will lead to, is removed until this is left."""

    async def used(self, image_id: str) -> None:
        """A container is about to be made of it."""

    async def pulling(self, name: str, before: str | None) -> None:
        """It is about to be pulled; `before` is the image that the name leads to now."""

    async def pulled(self, name: str, found: str | None) -> None:
        """The pull has ended, and the name leads to `found`."""

    def pull_broken_off(self, name: str) -> None:
        """Nobody knows whether the pull has ended."""

    async def make_room(self) -> bool:
        """The disk is full: remove what can go. Whether something went."""


class NoBook:
    """For a containerizer whose images nobody collects."""

    removals = 0

    def hold(self, name: str) -> AbstractAsyncContextManager[None]:
        """See ImageBook."""
        return nullcontext()

    async def used(self, image_id: str) -> None:
        """See ImageBook."""

    async def pulling(self, name: str, before: str | None) -> None:
        """See ImageBook."""

    async def pulled(self, name: str, found: str | None) -> None:
        """See ImageBook."""

    def pull_broken_off(self, name: str) -> None:
        """See ImageBook."""

    async def make_room(self) -> bool:
        """See ImageBook."""
        return False


@dataclass(frozen=True, slots=True)
class ImagePorts:
    """What the bringing of images needs from elsewhere."""

    book: ImageBook = field(default_factory=NoBook)
    credentials: Credentials = lambda image: None


class ImageNeeds:
    """Brings the images of launches."""

    def __init__(self, named: Named, pull: Pull, book: ImageBook) -> None:
        self._named = named
        self._book = book
        self._pulls = ImagePulls(pull, self._bring)

    @asynccontextmanager
    async def ready(self, name: str, progress: Progress | None, *, anew: bool) -> AsyncIterator[None]:
        """Within, the image is on the host and stays there; with `anew` it is asked for at its registry even
        if it is there. Raises LaunchError, about the image."""
        async with self._book.hold(name):
            found = await self._named(name)
            if found is None or anew:
                await self._pulls.fetch(name, progress)
                found = await self._named(name)
            if found is None:
                raise LaunchError(f"image {name}: it was removed when it had been pulled", Who.RETRY, "image")
            await self._book.used(found)
            yield

    async def close(self) -> None:
        """Give up what is being pulled."""
        await self._pulls.close()

    async def _bring(self, name: str, once: Once) -> None:
        """One pull for all that wait for it: written before it begins, and begun again when it failed for a
        reason that has gone."""
        await self._book.pulling(name, await self._named(name))
        try:
            await self._patiently(once)
            found = await self._named(name)
        except BaseException as error:
            self._book.pull_broken_off(name)
            if isinstance(error, LaunchError) and error.who is not Who.RETRY:
                await self._book.pulled(name, await self._named(name))
            raise
        await self._book.pulled(name, found)

    async def _patiently(self, once: Once) -> None:
        made_room = False
        for left in reversed(range(DISTURBED_PULLS)):
            removals = self._book.removals
            try:
                await once()
                return
            except LaunchError as error:
                if is_full(error) and not made_room:
                    made_room = await self._book.make_room()
                    again = made_room
                else:
                    again = error.who is Who.RETRY and self._book.removals != removals
                if not again or not left:
                    raise
