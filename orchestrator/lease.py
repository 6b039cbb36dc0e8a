"""The lease: which orchestrator leads, in which epoch, and until when.

One row, by the database's clock. It decides nothing and waits for nobody: when to take the lease and when to
stop is the business of whoever holds a `Lease`. A leader's writes are fenced by its epoch (`fence`), not by
the time: who was too slow to renew may still write as long as nobody else has taken over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, case, select, text, update

from api.model.ids import IdSource
from orchestrator import schema
from store.database_time import database_time
from store.port import Change, Guard, Run, Several, Store, StoreFailed
from store.upsert import upsert

DEFAULT_TTL: Final = 6.0
"""Seconds that a lease lasts after it was taken or renewed."""

LONGEST_TTL: Final = 60.0
"""No lease is longer. One that seems to have more left was taken before the database's clock was set back: it
counts as ended, or nobody could lead until the clock is there again. Its holder, if it still leads, is
deposed by its epoch like any other."""

STUCK_SECONDS: Final = 1.0
"""A transaction that is older and holds the row of a lease that has ended, is one of an orchestrator that
does not go on. It is ended by whoever wants the lease."""


class Deposed(StoreFailed):
    """Another epoch leads. Nothing of the write was done; who was told so has to step down."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who it is that may lead, and where others reach it."""

    name: str
    http: str
    """host:port of the HTTP API"""
    link: str
    """host:port that agents dial"""


@dataclass(frozen=True, slots=True)
class Leader:
    """What the row says."""

    epoch: int
    holder: str
    name: str
    http: str
    link: str
    seconds_left: float
    """By the database's clock; not above zero when the lease has ended."""


_ROW: Final = schema.lease.c.id == 1
_NOW: Final = database_time()

_FENCE: Final = (
    update(schema.lease)
    .where(_ROW)
    .values(epoch=case((schema.lease.c.epoch == bindparam("leads"), schema.lease.c.epoch), else_=-1))
)
_RENEW: Final = update(schema.lease).where(_ROW).values(expires=_NOW + bindparam("ttl"))
_RELEASE: Final = (
    update(schema.lease)
    .where(_ROW, schema.lease.c.epoch == bindparam("leads"))
    .values(holder="", expires=0.0)
)

_END_STUCK: Final = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    " AND usename = current_user AND application_name LIKE 'orlop-writer %' AND pid <> pg_backend_pid()"
    " AND xact_start < clock_timestamp() - make_interval(secs => :seconds)"
)


def fence(epoch: int) -> Change:
    """A change that fails the write it is part of with `Deposed` unless `epoch` still leads.

    It takes the row's lock: a plain read would not hold a later leader off until the commit.
    """
    return Guard(
        Run(_FENCE, {"leads": epoch}),
        schema.LEASE_HELD,
        lambda: Deposed(f"epoch {epoch} no longer leads: another orchestrator has taken over"),
    )


class Lease:
    """One candidate's side of the lease. All of it raises StoreError when the database does not answer."""

    def __init__(self, store: Store, candidate: Candidate, ids: IdSource, ttl: float = DEFAULT_TTL) -> None:
        self.ttl = ttl
        self.holder = str(ids.uuid())
        """Names this life of this process."""
        self._store = store
        self._candidate = candidate

    async def seen(self) -> Leader | None:
        """Who holds the lease, or held it last; None when it was let go, or nobody ever had it."""
        return await self._store.ask(_seen)

    async def take(self, above: int = 0) -> int | None:
        """Begin an epoch and return it; None when another's lease has not ended, or another takes it now.

        The new epoch is higher than any before, and than `above`: the highest that agents are known to have
        seen, if the database was restored from an older one. Where the database is this process's alone, the
        lease of whoever had it before has ended with that process.

        The lease runs from some moment between the call and its return. Raises StoreFailed.
        """
        taken: list[int] = []

        def change(connection: Connection) -> None:
            taken.clear()  # it may be run again
            taken.extend(self._take(connection, above))

        await self._store.write(change)
        return taken[0] if taken else None

    async def renew(self, epoch: int) -> None:
        """Hold the lease for `ttl` seconds more, from some moment between the call and its return.

        Raises Deposed, and StoreFailed.
        """
        await self._store.write(Several((fence(epoch), Run(_RENEW, {"ttl": self.ttl}))))

    async def release(self, epoch: int) -> None:
        """Let go of the lease, so that another can take it at once. Nothing happens when another leads."""
        await self._store.write(Run(_RELEASE, {"leads": epoch}))

    def fence(self, epoch: int) -> Change:
        """See `fence`."""
        return fence(epoch)

    def _take(self, connection: Connection, above: int) -> list[int]:
        held = _seen(connection)
        if held is None and not _exists(connection):
            _create(connection)
        elif held is not None and not self._may_follow(held):
            return []
        locked = connection.execute(
            select(schema.lease, (schema.lease.c.expires - _NOW).label("left"))
            .where(_ROW)
            .with_for_update(skip_locked=True)
        ).first()
        if locked is None:  # by another who takes it, or by one who has stopped in the middle of a write
            _end_stuck(connection)
            return []
        if locked.holder and not self._may_follow(_leader(locked)):
            return []
        epoch = max(int(locked.epoch), above) + 1
        values = {"epoch": epoch, "holder": self.holder, "expires": _NOW + self.ttl}
        mine = {"name": self._candidate.name, "http": self._candidate.http, "link": self._candidate.link}
        connection.execute(update(schema.lease).where(_ROW).values(**values, **mine))
        return [epoch]

    def _may_follow(self, held: Leader) -> bool:
        return not self._store.shared or held.seconds_left <= 0 or held.holder == self.holder


def _seen(connection: Connection) -> Leader | None:
    left = (schema.lease.c.expires - _NOW).label("left")
    row = connection.execute(select(schema.lease, left).where(_ROW)).first()
    return None if row is None or not row.holder else _leader(row)


def _leader(row: object) -> Leader:
    left = float(row.left)  # type: ignore[attr-defined]
    return Leader(
        int(row.epoch),  # type: ignore[attr-defined]
        row.holder,  # type: ignore[attr-defined]
        row.name,  # type: ignore[attr-defined]
        row.http,  # type: ignore[attr-defined]
        row.link,  # type: ignore[attr-defined]
        left if left <= LONGEST_TTL else 0.0,
    )


def _exists(connection: Connection) -> bool:
    return connection.execute(select(schema.lease.c.id).where(_ROW)).first() is not None


def _create(connection: Connection) -> None:
    """The row that all share, held by nobody. Another may do the same at this moment."""
    row = {"id": 1, "epoch": 0, "holder": "", "name": "", "http": "", "link": "", "expires": 0.0}
    connection.execute(upsert(schema.lease), row)


def _end_stuck(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_END_STUCK, {"seconds": STUCK_SECONDS})
