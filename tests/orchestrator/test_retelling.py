"""Outcomes that the orchestrator tells again, and when it must not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData

from api.wire.v1 import mesos
from orchestrator.journal import Journal
from orchestrator.ledger import Ledger
from orchestrator.records import OperationRecord
from orchestrator.registrar import Registrar
from orchestrator.retelling import Retelling
from store.sqlite import SqliteStore

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
