"""A model of a custom executor's program: it runs what it is given by the clock, and repeats what it said.

What it knows dies with its container. It speaks with whichever life of its agent there is, as over HTTP: a
call may be lost with the agent, and is made again.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from agent.containerizer.interface import ContainerSpec
from agent.executors.conversation import NotSubscribed
from agent.executors.executors import UnknownExecutor
from agent.executors.state import InvalidUpdate
from agent.executors.stream import ExecutorStream, StreamEnded
from api.wire.codec import decode
from api.wire.v1 import executor as wire
from api.wire.v1 import mesos
from store.port import StoreError
from tests.simulation.loop import Process

if TYPE_CHECKING:
    from agent.daemon import Agent
    from tests.simulation.agents import AgentPart

T = TypeVar("T")

State = mesos.TaskState
WORK = re.compile(rb"sleep (\d+); return (\d+)")

IDLE_SECONDS = 4.0
"""Some exit when they have had nothing to do for so long."""

ENDED = frozenset({State.TASK_FINISHED, State.TASK_FAILED, State.TASK_KILLED})


class Gone(Exception):
    """The agent that was spoken with is no more."""


class SimExecutor:
    """One container's executor."""

    def __init__(self, part: AgentPart, container_id: str, spec: ContainerSpec, rng: random.Random) -> None:
        self._part = part
        self._container_id = container_id
        self._rng = rng
        self._framework_id = spec.labels["orlop.framework"]
        self._executor_id = spec.labels["orlop.executor"]
        self._tasks: dict[str, mesos.TaskInfo] = {}
        """That no update was acknowledged of."""
        self._states: dict[str, State] = {}
        self._updates: dict[bytes, mesos.TaskStatus] = {}
        """That were not acknowledged, in order."""
        self._leaves_when_idle = rng.random() < 0.5
        self._busy_at = 0.0
        self._stream: ExecutorStream | None = None
        self.process = Process(part.cluster.loop, f"executor-{container_id[:8]}")
        self.process.at_kill(self._hung_up)
        self.process.spawn(self._live())

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(self._rng.choice((0.01, 0.1, 1.0)))
            agent = self._part.agent
            if agent is None:
                continue
            try:
                await self._converse(agent)
            except (Gone, StreamEnded, NotSubscribed, UnknownExecutor):
                continue

    async def _converse(self, agent: Agent) -> None:
        asked = wire.CallSubscribe(
            unacknowledged_tasks=list(self._tasks.values()),
            unacknowledged_updates=[wire.CallUpdate(status=each) for each in self._updates.values()],
        )
        call = self._call(wire.CallType.SUBSCRIBE)
        run, stream = await self._ask(agent, lambda: agent.executors.subscribe(call, asked))
        self._stream = stream
        try:
            while True:
                record = await stream.next(1.0)
                if self._part.agent is not agent:
                    raise Gone
                if record is not None:
                    await self._take(agent, decode(wire.Event, record))
                elif self._is_idle():
                    self._exit()
        finally:
            self._stream = None
            if self._part.agent is agent:
                run.conversation.closed(stream)

    async def _take(self, agent: Agent, event: wire.Event) -> None:
        if event.launch:
            await self._start(agent, [event.launch.task])
        elif event.launch_group:
            await self._start(agent, event.launch_group.task_group.tasks)
        elif event.kill:
            name = event.kill.task_id.value
            if name in self._states and self._states[name] not in ENDED:
                await self._say(agent, name, State.TASK_KILLED)
        elif event.acknowledged:
            self._updates.pop(event.acknowledged.uuid, None)
            self._tasks.pop(event.acknowledged.task_id.value, None)
        elif event.type is wire.EventType.SHUTDOWN:
            for name in [name for name, state in self._states.items() if state not in ENDED]:
                await self._say(agent, name, State.TASK_KILLED)
            self.process.later(self._rng.choice((0.01, 0.5)), self._exit)

    async def _start(self, agent: Agent, tasks: list[mesos.TaskInfo]) -> None:
        for info in tasks:
            name = info.task_id.value
            started = self._part.host.tasks_started.setdefault((self._framework_id, name), [])
            started.append(self._container_id)
            self._part.cluster.trace.require(len(started) == 1, f"task {name} was given to {started}")
            self._tasks[name] = info
            self._states[name] = State.TASK_STAGING
            work = WORK.search(info.data if isinstance(info.data, bytes) else b"")
            assert work is not None
            self.process.later(float(work[1]), self._over, name, int(work[2]))
        for info in tasks:
            await self._say(agent, info.task_id.value, State.TASK_RUNNING)

    def _over(self, name: str, status: int) -> None:
        async def tell() -> None:
            agent = self._part.agent
            if self._states[name] in ENDED:
                return
            state = State.TASK_FAILED if status else State.TASK_FINISHED
            if agent is None or self._stream is None:
                self._note(name, state)  # it is said when there is somebody to listen
                return
            try:
                await self._say(agent, name, state)
            except (Gone, NotSubscribed, UnknownExecutor):
                pass  # it is repeated with the next subscription

        self.process.spawn(tell())

    def _note(self, name: str, state: State) -> mesos.TaskStatus:
        self._states[name] = state
        self._busy_at = self._part.cluster.loop.time()
        uuid = self._rng.randbytes(16)
        status = mesos.TaskStatus(
            task_id=mesos.TaskID(value=name),
            state=state,
            uuid=uuid,
            source=mesos.TaskStatusSource.SOURCE_EXECUTOR,
            executor_id=mesos.ExecutorID(value=self._executor_id),
        )
        self._updates[uuid] = status
        return status

    async def _say(self, agent: Agent, name: str, state: State) -> None:
        status = self._note(name, state)
        self._part.cluster.trace.note(self._part.name, f"{self._executor_id} says {name} is {state}")
        try:
            await self._ask(agent, lambda: agent.executors.update(self._call(wire.CallType.UPDATE), status))
        except InvalidUpdate as error:
            self._part.cluster.trace.require(
                "over" in str(error) or "ended" in str(error), f"{self._executor_id}: {name}: {error}"
            )
            self._updates.pop(status.uuid or b"", None)

    def _call(self, kind: wire.CallType) -> wire.Call:
        return wire.Call(
            type=kind,
            framework_id=mesos.FrameworkID(value=self._framework_id),
            executor_id=mesos.ExecutorID(value=self._executor_id),
        )

    async def _ask(self, agent: Agent, work: Callable[[], Awaitable[T]]) -> T:
        """A call to the agent, done in its process. Raises Gone when that dies before it answers."""
        loop, process = self._part.cluster.loop, self._part.process
        if process is None or self._part.agent is not agent:
            raise Gone
        answer: asyncio.Future[T] = loop.create_future()

        async def serve() -> None:
            try:
                result = await work()
            except StoreError:
                if not answer.done():
                    answer.set_exception(Gone())  # the agent ends by itself
            except Exception as error:
                if not answer.done():
                    answer.set_exception(error)
            else:
                if not answer.done():
                    answer.set_result(result)

        process.at_kill(lambda: answer.done() or answer.set_exception(Gone()))
        process.spawn(serve())
        return await answer

    def _is_idle(self) -> bool:
        if not self._leaves_when_idle or self._updates or self._tasks:
            return False
        if any(state not in ENDED for state in self._states.values()):
            return False
        return self._part.cluster.loop.time() > self._busy_at + IDLE_SECONDS

    def _exit(self) -> None:
        host = self._part.host
        host.kernel.later(0.0, host.end, self._container_id, 0)

    def _hung_up(self) -> None:
        """The container ended: its connection breaks."""
        stream, agent, process = self._stream, self._part.agent, self._part.process
        if stream is None or agent is None or process is None:
            return
        run = agent.executors.find(self._framework_id, self._executor_id)
        if run is not None:
            process.later(0.001, run.conversation.closed, stream)
