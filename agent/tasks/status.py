"""What schedulers are told about a task: event by event, a v1 TaskStatus. Pure.

The texts are for the people who run the task: what happened, and what they can do about it.
"""

from __future__ import annotations

import signal
from typing import Final

from msgspec import UNSET, UnsetType

from agent.checks.findings import nothing_yet
from agent.checks.running import Kind
from agent.commands import InvalidTask
from agent.containerizer.interface import Exit
from agent.networks import network_infos
from agent.tasks.record import TaskRecord
from agent.tasks.spec import checks_of
from agent.tasks.state import TaskEvent, TaskPhase
from api.wire.v1 import mesos

MAX_MESSAGE = 4_096
"""Characters of a status message; what is beyond is cut, with a mark."""

Reason = mesos.TaskStatusReason
Source = mesos.TaskStatusSource


LIMITED: Final = frozenset(
    {
        Reason.REASON_CONTAINER_LIMITATION,
        Reason.REASON_CONTAINER_LIMITATION_DISK,
        Reason.REASON_CONTAINER_LIMITATION_MEMORY,
        Reason.REASON_MAX_COMPLETION_TIME_REACHED,
        Reason.REASON_EXECUTOR_TERMINATED,
        Reason.REASON_CONTAINER_LAUNCH_FAILED,
    }
)
"""Reasons of kills that are the task's own fault, or its group's: it has failed, it was not killed."""

OF_THE_AGENT: Final = frozenset({Reason.REASON_AGENT_DRAINING, Reason.REASON_AGENT_REMOVED_BY_OPERATOR})
"""Reasons of kills that have to do with the agent alone, and are told however far the task was."""

LIMITED_RESOURCES: Final = {
    Reason.REASON_CONTAINER_LIMITATION_MEMORY: "mem",
    Reason.REASON_CONTAINER_LIMITATION_DISK: "disk",
}
"""Which of the task's resources were too few, by the reason that says so."""

SHELL_HINTS: Final = {126: "it found a file that it may not execute", 127: "it found no such command"}
"""What a shell means by the exit status."""


def event_of_exit(record: TaskRecord, ended: Exit) -> TaskEvent:
    """Success is exit status 0 and nothing else."""
    if ended.status == 0:
        return TaskEvent.EXITED_WITH_SUCCESS
    if record.kill is not None and record.kill.reason in LIMITED:
        return TaskEvent.LIMITED
    if record.kill is not None and record.kill.gone:
        return TaskEvent.REMOVED
    return TaskEvent.EXITED_WITH_FAILURE


def describe_exit(ended: Exit, *, shell: bool = False) -> str:
    """How the container ended, in a sentence; `shell`: its command was a shell's."""
    limitation = "memory" if ended.oom else ended.limitation
    if limitation == "disk" and ended.message:
        return ended.message
    if limitation is not None:
        how = f" ({ended.message})" if ended.message else ""
        more = "mem" if limitation == "memory" else "disk"
        return f"the command exceeded its {limitation} limit{how}: give the task more {more}"
    if ended.status is None:
        return ended.message or "the container ended and nobody saw its exit status"
    if ended.signal is not None:
        return f"the command was ended by signal {ended.signal} ({_signal_name(ended.signal)})"
    hint = SHELL_HINTS.get(ended.status) if shell else None
    return f"the command exited with status {ended.status}" + (f": {hint}" if hint else "")


def status_of_exit(record: TaskRecord, ended: Exit) -> tuple[str, Reason | None, Source]:
    """Message, reason and source of the terminal status after `ended`."""
    command = record.info.command
    message = describe_exit(ended, shell=command is not UNSET and command.shell)
    if record.kill is not None and record.kill.message:
        message = f"{record.kill.message}; {message}"
    reason = _reason_of_exit(record, ended)
    seen = ended.status is not None and reason not in LIMITED
    return message, reason, Source.SOURCE_EXECUTOR if seen else Source.SOURCE_AGENT


def _reason_of_exit(record: TaskRecord, ended: Exit) -> Reason | None:
    if ended.status == 0:
        return None
    if ended.oom or ended.limitation == "memory":
        return Reason.REASON_CONTAINER_LIMITATION_MEMORY
    if ended.limitation == "disk":
        return Reason.REASON_CONTAINER_LIMITATION_DISK
    if record.kill is not None:
        return record.kill.reason
    if ended.status is None:
        return Reason.REASON_EXECUTOR_TERMINATED
    return Reason.REASON_COMMAND_EXECUTOR_FAILED


def make_status(
    record: TaskRecord,
    phase: TaskPhase,
    agent_id: mesos.AgentID,
    *,
    uuid: bytes | None,
    timestamp: float,
    message: str | None,
    reason: Reason | None,
    source: Source,
    address: str = "",
) -> mesos.TaskStatus:
    """The status that says that the task is in `phase`.

    `uuid`: 16 bytes, None for one that is told once. `timestamp`: seconds since the epoch. `address`: the
    host's, where it is known.
    """
    status = mesos.TaskStatus(
        task_id=record.info.task_id,
        state=record.wire_state_of(phase),
        agent_id=agent_id,
        timestamp=timestamp,
        source=source,
        uuid=UNSET if uuid is None else uuid,
        container_status=_container_status(record, address),
        healthy=UNSET if record.checked.healthy is None else record.checked.healthy,
        check_status=_check_status(record),
    )
    if record.executor_id is not None:
        status.executor_id = mesos.ExecutorID(value=record.executor_id)
    if message is not None:
        status.message = message if len(message) <= MAX_MESSAGE else message[: MAX_MESSAGE - 1] + "…"
    if reason is not None:
        status.reason = reason
    if reason in LIMITED_RESOURCES:
        name = LIMITED_RESOURCES[reason]
        given = [resource for resource in record.info.resources if resource.name == name]
        status.limitation = mesos.TaskResourceLimitation(resources=given)
    return status


def _check_status(record: TaskRecord) -> mesos.CheckStatusInfo | UnsetType:
    """What the check found last; before that, that there is one."""
    if record.checked.status is not None:
        return record.checked.status
    try:
        check = checks_of(record.info).get(Kind.CHECK)
    except InvalidTask:
        return UNSET
    return UNSET if check is None else nothing_yet(check)


def _container_status(record: TaskRecord, address: str) -> mesos.ContainerStatus:
    inside = record.executor_container if record.shares_sandbox else None
    status = mesos.ContainerStatus(
        container_id=mesos.ContainerID(value=record.container_id if inside is None else inside),
        executor_pid=UNSET if record.pid is None else record.pid,
        network_infos=network_infos(record.info, record.addresses, address),
    )
    if record.parent is not None:
        status.container_id = mesos.ContainerID(
            value=record.container_id, parent=mesos.ContainerID(value=record.parent)
        )
    return status


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
