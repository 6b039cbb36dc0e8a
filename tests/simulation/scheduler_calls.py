"""The calls of a scheduler, done in the rooms of whoever leads: what the scheduler API does with each.

No HTTP here: whether a call gets there, and its answer back, is `orchestrators`' to say.
"""

from __future__ import annotations

from api.wire.codec import decode_msgpack
from api.wire.v1 import scheduler
from orchestrator.daemon import Orchestrator
from orchestrator.journal import Transaction
from tests.simulation.asked import Asked


async def nothing(rooms: Orchestrator, framework_id: str) -> None:
    """Whether somebody is there."""


async def accept(rooms: Orchestrator, framework_id: str, data: bytes) -> None:
    call = decode_msgpack(scheduler.CallAccept, data)
    await rooms.acceptance.accept(rooms.state.frameworks[framework_id], call)


async def decline(rooms: Orchestrator, framework_id: str, call: scheduler.CallDecline) -> None:
    for offer_id in call.offer_ids:
        offer = rooms.offers.find(framework_id, offer_id.value)
        if offer is not None:
            rooms.offers.decline(offer, call.filters)


async def acknowledge_operation(
    rooms: Orchestrator, framework_id: str, call: scheduler.CallAcknowledgeOperationStatus
) -> None:
    transaction = Transaction()
    rooms.operations.acknowledge(transaction, framework_id, call)
    await rooms.journal.commit(transaction)


async def acknowledge_task(rooms: Orchestrator, framework_id: str, call: scheduler.CallAcknowledge) -> None:
    transaction = Transaction()
    rooms.tasks.acknowledge(transaction, framework_id, call)
    await rooms.journal.commit(transaction)


async def reconcile(rooms: Orchestrator, framework_id: str, call: scheduler.CallReconcile) -> None:
    for _ in rooms.tasks.reconcile(framework_id, call):
        pass


async def look_up(rooms: Orchestrator, framework_id: str, asked: Asked) -> None:
    """An operation that the ledger does not know was never accepted, and never will be."""
    await rooms.journal.barrier()
    if rooms.ledger.find(framework_id, asked.name) is None and not asked.told:
        asked.absent = True


async def kill(rooms: Orchestrator, framework_id: str, call: scheduler.CallKill) -> None:
    transaction = Transaction()
    rooms.tasks.kill(transaction, framework_id, call)
    await rooms.journal.commit(transaction)


async def shut_down(rooms: Orchestrator, framework_id: str, call: scheduler.CallShutdown) -> None:
    transaction = Transaction()
    rooms.executors.shut_down(transaction, framework_id, call)
    await rooms.journal.commit(transaction)


async def revive(rooms: Orchestrator, framework_id: str) -> None:
    rooms.frameworks.revive(rooms.state.frameworks[framework_id], [])
