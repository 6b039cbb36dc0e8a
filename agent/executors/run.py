"""One executor from its arrival to its last trace: what each phase means, carried out.

The phases and their order are `agent.executors.state`'s; this room launches the executor's container, sees to
it that it subscribes in time, ends it, tells its tasks, and gives back what it held. Each step is durable
before the next; an executor found in the checkpoint is driven by the same code from the phase it is in.
It drives no task, and it knows no sockets.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from agent.containerizer.interface import (
    ContainerizerError,
    ContainerState,
    Exit,
    Limits,
    UnknownContainer,
    Who,
)
from agent.containerizer.late_volumes import Running
from agent.executors.checkpoint import executor_end_change, executor_phase_change, forget_executor_change
from agent.executors.conversation import Conversation
from agent.executors.ending import end_of, patience
from agent.executors.launch import LaunchFailed, prepare, start
from agent.executors.members import Member, Members
from agent.executors.parts import ExecutorParts
from agent.executors.record import End, ExecutorRecord, exited_message, wait_status
from agent.executors.spec import container_limits, shutdown_grace
from agent.executors.state import ExecutorEvent, ExecutorPhase, next_phase
from agent.executors.task import ExecutorTask
from agent.tasks.causes import PREPARATION_ERRORS, told
from agent.tasks.parts import RootFailed
from agent.tasks.progress import TaskProgress
from agent.tasks.record import TaskRecord
from agent.tasks.spec import InvalidTask
from agent.tasks.start import LOOK_SECONDS
from agent.tasks.status import Reason
from agent.tasks.upkeep import keep_volumes
from store.port import StoreError

T = TypeVar("T")
log = logging.getLogger(__name__)

P, E = ExecutorPhase, ExecutorEvent


class ExecutorRun:
    """Drives one executor. Only `drive` and `subscribed` change its phase; others can wish for its end."""

    def __init__(self, record: ExecutorRecord, parts: ExecutorParts) -> None:
        self.record = record
        self.found: ContainerState | None = None
        """Its container, as recovery has found it or as it was when it had started."""
        self._parts = parts
        self._changed = asyncio.Event()
        self._members = Members(self._changed)
        self._settled = asyncio.Event()
        self._phase_lock = asyncio.Lock()
        self._since = asyncio.get_running_loop().time()
        self._pressed = False
        self._limits: Limits | None = None
        self.conversation = Conversation(record, self, parts.agent_info, self._changed.set)
        """Not used for one that the agent plays."""
        self.released = asyncio.Event()
        """Set once nothing of it is left on this host but its sandbox."""

    # its tasks

    def add(self, member: Member) -> None:
        """A task that is this executor's."""
        self._members.add(member)
        if isinstance(member, ExecutorTask):
            self.conversation.add(member)

    def remove(self, member: Member) -> None:
        """The task is forgotten."""
        if isinstance(member, ExecutorTask):
            self.conversation.remove(member)
        self._members.remove(member)

    def look_again(self) -> None:
        """Something about its tasks has changed."""
        self._changed.set()

    async def ready(self) -> None:
        """The container runs when this returns. Raises RootFailed."""
        await self._settled.wait()
        if self.record.phase is not P.RUNNING:
            raise RootFailed(self.record.end.message if self.record.end else "the executor has ended")

    # where its tasks' volumes go (`task_volumes.Place`)

    async def running(self) -> Running:
        """See `Place.running`."""
        await self._settled.wait()
        if (found := self.still_running()) is None:
            raise RootFailed(self.record.end.message if self.record.end else "the executor has ended")
        return found

    def still_running(self) -> Running | None:
        """See `Place.still_running`."""
        pid = None if self.found is None else self.found.pid
        if pid is None or self.record.phase in (P.LAUNCHING, P.TERMINATED):
            return None
        mark = f"MESOS_CONTAINER_ID={self.record.container_id}"
        return Running(pid, mark, str(self._parts.sandbox(self.record)))

    # what it may use

    async def fit_limits(self) -> None:
        """See `Life.fit_limits`."""
        limits = self._wanted_limits()
        if limits == self._limits or self.record.is_played:
            return
        try:
            await self._parts.tasks.containerizer.update(self.record.container_id, limits)
        except ContainerizerError as error:
            log.warning("the limits of executor %s stay as they are: %s", self.record.key, error.message)
            if error.who is Who.RETRY:
                return  # what it holds does not fit into less yet: asked again when something changes
        self._limits = limits

    def _wanted_limits(self) -> Limits:
        return container_limits(self.record, () if self.record.is_played else self._members.live)

    # its end

    def wish_end(self, end: End) -> None:
        """It has to end. A later wish may shorten the grace period; the first one's reason counts."""
        present = self.record.end
        if present is None:
            self.record.end = end
        elif end.grace_period < present.grace_period:
            self.record.end = End(end.grace_period, present.message, present.reason)
        self._changed.set()

    def shut_down(
        self, message: str, reason: Reason = Reason.REASON_EXECUTOR_TERMINATED, most: float | None = None
    ) -> None:
        """It has to end, with the grace period that is its own, of `most` seconds if that is given."""
        grace = shutdown_grace(self.record, self._parts.limits)
        self.wish_end(End(grace if most is None else min(grace, most), message, reason))

    @property
    def live(self) -> list[TaskRecord]:
        """Its tasks that have not ended."""
        return self._members.live

    # what its conversation asks (`executor_conversation.Life`)

    async def subscribed(self) -> bool:
        """See `Life.subscribed`. Waits for the launch to be known: an executor may be quicker than that."""
        await self._settled.wait()
        async with self._phase_lock:
            if self.record.ending:
                return False
            if self.record.phase is P.REGISTERING:
                await self._write(E.SUBSCRIBED)
            return self.record.phase is P.RUNNING

    def without_tasks(self) -> None:
        """See `Life.without_tasks`."""
        self.shut_down("the tasks that it was started for were ended before it was ready")

    # drive

    async def drive(self) -> None:
        """Bring the executor to its end, from whatever phase it is in; returns when it is forgotten.

        Raises StoreFailed: the daemon has to stop.
        """
        resumed = self.record.phase is not P.LAUNCHING
        if not resumed:
            await self._launch()
        self._settled.set()
        self._since = asyncio.get_running_loop().time()
        if self.record.phase is not P.TERMINATED:
            await self._watch(resumed=resumed)
        await self._tell_tasks()
        await self._give_back()
        self.released.set()
        self._parts.send(exited_message(self.record))

    # LAUNCHING

    async def _launch(self) -> None:
        if self.found is None and self.record.boot_id != self._parts.tasks.boot_id:
            await self._over(None)
            return
        try:
            self.found = self.found or await self._started()
            if self.found is None:
                await self._advance(E.SHUTDOWN)
                return
        except StoreError:
            raise
        except (LaunchFailed, InvalidTask) as error:
            await self._launch_failed(str(error))
        except (*PREPARATION_ERRORS, ContainerizerError) as error:
            await self._launch_failed(told(error)[0])
        except Exception as error:
            log.exception("executor %s cannot be started", self.record.key)
            text = f"the agent met a fault of its own ({type(error).__name__}: {error}): report it"
            await self._launch_failed(text)
        else:
            await self._advance(E.ROOT_LAUNCHED if self.record.is_played else E.LAUNCHED)

    async def _started(self) -> ContainerState | None:
        """Its container; None when someone wished for the end before it was there."""
        parts = self._parts
        progress = TaskProgress(parts.tasks, lambda: self._members.live)
        work = prepare(self.record, parts, self._wanted_limits(), progress)
        spec = await self._unless_ending(work, lambda: True)
        if spec is None:
            return None
        # A launch that does not wait for an image is soon over, and its outcome is better known.
        return await self._unless_ending(start(spec, parts, progress), lambda: progress.said)

    async def _launch_failed(self, message: str) -> None:
        log.error("executor %s cannot be started: %s", self.record.key, message)
        text = f"its executor cannot be started: {message}"
        self.record.end = End(0.0, text, Reason.REASON_CONTAINER_LAUNCH_FAILED)
        await self._advance(E.LAUNCH_FAILED)

    async def _unless_ending(self, work: Coroutine[Any, Any, T], may_break: Callable[[], bool]) -> T | None:
        """What `work` returns, or None when someone wished for the end first and it could be broken off."""
        job = asyncio.create_task(work)
        try:
            while not job.done() and not (self.record.ending and may_break()):
                self._changed.clear()
                changed = asyncio.create_task(self._changed.wait())
                timeout = LOOK_SECONDS if self.record.ending else None
                await asyncio.wait((job, changed), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
        finally:
            if not job.done():
                job.cancel()
                await asyncio.gather(job, return_exceptions=True)
        return None if job.cancelled() else job.result()

    # REGISTERING, RUNNING, TERMINATING

    async def _watch(self, *, resumed: bool) -> None:
        waiting = asyncio.create_task(self._parts.repeat(self.record, self._wait))
        waiting.add_done_callback(lambda _: self._changed.set())
        keeping = asyncio.create_task(self._keep_volumes(resumed))
        try:
            while not waiting.done():
                self._changed.clear()
                due = await self._step()
                try:
                    async with asyncio.timeout_at(due):
                        await self._changed.wait()
                except TimeoutError:
                    pass
            ended = waiting.result()
        finally:
            waiting.cancel()
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
        await self._over(ended)

    async def _keep_volumes(self, resumed: bool) -> None:
        """After a restart of the agent; its tasks are told what is in the way."""
        if resumed:
            await keep_volumes(self.record.as_container(), self._parts.tasks, self._members.note)

    async def _step(self) -> float | None:
        """Do what is due; returns when to look again, if nothing changes before (time of the event loop)."""
        if self.record.phase is not P.TERMINATING:
            await self.fit_limits()
            event, due = self._overdue()
            if not self.record.ending:
                return due
            await self._advance(event)
            self._since = asyncio.get_running_loop().time()
        return await self._press()

    def _overdue(self) -> tuple[ExecutorEvent, float | None]:
        """Wishes for the end of one that is late, or idle. The event of such an end; else when it is late."""
        record, limits = self.record, self._parts.limits
        if record.ending:
            return E.SHUTDOWN, None
        if record.is_played:
            if self._members.released:
                self.wish_end(End(0.0, "its last task is over", Reason.REASON_EXECUTOR_TERMINATED))
            return E.IDLE, None
        lost_at = None if self.conversation.connected else self.conversation.lost_at
        due, end = patience(record.phase, limits, self._since, lost_at)
        if due is not None and asyncio.get_running_loop().time() >= due:
            self.wish_end(end)
        return E.OVERDUE, due

    async def _press(self) -> float | None:
        """It has to end: by itself if it can, else by a kill."""
        end = self.record.end
        assert end is not None, "set before the phase"
        if self.record.is_played:
            if not self._pressed:
                self._pressed = True
                await self._members.end(end, None)
            if self._members.released:
                await self._kill()
            return None
        if not self._pressed:
            self._pressed = True
            self.conversation.shutdown()
        due = self._since + (end.grace_period if self.conversation.connected else 0.0)
        if asyncio.get_running_loop().time() < due:
            return due
        await self._kill()
        return None

    async def _kill(self) -> None:
        async def send() -> None:
            try:
                await self._parts.tasks.containerizer.kill(self.record.container_id, 0.0)
            except UnknownContainer:
                pass  # never started or gone; `_wait` says so

        await self._parts.repeat(self.record, send)

    async def _wait(self) -> Exit | None:
        try:
            return await self._parts.tasks.containerizer.wait(self.record.container_id)
        except UnknownContainer:
            return None

    async def _over(self, ended: Exit | None) -> None:
        """The container has ended, or is gone: durable with the reason, which its tasks will be told."""
        record = self.record
        end = end_of(record, ended)
        record.end, record.exit_status = end, None if ended is None else wait_status(ended)
        await self._advance(E.DISAPPEARED if ended is None else E.EXITED)
        log.info("executor %s is over: %s", record.key, end.message)

    # TERMINATED

    async def _tell_tasks(self) -> None:
        """Every task hears of the end, and what it held is given back."""
        end = self.record.end
        assert end is not None, "set before the phase"
        self.conversation.finish(end.message)
        if self.record.is_played and self.record.exit_status is None:
            # They were not started, or are gone with the host, and find that out by themselves.
            await self._members.until_released(self._parts.tasks.limits.release_patience)
        await self._members.end(end, 0.0)
        await self._members.until_released(None)

    async def _give_back(self) -> None:
        parts, container = self._parts.tasks, self.record.as_container()

        async def release() -> None:
            await parts.publisher.unpublish(container)

        async def remove() -> None:
            try:
                await parts.containerizer.remove(self.record.container_id)
            except UnknownContainer:
                pass

        await self._parts.repeat(self.record, release)
        await self._parts.repeat(self.record, remove)
        parts.sandboxes.retire(self._parts.sandbox(self.record))
        await parts.store.write(forget_executor_change(self.record.key))

    # steps

    async def _advance(self, event: ExecutorEvent) -> None:
        async with self._phase_lock:
            await self._write(event)

    async def _write(self, event: ExecutorEvent) -> None:
        """Take the next phase durably, with what is known of the end; then it is true in memory."""
        record = self.record
        phase = next_phase(record.phase, event)
        changes = [executor_phase_change(record.key, phase, record.exit_status)]
        if record.end is not None:
            changes.append(executor_end_change(record.key, record.end))
        await self._parts.tasks.store.write(*changes)
        record.phase = phase
