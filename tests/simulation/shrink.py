"""A failing story cut down: which of its acts, faults and hands are needed for it to fail as it does. Pure.

Delta debugging: parts of the list are left out, ever smaller ones, as long as what is left still fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

TRIES = 150
"""Plays at most; what is left then is taken as it is."""


def kind_of(failure: str) -> str:
    """What two failures have in common that are one: their first line, without names and numbers."""
    first = failure.splitlines()[0] if failure else ""
    return re.sub(r"[0-9a-f]{6,}|\d+", "#", first)[:60]


def shrunk(parts: Sequence[T], fails: Callable[[tuple[T, ...]], bool], tries: int = TRIES) -> tuple[T, ...]:
    """A part of `parts`, in their order, with which it fails and of which (if the tries were enough) nothing
    can be left out. It fails with all of them."""
    left, pieces = tuple(parts), 2
    while left and tries > 0:
        size = max(1, -(-len(left) // pieces))
        for start in range(0, len(left), size):
            tries -= 1
            rest = left[:start] + left[start + size :]
            if fails(rest):
                left, pieces = rest, max(2, pieces - 1)
                break
            if tries <= 0:
                break
        else:
            if size == 1:
                break
            pieces = min(len(left), pieces * 2)
    return left
