"""From an executor's description to what a containerizer runs. Pure: nothing is started or looked up.

A custom executor gets its command, and what it needs to find its agent; one that the agent plays
gets a command that does nothing, in whose network and sandbox the tasks of its groups live.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from msgspec import UNSET

from agent.containerizer.interface import Bind, ContainerSpec, Limits
from agent.executors.record import ExecutorRecord
from agent.tasks.record import TaskRecord, grace_seconds
from agent.tasks.spec import MIB, InvalidTask, bound, container_spec
from api.wire.v1 import mesos

ROOT_COMMAND = ("/bin/sleep", "infinity")
MAX_DATA_BYTES = 2**20
"""Of a message between a scheduler and its executor; a longer one is refused, or dropped with an error."""


@dataclass(frozen=True, slots=True)
class ExecutorLimits:
    """Seconds and counts, and what happens at each bound."""

    executors: int = 1_000
    """Known at once; the tasks of one more are dropped and their framework told so."""
    registration_timeout: float = 60.0
    """For a new executor to subscribe; then it is killed, and its tasks fail."""
    reregistration_timeout: float = 30.0
    """For one that was subscribed to subscribe again, after its stream or its agent went; then likewise."""
    recovery_timeout: float = 900.0
    """Told to executors: how long to wait for an agent that is away before they end by themselves."""
    backoff_max: float = 2.0
    """Told to executors: the longest wait between two attempts to subscribe."""
    shutdown_grace: float = 5.0
    """From SHUTDOWN to the kill, where the executor's own description does not say."""
    unacknowledged: int = 256
    """Updates of one task that nobody has acknowledged; further ones are answered 503: say it again later."""


def shutdown_grace(record: ExecutorRecord, limits: ExecutorLimits) -> float:
    """Seconds that the executor has between SHUTDOWN and the kill."""
    asked = record.info.shutdown_grace_period
    if asked is UNSET:
        return limits.shutdown_grace
    return grace_seconds(mesos.KillPolicy(grace_period=asked), limits.shutdown_grace)


def executor_spec(
    record: ExecutorRecord,
    agent_id: str,
    endpoint: str,
    sandbox: str,
    binds: tuple[Bind, ...],
    output_limit_bytes: int,
    limits: ExecutorLimits,
) -> ContainerSpec:
    """The executor's container. `endpoint` is HOST:PORT of the agent's API.

    Raises InvalidTask when the description makes no well-formed one.
    """
    container = record.as_container()
    if record.is_played:
        shell = mesos.CommandInfo(shell=False, value=ROOT_COMMAND[0], arguments=list(ROOT_COMMAND))
        container.info.command = shell
    elif record.info.command is UNSET:
        raise InvalidTask("the executor has no command")
    spec = container_spec(container, agent_id, sandbox, binds, output_limit_bytes)
    environment = dict(spec.environment)
    environment.pop("MESOS_TASK_ID", None)
    told = {} if record.is_played else _told(record, endpoint, limits)
    labels = {**spec.labels, "orlop.kind": "executor", "orlop.executor": record.executor_id}
    labels.pop("orlop.task", None)
    # What the agent says of itself is true: nothing that the executor asks for stands above it.
    own_mounts = not record.is_played  # for volumes of tasks that come later
    return replace(spec, environment={**environment, **told}, labels=labels, own_mounts=own_mounts)


def _told(record: ExecutorRecord, endpoint: str, limits: ExecutorLimits) -> dict[str, str]:
    return {
        "MESOS_AGENT_ENDPOINT": endpoint,
        "MESOS_FRAMEWORK_ID": record.framework_id,
        "MESOS_EXECUTOR_ID": record.executor_id,
        "MESOS_CHECKPOINT": "1",
        "MESOS_RECOVERY_TIMEOUT": _duration(limits.recovery_timeout),
        "MESOS_SUBSCRIPTION_BACKOFF_MAX": _duration(limits.backoff_max),
        "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD": _duration(shutdown_grace(record, limits)),
    }


def _duration(seconds: float) -> str:
    """As executors of these APIs read it."""
    return f"{seconds:g}secs"


def container_limits(record: ExecutorRecord, tasks: Iterable[TaskRecord]) -> Limits:
    """What the executor and the tasks that it runs may use together."""
    infos = [record.as_container().info, *(task.info for task in tasks)]
    cpus, mem = _together(infos, "cpus"), _together(infos, "mem")
    return Limits(
        cpu_milli=None if cpus is None else math.ceil(cpus * 1000),
        memory_bytes=None if mem is None else math.ceil(mem * MIB),
    )


def _together(infos: Iterable[mesos.TaskInfo], name: str) -> float | None:
    """None is no bound: nobody was given any of it, or one of them may use as much as it likes."""
    amounts = []
    for info in infos:
        amount = bound(info, name)
        if amount is None and name in info.limits:
            return None
        amounts.append(amount)
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None
