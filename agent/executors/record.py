"""What the agent knows about one executor: the facts it owns, as its checkpoint holds them.

No I/O and no decisions: `agent.executors.run` changes records, `agent.executors.checkpoint` stores them.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import UNSET

from agent.containerizer.interface import Exit
from agent.executors.state import ExecutorPhase
from agent.tasks.record import TaskRecord
from api.wire.v1 import link, mesos

ExecutorKey = tuple[str, str]
"""Framework id, executor id: what names an executor on an agent."""


@dataclass(frozen=True, slots=True)
class End:
    """Why an executor has to end, or has ended; what its tasks are told. Durable.

    `grace_period` in seconds, from the wish to the kill.
    """

    grace_period: float
    message: str
    reason: mesos.TaskStatusReason


@dataclass(slots=True)
class ExecutorRecord:
    """An executor as the agent knows it.

    Invariant: `end` is set when it is TERMINATING or TERMINATED.
    """

    framework: mesos.FrameworkInfo
    info: mesos.ExecutorInfo
    container_id: str
    received_at: float
    phase: ExecutorPhase = ExecutorPhase.LAUNCHING
    boot_id: str | None = None
    """The host's boot in which it was launched first: containers of another boot are gone."""
    end: End | None = None
    exit_status: int | None = None
    """How its container ended, as wait(2) has it; None while it runs, and when nobody saw it."""

    @property
    def framework_id(self) -> str:
        """The id of its framework. Invariant: the orchestrator always sets it."""
        return self.framework.id.value if self.framework.id is not UNSET else ""

    @property
    def executor_id(self) -> str:
        return self.info.executor_id.value

    @property
    def key(self) -> ExecutorKey:
        return self.framework_id, self.executor_id

    @property
    def is_played(self) -> bool:
        """Whether the agent itself plays it: type DEFAULT."""
        return self.info.type is mesos.ExecutorInfoType.DEFAULT

    @property
    def ending(self) -> bool:
        """Whether it takes no more tasks."""
        return self.end is not None

    def as_container(self) -> TaskRecord:
        """Its container, described as that of a task: the same volumes, command, URIs and sandbox."""
        info = mesos.TaskInfo(
            name=self.executor_id,
            task_id=mesos.TaskID(value=self.executor_id),
            agent_id=mesos.AgentID(value=""),
            resources=self.info.resources,
            command=self.info.command,
            container=self.info.container,
        )
        return TaskRecord(self.framework, info, self.container_id, self.received_at)

    def as_wire(self) -> link.Executor:
        """As the orchestrator is told of it at registration."""
        return link.Executor(
            framework_id=mesos.FrameworkID(value=self.framework_id),
            executor_info=self.info,
            resources=self.info.resources,
            container_id=mesos.ContainerID(value=self.container_id),
        )


def wait_status(ended: Exit) -> int | None:
    """How a container ended, as wait(2) has it: a signal's number, or the exit status times 256."""
    if ended.status is None or ended.signal:
        return ended.signal
    return ended.status << 8


def exited_message(record: ExecutorRecord) -> link.AgentMessage:
    """Says that nothing of the executor is left here. Said once: after a lost link the registration says
    which executors there still are."""
    exited = link.AgentMessageExecutorExited(
        framework_id=mesos.FrameworkID(value=record.framework_id),
        executor_id=record.info.executor_id,
        status=UNSET if record.exit_status is None else record.exit_status,
        message=UNSET if record.end is None else record.end.message,
    )
    return link.AgentMessage(type=link.AgentMessageType.EXECUTOR_EXITED, executor_exited=exited)
