"""What is wrong with a task, a group or an executor by itself. Pure: the cluster is not looked at.

Who launches them (`launches`) judges what depends on offers, agents and names in use. Each refusal says what
to change.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from msgspec import UNSET

from api.wire.served import refusals
from api.wire.v1 import mesos
from orchestrator.check_rules import PORTS, InvalidTask, check_check, check_health_check

ID_LIMIT: Final = 255
"""Characters in the id of a task or an executor: it names a folder on the agent."""

ARGUMENT_LIMIT: Final = 128 * 1024 - 1
"""Bytes of one argument, or of one variable of the environment with its name: no host starts a program with
a longer one."""

ENVIRONMENT_LIMIT: Final = 1024 * 1024
"""Bytes of all variables of an environment together, for the same reason."""

NAME_LIMIT: Final = 10_000
"""Characters of a task's or an executor's name."""

GROUP_LIMIT: Final = 100
"""Tasks of one group; they all share one executor, and begin and end together."""

LIMITED: Final = ("cpus", "mem", "pids")
"""What a task's `limits` may name; pids is an extension."""

ExecutorType = mesos.ExecutorInfoType


def is_launch(info: mesos.OfferOperation) -> bool:
    return info.type in (mesos.OfferOperationType.LAUNCH, mesos.OfferOperationType.LAUNCH_GROUP)


def launched_by(info: mesos.OfferOperation) -> list[mesos.TaskInfo]:
    """The tasks of a LAUNCH, or of a LAUNCH_GROUP."""
    if info.type is mesos.OfferOperationType.LAUNCH_GROUP:
        group = info.launch_group
        return group.task_group.tasks if isinstance(group, mesos.OfferOperationLaunchGroup) else []
    return info.launch.task_infos if isinstance(info.launch, mesos.OfferOperationLaunch) else []


def check_id(what: str, value: str) -> None:
    """Raises InvalidTask unless `value` can name a folder."""
    if not value or len(value) > ID_LIMIT or "/" in value or "\0" in value or value in (".", ".."):
        raise InvalidTask(f"{what} id {value[:ID_LIMIT]!r}: use 1 to {ID_LIMIT} characters without '/'")


def check_task(info: mesos.TaskInfo, *, in_group: bool = False) -> None:
    """A task with a command of its own, or one for its executor. Raises InvalidTask."""
    check_id("task", info.task_id.value)
    if len(info.name) > NAME_LIMIT:
        raise InvalidTask(f"name: at most {NAME_LIMIT} characters are allowed")
    if refused := refusals(info):
        raise InvalidTask(f"not served: {'; '.join(refused)}")
    if isinstance(info.command, mesos.CommandInfo):
        check_command("command", info.command)
    if isinstance(info.container, mesos.ContainerInfo):
        _check_container("container", info.container, in_group=in_group)
    if isinstance(info.health_check, mesos.HealthCheck):
        check_health_check(info.health_check)
        if isinstance(info.health_check.command, mesos.CommandInfo):
            check_command("health_check.command", info.health_check.command)
    if isinstance(info.check, mesos.CheckInfo):
        check_check(info.check)
        if isinstance(info.check.command, mesos.CheckInfoCommand):
            check_command("check.command.command", info.check.command.command)
    _check_duration("max_completion_time", info.max_completion_time)
    if isinstance(info.kill_policy, mesos.KillPolicy):
        _check_duration("kill_policy.grace_period", info.kill_policy.grace_period)
    _check_limits(info)


def check_launched(info: mesos.TaskInfo) -> None:
    """A task of a LAUNCH: it has a command, or a custom executor, and not both. Raises InvalidTask."""
    executor = info.executor
    if executor is UNSET:
        if info.command is UNSET:
            raise InvalidTask("the task has neither a command nor an executor: set one of them")
        return
    if info.command is not UNSET:
        raise InvalidTask("the task has a command and an executor: leave one of them out")
    if executor.type is ExecutorType.DEFAULT:
        raise InvalidTask("executor.type is DEFAULT: such an executor runs groups; use LAUNCH_GROUP")
    check_executor("executor", executor)
    _check_mounts(info)


