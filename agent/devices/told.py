"""Who is told that a disk has gone: the manager of providers, and the tasks that use what was on it.

It must not: know devices.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Protocol

from msgspec import UNSET

from agent.providers.config import TYPE
from agent.tasks.record import TaskRecord
from api.wire.v1 import mesos
from provider.manager.manager import ResourceProviderManager

Reason = mesos.TaskStatusReason
log = logging.getLogger(__name__)


class Users(Protocol):
    """The tasks of this agent."""

    @property
    def records(self) -> Sequence[TaskRecord]:
        """Every known task."""

    def limit(self, record: TaskRecord, message: str, reason: Reason) -> None:
        """End a task at once, for that reason."""


class ToldOfDisks:
    """See `agent.devices.ports.Told`."""

    def __init__(self, manager: ResourceProviderManager, tasks: Users) -> None:
        self._manager = manager
        self._tasks = tasks

    def gone(self, provider: str, why: str) -> None:
        """Tasks with a volume of it are ended: what they read and write now comes to nothing."""
        self._manager.absences.explain(TYPE, provider, why)
        admitted = (*self._manager.here, *self._manager.away)
        ids = {each.id for each in admitted if (each.type, each.name) == (TYPE, provider)}
        for record in self._tasks.records:
            if not record.terminal and (lost := _volumes_of(record, ids)):
                message = f"{why}; {', '.join(lost)} of the task was on it"
                log.warning("task %s is ended: %s", "/".join(record.key), message)
                self._tasks.limit(record, message, Reason.REASON_CONTAINER_LIMITATION_DISK)

    def back(self, provider: str) -> None:
        """It is about to come."""
        self._manager.absences.explain(TYPE, provider, None)

    def given_up(self) -> Collection[str]:
        """The names of providers that were given up for good, and are not there under another id."""
        known = {each.name for each in (*self._manager.here, *self._manager.away) if each.type == TYPE}
        return {each.name for each in self._manager.removed if each.type == TYPE} - known


def _volumes_of(record: TaskRecord, providers: Collection[str]) -> list[str]:
    """The volumes of the task that those providers serve, for people."""
    found = []
    for resource in record.info.resources:
        disk = resource.disk
        if resource.provider_id is UNSET or resource.provider_id.value not in providers or disk is UNSET:
            continue
        source = "" if disk.source is UNSET or disk.source.id is UNSET else disk.source.id
        found.append(f"volume {source if disk.persistence is UNSET else disk.persistence.id}")
    return found
