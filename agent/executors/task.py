"""One task of a custom executor, from its arrival to its last trace.

The executor runs it, however it likes, and says how it is; this room makes each word durable before it is
passed on, and refuses what cannot be true. It starts nothing, and it does not know how its executor is
reached. What `agent.tasks.tasks` needs of a task it has in common with `agent.tasks.run.TaskRun`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final, Protocol

from msgspec import UNSET, UnsetType

from agent.checkpoint import add_status_change, insert_task_change, kill_change, phase_change, released_change
from agent.containerizer.interface import ContainerState
from agent.executors.spec import MAX_DATA_BYTES
from agent.executors.state import InvalidUpdate, phase_said
from agent.executors.task_volumes import TaskVolumes, check_targets
from agent.tasks.causes import PREPARATION_ERRORS, told
from agent.tasks.parts import TaskParts
from agent.tasks.record import KillIntent, TaskRecord
from agent.tasks.spec import InvalidTask
from agent.tasks.state import TERMINAL, TaskPhase
from agent.tasks.status import OF_THE_AGENT, Reason, Source, make_status
from api.wire.codec import encode_msgpack
from api.wire.v1 import mesos

log = logging.getLogger(__name__)

REMEMBERED: Final = 256
"""Acknowledged updates of a task that are recognised when its executor repeats them; it may have as many
that it does not know to be acknowledged (`ExecutorLimits.unacknowledged`)."""


class TooManyUpdates(Exception):
    """So many updates of the task wait for an acknowledgement that one more is not taken: repeat it later."""


class Handler(Protocol):
    """Who speaks with the executor."""

    async def bring(self, task: ExecutorTask) -> None:
        """Hand the task over, or pass on that it has to end, as soon as the executor listens; end those that
        came with one that has ended before it was handed over."""


class ExecutorTask:
    """Keeps one task that a custom executor runs."""

    def __init__(
        self,
        record: TaskRecord,
        parts: TaskParts,
        handler: Handler | None,
        unacknowledged: int,
        volumes: TaskVolumes | None = None,
    ) -> None:
        """`handler` is None when the executor is forgotten: the task has ended long ago. `volumes`: its own,
        if it has any."""
        self.record = record
        self.found: ContainerState | None = None
        self.released = asyncio.Event()
        """Set once nothing of the task is left on this host."""
        self.ready = False
        """Whether the executor may have it."""
        self.handed = False
        """Whether the executor has it, as far as is known in this life of the agent."""
        self._parts = parts
        self._handler = handler
        self._unacknowledged = unacknowledged
        self._volumes = volumes
        self._durable = asyncio.Event()
        self._over = asyncio.Event()
        self._lock = asyncio.Lock()

    async def arrive(self) -> None:
        """Make a new task durable, before anything else is done for it; then drive it."""
        if self._volumes is not None:
            self._volumes.are_new()
        await self._parts.store.write(insert_task_change(self.record))
        await self.drive()

    async def drive(self) -> None:
        """Bring the task to its end, from whatever phase it is in; returns when it is released."""
        self._durable.set()
        keeping: asyncio.Task[None] | None = None
        if self._volumes is not None and self.record.phase in (TaskPhase.STARTING, TaskPhase.RUNNING):
            keeping = asyncio.create_task(self._volumes.keep(self.note))
        try:
            if not self.record.terminal:
                await self._prepare()
            if not self.record.terminal:
                await self._over.wait()
        finally:
            if keeping is not None:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)
        if not self.record.released:
            await self._release()
        self.released.set()

    async def wish_end(self, intent: KillIntent) -> None:
        """Someone wants the task to end. A later wish may shorten the grace period, not lengthen it."""
        present = self.record.kill
        if self.record.terminal or (present is not None and present.grace_period <= intent.grace_period):
            return
        self.record.kill = intent
        await self._durable.wait()
        await self._parts.store.write(kill_change(self.record.key, intent))
        if self._handler is not None:
            await self._handler.bring(self)

    async def take(self, status: mesos.TaskStatus) -> bool:
        """An update by the executor; durable when this returns. True when it was acknowledged before.

        Raises InvalidUpdate (the executor must be mended), TooManyUpdates (it must say it again later).
        """
        # Whoever gives up waiting must not leave memory behind the disk.
        return await asyncio.shield(asyncio.ensure_future(self._take(status)))

    async def _take(self, status: mesos.TaskStatus) -> bool:
        async with self._lock:
            uuid = _checked_uuid(status)
            if uuid in self.record.acknowledged:
                return True
            if any(known.uuid == uuid for known in self.record.statuses):
                return False
            if self.record.terminal:
                raise InvalidUpdate(f"task {self._name} has ended: {self.record.phase}")
            if len(self.record.statuses) >= self._unacknowledged:
                raise TooManyUpdates(
                    f"{len(self.record.statuses)} updates of task {self._name} are not acknowledged: wait"
                )
            phase = phase_said(self.record.phase, status.state)
            made = self._completed(status)
            phase, made.reason = self._because_of_the_agent(phase, status.reason)
            if phase is TaskPhase.GONE_BY_OPERATOR:
                made.state = self.record.wire_state_of(phase)
            await self._keep(phase, made)
            return False

    async def end(self, phase: TaskPhase, message: str, reason: Reason) -> None:
        """Its executor cannot say any more how it ended: the agent does. Nothing happens to an ended task."""
        async with self._lock:
            if self.record.terminal:
                return
            phase, told = self._because_of_the_agent(phase, reason)
            await self._keep(phase, self._by_agent(phase, message, told or reason))
        log.info("task %s is %s: %s", self.record.key, phase, message)

    async def note(self, message: str) -> None:
        """Its owner is to know this while it runs. The agent says it: the executor does not hear of it."""
        async with self._lock:
            told = self.record.phase in (TaskPhase.STARTING, TaskPhase.RUNNING)
            if told and len(self.record.statuses) < self._unacknowledged:
                reason = Reason.REASON_CONTAINER_UPDATE_FAILED
                await self._keep(self.record.phase, self._by_agent(self.record.phase, message, reason))

    def acknowledged(self, uuid: bytes) -> None:
        """Remember that `uuid` is acknowledged, for when the executor says it again."""
        self.record.acknowledged = (*self.record.acknowledged, uuid)[-REMEMBERED:]

    # within

    async def _prepare(self) -> None:
        try:
            check_targets(self.record.info)
            if self._volumes is not None and self.record.phase is TaskPhase.RECEIVED:
                await self._unless_over(self._volumes.bring())
        except InvalidTask as error:
            await self.end(TaskPhase.ERROR, str(error), Reason.REASON_TASK_INVALID)
        except PREPARATION_ERRORS as error:
            message, reason = told(error)
            await self.end(TaskPhase.FAILED, message, reason)
        self.ready = not self.record.terminal
        if self._handler is not None:
            await self._handler.bring(self)

    async def _unless_over(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it, unless the task ends first."""
        job, over = asyncio.create_task(work), asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait((job, over), return_when=asyncio.FIRST_COMPLETED)
            if job.done():
                job.result()
        finally:
            for each in (job, over):
                each.cancel()
            await asyncio.gather(job, over, return_exceptions=True)

    async def _keep(self, phase: TaskPhase, status: mesos.TaskStatus) -> None:
        """A phase and the status that tells of it: durable together, and only then true in memory."""
        key = self.record.key
        await self._parts.store.write(phase_change(key, phase), add_status_change(key, status))
        self.record.phase = phase
        self.record.statuses.append(status)
        if phase in TERMINAL:
            self._parts.ended(self.record)
            self._over.set()
        else:
            self.record.told = phase
            self._parts.deliver(self.record)

    def _by_agent(self, phase: TaskPhase, message: str, reason: Reason) -> mesos.TaskStatus:
        return make_status(
            self.record,
            phase,
            mesos.AgentID(value=self._parts.agent_id()),
            uuid=self._parts.ids.uuid().bytes,
            timestamp=self._parts.clock.now(),
            message=message,
            reason=reason,
            source=Source.SOURCE_AGENT,
        )

    async def _release(self) -> None:
        if self._volumes is None:
            self._tell_the_end()
        else:
            giving_back = asyncio.create_task(self._volumes.give_back())
            try:
                await asyncio.wait((giving_back,), timeout=self._parts.limits.release_patience)
                self._tell_the_end()
                await giving_back
            finally:
                giving_back.cancel()
        await self._parts.store.write(released_change(self.record.key))
        self.record.released = True

    def _tell_the_end(self) -> None:
        self.record.told = self.record.phase
        self._parts.deliver(self.record)

    def _because_of_the_agent(
        self, phase: TaskPhase, reason: Reason | UnsetType
    ) -> tuple[TaskPhase, Reason | UnsetType]:
        """A task that was killed because its agent drains, or goes: that is not for its executor to know."""
        kill = self.record.kill
        if phase is not TaskPhase.KILLED or kill is None or kill.reason not in OF_THE_AGENT:
            return phase, reason
        return TaskPhase.GONE_BY_OPERATOR if kill.gone else phase, kill.reason or reason

    def _completed(self, status: mesos.TaskStatus) -> mesos.TaskStatus:
        """The executor's words, and what only the agent knows."""
        record = self.record
        assert record.executor_id is not None and record.executor_container is not None
        made = mesos.TaskStatus(
            task_id=record.info.task_id,
            state=status.state,
            data=status.data,
            message=status.message,
            agent_id=mesos.AgentID(value=self._parts.agent_id()),
            timestamp=self._parts.clock.now() if status.timestamp is UNSET else status.timestamp,
            executor_id=mesos.ExecutorID(value=record.executor_id),
            healthy=status.healthy,
            source=Source.SOURCE_EXECUTOR,
            reason=status.reason,
            uuid=status.uuid,
            labels=status.labels,
            check_status=status.check_status,
            limitation=status.limitation,
            container_status=mesos.ContainerStatus(
                container_id=mesos.ContainerID(value=record.executor_container)
            ),
        )
        if (size := len(encode_msgpack(made))) > MAX_DATA_BYTES:
            raise InvalidUpdate(f"an update of {size} bytes is too long: {MAX_DATA_BYTES} at most")
        return made

    @property
    def _name(self) -> str:
        return repr(self.record.info.task_id.value)


def _checked_uuid(status: mesos.TaskStatus) -> bytes:
    if status.uuid is UNSET or len(status.uuid) != 16:
        raise InvalidUpdate("expecting 'update.status.uuid' of 16 bytes: another one for each update")
    if status.source is not UNSET and status.source is not Source.SOURCE_EXECUTOR:
        raise InvalidUpdate("expecting 'update.status.source' to be SOURCE_EXECUTOR, or to be left out")
    return status.uuid
