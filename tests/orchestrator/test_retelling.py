"""Outcomes that the orchestrator tells again, and when it must not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData

from api.wire.v1 import mesos, scheduler
from orchestrator.journal import Journal, Transaction
from orchestrator.ledger import Ledger
from orchestrator.records import OperationRecord
from orchestrator.registrar import Registrar
from orchestrator.retelling import Retelling
from store.port import StoreFailed
from store.sqlite import SqliteStore
from tests.orchestrator.scripted import ScriptedAgent, ScriptedFramework
from tests.orchestrator.test_core import Cluster, cluster, create_disk, subscribe, until

__all__ = ["cluster"]

GONE = mesos.OperationStatus(state=mesos.OperationState.OPERATION_GONE_BY_OPERATOR)


class Mail:
    """Remembers what it was told to tell."""

    def __init__(self) -> None:
        self.told: list[mesos.OperationStatus] = []

    def tell(self, record: OperationRecord, status: mesos.OperationStatus) -> None:
        self.told.append(status)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "registry.db", MetaData(), 1)
    yield opened
    await opened.close()


def retelling(mail: Mail, journal: Journal) -> Retelling:
    """Of an operation that ended because its agent was removed for good."""
    ledger, registrar = Ledger(), Registrar()
    registrar.gone_agents["agent"] = "host"
    info = mesos.OfferOperation(type=mesos.OfferOperationType.RESERVE, id=mesos.OperationID(value="o"))
    record = OperationRecord(
        uuid=bytes(16),
        framework_id="framework",
        operation_id="o",
        agent_id="agent",
        provider_id=None,
        role="red",
        info=info,
        digest=b"",
        created=0.0,
        provisioning=None,
    )
    ledger.accept_operation(record)
    ledger.record_status(record, GONE, terminal=True, acknowledged=False)
    return Retelling(ledger, registrar, mail, journal)  # type: ignore[arg-type]


def nothing(connection: Any) -> None:
    """A fence that always holds."""


async def test_an_outcome_that_no_provider_repeats_is_told_again(store: SqliteStore) -> None:
    mail = Mail()
    journal = Journal(store, nothing, lambda error: None)
    retelling(mail, journal).tell()
    await journal.drain()
    assert mail.told == [GONE]


async def test_a_leader_that_was_stopped_past_its_lease_tells_nothing_again(store: SqliteStore) -> None:
    """What it knows of the operation may never have become durable, and another may lead by now."""
    mail, failed = Mail(), asyncio.Event()
    journal = Journal(store, nothing, lambda error: failed.set(), lambda: True)
    retelling(mail, journal).tell()
    await journal.drain()
    assert mail.told == []
    assert failed.is_set(), "and it stops leading"


async def test_who_subscribes_is_not_told_an_outcome_that_is_not_durable(cluster: Cluster) -> None:
    """Were it lost with this leader, the operation would end otherwise under the next."""
    rooms, agent = cluster.orchestrator, ScriptedAgent()
    agent.deaf = True
    await agent.join(rooms)
    framework, session = await subscribe(rooms, ["test"])
    await until(session.offers)
    await rooms.acceptance.accept(framework, create_disk(session.offers()[0], 1000))
    info, again = mesos.FrameworkInfo(user="me", name="renamed", roles=["test"]), ScriptedFramework()
    info.id = mesos.FrameworkID(value=framework.framework_id)
    coming = asyncio.ensure_future(
        rooms.frameworks.subscribe(scheduler.CallSubscribe(framework_info=info), again)
    )
    await asyncio.sleep(0)  # what it says of itself is being written
    ended = Transaction()
    rooms.operations.agent_gone(ended, str(agent.agent_id))
    ended.add(lambda connection: 1 // 0)
    rooms.journal.commit_soon(ended)
    await coming
    assert isinstance(await rooms.failed, StoreFailed)
    await asyncio.sleep(0)
    assert again.events and not again.operation_statuses()
