"""Collects images: when the disk fills, when a pull has found it full, and when an operator says so.

What may go is `plan`'s to say; who uses what is in the book (`uses`). An image is judged once more when it is
its turn, while no launch can get hold of one; and the runtime refuses on its own what its containers use. How
much is free is measured anew after each image, never added up. One collection at a time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from agent.containerizer.image_store import Image, ImageRefused, ImageStore
from agent.containerizer.interface import ContainerizerError
from agent.images.gc_policy import ImagePolicy
from agent.images.plan import Judged, Plan, Standing, freed_by, plan, why_kept
from agent.images.reference import is_qualified
from agent.images.uses import ImageUses
from agent.sandboxes.work_space import Space, space_of
from api.model.quantity import format_size

T = TypeVar("T")
log = logging.getLogger(__name__)

Wanted = Callable[[], Mapping[str, str]]
"""Who is about to use an image, by its name."""

ABOUT_TO_START = "a container of it is about to start"


@dataclass(frozen=True, slots=True)
class Survey:
    """The images there are, and what a collection would do."""

    plan: Plan
    path: Path
    space: Space


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection did, in its order. `freed_bytes` are those of the layers that went."""

    removed: tuple[Judged, ...]
    kept: tuple[Judged, ...]
    freed_bytes: int
    space: Space


