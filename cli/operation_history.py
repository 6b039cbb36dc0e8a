"""All operations that are remembered, the newest first: read page by page. The public API alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec import UNSET

from api.wire.v1 import mesos
from cli.options import Output
from cli.output import print_json, print_table, text
from client.operator import OperatorClient

PAGE = 500
"""Operations that are asked for at once: as many as the orchestrator gives."""


async def pages(client: OperatorClient, limit: int | None = None) -> AsyncIterator[list[mesos.Operation]]:
    """Page by page, until `limit` operations were read, or all. Raises ClientError."""
    before, left = None, limit
    while left is None or left > 0:
        page = await client.operation_history(PAGE if left is None else min(PAGE, left), before)
        yield page.operations
        if page.next is UNSET:
            return
        before = page.next
        left = None if left is None else left - len(page.operations)


async def show(url: str, output: Output, limit: int | None) -> None:
    """Print them. Raises ClientError."""
    from cli.operations import UUID_SHOWN, message_of, moment, owner_of, state_of

    async with OperatorClient(url) as client:
        found = [each async for page in pages(client, limit) for each in page]
    if output is Output.JSON:
        print_json({"operations": found})
        return
    rows = (
        (
            each.uuid.value.hex()[:UUID_SHOWN],
            text(each.info.type),
            state_of(each),
            moment(each.created),
            moment(ended(each)),
            owner_of(each),
            text(each.agent_id),
            message_of(each),
        )
        for each in found
    )
    headers = ("UUID", "TYPE", "STATE", "ACCEPTED", "ENDED", "FOR", "AGENT", "MESSAGE")
    print_table(headers, rows, "No operations are known.")


def ended(operation: mesos.Operation) -> float | None:
    """When it had its outcome, in seconds since the epoch; None while it has none."""
    from cli.operations import TERMINAL

    status = operation.latest_status
    return status.timestamp if status.state in TERMINAL and isinstance(status.timestamp, float) else None
