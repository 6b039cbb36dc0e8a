"""What the steps of one task's run share: its record, the ports, and the wish that it end.

Nothing is decided here and no phase is changed; `agent.tasks.journal` does that.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from agent.checkpoint import kill_change
from agent.checks.running import RunningChecks
from agent.container_volumes import make_sandbox
from agent.containerizer.interface import ContainerizerError, ContainerState, Who
from agent.tasks.parts import TaskParts, check_output, sandbox_of
from agent.tasks.record import KillIntent, TaskRecord

T = TypeVar("T")
log = logging.getLogger(__name__)

MAX_NOTES = 10
"""That wait to be told of one task; further ones are dropped."""


class TaskContext:
    """One task on its way. The record is changed by the journal; others can only wish for its end."""

    def __init__(self, record: TaskRecord, parts: TaskParts, found: ContainerState | None) -> None:
        """`found` is the container that recovery has found for the task, if there is one."""
        self.record = record
        self.parts = parts
        self.found = found
        self.doubtful = record.terminal
        """Whether a container may run although the task is over."""
        self.durable = asyncio.Event()
        self.wish = asyncio.Event()
        self.checks: RunningChecks | None = None
        self.notes: asyncio.Queue[str] = asyncio.Queue(MAX_NOTES)
        """What its owner is to be told while it runs."""
        if record.kill is not None:
            self.wish.set()

    def locate(self, state: ContainerState) -> None:
        """Its container is `state`: where it is, for its statuses and its checks."""
        shared = () if self.record.parent is None else self.parts.roots.addresses(self.record)
        self.record.pid = state.pid
        self.record.addresses = state.addresses or shared

    async def wish_end(self, intent: KillIntent) -> None:
        """Someone wants the task to end. A later wish may shorten the grace period, not lengthen it."""
        present = self.record.kill
        if self.record.terminal or (present is not None and present.grace_period <= intent.grace_period):
            return
        self.record.kill = intent
        self.wish.set()
        await self.durable.wait()
        await self.parts.store.write(kill_change(self.record.key, intent))

    def wish_now(self, intent: KillIntent) -> None:
        """As `wish_end`, for an intent that is durable already."""
        self.record.kill = intent
        self.wish.set()

    async def note(self, message: str) -> None:
        """Have its owner told while it runs; one too many is not."""
        with contextlib.suppress(asyncio.QueueFull):
            self.notes.put_nowait(message)

    @property
    def wish_message(self) -> str:
        """Why the task is to end, for its owner."""
        return (self.record.kill.message if self.record.kill else "") or "killed on request"

    # places

    @property
    def sandbox(self) -> Path:
        """Where the task works, made or not. Raises RootFailed."""
        return sandbox_of(self.record, self.parts)

    def make_sandbox(self) -> Path:
        """The task's sandbox, as its user's. Idempotent. Raises OSError, RootFailed, LaunchError."""
        owner = self.parts.owner_of(self.record.user)
        if self.record.parent is None:
            return self.parts.sandboxes.create(*self.record.key, self.record.container_id, owner)
        sandbox = self.sandbox
        make_sandbox(self.parts.roots.parent_sandbox(self.record), sandbox, owner)
        return sandbox

    @property
    def check_output(self) -> Path:
        """Where the output of the task's checks is kept, made or not."""
        return check_output(self.record, self.parts)

    def retire_sandboxes(self) -> None:
        """The task is over: what it left may be collected some time. A group's goes as a whole."""
        if self.record.parent is None:
            self.parts.sandboxes.retire(self.sandbox)
        if self.check_output.exists():
            self.parts.sandboxes.retire(self.check_output)

    # waiting

    async def unless_wished(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What `work` returns, or None when someone wished for the task's end first.

        To give up waiting is safe: what was taken for the task is given back at its end.
        """
        job = asyncio.create_task(work)
        wish = asyncio.create_task(self.wish.wait())
        try:
            await asyncio.wait((job, wish), return_when=asyncio.FIRST_COMPLETED)
            wished = wish.done()
        except asyncio.CancelledError:
            await given_up(job, wish)
            raise
        await given_up(*((job, wish) if wished else (wish,)))
        return None if wished else job.result()

    async def repeat(self, call: Callable[[], Awaitable[T]]) -> T:
        """What `call` returns, however often it has to be repeated; a wrong request is not repeated."""
        attempt = 0
        while True:
            try:
                return await call()
            except ContainerizerError as error:
                if error.who is Who.REQUEST:
                    raise
                log.warning("container of task %s: %s; trying again", self.record.key, error.message)
            except OSError as error:  # the host is short of something (disk, descriptors, processes)
                log.warning("container of task %s: %s; trying again", self.record.key, error)
            await self.pause(attempt)
            attempt += 1

    async def pause(self, attempt: int) -> None:
        """Wait before the next attempt, longer each time."""
        limits = self.parts.limits
        await asyncio.sleep(min(limits.max_retry, limits.first_retry * 2.0 ** min(attempt, 10)))


async def given_up(*jobs: asyncio.Task[Any]) -> None:
    """Cancel these and wait until they have ended, however they do."""
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
