"""From what an operator wrote of a plugin to what is run of it: its containers, sockets, secrets and limits.

Pure: nothing is started or looked up. What an agent cannot do is refused here, by the field's name; nothing
that was written is left out silently.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import UNSET, UnsetType

from agent.providers.config import InvalidConfig
from api.wire.v1 import mesos
from provider.plugins.config import (
    MAX_CONCURRENT_CALLS,
    PROBE_SECONDS,
    PluginConfig,
    SecretFile,
    Service,
    ServingContainer,
)
from provider.plugins.containers import PluginBind, PluginContainer
from provider.plugins.methods import CARRY_SECRETS

MIB: Final = 2**20
MAX_CONTAINERS: Final = 2
"""One for each service at most."""

VARIABLES: Final = ("CSI_ENDPOINT", "NODE_ID")
"""Told to every container in its environment, and put in for ${…} and $(…) in its arguments and variables."""

SOCKET: Final = "CSI_SOCKET"
"""Put in likewise: the path alone of the socket that CSI_ENDPOINT names, for drivers that want that."""

_NAMES: Final = "|".join((*VARIABLES, SOCKET))
_REFERENCE: Final = re.compile(rf"\$(?:\{{({_NAMES})\}}|\(({_NAMES})\))")
_AT: Final = "storage.plugin.containers"

PULLED_WHEN_MISSING = (
    "a plugin's image is pulled when it is missing, and only then: a plugin that is started anew must not"
    " wait for a registry. Leave it out; name another tag or digest for another image"
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where a plugin's things are on this host.

    `prefix` begins the ids of its containers. `sockets` is a directory of its own with a short path: a unix
    socket's has at most 107 bytes. Volumes are published below `mount_root`. `node_id` is the plugin's name
    for this host.
    """

    prefix: str
    sockets: str
    mount_root: str
    node_id: str


SAMPLE: Final = Places("plugin-sample--", "/run/sample", "/sample", "sample")
"""To judge a configuration by making everything of it, when nothing is to be run yet."""


def plugin_config(plugin: mesos.CSIPluginInfo, places: Places) -> PluginConfig:
    """What is run of the plugin. Raises InvalidConfig."""
    if not plugin.containers:
        raise InvalidConfig(_AT, "there are none: give one that lists NODE_SERVICE")
    serving = [
        _serving(container, places, f"{_AT}[{index}]") for index, container in enumerate(plugin.containers)
    ]
    _check_services(serving)
    limit = plugin.max_concurrent_calls
    probe = plugin.probe_seconds
    return PluginConfig(
        containers=tuple(serving),
        prefix=places.prefix,
        type=plugin.type,
        max_concurrent_calls=MAX_CONCURRENT_CALLS if limit is UNSET else limit,
        secrets=tuple(_secret(each, index) for index, each in enumerate(plugin.secrets)),
        probe_seconds=PROBE_SECONDS if probe is UNSET else probe,
    )


def _check_services(serving: Sequence[ServingContainer]) -> None:
    listed = [service for each in serving for service in sorted(each.services)]
    for service in Service:
        if listed.count(service) > 1:
            raise InvalidConfig(
                _AT, f"{service} is listed by more than one: leave it in the one that serves it"
            )
    if Service.NODE not in listed:
        raise InvalidConfig(_AT, "none lists NODE_SERVICE: without it no volume can be used on this host")


def _serving(container: mesos.CSIPluginContainerInfo, places: Places, at: str) -> ServingContainer:
    try:
        services = frozenset(Service(each.value) for each in container.services)
    except ValueError:
        raise InvalidConfig(f"{at}.services", "give CONTROLLER_SERVICE, NODE_SERVICE or both") from None
    if not services:
        raise InvalidConfig(f"{at}.services", "there are none: give CONTROLLER_SERVICE, NODE_SERVICE or both")
    name = "-".join(each.name.lower() for each in Service if each in services)
    socket_path = f"{places.sockets}/{name}.sock"
    variables = {"CSI_ENDPOINT": f"unix://{socket_path}", "NODE_ID": places.node_id}
    image, binds = _container(container.container, f"{at}.container")
    known = {**variables, SOCKET: socket_path}
    program = _program(container.command, image, known, f"{at}.command")
    binds = (PluginBind(places.sockets), *binds)
    if Service.NODE in services:
        binds = (*binds, PluginBind(places.mount_root, shared=True))
    amounts = _amounts(container.resources, f"{at}.resources")
    return ServingContainer(
        PluginContainer(
            id=f"{places.prefix}{name}",
            argv=program.argv,
            environment={**program.environment, **variables},
            binds=binds,
            image=image,
            entrypoint=program.entrypoint,
            cpu_milli=amounts.get("cpus"),
            memory_bytes=amounts.get("mem"),
            user=program.user,
            host_processes=_sees_host_processes(container.container, f"{at}.container.linux_info"),
        ),
        socket_path,
        services,
    )


