"""The embedded store: SQLite, one writer thread, group commit.

What is asked for while a commit is running waits and shares the next one, so that many
callers pay for one fsync. Nothing awaits per statement. This room does not know any table.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, text
from sqlalchemy.pool import SingletonThreadPool

from store.port import Change, StoreError, StoreFailed

T = TypeVar("T")
log = logging.getLogger(__name__)

GROUP_LIMIT = 500
"""Writes that share one commit at most; what is beyond waits for the next, so that the event
loop is answered in between."""

BUSY_TIMEOUT_MS = 5_000
"""How long SQLite waits for a lock that another process (a backup, say) holds."""


class _Write:
    __slots__ = ("changes", "done", "loop")

    def __init__(self, changes: tuple[Change, ...], loop: asyncio.AbstractEventLoop) -> None:
        self.changes = changes
        self.loop = loop
        self.done: asyncio.Future[None] = loop.create_future()


class SqliteStore:
    """A `Store` in one SQLite file (WAL, synchronous=FULL)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._closed = False
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    @classmethod
    def open(cls, path: Path, metadata: MetaData, version: int) -> SqliteStore:
        """Open or create the file at `path` with the tables of `metadata`.

        Raises `StoreError` when the file was written by another version of the schema, or cannot
        be opened: the operator has to give another work directory or the right release.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(f"sqlite:///{path}", poolclass=SingletonThreadPool)
        event.listen(engine, "connect", _configure)
        try:
            _prepare(engine, metadata, version, path)
        except StoreError:
            engine.dispose()
            raise
        except Exception as error:
            engine.dispose()
            raise StoreError(f"cannot open the database {path}: {error}") from error
        return cls(engine)

    async def write(self, *changes: Change) -> None:
        """See `Store.write`."""
        if self._failed is not None or self._closed:
            raise StoreFailed(f"the store is closed: {self._failed or 'close() was called'}")
        write = _Write(changes, asyncio.get_running_loop())
        self._queue.put(write)
        await asyncio.shield(write.done)

    def read(self, query: Callable[[Connection], T]) -> T:
        """See `Store.read`."""
        with self._engine.connect() as connection:
            return query(connection)

    async def close(self) -> None:
        """See `Store.close`."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
            await asyncio.get_running_loop().run_in_executor(None, self._thread.join)
            self._engine.dispose()

    def _run(self) -> None:
        with self._engine.connect() as connection:
            while (group := self._next_group()) is not None:
                self._commit(connection, group)

    def _next_group(self) -> list[_Write] | None:
        first = self._queue.get()
        if first is None:
            return None
        group = [first]
        while len(group) < GROUP_LIMIT and not self._queue.empty():
            following = self._queue.get()
            if following is None:
                self._queue.put(None)
                break
            group.append(following)
        return group

    def _commit(self, connection: Connection, group: list[_Write]) -> None:
        if self._failed is not None:
            # What comes later may rest on what failed: memory held it for true.
            for write in group:
                self._answer(write, self._failed)
            return
        try:
            with connection.begin():
                for write in group:
                    for change in write.changes:
                        change(connection)
        except Exception as error:
            if len(group) == 1:
                self._failed = error
                self._answer(group[0], error)
            else:  # one bad write must not take those before it with it
                for write in group:
                    self._commit(connection, [write])
            return
        for write in group:
            self._answer(write, None)

    def _answer(self, write: _Write, error: Exception | None) -> None:
        failure = None
        if error is not None:
            failure = StoreFailed(f"a write did not become durable: {error}")
            failure.__cause__ = error
            log.error("a write did not become durable", exc_info=error)
        try:
            write.loop.call_soon_threadsafe(_resolve, write.done, failure)
        except RuntimeError:
            log.debug("the event loop ended before a write was answered")


def _resolve(done: asyncio.Future[None], failure: StoreFailed | None) -> None:
    if done.cancelled():
        return
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure)


def _configure(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
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
