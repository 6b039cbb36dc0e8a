"""Processes as the kernel knows them: who they are, and when they end.

A process is known by its pid and its start time together. Its end is told by a pidfd, so
that waiting costs nothing until it happens. Nothing here knows about containers.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.containerizer.shim import records


@dataclass(frozen=True, slots=True)
class Process:
    """A process of this host in this boot. `start_time` in clock ticks since boot."""

    pid: int
    start_time: int

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """The process that has this pid now; None when there is none."""
        start = records.start_time(pid)
        return None if start is None else cls(pid, start)

    def alive(self) -> bool:
        return records.start_time(self.pid) == self.start_time

    def send(self, number: int) -> bool:
        """Send a signal to this process and no other. False: it has gone."""
        try:
            fd = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        try:
            if not self.alive():
                return False
            signal.pidfd_send_signal(fd, number)
        except ProcessLookupError:
            return False
        finally:
            os.close(fd)
        return True

    async def gone(self) -> None:
        """Return once the process has ended."""
        try:
            fd = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return
        try:
            if self.alive():
                await _readable(fd)
        finally:
            os.close(fd)


async def _readable(fd: int) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def on_readable() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(fd, on_readable)
    try:
        await ready
    finally:
        loop.remove_reader(fd)


def is_spent(watch: asyncio.Task[Any]) -> bool:
    """Whether a watch ended without an answer: asked again, it has to be begun anew."""
    return watch.done() and (watch.cancelled() or watch.exception() is not None)


def scope_of(work_dir: Path) -> str:
    """Twelve hexadecimal digits that tell this work directory's containers from all others."""
    return hashlib.sha256(os.fsencode(work_dir.resolve())).hexdigest()[:12]
