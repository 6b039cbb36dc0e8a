"""A store in memory with the real SQL on it: commits take time, and a crash loses what was not committed.

Implements `store.port.Store`. A `SimDisk` is what survives; a `SimStore` is one process's life with
it. Commits are in groups, in order, like the real one's. The process may be killed just before a
commit (`before_commit` says that it was), in the middle of a group, of which the first writes are durable
then, and between a commit and its answer (`after_commit`).
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Index, MetaData, create_engine
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

from store.database_time import FUNCTION
from store.port import Change, Guard, Run, Several, StoreFailed, failure_of

T = TypeVar("T")

DIALECT = sqlite.dialect(paramstyle="named")  # type: ignore[no-untyped-call]


class SimDisk:
    """What survives a crash. `now`: the database's clock, where somebody asks for it."""

    def __init__(self, metadata: MetaData, now: Callable[[], float] = lambda: 0.0) -> None:
        self._engine = create_engine("sqlite://", poolclass=StaticPool)
        self.connection = self._engine.connect()
        driver = self.connection.connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        self._driver = driver
        driver.create_function(FUNCTION, 0, now)
        with self.connection.begin():
            for statement in _definition(metadata):
                self.connection.exec_driver_sql(statement)
        self._count = " UNION ALL ".join(
            f"SELECT '{table.name}', COUNT(*) FROM \"{table.name}\"" for table in metadata.sorted_tables
        )
        self.commits = 0
        self.writes = 0
        """As long as it is the same number, so is the content."""

    def write(self, changes: Iterable[Change]) -> None:
        """All of them, or nothing. Raises what they raise."""
        with self.connection.begin():
            self._run(changes)
        self.writes += 1

    def _run(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if isinstance(change, Run):
                text, constants = _prepared(change.statement, tuple(change.parameters))
                self._driver.execute(text, {**constants, **change.parameters})
            elif isinstance(change, Several):
                self._run(change.changes)
            elif isinstance(change, Guard):
                try:
                    self._run((change.run,))
                except sqlite3.IntegrityError as error:
                    raise (change.refusal() if change.constraint in str(error) else error) from error
            else:
                change(self.connection)

    def read(self, query: Callable[[Connection], T]) -> T:
        with self.connection.begin():
            return query(self.connection)

    def query(self, text: str) -> list[tuple[Any, ...]]:
        """What is there, for who looks from outside."""
        return self._driver.execute(text).fetchall()

    def watch(self, metadata: MetaData, wrote: Callable[[str], None]) -> None:
        """`wrote` is called with the name of each table that a row of is written, also if that is undone."""
        self._driver.create_function("wrote", 1, wrote)
        for statement in _watched(metadata):
            self._driver.execute(statement)

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        return {name: int(count) for name, count in self._driver.execute(self._count)}

    def image(self) -> bytes:
        """All of it, as a backup has it."""
        return self._driver.serialize()

    def restore(self, image: bytes) -> None:
        """Put a backup back."""
        self._driver.deserialize(image)
        self.commits += 1
        self.writes += 1

    def close(self) -> None:
        self.connection.close()
        self._engine.dispose()


@lru_cache(maxsize=16)
def _definition(metadata: MetaData) -> tuple[str, ...]:
    """The statements that make the tables. To ask SQLAlchemy for them takes too long for every seed."""
    made: list[str] = []
    for table in metadata.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=DIALECT)))
        made += [
            str(CreateIndex(index).compile(dialect=DIALECT)) for index in sorted(table.indexes, key=_name)
        ]
    return tuple(made)


@lru_cache(maxsize=16)
def _watched(metadata: MetaData) -> tuple[str, ...]:
    return tuple(
        f"CREATE TRIGGER watch_{table.name}_{event} AFTER {event} ON {table.name} "
        f"BEGIN SELECT wrote('{table.name}'); END"
        for table in metadata.sorted_tables
        for event in ("INSERT", "UPDATE", "DELETE")
    )


def _name(index: Index) -> str:
    return str(index.name)


@lru_cache(maxsize=1024)
def _prepared(statement: Executable, names: tuple[str, ...]) -> tuple[str, dict[str, object]]:
    """As the real store prepares it: to compile one takes many times as long as to run it."""
    compiled = statement.compile(dialect=DIALECT, column_keys=list(names))  # type: ignore[attr-defined]
    return str(compiled), {name: value for name, value in compiled.params.items() if name not in names}


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

    @property
    def shared(self) -> bool:
        return False

    @property
    def full(self) -> str | None:
        return None

    async def write(self, *changes: Change) -> None:
        await asyncio.shield(self.submit(*changes))

    def submit(self, *changes: Change, at_once: bool = False) -> asyncio.Future[None]:
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
        if self._before_commit():  # the process is dead; some of the group may be durable
            for changes, _ in self._waiting[: self._rng.randrange(len(self._waiting) + 1)]:
                self._apply(changes)
            return
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
            self._disk.write(changes)
        except Exception as error:
            self._failed = True
            return failure_of(changes, error)
        return None

    def _answer(self, answers: list[tuple[asyncio.Future[Any], StoreFailed | None]]) -> None:
        for done, failure in answers:
            if done.done():
                continue
            if failure is None:
                done.set_result(None)
            else:
                done.set_exception(failure)

    def read(self, query: Callable[[Connection], T]) -> T:
        return self._disk.read(query)

    async def ask(self, query: Callable[[Connection], T]) -> T:
        await asyncio.sleep(self._rng.choice((0.0002, 0.001, 0.005)))
        return self.read(query)

    async def load(self, query: Callable[[Connection], T]) -> T:
        return await self.ask(query)

    async def close(self) -> None:
        """Finish what was accepted."""
        while self._busy or self._waiting:  # noqa: ASYNC110 - nothing waits long under virtual time
            await asyncio.sleep(0.001)
