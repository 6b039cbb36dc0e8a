"""Outcomes that nobody repeats any more, told again by the orchestrator until they are acknowledged.

A provider repeats each outcome until its acknowledgement has come back. One that was removed for good, or
whose agent was, repeats nothing: an owner that missed its last word, or whose acknowledgement was lost, would
not hear of it before it subscribes again. Must not: decide what became of an operation, or tell what is not
durable yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from orchestrator.journal import Journal, Transaction
from orchestrator.ledger import Ledger
from orchestrator.operation_mail import OperationMail
from orchestrator.records import OperationRecord
from orchestrator.registrar import Registrar

RETELL_SECONDS: Final = 30.0
"""Between two times that such outcomes are told. An owner that is away is told when it subscribes."""


class Retelling:
    """Looks for them, again and again."""

    def __init__(self, ledger: Ledger, registrar: Registrar, mail: OperationMail, journal: Journal) -> None:
        self._ledger = ledger
        self._registrar = registrar
        self._mail = mail
        self._journal = journal

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(RETELL_SECONDS)
            if self._registrar.gone_agents or self._registrar.gone_providers:
                self.tell()

    def tell(self) -> None:
        """Tell all of them, once what is known of them is durable; nothing when this orchestrator may have
        been replaced, as after it was stopped for a while."""
        found = [
            record
            for record in self._ledger.operations.values()
            if record.terminal and not record.acknowledged and self._is_nobodys(record)
        ]
        if found:
            transaction = Transaction()
            transaction.afterwards(lambda: self._tell(found))
            self._journal.commit_soon(transaction)

    def _tell(self, records: Sequence[OperationRecord]) -> None:
        for record in records:
            if not record.acknowledged:
                self._mail.tell(record, record.statuses[-1])

    def _is_nobodys(self, record: OperationRecord) -> bool:
        if record.agent_id in self._registrar.gone_agents:
            return True
        provider_id = record.provider_id
        return provider_id is not None and (record.agent_id, provider_id) in self._registrar.gone_providers
