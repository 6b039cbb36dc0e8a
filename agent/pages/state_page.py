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
from agent.tasks.status import make_status
from api.wire.convert import resources_from_wire
from api.wire.v0 import documents
from api.wire.v0.amounts import Sum, amounts
from api.wire.v0.documents import Document, as_json
from api.wire.v1 import mesos

State = mesos.TaskState
QUEUED = (State.TASK_STAGING,)
UNDER_WAY = (State.TASK_STARTING, State.TASK_RUNNING, State.TASK_KILLING)

COMMAND_SHOWN = 200
"""Characters of a command; the others are left out."""


@dataclass(frozen=True, slots=True)
class Host:
    """Whose page it is. `address`: the host's IP address; empty when it is not known."""

    agent_id: mesos.AgentID
    address: str


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
    completed: list[tuple[str, Hosted]] = field(default_factory=list)
    """Names and tasks of executors that are no more; of a group each task is shown in one."""


def frameworks(
    tasks: Iterable[TaskRecord], executors: Iterable[ExecutorRecord], forgotten: Iterable[TaskRecord]
) -> dict[str, Framework]:
    """Everything that is known, by framework and by executor. `forgotten`: tasks that have ended."""
    found: dict[str, Framework] = {}
    for executor in executors:
        framework = found.setdefault(executor.framework_id, Framework(executor.framework))
        framework.executors[executor.executor_id] = Hosted(executor)
    for task in tasks:
        framework = found.setdefault(task.framework_id, Framework(task.framework))
        name = task.executor_id or task.info.task_id.value
        framework.executors.setdefault(name, Hosted()).tasks.append(task)
    for task in forgotten:
        framework = found.setdefault(task.framework_id, Framework(task.framework))
        name = task.executor_id or task.info.task_id.value
        framework.completed.append((name, Hosted(tasks=[task])))
    return found


def state(about: Document, found: dict[str, Framework], host: Host) -> Iterator[bytes]:
    """All there is. `about`: what the agent says of itself."""
    yield as_json(about)[:-1]
    for key, live in ((b"frameworks", True), (b"completed_frameworks", False)):
        yield b',"%b":[' % key
        names = [name for name in sorted(found) if bool(found[name].executors) is live]
        for index, framework_id in enumerate(names):
            yield b"," if index else b""
            yield from _framework(framework_id, found[framework_id], host)
        yield b"]"
    yield b"}"


def _framework(framework_id: str, framework: Framework, host: Host) -> Iterator[bytes]:
    yield as_json(documents.framework(framework.info))[:-1]
    for key, executors in (
        (b"executors", list(framework.executors.items())),
        (b"completed_executors", framework.completed),
    ):
        yield b',"%b":[' % key
        for index, (name, hosted) in enumerate(executors):
            yield b"," if index else b""
            yield from _executor(framework_id, name, hosted, host)
        yield b"]"
    yield b"}"


def _executor(framework_id: str, name: str, hosted: Hosted, host: Host) -> Iterator[bytes]:
    used = Sum()
    shown: dict[str, list[bytes]] = {"queued_tasks": [], "tasks": [], "completed_tasks": []}
    for task in hosted.tasks:
        resources = resources_from_wire(task.info.resources)
        if not task.terminal:
            used.add(resources)
        wire = as_wire_task(task, host.agent_id)
        if not wire.statuses and wire.state in UNDER_WAY:
            wire.statuses = [_latest(task, host)]
        wire.executor_id = mesos.ExecutorID(value=task.executor_id or "")
        kind = "completed_tasks" if task.terminal else "queued_tasks" if wire.state in QUEUED else "tasks"
        shown[kind].append(as_json(documents.task(wire, amounts(resources), _role(task.info.resources))))
        yield b""
    head = _head(framework_id, name, hosted, used)
    yield as_json(head)[:-1]
    for kind, tasks in shown.items():
        yield b',"%b":[%b]' % (kind.encode(), b",".join(tasks))
    yield b"}"


def _latest(task: TaskRecord, host: Host) -> mesos.TaskStatus:
    """What its framework was told last, and has acknowledged, as far as it is known."""
    return make_status(
        task,
        task.told,
        host.agent_id,
        uuid=None,
        timestamp=task.received_at if task.started_at is None else task.started_at,
        message=None,
        reason=None,
        source=mesos.TaskStatusSource.SOURCE_AGENT,
        address=host.address,
    )


def _head(framework_id: str, name: str, hosted: Hosted, used: Sum) -> Document:
    record = hosted.record
    if record is not None:
        used.add(resources_from_wire(record.info.resources))
        head = documents.executor(record.info, {}, _role(record.info.resources))
        container, source = record.container_id, head["source"]
    else:
        task = hosted.tasks[0]
        head = {"name": f"{task.info.name} (Command: {_command(task)})", "labels": [], "source": name}
        container, source = task.executor_container or task.container_id, name
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


def _command(task: TaskRecord) -> str:
    """What it runs, in short: tools take it out of the executor's name."""
    command = task.info.command
    if not command:
        return ""
    words = [command.value or "", *command.arguments[1:]]
    return " ".join(words)[:COMMAND_SHOWN]


def _role(resources: Iterable[mesos.Resource]) -> str | None:
    """The role that something was allocated to."""
    for resource in resources:
        if resource.allocation_info and resource.allocation_info.role:
            return resource.allocation_info.role
    return None


def _quoted(name: str) -> str:
    return quote(name, safe="")
