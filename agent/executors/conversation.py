"""What is said between the agent and one custom executor: who has which task, and what it says of them.

What is sent on a stream is never durable by itself: whatever a lost stream may have swallowed follows anew
from the tasks when the executor subscribes again. A task is handed over once; whether one that the executor
has said nothing of has reached it, the executor says when it subscribes. Knows no sockets.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from msgspec import UNSET

from agent.executors.record import ExecutorRecord
from agent.executors.state import ExecutorPhase, InvalidUpdate
from agent.executors.stream import ExecutorStream
from agent.executors.task import ExecutorTask
from agent.tasks.record import grace_seconds
from agent.tasks.spec import DEFAULT_GRACE_PERIOD
from agent.tasks.state import TaskPhase
from agent.tasks.status import Reason
from api.wire.content import JSON, MediaType
from api.wire.v1 import executor as wire
from api.wire.v1 import mesos

log = logging.getLogger(__name__)

Type = wire.EventType

NOT_HANDED_OVER = (ExecutorPhase.LAUNCHING, ExecutorPhase.REGISTERING)
"""In these phases an executor has been given nothing."""


class NotSubscribed(Exception):
    """The executor has no open stream: it has to subscribe first."""


class Life(Protocol):
    """What the conversation needs of the run of its executor."""

    async def subscribed(self) -> bool:
        """Durably subscribed when this returns; False when the executor has to end instead."""

    async def fit_limits(self) -> None:
        """Its container may use what it was given, and what its tasks were, when this returns."""

    def without_tasks(self) -> None:
        """It was never given a task, and there is none any more for which it was started."""


class Conversation:
    """The agent's side of one executor's stream."""

    def __init__(
        self,
        record: ExecutorRecord,
        life: Life,
        agent_info: Callable[[], mesos.AgentInfo],
        changed: Callable[[], None],
    ) -> None:
        """`changed` is told when the executor comes or goes."""
        self._record = record
        self._life = life
        self._agent_info = agent_info
        self._changed = changed
        self._tasks: dict[str, ExecutorTask] = {}
        self._stream: ExecutorStream | None = None
        self._subscribing = asyncio.Lock()
        self.lost_at = asyncio.get_running_loop().time()
        """Since when nobody is subscribed; in the time of the event loop."""

    @property
    def connected(self) -> bool:
        return self._stream is not None

    def add(self, task: ExecutorTask) -> None:
        """A task that is the executor's."""
        self._tasks[task.record.info.task_id.value] = task

    def remove(self, task: ExecutorTask) -> None:
        """The task is forgotten."""
        if self._tasks.get(task.record.info.task_id.value) is task:
            del self._tasks[task.record.info.task_id.value]

    # what the executor says

    async def subscribe(self, asked: wire.CallSubscribe, media_type: MediaType = JSON) -> ExecutorStream:
        """Begin a stream of events in `media_type`, which takes the place of an earlier one.

        Raises InvalidUpdate for what cannot be true of its tasks, TooManyUpdates.
        """
        async with self._subscribing:
            is_first = self._record.phase in NOT_HANDED_OVER
            if is_first and (asked.unacknowledged_tasks or asked.unacknowledged_updates):
                raise InvalidUpdate("the executor was given no task yet, and names some")
            repeated = [each.status for each in asked.unacknowledged_updates]
            for status in repeated:
                await self._take_again(status)
            has_to_run = await self._life.subscribed()
            stream = ExecutorStream(media_type)
            if has_to_run:
                stream.put(self._subscribed_event())
            # Looked at now: what was acknowledged while this waited could not be told to anybody.
            for status in filter(self._is_acknowledged, repeated):
                stream.put(_acknowledged_event(status.task_id, _uuid(status)))
            self._take_up(stream, asked, has_to_run)
        if has_to_run:
            if is_first and all(task.record.terminal for task in self._tasks.values()):
                self._life.without_tasks()
            for task in list(self._tasks.values()):
                await self.bring(task)
        return stream

    async def update(self, status: mesos.TaskStatus) -> None:
        """A status of a task; durable when this returns.

        Raises NotSubscribed, InvalidUpdate, TooManyUpdates.
        """
        if self._stream is None:
            raise NotSubscribed
        task = self._tasks.get(status.task_id.value)
        if task is None or not (task.handed or task.record.terminal):
            raise InvalidUpdate(f"this executor was not given a task {status.task_id.value!r}, or it is over")
        if await task.take(status) and self._stream is not None:
            self._stream.put(_acknowledged_event(status.task_id, _uuid(status)))

    def closed(self, stream: ExecutorStream) -> None:
        """The connection of that stream is gone."""
        stream.finish("the connection is gone")
        if stream is self._stream:
            self._stream = None
            self.lost_at = asyncio.get_running_loop().time()
            self._changed()

    # what it is told

    async def bring(self, task: ExecutorTask) -> None:
        """See `executor_task.Handler`. Repeats are harmless: a KILL may come twice, a task does not."""
        if not task.record.terminal and not task.handed and self._stream is not None:
            await self._life.fit_limits()
        if self._record.ending:
            return
        if task.handed:
            if task.record.kill is not None and not task.record.terminal and self._stream is not None:
                self._stream.put(_kill_event(task))
            return
        together = self._launched_with(task)
        if any(each.record.kill is not None or each.record.terminal for each in together):
            if self._stream is not None or self._record.phase in NOT_HANDED_OVER:
                await self._end_before_launch(together)
        elif self._stream is not None and all(each.ready for each in together):
            for each in together:
                each.handed = True
            self._stream.put(_launch_event(together))

    def message(self, data: bytes) -> None:
        """A message of its scheduler; lost when the executor does not listen, as these APIs allow."""
        if self._stream is None or not self._stream.put_message(data):
            log.warning("a message to executor %s is dropped: it does not listen", self._record.key)

    def acknowledged(self, task_id: mesos.TaskID, uuid: bytes) -> None:
        """An update has reached its scheduler; the executor may forget it."""
        if self._stream is not None:
            self._stream.put(_acknowledged_event(task_id, uuid))

    def shutdown(self) -> None:
        """It has to end by itself, with its tasks."""
        if self._stream is not None:
            self._stream.put(wire.Event(type=Type.SHUTDOWN))

    def error(self, message: str) -> None:
        """What it should know before it is cut off."""
        if self._stream is not None:
            self._stream.put(wire.Event(type=Type.ERROR, error=wire.EventError(message=message)))

    def finish(self, reason: str) -> None:
        """Nothing more is said."""
        if self._stream is not None:
            self._stream.finish(reason)
            self._stream = None

    # within

    async def _take_again(self, status: mesos.TaskStatus) -> None:
        """Take an update that the executor repeats."""
        task = self._tasks.get(status.task_id.value)
        if task is not None:
            await task.take(status)

    def _is_acknowledged(self, status: mesos.TaskStatus) -> bool:
        task = self._tasks.get(status.task_id.value)
        if task is not None:
            return status.uuid in task.record.acknowledged
        # Its end was acknowledged and it is forgotten, only the executor has not heard of that.
        return status.uuid is not UNSET

    def _take_up(self, stream: ExecutorStream, asked: wire.CallSubscribe, has_to_run: bool) -> None:
        if self._stream is not None:
            self._stream.finish("the executor has subscribed again")
        self._stream = stream
        listed = {task.task_id.value for task in asked.unacknowledged_tasks}
        listed |= {each.status.task_id.value for each in asked.unacknowledged_updates}
        groups = {task.record.group for name, task in self._tasks.items() if name in listed} - {None}
        for name, task in self._tasks.items():
            said_something = task.record.phase is not TaskPhase.RECEIVED
            task.handed = said_something or name in listed or task.record.group in groups
        if not has_to_run:
            self.shutdown()
        self._changed()

    def _launched_with(self, task: ExecutorTask) -> list[ExecutorTask]:
        """The task and the others of its group, in the order in which they came."""
        if task.record.group is None:
            return [task]
        return [each for each in self._tasks.values() if each.record.group == task.record.group]

    async def _end_before_launch(self, tasks: Iterable[ExecutorTask]) -> None:
        for task in tasks:
            message = task.record.kill.message if task.record.kill else "its group was ended before it began"
            await task.end(TaskPhase.KILLED, message, Reason.REASON_TASK_KILLED_DURING_LAUNCH)

    def _subscribed_event(self) -> wire.Event:
        subscribed = wire.EventSubscribed(
            executor_info=self._record.info,
            framework_info=self._record.framework,
            agent_info=self._agent_info(),
            container_id=mesos.ContainerID(value=self._record.container_id),
        )
        return wire.Event(type=Type.SUBSCRIBED, subscribed=subscribed)


