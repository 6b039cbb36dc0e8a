"""An orchestrator that does what a test says, over connections in memory or real sockets.

It answers REGISTER, collects what the agent sends, and acknowledges task statuses when told to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec import UNSET, UnsetType

from agent.connection import Connection, ConnectionLost
from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.v1 import link, mesos

PATIENCE = 5.0

Told = link.OrchestratorMessageType
Said = link.AgentMessageType


class Pipe:
    """Two ends of a connection in memory; bounded so that a reader that stops makes the writer wait."""

    def __init__(self) -> None:
        there: asyncio.Queue[bytes | None] = asyncio.Queue(64)
        back: asyncio.Queue[bytes | None] = asyncio.Queue(64)
        closed = asyncio.Event()
        self.ends = _End(there, back, closed), _End(back, there, closed)


class _End:
    def __init__(
        self,
        out: asyncio.Queue[bytes | None],
        into: asyncio.Queue[bytes | None],
        closed: asyncio.Event,
    ) -> None:
        self._out, self._into, self._closed = out, into, closed

    async def send(self, *frames: bytes) -> None:
        for frame in frames:
            await self._or_closed(self._out.put(frame))

    async def receive(self) -> bytes:
        frame = await self._or_closed(self._into.get())
        assert isinstance(frame, bytes)
        return frame

    async def close(self) -> None:
        self._closed.set()

    async def _or_closed(self, work: object) -> object:
        if self._closed.is_set():
            work.close()  # type: ignore[attr-defined]
            raise ConnectionLost("closed")
        job = asyncio.ensure_future(work)  # type: ignore[call-overload]
        closed = asyncio.ensure_future(self._closed.wait())
        try:
            await asyncio.wait((job, closed), return_when=asyncio.FIRST_COMPLETED)
            if not job.done():
                raise ConnectionLost("closed")
            return job.result()
        finally:
            job.cancel()
            closed.cancel()


class ModelOrchestrator:
    """Accepts agents one connection at a time. It is a `Connector` for connections in memory."""

    def __init__(self, epoch: int = 1, agent_id: str = "agent-1") -> None:
        self.epoch = epoch
        self.agent_id = agent_id
        self.refusal: link.OrchestratorMessageRefused | None = None
        self.drain: link.OrchestratorMessageDrain | UnsetType = UNSET
        self.acknowledges = True
        self.heartbeat, self.timeout = 0.05, 2.0
        self.answers = True
        self.reads = asyncio.Event()
        self.reads.set()
        self.reachable = True
        self.messages: list[link.AgentMessage] = []
        self.registrations: list[link.AgentMessageRegister] = []
        self._arrived = asyncio.Event()
        self._connection: Connection | None = None
        self._jobs: set[asyncio.Task[None]] = set()

    several = False

    def redirected(self, leader: str) -> None:
        raise ValueError(f"there is no {leader} here")

    async def connect(self) -> Connection:
        await asyncio.sleep(0)
        if not self.reachable:
            raise ConnectionLost("nobody is there")
        mine, theirs = Pipe().ends
        self.accept(mine)
        return theirs

    def accept(self, connection: Connection) -> None:
        job = asyncio.create_task(self._serve(connection))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def drop(self) -> None:
        """Cut the present connection."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def stop(self) -> None:
        await self.drop()
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    # what the test says

    async def say(self, type: link.OrchestratorMessageType, **fields: object) -> None:
        assert self._connection is not None, "no agent is registered"
        message = link.OrchestratorMessage(type=type, epoch=self.epoch, **fields)  # type: ignore[arg-type]
        await self._connection.send(encode_msgpack(message))

    async def run_task(self, info: mesos.TaskInfo, framework: mesos.FrameworkInfo) -> None:
        await self.say(
            Told.RUN_TASK, run_task=link.OrchestratorMessageRunTask(framework_info=framework, task_info=info)
        )

    async def run_with(
        self,
        executor: mesos.ExecutorInfo,
        info: mesos.TaskInfo,
        framework: mesos.FrameworkInfo,
        *,
        starts: bool = True,
    ) -> None:
        """A task of an executor, which is started for it if it `starts` with it."""
        run = link.OrchestratorMessageRunTask(
            framework_info=framework, task_info=info, executor_info=executor, launch_executor=starts
        )
        await self.say(Told.RUN_TASK, run_task=run)

    async def run_group(
        self,
        executor: mesos.ExecutorInfo,
        tasks: list[mesos.TaskInfo],
        framework: mesos.FrameworkInfo,
        *,
        starts: bool = True,
    ) -> None:
        run = link.OrchestratorMessageRunTaskGroup(
            framework_info=framework,
            executor_info=executor,
            task_group=mesos.TaskGroupInfo(tasks=tasks),
            launch_executor=starts,
        )
        await self.say(Told.RUN_TASK_GROUP, run_task_group=run)

    async def kill_task(self, task_id: str, framework_id: str = "fw", grace: float | None = None) -> None:
        kill = link.OrchestratorMessageKillTask(
            framework_id=mesos.FrameworkID(value=framework_id), task_id=mesos.TaskID(value=task_id)
        )
        if grace is not None:
            kill.kill_policy = mesos.KillPolicy(grace_period=mesos.DurationInfo(nanoseconds=int(grace * 1e9)))
        await self.say(Told.KILL_TASK, kill_task=kill)

    async def acknowledge(self, framework_id: mesos.FrameworkID, status: mesos.TaskStatus) -> None:
        assert isinstance(status.uuid, bytes)
        await self.say(
            Told.ACKNOWLEDGE_TASK_STATUS,
            acknowledge_task_status=link.OrchestratorMessageAcknowledgeTaskStatus(
                framework_id=framework_id, task_id=status.task_id, uuid=status.uuid
            ),
        )

    # what the test sees

    def statuses(self, task_id: str) -> list[mesos.TaskStatus]:
        """The statuses of a task in the order of their first arrival, each once."""
        found: dict[bytes, mesos.TaskStatus] = {}
        for message in self.messages:
            update = message.update_task_status
            if (
                isinstance(update, link.AgentMessageUpdateTaskStatus)
                and update.status.task_id.value == task_id
            ):
                key = update.status.uuid if isinstance(update.status.uuid, bytes) else b"%d" % len(found)
                found.setdefault(key, update.status)
        return list(found.values())

    def exited(self) -> list[str]:
        """The executors that were said to have exited."""
        found = [message.executor_exited for message in self.messages]
        return [each.executor_id.value for each in found if isinstance(each, link.AgentMessageExecutorExited)]

    def states(self, task_id: str) -> list[str]:
        return [status.state.value for status in self.statuses(task_id)]

    async def until(self, condition: Callable[[], object], patience: float = PATIENCE) -> None:
        """Wait until `condition` holds; it is looked at after every message."""
        async with asyncio.timeout(patience):
            while not condition():
                self._arrived.clear()
                try:
                    async with asyncio.timeout(0.02):
                        await self._arrived.wait()
                except TimeoutError:
                    pass

    async def _serve(self, connection: Connection) -> None:
        try:
            while True:
                await self.reads.wait()
                message = decode_msgpack(link.AgentMessage, await connection.receive())
                if message.type is Said.REGISTER:
                    await self._register(connection, message)
                elif message.type is not Said.HEARTBEAT:
                    self.messages.append(message)
                    await self._maybe_acknowledge(message)
                self._arrived.set()
        except ConnectionLost:
            pass

    async def _register(self, connection: Connection, message: link.AgentMessage) -> None:
        assert isinstance(message.register, link.AgentMessageRegister)
        self.registrations.append(message.register)
        if not self.answers:
            return
        if self.refusal is not None:
            answer = link.OrchestratorMessage(type=Told.REFUSED, epoch=self.epoch, refused=self.refusal)
        else:
            answer = link.OrchestratorMessage(
                type=Told.REGISTERED,
                epoch=self.epoch,
                registered=link.OrchestratorMessageRegistered(
                    agent_id=mesos.AgentID(value=self.agent_id),
                    heartbeat_interval_seconds=self.heartbeat,
                    timeout_seconds=self.timeout,
                    drain=self.drain,
                ),
            )
            self._connection = connection
        await connection.send(encode_msgpack(answer))
        if self.refusal is None:
            job = asyncio.create_task(self._beat(connection))
            self._jobs.add(job)
            job.add_done_callback(self._jobs.discard)

    async def _beat(self, connection: Connection) -> None:
        beat = link.OrchestratorMessage(
            type=Told.HEARTBEAT, epoch=self.epoch, heartbeat=link.OrchestratorMessageHeartbeat()
        )
        try:
            while self.answers:
                await asyncio.sleep(self.heartbeat)
                await connection.send(encode_msgpack(beat))
        except ConnectionLost:
            pass

    async def _maybe_acknowledge(self, message: link.AgentMessage) -> None:
        update = message.update_task_status
        if not self.acknowledges or not isinstance(update, link.AgentMessageUpdateTaskStatus):
            return
        if isinstance(update.status.uuid, bytes) and self._connection is not None:
            try:
                await self.acknowledge(update.framework_id, update.status)
            except ConnectionLost:
                pass
