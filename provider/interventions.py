"""What an operator does about an operation that is stuck: have it tried again now, or give it up.

Retry forgets the waiting time of everything that the operation waits for. Abandon ends the operation
as FAILED: at once when nothing can be left behind; a creation that may have been done is finished
first and deleted again; a deletion that may have been done is repeated until the plugin answers. Until
then it stays pending, what it may have taken stays charged, and a notice says so. That it was given up
is durable, so that a restart goes on with that.

It must not: call a plugin, or decide what an outcome means. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from api.model.operation import OperationEvent
from provider.attempts import Attempts, Turn
from provider.events import AbandonOperation, RetryOperation
from provider.notices import Notice, NoticeKind
from provider.operations import Operations
from provider.records import OperationRecord
from provider.starts import Starts
from provider.troubles import Troubles


class Interventions:
    """Operators' wishes for single operations. A `NoticeSource` of those that cannot end yet."""

    def __init__(
        self, operations: Operations, starts: Starts, attempts: Attempts, troubles: Troubles
    ) -> None:
        self._operations = operations
        self._starts = starts
        self._attempts = attempts
        self._troubles = troubles

    def retry(self, turn: Turn, event: RetryOperation) -> None:
        """Try now. Of one that has ended, its status is sent again; nothing is said of an unknown one."""
        record = self._operations.records.get(event.uuid)
        if record is None:
            return  # it is on its way here, or was forgotten with its owner's consent
        if record.state.is_terminal:
            self._operations.streams.resend(record.uuid, turn.at.monotonic)
            return
        self._hurry(turn, record)

    def abandon(self, turn: Turn, event: AbandonOperation) -> None:
        """Give it up. One that has ended stays as it ended; its status is sent again."""
        record = self._operations.records.get(event.uuid)
        if record is None:
            return
        if record.state.is_terminal:
            self._operations.streams.resend(record.uuid, turn.at.monotonic)
        elif self._operations.is_waiting(record.uuid):
            self._operations.abandon(turn, record.uuid)
            message = "it waited its turn, nothing was done"
            self._operations.end(turn, record.uuid, OperationEvent.FAIL, message)
        elif record.abandoned is None:
            abandoned = self._operations.abandon(turn, record.uuid)
            self._starts.give_up(turn, abandoned)
            if self._operations.records[record.uuid].state.is_terminal:
                return
            turn.report(urgent=False)
            self._hurry(turn, abandoned)
        else:
            self._hurry(turn, record)

    def _hurry(self, turn: Turn, record: OperationRecord) -> None:
        self._attempts.hurry(turn, self._troubles.subjects(record))
        if self._operations.is_waiting(record.uuid):
            for earlier in self._troubles.before(record):
                self._attempts.hurry(turn, self._troubles.subjects(earlier))

    def notices(self) -> Iterable[Notice]:
        """See `NoticeSource`: operations that were given up and cannot end yet."""
        return [self._notice(r) for r in self._operations.active() if r.abandoned is not None]

    def _notice(self, record: OperationRecord) -> Notice:
        trouble = self._troubles.of(record)
        subjects = self._troubles.subjects(record)
        why = trouble.message if trouble is not None else "the plugin has not answered yet"
        message = (
            f"{record.operation.type} {record.uuid} was given up, and ends once it is known that nothing is "
            f"left behind: {why}; what it may have taken stays charged. See to the plugin: `orlop plugins`"
        )
        return Notice(subjects[-1], NoticeKind.STUCK, message)
