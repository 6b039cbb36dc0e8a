"""The volumes of one task of a custom executor: published, and brought into its container, which runs.

They are held in the task's name and given back when it is over, while its executor goes on. It must not: end
anything, or know how a mount is made.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from msgspec import UNSET

from agent.containerizer.interface import Bind
from agent.containerizer.late_volumes import LateVolumes, Running
from agent.tasks.parts import TaskParts
from agent.tasks.record import TaskRecord
from agent.tasks.spec import InvalidTask
from agent.tasks.upkeep import keep_volumes
from api.wire.v1 import mesos
from provider.manager.publishing import PublishFailed

log = logging.getLogger(__name__)


class Place(Protocol):
    """The executor, as far as volumes are brought to it."""

    async def running(self) -> Running:
        """Its container, as soon as that runs. Raises RootFailed."""

    def still_running(self) -> Running | None:
        """Its container; None when it does not run any more, or not yet."""

    @property
    def live(self) -> list[TaskRecord]:
        """Its tasks that have not ended."""


class TaskVolumes:
    """Of one task, which has some."""

    def __init__(self, record: TaskRecord, parts: TaskParts, late: LateVolumes, place: Place) -> None:
        self._record = record
        self._parts = parts
        self._late = late
        self._place = place
        self._binds: tuple[Bind, ...] | None = None
        """Once they are known in this life of the agent."""
        self._may_be_there = True
        """In the container: an agent's former life may have brought them, and died before it said so."""

    def are_new(self) -> None:
        """The task has come just now: they are nowhere yet."""
        self._may_be_there = False

    async def bring(self) -> None:
        """They are where the task's executor finds them. May be repeated, and given up.

        Raises PREPARATION_ERRORS.
        """
        self._binds = await self._parts.publisher.publish(self._record)
        into = await self._place.running()
        self._may_be_there = True
        await self._late.bring(into, self._binds, self._parts.owner_of(self._record.user))

    async def keep(self, tell: Callable[[str], Awaitable[None]]) -> None:
        """After a restart of the agent, for a task that its executor has."""
        await keep_volumes(self._record, self._parts, tell)

    async def give_back(self) -> None:
        """Nobody holds them for the task any more, however often that has to be tried."""
        limits, attempt = self._parts.limits, 0
        while True:
            try:
                if self._may_be_there and (container := self._place.still_running()) is not None:
                    await self._late.take(container, await self._alone())
                await self._parts.publisher.unpublish(self._record)
                return
            except (PublishFailed, OSError) as error:
                log.warning("volumes of task %s are not released yet: %s", "/".join(self._record.key), error)
            await asyncio.sleep(min(limits.max_retry, limits.first_retry * 2.0 ** min(attempt, 10)))
            attempt += 1

    async def _alone(self) -> list[Bind]:
        """Those that no other task of the executor has at the same place: a shared one stays there."""
        if self._binds is None:
            # It is published, and that answers where. While nobody can tell, nothing is given back: it may
            # be mounted in the container.
            self._binds = await self._parts.publisher.publish(self._record)
        others = [each for each in self._place.live if each is not self._record]
        wanted = {place for each in others for place in _places(each.info)}
        shared = {target for volume, target in _places(self._record.info) if (volume, target) in wanted}
        return [bind for bind in self._binds if bind.target not in shared]


def _places(info: mesos.TaskInfo) -> list[tuple[str, str]]:
    """Volumes by what names them, and where they are wanted."""
    found = []
    for resource in info.resources:
        disk = resource.disk
        if disk is not UNSET and disk.volume is not UNSET:
            source = "" if disk.source is UNSET or disk.source.id is UNSET else disk.source.id
            name = "" if disk.persistence is UNSET else disk.persistence.id
            found.append((f"{source}/{name}", disk.volume.container_path))
    return found


def targets(info: mesos.TaskInfo) -> list[str]:
    """Where the task wants its volumes, below its executor's sandbox."""
    disks = [each.disk for each in info.resources if each.disk is not UNSET]
    return [disk.volume.container_path for disk in disks if disk.volume is not UNSET]


def check_targets(info: mesos.TaskInfo) -> None:
    """Raises InvalidTask for what cannot be brought into a container that runs."""
    for resource in info.resources:
        if resource.disk is UNSET or resource.disk.volume is UNSET:
            continue
        path, source = resource.disk.volume.container_path, resource.disk.source
        if path.startswith("/") or ".." in path.split("/") or not path.strip("/."):
            raise InvalidTask(
                f"the volume for {path!r}: into the container of an executor that runs a volume is brought"
                " below its sandbox only: give it a relative path"
            )
        if source is not UNSET and source.type is mesos.ResourceDiskInfoSourceType.BLOCK:
            raise InvalidTask(
                f"the volume for {path!r} is a raw device, which cannot be brought into an executor that"
                " runs: give it to the executor, not to the task"
            )
