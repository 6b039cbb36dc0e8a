"""`orlop events`: what happened, from the state; and what happens, from the event stream."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET

from api.wire.v1 import master, mesos
from cli.options import Output
from cli.output import print_json, print_json_line, text
from client.operator import OperatorClient

E = master.EventType


@dataclass(frozen=True)
class Line:
    """Something that happened. `when` in seconds since the epoch; None: it is not said when."""

    when: float | None
    subject: str
    what: str
    message: str = ""

    def document(self) -> dict[str, Any]:
        return {"timestamp": self.when, "subject": self.subject, "event": self.what, "message": self.message}

    def __str__(self) -> str:
        clock = "-" * 19 if self.when is None else _local(self.when)
        return f"{clock}  {self.subject}  {self.what}{'  ' + self.message if self.message else ''}"


async def show(url: str, output: Output, follow: bool) -> None:
    """Print what happened; with `follow` go on until interrupted. Raises ClientError when the stream ends."""
    async with OperatorClient(url) as client:
        if not follow:
            _print_all(sorted(lines_of_state(await client.state()), key=lambda line: line.when or 0), output)
            return
        async with contextlib.aclosing(client.events()) as events:
            async for event in events:
                for line in lines_of_event(event):
                    if output is Output.JSON:
                        print_json_line(line.document())
                    else:
                        print(line, flush=True)


def _print_all(lines: list[Line], output: Output) -> None:
    if output is Output.JSON:
        print_json({"events": [line.document() for line in lines]})
        return
    for line in lines:
        print(line)
    if not lines:
        print("Nothing has happened that is still known. Watch what does: orlop events --follow")


def lines_of_state(state: master.ResponseGetState) -> Iterator[Line]:
    """What the statuses in the state tell of the past, in no order."""
    if state.get_operations is not UNSET:
        for operation in state.get_operations.operations:
            yield from _lines_of_operation(operation)
    if state.get_tasks is not UNSET:
        for task in (*state.get_tasks.tasks, *state.get_tasks.completed_tasks):
            for status in task.statuses:
                yield _line_of_task(task.task_id.value, status)


def lines_of_event(event: master.Event) -> Iterator[Line]:
    """One event as lines; heartbeats are none."""
    if event.subscribed is not UNSET and event.subscribed.get_state is not UNSET:
        yield from sorted(lines_of_state(event.subscribed.get_state), key=lambda line: line.when or 0)
    elif event.task_added is not UNSET:
        yield Line(None, f"task {event.task_added.task.task_id.value}", "added")
    elif event.task_updated is not UNSET:
        status = event.task_updated.status
        yield _line_of_task(status.task_id.value, status)
    elif event.operation_updated is not UNSET:
        operation = event.operation_updated.operation
        yield _line_of_operation(operation, operation.latest_status)
    elif event.volume_updated is not UNSET:
        volume = event.volume_updated.volume
        removed = event.volume_updated.removed is True
        what = "removed" if removed else text(volume.state).removeprefix("VOLUME_")
        yield Line(None, f"volume {volume.name}", what, _message(volume.message))
    elif event.provider_updated is not UNSET:
        yield _line_of_provider(event.provider_updated)
    else:
        yield from _lines_of_members(event)


def _lines_of_members(event: master.Event) -> Iterator[Line]:
    """Agents and frameworks that come and go."""
    if event.agent_added is not UNSET:
        info = event.agent_added.agent.agent_info
        yield Line(None, f"agent {text(info.id)}", "added", info.hostname)
    elif event.agent_removed is not UNSET:
        yield Line(None, f"agent {event.agent_removed.agent_id.value}", "removed")
    elif event.framework_added is not UNSET:
        yield _line_of_framework(event.framework_added.framework.framework_info, "added")
    elif event.framework_updated is not UNSET:
        yield _line_of_framework(event.framework_updated.framework.framework_info, "updated")
    elif event.framework_removed is not UNSET:
        yield _line_of_framework(event.framework_removed.framework_info, "removed")


def _line_of_framework(info: mesos.FrameworkInfo, what: str) -> Line:
    return Line(None, f"framework {text(info.id)}", what, info.name)


def _line_of_provider(update: master.EventProviderUpdated) -> Line:
    provider = update.provider
    connected = "connected" if provider.connected is True else "disconnected"
    what = "removed" if update.removed is True else connected
    return Line(None, f"provider {text(provider.resource_provider_info.id)}", what)


def _lines_of_operation(operation: mesos.Operation) -> Iterator[Line]:
    for status in operation.statuses or [operation.latest_status]:
        yield _line_of_operation(operation, status)


def _line_of_operation(operation: mesos.Operation, status: mesos.OperationStatus) -> Line:
    what = f"{text(operation.info.type)} {text(status.state).removeprefix('OPERATION_')}"
    if operation.provisioning_name is not UNSET:
        what += f" for volume {operation.provisioning_name}"
    when = None if status.timestamp is UNSET else status.timestamp
    return Line(when, f"operation {operation.uuid.value.hex()}", what, _message(status.message))


def _line_of_task(task_id: str, status: mesos.TaskStatus) -> Line:
    when = None if status.timestamp is UNSET else status.timestamp
    what = text(status.state).removeprefix("TASK_")
    return Line(when, f"task {task_id}", what, _message(status.message))


def _message(message: Any) -> str:
    return "" if message is UNSET else str(message)


def _local(when: float) -> str:
    return datetime.datetime.fromtimestamp(when).strftime("%Y-%m-%d %H:%M:%S")
