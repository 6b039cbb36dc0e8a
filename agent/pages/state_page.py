"""The version-0 page of an agent's state: what runs here, by framework and executor.

Pure: records in, the page out in small pieces, between each of which the event loop may have its turn. Each
task is shown as it is when its piece is made. A task without an executor is shown as its own, under the
task's name, as tools expect to find every task in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from agent.executors.record import ExecutorRecord
from agent.tasks.record import TaskRecord, as_wire_task
from api.wire.convert import resources_from_wire
from api.wire.v0 import documents
from api.wire.v0.amounts import Sum, amounts
from api.wire.v0.documents import Document, as_json
from api.wire.v1 import mesos

QUEUED = (mesos.TaskState.TASK_STAGING,)


@dataclass(slots=True)
class Hosted:
    """An executor with its tasks; without a record, a task that is its own."""

    record: ExecutorRecord | None = None
    tasks: list[TaskRecord] = field(default_factory=list)


@dataclass(slots=True)
class Framework:
    """What runs here of one."""

    info: mesos.FrameworkInfo
    executors: dict[str, Hosted] = field(default_factory=dict)


def frameworks(tasks: Iterable[TaskRecord], executors: Iterable[ExecutorRecord]) -> dict[str, Framework]:
    """Everything that is known, by framework and by executor."""
    found: dict[str, Framework] = {}
    for executor in executors:
        framework = found.setdefault(executor.framework_id, Framework(executor.framework))
        framework.executors[executor.executor_id] = Hosted(executor)
    for task in tasks:
        framework = found.setdefault(task.framework_id, Framework(task.framework))
        name = task.executor_id or task.info.task_id.value
        framework.executors.setdefault(name, Hosted()).tasks.append(task)
    return found


def state(about: Document, found: dict[str, Framework], agent_id: mesos.AgentID) -> Iterator[bytes]:
    """All there is. `about`: what the agent says of itself."""
    yield as_json(about)[:-1] + b',"frameworks":['
    for index, framework_id in enumerate(sorted(found)):
        framework = found[framework_id]
        yield b"," if index else b""
        yield as_json(documents.framework(framework.info))[:-1] + b',"executors":['
        for place, (name, hosted) in enumerate(framework.executors.items()):
            yield b"," if place else b""
            yield from _executor(framework_id, name, hosted, agent_id)
        yield b'],"completed_executors":[]}'
    yield b'],"completed_frameworks":[]}'


def _executor(framework_id: str, name: str, hosted: Hosted, agent_id: mesos.AgentID) -> Iterator[bytes]:
    used = Sum()
    shown: dict[str, list[bytes]] = {"queued_tasks": [], "tasks": [], "completed_tasks": []}
    for task in hosted.tasks:
        resources = resources_from_wire(task.info.resources)
        if not task.terminal:
            used.add(resources)
        wire = as_wire_task(task, agent_id)
        wire.executor_id = mesos.ExecutorID(value=task.executor_id or "")
        kind = "completed_tasks" if task.terminal else "queued_tasks" if wire.state in QUEUED else "tasks"
        shown[kind].append(as_json(documents.task(wire, amounts(resources), _role(task.info.resources))))
        yield b""
    head = _head(framework_id, name, hosted, used)
    yield as_json(head)[:-1]
    for kind, tasks in shown.items():
        yield b',"%b":[%b]' % (kind.encode(), b",".join(tasks))
    yield b"}"


def _head(framework_id: str, name: str, hosted: Hosted, used: Sum) -> Document:
    record = hosted.record
    if record is not None:
        used.add(resources_from_wire(record.info.resources))
        head = documents.executor(record.info, {}, _role(record.info.resources))
        container, source = record.container_id, head["source"]
    else:
        task = hosted.tasks[0]
        head = {"name": task.info.name, "labels": [], "source": name}
        container, source = task.container_id, name
        if (role := _role(task.info.resources)) is not None:
            head["role"] = role
    directory = f"/frameworks/{_quoted(framework_id)}/executors/{_quoted(name)}/runs/{_quoted(container)}"
    return head | {
        "id": name,
        "source": source or name,
        "container": container,
        "directory": directory,
        "resources": used.shown(),
    }


def _role(resources: Iterable[mesos.Resource]) -> str | None:
    """The role that something was allocated to."""
    for resource in resources:
        if resource.allocation_info and resource.allocation_info.role:
            return resource.allocation_info.role
    return None


def _quoted(name: str) -> str:
    return quote(name, safe="")
