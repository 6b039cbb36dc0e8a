"""What the agent knows about one task: the facts it owns, as its checkpoint holds them.

No I/O and no decisions: `agent.tasks.run` changes records, `agent.checkpoint` stores them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec import UNSET

from agent.tasks.state import TERMINAL, TaskPhase, wire_state_name
from api.wire.v1 import mesos

TaskKey = tuple[str, str]
"""Framework id, task id: what names a task in the cluster."""


@dataclass(slots=True)
class KillIntent:
    """Someone wants the task to end. Durable, so that a crash does not forget the wish.

    `grace_period` in seconds between SIGTERM and SIGKILL; `reason` a TaskStatus reason or None; `gone`:
    because its agent is removed for good, which is how its end is told.
    """

    grace_period: float
    message: str
    reason: mesos.TaskStatusReason | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """What a task's checks have found, as its framework was told last.

    `healthy` is None until the health check has an opinion; `failures` are its failures in a row that
    counted; `status` is what the other check, `TaskInfo.check`, found.
    """

    healthy: bool | None = None
    failures: int = 0
    status: mesos.CheckStatusInfo | None = None


@dataclass(slots=True)
class TaskRecord:
    """A task as the agent knows it.

    Invariant: `statuses` are the updates that are durable and not acknowledged, oldest first.
    Invariant: `told` is `phase`, but for an end that is held back until its volumes are free.
    Invariant: `released` only when terminal: its volumes are given back and its container removed.
    """

    framework: mesos.FrameworkInfo
    info: mesos.TaskInfo
    container_id: str
    received_at: float
    phase: TaskPhase = TaskPhase.RECEIVED
    told: TaskPhase = TaskPhase.RECEIVED
    kill: KillIntent | None = None
    released: bool = False
    boot_id: str | None = None
    """The host's boot in which it came to STARTING: containers of another boot are gone, started or not."""
    started_at: float | None = None
    """When it came to RUNNING, seconds since the epoch: its completion time and its checks count from it."""
    checked: Checked = Checked()
    """What its checks have found so far."""
    parent: str | None = None
    """The id of the container that it is nested in: its group's root."""
    executor_id: str | None = None
    """Its executor, if it has one; tasks that are a command of their own have none."""
    executor_container: str | None = None
    """The container of that executor: executors of one name follow one another, containers have names of
    their own."""
    group: str | None = None
    """What the tasks that were launched together have in common."""
    acknowledged: tuple[bytes, ...] = ()
    """Of a custom executor's task: the last acknowledged updates, as the executor may not know that yet."""
    pid: int | None = None
    addresses: tuple[str, ...] = ()
    """Its container's own IP addresses; none when it uses its host's."""
    statuses: list[mesos.TaskStatus] = field(default_factory=list)

    @property
    def framework_id(self) -> str:
        """The id of the framework that launched it. Invariant: the orchestrator always sets it."""
        return self.framework.id.value if self.framework.id is not UNSET else ""

    @property
    def key(self) -> TaskKey:
        return self.framework_id, self.info.task_id.value

    @property
    def user(self) -> str | None:
        """The user that its command runs as; None for the agent's own."""
        command = self.info.command
        return None if command is UNSET or command.user is UNSET else command.user

    @property
    def shares_sandbox(self) -> bool:
        """Whether it has no sandbox of its own: a custom executor runs it, in its own."""
        return self.executor_id is not None and self.parent is None

    @property
    def terminal(self) -> bool:
        return self.phase in TERMINAL

    @property
    def forgettable(self) -> bool:
        """Nobody will ask for it again: ended, cleaned up, and its owner has said that it knows."""
        return self.terminal and self.released and not self.statuses

    def has_capability(self, name: mesos.FrameworkInfoCapabilityType) -> bool:
        return any(capability.type == name for capability in self.framework.capabilities)

    def wire_state_of(self, phase: TaskPhase) -> mesos.TaskState:
        """`phase` as the task's framework may be told it."""
        aware = self.has_capability(mesos.FrameworkInfoCapabilityType.PARTITION_AWARE)
        return mesos.TaskState(wire_state_name(phase, partition_aware=aware))

    @property
    def wire_state(self) -> mesos.TaskState:
        """The latest state that others may act upon: at an end they take its volumes for free."""
        return self.wire_state_of(self.told)

    @property
    def told_statuses(self) -> list[mesos.TaskStatus]:
        """The statuses that others may see by now."""
        return list(self.statuses if self.told is self.phase else self.statuses[:-1])


def grace_seconds(policy: mesos.KillPolicy | object, default: float) -> float:
    """Seconds of grace that a kill policy grants; `default` when it does not say."""
    if isinstance(policy, mesos.KillPolicy) and policy.grace_period is not UNSET:
        return max(0.0, policy.grace_period.nanoseconds / 1e9)
    return default


def as_wire_task(record: TaskRecord, agent_id: mesos.AgentID) -> mesos.Task:
    """The record as a v1 Task, with its unacknowledged updates; what the orchestrator is told."""
    info = record.info
    task = mesos.Task(
        name=info.name,
        task_id=info.task_id,
        framework_id=mesos.FrameworkID(value=record.framework_id),
        agent_id=agent_id,
        state=record.wire_state,
        resources=info.resources,
        statuses=record.told_statuses,
        labels=info.labels,
        discovery=info.discovery,
        container=info.container,
        health_check=info.health_check,
        kill_policy=info.kill_policy,
        limits=info.limits,
    )
    if record.user is not None:
        task.user = record.user
    if record.executor_id is not None:
        task.executor_id = mesos.ExecutorID(value=record.executor_id)
    if task.statuses:
        task.status_update_state = task.statuses[0].state
        task.status_update_uuid = task.statuses[0].uuid
    return task
