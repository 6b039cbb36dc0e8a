"""The tasks of this agent: which there are, who drives them, what the orchestrator is told of them.

Each task is driven by one `TaskRun`; this room starts those, hands them wishes and
acknowledgements, and forgets tasks that have ended and been acknowledged. It neither publishes
nor launches itself, and it does not know the link.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from msgspec import UNSET

from agent.checkpoint import acknowledge_change, forget_task_change, load_tasks
from agent.containerizer.interface import ContainerState
from agent.task_parts import TaskParts, sandbox_of
from agent.task_record import KillIntent, TaskKey, TaskRecord, as_wire_task, grace_seconds
from agent.task_run import TaskRun
from agent.task_spec import DEFAULT_GRACE_PERIOD
from agent.task_updates import Send, TaskUpdates
from api.wire.v1 import link, mesos

log = logging.getLogger(__name__)

Failed = Callable[[BaseException], None]
"""Told of an error that nobody here can handle: the daemon has to stop and start again."""


class Tasks:
    """Every task that this agent knows."""

    def __init__(self, parts: TaskParts, updates: TaskUpdates, send: Send, failed: Failed) -> None:
        self._parts = parts
        self._updates = updates
        self._send = send
        self._failed = failed
        self._runs: dict[TaskKey, TaskRun] = {}
        self._jobs: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._runs)

    @property
    def records(self) -> list[TaskRecord]:
        """Every known task, oldest first."""
        return [run.record for run in self._runs.values()]

    def report(self) -> list[mesos.Task]:
        """Every known task as the orchestrator is told of it at registration."""
        agent_id = mesos.AgentID(value=self._parts.agent_id())
        return [as_wire_task(record, agent_id) for record in self.records]

    def sandboxes(self) -> set[Path]:
        """The sandboxes of the tasks that are not over."""
        made = self._parts.sandboxes.path
        return {made(*r.key, r.container_id) for r in self.records if not r.released}

    def sandbox(self, record: TaskRecord) -> Path:
        """Where a task works, made or not."""
        return sandbox_of(record, self._parts)

    def find(self, framework_id: str, task_id: str) -> TaskRecord | None:
        """A known task by its names."""
        run = self._runs.get((framework_id, task_id))
        return None if run is None else run.record

    def load(self) -> set[str]:
        """Read the checkpoint; returns the ids of the containers that belong to known tasks."""
        for record in self._parts.store.read(load_tasks):
            self._runs[record.key] = TaskRun(record, self._parts)
        return {record.container_id for record in self.records}

    def resume(self, found: Mapping[str, ContainerState]) -> None:
        """Drive every loaded task on from its phase; `found` are the containers that there are."""
        for run in self._runs.values():
            run.found = found.get(run.record.container_id)
            self._updates.deliver(run.record)
            self._spawn(self._drive(run, new=False))

    def run(self, message: link.OrchestratorMessageRunTask) -> None:
        """RUN_TASK. A task that is known already is left alone: nothing is launched twice."""
        record = TaskRecord(
            framework=message.framework_info,
            info=message.task_info,
            container_id=str(self._parts.ids.uuid()),
            received_at=self._parts.clock.now(),
        )
        known = self._runs.get(record.key)
        if known is not None and known.record.terminal and not known.record.statuses:
            # Another task under the name of one whose end is acknowledged: it must not wait unheard.
            self._drop(record, "the former task of this name is still being cleaned up: choose another name")
        elif known is not None:
            log.info("task %s is known already: ignored", record.key)
        elif len(self._runs) >= (limit := self._parts.limits.tasks):
            self._drop(record, f"this agent runs {limit} tasks, its limit: launch it elsewhere or later")
        elif (lacking := self._parts.room()) is not None:
            self._drop(record, lacking)
        else:
            run = self._runs[record.key] = TaskRun(record, self._parts)
            self._spawn(self._drive(run, new=True))

    def kill(self, message: link.OrchestratorMessageKillTask) -> None:
        """KILL_TASK. An unknown task has ended, or never came: its owner hears that it is unknown."""
        run = self._runs.get((message.framework_id.value, message.task_id.value))
        if run is None:
            self._say_unknown(message.framework_id, message.task_id)
            return
        policy = run.record.info.kill_policy if message.kill_policy is UNSET else message.kill_policy
        grace = grace_seconds(policy, DEFAULT_GRACE_PERIOD)
        self._spawn(run.wish_end(KillIntent(grace, "killed on request")))

    def find_container(self, container_id: str) -> TaskRecord | None:
        """The task that a container is of."""
        return next((r for r in self.records if r.container_id == container_id), None)

    def end(self, record: TaskRecord, message: str) -> None:
        """An operator ends a task, with the grace period that it asked for. Idempotent."""
        run = self._runs[record.key]
        grace = grace_seconds(record.info.kill_policy, DEFAULT_GRACE_PERIOD)
        self._spawn(run.wish_end(KillIntent(grace, message)))

    def limit(self, record: TaskRecord, message: str, reason: mesos.TaskStatusReason) -> None:
        """End a task at once because it exceeds what it was given: it fails, for that reason."""
        self._spawn(self._runs[record.key].wish_end(KillIntent(0.0, message, reason)))

    async def end_all(self, message: str) -> None:
        """End every task and wait until all have given back what they held. Cancel to give up."""
        for record in self.records:
            self.end(record, message)
        for run in list(self._runs.values()):
            await run.released.wait()

    def shutdown_framework(self, framework_id: str) -> None:
        """SHUTDOWN_FRAMEWORK: its tasks are killed, each with its own grace period."""
        reason = mesos.TaskStatusReason.REASON_FRAMEWORK_REMOVED
        for run in list(self._runs.values()):
            if run.record.framework_id == framework_id:
                grace = grace_seconds(run.record.info.kill_policy, DEFAULT_GRACE_PERIOD)
                intent = KillIntent(grace, "its framework was removed", reason)
                self._spawn(run.wish_end(intent))

    def acknowledge(self, message: link.OrchestratorMessageAcknowledgeTaskStatus) -> None:
        """ACKNOWLEDGE_TASK_STATUS: that status is never sent again; the next one may go out."""
        run = self._runs.get((message.framework_id.value, message.task_id.value))
        if run is None or not self._updates.acknowledge(run.record, message.uuid):
            return  # a repeat
        self._spawn(self._settle(run, message.uuid))

    async def stop(self) -> None:
        """Stop driving. Containers go on; everything is taken up again by `load` and `resume`."""
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    async def _drive(self, run: TaskRun, *, new: bool) -> None:
        await (run.arrive() if new else run.drive())
        await self._forget_if_done(run)

    async def _settle(self, run: TaskRun, uuid: bytes) -> None:
        await self._parts.store.write(acknowledge_change(run.record.key, uuid))
        await self._forget_if_done(run)

    async def _forget_if_done(self, run: TaskRun) -> None:
        key = run.record.key
        if run.record.forgettable and self._runs.get(key) is run:
            del self._runs[key]
            await self._parts.store.write(forget_task_change(key))

    def _drop(self, record: TaskRecord, why: str) -> None:
        """A launch that is not taken on. Said once and not kept: after a lost link the orchestrator
        sees that the agent does not know the task, and concludes the same."""
        log.error("task %s is dropped: %s", record.key, why)
        aware = record.has_capability(mesos.FrameworkInfoCapabilityType.PARTITION_AWARE)
        state = mesos.TaskState.TASK_DROPPED if aware else mesos.TaskState.TASK_LOST
        reason = mesos.TaskStatusReason.REASON_CONTAINER_LAUNCH_FAILED
        self._say(mesos.FrameworkID(value=record.framework_id), record.info.task_id, state, reason, why)

    def _say_unknown(self, framework_id: mesos.FrameworkID, task_id: mesos.TaskID) -> None:
        reason = mesos.TaskStatusReason.REASON_TASK_UNKNOWN
        text = "this agent does not know the task"
        self._say(framework_id, task_id, mesos.TaskState.TASK_GONE, reason, text)

    def _say(
        self,
        framework_id: mesos.FrameworkID,
        task_id: mesos.TaskID,
        state: mesos.TaskState,
        reason: mesos.TaskStatusReason,
        text: str,
    ) -> None:
        """A status without a uuid: not durable here, not acknowledged, not repeated."""
        status = mesos.TaskStatus(
            task_id=task_id,
            state=state,
            agent_id=mesos.AgentID(value=self._parts.agent_id()),
            timestamp=self._parts.clock.now(),
            source=mesos.TaskStatusSource.SOURCE_AGENT,
            reason=reason,
            message=text,
        )
        update = link.AgentMessageUpdateTaskStatus(
            framework_id=framework_id, status=status, latest_state=state
        )
        self._send(
            link.AgentMessage(type=link.AgentMessageType.UPDATE_TASK_STATUS, update_task_status=update)
        )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        job = asyncio.create_task(work)
        self._jobs.add(job)
        job.add_done_callback(self._done)

    def _done(self, job: asyncio.Task[None]) -> None:
        self._jobs.discard(job)
        if not job.cancelled() and (error := job.exception()) is not None:
            log.error("a task can be driven no further", exc_info=error)
            self._failed(error)
