"""From a task's description to what a containerizer runs. Pure: nothing is started or looked up.

What this agent cannot do is refused here, by name, before anything happens (TASK_ERROR): a task
that quietly ran without something it asked for would be worse.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from msgspec import UNSET

from agent.checks.definition import Check, HealthRule, check_of, health_check_of
from agent.checks.running import Kind
from agent.commands import DEFAULT_PATH, InvalidTask, argv_of, environment_of, validate_command
from agent.container_volumes import validate_volumes
from agent.containerizer.interface import Bind, ContainerSpec, LaunchError, Limits
from agent.images.asked import pulls_anew
from agent.networks import network_of
from agent.rlimits import rlimits_of
from agent.tasks.record import TaskRecord, grace_seconds
from api.wire.v1 import mesos

__all__ = ["InvalidTask", "container_spec", "validate"]

MIB = 2**20
KIND_LABEL = "orlop.kind"
"""What a container is for: `task`, `check`, `plugin` or `standalone`."""

DEFAULT_GRACE_PERIOD = 3.0
"""Seconds between SIGTERM and SIGKILL when neither the task nor the call names a kill policy."""

LIMITS = ("cpus", "mem", "disk", "pids")
"""What may be limited apart from what is asked for; `pids` counts processes and threads, and is ours."""

NO_LIMIT = 1e15
"""A limit of at least this much is none: infinity, as it travels."""

UNSUPPORTED_CHECK_NETWORK = "checks over the network need one: the task has the network NONE"


def validate(info: mesos.TaskInfo, *, grouped: bool = False) -> None:
    """Raises InvalidTask, naming the first thing that cannot be done. `grouped`: one of a group's tasks."""
    if info.executor is not UNSET:
        raise InvalidTask("the task has an executor and is no command of its own")
    if info.command is UNSET:
        raise InvalidTask("the task has no command")
    validate_command(info.command)
    completion_seconds(info)
    _check_limits(info)
    rlimits_of(info.container)
    network = network_of(info, grouped=grouped)
    if info.container is not UNSET:
        validate_volumes(info.container, grouped=grouped)
    for check in checks_of(info).values():
        if network.mode == "none" and check.type is not mesos.CheckInfoType.COMMAND:
            raise InvalidTask(UNSUPPORTED_CHECK_NETWORK)


def checks_of(info: mesos.TaskInfo) -> dict[Kind, Check]:
    """The checks that the task asks for. Raises InvalidTask."""
    checks = {}
    if info.health_check is not UNSET:
        checks[Kind.HEALTH] = health_check_of(info.health_check)[0]
    if info.check is not UNSET:
        checks[Kind.CHECK] = check_of(info.check)
    return checks


def health_rule(info: mesos.TaskInfo) -> HealthRule:
    """When the task's health check ends it. Raises InvalidTask."""
    if info.health_check is UNSET:
        raise InvalidTask("the task has no health check")
    return health_check_of(info.health_check)[1]


def completion_seconds(info: mesos.TaskInfo) -> float | None:
    """How long the task may take from its start; None for as long as it likes. Raises InvalidTask."""
    if info.max_completion_time is UNSET:
        return None
    if info.max_completion_time.nanoseconds < 0:
        raise InvalidTask("max_completion_time must not be negative")
    return info.max_completion_time.nanoseconds / 1e9


def container_spec(
    record: TaskRecord, agent_id: str, sandbox: str, binds: tuple[Bind, ...], output_limit_bytes: int
) -> ContainerSpec:
    """The container of a task. Raises InvalidTask when the description makes no well-formed one."""
    info = record.info
    validate(info, grouped=record.parent is not None)
    command = info.command
    if command is UNSET:
        raise InvalidTask("the task has no command")
    try:
        return ContainerSpec(
            id=record.container_id,
            argv=argv_of(command),
            sandbox=sandbox,
            environment=environment(record, agent_id, sandbox),
            binds=binds,
            limits=_limits(info),
            processes=_processes(info),
            rlimits=rlimits_of(info.container),
            network=network_of(info, grouped=record.parent is not None),
            image=_image(info),
            pull_anew=pulls_anew(info.container),
            user=record.user,
            hostname=_hostname(info),
            parent=record.parent,
            joins="network",
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


def environment(record: TaskRecord, agent_id: str, sandbox: str) -> Mapping[str, str]:
    """What the agent tells every task, and over it what the task asks for itself."""
    own = {
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
    return own if command is UNSET else {**own, **environment_of(command)}


def _limits(info: mesos.TaskInfo) -> Limits:
    cpus, mem = bound(info, "cpus"), bound(info, "mem")
    return Limits(
        cpu_milli=None if cpus is None else math.ceil(cpus * 1000),
        memory_bytes=None if mem is None else math.ceil(mem * MIB),
    )


def _processes(info: mesos.TaskInfo) -> int | None:
    pids = bound(info, "pids")
    return None if pids is None else math.ceil(pids)


def bound(info: mesos.TaskInfo, name: str) -> float | None:
    """The task's explicit limit of a scalar resource, else what it was given of it; None is no bound."""
    if name in info.limits:
        value = info.limits[name].value
        return None if value >= NO_LIMIT else value
    return _given(info, name)


def _given(info: mesos.TaskInfo, name: str) -> float | None:
    amounts = [r.scalar.value for r in info.resources if r.name == name and r.scalar is not UNSET]
    return sum(amounts) if amounts else None


def _check_limits(info: mesos.TaskInfo) -> None:
    for name, limit in info.limits.items():
        if name not in LIMITS:
            raise InvalidTask(f"limits: {name[:50]!r} cannot be limited; {', '.join(LIMITS)} can")
        if not limit.value > 0:
            raise InvalidTask(f"limits: {name} must be positive, not {limit.value:g}")
        given = 0.0 if name == "disk" else _given(info, name) or 0.0
        if limit.value < given:
            raise InvalidTask(
                f"limits: {name} is limited to {limit.value:g}, less than the {given:g} that it was given"
            )


def _hostname(info: mesos.TaskInfo) -> str | None:
    return None if info.container is UNSET or info.container.hostname is UNSET else info.container.hostname


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
