"""After a task's end: its volumes are given back, its owner is told, its container is removed.

Each is repeated until it is done; what is stuck holds back nothing but itself.
"""

from __future__ import annotations

import asyncio
import logging

from agent.containerizer.interface import UnknownContainer
from agent.tasks.context import TaskContext
from agent.tasks.journal import TaskJournal
from provider.manager.publishing import PublishFailed

log = logging.getLogger(__name__)


class TaskRelease:
    """The last steps of one task."""

    def __init__(self, context: TaskContext, journal: TaskJournal) -> None:
        self._context = context
        self._record = context.record
        self._parts = context.parts
        self._journal = journal

    async def release(self) -> None:
        """Nothing of the task is left on this host but its sandbox when this returns."""
        context = self._context
        if context.doubtful:
            await context.repeat(self._make_sure_it_ended)
        giving_back = asyncio.create_task(self._give_back())
        try:
            await asyncio.wait((giving_back,), timeout=self._parts.limits.release_patience)
            self._record.told = self._record.phase
            self._parts.deliver(self._record)
            if context.checks is not None:
                await context.repeat(context.checks.tidy)
            await context.repeat(self._remove)
            await giving_back
        finally:
            giving_back.cancel()
        context.retire_sandboxes()
        await self._journal.released()

    async def _give_back(self) -> None:
        attempt = 0
        while True:
            try:
                await self._parts.publisher.unpublish(self._record)
                return
            except (PublishFailed, OSError) as error:
                log.warning("volumes of task %s are not released yet: %s", "/".join(self._record.key), error)
            await self._context.pause(attempt)
            attempt += 1

    async def _make_sure_it_ended(self) -> None:
        try:
            await self._parts.containerizer.kill(self._record.container_id, 0.0)
            await self._parts.containerizer.wait(self._record.container_id)
        except UnknownContainer:
            pass

    async def _remove(self) -> None:
        try:
            await self._parts.containerizer.remove(self._record.container_id)
        except UnknownContainer:
            pass
