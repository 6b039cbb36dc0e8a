"""A registry that was restored from a backup: what it may have missed, and what was found to differ.

Everything between the backup and its restoration was forgotten here and is remembered by the owners of the
facts: agents, providers, frameworks. This room says which records are as old as the backup, whom to let in
who is not known, and keeps what was found, until an operator has looked at it. What follows from a
difference is decided where the record lives.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from api.model.clock import Clock
from orchestrator import schema
from orchestrator.found_rows import Found
from orchestrator.journal import Transaction
from store.port import Run, Several

DIFFERENCES_LIMIT = 10_000
"""Differences that are kept; of further ones the log tells alone."""

EPOCHS_AHEAD: Final = 1_000_000
"""A restored registry is led in epochs so much higher, at least: agents refuse whoever leads in a lower epoch
than they have obeyed, and none can have seen so many since the backup."""


class Kind(StrEnum):
    """What differs."""

    AGENT_UNKNOWN = "AGENT_UNKNOWN"
    FRAMEWORK_UNKNOWN = "FRAMEWORK_UNKNOWN"
    OPERATION_UNKNOWN = "OPERATION_UNKNOWN"
    OPERATION_LOST = "OPERATION_LOST"
    VOLUME_UNKNOWN = "VOLUME_UNKNOWN"
    VOLUME_MISSING = "VOLUME_MISSING"
    VOLUME_CHANGED = "VOLUME_CHANGED"
    # Of these nobody else knows what they were: they are told while the restoration is not settled.
    AGENT_AWAY = "AGENT_AWAY"
    FRAMEWORK_AWAY = "FRAMEWORK_AWAY"
    SETTINGS = "SETTINGS"


@dataclass(frozen=True, slots=True)
class Restored:
    """When it was, in seconds since the epoch; `epoch`: that led when the backup was made."""

    taken: float
    restored: float
    epoch: int
    settled: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """`found`: in seconds since the epoch; None for what is so now."""

    kind: Kind
    subject: str
    message: str
    found: float | None


_INSERT: Final = insert(schema.differences)
_DELETE: Final = delete(schema.differences).where(
    schema.differences.c.kind == bindparam("its_kind"),
    schema.differences.c.subject == bindparam("its_subject"),
)
_SETTLE: Final = update(schema.restorations).values(settled=bindparam("now"))
_DELETE_ALL: Final = delete(schema.differences)


class Restoration:
    """The last one, if there was one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.last: Restored | None = None
        self._found: dict[tuple[Kind, str], Difference] = {}

    def load(self, found: Found) -> Iterator[None]:
        """Fill memory from disk. Once, at start."""
        row = found.first(schema.restorations)
        if row is not None:
            self.last = Restored(row.taken, row.restored, row.epoch, row.settled)
        for each in found.rows(schema.differences):
            difference = Difference(Kind(each.kind), each.subject, each.message, each.found)
            self._found[difference.kind, difference.subject] = difference
            yield

    @property
    def is_open(self) -> bool:
        """Whether owners may still come back with what is not known here."""
        return self.last is not None and self.last.settled is None

    def precedes(self, created: float) -> bool:
        """Whether a record is as old as the backup: what became of it since, it does not say."""
        return self.last is not None and created < self.last.restored

    def admits(self, highest_epoch: int) -> bool:
        """Whether an agent that is not known may have been admitted after the backup was made: it has obeyed
        a leader of that time."""
        return self.last is not None and self.is_open and highest_epoch >= self.last.epoch

    @property
    def found(self) -> list[Difference]:
        """All that was found, oldest first."""
        return list(self._found.values())

    def note(self, transaction: Transaction, kind: Kind, subject: str, message: str) -> None:
        """Remember a difference, once durable; what was found of the same before is replaced."""
        key = (kind, subject)
        if key not in self._found and len(self._found) >= DIFFERENCES_LIMIT:
            return
        now = self._clock.now()
        self._found[key] = Difference(kind, subject, message, now)
        row = {"kind": str(kind), "subject": subject, "message": message, "found": now}
        gone = {"its_kind": str(kind), "its_subject": subject}
        transaction.add(Several((Run(_DELETE, gone), Run(_INSERT, row))))

    def forget(self, transaction: Transaction, kind: Kind, subject: str) -> None:
        """It does not differ any more."""
        if self._found.pop((kind, subject), None) is not None:
            transaction.add(Run(_DELETE, {"its_kind": str(kind), "its_subject": subject}))

    def settle(self, transaction: Transaction) -> None:
        """An operator has looked: nothing is shown any more, and nobody unknown is let in."""
        if self.last is None:
            return
        now = self._clock.now()
        self.last = Restored(self.last.taken, self.last.restored, self.last.epoch, now)
        self._found.clear()
        transaction.add(Several((Run(_SETTLE, {"now": now}), Run(_DELETE_ALL, {}))))


def restored(connection: Connection, taken: float, now: float, above: int = 0) -> int:
    """Make a registry that was put back into one that knows it: a backup of `taken`. By whoever restores it,
    before anybody leads. `above`: an epoch that is known to have been led in. What an earlier restoration
    left open stays so.

    What is in the backup counts as older than the restoration, whatever the clocks said by which it was made.

    Returns the epoch after which it is led: also higher than after each restoration before, as it is not
    below the seconds since 1970.
    """
    held = connection.execute(select(schema.lease.c.epoch)).scalar()
    epoch = 0 if held is None else int(held)
    ahead = max(max(epoch, above) + EPOCHS_AHEAD, int(now))
    connection.execute(delete(schema.lease))
    free = {"holder": "", "name": "", "http": "", "link": "", "expires": 0.0}
    connection.execute(insert(schema.lease).values(id=1, epoch=ahead, **free))
    before = connection.execute(select(schema.restorations)).first()
    if before is not None and before.settled is None:
        # Who has not come back since that one is still to be let in; and this may be that one, done again.
        taken, epoch = min(taken, before.taken), min(epoch, before.epoch)
    else:
        connection.execute(delete(schema.differences))
    connection.execute(delete(schema.restorations))
    connection.execute(delete(schema.backups))
    # Agents may have begun many lives since: which one spoke last is not known any more.
    connection.execute(update(schema.agents).values(life=0, life_id=b""))
    when = max(now, *(math.nextafter(each, math.inf) for each in _created(connection)))
    row = {"id": 1, "taken": taken, "restored": when, "epoch": epoch, "settled": None}
    connection.execute(insert(schema.restorations).values(row))
    return ahead


def _created(connection: Connection) -> Iterator[float]:
    """When what is known was accepted, by the clocks of those who led; 0 of what there is not."""
    yield connection.execute(select(func.max(schema.operations.c.created))).scalar() or 0.0
    for (record,) in connection.execute(select(schema.provisionings.c.record)):
        yield msgspec.msgpack.decode(record, type=_Accepted).created


class _Accepted(msgspec.Struct):
    """Of a volume's record, what is looked at here."""

    created: float