def check_group(executor: mesos.ExecutorInfo, tasks: list[mesos.TaskInfo]) -> None:
    """A group and its executor. Raises InvalidTask: none of its tasks can be launched."""
    if executor.type is UNSET or executor.type is ExecutorType.UNKNOWN:
        raise InvalidTask("executor.type: say DEFAULT (the agent runs the tasks' commands) or CUSTOM")
    check_executor("executor", executor)
    if not tasks:
        raise InvalidTask("task_group.tasks is empty: name at least one task")
    if len(tasks) > GROUP_LIMIT:
        raise InvalidTask(f"task_group.tasks: {len(tasks)} tasks, a group has at most {GROUP_LIMIT}")
    ids = [task.task_id.value for task in tasks]
    if twice := next((each for each in ids if ids.count(each) > 1), None):
        raise InvalidTask(f"task id {twice!r} is there twice in the group: give each task its own")
    for task in tasks:
        if task.executor is not UNSET:
            raise InvalidTask(
                f"task {task.task_id.value!r} has an executor: the group's is theirs; leave it out"
            )
        if executor.type is ExecutorType.DEFAULT and task.command is UNSET:
            raise InvalidTask(f"task {task.task_id.value!r} has no command: set one")
        try:
            check_task(task, in_group=True)
            if executor.type is ExecutorType.CUSTOM:
                _check_mounts(task)
        except InvalidTask as error:
            raise InvalidTask(f"task {task.task_id.value[:ID_LIMIT]!r}: {error}") from error


def _check_mounts(info: mesos.TaskInfo) -> None:
    """A custom executor's container may run already: what can be mounted in it then are volumes of the task
    below the executor's sandbox, and no raw devices."""
    for index, resource in enumerate(info.resources):
        disk = resource.disk
        if not disk or not disk.volume:
            continue
        where = f"resources[{index}].disk"
        if disk.volume.container_path.startswith("/"):
            raise InvalidTask(
                f"{where}.volume.container_path is {disk.volume.container_path[:200]!r}: a task of a custom "
                "executor has its volumes below the executor's sandbox: give it a relative path"
            )
        if disk.source and disk.source.type is mesos.ResourceDiskInfoSourceType.BLOCK:
            raise InvalidTask(
                f"{where}.source is a raw device, which cannot be brought into a custom executor that runs: "
                "give the disk to the executor, not to the task"
            )


def check_executor(path: str, info: mesos.ExecutorInfo) -> None:
    """Raises InvalidTask for an executor that can never run."""
    check_id("executor", info.executor_id.value)
    if refused := refusals(info):
        raise InvalidTask(f"not served: {'; '.join(f'{path}.{line}' for line in refused)}")
    if isinstance(info.name, str) and len(info.name) > NAME_LIMIT:
        raise InvalidTask(f"{path}.name: at most {NAME_LIMIT} characters are allowed")
    if info.type is ExecutorType.DEFAULT:
        _check_default(path, info)
    elif isinstance(info.command, mesos.CommandInfo):
        check_command(f"{path}.command", info.command)
    else:
        raise InvalidTask(f"{path}.command is not set: a custom executor is a program; set its command")
    if isinstance(info.container, mesos.ContainerInfo):
        _check_container(f"{path}.container", info.container)
    _check_duration(f"{path}.shutdown_grace_period", info.shutdown_grace_period)


