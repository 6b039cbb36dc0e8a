"""Tasks whose resources a host has no longer, after it was configured with less.

Those that came first stay: what they hold is taken from what the host has, in their order, and a task that
does not find all of its own there is ended. Only the agent's own resources count: providers keep theirs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Hashable, Iterable, Sequence
from typing import Final, Protocol, TypeVar

from agent.executors.record import ExecutorRecord
from agent.tasks.record import TaskRecord
from api.model.resources import Resources
from api.wire.convert import resources_from_wire
from api.wire.v1 import mesos

K = TypeVar("K", bound=Hashable)
PREEMPTED: Final = mesos.TaskStatusReason.REASON_CONTAINER_PREEMPTED

UNDER_WAY_SECONDS: Final = 60.0
"""After the host got less, launches may arrive that were accepted before the orchestrator knew: longer than a
link lives without a word. Those that find no room are ended as well."""
LOOK_SECONDS: Final = 0.25

log = logging.getLogger(__name__)


def displaced(totals: Resources, holders: Iterable[tuple[K, Resources]]) -> list[tuple[K, Resources]]:
    """Of `holders`, first come first, those that `totals` cannot hold any more, each with what is missing.

    `totals` may hold the agent's resources in any shape, reserved or not; holders' are compared without the
    role that they were allocated to. Pure.
    """
    left, out = totals.unallocated().of_provider(None), []
    for key, held in holders:
        own = held.unallocated().of_provider(None)
        if left.contains(own):
            left = left - _alone(own)
        else:
            out.append((key, own - left))
    return out


def losers(
    totals: Resources, tasks: Iterable[TaskRecord], executors: Iterable[ExecutorRecord]
) -> list[tuple[TaskRecord, Resources]]:
    """Of `tasks` those that have to go when the agent has `totals`, each with what it misses. Pure."""
    for executor in executors:
        totals = totals - _alone(resources_from_wire(executor.info.resources).unallocated())
    live = sorted(
        (record for record in tasks if not record.terminal and not _is_preempted(record)),
        key=lambda record: record.received_at,
    )
    by_key = {record.key: record for record in live}
    held = [(record.key, resources_from_wire(record.info.resources)) for record in live]
    return [(by_key[key], missing) for key, missing in displaced(totals, held)]


def _alone(held: Resources) -> Resources:
    """Those that nobody else holds: who shares a volume takes nothing from the others."""
    return held.filter(lambda resource: not resource.shared)


class Own(Protocol):
    """The agent's own resources."""

    def expected(self) -> Resources:
        """All of them, as they are reserved when the operations under way have succeeded: a task may be
        launched on what becomes of those, and both be known here when the agent is killed."""


class Holders(Protocol):
    """The tasks that hold them."""

    @property
    def records(self) -> Sequence[TaskRecord]:
        """Every known task, oldest first."""

    def limit(self, record: TaskRecord, message: str, reason: mesos.TaskStatusReason) -> None:
        """End a task at once, for that reason."""


class ExecutorHolders(Protocol):
    """The executors that hold some as well; they stay, it is their tasks that go."""

    @property
    def records(self) -> Sequence[ExecutorRecord]:
        """Every known executor."""


class Displacement:
    """A service of the agent that acts at the start, after its own resources, which know the totals; and
    when the host is configured with less meanwhile."""

    def __init__(self, own: Own, tasks: Holders, executors: ExecutorHolders) -> None:
        self._own = own
        self._tasks = tasks
        self._executors = executors
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """End the tasks that hold what is not there any more."""
        self._act()

    def shrunk(self) -> None:
        """The host has less from now on: the same at once, and for those that are still on their way here."""
        if self._looking is not None:
            self._looking.cancel()
        self._act()
        self._looking = asyncio.create_task(self._look(), name="displacement")

    async def stop(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def losers(self, totals: Resources) -> list[tuple[TaskRecord, Resources]]:
        """The tasks that have to go when the agent has `totals`, each with what it misses."""
        return losers(totals, self._tasks.records, self._executors.records)

    def _act(self) -> None:
        for record, missing in self.losers(self._own.expected()):
            text = f"this host was configured with less: {missing} of what the task held is gone; run it anew"
            log.warning("task %s is ended: %s", record.info.task_id.value, text)
            self._tasks.limit(record, text, PREEMPTED)

    async def _look(self) -> None:
        for _ in range(int(UNDER_WAY_SECONDS / LOOK_SECONDS)):
            await asyncio.sleep(LOOK_SECONDS)
            self._act()


def _is_preempted(record: TaskRecord) -> bool:
    """Whether it is being ended for this already. What it held is given to those who came after it."""
    return record.kill is not None and record.kill.reason is PREEMPTED
