"""The embedded store: SQLite, group commit, a thread that waits for the disk.

Theory of operation. What is asked for while a commit is under way waits and shares the next one, so that
many callers pay for one fsync. The statements of a group are run by the event loop's own thread, which
never waits for them: they touch memory only. The commit, which waits for the disk, is the writer thread's;
so no two threads take turns at the interpreter statement by statement. A group that meets an error, or a
lock of another process, is rolled back and goes to the writer thread as a whole, write by write.

A full disk is no failure: nothing of the write is durable and nobody was told that it is, so it is tried
again until there is room, and all that come after it wait as well.

This room does not know any table.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, Executable, MetaData, create_engine, event, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool, SingletonThreadPool

from store.database_time import FUNCTION
from store.group_commit import Answers, Group, GroupCommit, Write
from store.port import Change, Guard, Run, Several, StoreError, failure_of

T = TypeVar("T")
log = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 5_000
"""How long the writer thread waits for a lock that another process (a backup, say) holds."""

PREPARED_LIMIT = 512
"""Statements whose text is remembered; beyond it all are forgotten and made again."""

CHECKPOINT_PAGES = 4_000
"""Pages (4 kB) in the log after which a commit also moves them into the database: seldom enough for the
commits between, and 16 MB to be read at the next start."""

LOG_BYTES = CHECKPOINT_PAGES * (4_096 + 24) + 32
"""The log when it is as long as it usually becomes, with the headers of its pages and its own."""

BUSY_LOG_BYTES = 2**20
"""A log that has become so long is a busy database's, and is made as long as it will be."""


ROOM_PAUSE = 1.0
"""Seconds between attempts at a write that found the disk full."""

_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})
"""What SQLite says of a disk without room: as such, and of the files beside the database."""


class _Pen:
    """The one connection that writes. Used by one thread at a time; the store sees to that."""

    def __init__(self, engine: Engine) -> None:
        self._busy_timeout_ms = -1
        self._connection = engine.connect()
        self._driver = self._connection.connection.dbapi_connection
        self._dialect = sqlite.dialect(paramstyle="named")
        self._prepared: dict[tuple[Executable, tuple[str, ...]], tuple[str, dict[str, object]]] = {}

    def begin(self, busy_timeout_ms: int) -> None:
        """Take the lock. Raises the driver's error when another process has it for longer than that."""
        if busy_timeout_ms != self._busy_timeout_ms:
            self._execute(f"PRAGMA busy_timeout={busy_timeout_ms}")
            self._busy_timeout_ms = busy_timeout_ms
        self._execute("BEGIN IMMEDIATE")

    def apply(self, changes: tuple[Change, ...]) -> None:
        for change in changes:
            if isinstance(change, Guard):
                change = change.run
            if isinstance(change, Run):
                self._execute(*self._prepared_for(change))
            elif isinstance(change, Several):
                self.apply(change.changes)
            else:
                change(self._connection)

    def commit(self) -> None:
        self._driver.commit()  # type: ignore[union-attr]
        self._connection.commit()

    def roll_back(self) -> None:
        self._driver.rollback()  # type: ignore[union-attr]
        self._connection.rollback()

    def close(self) -> None:
        self._connection.close()

    def _execute(self, statement: str, parameters: object = ()) -> None:
        self._driver.execute(statement, parameters)  # type: ignore[union-attr]

    def _prepared_for(self, run: Run) -> tuple[str, Mapping[str, object]]:
        key = run.statement, tuple(run.parameters)
        found = self._prepared.get(key)
        if found is None:
            if len(self._prepared) >= PREPARED_LIMIT:
                self._prepared.clear()
            compiled = run.statement.compile(dialect=self._dialect, column_keys=list(run.parameters))  # type: ignore[attr-defined]
            constants = {name: value for name, value in compiled.params.items() if name not in run.parameters}
            found = self._prepared[key] = str(compiled), constants
        text, constants = found
        return text, {**constants, **run.parameters} if constants else run.parameters


