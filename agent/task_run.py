"""One task from its arrival to its last trace: what each phase means, carried out.

The phases and their order are `agent.task_state`'s; this room publishes, launches, waits, kills
and gives back, and makes each step durable before the next. A task found in the checkpoint is
driven by the same code from the phase it is in; there is no other recovery.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from agent.checkpoint import (
    add_status_change,
    boot_change,
    insert_task_change,
    kill_change,
    phase_change,
    released_change,
)
from agent.containerizer.interface import (
    Bind,
    ContainerizerError,
    ContainerSpec,
    ContainerState,
    Exit,
    UnknownContainer,
    Who,
)
from agent.task_parts import TaskParts
from agent.task_record import KillIntent, TaskRecord
from agent.task_spec import InvalidTask, container_spec, validate
from agent.task_state import TERMINAL, TaskEvent, TaskPhase, next_phase
from agent.task_status import Reason, Source, event_of_exit, make_status, status_of_exit
from api.wire.v1 import mesos
from provider.manager.publishing import PublishFailed
from store.port import StoreError

T = TypeVar("T")
log = logging.getLogger(__name__)

KILLING_STATE = mesos.FrameworkInfoCapabilityType.TASK_KILLING_STATE


class TaskRun:
    """Drives one task. Only `drive` changes its phase; others can only wish for its end."""

    def __init__(self, record: TaskRecord, parts: TaskParts, found: ContainerState | None = None) -> None:
        """`found` is the container that recovery has found for the task, if there is one."""
        self.record = record
        self._parts = parts
        self.found = found
        self._binds: tuple[Bind, ...] | None = None
        self._doubtful = record.terminal
        self._durable = asyncio.Event()
        self._wish = asyncio.Event()
        self.released = asyncio.Event()
        """Set once nothing of the task is left on this host but its sandbox."""
        if record.kill is not None:
            self._wish.set()

    async def arrive(self) -> None:
        """Make a new task durable, before anything else is done for it; then drive it."""
        await self._parts.store.write(insert_task_change(self.record))
        await self.drive()

    async def drive(self) -> None:
        """Bring the task to its end, from whatever phase it is in; returns when it is released.

        Raises StoreFailed: the daemon has to stop.
        """
        self._durable.set()
        await self._begin(TaskPhase.RECEIVED, self._prepare, TaskEvent.PUBLISH_FAILED)
        await self._begin(TaskPhase.STARTING, self._launch, TaskEvent.LAUNCH_FAILED)
        if self.record.phase in (TaskPhase.RUNNING, TaskPhase.KILLING):
            await self._watch()
        if not self.record.released:
            await self._release()
        self.released.set()

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
            self._doubtful = True
            text = f"the agent met a fault of its own ({type(error).__name__}: {error}): report it"
            await self._end(failure, text, Reason.REASON_CONTAINER_LAUNCH_FAILED)

    async def wish_end(self, intent: KillIntent) -> None:
        """Someone wants the task to end. A later wish may shorten the grace period, not lengthen it."""
        present = self.record.kill
        if self.record.terminal or (present is not None and present.grace_period <= intent.grace_period):
            return
        self.record.kill = intent
        self._wish.set()
        await self._durable.wait()
        await self._parts.store.write(kill_change(self.record.key, intent))

    # RECEIVED

    async def _prepare(self) -> None:
        try:
            validate(self.record.info)
            binds = await self._unless_wished(self._parts.publisher.publish(self.record))
        except InvalidTask as error:
            await self._end(TaskEvent.INVALID, str(error), Reason.REASON_TASK_INVALID)
            return
        except PublishFailed as error:
            await self._end(TaskEvent.PUBLISH_FAILED, str(error), Reason.REASON_CONTAINER_LAUNCH_FAILED)
            return
        if binds is None:
            await self._end(TaskEvent.KILL, self._wish_message(), Reason.REASON_TASK_KILLED_DURING_LAUNCH)
            return
        self._binds = binds
        key, phase = self.record.key, next_phase(self.record.phase, TaskEvent.PUBLISHED)
        await self._parts.store.write(phase_change(key, phase), boot_change(key, self._parts.boot_id))
        self.record.phase = self.record.told = phase
        self.record.boot_id = self._parts.boot_id

    async def _unless_wished(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What `work` returns, or None when someone wished for the task's end first.

        To give up waiting is safe: what was published for the task is given back by `_release`.
        """
        job = asyncio.create_task(work)
        wish = asyncio.create_task(self._wish.wait())
        try:
            await asyncio.wait((job, wish), return_when=asyncio.FIRST_COMPLETED)
            wished = wish.done()
        except asyncio.CancelledError:
            await _given_up(job, wish)
            raise
        await _given_up(*((job, wish) if wished else (wish,)))
        return None if wished else job.result()

    # STARTING

    async def _launch(self) -> None:
        for attempt in range(self._parts.limits.launch_attempts):
            if self._wish.is_set():
                await self._advance(TaskEvent.KILL)  # _watch ends what may have been started
                return
            if self.found is None and self.record.boot_id != self._parts.boot_id:
                await self._disappeared()
                return
            try:
                state = self.found or await self._parts.containerizer.launch(await self._spec())
            except (InvalidTask, PublishFailed, OSError) as error:
                await self._launch_failed(str(error))
                return
            except ContainerizerError as error:
                last = attempt + 1 == self._parts.limits.launch_attempts
                if error.who is not Who.RETRY or last:
                    await self._launch_failed(error.message)
                    return
                await self._pause(attempt)
                continue
            self.record.pid = state.pid
            await self._advance(TaskEvent.LAUNCHED, announce=True)
            return

    async def _spec(self) -> ContainerSpec:
        if self._binds is None:  # found STARTING after a crash: the same call again, the same answer
            self._binds = await self._parts.publisher.publish(self.record)
        owner = self._parts.owner_of(self.record.user)
        sandbox = self._parts.sandboxes.create(*self._sandbox_names(), owner)
        limit = self._parts.limits.output_limit_bytes
        return container_spec(self.record, self._parts.agent_id(), str(sandbox), self._binds, limit)

    def _sandbox_names(self) -> tuple[str, str, str]:
        return (*self.record.key, self.record.container_id)

    async def _launch_failed(self, message: str) -> None:
        self._doubtful = True
        await self._end(TaskEvent.LAUNCH_FAILED, message, Reason.REASON_CONTAINER_LAUNCH_FAILED)

    # RUNNING, KILLING

    async def _watch(self) -> None:
        waiting = asyncio.create_task(self._repeat(self._wait))
        try:
            while not waiting.done():
                await self._until_wish_or(waiting)
            ended = waiting.result()
        finally:
            waiting.cancel()
        if ended is None:
            await self._disappeared()
        else:
            message, reason = status_of_exit(self.record, ended)
            await self._end(event_of_exit(ended), message, reason, Source.SOURCE_EXECUTOR)

    async def _until_wish_or(self, waiting: asyncio.Task[Exit | None]) -> None:
        """Wait for the container's end; when someone wishes for it, send the kill and return."""
        wish = asyncio.create_task(self._wish.wait())
        try:
            await asyncio.wait((waiting, wish), return_when=asyncio.FIRST_COMPLETED)
        finally:
            wish.cancel()
        if self._wish.is_set() and not waiting.done():
            self._wish.clear()
            await self._kill()

    async def _wait(self) -> Exit | None:
        try:
            return await self._parts.containerizer.wait(self.record.container_id)
        except UnknownContainer:
            return None

    async def _kill(self) -> None:
        kill = self.record.kill
        assert kill is not None, "a wish is set only together with its intent"
        announce = self.record.phase is TaskPhase.RUNNING and self.record.has_capability(KILLING_STATE)
        await self._advance(TaskEvent.KILL, announce=announce)

        async def send() -> None:
            try:
                await self._parts.containerizer.kill(self.record.container_id, kill.grace_period)
            except UnknownContainer:
                pass  # never started or gone; `_wait` says so

        await self._repeat(send)

    async def _disappeared(self) -> None:
        if self.record.kill is not None:
            reason = Reason.REASON_TASK_KILLED_DURING_LAUNCH
            await self._end(TaskEvent.DISAPPEARED, self._wish_message(), reason)
            return
        message = "the container is gone and nobody saw how it ended (was the host restarted?): run it again"
        await self._end(TaskEvent.DISAPPEARED, message, Reason.REASON_EXECUTOR_TERMINATED)

    # terminal

    async def _release(self) -> None:
        """Give back the volumes, tell the owner, remove the container; each repeated until it is done."""
        if self._doubtful:
            await self._repeat(self._make_sure_it_ended)
        giving_back = asyncio.create_task(self._give_back())
        try:
            await asyncio.wait((giving_back,), timeout=self._parts.limits.release_patience)
            self.record.told = self.record.phase
            self._parts.deliver(self.record)
            await self._repeat(self._remove)
            await giving_back
        finally:
            giving_back.cancel()
        self._parts.sandboxes.retire(self._parts.sandboxes.path(*self._sandbox_names()))
        await self._parts.store.write(released_change(self.record.key))
        self.record.released = True

    async def _give_back(self) -> None:
        attempt = 0
        while True:
            try:
                await self._parts.publisher.unpublish(self.record)
                return
            except PublishFailed as error:
                log.warning("volumes of task %s are not released yet: %s", self.record.key, error)
            await self._pause(attempt)
            attempt += 1

    async def _make_sure_it_ended(self) -> None:
        try:
            await self._parts.containerizer.kill(self.record.container_id, 0.0)
            await self._parts.containerizer.wait(self.record.container_id)
        except UnknownContainer:
            pass

    async def _remove(self) -> None:
        try:
            await self._parts.containerizer.remove(self.record.container_id)
        except UnknownContainer:
            pass

    # steps

    async def _advance(self, event: TaskEvent, *, announce: bool = False) -> None:
        """Take the next phase durably; with `announce` its framework is told of it."""
        phase = next_phase(self.record.phase, event)
        if not announce:
            await self._parts.store.write(phase_change(self.record.key, phase))
            self.record.phase = self.record.told = phase
            return
        message = self._wish_message() if event is TaskEvent.KILL else None
        await self._take(phase, message, None, Source.SOURCE_EXECUTOR)
        self._parts.deliver(self.record)

    async def _end(
        self,
        event: TaskEvent,
        message: str,
        reason: Reason | None,
        source: Source = Source.SOURCE_AGENT,
    ) -> None:
        """Take a terminal phase durably, with the status that `_release` will deliver."""
        phase = next_phase(self.record.phase, event)
        await self._take(phase, message, reason, source)
        log.info("task %s is %s: %s", self.record.key, phase, message)

    async def _take(
        self, phase: TaskPhase, message: str | None, reason: Reason | None, source: Source
    ) -> None:
        """A phase and the status that tells of it: durable together, and only then true in memory."""
        status = make_status(
            self.record,
            phase,
            mesos.AgentID(value=self._parts.agent_id()),
            uuid=self._parts.ids.uuid().bytes,
            timestamp=self._parts.clock.now(),
            message=message,
            reason=reason,
            source=source,
        )
        key = self.record.key
        await self._parts.store.write(phase_change(key, phase), add_status_change(key, status))
        self.record.phase = phase
        self.record.statuses.append(status)
        if phase not in TERMINAL:
            self.record.told = phase

    async def _repeat(self, call: Callable[[], Awaitable[T]]) -> T:
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
            await self._pause(attempt)
            attempt += 1

    async def _pause(self, attempt: int) -> None:
        limits = self._parts.limits
        await asyncio.sleep(min(limits.max_retry, limits.first_retry * 2.0 ** min(attempt, 10)))

    def _wish_message(self) -> str:
        return (self.record.kill.message if self.record.kill else "") or "killed on request"


async def _given_up(*jobs: asyncio.Task[Any]) -> None:
    """Cancel these and wait until they have ended, however they do."""
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
