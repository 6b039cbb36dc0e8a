"""How much of the disk sandboxes take, and how full volumes are, for whoever looks at containers.

Measured in threads that may hang with the file system, not more often than is useful; who asks does not wait
for a measurement that takes long, and is told the last one. It ends nothing that is too large.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from agent.sandboxes.disk_use import disk_use
from api.model.clock import Clock
from provider.local_storage.host_threads import HostHangs, HostThreads

T = TypeVar("T")

FRESH = 15.0
"""Seconds for which a measurement is told again."""

PATIENCE = 0.3
"""Seconds that whoever asks waits for a new one."""

MAX_ENTRIES = 20_000
"""Files of one sandbox that are looked at; what is beyond is not counted here."""

MAX_KEPT = 4_096
"""Measurements that are kept; beyond it all are made anew."""

MAX_BUSY = 4
"""Measurements at the same time."""


@dataclass(frozen=True, slots=True)
class Fill:
    """How full a file system is, in bytes."""

    size: int
    used: int


class DiskSizes:
    """The measurements of one agent."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._threads = HostThreads(max_busy=MAX_BUSY)
        self._kept: dict[str, tuple[float, object]] = {}

    async def sandbox(self, path: str) -> int | None:
        """Bytes that it takes; None when that is not known yet."""
        return await self._measured(path, lambda: disk_use(path, max_entries=MAX_ENTRIES).bytes)

    async def volume(self, path: str) -> Fill | None:
        """How full the volume is that is mounted at `path`; None when that is not known, or none is."""
        return await self._measured(f"{path}/.", partial(_fill, path))

    async def _measured(self, name: str, measure: Callable[[], T]) -> T | None:
        at, last = self._kept.get(name, (0.0, None))
        if at and self._clock.monotonic() < at + FRESH:
            return last  # type: ignore[return-value]  # of the same name, so of the same kind
        try:
            found = await self._threads.run(name, measure, PATIENCE)
        except (HostHangs, OSError):
            return last  # type: ignore[return-value]
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[name] = (self._clock.monotonic(), found)
        return found


def _fill(path: str) -> Fill | None:
    place = Path(path)
    if place.stat().st_dev == place.parent.stat().st_dev:
        return None  # a directory of a larger file system, whose fill is not its own
    found = os.statvfs(path)
    return Fill(found.f_blocks * found.f_frsize, (found.f_blocks - found.f_bfree) * found.f_frsize)