class SqliteStore:
    """A `Store` in one SQLite file (WAL, synchronous=FULL)."""

    def __init__(self, reader: Engine, writer: Engine, log_path: Path) -> None:
        self._engines = (reader, writer)
        self._log: Path | None = log_path
        """The log, until it is as long as it will be."""
        self._pen = _Pen(writer)
        self._commits = GroupCommit(self._begin)
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._closed = False
        self._asker = ThreadPoolExecutor(1, thread_name_prefix="store-reader")
        self._closing = threading.Event()
        self._full: str | None = None
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    @classmethod
    def open(cls, path: Path, metadata: MetaData, version: int) -> SqliteStore:
        """Open or create the file at `path` with the tables of `metadata`.

        Raises `StoreError` when the file was written by another version of the schema, or cannot
        be opened: the operator has to give another work directory or the right release.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        # Errors come into the log, and what is written may be secret: they do not say it.
        url, options = f"sqlite:///{path}", {"hide_parameters": True}
        reader = create_engine(url, poolclass=SingletonThreadPool, **options)
        writer = create_engine(url, poolclass=NullPool, connect_args={"check_same_thread": False}, **options)
        for engine in (reader, writer):
            event.listen(engine, "connect", _configure)
        try:
            path.touch(mode=0o600)
            path.chmod(0o600)  # what it holds may be secret (variables of tasks); its log gets the same mode
            _prepare(reader, metadata, version, path)
        except StoreError:
            reader.dispose()
            raise
        except Exception as error:
            reader.dispose()
            raise StoreError(f"cannot open the database {path}: {error}") from error
        return cls(reader, writer, Path(f"{path}-wal"))

    @property
    def shared(self) -> bool:
        """See `Store.shared`. The lock of the work directory keeps other processes away."""
        return False

    @property
    def full(self) -> str | None:
        """What a write that waits for room on the disk was told; None when none waits."""
        return self._full

    async def write(self, *changes: Change) -> None:
        """See `Store.write`."""
        await asyncio.shield(self.submit(*changes))

    def submit(self, *changes: Change, at_once: bool = False) -> asyncio.Future[None]:
        """See `Store.submit`."""
        return self._commits.submit(changes, at_once=at_once)

    def read(self, query: Callable[[Connection], T]) -> T:
        """See `Store.read`."""
        with self._engines[0].connect() as connection:
            return query(connection)

    async def ask(self, query: Callable[[Connection], T]) -> T:
        """See `Store.ask`."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._asker, self.read, query)
        except SQLAlchemyError as error:
            raise StoreError(f"cannot read the database: {error}") from error

    async def load(self, query: Callable[[Connection], T]) -> T:
        """See `Store.load`."""
        return await self.ask(query)

    async def close(self) -> None:
        """See `Store.close`."""
        if self._closed:
            return
        self._closed = True
        self._closing.set()
        await self._commits.close()
        self._work.put(None)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)
        self._pen.close()
        self._asker.shutdown(wait=False)
        for engine in self._engines:
            engine.dispose()

    # In the event loop.

    def _begin(self, group: Group, loop: asyncio.AbstractEventLoop) -> None:
        if self._commits.failed is None and self._applied(group):
            self._work.put(lambda: self._commit(group, loop))
        else:
            self._work.put(lambda: self._one_by_one(group, loop))

    def _applied(self, group: Group) -> bool:
        """Whether the statements of all could be run; if not, nothing of any is."""
        try:
            self._pen.begin(0)
            for write in group:
                self._pen.apply(write.changes)
        except Exception as error:
            log.debug("a group of writes is done one by one: %s", error)
            self._pen.roll_back()
            return False
        return True

    # In the writer thread.

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()

    def _commit(self, group: Group, loop: asyncio.AbstractEventLoop) -> None:
        if self._log is not None:
            self._lengthen(self._log)
        try:
            self._pen.commit()
        except Exception as error:
            log.debug("a group of writes is done one by one: %s", error)
            self._pen.roll_back()
            self._one_by_one(group, loop)
            return
        self._commits.answer([(write, None) for write in group], loop)

    def _lengthen(self, path: Path) -> None:
        """Make a busy database's log as long as it will be. A commit writes over what is there then, for
        which the filesystem need not write its own journal: it takes half as long, and nobody else's sync
        waits for it. What is behind the log's last commit, SQLite does not read. The lock is held."""
        try:
            with path.open("r+b", buffering=0) as file:
                length = file.seek(0, os.SEEK_END)
                if length < BUSY_LOG_BYTES:
                    return
                more = max(0, LOG_BYTES - length)
                if file.write(bytes(more)) != more:
                    file.truncate(length)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file.fileno())
        except OSError as error:
            log.debug("the log %s stays as long as it is: %s", path, error)
        self._log = None

    def _one_by_one(self, group: Group, loop: asyncio.AbstractEventLoop) -> None:
        """One bad write must not take those before it with it; what comes later may rest on it, and fails."""
        answers: Answers = []
        for write in group:
            if self._commits.failed is None and (error := self._once_there_is_room(write)) is not None:
                self._commits.failed = failure_of(write.changes, error)
                log.error("a write did not become durable", exc_info=error)
            answers.append((write, self._commits.failed))
        self._commits.answer(answers, loop)

    def _once_there_is_room(self, write: Write) -> Exception | None:
        """What kept the write from becoming durable. A full disk does only when the store is closed."""
        while (error := self._alone(write)) is not None and _is_full(error):
            if self._full is None:
                log.error("the disk is full: writes wait until there is room (%s)", error)
            self._full = str(error)
            if self._closing.wait(ROOM_PAUSE):
                return error
        if self._full is not None:
            log.warning("there is room on the disk again: what waited is written")
            self._full = None
        return error

    def _alone(self, write: Write) -> Exception | None:
        try:
            self._pen.begin(BUSY_TIMEOUT_MS)
            self._pen.apply(write.changes)
            self._pen.commit()
        except Exception as error:
            self._pen.roll_back()
            return error
        return None


def _is_full(error: Exception) -> bool:
    """SQLAlchemy puts the driver's error into one of its own."""
    cause = getattr(error, "orig", error)
    return isinstance(cause, sqlite3.Error) and getattr(cause, "sqlite_errorcode", None) in _FULL


def _configure(connection: object, _record: object) -> None:
    connection.create_function(FUNCTION, 0, time.time)  # type: ignore[attr-defined]  # noqa: TID251 - as a database
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare(engine: Engine, metadata: MetaData, version: int, path: Path) -> None:
    with engine.begin() as connection:
        found = int(connection.execute(text("PRAGMA user_version")).scalar_one())
        if found not in (0, version):
            raise StoreError(
                f"the database {path} has schema {found}, this release reads {version}: "
                "use the release that wrote it, or another work directory"
            )
        metadata.create_all(connection)
        connection.execute(text(f"PRAGMA user_version={version}"))
