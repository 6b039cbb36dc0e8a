"""Tasks whose resources a host has no longer, after it was configured with less.

Those that came first stay: what they hold is taken from what the host has, in their order, and a task that
does not find all of its own there is ended. Only the agent's own resources count: providers keep theirs.
"""

from __future__ import annotations

import logging
from collections.abc import Hashable, Iterable, Sequence
from typing import Protocol, TypeVar

from agent.executors.record import ExecutorRecord
from agent.tasks.record import TaskRecord
from api.model.resources import Resources
from api.wire.convert import resources_from_wire
from api.wire.v1 import mesos

K = TypeVar("K", bound=Hashable)
Reason = mesos.TaskStatusReason
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
            left = left - own
        else:
            out.append((key, own - left))
    return out


class Own(Protocol):
    """The agent's own resources."""

    def totals(self) -> Resources:
        """All of them, as they are reserved now."""


class Holders(Protocol):
    """The tasks that hold them."""

    @property
    def records(self) -> Sequence[TaskRecord]:
        """Every known task, oldest first."""

    def limit(self, record: TaskRecord, message: str, reason: Reason) -> None:
        """End a task at once, for that reason."""


class ExecutorHolders(Protocol):
    """The executors that hold some as well; they stay, it is their tasks that go."""

    @property
    def records(self) -> Sequence[ExecutorRecord]:
        """Every known executor."""


class Displacement:
    """A service of the agent that acts once, at the start: after its own resources, which know the totals."""

    def __init__(self, own: Own, tasks: Holders, executors: ExecutorHolders) -> None:
        self._own = own
        self._tasks = tasks
        self._executors = executors

    async def start(self) -> None:
        """End the tasks that hold what is not there any more."""
        totals = self._own.totals()
        for executor in self._executors.records:
            totals = totals - resources_from_wire(executor.info.resources).unallocated()
        live = sorted(
            (record for record in self._tasks.records if not record.terminal),
            key=lambda record: record.received_at,
        )
        by_key = {record.key: record for record in live}
        held = [(record.key, resources_from_wire(record.info.resources)) for record in live]
        for key, missing in displaced(totals, held):
            text = f"this host was configured with less: {missing} of what the task held is gone; run it anew"
            log.warning("task %s is ended: %s", key, text)
            self._tasks.limit(by_key[key], text, Reason.REASON_CONTAINER_PREEMPTED)

    async def stop(self) -> None:
        """Nothing runs."""
