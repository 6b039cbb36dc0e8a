"""The executors of this agent: which there are, who drives them, and where the tasks of groups live.

Each executor is driven by one `ExecutorRun`; this room starts those, finds them by their names, and hands
them what the orchestrator and the executors themselves say. It launches nothing itself, and it knows
neither the link nor sockets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from agent.container_volumes import Shared
from agent.containerizer.interface import ContainerState
from agent.executors.checkpoint import load_executors
from agent.executors.conversation import NotSubscribed
from agent.executors.launch import root_of, volumes_of
from agent.executors.parts import ExecutorParts
from agent.executors.record import End, ExecutorKey, ExecutorRecord, exited_message
from agent.executors.run import ExecutorRun
from agent.executors.stream import ExecutorStream
from agent.executors.task import ExecutorTask
from agent.executors.task_volumes import TaskVolumes, targets
from agent.jobs import Jobs
from agent.tasks.parts import RootFailed, Sandboxes
from agent.tasks.record import TaskRecord
from agent.tasks.status import Reason
from api.wire.content import JSON, MediaType
from api.wire.v1 import executor as wire
from api.wire.v1 import link, mesos
from store.port import Store

log = logging.getLogger(__name__)


class UnknownExecutor(Exception):
    """This agent has no such executor: it was never launched here, or it has ended."""


class Executors:
    """Every executor that this agent knows; also the `Roots` of the tasks of groups."""

    def __init__(self, store: Store, sandboxes: Sandboxes, failed: Callable[[BaseException], None]) -> None:
        """`failed` is told of an error that nobody here can handle. `attach` follows."""
        self._store = store
        self._sandboxes = sandboxes
        self.failed = failed
        self._parts: ExecutorParts | None = None
        self._runs: dict[ExecutorKey, ExecutorRun] = {}
        self._reported: list[ExecutorRecord] = []
        """What the latest registration said that there is."""
        self._jobs = Jobs("an executor", failed)

    def attach(self, parts: ExecutorParts) -> None:
        """What runs work with; tasks work with this room in turn, so that it comes later."""
        self._parts = parts

    def __len__(self) -> int:
        return len(self._runs)

    @property
    def records(self) -> list[ExecutorRecord]:
        """Every known executor, oldest first."""
        return [run.record for run in self._runs.values()]

    def report(self) -> list[link.Executor]:
        """Every executor that has not exited, as the orchestrator is told at registration."""
        self._reported = self.records
        return [record.as_wire() for record in self._reported]

    def owe(self) -> None:
        """The registration was answered. What was reported and has exited meanwhile is said to have: when
        that happened there was no link to say it on."""
        here = {record.container_id for record in self.records}
        for record in self._reported:
            if record.container_id not in here:
                self._with.send(exited_message(record))
        self._reported = []

    def sandboxes(self) -> set[Path]:
        """The sandboxes of the executors that are not over."""
        return {self.sandbox_of(record) for record in self.records}

    def sandbox_of(self, record: ExecutorRecord) -> Path:
        """Where an executor works, made or not."""
        return self._sandboxes.path(*record.key, record.container_id)

    def directory_of(self, record: ExecutorRecord) -> Path:
        """What the program of an executor works in, as it sees it."""
        sandbox = self.sandbox_of(record)
        return root_of(sandbox) if record.is_played else sandbox

    def find(self, framework_id: str, executor_id: str) -> ExecutorRun | None:
        """A known executor by its names."""
        return self._runs.get((framework_id, executor_id))

    def find_container(self, container_id: str) -> ExecutorRun | None:
        """The executor that a container is of."""
        return next((run for run in self._runs.values() if run.record.container_id == container_id), None)

    @property
    def limits_reached(self) -> str | None:
        """Why no executor more can be taken on; None when one can."""
        limit = self._with.limits.executors
        if len(self._runs) < limit:
            return None
        return f"this agent runs {limit} executors, its limit: launch it elsewhere or later"

    # life

    def load(self) -> set[str]:
        """Read the checkpoint; returns the ids of the containers that belong to known executors."""
        for record in self._store.read(load_executors):
            self._runs[record.key] = ExecutorRun(record, self._with)
        return {record.container_id for record in self.records}

    def resume(self, found: Mapping[str, ContainerState]) -> None:
        """Drive every loaded executor on; `found` are the containers that there are. Its tasks are known."""
        for run in list(self._runs.values()):
            run.found = found.get(run.record.container_id)
            self.drive(run)

    def new(self, framework: mesos.FrameworkInfo, info: mesos.ExecutorInfo) -> ExecutorRun:
        """An executor that is not driven yet, and not durable: see to that, then call `drive`."""
        parts = self._with.tasks
        record = ExecutorRecord(
            framework, info, str(parts.ids.uuid()), parts.clock.now(), boot_id=parts.boot_id
        )
        run = self._runs[record.key] = ExecutorRun(record, self._with)
        return run

    def task(self, run: ExecutorRun | None, record: TaskRecord) -> ExecutorTask:
        """A task of a custom executor; without `run` only its last word is not acknowledged yet."""
        parts = self._with
        conversation = None if run is None else run.conversation
        volumes = None
        if run is not None and targets(record.info):
            volumes = TaskVolumes(record, parts.tasks, parts.late, run)
        return ExecutorTask(record, parts.tasks, conversation, parts.limits.unacknowledged, volumes)

    def drive(self, run: ExecutorRun) -> None:
        """Have it live its life."""
        self._jobs.begin(self._drive(run))

    async def stop(self) -> None:
        """Stop driving. Executors go on; everything is taken up again by `load` and `resume`."""
        for run in self._runs.values():
            run.conversation.finish("the agent stops")
        await self._jobs.stop()

    # what the orchestrator says

    def message(self, message: link.ExecutorMessage) -> None:
        """EXECUTOR_MESSAGE: from a scheduler."""
        run = self.find(message.framework_id.value, message.executor_id.value)
        if run is None or run.record.is_played:
            log.warning("a message to executor %s is dropped: there is none", message.executor_id.value)
        else:
            run.conversation.message(message.data)

    def shutdown(self, message: link.OrchestratorMessageShutdownExecutor) -> None:
        """SHUTDOWN_EXECUTOR. One that is unknown has exited, which was said, or the registration says."""
        run = self.find(message.framework_id.value, message.executor_id.value)
        if run is not None:
            run.shut_down("its executor was shut down on request")

    def shutdown_framework(self, framework_id: str) -> None:
        """SHUTDOWN_FRAMEWORK: its executors are shut down, each with its own grace period."""
        for run in list(self._runs.values()):
            if run.record.framework_id == framework_id:
                run.shut_down("its framework was removed", Reason.REASON_FRAMEWORK_REMOVED)

    def limit(self, record: ExecutorRecord, message: str, reason: Reason) -> None:
        """End an executor at once because it exceeds what it was given: its tasks fail, for that reason."""
        run = self.find(*record.key)
        if run is not None and run.record is record:
            run.wish_end(End(0.0, message, reason))

    def end_idle(self, message: str, reason: Reason, most: float | None, overdue: float) -> None:
        """End the custom executors whose tasks are over; also one whose tasks have had more than their grace
        periods by now, `overdue` seconds after they were to end. `most` bounds their own grace periods.
        """
        for run in self._runs.values():
            patience = max((record.kill.grace_period for record in run.live if record.kill), default=0.0)
            if not run.record.is_played and (not run.live or overdue > patience):
                run.shut_down(message, reason, most)

    async def end_all(self, message: str) -> None:
        """End every executor and wait until nothing of them is left. Cancel to give up."""
        for run in list(self._runs.values()):
            run.shut_down(message)
        for run in list(self._runs.values()):
            await run.released.wait()

    # what executors say

    async def subscribe(
        self, call: wire.Call, asked: wire.CallSubscribe, media_type: MediaType = JSON
    ) -> tuple[ExecutorRun, ExecutorStream]:
        """SUBSCRIBE. Raises UnknownExecutor, InvalidUpdate, TooManyUpdates."""
        run = self._named(call)
        return run, await run.conversation.subscribe(asked, media_type)

    async def update(self, call: wire.Call, status: mesos.TaskStatus) -> None:
        """UPDATE. Raises UnknownExecutor, NotSubscribed, InvalidUpdate, TooManyUpdates."""
        await self._named(call).conversation.update(status)

    def said(self, call: wire.Call, data: bytes) -> link.AgentMessage:
        """MESSAGE, for its scheduler. Raises UnknownExecutor, NotSubscribed."""
        if not self._named(call).conversation.connected:
            raise NotSubscribed
        message = link.ExecutorMessage(
            framework_id=call.framework_id, executor_id=call.executor_id, data=data
        )
        return link.AgentMessage(type=link.AgentMessageType.EXECUTOR_MESSAGE, executor_message=message)

    def _named(self, call: wire.Call) -> ExecutorRun:
        run = self.find(call.framework_id.value, call.executor_id.value)
        if run is None or run.record.is_played:
            raise UnknownExecutor(
                f"framework {call.framework_id.value!r} has no executor {call.executor_id.value!r} here"
            )
        return run

    # what tasks ask (`task_parts.Roots`)

    async def ready(self, record: TaskRecord) -> None:
        """See `Roots.ready`."""
        run = self.find_container(record.parent or "")
        if run is None:
            raise RootFailed("the executor of its group has ended")
        await run.ready()

    def addresses(self, record: TaskRecord) -> tuple[str, ...]:
        """See `Roots.addresses`."""
        run = self.find_container(record.parent or "")
        return () if run is None or run.found is None else run.found.addresses

    async def volumes(self, record: TaskRecord) -> tuple[Shared, ...]:
        """See `Roots.volumes`."""
        run = self.find_container(record.parent or "")
        if run is None:
            raise RootFailed("the executor of its group has ended")
        return await volumes_of(run.record, self._with)

    def sandbox(self, record: TaskRecord) -> Path:
        """See `Roots.sandbox`."""
        encoded = self._sandboxes.path(*record.key, record.container_id).parent.name
        return self.parent_sandbox(record) / "tasks" / encoded

    def parent_sandbox(self, record: TaskRecord) -> Path:
        """See `Roots.parent_sandbox`: of its executor, also after that is forgotten."""
        names = record.framework_id, record.executor_id or "", record.executor_container or ""
        return self._sandboxes.path(*names)

    # within

    @property
    def _with(self) -> ExecutorParts:
        assert self._parts is not None, "attached before anything is loaded"
        return self._parts

    async def _drive(self, run: ExecutorRun) -> None:
        await run.drive()
        if self._runs.get(run.record.key) is run:
            del self._runs[run.record.key]
