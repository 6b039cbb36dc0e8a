"""The tasks of this agent: which there are, who drives them, what the orchestrator is told of them.

Each task is driven by one `TaskRun`, or, when a custom executor runs it, by one `ExecutorTask`; this room
starts those, hands them wishes and acknowledgements, ends a group when one of its tasks fails, and forgets
tasks that have ended and been acknowledged. It neither publishes nor launches itself, and it does not know
the link.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import UNSET

from agent.checkpoint import (
    acknowledge_change,
    forget_task_change,
    insert_task_change,
    load_tasks,
    remember_acknowledged_change,
)
from agent.containerizer.interface import ContainerState
from agent.executors.checkpoint import insert_executor_change
from agent.executors.executors import Executors
from agent.executors.record import ExecutorRecord, exited_message
from agent.executors.run import ExecutorRun
from agent.executors.task import ExecutorTask
from agent.jobs import Jobs
from agent.tasks.groups import siblings_to_end
from agent.tasks.parts import TaskParts, check_output, sandbox_of
from agent.tasks.record import KillIntent, TaskKey, TaskRecord, as_wire_task, grace_seconds
from agent.tasks.run import TaskRun
from agent.tasks.spec import DEFAULT_GRACE_PERIOD
from agent.tasks.status import Reason, Source
from agent.tasks.updates import Send, TaskUpdates
from api.wire.v1 import link, mesos

log = logging.getLogger(__name__)

Run = TaskRun | ExecutorTask

Failed = Callable[[BaseException], None]
"""Told of an error that nobody here can handle: the daemon has to stop and start again."""


class Tasks:
    """Every task that this agent knows."""

    def __init__(
        self, parts: TaskParts, executors: Executors, updates: TaskUpdates, send: Send, failed: Failed
    ) -> None:
        self._parts = parts
        self._executors = executors
        self._updates = updates
        self._send = send
        self._runs: dict[TaskKey, Run] = {}
        self._jobs = Jobs("a task", failed)
        self.closed: str | None = None
        """Why no task is taken on any more, while the agent drains."""

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
        """The sandboxes of the tasks that are not over; those of executors are not among them."""
        live = [record for record in self.records if not record.released]
        checks = {check_output(record, self._parts) for record in live}
        return checks | {self.sandbox(record) for record in live if record.executor_id is None}

    def sandbox(self, record: TaskRecord) -> Path:
        """Where a task works, made or not; with a custom executor, where that works."""
        if record.shares_sandbox:
            return self._executors.parent_sandbox(record)
        return sandbox_of(record, self._parts)

    def find(self, framework_id: str, task_id: str) -> TaskRecord | None:
        """A known task by its names."""
        run = self._runs.get((framework_id, task_id))
        return None if run is None else run.record

    def load(self) -> set[str]:
        """Read the checkpoint, after the executors'; returns the ids of the containers of known tasks."""
        for record in self._parts.store.read(load_tasks):
            executor = self._executors.find_container(record.executor_container or "")
            self._runs[record.key] = self._made(record, executor)
        return {record.container_id for record in self.records}

    def resume(self, found: Mapping[str, ContainerState]) -> None:
        """Drive every loaded task on from its phase; `found` are the containers that there are."""
        for run in self._runs.values():
            run.found = found.get(run.record.container_id)
            self._updates.deliver(run.record)
            self._jobs.begin(self._drive(run, new=False))
        for record in self.records:
            if record.terminal:
                self.ended(record)

    def run(self, message: link.OrchestratorMessageRunTask) -> None:
        """RUN_TASK. A task that is known already is left alone: nothing is launched twice."""
        if message.executor_info is not UNSET:
            starts = message.launch_executor is True
            tasks = [message.task_info]
            self._run_with(message.framework_info, message.executor_info, tasks, starts, is_group=False)
            return
        record = self._new(message.framework_info, message.task_info)
        if self._is_known(record):
            return
        if (why := self._refusal(1)) is not None:
            self._drop(record, why)
            return
        run = self._runs[record.key] = TaskRun(record, self._parts)
        self._jobs.begin(self._drive(run, new=True))

    def run_group(self, message: link.OrchestratorMessageRunTaskGroup) -> None:
        """RUN_TASK_GROUP: all of its tasks, or none."""
        starts = message.launch_executor is True
        tasks = message.task_group.tasks
        self._run_with(message.framework_info, message.executor_info, tasks, starts, is_group=True)

    def _run_with(
        self,
        framework: mesos.FrameworkInfo,
        info: mesos.ExecutorInfo,
        tasks: Sequence[mesos.TaskInfo],
        starts: bool,
        *,
        is_group: bool,
    ) -> None:
        """Tasks that have an executor, which is started for them if it `starts` with them."""
        records = [self._new(framework, task) for task in tasks]
        new = [record for record in records if not self._is_known(record)]
        if not new:
            return
        executor = self._executors.find(new[0].framework_id, info.executor_id.value)
        reason = Reason.REASON_CONTAINER_LAUNCH_FAILED
        why = self._refusal(len(new))
        if len(new) < len(records):
            why = "another task of its group has the name of a task that is known here: choose other names"
        elif executor is None and not starts:
            why, reason = "its executor has exited: launch another one", Reason.REASON_EXECUTOR_TERMINATED
        elif executor is not None and executor.record.ending:
            why, reason = "its executor is ending: launch another one", Reason.REASON_EXECUTOR_TERMINATED
        elif executor is None and why is None:
            why = self._executors.limits_reached
        if why is not None:
            for record in new:
                self._drop(record, why, reason)
            if executor is None and starts:  # what it was charged for it is free again
                self._send(exited_message(ExecutorRecord(framework, info, "", received_at=0.0)))
            return
        is_new = executor is None
        executor = executor or self._executors.new(framework, info)
        group = str(self._parts.ids.uuid()) if is_group else None
        runs = [self._joined(record, executor, group) for record in new]
        self._jobs.begin(self._arrive_together(executor if is_new else None, runs))

    def _joined(self, record: TaskRecord, executor: ExecutorRun, group: str | None) -> Run:
        record.executor_id = executor.record.executor_id
        record.executor_container = executor.record.container_id
        record.parent = executor.record.container_id if executor.record.is_played else None
        record.group = group
        run = self._runs[record.key] = self._made(record, executor)
        return run

    def _made(self, record: TaskRecord, executor: ExecutorRun | None) -> Run:
        """Who drives the task. `executor` is None when it has none, and when that is forgotten."""
        run: Run
        if record.executor_id is None or record.parent is not None:
            run = TaskRun(record, self._parts)
        else:
            run = self._executors.task(executor, record)
        if executor is not None:
            executor.add(run)
        return run

    def _new(self, framework: mesos.FrameworkInfo, info: mesos.TaskInfo) -> TaskRecord:
        container_id = str(self._parts.ids.uuid())
        return TaskRecord(framework, info, container_id, received_at=self._parts.clock.now())

    def _is_known(self, record: TaskRecord) -> bool:
        """Whether there is a task of that name; one that must not wait unheard is dropped."""
        known = self._runs.get(record.key)
        if known is None:
            return False
        if known.record.terminal and not known.record.statuses:
            # Another task under the name of one whose end is acknowledged.
            self._drop(record, "the former task of this name is still being cleaned up: choose another name")
        else:
            log.info("task %s is known already: ignored", record.key)
        return True

    def _refusal(self, count: int) -> str | None:
        """Why so many tasks more cannot be taken on."""
        if self.closed is not None:
            return self.closed
        limit = self._parts.limits.tasks
        if len(self._runs) + count > limit:
            return f"this agent runs {limit} tasks, its limit: launch it elsewhere or later"
        return self._parts.room()

    async def _arrive_together(self, executor: ExecutorRun | None, runs: Sequence[Run]) -> None:
        """All of them durable together, with the executor if that is new; then each lives its life."""
        changes = [insert_task_change(run.record) for run in runs]
        if executor is not None:
            changes.insert(0, insert_executor_change(executor.record))
        await self._parts.store.write(*changes)
        if executor is not None:
            self._executors.drive(executor)
        for run in runs:
            self._jobs.begin(self._drive(run, new=False))

    def ended(self, record: TaskRecord) -> None:
        """A task has come to its end, durably: those that were launched with it may have to end as well."""
        for sibling in siblings_to_end(record, self.records):
            grace = grace_seconds(sibling.info.kill_policy, DEFAULT_GRACE_PERIOD)
            state = record.wire_state_of(record.phase).value
            message = f"task {record.info.task_id.value} of its group ended as {state}"
            self._jobs.begin(self._runs[sibling.key].wish_end(KillIntent(grace, message)))

    def kill(self, message: link.OrchestratorMessageKillTask) -> None:
        """KILL_TASK. An unknown task has ended, or never came: its owner hears that it is unknown."""
        run = self._runs.get((message.framework_id.value, message.task_id.value))
        if run is None:
            self._say_unknown(message.framework_id, message.task_id)
            return
        policy = run.record.info.kill_policy if message.kill_policy is UNSET else message.kill_policy
        grace = grace_seconds(policy, DEFAULT_GRACE_PERIOD)
        self._jobs.begin(run.wish_end(KillIntent(grace, "killed on request")))

    def find_container(self, container_id: str) -> TaskRecord | None:
        """The task that a container is of."""
        return next((r for r in self.records if r.container_id == container_id), None)

    def end(self, record: TaskRecord, message: str) -> None:
        """An operator ends a task, with the grace period that it asked for. Idempotent."""
        run = self._runs[record.key]
        grace = grace_seconds(record.info.kill_policy, DEFAULT_GRACE_PERIOD)
        self._jobs.begin(run.wish_end(KillIntent(grace, message)))

    def limit(self, record: TaskRecord, message: str, reason: mesos.TaskStatusReason) -> None:
        """End a task at once because it exceeds what it was given: it fails, for that reason."""
        self._jobs.begin(self._runs[record.key].wish_end(KillIntent(0.0, message, reason)))

    def end_for(self, intent_of: Callable[[TaskRecord], KillIntent]) -> None:
        """Someone wants every task to end, each in its own way. Repeats are harmless."""
        for run in list(self._runs.values()):
            if not run.record.terminal:
                self._jobs.begin(run.wish_end(intent_of(run.record)))

    @property
    def unreleased(self) -> list[TaskRecord]:
        """Tasks of which something is on this host, be it their volumes alone."""
        return [run.record for run in self._runs.values() if not run.released.is_set()]

    async def end_all(self, message: str) -> None:
        """End every task and wait until all have given back what they held. Cancel to give up."""
        for record in self.records:
            if record.executor_id is None or record.parent is not None:
                self.end(record, message)  # the others end with their executors
        for run in list(self._runs.values()):
            await run.released.wait()

    def shutdown_framework(self, framework_id: str) -> None:
        """SHUTDOWN_FRAMEWORK: its tasks are killed, each with its own grace period."""
        reason = mesos.TaskStatusReason.REASON_FRAMEWORK_REMOVED
        for run in list(self._runs.values()):
            if run.record.framework_id == framework_id:
                grace = grace_seconds(run.record.info.kill_policy, DEFAULT_GRACE_PERIOD)
                intent = KillIntent(grace, "its framework was removed", reason)
                self._jobs.begin(run.wish_end(intent))

    def acknowledge(self, message: link.OrchestratorMessageAcknowledgeTaskStatus) -> None:
        """ACKNOWLEDGE_TASK_STATUS: that status is never sent again; the next one may go out."""
        run = self._runs.get((message.framework_id.value, message.task_id.value))
        oldest = None if run is None or not run.record.statuses else run.record.statuses[0]
        if run is None or oldest is None or not self._updates.acknowledge(run.record, message.uuid):
            return  # a repeat
        by_executor = isinstance(run, ExecutorTask) and oldest.source is Source.SOURCE_EXECUTOR
        if isinstance(run, ExecutorTask) and by_executor:
            run.acknowledged(message.uuid)  # at once: the executor may be saying it again just now
        self._jobs.begin(self._settle(run, message.uuid, by_executor=by_executor))

    async def stop(self) -> None:
        """Stop driving. Containers go on; everything is taken up again by `load` and `resume`."""
        await self._jobs.stop()

    async def _drive(self, run: Run, *, new: bool) -> None:
        await (run.arrive() if new else run.drive())
        if (executor := self._executor_of(run)) is not None:
            executor.look_again()
        await self._forget_if_done(run)

    async def _settle(self, run: Run, uuid: bytes, *, by_executor: bool) -> None:
        key = run.record.key
        changes = [acknowledge_change(key, uuid)]
        if by_executor:
            changes.append(remember_acknowledged_change(key, run.record.acknowledged))
        await self._parts.store.write(*changes)
        executor = self._executor_of(run)
        if executor is not None and by_executor:
            executor.conversation.acknowledged(run.record.info.task_id, uuid)
        await self._forget_if_done(run)

    async def _forget_if_done(self, run: Run) -> None:
        key = run.record.key
        if run.record.forgettable and self._runs.get(key) is run:
            del self._runs[key]
            await self._parts.store.write(forget_task_change(key))
            if (executor := self._executor_of(run)) is not None:
                executor.remove(run)

    def _executor_of(self, run: Run) -> ExecutorRun | None:
        container = run.record.executor_container
        return None if container is None else self._executors.find_container(container)

    def _drop(
        self,
        record: TaskRecord,
        why: str,
        reason: mesos.TaskStatusReason = Reason.REASON_CONTAINER_LAUNCH_FAILED,
    ) -> None:
        """A launch that is not taken on. Said once and not kept: after a lost link the orchestrator
        sees that the agent does not know the task, and concludes the same."""
        log.error("task %s is dropped: %s", record.key, why)
        if why is self.closed:
            reason = Reason.REASON_AGENT_DRAINING
        aware = record.has_capability(mesos.FrameworkInfoCapabilityType.PARTITION_AWARE)
        state = mesos.TaskState.TASK_DROPPED if aware else mesos.TaskState.TASK_LOST
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
