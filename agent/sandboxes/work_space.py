"""How much room is left where the agent works, and what follows: new tasks refused, old sandboxes collected.

Asked of the kernel each time, so that it is right again as soon as there is room. Changes nothing itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Space:
    """What a filesystem has left: bytes, and entries that can be made (None where it does not count them)."""

    free_bytes: int
    total_bytes: int
    free_entries: int | None


@dataclass(frozen=True, slots=True)
class SpaceLimits:
    """Where the lines are."""

    min_free_bytes: int = 64 * MIB
    """With less than this no new task is taken: what runs needs it for its output, the agent for records."""
    min_free_entries: int = 1_000
    pressure_begins: float = 0.25
    """Share of the filesystem that is free when sandboxes begin to be kept for a shorter time…"""
    pressure_full: float = 0.05
    """…and when those of ended containers are kept no longer at all."""


def space_of(path: Path) -> Space:
    """What there is for the agent at `path`. Raises OSError."""
    found = os.statvfs(path)
    return Space(
        free_bytes=found.f_bavail * found.f_frsize,
        total_bytes=found.f_blocks * found.f_frsize,
        free_entries=found.f_favail if found.f_files else None,
    )


class WorkSpace:
    """The room in one directory."""

    def __init__(
        self,
        path: Path,
        limits: SpaceLimits = SpaceLimits(),
        measure: Callable[[Path], Space] = space_of,
    ) -> None:
        self._path = path
        self._limits = limits
        self._measure = measure

    def limit(self, limits: SpaceLimits) -> None:
        """The lines are there from now on."""
        self._limits = limits

    def lacking(self) -> str | None:
        """Why no new task can be taken, for its owner and for the operator; None while there is room."""
        try:
            space = self._measure(self._path)
        except OSError as error:
            return (
                f"the agent cannot look at its work directory ({error.strerror}): its operator must see to it"
            )
        if space.free_bytes < self._limits.min_free_bytes:
            return (
                f"the agent's work directory is full: {space.free_bytes // MIB} MB are free, new tasks need "
                f"{self._limits.min_free_bytes // MIB} MB. Launch elsewhere, or make room at {self._path}"
            )
        if space.free_entries is not None and space.free_entries < self._limits.min_free_entries:
            return (
                f"the agent's work directory can hold only {space.free_entries} more files. "
                f"Launch elsewhere, or make room at {self._path}"
            )
        return None

    def leniency(self) -> float:
        """The part of their time that sandboxes of ended containers are kept: 1 with room, 0 without."""
        try:
            space = self._measure(self._path)
        except OSError:
            return 1.0
        share = space.free_bytes / space.total_bytes if space.total_bytes else 0.0
        if space.free_bytes < self._limits.min_free_bytes:
            return 0.0
        span = self._limits.pressure_begins - self._limits.pressure_full
        return min(1.0, max(0.0, (share - self._limits.pressure_full) / span))
