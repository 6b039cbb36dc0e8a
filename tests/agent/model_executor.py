"""A custom executor in memory: it subscribes to the agent as one would over HTTP, and outlives it.

It starts when its container does, runs each task that it is handed until a test says otherwise, and keeps
what is not acknowledged, as the executors of these APIs do. What it was handed twice is a fault of the agent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from agent.daemon import Agent
from agent.executors.conversation import NotSubscribed
from agent.executors.executors import UnknownExecutor
from agent.executors.run import ExecutorRun
from agent.executors.state import InvalidUpdate
from agent.executors.stream import ExecutorStream, StreamEnded
from agent.executors.task import TooManyUpdates
from api.wire.codec import decode
from api.wire.v1 import executor as wire
from api.wire.v1 import mesos
from store.port import StoreError

Type = wire.EventType
State = mesos.TaskState


class ModelExecutor:
    """One process, whose container is on the host of a world."""

    def __init__(self, executor_id: str = "e1", framework_id: str = "fw", first: int = 0) -> None:
        self.executor_id, self.framework_id = executor_id, framework_id
        self.events: list[wire.Event] = []
        self.launched: list[str] = []
        self.finished: list[str] = []
        self.connected = False
        self.alive: Callable[[], bool] = lambda: True
        self.faults: list[BaseException] = []
        """What nobody expected."""
        self.finishes_at_once = False
        self.deaf_to_kill = False
        self.shut_down = asyncio.Event()
        self.tasks: dict[str, mesos.TaskInfo] = {}
        """Handed over, and nothing said of them is acknowledged."""
        self.updates: dict[bytes, mesos.TaskStatus] = {}
        """Said, and not acknowledged, in their order."""
        self._number = first
        self._stream: tuple[ExecutorRun, ExecutorStream] | None = None
        self._jobs: set[asyncio.Task[None]] = set()

    def call(self, type: wire.CallType, **fields: object) -> wire.Call:
        return wire.Call(
            type=type,
            executor_id=mesos.ExecutorID(value=self.executor_id),
            framework_id=mesos.FrameworkID(value=self.framework_id),
            **fields,  # type: ignore[arg-type]
        )

    async def subscribe(self, agent: Agent) -> None:
        """Raises what the agent says to that; listens until the stream ends."""
        asked = wire.CallSubscribe(
            unacknowledged_tasks=list(self.tasks.values()),
            unacknowledged_updates=[wire.CallUpdate(status=status) for status in self.updates.values()],
        )
        call = self.call(wire.CallType.SUBSCRIBE, subscribe=asked)
        run, stream = await agent.executors.subscribe(call, asked)
        self._stream = run, stream

        self.connected = True

        async def listen() -> None:
            try:
                with contextlib.suppress(StoreError):
                    await self._finish(agent)
                while True:
                    record = await stream.next(10.0)
                    if record is not None:
                        await self._take(agent, decode(wire.Event, record))
            except StreamEnded:
                pass
            except (InvalidUpdate, TooManyUpdates, NotSubscribed) as error:
                if self.alive():
                    self.faults.append(error)
            finally:
                self.connected = self._stream != (run, stream)
                run.conversation.closed(stream)

        job = asyncio.create_task(listen())
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def keep_subscribed(self, agent: Agent) -> None:
        """Subscribe as soon as the agent lets it."""
        while True:
            with contextlib.suppress(UnknownExecutor, StoreError):
                await self.subscribe(agent)
                return
            await asyncio.sleep(0.005)

    def disconnect(self) -> None:
        """The connection breaks; the executor lives on."""
        for job in list(self._jobs):
            job.cancel()
        if self._stream is not None:
            run, stream = self._stream
            run.conversation.closed(stream)

    async def say(self, agent: Agent, task_id: str, state: State, **fields: object) -> mesos.TaskStatus:
        """An update; it is repeated at the next subscription if it does not arrive now."""
        status = self.status(task_id, state, **fields)
        assert isinstance(status.uuid, bytes)
        self.updates[status.uuid] = status
        try:
            await self.send(agent, status)
        except (InvalidUpdate, TooManyUpdates):
            del self.updates[status.uuid]
            raise
        return status

    async def end(self, agent: Agent, task_id: str, state: State) -> None:
        """A task of it has ended like that: whatever comes now, this is the last that it says of it."""
        self.finished.append(task_id)
        await self.say(agent, task_id, state)

    async def send(self, agent: Agent, status: mesos.TaskStatus) -> None:
        """An update as it is, remembered by nobody."""
        await agent.executors.update(self.call(wire.CallType.UPDATE), status)

    def status(self, task_id: str, state: State, **fields: object) -> mesos.TaskStatus:
        self._number += 1
        return mesos.TaskStatus(
            task_id=mesos.TaskID(value=task_id),
            state=state,
            uuid=self._number.to_bytes(16, "big"),
            source=mesos.TaskStatusSource.SOURCE_EXECUTOR,
            **fields,  # type: ignore[arg-type]
        )

    def said(self, type: Type) -> list[wire.Event]:
        return [event for event in self.events if event.type is type]

    async def stop(self) -> None:
        for job in list(self._jobs):
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    async def _take(self, agent: Agent, event: wire.Event) -> None:
        self.events.append(event)
        with contextlib.suppress(StoreError, NotSubscribed):
            match event:
                case wire.Event(type=Type.LAUNCH, launch=wire.EventLaunch(task=task)):
                    await self._launch(agent, [task])
                case wire.Event(type=Type.LAUNCH_GROUP, launch_group=wire.EventLaunchGroup(task_group=group)):
                    await self._launch(agent, group.tasks)
                case wire.Event(type=Type.KILL, kill=wire.EventKill(task_id=task_id)):
                    if not self.deaf_to_kill and task_id.value not in self.finished:
                        await self.end(agent, task_id.value, State.TASK_KILLED)
                case wire.Event(type=Type.ACKNOWLEDGED, acknowledged=wire.EventAcknowledged() as known):
                    self.updates.pop(known.uuid, None)
                    self.tasks.pop(known.task_id.value, None)
                case wire.Event(type=Type.SHUTDOWN):
                    self.shut_down.set()

    async def _launch(self, agent: Agent, tasks: list[mesos.TaskInfo]) -> None:
        for task in tasks:
            self.launched.append(task.task_id.value)
            self.tasks[task.task_id.value] = task
        for task in tasks:
            # While it said so of the others, this one may have ended.
            if task.task_id.value not in self.finished:
                await self.say(agent, task.task_id.value, State.TASK_RUNNING)
        await self._finish(agent)

    async def _finish(self, agent: Agent) -> None:
        """Also what an agent that died has interrupted."""
        for task_id in self.launched:
            if self.finishes_at_once and task_id not in self.finished:
                await self.end(agent, task_id, State.TASK_FINISHED)