def _launch_event(tasks: Sequence[ExecutorTask]) -> wire.Event:
    infos = [task.record.info for task in tasks]
    if tasks[0].record.group is None:
        return wire.Event(type=Type.LAUNCH, launch=wire.EventLaunch(task=infos[0]))
    group = wire.EventLaunchGroup(task_group=mesos.TaskGroupInfo(tasks=infos))
    return wire.Event(type=Type.LAUNCH_GROUP, launch_group=group)


def _acknowledged_event(task_id: mesos.TaskID, uuid: bytes) -> wire.Event:
    acknowledged = wire.EventAcknowledged(task_id=task_id, uuid=uuid)
    return wire.Event(type=Type.ACKNOWLEDGED, acknowledged=acknowledged)


def _kill_event(task: ExecutorTask) -> wire.Event:
    kill = task.record.kill
    assert kill is not None
    asked = wire.EventKill(task_id=task.record.info.task_id)
    if kill.grace_period != grace_seconds(task.record.info.kill_policy, DEFAULT_GRACE_PERIOD):
        grace = mesos.DurationInfo(nanoseconds=round(kill.grace_period * 1e9))
        asked.kill_policy = mesos.KillPolicy(grace_period=grace)
    return wire.Event(type=Type.KILL, kill=asked)


def _uuid(status: mesos.TaskStatus) -> bytes:
    assert status.uuid is not UNSET, "refused without one"
    return status.uuid
