"""Operations: all of them, the story of one, and what an operator does about it. The public API alone."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator
from typing import Final

from msgspec import UNSET, UnsetType

from api.model.clock import SystemClock
from api.wire.v1 import mesos
from cli.failures import CommandFailed
from cli.operation_history import pages
from cli.options import Output
from cli.output import age, print_fields, print_json, print_table, resources, text
from client.operator import OperatorClient

ENDED_SHOWN: Final = 20
"""Of those that have ended, the table shows the latest; `--all` shows all that are remembered."""

LEAST_PREFIX: Final = 4
UUID_SHOWN: Final = 8
"""Hexadecimal digits by which an operation may be named, at least; and that the table shows."""

TERMINAL: Final = frozenset(
    {
        mesos.OperationState.OPERATION_FINISHED,
        mesos.OperationState.OPERATION_FAILED,
        mesos.OperationState.OPERATION_ERROR,
        mesos.OperationState.OPERATION_DROPPED,
        mesos.OperationState.OPERATION_GONE_BY_OPERATOR,
    }
)


async def list_all(url: str, output: Output) -> None:
    """All that have not ended, and the latest of the others. Raises ClientError."""
    async with OperatorClient(url) as client:
        operations = await client.operations()
    if output is Output.JSON:
        print_json({"operations": operations})
        return
    ended = [each for each in operations if each.latest_status.state in TERMINAL]
    hidden = max(0, len(ended) - ENDED_SHOWN)
    left_out = {each.uuid.value for each in ended[:hidden]}
    now = SystemClock().now()
    rows = (
        (
            each.uuid.value.hex()[:UUID_SHOWN],
            text(each.info.type),
            state_of(each),
            age(each.created, now),
            owner_of(each),
            text(each.agent_id),
            message_of(each),
        )
        for each in operations
        if each.uuid.value not in left_out
    )
    headers = ("UUID", "TYPE", "STATE", "AGE", "FOR", "AGENT", "MESSAGE")
    print_table(headers, rows, "No operations are known.")
    if hidden:
        print(f"{hidden} more have ended: orlop operations --all")


async def inspect(url: str, output: Output, name: str) -> None:
    """The story of one. Raises CommandFailed or ClientError."""
    async with OperatorClient(url) as client:
        operation = await _found(client, name)
    if output is Output.JSON:
        print_json(operation)
        return
    _print_story(operation)


async def _found(client: OperatorClient, name: str) -> mesos.Operation:
    """Among those that are shown, else among all that are remembered. Raises CommandFailed, ClientError."""
    try:
        return find(await client.operations(), name)
    except NotFound:
        async for page in pages(client):
            with contextlib.suppress(NotFound):
                return find(page, name)
        raise


async def retry(url: str, output: Output, name: str) -> None:
    """Raises ClientError, with the reason for a refusal."""
    async with OperatorClient(url) as client:
        answer = await client.retry_operation(name)
    _print_answer(output, answer.operation, answer.message)


async def abandon(url: str, output: Output, name: str) -> None:
    """Raises ClientError, with the reason for a refusal."""
    async with OperatorClient(url) as client:
        answer = await client.abandon_operation(name)
    _print_answer(output, answer.operation, answer.message)


class NotFound(CommandFailed):
    """None of those that were looked at is meant."""


def find(operations: list[mesos.Operation], name: str) -> mesos.Operation:
    """The one meant: by its UUID, the beginning of it, or its framework's id. Raises CommandFailed."""
    digits = name.lower().replace("-", "")
    found = []
    if len(digits) >= LEAST_PREFIX:
        found = [each for each in operations if each.uuid.value.hex().startswith(digits)]
    found = found or [each for each in operations if _id_of(each) == name]
    if not found:
        raise NotFound(f"no operation {name} is known; see them all: orlop operations --all")
    if len(found) > 1:
        shown = ", ".join(f"{each.uuid.value.hex()} ({text(each.info.type)})" for each in found[:5])
        raise CommandFailed(f"{name} may be {shown}: give more of the UUID")
    return found[0]


def state_of(operation: mesos.Operation) -> str:
    """For people: without its prefix, and whether it was given up meanwhile."""
    state = text(operation.latest_status.state).removeprefix("OPERATION_")
    given_up = operation.abandoned is not UNSET and operation.latest_status.state not in TERMINAL
    return f"{state} (given up)" if given_up else state


def owner_of(operation: mesos.Operation) -> str:
    """On whose behalf it runs."""
    if operation.provisioning_name is not UNSET:
        return f"volume {operation.provisioning_name}"
    return text(operation.framework_id)


