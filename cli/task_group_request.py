"""What `orlop task run --group` asks for: a file with a v1 TaskGroupInfo, and how it is cut out of an offer.

Pure: no network, no clock.
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
class GroupRequest:
    """The tasks of a group, each with the amounts that it wants in its resources."""

    name: str
    tasks: tuple[mesos.TaskInfo, ...]
    role: str
    wait_seconds: float

    @property
    def scalars(self) -> dict[str, int]:
        """What all of it needs of the plain resources, in milli-units of the v1 API."""
        wanted = {"cpus": to_milli(EXECUTOR_CPUS), "mem": EXECUTOR_MEM_BYTES * 1000 // MB}
        for task in self.tasks:
            for name, milli in _amounts(task).items():
                wanted[name] = wanted.get(name, 0) + milli
        return wanted


def read_group(text: bytes, cpus: float, mem_bytes: int) -> tuple[mesos.TaskInfo, ...]:
    """The tasks of a file. Ids, agents and amounts may be left out: `cpus` (cores) and `mem_bytes` are what a
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
        if not task.get("resources"):
            task["resources"] = [_scalar("cpus", cpus), _scalar("mem", mem_bytes / MB)]
    try:
        group = decode(mesos.TaskGroupInfo, json.dumps(document).encode())
    except WireError as error:
        raise InvalidGroup(str(error)) from error
    _validate(group.tasks)
    return tuple(group.tasks)


def cut(request: GroupRequest, offered: Sequence[mesos.Resource]) -> list[list[mesos.Resource]] | None:
    """The resources of the executor, then those of each task; None when the offer does not suffice."""
    pile = _Pile(offered)
    wanted = [{"cpus": to_milli(EXECUTOR_CPUS), "mem": EXECUTOR_MEM_BYTES * 1000 // MB}]
    wanted += [_amounts(task) for task in request.tasks]
    found: list[list[mesos.Resource]] = []
    for amounts in wanted:
        pieces: list[mesos.Resource] = []
        for name, milli in amounts.items():
            taken = pile.take(name, milli)
            if taken is None:
                return None
            pieces += taken
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
    executor = mesos.ExecutorInfo(
        type=mesos.ExecutorInfoType.DEFAULT,
        executor_id=mesos.ExecutorID(value=executor_id),
        framework_id=offer.framework_id,
        resources=pieces[0],
    )
    launch = mesos.OfferOperationLaunchGroup(executor=executor, task_group=mesos.TaskGroupInfo(tasks=tasks))
    operation = mesos.OfferOperation(type=mesos.OfferOperationType.LAUNCH_GROUP, launch_group=launch)
    return operation, tasks


def _validate(tasks: Sequence[mesos.TaskInfo]) -> None:
    names = [task.name for task in tasks]
    for name in names:
        if names.count(name) > 1:
            raise InvalidGroup(f"two tasks are named {name!r}")
    for task in tasks:
        for resource in task.resources:
            if resource.name not in COUNTED or resource.scalar is UNSET or resource.disk is not UNSET:
                can = ", ".join(COUNTED)
                raise InvalidGroup(
                    f"task {task.name!r}: amounts of {can} can be given, not {resource.name!r}"
                )


def _amounts(task: mesos.TaskInfo) -> dict[str, int]:
    found: dict[str, int] = {}
    for resource in task.resources:
        if resource.scalar is not UNSET:
            found[resource.name] = found.get(resource.name, 0) + to_milli(resource.scalar.value)
    return found


def _scalar(name: str, value: float) -> dict[str, Any]:
    return {"name": name, "type": "SCALAR", "scalar": {"value": value}}


class _Pile:
    """What is left of an offer while it is given out."""

    def __init__(self, offered: Sequence[mesos.Resource]) -> None:
        plain = [each for each in offered if each.scalar is not UNSET and _is_plain(each)]
        plain.sort(key=lambda each: not each.reservations)  # reserved ones first: of use to nobody else
        self._left = [(each, to_milli(each.scalar.value)) for each in plain if each.scalar is not UNSET]

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


def _is_plain(resource: mesos.Resource) -> bool:
    return resource.disk is UNSET and resource.revocable is UNSET and resource.shared is UNSET
