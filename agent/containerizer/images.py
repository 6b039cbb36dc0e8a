"""Images that are not on the host yet: pulled once for all that wait, with progress told, errors told apart.

How a pull is asked of Podman is `libpod`'s; what is made of the image is the launcher's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from agent.containerizer.interface import LaunchError, Progress, Who

Pull = Callable[[str], AsyncIterator[Mapping[str, Any]]]
"""Pulls the image of that reference; yields what Podman reports: a step of a layer, or an error."""

Once = Callable[[], Awaitable[None]]
"""One pull from its beginning to its end. Raises LaunchError, about the image."""

Around = Callable[[str, Once], Awaitable[None]]
"""What is done before and after a pull of that image, and when it failed; it calls `Once`, perhaps again."""

QUIET_LIMIT = 300.0
"""Seconds without a report after which a pull is given up. A large layer is silent while it is unpacked."""

PULLS_AT_ONCE = 3
"""Images that are pulled at the same time, each several layers at a time; the others wait."""

UNKNOWN = (
    "manifest unknown",
    "name unknown",
    "name invalid",
    "404 (not found)",
    "no image found in manifest list",
    "no such image",
    "image not known",
)
MALFORMED = (
    "invalid reference format",
    "must not be more than",
    "must be lowercase",
    "invalid image reference",
    "invalid tag",
)
DENIED = ("unauthorized", "access to the resource is denied", "authentication required", "403 (forbidden)")
DISTRUSTED = ("server gave http response to https client", "x509:", "certificate")
FULL = ("no space left on device", "disk quota exceeded")
UNQUALIFIED = ("did not resolve to an alias", "short-name")

_TROUBLES: tuple[tuple[tuple[str, ...], Who, str], ...] = (
    (MALFORMED, Who.REQUEST, "that is no reference to an image; write REGISTRY/NAME:TAG"),
    (UNQUALIFIED, Who.REQUEST, "no registry is named; write REGISTRY/NAME:TAG"),
    (UNKNOWN, Who.REQUEST, "its registry has no such image"),
    (
        DENIED,
        Who.OPERATOR,
        "its registry does not give it to this host, or has no such image; have its agent started with"
        " --registry-credentials, or run `podman login` there",
    ),
    (
        DISTRUSTED,
        Who.OPERATOR,
        "this host does not trust its registry; state it in /etc/containers/registries.conf",
    ),
    (FULL, Who.OPERATOR, "there is no room for it in Podman's storage; `orlop images` tells what is kept"),
)
"""What Podman's words mean: who has to act, and how to say it. What is not here may pass: a registry that
cannot be reached just now."""


def is_of_image(words: str) -> bool:
    """Whether Podman's refusal of a container is of its image."""
    lowered = words.lower()
    return any(mark in lowered for mark in (*MALFORMED, *UNQUALIFIED, *UNKNOWN))


def is_missing(words: str) -> bool:
    """Whether it is that the image is not on the host."""
    return "image not known" in words.lower() or "no such image" in words.lower()


def is_full(error: LaunchError) -> bool:
    """Whether it is that a disk was full."""
    return error.about == "image" and any(mark in error.message.lower() for mark in FULL)


def image_refusal(image: str, words: str) -> LaunchError:
    """What Podman said of an image, as who has to act understands it."""
    lowered = words.lower()
    for marks, who, meaning in _TROUBLES:
        if any(mark in lowered for mark in marks):
            return LaunchError(f"image {image}: {meaning} ({words})", who, about="image")
    return LaunchError(f"image {image}: its registry cannot be reached ({words})", Who.RETRY, about="image")


class ImagePulls:
    """The pulls that are under way. A pull that nobody waits for any more is given up."""

    def __init__(self, pull: Pull, around: Around) -> None:
        self._pull = pull
        self._around = around
        self._pulls: dict[str, _OnePull] = {}
        self._turns = asyncio.Semaphore(PULLS_AT_ONCE)

    async def fetch(self, image: str, progress: Progress | None = None) -> None:
        """Return when the image is on the host. Raises LaunchError, about the image."""
        pull = self._pulls.get(image)
        if pull is None or pull.is_over:
            pull = self._pulls[image] = _OnePull(image, self._pull, self._around, self._turns)
        try:
            await pull.wait(progress)
        finally:
            if pull.is_over and self._pulls.get(image) is pull:
                del self._pulls[image]

    async def close(self) -> None:
        for pull in list(self._pulls.values()):
            await pull.stop()
        self._pulls.clear()


class _OnePull:
    """One pull of one image, for all that wait for it."""

    def __init__(self, image: str, pull: Pull, around: Around, turns: asyncio.Semaphore) -> None:
        self._image = image
        self._pull = pull
        self._around = around
        self._turns = turns
        self._listeners: list[Progress | None] = []
        self._layers: dict[str, bool] = {}
        self._given_up = False
        self._task = asyncio.get_running_loop().create_task(self._run())

    @property
    def is_over(self) -> bool:
        """Whether nobody may join any more."""
        return self._given_up or self._task.done()

    async def wait(self, progress: Progress | None) -> None:
        self._listeners.append(progress)
        if progress is not None:
            progress(self._told())
        try:
            await asyncio.shield(self._task)
        finally:
            self._listeners.remove(progress)
            if not self._listeners:
                await self.stop()

    async def stop(self) -> None:
        self._given_up = True
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        async with self._turns:
            await self._around(self._image, self._once)

    async def _once(self) -> None:
        self._layers.clear()
        reports = self._pull(self._image)
        while True:
            try:
                async with asyncio.timeout(QUIET_LIMIT):
                    report = await anext(reports, None)
            except TimeoutError:
                raise image_refusal(self._image, f"no word for {QUIET_LIMIT:.0f} seconds") from None
            if report is None:
                return
            if words := report.get("error"):
                raise image_refusal(self._image, str(words))
            self._hear(report)

    def _hear(self, report: Mapping[str, Any]) -> None:
        layer, status = str(report.get("id", "")), str(report.get("status", ""))
        before = self._told()
        if layer and not self._layers.get(layer):
            self._layers[layer] = status in ("Download complete", "Already exists")
        if (text := self._told()) != before:
            for progress in self._listeners:
                if progress is not None:
                    progress(text)

    def _told(self) -> str:
        count = f": {sum(self._layers.values())} of {len(self._layers)} layers" if self._layers else ""
        return f"pulling image {self._image}{count}"
