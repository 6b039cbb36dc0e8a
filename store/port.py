"""The store as a port: what owners of durable facts are given.

No database here. `store.sqlite` and `store.postgresql` are the real ones; the simulation brings its own,
which keeps its data through the crashes it plays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Executable
from sqlalchemy.exc import IntegrityError

T = TypeVar("T")

Change = Callable[[Connection], object]
"""One step of a write, run inside the transaction. It must touch nothing but the connection:
it may be run again when a neighbour in the same group commit failed."""


@dataclass(frozen=True, slots=True)
class Run:
    """A `Change` that runs one statement. The statement is made once, and a store may prepare it once: to
    make and to compile one takes many times as long as to run it."""

    statement: Executable
    parameters: Mapping[str, object]

    def __call__(self, connection: Connection) -> object:
        return connection.execute(self.statement, self.parameters)


@dataclass(frozen=True, slots=True)
class Several:
    """A `Change` that is several, in their order."""

    changes: tuple[Change, ...]

    def __call__(self, connection: Connection) -> None:
        for change in self.changes:
            change(connection)


class StoreError(Exception):
    """The database could not be read or written."""


class StoreAway(StoreError):
    """The database cannot be asked now: it is not there, does not answer, or is just starting. Nothing is
    wrong with what was asked; ask again."""


class StoreFailed(StoreError):
    """A write did not become durable, or it is not known whether it did. Memory may be ahead of disk now, so
    what rests on it must be dropped and read from the database again; an operator must look at the database
    if it repeats."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A `Change` that fails the write that it is part of, unless what its statement tests holds.

    The statement breaks the CHECK named `constraint` when it does not hold, so that a store can send on what
    follows without waiting for an answer. The write fails with `refusal()` then.
    """

    run: Run
    constraint: str
    refusal: Callable[[], StoreFailed]

    def __call__(self, connection: Connection) -> None:
        try:
            self.run(connection)
        except IntegrityError as error:
            if self.constraint in str(error):
                raise self.refusal() from error
            raise


def failure_of(changes: Iterable[Change], error: Exception) -> StoreFailed:
    """What is told of a write that failed so: what a guard of it says, or the error as a StoreFailed."""
    if isinstance(error, StoreFailed):
        return error
    text = str(error)
    for guard in _guards(changes):
        if guard.constraint in text:
            failure = guard.refusal()
            break
    else:
        failure = StoreFailed(f"a write did not become durable: {text}")
    failure.__cause__ = error
    return failure


def _guards(changes: Iterable[Change]) -> Iterator[Guard]:
    for change in changes:
        if isinstance(change, Guard):
            yield change
        elif isinstance(change, Several):
            yield from _guards(change.changes)


class Store(Protocol):
    """Durable state of one daemon. One instance per database and process."""

    @property
    def shared(self) -> bool:
        """Whether other processes may write to the database as well."""

    @property
    def full(self) -> str | None:
        """What a write that waits until the database has room, or is there again, was told; None when none
        does."""

    async def write(self, *changes: Change) -> None:
        """Apply `changes` in one transaction, in order; durable when this returns.

        Writes of one caller become durable in the order of its calls. Cancelling the wait does
        not undo the write. Raises `StoreFailed` when nothing of it is durable; nothing that is
        written afterwards is, then.
        """

    def submit(self, *changes: Change, at_once: bool = False) -> asyncio.Future[None]:
        """The same as `write` for many callers: a future instead of a coroutine, in order with `write`.

        `at_once`: it is begun before this returns when nothing is being written, and does not wait for what
        else may be asked for in this turn of the event loop: for who has gathered that already.
        """

    def read(self, query: Callable[[Connection], T]) -> T:
        """What `query` returns over a connection that sees every completed write.

        Synchronous: for start-up and for small look-ups only. Raises `StoreError`.
        """

    async def ask(self, query: Callable[[Connection], T]) -> T:
        """What `query` returns over a connection of its own that sees every completed write.

        The event loop goes on meanwhile: `query` runs in another thread, and must touch nothing but the
        connection. It only reads. Works also when a write has failed. Raises `StoreError`, within about
        two seconds when the database is silent.
        """

    async def load(self, query: Callable[[Connection], T]) -> T:
        """The same as `ask` of very much, at a start: it takes as long as it takes. Raises `StoreError`."""

    async def close(self) -> None:
        """Finish what was accepted, then release the database."""
