"""What schedulers are told about a task: event by event, a v1 TaskStatus. Pure.

The texts are for the people who run the task: what happened, and what they can do about it.
"""

from __future__ import annotations

import signal

from msgspec import UNSET

from agent.containerizer.interface import Exit
from agent.task_record import TaskRecord
from agent.task_state import TaskEvent, TaskPhase
from api.wire.v1 import mesos

MAX_MESSAGE = 4_096
"""Characters of a status message; what is beyond is cut, with a mark."""

Reason = mesos.TaskStatusReason
Source = mesos.TaskStatusSource


def event_of_exit(ended: Exit) -> TaskEvent:
    """Success is exit status 0 and nothing else."""
    return TaskEvent.EXITED_WITH_SUCCESS if ended.status == 0 else TaskEvent.EXITED_WITH_FAILURE


def describe_exit(ended: Exit) -> str:
    """How the container ended, in a sentence."""
    if ended.oom:
        how = f" ({ended.message})" if ended.message else ""
        return f"the command exceeded its memory limit{how}: give the task more mem"
    if ended.status is None:
        return ended.message or "the container ended and nobody saw its exit status"
    if ended.signal is not None:
        return f"the command was ended by signal {ended.signal} ({_signal_name(ended.signal)})"
    return f"the command exited with status {ended.status}"


def status_of_exit(record: TaskRecord, ended: Exit) -> tuple[str, Reason | None]:
    """Message and reason of the terminal status after `ended`."""
    message = describe_exit(ended)
    if record.kill is not None and record.kill.message:
        message = f"{record.kill.message}; {message}"
    if ended.oom:
        return message, Reason.REASON_CONTAINER_LIMITATION_MEMORY
    if record.kill is not None and ended.status != 0:
        return message, record.kill.reason
    if ended.status is None:
        return message, Reason.REASON_EXECUTOR_TERMINATED
    return message, Reason.REASON_COMMAND_EXECUTOR_FAILED if ended.status != 0 else None


def make_status(
    record: TaskRecord,
    phase: TaskPhase,
    agent_id: mesos.AgentID,
    *,
    uuid: bytes,
    timestamp: float,
    message: str | None,
    reason: Reason | None,
    source: Source,
) -> mesos.TaskStatus:
    """The status that says that the task is in `phase`.

    `uuid`: 16 bytes. `timestamp`: seconds since the epoch.
    """
    status = mesos.TaskStatus(
        task_id=record.info.task_id,
        state=record.wire_state_of(phase),
        agent_id=agent_id,
        timestamp=timestamp,
        source=source,
        uuid=uuid,
        container_status=_container_status(record),
    )
    if message is not None:
        status.message = message if len(message) <= MAX_MESSAGE else message[: MAX_MESSAGE - 1] + "…"
    if reason is not None:
        status.reason = reason
    if reason is Reason.REASON_CONTAINER_LIMITATION_MEMORY:
        memory = [resource for resource in record.info.resources if resource.name == "mem"]
        status.limitation = mesos.TaskResourceLimitation(resources=memory)
    return status


def _container_status(record: TaskRecord) -> mesos.ContainerStatus:
    return mesos.ContainerStatus(
        container_id=mesos.ContainerID(value=record.container_id),
        executor_pid=UNSET if record.pid is None else record.pid,
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
