"""From what an operator asks for to what a containerizer runs. Pure: nothing is started or looked up.

What this agent cannot do is refused here, by name, before anything is kept.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from agent.commands import DEFAULT_PATH, InvalidTask, argv_of, environment_of, validate_command
from agent.containerizer.interface import Bind, ContainerSpec, LaunchError, Limits, ResourceLimit
from agent.containers.record import ContainerRecord
from agent.images.asked import pulls_anew
from agent.rlimits import rlimits_of
from agent.tasks.spec import KIND_LABEL
from api.wire.served import refusals
from api.wire.v1 import agent as wire
from api.wire.v1 import mesos

MIB: Final = 2**20
KIND: Final = "standalone"
PATH_LABEL: Final = "orlop.container"

MAX_CPUS: Final = 10_000.0
MAX_MEM_MB: Final = 2.0**34
"""More than any host has: refused as a mistake."""

DEFAULT_WINDOW: Final = (24, 80)
MAX_VOLUMES: Final = 100
"""Of one container; more are refused."""


class InvalidLaunch(Exception):
    """The container as described can run on no agent of this release: the request has to change."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where a container lives: the directory for its output, and the one that it works in."""

    output: str
    directory: str


def container_spec(record: ContainerRecord, home: Home, output_limit_bytes: int) -> ContainerSpec:
    """What runs. Raises InvalidLaunch, naming the first thing that cannot be done."""
    call = record.call
    _refuse(call)
    command = mesos.CommandInfo() if call.command is UNSET else call.command
    image = _image(call.container)
    argv, entrypoint = _argv(command, image)
    enters = record.parent is not None and image is None
    if enters and disk_of(call) is not None:
        raise InvalidLaunch("resources: 'disk': it works in its parent's sandbox, and has none of its own")
    environment = environment_of(command) if enters else _environment(command, image, home)
    try:
        return ContainerSpec(
            id=record.run_id,
            argv=argv,
            sandbox=home.directory,
            output=home.output,
            environment=environment,
            binds=_binds(call.container, shares_root=enters),
            limits=_limits(call),
            image=image,
            pull_anew=pulls_anew(call.container),
            entrypoint=entrypoint,
            user=None if command.user is UNSET else command.user,
            labels={KIND_LABEL: KIND, PATH_LABEL: record.key},
            output_limit_bytes=output_limit_bytes,
            parent=record.parent,
            joins="all" if enters else "network",
            stdin=record.session or call.stdin is True,
            paced=record.session and _terminal(call.container) is None,
            terminal=_terminal(call.container),
            hostname=_hostname(call.container),
            rlimits=_rlimits(call),
        )
    except LaunchError as error:
        raise InvalidLaunch(error.message) from error


def _terminal(container: mesos.ContainerInfo | UnsetType) -> tuple[int, int] | None:
    """Rows and columns of the terminal that it asks for; of one without a size, what terminals once had."""
    if container is UNSET or container.tty_info is UNSET:
        return None
    size = container.tty_info.window_size
    return DEFAULT_WINDOW if size is UNSET else (size.rows, size.columns)


def _hostname(container: mesos.ContainerInfo | UnsetType) -> str | None:
    return None if container is UNSET or container.hostname is UNSET else container.hostname


def image_of(call: wire.CallLaunchContainer) -> str | None:
    """The image that it asks for; None when it shares the root of its parent, or of the host."""
    try:
        return _image(call.container)
    except InvalidLaunch:
        return None


def words_of(call: wire.CallLaunchContainer) -> str:
    """The command for people, in one line; "" when the image says what runs."""
    if call.command is UNSET:
        return ""
    value = "" if call.command.value is UNSET else call.command.value
    words = [value] if call.command.shell else [value, *call.command.arguments[1:]]
    return " ".join(" ".join(words).split())


def _refuse(call: wire.CallLaunchContainer) -> None:
    for line in refusals(call):
        # Of the first one field is fine: below. The other one is for containers like these.
        if not line.startswith(("container.linux_info:", "container.tty_info:")):
            raise InvalidLaunch(line)
    command, container = call.command, call.container
    if command is not UNSET and command.uris:
        raise InvalidLaunch("command.uris is not supported here: fetch in the command itself")
    if container is UNSET:
        return
    linux = container.linux_info
    for wrong, message in (
        (bool(container.network_infos), "container.network_infos: the network is the parent's or the host's"),
        (
            linux is not UNSET and linux != mesos.LinuxInfo(share_cgroups=linux.share_cgroups),
            "container.linux_info: only share_cgroups may be said",
        ),
        (len(container.volumes) > MAX_VOLUMES, f"a container may have {MAX_VOLUMES} volumes, and no more"),
    ):
        if wrong:
            raise InvalidLaunch(message)


