"""The images on a host as a port: what whoever collects them asks of the runtime that keeps them.

Values and a protocol: nothing is decided and nothing is removed here. `podman_images` implements it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Layer:
    """A part of images. Two images that have a layer of the same key share it, and it is stored once."""

    key: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Image:
    """An image in the runtime's storage.

    `names` are all references that lead to it there, with a tag or a digest; none: what led to it leads to
    another image now. `digests` lead to it as well, NAME@DIGEST, though it was not stored by them. `created`
    is when it was built, in seconds since the epoch.
    """

    id: str
    names: tuple[str, ...]
    size_bytes: int
    created: float
    layers: tuple[Layer, ...]
    digests: tuple[str, ...] = ()

    @property
    def leads(self) -> tuple[str, ...]:
        """Everything that the runtime finds it by, but for its id."""
        return tuple(dict.fromkeys((*self.names, *self.digests)))


class ImageRefused(Exception):
    """The runtime does not remove the image: something of its own uses it. The text is the runtime's."""


class ImageStore(Protocol):
    """One runtime's images, whoever brought them. Every call raises ContainerizerError (Who.RETRY) when the
    runtime does not answer, and may be repeated."""

    async def list(self) -> list[Image]:
        """Every image that has a name, or that no other image is built on; sorted by id."""

    async def users(self) -> Mapping[str, tuple[str, ...]]:
        """Which containers of the runtime, running or not, use which image: in words, by the image's id."""

    async def named(self, name: str) -> str | None:
        """The id of the image that the name leads to now; None: it is not on the host."""

    async def remove(self, image: Image) -> None:
        """Remove it with its names. Nothing happens when it is not there. Raises ImageRefused; never ends or
        changes a container."""

    async def path(self) -> Path:
        """A directory on the filesystem that holds them."""