class ImageKeeper:
    """A `Service` of the agent. `failed` is told when what has to be durable is not: the daemon must stop."""

    def __init__(
        self,
        images: ImageStore,
        uses: ImageUses,
        wanted: Wanted,
        policy: ImagePolicy,
        failed: Callable[[BaseException], None],
        measure: Callable[[Path], Space] = space_of,
    ) -> None:
        self.policy = policy
        self.trouble: str | None = None
        """What was in the way when it was looked last."""
        self.collected_images = 0
        self.collected_bytes = 0
        """Since this life began."""
        self._images = images
        self._uses = uses
        self._wanted = wanted
        self._failed = failed
        self._measure = measure
        self._turn = asyncio.Lock()
        self._woken = asyncio.Event()
        self._jobs: set[asyncio.Task[Any]] = set()
        self._told = ""

    # life

    async def start(self) -> None:
        """Begin to look."""
        self._uses.attach(self.make_room, self._woken.set)
        self._begin(self._run()).add_done_callback(self._ended)

    async def stop(self) -> None:
        """Give up what is being collected: an image that is being removed may be gone then, or not."""
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    def configure(self, policy: ImagePolicy) -> None:
        """From now on it is that; looked at once."""
        self.policy = policy
        self._woken.set()

    # what is asked for

    async def survey(self, excluded: tuple[str, ...] = (), *, everything: bool = False) -> Survey:
        """What there is, and what a prune would do; changes nothing but the book.

        Raises ContainerizerError: the runtime does not answer; OSError: its disk does not.
        """
        await self._take_stock()
        images = await self._images.list()
        standing = await self._standing(excluded, everything=everything)
        path = await self._images.path()
        return Survey(plan(images, standing), path, self._measure(path))

    async def prune(self, excluded: tuple[str, ...] = (), *, everything: bool = False) -> Collected:
        """Remove all that may go but what is `excluded`; goes on when the caller gives up waiting.

        Raises ContainerizerError, OSError: some may have gone; repeat it.
        """

        async def all_of_them() -> Collected:
            async with self._turn:
                return await self._collect(lambda: False, excluded, everything=everything)

        return await asyncio.shield(self._begin(all_of_them()))

    async def make_room(self) -> bool:
        """A pull has found the disk full: as much goes as the marks say, and all that may where there is that
        much already. Whether there is more room than there was."""
        if self.policy.headroom is None:
            return False
        before = self._uses.removals
        async with self._turn:
            if self._uses.removals != before:
                return True  # somebody else's pull had the same trouble a moment ago
            try:
                enough = self._enough if not self._enough(await self._space()) else lambda space: False
                done = await self._collect_until(enough)
            except (ContainerizerError, OSError) as error:
                log.warning("no room can be made for an image: %s", error)
                return False
        return bool(done.removed)

    # within

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                async with self._turn:
                    await self._look()
                self.trouble = None
            except (ContainerizerError, OSError) as error:
                if self.trouble != str(error):
                    log.warning("images cannot be looked after: %s", error)
                self.trouble = str(error)
            with suppress(TimeoutError):
                async with asyncio.timeout(self.policy.interval):
                    await self._woken.wait()

    async def _look(self) -> None:
        await self._take_stock()
        headroom = self.policy.headroom
        space = await self._space()
        if headroom is None or _free(space) >= headroom:
            self._told = ""
            return
        done = await self._collect_until(self._enough)
        if _free(done.space) < headroom:
            self._warn(done)

    async def _take_stock(self) -> None:
        """What has changed since the last look, for the book."""
        known = set(self._uses.uses)
        images = await self._images.list()
        users = await self._images.users()
        for name in self._uses.open_pulls:
            await self._uses.found_later(name, await self._images.named(name))
        await self._uses.seen([image.id for image in images], users, known)

    async def _collect_until(self, enough: Callable[[Space], bool]) -> Collected:
        path = await self._images.path()
        return await self._collect(lambda: enough(self._measure(path)), (), everything=False)

    async def _collect(
        self, enough: Callable[[], bool], excluded: tuple[str, ...], *, everything: bool
    ) -> Collected:
        survey = await self.survey(excluded, everything=everything)
        removed: list[Judged] = []
        kept = list(survey.plan.kept)
        freed = 0
        for judged in survey.plan.remove:
            if enough():
                kept.append(Judged(judged.image, judged.use, ("there is room enough",)))
                continue
            why, bytes_freed = await self._remove(judged.image.id, excluded, everything=everything)
            if why:
                kept.append(Judged(judged.image, judged.use, why))
                continue
            removed.append(judged)
            freed += bytes_freed
        space = self._measure(survey.path)
        if removed:
            self._log(removed, freed, space)
        return Collected(tuple(removed), tuple(kept), freed, space)

    async def _remove(
        self, image_id: str, excluded: tuple[str, ...], *, everything: bool
    ) -> tuple[tuple[str, ...], int]:
        """Why the image stays, judged by what is true now; () and the bytes freed when it has gone."""
        async with self._uses.removing():
            images = await self._images.list()
            image = next((each for each in images if each.id == image_id), None)
            if image is None:
                await self._uses.removed(image_id)
                return (), 0
            why = why_kept(image, await self._standing(excluded, everything=everything))
            if why:
                return why, 0
            try:
                await self._images.remove(image)
            except ImageRefused as error:
                return (f"refused: {error}",), 0
            await self._uses.removed(image_id)
        freed = freed_by([image], images)
        self.collected_images += 1
        self.collected_bytes += freed
        return (), freed

    async def _standing(self, excluded: tuple[str, ...], *, everything: bool) -> Standing:
        # Before the runtime is asked: a launch that lets go of its image meanwhile has made its container.
        # And after, for those that came meanwhile. What has no registry may be another name's alias, which
        # only the runtime knows: it is asked, and so on until nobody came.
        before, wanted = self._waiting(), dict[str, str]()
        users = {image_id: list(why) for image_id, why in (await self._images.users()).items()}
        came = {**before, **self._waiting()}
        while new := came.keys() - wanted.keys():
            wanted.update(came)
            for name in sorted(new):
                if not is_qualified(name) and (found := await self._images.named(name)) is not None:
                    users.setdefault(found, []).append(wanted[name])
            came = self._waiting()
        return Standing(
            users={image_id: tuple(why) for image_id, why in users.items()},
            wanted=wanted,
            uses=self._uses.uses,
            pins=self.policy.pins,
            excluded=excluded,
            everything=everything or self.policy.everything,
        )

    def _waiting(self) -> dict[str, str]:
        """Who is about to use an image, by its name."""
        return {**dict.fromkeys(self._uses.held, ABOUT_TO_START), **self._wanted()}

    async def _space(self) -> Space:
        return self._measure(await self._images.path())

    def _enough(self, space: Space) -> bool:
        return _free(space) >= self.policy.low_water

    def _log(self, removed: list[Judged], freed: int, space: Space) -> None:
        names = ", ".join(_called(each.image) for each in removed[:10])
        more = f" and {len(removed) - 10} more" if len(removed) > 10 else ""
        log.info(
            "removed %d images, %s: %s%s; %s are free now",
            *(len(removed), format_size(freed), names, more, format_size(space.free_bytes)),
        )

    def _warn(self, done: Collected) -> None:
        """Once for each trouble, not at each look."""
        told = f"{len(done.kept)} images stay"
        if told != self._told:
            log.warning(
                "%s are free for images, less than the headroom, and what is left may not go: `orlop images`"
                " tells why (%s)",
                *(format_size(done.space.free_bytes), told),
            )
        self._told = told

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        job = asyncio.create_task(work)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
        return job

    def _ended(self, job: asyncio.Task[None]) -> None:
        if not job.cancelled() and (error := job.exception()) is not None:
            self._failed(error)


def _free(space: Space) -> float:
    return space.free_bytes / space.total_bytes if space.total_bytes else 1.0


def _called(image: Image) -> str:
    return image.names[0] if image.names else image.id[:12]
