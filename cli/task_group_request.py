"""What `orlop task run --group` asks for: a file with a v1 TaskGroupInfo, and how it is cut out of an offer.

Beside its tasks the file may have an `executor`, a v1 ExecutorInfo without a command: what its resources and
its container name is the group's. A volume is asked for by its name: a resource `disk` with
`disk.persistence.id`, and with `disk.volume`, which says where it is mounted. Pure: no network, no clock.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import UNSET

from api.model.quantity import MB, from_milli, to_milli
from api.wire.codec import decode
from api.wire.errors import WireError
from api.wire.v1 import mesos

EXECUTOR_CPUS: Final = 0.01
EXECUTOR_MEM_BYTES: Final = 32 * MB
"""What the container that holds the group together is given."""

MAX_FILE_BYTES: Final = 4 * 2**20
"""A longer file is no group that anybody wrote."""

COUNTED: Final = ("cpus", "mem", "disk")


class InvalidGroup(Exception):
    """The file describes no group that can be launched; the text says why."""


@dataclass(frozen=True)
class Group:
    """What a file describes: tasks, and what is the group's. Each has what it wants in its resources."""

    tasks: tuple[mesos.TaskInfo, ...]
    executor: mesos.ExecutorInfo


@dataclass(frozen=True)
class GroupRequest:
    """A group to be launched."""

    name: str
    group: Group
    role: str
    wait_seconds: float

    @property
    def tasks(self) -> tuple[mesos.TaskInfo, ...]:
        return self.group.tasks

    @property
    def holders(self) -> tuple[mesos.ExecutorInfo | mesos.TaskInfo, ...]:
        """All that is given resources: the executor first."""
        return (self.group.executor, *self.group.tasks)

    @property
    def scalars(self) -> dict[str, int]:
        """What all of it needs of the plain resources, in milli-units of the v1 API."""
        wanted: dict[str, int] = {}
        for holder in self.holders:
            for name, milli in _amounts(holder).items():
                wanted[name] = wanted.get(name, 0) + milli
        return wanted

    @property
    def volumes(self) -> tuple[str, ...]:
        """The names of the volumes that it needs, each once."""
        return tuple(dict.fromkeys(name for holder in self.holders for name, _ in _mounts(holder)))


def read_group(text: bytes, cpus: float, mem_bytes: int) -> Group:
    """The group of a file. Ids, agents and amounts may be left out: `cpus` (cores) and `mem_bytes` are what a
    task gets that names no amounts, and ids are given when it is launched. Raises InvalidGroup."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise InvalidGroup(f"it is no JSON: {error}") from error
    tasks = document.get("tasks") if isinstance(document, dict) else None
    if not isinstance(tasks, list) or not tasks or not all(isinstance(task, dict) for task in tasks):
        raise InvalidGroup('expecting {"tasks": [{"name": …, "command": {"value": …}}, …]}')
    for number, task in enumerate(tasks):
        task.setdefault("name", f"task-{number + 1}")
        task.setdefault("task_id", {"value": task["name"]})
        task.setdefault("agent_id", {"value": ""})
        _complete(task, cpus, mem_bytes / MB)
    executor = document.setdefault("executor", {})
    if not isinstance(executor, dict):
        raise InvalidGroup('\'executor\' holds what is the group\'s: {"resources": […], "container": {…}}')
    executor.setdefault("executor_id", {"value": ""})
    _complete(executor, EXECUTOR_CPUS, EXECUTOR_MEM_BYTES / MB)
    try:
        group = decode(mesos.TaskGroupInfo, json.dumps({"tasks": tasks}).encode())
        holder = decode(mesos.ExecutorInfo, json.dumps(executor).encode())
    except WireError as error:
        raise InvalidGroup(str(error)) from error
    _validate(group.tasks, holder)
    return Group(tuple(group.tasks), holder)


def cut(request: GroupRequest, offered: Sequence[mesos.Resource]) -> list[list[mesos.Resource]] | None:
    """The resources of the executor, then those of each task; None when the offer does not suffice."""
    pile = _Pile(offered)
    found: list[list[mesos.Resource]] = []
    for holder in request.holders:
        pieces: list[mesos.Resource] = []
        for name, milli in _amounts(holder).items():
            taken = pile.take(name, milli)
            if taken is None:
                return None
            pieces += taken
        for name, mount in _mounts(holder):
            disk = pile.take_volume(name, mount)
            if disk is None:
                return None
            pieces.append(disk)
        found.append(pieces)
    return found


def launched(
    request: GroupRequest, executor_id: str, offer: mesos.Offer, pieces: list[list[mesos.Resource]]
) -> tuple[mesos.OfferOperation, list[mesos.TaskInfo]]:
    """The operation that launches the group, and its tasks as they are launched: their ids are made of the
    executor's."""
    tasks = [
        msgspec.structs.replace(
            task,
            task_id=mesos.TaskID(value=f"{executor_id}-{number + 1}"),
            agent_id=offer.agent_id,
            resources=resources,
        )
        for number, (task, resources) in enumerate(zip(request.tasks, pieces[1:], strict=True))
    ]
    executor = msgspec.structs.replace(
        request.group.executor,
        type=mesos.ExecutorInfoType.DEFAULT,
        executor_id=mesos.ExecutorID(value=executor_id),
        framework_id=offer.framework_id,
        resources=pieces[0],
    )
    launch = mesos.OfferOperationLaunchGroup(executor=executor, task_group=mesos.TaskGroupInfo(tasks=tasks))
    operation = mesos.OfferOperation(type=mesos.OfferOperationType.LAUNCH_GROUP, launch_group=launch)
    return operation, tasks


