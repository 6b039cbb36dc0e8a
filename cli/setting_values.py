"""What the values of an agent's and of a cluster's settings are made of: texts of flags, variables, files.

Each function raises ValueError, saying what is wrong. What takes long to import is imported when it is
needed: help must be quick.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.model.resource import Resource
    from api.wire.v1.mesos import Attribute


def a_count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 64:
        raise ValueError(f"{text!r} is not a number of agents from 1 to 64")
    return int(text)


def an_amount(least: int, most: int) -> Callable[[str], int]:
    """A parser for a whole number within bounds."""

    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ValueError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return parse


def directories(text: str) -> tuple[Path, ...]:
    found = tuple(Path(part) for part in text.split(":") if part)
    if wrong := [str(path) for path in found if not path.is_absolute()]:
        raise ValueError(f"{', '.join(wrong)}: give absolute paths")
    return found


def orchestrators(text: str) -> tuple[str, ...]:
    from agent.addresses import parsed

    found = tuple(dict.fromkeys(each.strip() for each in text.split(",") if each.strip()))
    if not found:
        raise ValueError("no orchestrator is named")
    for each in found:
        parsed(each)
    return found


def image_names(text: str) -> tuple[str, ...]:
    from agent.images.reference import problem

    found = tuple(dict.fromkeys(each.strip() for each in text.split(",") if each.strip()))
    if wrong := [why for each in found if (why := problem(each)) is not None]:
        raise ValueError(wrong[0])
    return found


def the_attributes(text: str) -> tuple[Attribute, ...]:
    from agent.host.stated_attributes import stated_attributes

    return stated_attributes(text)


def the_resources(text: str) -> tuple[Resource, ...]:
    from agent.host.stated_resources import stated_resources

    return stated_resources(text)