def _image(container: mesos.ContainerInfo | object) -> str | None:
    if not isinstance(container, mesos.ContainerInfo):
        return None
    if container.docker is not UNSET:
        return container.docker.image
    if container.mesos is UNSET or container.mesos.image is UNSET:
        return None
    docker = container.mesos.image.docker
    if docker is UNSET:
        raise InvalidLaunch("container.mesos.image: only docker images are supported")
    return docker.name


def _argv(command: mesos.CommandInfo, image: str | None) -> tuple[tuple[str, ...], bool]:
    """What is run, and whether that is arguments for the image's own entrypoint."""
    by_image = image is not None and not command.value
    try:
        validate_command(replace(command, shell=False, value=image) if by_image else command)
    except InvalidTask as error:
        raise InvalidLaunch(str(error)) from error
    return (tuple(command.arguments), True) if by_image else (argv_of(command), False)


def _environment(command: mesos.CommandInfo, image: str | None, home: Home) -> Mapping[str, str]:
    """What the agent tells every container, and over it what is asked for. An image has a PATH of its own."""
    told = {"HOME": home.directory, "MESOS_SANDBOX": home.directory}
    return told | ({} if image is not None else {"PATH": DEFAULT_PATH}) | environment_of(command)


def _rlimits(call: wire.CallLaunchContainer) -> tuple[ResourceLimit, ...]:
    try:
        return rlimits_of(call.container)
    except InvalidTask as error:
        raise InvalidLaunch(str(error)) from error


def _binds(container: mesos.ContainerInfo | object, *, shares_root: bool) -> tuple[Bind, ...]:
    """Its volumes: paths of the host, and nothing else."""
    if not isinstance(container, mesos.ContainerInfo) or not container.volumes:
        return ()
    if shares_root:
        raise InvalidLaunch("container.volumes: it sees its parent's files, and with an image its own")
    found = []
    for volume in container.volumes:
        source = volume.host_path
        if source is UNSET or volume.source is not UNSET or volume.image is not UNSET:
            raise InvalidLaunch(f"volume {volume.container_path[:100]!r}: only host_path is supported here")
        if not source.startswith("/") or ".." in source.split("/"):
            raise InvalidLaunch(f"volume {volume.container_path[:100]!r}: host_path is no absolute path")
        found.append(Bind(source, volume.container_path, volume.mode is mesos.VolumeMode.RO))
    return tuple(found)


def disk_of(call: wire.CallLaunchContainer) -> int | None:
    """Bytes that its sandbox may hold; None is not bounded."""
    return int(_bounds(call)["disk"] * MIB) or None


def _limits(call: wire.CallLaunchContainer) -> Limits:
    bounds = _bounds(call)
    return Limits(
        cpu_milli=math.ceil(bounds["cpus"] * 1000) or None,
        memory_bytes=math.ceil(bounds["mem"] * MIB) or None,
    )


def _bounds(call: wire.CallLaunchContainer) -> Mapping[str, float]:
    """Resources bound as they are; a limit of the same name, which may not be below, bounds instead. 0 is no
    bound. Raises InvalidLaunch."""
    given = {"cpus": 0.0, "mem": 0.0, "disk": 0.0}
    for resource in call.resources:
        _refuse_resource(resource)
        if resource.scalar is not UNSET:
            given[resource.name] += _amount(resource.name, resource.scalar.value)
    for name, limit in call.limits.items():
        if name not in given:
            raise InvalidLaunch(f"limits: {name[:100]!r} cannot be limited; cpus, mem and disk can")
        if _amount(name, limit.value) < given[name]:
            raise InvalidLaunch(f"limits: {name} is limited to less than the container's own {name}")
        given[name] = limit.value
    return given


def _refuse_resource(resource: mesos.Resource) -> None:
    name = resource.name[:100]
    reserved = resource.reservations or resource.reservation is not UNSET
    for wrong, message in (
        (bool(reserved) or resource.role not in (UNSET, "*"), "it is reserved"),
        (resource.disk is not UNSET, "it is a persistent volume or a disk"),
        (resource.revocable is not UNSET, "it is revocable"),
        (resource.shared is not UNSET, "it is shared"),
        (resource.name not in ("cpus", "mem", "disk"), "only cpus, mem and disk bound a container"),
        (resource.scalar is UNSET, "an amount is expected"),
    ):
        if wrong:
            raise InvalidLaunch(f"resources: {name!r}: {message}; an operator's container takes none like it")


def _amount(name: str, value: float) -> float:
    most = MAX_CPUS if name == "cpus" else MAX_MEM_MB
    if not 0 < value <= most:
        raise InvalidLaunch(f"{name} is {value:g}: more than 0 and at most {most:g} is expected")
    return value