def message_of(operation: mesos.Operation) -> str:
    """What its provider last said of it, and how often that was so."""
    trouble = operation.trouble
    if trouble is UNSET or operation.latest_status.state in TERMINAL:
        return text(operation.latest_status.message)
    times = f" ({trouble.times} times)" if trouble.times is not UNSET and trouble.times > 0 else ""
    return f"{trouble.message}{times}"


def _id_of(operation: mesos.Operation) -> str | None:
    return None if operation.info.id is UNSET else operation.info.id.value


def _print_answer(output: Output, operation: mesos.Operation, message: str | UnsetType) -> None:
    if output is Output.JSON:
        print_json({"operation": operation, "message": None if message is UNSET else message})
    else:
        print(f"operation {operation.uuid.value.hex()} ({text(operation.info.type)}): {text(message)}")


def _print_story(operation: mesos.Operation) -> None:
    over = operation.latest_status.state in TERMINAL
    waits = over and operation.acknowledged is not True
    print_fields(
        (
            ("uuid", operation.uuid.value.hex()),
            ("id", _id_of(operation) or ""),
            ("type", text(operation.info.type)),
            ("state", state_of(operation)),
            ("for", owner_of(operation)),
            ("agent", _optional(operation.agent_id)),
            ("provider", _optional(operation.resource_provider_id)),
            ("about", resources(_resources_of(operation.info))),
            ("owner", "has not acknowledged the outcome yet" if waits else ""),
        )
    )
    print()
    for when, what in _story(operation):
        print(f"{_local(when)}  {what}")
    if not over:
        print(f"\n{_advice(operation)}")


def _advice(operation: mesos.Operation) -> str:
    name = operation.uuid.value.hex()[:UUID_SHOWN]
    again = f"Try again now: orlop operations retry {name}"
    if operation.abandoned is UNSET:
        return f"{again}; give it up: orlop operations abandon {name}"
    return f"It was given up, and ends once nothing of it can be left behind. {again}"


def _story(operation: mesos.Operation) -> Iterator[tuple[float | None, str]]:
    """What happened, and when (seconds since the epoch), oldest first."""
    lines = [(_when(status.timestamp), _line(status)) for status in operation.statuses]
    lines += [(_when(each.since), f"{_times(each)}{each.message}") for each in operation.troubles]
    trouble = operation.trouble
    if trouble is not UNSET:
        lines.append((_when(trouble.since), f"since then, {_times(trouble)}{trouble.message}"))
    elif operation.latest_status.state not in TERMINAL and len(operation.statuses) <= 1:
        latest = operation.latest_status
        if latest.state is not mesos.OperationState.OPERATION_PENDING:
            lines.append((None, _line(latest)))
    if operation.abandoned is not UNSET:
        lines.append((operation.abandoned, "given up by an operator"))
    yield from sorted(lines, key=lambda line: float("inf") if line[0] is None else line[0])


def _times(trouble: mesos.OperationTrouble) -> str:
    return f"{trouble.times} times, last {_local(_when(trouble.latest))}: " if trouble.times else ""


def _line(status: mesos.OperationStatus) -> str:
    state = text(status.state).removeprefix("OPERATION_")
    made = f", made {resources(status.converted_resources)}" if status.converted_resources else ""
    return f"{state}{made}" if status.message is UNSET else f"{state}{made}: {status.message}"


def _resources_of(info: mesos.OfferOperation) -> list[mesos.Resource]:
    """What an operation names, as it names it."""
    if info.create_disk is not UNSET:
        return [info.create_disk.source]
    if info.destroy_disk is not UNSET:
        return [info.destroy_disk.source]
    if info.grow_volume is not UNSET:
        return [info.grow_volume.volume, info.grow_volume.addition]
    for each in (info.reserve, info.unreserve):
        if each is not UNSET:
            return list(each.resources)
    for each_of in (info.create, info.destroy):
        if each_of is not UNSET:
            return list(each_of.volumes)
    return []


def _when(seconds: float | UnsetType) -> float | None:
    return None if seconds is UNSET else seconds


def moment(seconds: object) -> str:
    """A time for people; - when it is not known."""
    if not isinstance(seconds, int | float):
        return "-"
    return datetime.datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _local(seconds: float | None) -> str:
    return "now".ljust(19) if seconds is None else moment(seconds)


def _optional(value: object) -> str:
    return "" if value is UNSET else text(value)
