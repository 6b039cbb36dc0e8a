"""Disks that need somebody, told to operators with what else an agent finds on its host.

As of the last look at the devices: nothing is looked at here, and nothing about a disk is decided. A service
of the agent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Final

from agent.devices.plan import Row, State
from api.wire.v1 import mesos

LOOK_SECONDS: Final = 2.0
"""Between two looks whether there is something else to tell."""

FINDINGS_LIMIT: Final = 100
"""So many are told; `orlop devices` has all of them."""

KIND: Final = "DISK"

TROUBLED: Final = (State.FAILED, State.FAILING, State.ABSENT)


class DiskFindings:
    """`rows`: how the devices and pools stood at the last look. `changed` is told whenever the findings are
    others."""

    def __init__(self, rows: Callable[[], Sequence[Row]], changed: Callable[[], None]) -> None:
        self._rows = rows
        self._changed = changed
        self._last: list[mesos.HostFinding] = []
        self._job: asyncio.Task[None] | None = None

    @property
    def told(self) -> list[mesos.HostFinding]:
        """All there is to be told now."""
        troubled = [row for row in self._rows() if row.state in TROUBLED]
        return [_finding(row) for row in troubled[:FINDINGS_LIMIT]]

    async def start(self) -> None:
        """Begin to tell of changes."""
        self._job = asyncio.create_task(self._follow(), name="disk-findings")

    async def stop(self) -> None:
        """Tell no more."""
        if self._job is not None:
            self._job.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._job

    async def _follow(self) -> None:
        while True:
            now = self.told
            if now != self._last:
                self._last = now
                self._changed()
            await asyncio.sleep(LOOK_SECONDS)


def _finding(row: Row) -> mesos.HostFinding:
    path = (
        row.sight.device.path if row.sight is not None else row.record.path if row.record is not None else ""
    )
    of = f" with provider {row.record.provider}" if row.record is not None else ""
    return mesos.HostFinding(
        kind=KIND, what=f"disk {path}{of} is {row.state}", advice=row.why or "see orlop devices"
    )
