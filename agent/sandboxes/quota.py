"""Ends tasks whose sandbox takes more of the disk than they were given.

A task that was given `disk` may fill its sandbox that far; one that was given none is not bounded. Kernels
without project quotas cannot refuse the write itself, so the sandboxes are measured, one after the other, and
what is beyond is found some seconds late. Volumes do not count: they have sizes of their own. Tasks of a
custom executor are not bounded: they work in its sandbox, and it alone knows whose file is whose.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import UNSET

from agent.sandboxes.disk_use import DiskUse, disk_use
from agent.tasks.record import TaskRecord
from agent.tasks.state import TaskPhase
from api.wire.v1 import mesos

log = logging.getLogger(__name__)

INTERVAL = 15.0
"""Seconds between measurements of all sandboxes; they take a thread's time as long as there are files."""

MIB = 2**20

Reason = mesos.TaskStatusReason


class QuotaTasks(Protocol):
    """The part of the agent's tasks that is needed here."""

    @property
    def records(self) -> Sequence[TaskRecord]:
        """Every known task."""

    def sandbox(self, record: TaskRecord) -> Path:
        """Where a task works."""

    def limit(self, record: TaskRecord, message: str, reason: Reason) -> None:
        """End a task at once, because it exceeds what it was given."""


class SandboxQuota:
    """A service of the agent: measures while it runs."""

    def __init__(
        self,
        tasks: QuotaTasks,
        interval: float = INTERVAL,
        measure: Callable[[str], DiskUse] = disk_use,
    ) -> None:
        self._tasks = tasks
        self._interval = interval
        self._measure = measure
        self._job: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to measure."""
        self._job = asyncio.create_task(self._run(), name="sandbox quota")

    async def stop(self) -> None:
        """Stop measuring."""
        if self._job is not None:
            self._job.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._job

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.look()
            except Exception:
                log.exception("sandboxes could not be measured this time")

    async def look(self) -> None:
        """Measure the sandboxes of all running tasks that are bounded, and end those beyond."""
        loop = asyncio.get_running_loop()
        for record in list(self._tasks.records):
            allowed = None if record.shares_sandbox else bound_of(record.info)
            if record.phase is not TaskPhase.RUNNING or record.kill is not None or allowed is None:
                continue
            sandbox = str(self._tasks.sandbox(record))
            used = await loop.run_in_executor(None, self._measure, sandbox)
            text = beyond(used, allowed)
            if text is not None and record.phase is TaskPhase.RUNNING:
                self._tasks.limit(record, text, Reason.REASON_CONTAINER_LIMITATION_DISK)


def beyond(used: DiskUse, allowed: int) -> str | None:
    """Why a sandbox that may hold `allowed` bytes holds too much; None when it does not.

    What could not be measured to its end is too much: else so many files would hide any number of bytes.
    """
    given = f"the task was given {allowed / MIB:.1f} MB of disk"
    if used.bytes > allowed:
        return f"the sandbox holds {used.bytes / MIB:.1f} MB, {given}: give it more, or write to a volume"
    if not used.complete:
        return (
            f"the sandbox holds more than {used.entries} files, or some too deep to be measured; {given}: "
            "keep fewer files, or write to a volume"
        )
    return None


def bound_of(info: mesos.TaskInfo) -> int | None:
    """Bytes that the sandbox of a task may hold; None is not bounded. Volumes are other disk than that."""
    if "disk" in info.limits:
        value = info.limits["disk"].value
        return None if value == float("inf") else int(value * MIB)
    given = [
        resource.scalar.value
        for resource in info.resources
        if resource.name == "disk" and resource.scalar is not UNSET and _is_plain(resource)
    ]
    return int(sum(given) * MIB) if given else None


def _is_plain(resource: mesos.Resource) -> bool:
    disk = resource.disk
    return disk is UNSET or (disk.source is UNSET and disk.persistence is UNSET and disk.volume is UNSET)
