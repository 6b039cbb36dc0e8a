"""Refusals of operations, told until they are acknowledged.

It refuses nothing by itself and writes nothing by itself: changes go into the caller's transaction.
"""

from __future__ import annotations

from msgspec import UNSET, structs

from api.model.clock import Clock
from api.model.ids import IdSource
from api.wire.v1 import mesos, scheduler
from orchestrator import messages
from orchestrator.journal import Transaction
from orchestrator.operation_refusals import Refusal, Refusals
from orchestrator.sessions import FrameworkSessions


class RefusalMail:
    """Tells kept refusals, each once it is durable."""

    def __init__(
        self, refusals: Refusals, frameworks: FrameworkSessions, clock: Clock, ids: IdSource
    ) -> None:
        self._refusals = refusals
        self._frameworks = frameworks
        self._clock = clock
        self._ids = ids

    def keep(self, transaction: Transaction, framework_id: str, operation_id: str, message: str) -> None:
        """An operation is refused that nothing is known of: its framework is told until it acknowledges."""
        status = self._status(operation_id, message)
        status.uuid = mesos.UUID(value=self._ids.uuid().bytes)
        refusal = Refusal(framework_id, status)
        transaction.add(self._refusals.record(refusal))
        self._tell_soon(transaction, refusal)

    def repeat(self, transaction: Transaction, framework_id: str, operation_id: str) -> bool:
        """Whether an operation of this id was refused before, and is not carried out for that: it is told
        again. The id may be used anew once the refusal is acknowledged."""
        refusal = self._refusals.get((framework_id, operation_id))
        if refusal is not None:
            self._tell_soon(transaction, refusal)
        return refusal is not None

    def tell_once(self, framework_id: str, operation_id: str, message: str) -> None:
        """What is refused has the id of another operation, whose end its framework is told under it."""
        self._send(framework_id, self._status(operation_id, message))

    def acknowledge(
        self, transaction: Transaction, framework_id: str, call: scheduler.CallAcknowledgeOperationStatus
    ) -> bool:
        """The framework knows. False when there is no such refusal."""
        refusal = self._refusals.get((framework_id, call.operation_id.value))
        if refusal is None or messages.status_uuid(refusal.status) != call.uuid:
            return False
        transaction.add(self._refusals.forget(refusal))
        return True

    def answers(self, framework_id: str) -> list[mesos.OperationStatus]:
        """What a framework is told that asks for all of its operations."""
        return [_as_answer(each) for each in self._refusals.of_framework(framework_id)]

    def answer(self, framework_id: str, operation_id: str) -> mesos.OperationStatus | None:
        """What it is told that asks for this one; None when it was not refused."""
        refusal = self._refusals.get((framework_id, operation_id))
        return None if refusal is None else _as_answer(refusal)

    def resend(self, transaction: Transaction, framework_id: str) -> None:
        """A framework has subscribed: all of its refusals are told again, once they are durable."""
        for refusal in self._refusals.of_framework(framework_id):
            self._tell_soon(transaction, refusal)

    def orphan(self, transaction: Transaction, framework_id: str) -> None:
        """A framework is gone: nobody waits for this."""
        for refusal in self._refusals.of_framework(framework_id):
            transaction.add(self._refusals.forget(refusal))

    def _tell_soon(self, transaction: Transaction, refusal: Refusal) -> None:
        transaction.afterwards(lambda: self._tell(refusal))

    def _tell(self, refusal: Refusal) -> None:
        if self._refusals.get(refusal.key) is refusal:
            self._send(refusal.framework_id, refusal.status)

    def _status(self, operation_id: str, message: str) -> mesos.OperationStatus:
        return mesos.OperationStatus(
            operation_id=mesos.OperationID(value=operation_id),
            state=mesos.OperationState.OPERATION_ERROR,
            message=message,
            timestamp=self._clock.now(),
        )

    def _send(self, framework_id: str, status: mesos.OperationStatus) -> None:
        self._frameworks.send(framework_id, messages.operation_updated(status, None))


def _as_answer(refusal: Refusal) -> mesos.OperationStatus:
    """An answer needs no acknowledgement: the refusal itself does."""
    return structs.replace(refusal.status, uuid=UNSET)
