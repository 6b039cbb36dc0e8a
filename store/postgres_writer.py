"""The one who writes: groups of writes, each done once, whatever becomes of the connection meanwhile.

Theory of operation. A group is one transaction, and its statements and its COMMIT are sent without waiting
for answers between. When the connection is lost before the answer to the COMMIT, nobody knows whether the
group was done. So each writer has a row with the number of its last group, and each group begins with a step
from n-1 to n that fails (a CHECK) when it finds another number. On the next connection the row is locked and
read: n, and the group was done; n-1, and it was not: it is repeated whole, under that lock. If its first form
comes to the server only then, its step fails, and nothing of it is done.

Blocking: for the store's thread. No table of the owner is known here.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from typing import Final

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Engine,
    MetaData,
    String,
    Table,
    bindparam,
    case,
    func,
    insert,
    select,
    text,
    update,
)

from store.port import Change, Guard, Run, Several, StoreError, StoreFailed
from store.postgres_pipeline import Pipeline, Statements
from store.postgres_session import Session, cause, let_go, may_go_well_next_time, said, session_of

log = logging.getLogger(__name__)

PATIENCE: Final = 15.0
"""Seconds for which a group is tried again while the server is away, read-only or full. After that it has
failed, and it may not be known whether it was done."""

LONGEST_SILENCE: Final = 8.0
"""What the time for an answer grows to, doubled with each attempt: the server may only be slow."""

PAUSE: Final = 0.05
LONGEST_PAUSE: Final = 0.5
"""Seconds between two attempts: the first, and what it grows to."""

FORGOTTEN_AFTER: Final = "1 day"
"""Rows of writers that have no session and have written nothing for so long are removed."""

NAME: Final = "orlop-writer"

metadata = MetaData()

_NUMBER_HELD: Final = "orlop_writers_number_held"

writers = Table(
    "orlop_writers",
    metadata,
    Column("writer", String, primary_key=True),  # a UUID
    Column("number", BigInteger, nullable=False),  # of the group that was done last
    Column("seen", DateTime(timezone=True), nullable=False),
    CheckConstraint("number >= 0", name=_NUMBER_HELD),
)

_STEP: Final = (
    update(writers)
    .where(writers.c.writer == bindparam("it"))
    .values(
        number=case((writers.c.number == bindparam("last"), writers.c.number + 1), else_=-1),
        seen=func.clock_timestamp(),
    )
)
_LOCKED_NUMBER: Final = select(writers.c.number).where(writers.c.writer == bindparam("it")).with_for_update()
_INTRODUCE: Final = insert(writers).values(number=0, seen=func.clock_timestamp())

# What was sent over a connection that was lost may still hold locks. Not ended is one that waits for its
# replicas: it is done here, and would be taken for durable there as well.
_END_FORMER: Final = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"
    " AND datname = current_database() AND pid <> pg_backend_pid() AND wait_event IS DISTINCT FROM 'SyncRep'"
)
_FORGET: Final = text(
    f"DELETE FROM orlop_writers WHERE seen < clock_timestamp() - interval '{FORGOTTEN_AFTER}'"
    f" AND '{NAME} ' || writer NOT IN (SELECT application_name FROM pg_stat_activity)"
)


def introduce(connection: Connection) -> str:
    """A new writer's identity; those that are gone for long are forgotten. In the caller's transaction."""
    connection.execute(_FORGET)
    identity = str(connection.execute(select(func.gen_random_uuid())).scalar_one())
    connection.execute(_INTRODUCE, {"writer": identity})
    return identity


def session_name(identity: str) -> str:
    """How the server knows the writer's sessions."""
    return f"{NAME} {identity}"


class _Lost(Exception):
    """An attempt did not end, or ended in a way that may be better next time."""


class Refused(Exception):
    """The server refuses what is to be written. Nothing of it was done."""


