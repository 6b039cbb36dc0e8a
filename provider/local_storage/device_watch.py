"""Watches for changes of the host's block devices: kernel events, by pyudev, with and without udevd.

Events only say that something changed; what there is now is read anew, so that a lost or doubled event does
no harm. It must not: look at devices, decide. Its user is told once for however many events.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

import pyudev

log = logging.getLogger(__name__)

EVENTS_AT_ONCE: Final = 32
"""Events that are taken in one turn of the loop; then others have theirs. Each takes some 50 µs."""

BUFFER_BYTES: Final = 4 * 1024 * 1024
"""For events that wait to be taken, some thousands. What does not fit is dropped by the kernel: it is told as
one change, as all others are."""


class DeviceWatch:
    """`changed` is called, in the event loop, after devices may have changed. Belongs to one loop."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._monitor: Any = None
        self.problem = ""
        """Why the kernel's events do not arrive, if so: then only time tells."""
        self.seen = 0
        """Events since the start."""

    def start(self) -> None:
        """Begin to listen. Without the kernel's leave nothing happens but that `problem` says so."""
        try:
            monitor = pyudev.Monitor.from_netlink(pyudev.Context(), source="kernel")
            monitor.filter_by(subsystem="block")
            self._enlarge(monitor)
            monitor.start()
        except (OSError, ValueError) as error:
            self.problem = f"changes of devices are seen late, as the kernel's events do not arrive: {error}"
            log.warning("%s", self.problem)
            return
        self._monitor = monitor
        asyncio.get_running_loop().add_reader(monitor.fileno(), self._take)

    def stop(self) -> None:
        """Listen no more."""
        monitor, self._monitor = self._monitor, None
        if monitor is not None:
            asyncio.get_running_loop().remove_reader(monitor.fileno())

    def _enlarge(self, monitor: Any) -> None:
        try:
            monitor.set_receive_buffer_size(BUFFER_BYTES)
        except OSError:
            log.debug("the buffer for the kernel's events keeps its size")  # a change is a change

    def _take(self) -> None:
        """What waits, a part of it: the loop calls again while there is more."""
        try:
            for _ in range(EVENTS_AT_ONCE):
                if self._monitor is None or self._monitor.poll(timeout=0) is None:
                    break
                self.seen += 1
        except OSError as error:
            log.info("events of devices were lost (%s): what there is is read anew", error)
        self._changed()
