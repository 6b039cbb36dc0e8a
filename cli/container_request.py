"""What `orlop container run` asks for, as the call that it becomes. Pure: no network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from msgspec import UNSET

from api.wire.v1 import agent, mesos
from client.containers import container_id_of

MIB: Final = 2**20


@dataclass(frozen=True)
class HostPath:
    """A path of the host that is seen in the container."""

    source: str
    target: str
    read_only: bool = False


@dataclass(frozen=True)
class ContainerRequest:
    """A container. `name` None: a new one is made up. `cpus` in cores; None is unbounded."""

    command: tuple[str, ...]
    name: str | None = None
    image: str | None = None
    cpus: float | None = None
    mem_bytes: int | None = None
    disk_bytes: int | None = None
    environment: tuple[tuple[str, str], ...] = ()
    volumes: tuple[HostPath, ...] = ()
    user: str | None = None
    stdin: bool = False

    def as_call(self, name: str) -> agent.CallLaunchContainer:
        """The launch of it under that name."""
        call = agent.CallLaunchContainer(
            container_id=container_id_of(name),
            resources=[
                mesos.Resource(name=kind, type=mesos.ValueType.SCALAR, scalar=mesos.ValueScalar(value=amount))
                for kind, amount in (
                    ("cpus", self.cpus),
                    ("mem", _megabytes(self.mem_bytes)),
                    ("disk", _megabytes(self.disk_bytes)),
                )
                if amount is not None
            ],
            command=command_of(self.command, self.environment, self.user),
        )
        if self.image is not None or self.volumes:
            call.container = self._container()
        if self.stdin:
            call.stdin = True
        return call

    def _container(self) -> mesos.ContainerInfo:
        info = mesos.ContainerInfo(
            type=mesos.ContainerInfoType.MESOS,
            volumes=[
                mesos.Volume(
                    host_path=each.source,
                    container_path=each.target,
                    mode=mesos.VolumeMode.RO if each.read_only else mesos.VolumeMode.RW,
                )
                for each in self.volumes
            ],
        )
        if self.image is not None:
            docker = mesos.ImageDocker(name=self.image)
            info.mesos = mesos.ContainerInfoMesosInfo(
                image=mesos.Image(type=mesos.ImageType.DOCKER, docker=docker)
            )
        return info


def _megabytes(size: int | None) -> float | None:
    return None if size is None else size / MIB


def command_of(
    words: tuple[str, ...], environment: tuple[tuple[str, str], ...] = (), user: str | None = None
) -> mesos.CommandInfo:
    """A program with its arguments; without words, what an image says itself."""
    info = mesos.CommandInfo(shell=False, arguments=list(words))
    if words:
        info.value = words[0]
    if environment:
        variables = [mesos.EnvironmentVariable(name=name, value=value) for name, value in environment]
        info.environment = mesos.Environment(variables=variables)
    info.user = UNSET if user is None else user
    return info


def parse_variable(text: str) -> tuple[str, str]:
    """NAME=VALUE. Raises ValueError."""
    name, found, value = text.partition("=")
    if not name or not found:
        raise ValueError(f"{text!r} is not NAME=VALUE")
    return name, value


def parse_volume(text: str) -> HostPath:
    """/HOST:/PATH or /HOST:/PATH:ro. Raises ValueError."""
    parts = text.split(":")
    mode = parts.pop() if len(parts) == 3 else "rw"
    if len(parts) != 2 or not all(part.startswith("/") for part in parts) or mode not in ("ro", "rw"):
        raise ValueError(f"{text!r} is not /HOST:/PATH or /HOST:/PATH:ro")
    return HostPath(parts[0], parts[1], mode == "ro")
