"""Ends what fills more of the disk with its sandbox than it was given: tasks, executors, containers.

Who was given `disk` may fill its sandbox that far; who was given none is not bounded. Kernels without project
quotas cannot refuse the write itself, so the sandboxes are measured, one after the other, and what is beyond
is found some seconds late. Volumes do not count: they have sizes of their own.

A custom executor and its tasks work in one sandbox, which is bounded by what they were given together; what a
group shares, apart from its tasks' own sandboxes, is bounded by what its executor was given.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from msgspec import UNSET

from agent.executors.record import ExecutorRecord
from agent.executors.state import ExecutorPhase
from agent.sandboxes.disk_use import DiskUse, disk_use
from agent.tasks.record import TaskRecord
from agent.tasks.state import TaskPhase
from api.wire.v1 import mesos

log = logging.getLogger(__name__)

INTERVAL = 15.0
"""Seconds between measurements of all sandboxes, if nobody says otherwise; they take a thread's time as long
as there are files."""

MIB = 2**20

TASKS = "tasks"
"""In the sandbox of a group: where those of its tasks are."""

Reason = mesos.TaskStatusReason
DISK = Reason.REASON_CONTAINER_LIMITATION_DISK


@dataclass(frozen=True, slots=True)
class Bounded:
    """A sandbox that may hold `allowed` bytes, not counting the directory `apart` at its top.

    `end` is told why its container has to end, if that still runs; `who` was given the disk, for people.
    """

    sandbox: Path
    allowed: int
    who: str
    end: Callable[[str], None]
    apart: str = ""


class QuotaTasks(Protocol):
    """The part of the agent's tasks that is needed here."""

    @property
    def records(self) -> Sequence[TaskRecord]:
        """Every known task."""

    def sandbox(self, record: TaskRecord) -> Path:
        """Where a task works."""

    def limit(self, record: TaskRecord, message: str, reason: Reason) -> None:
        """End a task at once, because it exceeds what it was given."""


class QuotaExecutors(Protocol):
    """The part of the agent's executors that is needed here."""

    @property
    def records(self) -> Sequence[ExecutorRecord]:
        """Every known executor."""

    def sandbox_of(self, record: ExecutorRecord) -> Path:
        """Where an executor works."""

    def limit(self, record: ExecutorRecord, message: str, reason: Reason) -> None:
        """End an executor at once with its tasks, because it exceeds what it was given."""


class QuotaContainers(Protocol):
    """The part of the operators' containers that is needed here."""

    def bounded(self) -> Sequence[Bounded]:
        """The sandboxes of those that run and were given disk."""


class SandboxQuota:
    """A service of the agent: measures while it runs."""

    def __init__(
        self,
        tasks: QuotaTasks,
        executors: QuotaExecutors,
        containers: QuotaContainers,
        interval: float = INTERVAL,
        measure: Callable[[str, str], DiskUse] = lambda path, apart: disk_use(path, apart=apart),
    ) -> None:
        """`measure` is given a sandbox and the name of a directory in it that does not count, or ""."""
        self._tasks = tasks
        self._executors = executors
        self._containers = containers
        self._interval = interval
        self._measure = measure
        self._other_interval = asyncio.Event()
        self._job: asyncio.Task[None] | None = None

    def measure_every(self, interval: float) -> None:
        """Seconds between two looks from now on; a wait that has begun is counted anew."""
        self._interval = interval
        self._other_interval.set()

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
            await self._wait()
            try:
                await self.look()
            except Exception:
                log.exception("sandboxes could not be measured this time")

    async def _wait(self) -> None:
        while True:
            self._other_interval.clear()
            try:
                async with asyncio.timeout(self._interval):
                    await self._other_interval.wait()
            except TimeoutError:
                return

    async def look(self) -> None:
        """Measure the sandboxes of all that runs and is bounded, and end those beyond."""
        loop = asyncio.get_running_loop()
        found = [*self._of_tasks(), *self._of_executors(), *self._containers.bounded()]
        for each in found:
            used = await loop.run_in_executor(None, self._measure, str(each.sandbox), each.apart)
            text = beyond(used, each.allowed, each.who)
            if text is not None:
                each.end(text)

    def _of_tasks(self) -> Iterable[Bounded]:
        for record in self._tasks.records:
            allowed = None if record.shares_sandbox else bound_of(record.info)
            if allowed is not None and _runs(record):
                yield Bounded(self._tasks.sandbox(record), allowed, "the task", self._end_of(record))

    def _end_of(self, record: TaskRecord) -> Callable[[str], None]:
        def end(text: str) -> None:
            if _runs(record):
                self._tasks.limit(record, text, DISK)

        return end

    def _of_executors(self) -> Iterable[Bounded]:
        for record in self._executors.records:
            given = [record.as_container().info]
            if not record.is_played:
                given += [task.info for task in self._tasks.records if _is_of(task, record) and _runs(task)]
            allowed = _together(given)
            if allowed is not None and _is_up(record):
                who = "the executor" if record.is_played else "the executor with its tasks"
                apart = TASKS if record.is_played else ""
                sandbox = self._executors.sandbox_of(record)
                yield Bounded(sandbox, allowed, who, self._end_of_executor(record), apart)

    def _end_of_executor(self, record: ExecutorRecord) -> Callable[[str], None]:
        def end(text: str) -> None:
            if _is_up(record):
                self._executors.limit(record, text, DISK)

        return end


def _runs(record: TaskRecord) -> bool:
    """Of a custom executor's task: whether it counts."""
    live = not record.terminal if record.shares_sandbox else record.phase is TaskPhase.RUNNING
    return live and (record.kill is None or record.shares_sandbox)


def _is_up(record: ExecutorRecord) -> bool:
    return record.phase in (ExecutorPhase.REGISTERING, ExecutorPhase.RUNNING) and not record.ending


def _is_of(task: TaskRecord, executor: ExecutorRecord) -> bool:
    return task.executor_container == executor.container_id


def beyond(used: DiskUse, allowed: int, who: str) -> str | None:
    """Why a sandbox that may hold the `allowed` bytes of `who` holds too much; None when it does not.

    What could not be measured to its end is too much: else so many files would hide any number of bytes.
    """
    given = f"{who} was given {allowed / MIB:.1f} MB of disk"
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


def _together(infos: Iterable[mesos.TaskInfo]) -> int | None:
    """Bytes that all of them may fill; None: nobody was given any, or one may fill as much as it likes."""
    infos = list(infos)
    if any("disk" in info.limits and bound_of(info) is None for info in infos):
        return None
    known = [allowed for info in infos if (allowed := bound_of(info)) is not None]
    return sum(known) if known else None


def _is_plain(resource: mesos.Resource) -> bool:
    disk = resource.disk
    return disk is UNSET or (disk.source is UNSET and disk.persistence is UNSET and disk.volume is UNSET)
