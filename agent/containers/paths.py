"""Where a container stands among those that hold it: v1 ContainerID messages to paths and back.

Pure. A path is the values from the outermost container inwards. Nothing here knows which containers exist.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import UNSET

from api.wire.v1 import mesos

ContainerPath = tuple[str, ...]
"""Values from the outermost container to the one that is meant; never empty."""

MAX_VALUE_LENGTH: Final = 120
"""Characters of one value; a longer one is refused."""

MAX_DEPTH: Final = 16
"""Containers within one another; a deeper one is refused."""

SHOWN: Final = 60
"""Characters of a wrong value that a refusal repeats."""

_VALUE: Final = re.compile(r"[A-Za-z0-9_-]+")


class InvalidContainerId(Exception):
    """The id can name no container: the request has to change. The text says what is wrong with it."""


def path_of(container_id: mesos.ContainerID) -> ContainerPath:
    """The path that a ContainerID with its parents stands for. Raises InvalidContainerId."""
    values: list[str] = []
    each: mesos.ContainerID | None = container_id
    while each is not None:
        if len(values) == MAX_DEPTH:
            raise InvalidContainerId(f"a container may be nested {MAX_DEPTH - 1} deep, and no deeper")
        values.append(_checked(each.value))
        each = None if each.parent is UNSET else each.parent
    return tuple(reversed(values))


def id_of(path: ContainerPath) -> mesos.ContainerID:
    """The ContainerID of a path, with its parents."""
    found = mesos.ContainerID(value=path[0])
    for value in path[1:]:
        found = mesos.ContainerID(value=value, parent=found)
    return found


def as_text(path: ContainerPath) -> str:
    """A path for people and for keys: values hold no dot, so that it can be taken apart again."""
    return ".".join(path)


def of_text(text: str) -> ContainerPath:
    """The path that `as_text` wrote. Raises InvalidContainerId for what no path is written as."""
    values = tuple(_checked(value) for value in text.split("."))
    if len(values) > MAX_DEPTH:
        raise InvalidContainerId(f"a container may be nested {MAX_DEPTH - 1} deep, and no deeper")
    return values


def _checked(value: str) -> str:
    if len(value) > MAX_VALUE_LENGTH or not _VALUE.fullmatch(value):
        shown = value if len(value) <= SHOWN else f"{value[:SHOWN]}…"
        raise InvalidContainerId(
            f"container id {shown!r}: 1 to {MAX_VALUE_LENGTH} letters, digits, '-' or '_' are expected"
        )
    return value
