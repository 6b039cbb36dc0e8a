"""Operations that ended and whose end was acknowledged: still known for a while, within bounds.

The orchestrator's registry may be lost and be restored from a backup that knows such an operation without its
end. It asks then, and is told what became of it, instead of being told that nothing is known. Pure. Must
not: tell anybody anything, or keep an operation that is still owed to its owner.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from uuid import UUID

from provider.attempts import Turn
from provider.records import ForgetOperation, OperationRecord, SaveAcknowledged

REMEMBERED_LIMIT = 2_000
"""Acknowledged operations that one provider remembers. Beyond it the oldest are forgotten: asked about one of
them it says that it does not know it."""

REMEMBERED_SECONDS = 7 * 86_400.0
"""How long each is remembered at most: backups should be younger."""

FORGOTTEN_TOGETHER = 100
"""So many are forgotten at a time, in a write that is made anyway; there may be as many more than
REMEMBERED_LIMIT."""


class Remembered:
    """By UUID, in the order in which they were acknowledged."""

    def __init__(self, limit: int = REMEMBERED_LIMIT, together: int = FORGOTTEN_TOGETHER) -> None:
        """See the constants."""
        self._limit = limit
        self._together = together
        self._records: dict[UUID, OperationRecord] = {}

    def __contains__(self, uuid: UUID) -> bool:
        return uuid in self._records

    def __len__(self) -> int:
        return len(self._records)

    def load(self, records: Iterable[OperationRecord]) -> None:
        """Take what the checkpoint holds."""
        self._records = {record.uuid: record for record in sorted(records, key=_acknowledged)}

    def add(self, turn: Turn, record: OperationRecord) -> None:
        """It was acknowledged; one write, as forgetting it would be."""
        record = replace(record, acknowledged=turn.at.epoch)
        self._records[record.uuid] = record
        turn.persist(SaveAcknowledged(record))
        self._forget_some(turn)

    def revive(self, uuid: UUID) -> OperationRecord | None:
        """It is asked for again: as it was before its acknowledgement. None when it is not remembered."""
        record = self._records.pop(uuid, None)
        return None if record is None else replace(record, acknowledged=None)

    def _forget_some(self, turn: Turn) -> None:
        """The oldest, when there are too many, or those that are too old; so many at most."""
        crowded = len(self._records) >= self._limit + self._together
        too_old = turn.at.epoch - REMEMBERED_SECONDS
        for record in list(islice(self._records.values(), self._together)):
            if not crowded and _acknowledged(record) > too_old:
                break
            del self._records[record.uuid]
            turn.persist(ForgetOperation(record.uuid))


def _acknowledged(record: OperationRecord) -> float:
    return record.acknowledged or 0.0
