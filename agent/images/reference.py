"""What two ways to write an image's name have in common. Pure, and about text alone.

A runtime keeps an image under its full name. What a task writes may be shorter: without a tag, which means
`latest`, without a registry, or with a tag besides a digest, which then does not count.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

ID_LENGTH: Final = 64
SHORTEST_ID: Final = 12
"""Hexadecimal digits of an image's id, and of the shortest beginning that is taken for one."""

DEFAULT_TAG: Final = "latest"
DOCKER: Final = ("docker.io", "index.docker.io")
"""Two names of one registry; a name without a folder is in its folder `library`."""

MAX_LENGTH: Final = 1_000
"""Of a name that is worth a look; longer ones are nobody's."""


def canonical(name: str) -> str:
    """The name with its digest, or else its tag, and Docker's registry as runtimes write it."""
    name = name.removeprefix("docker://")
    base, at, digest = name.partition("@")
    repository, colon, tag = base.rpartition(":")
    if not colon or "/" in tag:  # what follows the colon is the port of a registry, and a path
        repository, tag = base, DEFAULT_TAG
    registry, slash, path = repository.partition("/")
    if slash and registry in DOCKER:
        repository = f"{DOCKER[0]}/{path}" if "/" in path else f"{DOCKER[0]}/library/{path}"
    return f"{repository}@{digest}" if at else f"{repository}:{tag}"


def is_qualified(name: str) -> bool:
    """Whether it begins with a registry."""
    first, slash, _ = name.partition("/")
    return bool(slash) and ("." in first or ":" in first or first == "localhost")


def leads_to(wanted: str, stored: str) -> bool:
    """Whether what somebody wrote may mean the image that is stored under that name.

    In doubt it does: a name without a registry means that name in every registry.
    """
    wanted, stored = canonical(wanted), canonical(stored)
    return wanted == stored or (not is_qualified(wanted) and stored.endswith(f"/{wanted}"))


def is_meant(wanted: str, image_id: str, names: tuple[str, ...]) -> bool:
    """Whether `wanted` is that image: by its id or the beginning of it, by a name, or by a pattern of names
    in which * stands for anything."""
    text = wanted.removeprefix("sha256:")
    if len(text) >= SHORTEST_ID and image_id.startswith(text):
        return True
    if "*" in wanted:
        return any(fnmatchcase(name, wanted) for name in names)
    return any(leads_to(wanted, name) for name in names)


def problem(wanted: str) -> str | None:
    """What is wrong with a text that is to name images; None when it may name some."""
    if not wanted or len(wanted) > MAX_LENGTH:
        return f"a name of an image has 1 to {MAX_LENGTH} characters"
    if any(character.isspace() or not character.isprintable() for character in wanted):
        return f"{wanted[:100]!r} names no image: there are no blanks in names"
    return None
