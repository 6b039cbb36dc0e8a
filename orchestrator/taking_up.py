"""How a leadership begins: its rooms take up what the registry holds, in an order that suits all.

A large registry takes seconds. It is read beside the event loop and taken up in slices of it: meanwhile the
lease is renewed, and who asks how this process is has an answer. Must not: know a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from api.wire.slices import Slices
from orchestrator.found_rows import Found, found
from orchestrator.registry_check import RESTORE, unreadable
from store.port import Store, StoreError

if TYPE_CHECKING:
    from orchestrator.daemon import Orchestrator

SLICE_SECONDS: Final = 0.01
"""Of the event loop's time in one turn."""


async def taken_up(rooms: Orchestrator, store: Store) -> None:
    """The rooms know all that is durable. Without, they are dropped. Raises StoreError."""
    try:
        rows = await store.load(found)
        slices = Slices(SLICE_SECONDS)
        for _ in _steps(rooms, rows):
            if slices.is_over:
                await slices.next()
    except BaseException as error:
        rooms.drop()
        if isinstance(error, StoreError) or not isinstance(error, Exception):
            raise
        damaged = await store.load(lambda connection: next(unreadable(connection), None))
        if damaged is None:
            raise
        raise StoreError(f"{damaged}; all of them: `orlop registry check`; {RESTORE}") from error


def _steps(rooms: Orchestrator, rows: Found) -> Iterator[None]:
    yield from rooms.registrar.load(rows)
    rooms.quotas.recover()
    rooms.weights.recover()
    yield from rooms.restoration.load(rows)
    yield from rooms.ledger.load(rows)
    yield from rooms.provisioning.load(rows)
    rooms.machines.load(rows)
    if rooms.registrar.quotas:
        rooms.offers.pause.begin(set(rooms.registrar.agents), rooms.clock.monotonic())
    rooms.state.gone_agents = rooms.registrar.gone_agents
    yield from rooms.agents.recover()
    rooms.unreachable.recover()
    rooms.draining.recover()
    yield from rooms.frameworks.recover()
    yield from rooms.operations.recover()
    yield from rooms.tasks.recover()
    yield from rooms.executors.recover()