def _check_default(path: str, info: mesos.ExecutorInfo) -> None:
    """The agent plays it: it runs no program, and has no image."""
    if info.command is not UNSET:
        raise InvalidTask(f"{path}.command is set and its type is DEFAULT: leave it out, or use CUSTOM")
    container = info.container
    if isinstance(container, mesos.ContainerInfo) and (
        container.docker is not UNSET
        or (isinstance(container.mesos, mesos.ContainerInfoMesosInfo) and container.mesos.image is not UNSET)
    ):
        raise InvalidTask(f"{path}.container has an image and its type is DEFAULT: give images to its tasks")
    volumes = [*container.volumes] if isinstance(container, mesos.ContainerInfo) else []
    volumes += [
        each.disk.volume
        for each in info.resources
        if each.disk is not UNSET and isinstance(each.disk.volume, mesos.Volume)
    ]
    for volume in volumes:
        # Its container runs a program of the host's: nobody else's files may be in that program's way.
        if volume.container_path.startswith("/"):
            raise InvalidTask(
                f"{path} has a volume at {volume.container_path!r} and its type is DEFAULT: give it a path "
                "below the sandbox, and absolute ones to its tasks"
            )


def check_command(path: str, command: mesos.CommandInfo) -> None:
    """Raises InvalidTask for what no host can start."""
    if not command.value and (command.shell or not command.arguments):
        raise InvalidTask(f"{path} is empty: set value, or shell to false and arguments")
    for argument in (command.value or "", *command.arguments):
        if len(argument.encode(errors="surrogatepass")) > ARGUMENT_LIMIT or "\0" in argument:
            raise InvalidTask(f"{path}: at most {ARGUMENT_LIMIT} bytes in an argument, and no zero byte")
    if isinstance(command.environment, mesos.Environment):
        _check_environment(f"{path}.environment", command.environment.variables)
    for index, uri in enumerate(command.uris):
        _check_uri(f"{path}.uris[{index}]", uri)


def _check_environment(path: str, variables: Iterable[mesos.EnvironmentVariable]) -> None:
    total = 0
    for index, variable in enumerate(variables):
        here = f"{path}.variables[{index}]"
        if not variable.name or "=" in variable.name or "\0" in variable.name:
            raise InvalidTask(f"{here}.name: it is empty, or holds '=' or a zero byte: choose another")
        size = len(variable.name.encode(errors="surrogatepass")) + len(_value_of(here, variable)) + 1
        total += size + 1
        if size > ARGUMENT_LIMIT:
            raise InvalidTask(f"{here}: {size} bytes, a variable has at most {ARGUMENT_LIMIT}: use a file")
    if total > ENVIRONMENT_LIMIT:
        raise InvalidTask(f"{path}: {total} bytes, at most {ENVIRONMENT_LIMIT} are allowed: use a file")


def _value_of(path: str, variable: mesos.EnvironmentVariable) -> bytes:
    """The variable's value; it has one, and of its own type."""
    if variable.type is mesos.EnvironmentVariableType.SECRET:
        secret = variable.secret
        if not isinstance(secret, mesos.Secret) or not isinstance(secret.value, mesos.SecretValue):
            raise InvalidTask(f"{path} is a SECRET: set secret, of type VALUE and with its value")
        value = secret.value.data
    elif variable.secret is not UNSET:
        raise InvalidTask(f"{path}.secret is set: set its type to SECRET, too")
    else:
        value = b"" if variable.value is UNSET else variable.value.encode(errors="surrogatepass")
    if b"\0" in value:
        raise InvalidTask(f"{path}: a value cannot hold a zero byte")
    return value


def _check_uri(path: str, uri: mesos.CommandInfoURI) -> None:
    if not uri.value or "\0" in uri.value:
        raise InvalidTask(f"{path}.value is empty, or holds a zero byte: name what is to be fetched")
    if isinstance(uri.output_file, str) and _leads_out(uri.output_file):
        raise InvalidTask(f"{path}.output_file is {uri.output_file!r}: use a path below the sandbox")


