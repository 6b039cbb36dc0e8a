"""What `orlop task run` asks for, and how it is cut out of an offer. Pure: no network, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec import UNSET

from api.model.quantity import MB, format_milli, format_size, from_milli, to_milli
from api.wire.v1 import mesos

MODES: Final = {"rw": mesos.VolumeMode.RW, "ro": mesos.VolumeMode.RO}


@dataclass(frozen=True)
class Mount:
    """A volume by its name, and where the task wants it."""

    volume: str
    path: str
    mode: mesos.VolumeMode


@dataclass(frozen=True)
class TaskRequest:
    """A command and what it needs. `cpus` in cores; `wait_seconds` for a fitting offer."""

    command: tuple[str, ...]
    cpus: float
    mem_bytes: int
    mounts: tuple[Mount, ...]
    image: str | None
    role: str
    name: str
    wait_seconds: float
    disk_bytes: int = 0
    """What its sandbox may hold; 0 is not bounded."""

    @property
    def scalars(self) -> dict[str, int]:
        """What is needed of the plain resources, in milli-units of the v1 API (mem and disk in MB)."""
        needed = {"cpus": to_milli(self.cpus), "mem": -(-self.mem_bytes * 1000 // MB)}
        return {**needed, "disk": -(-self.disk_bytes * 1000 // MB)} if self.disk_bytes else needed


def parse_mount(text: str) -> Mount:
    """`NAME:/path` or `NAME:/path:ro`. A name may have colons, a path not. Raises ValueError otherwise."""
    rest, _, mode = text.rpartition(":")
    if mode not in MODES or ":" not in rest:
        rest, mode = text, "rw"
    name, _, path = rest.rpartition(":")
    if not name or not path:
        raise ValueError(f"{text!r} is not NAME:/path or NAME:/path:ro")
    return Mount(name, path, MODES[mode])


def take(request: TaskRequest, offered: Sequence[mesos.Resource]) -> list[mesos.Resource] | None:
    """The resources of the task out of those offered; None when they do not suffice."""
    taken: list[mesos.Resource] = []
    for name, milli in request.scalars.items():
        pieces = _take_scalar(name, milli, offered)
        if pieces is None:
            return None
        taken += pieces
    for mount in request.mounts:
        disk = _volume_in(mount.volume, offered)
        if disk is None:
            return None
        taken.append(_bound(disk, mount))
    return taken


def lacking(request: TaskRequest, offered: Sequence[mesos.Resource]) -> str:
    """What an offer lacks, for people; empty when it suffices."""
    words = []
    for name, milli in request.scalars.items():
        held = sum(_amounts(name, offered))
        if held < milli:
            words.append(f"{name} ({_amount(name, held)} of {_amount(name, milli)})")
    words += [
        f"volume {mount.volume}" for mount in request.mounts if _volume_in(mount.volume, offered) is None
    ]
    return ", ".join(words)


def task_info(
    request: TaskRequest, task_id: str, agent_id: mesos.AgentID, resources: list[mesos.Resource]
) -> mesos.TaskInfo:
    """The task as it is launched."""
    info = mesos.TaskInfo(
        name=request.name,
        task_id=mesos.TaskID(value=task_id),
        agent_id=agent_id,
        resources=resources,
        command=mesos.CommandInfo(shell=False, value=request.command[0], arguments=list(request.command)),
    )
    if request.image is not None:
        info.container = mesos.ContainerInfo(
            type=mesos.ContainerInfoType.DOCKER,
            docker=mesos.ContainerInfoDockerInfo(image=request.image),
        )
    return info


def _is_plain(resource: mesos.Resource) -> bool:
    return resource.disk is UNSET and resource.revocable is UNSET and resource.shared is UNSET


def _amounts(name: str, offered: Sequence[mesos.Resource]) -> list[int]:
    return [
        to_milli(each.scalar.value)
        for each in offered
        if each.name == name and each.scalar is not UNSET and _is_plain(each)
    ]


def _take_scalar(name: str, milli: int, offered: Sequence[mesos.Resource]) -> list[mesos.Resource] | None:
    """Pieces that sum up to `milli`: reserved ones first, they are of use to nobody else."""
    usable = [each for each in offered if each.name == name and each.scalar is not UNSET and _is_plain(each)]
    pieces = []
    for resource in sorted(usable, key=lambda each: not each.reservations):
        if milli == 0:
            break
        assert resource.scalar is not UNSET
        piece = min(milli, to_milli(resource.scalar.value))
        milli -= piece
        if piece:
            scalar = mesos.ValueScalar(value=from_milli(piece))
            pieces.append(msgspec.structs.replace(resource, scalar=scalar))
    return pieces if milli == 0 else None


def _volume_in(name: str, offered: Sequence[mesos.Resource]) -> mesos.Resource | None:
    for resource in offered:
        disk = resource.disk
        if disk is not UNSET and disk.persistence is not UNSET and disk.persistence.id == name:
            return resource
    return None


def _bound(resource: mesos.Resource, mount: Mount) -> mesos.Resource:
    assert resource.disk is not UNSET
    volume = mesos.Volume(container_path=mount.path, mode=mount.mode)
    disk = msgspec.structs.replace(resource.disk, volume=volume)
    return msgspec.structs.replace(resource, disk=disk)


def _amount(name: str, milli: int) -> str:
    return format_milli(milli) if name == "cpus" else format_size(milli * MB // 1000)
