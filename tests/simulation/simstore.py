"""A store in memory with the real SQL on it: commits take time, and a crash loses what was not committed.

Implements `store.port.Store`. A `SimDisk` is what survives; a `SimStore` is one process's life with
it. Commits are in groups, in order, like the real one's. The process may be killed just before a
commit (`before_commit` says that it was) and between a commit and its answer (`after_commit`).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Index, MetaData, create_engine
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

from store.port import Change, StoreFailed

T = TypeVar("T")


class SimDisk:
    """What survives a crash."""

    def __init__(self, metadata: MetaData) -> None:
        self._engine = create_engine("sqlite://", poolclass=StaticPool)
        self.connection = self._engine.connect()
        with self.connection.begin():
            for statement in _definition(metadata):
                self.connection.exec_driver_sql(statement)
        self._count = " UNION ALL ".join(
            f"SELECT '{table.name}', COUNT(*) FROM \"{table.name}\"" for table in metadata.sorted_tables
        )
        self.commits = 0

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        with self.connection.begin():
            return {name: int(count) for name, count in self.connection.exec_driver_sql(self._count)}

    def close(self) -> None:
        self.connection.close()
        self._engine.dispose()


@lru_cache(maxsize=16)
def _definition(metadata: MetaData) -> tuple[str, ...]:
    """The statements that make the tables. To ask SQLAlchemy for them takes too long for every seed."""
    dialect = sqlite.dialect()  # type: ignore[no-untyped-call]
    made: list[str] = []
    for table in metadata.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=dialect)))
        made += [
            str(CreateIndex(index).compile(dialect=dialect)) for index in sorted(table.indexes, key=_name)
        ]
    return tuple(made)


def _name(index: Index) -> str:
    return str(index.name)


class SimStore:
    """See `store.port.Store`. Made in the process that it belongs to."""

    def __init__(
        self,
        disk: SimDisk,
        rng: random.Random,
        before_commit: Callable[[], bool] = lambda: False,
        after_commit: Callable[[], None] = lambda: None,
        fails: Callable[[], bool] = lambda: False,
    ) -> None:
        self._disk = disk
        self._rng = rng
        self._before_commit = before_commit
        self._after_commit = after_commit
        self._fails = fails
        self._waiting: list[tuple[tuple[Change, ...], asyncio.Future[None]]] = []
        self._busy = False
        self._failed = False

    async def write(self, *changes: Change) -> None:
        await asyncio.shield(self.submit(*changes))

    def submit(self, *changes: Change) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._failed:
            done.set_exception(StoreFailed("an earlier write failed"))
            return done
        self._waiting.append((changes, done))
        if not self._busy:
            self._begin()
        return done

    def _begin(self) -> None:
        self._busy = True
        delay = self._rng.choice((0.0002, 0.001, 0.002, 0.005, 0.03))
        asyncio.get_running_loop().call_later(delay, self._commit)

    def _commit(self) -> None:
        if self._before_commit():
            return  # the process is dead
        group, self._waiting = self._waiting, []
        answers: list[tuple[asyncio.Future[None], StoreFailed | None]] = []
        for changes, done in group:
            answers.append((done, self._apply(changes)))
        asyncio.get_running_loop().call_later(self._rng.choice((0.0, 0.0005)), self._answer, answers)
        self._busy = False
        if self._waiting:
            self._begin()
        self._disk.commits += 1
        self._after_commit()

    def _apply(self, changes: tuple[Change, ...]) -> StoreFailed | None:
        if self._failed or self._fails():
            self._failed = True
            return StoreFailed("the simulated disk refuses")
        try:
            with self._disk.connection.begin():
                for change in changes:
                    change(self._disk.connection)
        except Exception as error:
            self._failed = True
            failure = StoreFailed(f"a write did not become durable: {error}")
            failure.__cause__ = error
            return failure
        return None

    def _answer(self, answers: list[tuple[asyncio.Future[Any], StoreFailed | None]]) -> None:
        for done, failure in answers:
            if done.cancelled():
                continue
            if failure is None:
                done.set_result(None)
            else:
                done.set_exception(failure)

    def read(self, query: Callable[[Connection], T]) -> T:
        with self._disk.connection.begin():
            return query(self._disk.connection)

    async def close(self) -> None:
        """Finish what was accepted."""
        while self._busy or self._waiting:  # noqa: ASYNC110 - nothing waits long under virtual time
            await asyncio.sleep(0.001)
