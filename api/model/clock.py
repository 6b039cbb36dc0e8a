"""Time as a port.

Rooms that need the time take a `Clock`; the composition root passes the system's, the
simulation its own. No room but the ones that implement this port may ask the system.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What time it is, in two ways that must not be mixed."""

    def now(self) -> float:
        """Seconds since the epoch (UTC): for what people and other processes read. May jump."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start: for deadlines and intervals. Never goes back."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        return time.time()  # noqa: TID251 - this room implements the port

    def monotonic(self) -> float:
        return time.monotonic()  # noqa: TID251 - this room implements the port
