"""What stands in the way of operations without an outcome, and what did before: their story, for people.

Knowledge, in memory: providers say it, and say it again. It must not decide anything, or keep an operation
from its outcome.
"""

from __future__ import annotations

from msgspec import UnsetType, structs

from api.model.clock import Clock
from api.wire.v1 import mesos
from orchestrator.records import OperationRecord
from orchestrator.state import ChangeKind, ClusterState

EARLIER_TROUBLES = 8
"""Earlier troubles that are kept of one operation; of more, the latest."""


class Troubles:
    """See the module."""

    def __init__(self, state: ClusterState, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def noted(self, record: OperationRecord, message: str | UnsetType) -> None:
        """Somebody on the way, or its provider, says why there is no outcome yet."""
        if isinstance(message, str):
            now = self._clock.now()
            self._set(record, mesos.OperationTrouble(message=message, since=now, latest=now))

    def reported(self, record: OperationRecord, reported: mesos.Operation | None) -> None:
        """What a provider's report says of an operation; what was said before is over."""
        trouble = None if reported is None else reported.trouble
        self._set(record, trouble if isinstance(trouble, mesos.OperationTrouble) else None)

    def over(self, record: OperationRecord) -> None:
        """Nothing stands in its way any more, or nobody is there who could know."""
        self._set(record, None)

    def _set(self, record: OperationRecord, trouble: mesos.OperationTrouble | None) -> None:
        before = record.trouble
        if before == trouble or record.terminal:
            return
        record.trouble = trouble
        if before is not None and (trouble is None or trouble.message != before.message):
            _put_aside(record, before)
        self._state.changed(ChangeKind.OPERATION_UPDATED, record)


def _put_aside(record: OperationRecord, trouble: mesos.OperationTrouble) -> None:
    """One entry for each message, from the first time to the last."""
    same = next((each for each in record.earlier_troubles if each.message == trouble.message), None)
    others = [each for each in record.earlier_troubles if each is not same]
    entry = trouble if same is None else structs.replace(trouble, since=same.since)
    record.earlier_troubles = [*others, entry][-EARLIER_TROUBLES:]
