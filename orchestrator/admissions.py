"""Registrations in turn: after a failover all agents ask at once, and nobody else must wait for all of them.

Each is a piece of work that does not wait. So many are done in one turn of the event loop as fit into
SLICE_SECONDS; in between everything else has its turn, renewals of the lease included. Must not: know what a
registration is.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

SLICE_SECONDS: Final = 0.01
"""Of the event loop's time in one turn. One piece of work is always done, however long it takes."""


class Admissions:
    """Work that waits, first come first served. Bounded by whoever adds: one for each open connection."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, work: Callable[[], None]) -> None:
        """Do it soon. It must not raise."""
        self._waiting.append(work)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._do_some)

    def clear(self) -> None:
        """Nothing of it is to be done any more."""
        self._waiting.clear()

    def _do_some(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + SLICE_SECONDS
        while self._waiting:
            self._waiting[0]()  # it leaves when it is done: until then nobody else begins a turn
            if self._waiting:
                self._waiting.popleft()
            if loop.time() >= until:
                break
        if self._waiting:
            loop.call_soon(self._do_some)
