"""The images in Podman's storage, as `image_store.ImageStore` has them.

The storage may be shared: with other agents, and with whoever else runs containers on the host. Nothing here
decides what is removed, and nothing is ever removed by force.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from agent.containerizer.image_needs import Credentials, ImageBook, ImageNeeds
from agent.containerizer.image_store import Image, ImageRefused, Layer
from agent.containerizer.libpod import NOT_FOUND, LibpodError
from agent.containerizer.podman_calls import PodmanCalls
from agent.containerizer.podman_spec import ID_LABEL

LOOKS_AT_ONCE = 4
"""Images whose layers are asked for side by side."""

KIND_LABEL = "orlop.kind"
OPERATORS = "standalone"
NAME_LABELS = ("orlop.task", "orlop.executor", "orlop.container", ID_LABEL)
"""What a container of an agent is called, by the first of these labels that it has."""

MAX_LAYERS = 1_000
"""Of one image that are looked at; what is below them counts as nobody's."""


class PodmanImages:
    """Implements ImageStore, and pulls."""

    def __init__(self, calls: PodmanCalls, credentials: Credentials) -> None:
        self._calls = calls
        self._credentials = credentials
        self._layers: dict[str, tuple[Layer, ...]] = {}
        self._path: Path | None = None

    # what ImageStore promises

    async def list(self) -> list[Image]:
        """See ImageStore."""
        answer = await self._asked("/images/json") or []
        ids = {str(item["Id"]) for item in answer}
        self._layers = {image_id: layers for image_id, layers in self._layers.items() if image_id in ids}
        turns = asyncio.Semaphore(LOOKS_AT_ONCE)

        async def look(item: Mapping[str, Any]) -> Image:
            async with turns:
                return _image(item, await self._layers_of(str(item["Id"])))

        return sorted(await asyncio.gather(*map(look, answer)), key=lambda image: image.id)

    async def users(self) -> Mapping[str, tuple[str, ...]]:
        """See ImageStore."""
        found: dict[str, list[str]] = {}
        for item in await self._asked("/containers/json", {"all": "true"}) or []:
            if image_id := str(item.get("ImageID") or ""):
                found.setdefault(image_id, []).append(_in_words(item))
        return {image_id: tuple(sorted(users)) for image_id, users in found.items()}

    async def named(self, name: str) -> str | None:
        """See ImageStore. What is no name leads nowhere."""
        try:
            seen = await self._calls.repeated(
                lambda: self._calls.libpod.call("GET", f"/images/{quote(name, safe='')}/json")
            )
        except LibpodError:
            return None
        return str(seen["Id"])

    async def remove(self, image: Image) -> None:
        """See ImageStore. By its id: what was its name may lead to another image by now."""
        libpod, path = self._calls.libpod, f"/images/{image.id}"
        try:
            if len(image.names) > 1:  # Podman removes by the id only what has one name at most
                await self._calls.repeated(lambda: libpod.call("POST", f"{path}/untag"))
            await self._calls.repeated(lambda: libpod.call("DELETE", path))
        except LibpodError as error:
            if error.status != NOT_FOUND:
                await self._named_again(image)
                raise ImageRefused(error.message) from error

    async def _named_again(self, image: Image) -> None:
        """It stays, and with the names that it had, but for those that lead to another image by now. Podman
        gives none by a digest."""
        if len(image.names) < 2:
            return
        for name in image.names:
            repository, _, tag = name.rpartition(":")
            if "@" in name or await self.named(name) is not None:
                continue
            query, path = {"repo": repository, "tag": tag}, f"/images/{image.id}/tag"
            with suppress(LibpodError):  # it has gone meanwhile
                await self._calls.repeated(partial(self._calls.libpod.call, "POST", path, query=query))

    async def path(self) -> Path:
        """See ImageStore."""
        if self._path is None:
            answer = await self._asked("/info")
            self._path = Path(answer["store"]["graphRoot"])
        return self._path

    # pulls

    def needs(self, book: ImageBook) -> ImageNeeds:
        """Who brings the images of launches, told in `book`."""
        return ImageNeeds(self.named, self.pull, book)

    async def pull(self, name: str) -> AsyncIterator[Mapping[str, Any]]:
        """Podman's reports, one after another. Raises LaunchError: the credentials cannot be had."""
        async for report in self._calls.libpod.pull(name, self._credentials(name)):
            yield report

    # within

    async def _asked(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        return await self._calls.asked(lambda: self._calls.libpod.call("GET", path, query=query))

    async def _layers_of(self, image_id: str) -> tuple[Layer, ...]:
        """Asked once: an image never changes. None are known of one that is just being removed."""
        known = self._layers.get(image_id)
        if known is None:
            seen = await self._looked_at(f"/images/{image_id}/json")
            if seen is None:
                return ()
            steps = await self._looked_at(f"/images/{image_id}/history")
            digests, size = seen["RootFS"]["Layers"] or [], int(seen.get("Size") or 0)
            known = self._layers[image_id] = layers_of(digests, steps or [], size)
        return known

    async def _looked_at(self, path: str) -> Any:
        """None where Podman cannot say: of an image that is just being removed, or that says too little of
        how it was made."""
        try:
            return await self._calls.repeated(lambda: self._calls.libpod.call("GET", path))
        except LibpodError:
            return None


def layers_of(
    digests: Sequence[str], steps: Sequence[Mapping[str, Any]], size_bytes: int
) -> tuple[Layer, ...]:
    """Layers, from the lowest up. `digests` are theirs; `steps`, the newest first, are all that made the
    image: those that made a layer have its size, and a layer is never empty. Where the steps are not known
    all of the image's size is taken for the highest layer's.

    A layer is stored once for each row of layers beneath it: its key stands for that row.
    """
    sizes = [size for step in reversed(steps) if (size := int(step.get("Size") or 0)) > 0] or [size_bytes]
    sizes = [0] * (len(digests) - len(sizes)) + sizes[-len(digests) :] if digests else []
    found, row = [], hashlib.sha256()
    for digest, size in list(zip(digests, sizes, strict=True))[:MAX_LAYERS]:
        row.update(digest.encode())
        found.append(Layer(row.hexdigest(), size))
    return tuple(found)


def _image(item: Mapping[str, Any], layers: tuple[Layer, ...]) -> Image:
    return Image(
        id=str(item["Id"]),
        names=tuple(sorted(item.get("Names") or ())),
        size_bytes=int(item.get("Size") or 0),
        created=float(item.get("Created") or 0),
        layers=layers,
        digests=tuple(sorted(item.get("RepoDigests") or ())),
    )


def _in_words(item: Mapping[str, Any]) -> str:
    """Which container it is: as its agent calls it, or as Podman does."""
    labels = item.get("Labels") or {}
    name = next((labels[label] for label in NAME_LABELS if labels.get(label)), None)
    if name is not None:
        kind = labels.get(KIND_LABEL, OPERATORS)
        return f"in use by {'container' if kind == OPERATORS else kind} {name}"
    return f"in use by container {(item.get('Names') or [item.get('Id', '')])[0]}, which is nobody's here"