def _check_container(path: str, container: mesos.ContainerInfo, *, in_group: bool = False) -> None:
    kind = container.type
    if kind is mesos.ContainerInfoType.DOCKER and container.docker is UNSET:
        raise InvalidTask(f"{path} is of type DOCKER, and {path}.docker is not set: set it")
    if kind is mesos.ContainerInfoType.MESOS and container.docker is not UNSET:
        raise InvalidTask(f"{path} is of type MESOS, and {path}.docker is set: use DOCKER, or mesos.image")
    if in_group and container.network_infos:
        raise InvalidTask(f"{path}.network_infos: a group shares its executor's network: set it there")
    for index, network in enumerate(container.network_infos):
        _check_ports(f"{path}.network_infos[{index}]", network.port_mappings)
    if isinstance(container.docker, mesos.ContainerInfoDockerInfo):
        if in_group and container.docker.port_mappings:
            raise InvalidTask(
                f"{path}.docker.port_mappings: a group shares its executor's network: set it there"
            )
        _check_ports(f"{path}.docker", container.docker.port_mappings)
    for index, volume in enumerate(container.volumes):
        _check_volume(f"{path}.volumes[{index}]", volume, in_group=in_group)


def _check_ports(
    path: str,
    mappings: Iterable[mesos.NetworkInfoPortMapping | mesos.ContainerInfoDockerInfoPortMapping],
) -> None:
    for mapping in mappings:
        if mapping.container_port not in PORTS or mapping.host_port not in PORTS:
            raise InvalidTask(
                f"{path}.port_mappings: {mapping.host_port} to {mapping.container_port}: use "
                f"{PORTS[0]} to {PORTS[-1]}"
            )
        if mapping.protocol is not UNSET and mapping.protocol.lower() not in ("tcp", "udp"):
            raise InvalidTask(f"{path}.port_mappings: protocol {mapping.protocol!r}: use tcp or udp")


def _check_volume(path: str, volume: mesos.Volume, *, in_group: bool) -> None:
    inner = volume.container_path
    if not inner or ".." in inner.split("/") or "\0" in inner:
        raise InvalidTask(f"{path}.container_path is {inner!r}: use a path without '..'")
    source = volume.source
    if source is not UNSET and volume.host_path is not UNSET:
        raise InvalidTask(f"{path} has a host_path and a source: leave one of them out")
    if source is UNSET:
        return
    if source.type is mesos.VolumeSourceType.HOST_PATH and source.host_path is not UNSET:
        return  # the agent, which knows its host, says what is wrong with it
    if source.type is not mesos.VolumeSourceType.SANDBOX_PATH or source.sandbox_path is UNSET:
        raise InvalidTask(f"{path}.source: use SANDBOX_PATH with sandbox_path, or HOST_PATH with host_path")
    sandbox = source.sandbox_path
    if _leads_out(sandbox.path):
        raise InvalidTask(
            f"{path}.source.sandbox_path.path is {sandbox.path!r}: use a path below the sandbox"
        )
    if sandbox.type is mesos.VolumeSourceSandboxPathType.PARENT and not in_group:
        raise InvalidTask(
            f"{path}.source.sandbox_path.type is PARENT: only tasks of a group have one; use SELF"
        )


def _leads_out(path: str) -> bool:
    return not path or path.startswith("/") or ".." in path.split("/") or "\0" in path


def _check_duration(path: str, duration: object) -> None:
    if isinstance(duration, mesos.DurationInfo) and duration.nanoseconds < 0:
        raise InvalidTask(f"{path} is {duration.nanoseconds} ns: use a time from 0 on")


def _check_limits(info: mesos.TaskInfo) -> None:
    """Limits are at least what was asked for; infinity is none."""
    for name, limit in info.limits.items():
        if name not in LIMITED:
            raise InvalidTask(f"limits[{name!r}]: only {', '.join(LIMITED)} have limits: leave it out")
        if math.isnan(limit.value) or limit.value <= 0:
            raise InvalidTask(f"limits[{name!r}] is {limit.value:g}: use a number above 0")
        asked = [r.scalar.value for r in info.resources if r.name == name and r.scalar is not UNSET]
        if sum(asked) > limit.value:
            raise InvalidTask(
                f"limits[{name!r}] is {limit.value:g}, less than the task's {name}, {sum(asked):g}: "
                "use at least as much"
            )
