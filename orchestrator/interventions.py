"""What an operator does about single operations: RETRY_OPERATION and ABANDON_OPERATION.

It finds the operation that is meant, refuses what makes no sense with what to do instead, and passes
the wish on. What abandoning does is decided by the operation's provider. No I/O here.
"""

from __future__ import annotations

from api.model.errors import InvalidRequest, StaleView
from orchestrator.journal import Journal, Transaction
from orchestrator.ledger import Ledger
from orchestrator.operation_mail import OperationMail
from orchestrator.operations import Operations
from orchestrator.reconciliation import AgentStanding
from orchestrator.records import OperationRecord
from orchestrator.standings import Standings
from orchestrator.state import ClusterState

LEAST_PREFIX = 4
"""Hexadecimal digits by which an operation may be named, at least."""

CANDIDATES_SHOWN = 5
"""Operations that the refusal of an ambiguous name lists."""

UUID_DIGITS = 32


class NoSuchOperation(InvalidRequest):
    """Nothing is known by this name; the operator looks it up."""

    @property
    def http_status(self) -> int:
        return 404


class OperationConflict(StaleView):
    """The operation is in a state in which this cannot be done; the message says what can."""


class Interventions:
    """Operators' wishes for operations that are stuck."""

    def __init__(
        self,
        state: ClusterState,
        ledger: Ledger,
        operations: Operations,
        mail: OperationMail,
        standings: Standings,
        journal: Journal,
    ) -> None:
        self._state = state
        self._ledger = ledger
        self._operations = operations
        self._mail = mail
        self._standings = standings
        self._journal = journal

    async def retry(self, name: str) -> tuple[OperationRecord, str]:
        """Have its provider do now what it waits to do again. Returns the operation, and what happens now.

        Raises NoSuchOperation, InvalidRequest (ambiguous), OperationConflict (ended, or nobody to ask).
        """
        record = self._unfinished(name, "tried again")
        where = self._away(record)
        if where is not None:
            raise OperationConflict(f"{_called(record)} {where}: it goes on by itself when that is back")
        transaction = Transaction()
        transaction.afterwards(lambda: self._mail.send(record))  # it may be what got lost
        transaction.afterwards(lambda: self._mail.retry(record))
        await self._journal.commit(transaction)
        return record, "its resource provider tries again now"

    async def abandon(self, name: str) -> tuple[OperationRecord, str]:
        """Give it up, durably. Returns the operation, and what happens now. Raises as `retry` does, but is
        remembered for a provider that is away.
        """
        record = self._unfinished(name, "given up")
        transaction = Transaction()
        self._operations.abandon(transaction, record)
        await self._journal.commit(transaction)
        where = self._away(record)
        if where is None:
            return record, "given up: it ends as FAILED once nothing can be left behind"
        never = f"; if that never comes back: `orlop providers gone {record.provider_id}`"
        hint = "" if record.provider_id is None else never
        return record, f"given up, and remembered: it {where}, and is told when that is back{hint}"

    def find(self, name: str) -> OperationRecord:
        """The operation of this UUID (or the beginning of it), or of this id of a framework's.

        Raises NoSuchOperation, and InvalidRequest when several are meant.
        """
        digits = name.strip().lower().replace("-", "")
        records = self._ledger.operations.values()
        if len(digits) == UUID_DIGITS and _is_hex(digits):
            exact = self._ledger.operations.get(bytes.fromhex(digits))
            found = [exact] if exact is not None else []
        else:
            found = []
            if len(digits) >= LEAST_PREFIX and _is_hex(digits):
                found = [record for record in records if record.uuid.hex().startswith(digits)]
        found = found or [record for record in records if record.operation_id == name]
        if not found:
            raise NoSuchOperation(
                f"there is no operation {name!r}: give its UUID, the first {LEAST_PREFIX} or more digits of "
                "it, or its framework's id; see `orlop operations --all`"
            )
        if len(found) > 1:
            shown = ", ".join(_called(record) for record in found[:CANDIDATES_SHOWN])
            more = f" and {len(found) - CANDIDATES_SHOWN} more" if len(found) > CANDIDATES_SHOWN else ""
            raise InvalidRequest(f"{name!r} may be {shown}{more}: give more of the UUID")
        return found[0]

    def _unfinished(self, name: str, done: str) -> OperationRecord:
        record = self.find(name)
        if not record.terminal:
            return record
        state = str(record.statuses[-1].state).removeprefix("OPERATION_")
        waits = "" if record.acknowledged else ", and its framework has not acknowledged that yet"
        hint = ""
        if record.provisioning is not None and state != "FINISHED":
            hint = f"; see what became of its volume: `orlop volume inspect {record.provisioning}`"
        raise OperationConflict(f"{_called(record)} has ended as {state}{waits}: it cannot be {done}{hint}")

    def _away(self, record: OperationRecord) -> str | None:
        """What the operation waits for, when its provider cannot be spoken to."""
        if self._standings.is_here(record):
            return None
        if self._standings.of_agent(record.agent_id) is not AgentStanding.REGISTERED:
            agent = self._state.agents[record.agent_id]
            return f"waits for agent {record.agent_id} ({agent.info.hostname}), which is not connected"
        reason = self._state.agents[record.agent_id].departed.get(record.provider_id or "")
        why = f" ({reason})" if reason else ""
        return f"waits for its resource provider {record.provider_id}, which is not subscribed{why}"


def _called(record: OperationRecord) -> str:
    return f"operation {record.uuid.hex()} ({record.info.type})"


def _is_hex(text: str) -> bool:
    return bool(text) and all(digit in "0123456789abcdef" for digit in text)
