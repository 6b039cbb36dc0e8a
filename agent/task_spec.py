"""From a task's description to what a containerizer runs. Pure: nothing is started or looked up.

What this agent cannot do is refused here, by name, before anything happens (TASK_ERROR): a task
that quietly ran without something it asked for would be worse.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from msgspec import UNSET

from agent.containerizer.interface import Bind, ContainerSpec, LaunchError, Limits
from agent.task_record import TaskRecord, grace_seconds
from api.wire.v1 import mesos

MIB = 2**20
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
KIND_LABEL = "orlop.kind"
"""What a container is for: `task`, `plugin` or `standalone` (an operator's, nested ones too)."""

DEFAULT_GRACE_PERIOD = 3.0
"""Seconds between SIGTERM and SIGKILL when neither the task nor the call names a kill policy."""


class InvalidTask(Exception):
    """The task as described can run on no agent of this release; its scheduler must change it."""


def validate(info: mesos.TaskInfo) -> None:
    """Raises InvalidTask, naming the first thing that cannot be done."""
    for wrong, message in (
        (info.executor is not UNSET, "custom executors are not supported: give the task a command"),
        (info.command is UNSET, "the task has no command"),
        (info.check is not UNSET, "checks are not supported"),
        (info.health_check is not UNSET, "health checks are not supported"),
        (info.max_completion_time is not UNSET, "max_completion_time is not supported"),
    ):
        if wrong:
            raise InvalidTask(message)
    if info.command is not UNSET:
        _validate_command(info.command)
    if info.container is not UNSET and info.container.volumes:
        raise InvalidTask("container.volumes is not supported: use disk resources with a volume")


def container_spec(
    record: TaskRecord, agent_id: str, sandbox: str, binds: tuple[Bind, ...], output_limit_bytes: int
) -> ContainerSpec:
    """The container of a task. Raises InvalidTask when the description makes no well-formed one."""
    info = record.info
    validate(info)
    command = info.command
    if command is UNSET:
        raise InvalidTask("the task has no command")
    try:
        return ContainerSpec(
            id=record.container_id,
            argv=_argv(command),
            sandbox=sandbox,
            environment=_environment(record, agent_id, sandbox),
            binds=binds,
            limits=_limits(info),
            image=_image(info),
            user=record.user,
            grace_period=grace_seconds(info.kill_policy, DEFAULT_GRACE_PERIOD),
            labels={
                KIND_LABEL: "task",
                "orlop.framework": record.framework_id,
                "orlop.task": info.task_id.value,
            },
            output_limit_bytes=output_limit_bytes,
        )
    except LaunchError as error:
        raise InvalidTask(error.message) from error


def _validate_command(command: mesos.CommandInfo) -> None:
    if command.uris:
        raise InvalidTask("command.uris is not supported: fetch in the command itself")
    if not command.value and (command.shell or not command.arguments):
        raise InvalidTask("the command is empty: set value, or shell to false and arguments")
    if command.environment is not UNSET:
        for variable in command.environment.variables:
            if variable.type is not mesos.EnvironmentVariableType.VALUE:
                raise InvalidTask(f"environment variable {variable.name!r}: only plain values are supported")


def _argv(command: mesos.CommandInfo) -> tuple[str, ...]:
    """Shell text under /bin/sh; else `value` is the program and `arguments` its argv, which begins
    with the program's own name."""
    if command.shell:
        return ("/bin/sh", "-c", command.value or "")
    if not command.value:
        return tuple(command.arguments)
    return (command.value, *command.arguments[1:])


def _environment(record: TaskRecord, agent_id: str, sandbox: str) -> Mapping[str, str]:
    """What the agent tells every task, and over it what the task asks for itself."""
    environment = {
        "PATH": DEFAULT_PATH,
        "HOME": sandbox,
        "MESOS_SANDBOX": sandbox,
        "MESOS_DIRECTORY": sandbox,
        "MESOS_AGENT_ID": agent_id,
        "MESOS_CONTAINER_ID": record.container_id,
        "MESOS_FRAMEWORK_ID": record.framework_id,
        "MESOS_TASK_ID": record.info.task_id.value,
    }
    command = record.info.command
    if command is not UNSET and command.environment is not UNSET:
        for variable in command.environment.variables:
            environment[variable.name] = "" if variable.value is UNSET else variable.value
    return environment


def _limits(info: mesos.TaskInfo) -> Limits:
    cpus, mem = _bound(info, "cpus"), _bound(info, "mem")
    return Limits(
        cpu_milli=None if cpus is None else math.ceil(cpus * 1000),
        memory_bytes=None if mem is None else math.ceil(mem * MIB),
    )


def _bound(info: mesos.TaskInfo, name: str) -> float | None:
    """The task's explicit limit of a scalar resource, else what it was given of it; None is none of it."""
    if name in info.limits:
        return info.limits[name].value
    amounts = [r.scalar.value for r in info.resources if r.name == name and r.scalar is not UNSET]
    return sum(amounts) if amounts else None


def _image(info: mesos.TaskInfo) -> str | None:
    if info.container is UNSET:
        return None
    if info.container.docker is not UNSET:
        return info.container.docker.image
    if info.container.mesos is UNSET or info.container.mesos.image is UNSET:
        return None
    docker = info.container.mesos.image.docker
    if docker is UNSET:
        raise InvalidTask("only docker images are supported")
    return docker.name