@dataclass(frozen=True, slots=True)
class _Program:
    """What runs in a container. `entrypoint`: the image's own, and `argv` are its arguments."""

    argv: tuple[str, ...] = ()
    entrypoint: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None


def _program(
    command: mesos.CommandInfo | UnsetType, image: str | None, variables: Mapping[str, str], at: str
) -> _Program:
    if command is UNSET:
        if image is None:
            raise InvalidConfig(at, "it is missing, and no image brings one: give a command")
        return _Program()
    if command.uris:
        raise InvalidConfig(
            f"{at}.uris", "nothing is fetched: install the plugin on the host, or in an image"
        )
    argv, entrypoint = _argv(command, image, variables, at)
    if any("\0" in word for word in argv):
        raise InvalidConfig(at, "it holds a NUL character")
    environment = _environment(command.environment, variables, f"{at}.environment")
    return _Program(argv, entrypoint, environment, None if command.user is UNSET else command.user)


def _argv(
    command: mesos.CommandInfo, image: str | None, variables: Mapping[str, str], at: str
) -> tuple[tuple[str, ...], bool]:
    """Shell text as it is: the shell knows the variables. Else `value` is the program and `arguments` its
    argv, beginning with its name; without `value` an image's entrypoint gets the arguments."""
    value = "" if command.value is UNSET else command.value
    arguments = tuple(_put_in(each, variables) for each in command.arguments)
    if command.shell:
        if not value:
            raise InvalidConfig(f"{at}.value", "it is empty: give shell text, or shell false and arguments")
        return ("/bin/sh", "-c", value), False
    if value:
        return (_put_in(value, variables), *arguments[1:]), False
    if image is not None:
        return arguments, True
    if not arguments or not arguments[0]:
        raise InvalidConfig(f"{at}.arguments", "there are none: give the program and its arguments")
    return arguments, False


def _environment(
    environment: mesos.Environment | UnsetType, variables: Mapping[str, str], at: str
) -> dict[str, str]:
    found: dict[str, str] = {}
    if environment is UNSET:
        return found
    for index, variable in enumerate(environment.variables):
        if variable.type is not mesos.EnvironmentVariableType.VALUE:
            raise InvalidConfig(
                f"{at}.variables[{index}].type", "only VALUE: give secrets by storage.plugin.secrets"
            )
        if variable.name in VARIABLES:
            raise InvalidConfig(f"{at}.variables[{index}].name", f"{variable.name} is set by the agent")
        value = "" if variable.value is UNSET else variable.value
        if not variable.name or "=" in variable.name or "\0" in variable.name + value:
            raise InvalidConfig(f"{at}.variables[{index}]", "it cannot be a variable of a process")
        found[variable.name] = _put_in(value, variables)
    return found


def _container(
    container: mesos.ContainerInfo | UnsetType, at: str
) -> tuple[str | None, tuple[PluginBind, ...]]:
    """The image, when there is one, and what else of the host is visible."""
    if container is UNSET:
        return None, ()
    for name in ("hostname", "rlimit_info", "tty_info"):
        if getattr(container, name) is not UNSET:
            raise InvalidConfig(f"{at}.{name}", "this setting of containers is not supported: leave it out")
    if container.network_infos:
        raise InvalidConfig(f"{at}.network_infos", "plugins use the network of their host: leave it out")
    binds = tuple(_bind(each, f"{at}.volumes[{index}]") for index, each in enumerate(container.volumes))
    return _image(container, at), binds


