"""The shared store: PostgreSQL, for several orchestrators of which one writes.

Theory of operation. Writes that wait go in groups to a thread, which sends each as one transaction and waits
for the server (`postgres_writer`). What is read off the event loop has a thread and a connection of its own.
A server that is away, read-only or full is waited for, up to `patience`; then the write has failed, and this
store with it: whoever goes on opens another one and reads everything anew.

This room does not know any table of its owner.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import psycopg
from sqlalchemy import URL, Column, Connection, Integer, MetaData, Table, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from store import postgres_writer
from store.group_commit import Answers, Group, GroupCommit
from store.port import Change, StoreAway, StoreError, StoreFailed, failure_of
from store.postgres_session import (
    READ_SILENCE,
    SILENCE,
    Session,
    cause,
    is_away,
    let_go,
    may_go_well_next_time,
    said,
    session_engine,
    session_of,
)
from store.postgres_writer import PATIENCE, Writer

T = TypeVar("T")
log = logging.getLogger(__name__)

OLDEST_SERVER: Final = 130_000
"""PostgreSQL 13."""

_ADVISORY_LOCK: Final = 0x6F726C6F70
"""Held while tables are made: several orchestrators may start at once."""

_schema = Table(
    "orlop_schema",
    postgres_writer.metadata,
    Column("id", Integer, primary_key=True),  # 1
    Column("version", Integer, nullable=False),
)


class PostgresStore:
    """A `Store` in one PostgreSQL database."""

    shared = True

    def __init__(self, url: URL, identity: str, patience: float, silence: float) -> None:
        engine = session_engine(url, postgres_writer.session_name(identity))
        self._writer = Writer(engine, identity, patience, silence)
        self._reader = session_engine(url, f"orlop-reader {identity}", read_only=True)
        self._asking: tuple[Connection, Session] | None = None
        self._asker = ThreadPoolExecutor(1, thread_name_prefix="store-reader")
        self._commits = GroupCommit(self._begin)
        self._work: queue.SimpleQueue[tuple[Group, asyncio.AbstractEventLoop] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()
        self._closed = False

    @classmethod
    def open(
        cls, url: URL, metadata: MetaData, version: int, patience: float = PATIENCE, silence: float = SILENCE
    ) -> PostgresStore:
        """Open the database, and make the tables of `metadata` when it has none. Blocking.

        `patience`: seconds for which a write waits for the database. `silence`: seconds without an answer
        after which a connection is taken for lost.

        Raises `StoreError` when it cannot be reached, was written by another version of the schema, is
        read-only, or would forget what it has committed: the operator is told what to do.
        """
        with _opening(url) as connection:
            _prepare(connection, metadata, version)
            identity = postgres_writer.introduce(connection)
        return cls(url, identity, patience, silence)

    @property
    def full(self) -> str | None:
        """See `Store.full`."""
        return self._writer.trouble

    async def write(self, *changes: Change) -> None:
        """See `Store.write`."""
        await asyncio.shield(self.submit(*changes))

    def submit(self, *changes: Change, at_once: bool = False) -> asyncio.Future[None]:
        """See `Store.submit`."""
        return self._commits.submit(changes, at_once=at_once)

    def read(self, query: Callable[[Connection], T]) -> T:
        """See `Store.read`."""
        try:
            with self._reader.connect() as connection:
                session_of(connection).answer_within = READ_SILENCE
                return query(connection)
        except (SQLAlchemyError, psycopg.Error) as error:
            raise _unread(error) from error

    async def ask(self, query: Callable[[Connection], T]) -> T:
        """See `Store.ask`."""
        if self._closed:
            raise StoreError("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._asker, self._ask, query)

    async def load(self, query: Callable[[Connection], T]) -> T:
        """See `Store.load`. On a connection of its own: the lease is asked for meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(None, self.read, query)

    async def close(self) -> None:
        """See `Store.close`. What could not be written by now is not tried again."""
        if self._closed:
            return
        self._closed = True
        self._writer.stop_trying()
        await self._commits.close()
        self._work.put(None)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._thread.join)
        await loop.run_in_executor(self._asker, self._stop_asking)
        self._asker.shutdown(wait=False)

    # In the thread that reads.

    def _ask(self, query: Callable[[Connection], T]) -> T:
        known = self._asking is not None
        try:
            return self._asked(query)
        except (SQLAlchemyError, psycopg.Error) as error:
            self._stop_asking()
            if not known or not _went_away(error):
                raise _unread(error) from error
        try:  # the server was started anew since it was asked last, say
            return self._asked(query)
        except (SQLAlchemyError, psycopg.Error) as error:
            self._stop_asking()
            raise _unread(error) from error

    def _asked(self, query: Callable[[Connection], T]) -> T:
        if self._asking is None:
            connection = self._reader.connect()
            self._asking = connection, session_of(connection)
        connection = self._asking[0]
        answer = query(connection)
        connection.rollback()
        return answer

    def _stop_asking(self) -> None:
        asking, self._asking = self._asking, None
        if asking is not None:
            let_go(*asking)

    # In the event loop, and in the thread that writes.

    def _begin(self, group: Group, loop: asyncio.AbstractEventLoop) -> None:
        self._work.put((group, loop))

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            group, loop = work
            self._commits.answer(self._written(group), loop)
        self._writer.close()

    def _written(self, group: Group) -> Answers:
        if self._commits.failed is None and len(group) > 1:
            try:
                self._writer.write([change for write in group for change in write.changes])
            except StoreFailed as error:
                self._fail(error)
            except Exception as error:
                log.debug("a group of writes is done one by one: %s", error)
            else:
                return [(write, None) for write in group]
        return [(write, self._alone(write.changes)) for write in group]

    def _alone(self, changes: tuple[Change, ...]) -> StoreFailed | None:
        """One bad write must not take those before it with it; what comes later may rest on it, and fails."""
        if self._commits.failed is None:
            try:
                self._writer.write(list(changes))
            except Exception as error:
                self._fail(failure_of(changes, error))
        return self._commits.failed

    def _fail(self, error: StoreFailed) -> None:
        self._commits.failed = error
        if type(error) is StoreFailed:
            log.error("a write did not become durable", exc_info=error)
        else:  # said by a guard: what its owner has to expect is no fault
            log.warning("a write was refused: %s", error)


