"""One task from its arrival to its last trace: what each phase means, carried out.

The phases and their order are `agent.tasks.state`'s; each phase's work is a room of its own. Each step is
durable before the next. A task found in the checkpoint is driven by the same code from the phase it is in;
there is no other recovery.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from agent.containerizer.interface import ContainerState
from agent.tasks.context import TaskContext
from agent.tasks.journal import TaskJournal
from agent.tasks.parts import TaskParts
from agent.tasks.record import KillIntent, TaskRecord
from agent.tasks.release import TaskRelease
from agent.tasks.start import TaskStart
from agent.tasks.state import TaskEvent, TaskPhase
from agent.tasks.status import Reason
from agent.tasks.watch import TaskWatch
from store.port import StoreError

log = logging.getLogger(__name__)


class TaskRun:
    """Drives one task. Only `drive` changes its phase; others can only wish for its end."""

    def __init__(self, record: TaskRecord, parts: TaskParts, found: ContainerState | None = None) -> None:
        """`found` is the container that recovery has found for the task, if there is one."""
        self.record = record
        self._context = TaskContext(record, parts, found)
        self._journal = TaskJournal(self._context)
        self._start = TaskStart(self._context, self._journal)
        self.released = asyncio.Event()
        """Set once nothing of the task is left on this host but its sandbox."""

    @property
    def found(self) -> ContainerState | None:
        """The container that recovery has found for the task."""
        return self._context.found

    @found.setter
    def found(self, state: ContainerState | None) -> None:
        self._context.found = state

    async def arrive(self) -> None:
        """Make a new task durable, before anything else is done for it; then drive it."""
        await self._start.arrive()
        await self.drive()

    async def drive(self) -> None:
        """Bring the task to its end, from whatever phase it is in; returns when it is released.

        Raises StoreFailed: the daemon has to stop.
        """
        self._context.durable.set()
        await self._begin(TaskPhase.RECEIVED, self._start.prepare, TaskEvent.PUBLISH_FAILED)
        await self._begin(TaskPhase.STARTING, self._start.launch, TaskEvent.LAUNCH_FAILED)
        if self.record.phase in (TaskPhase.RUNNING, TaskPhase.KILLING):
            await TaskWatch(self._context, self._journal).watch()
        if not self.record.released:
            await TaskRelease(self._context, self._journal).release()
        self.released.set()

    async def wish_end(self, intent: KillIntent) -> None:
        """Someone wants the task to end. A later wish may shorten the grace period, not lengthen it."""
        await self._context.wish_end(intent)

    async def note(self, message: str) -> None:
        """Its owner is to know this while it runs."""
        await self._context.note(message)

    async def _begin(self, phase: TaskPhase, step: Callable[[], Awaitable[None]], failure: TaskEvent) -> None:
        """Take a step towards the start. What nobody foresaw fails this task, not the agent with all others,
        which would meet it again at each start."""
        if self.record.phase is not phase:
            return
        try:
            await step()
        except StoreError:
            raise
        except Exception as error:
            log.exception("task %s cannot be started", self.record.key)
            self._context.doubtful = True
            text = f"the agent met a fault of its own ({type(error).__name__}: {error}): report it"
            await self._journal.end(failure, text, Reason.REASON_CONTAINER_LAUNCH_FAILED)