def _sees_host_processes(container: mesos.ContainerInfo | UnsetType, at: str) -> bool:
    """What Mesos calls sharing the pid namespace, Kubernetes hostPID."""
    if container is UNSET or container.linux_info is UNSET:
        return False
    linux = container.linux_info
    if linux != mesos.LinuxInfo(share_pid_namespace=linux.share_pid_namespace):
        raise InvalidConfig(
            at, "of these settings plugins have share_pid_namespace alone: leave the others out"
        )
    return linux.share_pid_namespace is True


def _image(container: mesos.ContainerInfo, at: str) -> str | None:
    docker = container.docker
    if docker is not UNSET:
        at = f"{at}.docker"
        if docker.network is not mesos.ContainerInfoDockerInfoNetwork.HOST or docker.port_mappings:
            raise InvalidConfig(f"{at}.network", "plugins use the network of their host: leave it out")
        if docker.parameters or docker.volume_driver is not UNSET:
            raise InvalidConfig(f"{at}.parameters", "options of other runtimes have no meaning here")
        if docker.force_pull_image is True:
            raise InvalidConfig(f"{at}.force_pull_image", PULLED_WHEN_MISSING)
        return _named(docker.image, f"{at}.image")
    if container.mesos is UNSET or container.mesos.image is UNSET:
        return None
    image = container.mesos.image
    if image.docker is UNSET:
        raise InvalidConfig(f"{at}.mesos.image", "only docker images are supported")
    if image.cached is False:
        raise InvalidConfig(f"{at}.mesos.image.cached", PULLED_WHEN_MISSING)
    return _named(image.docker.name, f"{at}.mesos.image.docker.name")


def _named(image: str, at: str) -> str:
    if not image:
        raise InvalidConfig(at, "it is empty: name the image")
    return image


def _bind(volume: mesos.Volume, at: str) -> PluginBind:
    path, shared = volume.host_path, False
    source = volume.source
    if source is not UNSET:
        if source.host_path is UNSET or path is not UNSET:
            raise InvalidConfig(f"{at}.source", "give host_path, or a source of type HOST_PATH")
        path = source.host_path.path
        propagation = source.host_path.mount_propagation
        if propagation is not UNSET:
            shared = propagation.mode is mesos.MountPropagationMode.BIDIRECTIONAL
    if path is UNSET or not path.startswith("/") or "\0" in path:
        raise InvalidConfig(
            f"{at}.host_path", "give the absolute path of what is to be seen in the container"
        )
    target = volume.container_path
    if not target.startswith("/") or ".." in target.split("/") or "\0" in target or not target.strip("/"):
        raise InvalidConfig(f"{at}.container_path", "give an absolute path")
    return PluginBind(path, shared=shared, target=target, read_only=volume.mode is mesos.VolumeMode.RO)


def _amounts(resources: Sequence[mesos.Resource], at: str) -> dict[str, int]:
    """Thousandths of cores as `cpus`, bytes as `mem`."""
    found: dict[str, int] = {}
    for index, resource in enumerate(resources):
        if resource.name not in ("cpus", "mem") or resource.scalar is UNSET:
            raise InvalidConfig(f"{at}[{index}]", "only the scalars cpus and mem bound a plugin's container")
        if resource.name in found or not resource.scalar.value > 0:
            raise InvalidConfig(f"{at}[{index}]", f"give {resource.name} once, and more than 0 of it")
        factor = 1000 if resource.name == "cpus" else MIB
        found[resource.name] = math.ceil(resource.scalar.value * factor)
    return found


def _secret(secret: mesos.CSIPluginSecret, index: int) -> SecretFile:
    at = f"storage.plugin.secrets[{index}]"
    if not secret.key:
        raise InvalidConfig(f"{at}.key", "it is empty: name what the plugin calls this secret")
    if not secret.file.startswith("/") or "\0" in secret.file:
        raise InvalidConfig(f"{at}.file", "give the absolute path of the file that holds it")
    unknown = sorted(set(secret.calls) - CARRY_SECRETS)
    if unknown:
        known = ", ".join(sorted(CARRY_SECRETS))
        raise InvalidConfig(f"{at}.calls", f"{unknown[0]!r} is no call that carries secrets: give {known}")
    return SecretFile(secret.key, secret.file, frozenset(secret.calls))


def _put_in(text: str, variables: Mapping[str, str]) -> str:
    return _REFERENCE.sub(lambda found: variables[found[1] or found[2]], text)