class _Writing:
    """One session, and what was prepared on it."""

    def __init__(self, connection: Connection, statements: Statements, answer_within: float) -> None:
        self.connection = connection
        self.session: Session = session_of(connection)
        self.session.answer_within = answer_within
        self.pipeline = Pipeline(self.session, statements)

    @property
    def in_transaction(self) -> bool:
        return self.session.pgconn.transaction_status != TransactionStatus.IDLE

    def apply(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if isinstance(change, Guard):
                change = change.run
            if isinstance(change, Run):
                self.pipeline.run(change)
            elif isinstance(change, Several):
                self.apply(change.changes)
            else:
                self.pipeline.settle()
                change(self.connection)

    def close(self) -> None:
        let_go(self.connection, self.session)


class Writer:
    """Writes of one identity, by one thread."""

    def __init__(self, engine: Engine, identity: str, patience: float, silence: float) -> None:
        self.trouble: str | None = None
        """Why a group waits for its next attempt; None when none does."""
        self._engine = engine
        self._identity = identity
        self._patience = patience
        self._silence = silence
        self._number = 0
        self._statements = Statements()
        self._writing: _Writing | None = None
        self._closing = threading.Event()

    def write(self, changes: list[Change]) -> None:
        """Do it once. Durable when this returns.

        Raises Refused, or what a change itself raised: nothing is done then.
        Raises StoreFailed when it could not be found out in time whether they are done.
        """
        began, attempts, pause = time.monotonic(), 0, PAUSE  # noqa: TID251 - the store's own thread
        while True:
            within = min(self._silence * 2**attempts, max(self._silence, LONGEST_SILENCE))
            try:
                self._attempt(changes, within)
            except _Lost as error:
                self._drop()
                self._tell(str(error))
                waited = time.monotonic() - began  # noqa: TID251
                if self._closing.is_set() or waited + pause > self._patience:
                    raise StoreFailed(
                        f"the database did not take a write within {waited:.1f} s, and it is not known "
                        f"whether it was done: {error}"
                    ) from error
                self._closing.wait(pause)
                attempts, pause = attempts + 1, min(2 * pause, LONGEST_PAUSE)
            else:
                self._number += 1
                self._well()
                return

    def stop_trying(self) -> None:
        """What fails from now on is not tried again. From any thread."""
        self._closing.set()

    def close(self) -> None:
        self._drop()

    def _attempt(self, changes: list[Change], within: float) -> None:
        """Raises _Lost, or what the changes were refused with; the connection is of use in neither case."""
        try:
            writing = self._writing
            if writing is None:
                writing = self._writing = _Writing(self._engine.connect(), self._statements, within)
                if self._was_done(writing):
                    writing.pipeline.command(b"ROLLBACK")
                    writing.pipeline.settle()
                    return
            writing.session.answer_within = within
            self._do(writing, changes)
        except (_Lost, StoreError):
            self._drop()
            raise
        except Exception as error:
            lost = self._writing is None or self._writing.session.closed
            if lost or may_go_well_next_time(error) or _NUMBER_HELD in str(error):
                raise _Lost(said(error)) from None
            self._drop()  # which ends the transaction
            if isinstance(cause(error), psycopg.Error):
                raise Refused(said(error)) from None
            raise

    def _do(self, writing: _Writing, changes: list[Change]) -> None:
        pipeline = writing.pipeline
        if not writing.in_transaction:
            pipeline.command(b"BEGIN")
        pipeline.run(Run(_STEP, {"it": self._identity, "last": self._number}))
        writing.apply(changes)
        pipeline.command(b"COMMIT")
        done = pipeline.settle()[-1].command_status
        if done != b"COMMIT":
            raise _Lost(f"COMMIT was answered with {done!r}")
        writing.connection.commit()  # nothing is left to commit: for SQLAlchemy's own account

    def _was_done(self, writing: _Writing) -> bool:
        """Whether the group after `_number` was done over a connection that was lost. The row is locked."""
        connection = writing.connection
        connection.execute(_END_FORMER, {"name": session_name(self._identity)})
        number = connection.execute(_LOCKED_NUMBER, {"it": self._identity}).scalar()
        if number not in (self._number, self._number + 1):
            raise StoreFailed(
                f"the database knows this writer's group {number}, not {self._number}: it was restored from "
                "a backup, or is another one; what is known must be read from it again"
            )
        return bool(number == self._number + 1)

    def _tell(self, why: str) -> None:
        if self.trouble is None:
            log.warning("the database does not take writes, which wait: %s", why)
        self.trouble = why

    def _well(self) -> None:
        if self.trouble is not None:
            log.warning("the database takes writes again")
            self.trouble = None

    def _drop(self) -> None:
        if self._writing is None:
            return
        try:
            self._writing.close()
        except psycopg.Error as error:
            log.debug("a lost connection could not be closed: %s", error)
        self._writing = None