def _unread(error: Exception) -> StoreError:
    kind = StoreAway if is_away(error) else StoreError
    return kind(f"cannot read the database: {said(error)}")


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)


def _went_away(error: BaseException) -> bool:
    return may_go_well_next_time(error) and not isinstance(cause(error), psycopg.errors.ConnectionTimeout)


def _check_server(connection: Connection) -> None:
    """Raises StoreError when what is committed there could be lost, or nothing can be."""

    def setting(name: str) -> str:
        return str(connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar_one())

    if int(setting("server_version_num")) < OLDEST_SERVER:
        raise StoreError(
            f"the database server is PostgreSQL {setting('server_version')}: 13 or later is needed"
        )
    if setting("server_encoding") != "UTF8":
        raise StoreError("the database is not in UTF8: make it with CREATE DATABASE … ENCODING 'UTF8'")
    if setting("transaction_read_only") == "on":
        raise StoreError(
            "the database is read-only (a standby, or default_transaction_read_only): name the primary; with "
            "several hosts in the URL, add target_session_attrs=read-write"
        )
    for name, good in (("synchronous_commit", ("on", "remote_apply")), ("fsync", ("on",))):
        if (found := setting(name)) not in good:
            raise StoreError(
                f"the database server has {name} = {found}: it would forget what it has committed; set "
                f"{name} = on for the server, and for this database and role"
            )


def prepare(url: URL, metadata: MetaData, version: int) -> None:
    """Make the tables of `metadata` when the database has none. Blocking. Raises `StoreError` as `open`."""
    with _opening(url) as connection:
        _prepare(connection, metadata, version)


@contextlib.contextmanager
def _opening(url: URL) -> Iterator[Connection]:
    """One transaction, while nobody else opens it. Raises StoreError."""
    engine = session_engine(url, "orlop-opening")
    try:
        with engine.begin() as connection:
            _check_server(connection)
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield connection
    except (SQLAlchemyError, psycopg.Error) as error:
        kind = StoreAway if is_away(error) else StoreError
        raise kind(f"cannot open the database {_shown(url)}: {said(error)}") from error


def _prepare(connection: Connection, metadata: MetaData, version: int) -> None:
    postgres_writer.metadata.create_all(connection)
    found = connection.execute(select(_schema.c.version)).scalar()
    if found is not None and found != version:
        raise StoreError(
            f"the database has schema {found}, this release reads {version}: use the release that wrote it, "
            "or another database"
        )
    metadata.create_all(connection)
    if found is None:
        connection.execute(insert(_schema).values(id=1, version=version))