def _complete(holder: dict[str, Any], cpus: float, megabytes: float) -> None:
    """Amounts where none are named, and of a volume what the offer says."""
    resources = holder.setdefault("resources", [])
    if not isinstance(resources, list) or not all(isinstance(each, dict) for each in resources):
        raise InvalidGroup("'resources' is a list of resources")
    if not any(each.get("name") in ("cpus", "mem") for each in resources):
        resources += [_scalar("cpus", cpus), _scalar("mem", megabytes)]
    for each in resources:
        disk = each.get("disk")
        if isinstance(disk, dict):
            each.setdefault("name", "disk")
            each.setdefault("type", "SCALAR")
            if isinstance(disk.get("volume"), dict):
                disk["volume"].setdefault("mode", "RW")


def _validate(tasks: Sequence[mesos.TaskInfo], executor: mesos.ExecutorInfo) -> None:
    names = [task.name for task in tasks]
    for name in names:
        if names.count(name) > 1:
            raise InvalidGroup(f"two tasks are named {name!r}")
    if executor.command is not UNSET or executor.type not in (UNSET, mesos.ExecutorInfoType.DEFAULT):
        raise InvalidGroup("the executor of such a group is the agent's own: leave out its command and type")
    _validate_resources("the executor", executor.resources)
    for task in tasks:
        _validate_resources(f"task {task.name!r}", task.resources)


def _validate_resources(whose: str, resources: Sequence[mesos.Resource]) -> None:
    for resource in resources:
        if resource.disk is not UNSET:
            if resource.disk.persistence is UNSET or resource.disk.volume is UNSET:
                raise InvalidGroup(
                    f"{whose}: a volume has its name in disk.persistence.id, and where it is mounted in"
                    " disk.volume"
                )
        elif resource.name not in COUNTED or resource.scalar is UNSET:
            can = ", ".join(COUNTED)
            raise InvalidGroup(f"{whose}: amounts of {can} can be given, not {resource.name!r}")


def _amounts(holder: mesos.ExecutorInfo | mesos.TaskInfo) -> dict[str, int]:
    found: dict[str, int] = {}
    for resource in holder.resources:
        if resource.disk is UNSET and resource.scalar is not UNSET:
            found[resource.name] = found.get(resource.name, 0) + to_milli(resource.scalar.value)
    return found


def _mounts(holder: mesos.ExecutorInfo | mesos.TaskInfo) -> list[tuple[str, mesos.Volume]]:
    """The volumes that it wants, by their names, and where."""
    return [
        (disk.persistence.id, disk.volume)
        for disk in (each.disk for each in holder.resources)
        if disk is not UNSET and disk.persistence is not UNSET and disk.volume is not UNSET
    ]


def _scalar(name: str, value: float) -> dict[str, Any]:
    return {"name": name, "type": "SCALAR", "scalar": {"value": value}}


class _Pile:
    """What is left of an offer while it is given out."""

    def __init__(self, offered: Sequence[mesos.Resource]) -> None:
        plain = [each for each in offered if each.scalar is not UNSET and _is_plain(each)]
        plain.sort(key=lambda each: not each.reservations)  # reserved ones first: of use to nobody else
        self._left = [(each, to_milli(each.scalar.value)) for each in plain if each.scalar is not UNSET]
        self._volumes = {name: each for each in offered if (name := _volume_name(each))}

    def take(self, name: str, milli: int) -> list[mesos.Resource] | None:
        """Pieces that sum up to `milli`."""
        pieces = []
        for place, (resource, left) in enumerate(self._left):
            piece = min(milli, left) if resource.name == name else 0
            if piece:
                scalar = mesos.ValueScalar(value=from_milli(piece))
                pieces.append(msgspec.structs.replace(resource, scalar=scalar))
                self._left[place] = resource, left - piece
                milli -= piece
        return pieces if milli == 0 else None

    def take_volume(self, name: str, mount: mesos.Volume) -> mesos.Resource | None:
        """The volume of that name, whole; a shared one can be taken again."""
        found = self._volumes.get(name)
        if found is None or found.disk is UNSET:
            return None
        if found.shared is UNSET:
            del self._volumes[name]
        return msgspec.structs.replace(found, disk=msgspec.structs.replace(found.disk, volume=mount))


def _volume_name(resource: mesos.Resource) -> str:
    disk = resource.disk
    return "" if disk is UNSET or disk.persistence is UNSET else disk.persistence.id


def _is_plain(resource: mesos.Resource) -> bool:
    return resource.disk is UNSET and resource.revocable is UNSET and resource.shared is UNSET
