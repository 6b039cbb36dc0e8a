"""The store as a port: what owners of durable facts are given.

No database here. `store.sqlite` is the real one; the simulation brings its own, which keeps
its data through the crashes it plays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Executable

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


class StoreFailed(StoreError):
    """A write did not become durable. Memory may be ahead of disk now, so the daemon must stop
    and come back from what is on disk; an operator must look at the disk if it repeats."""


class Store(Protocol):
    """Durable state of one daemon. One instance per database."""

    async def write(self, *changes: Change) -> None:
        """Apply `changes` in one transaction, in order; durable when this returns.

        Writes of one caller become durable in the order of its calls. Cancelling the wait does
        not undo the write. Raises `StoreFailed` when nothing of it is durable; nothing that is
        written afterwards is, then.
        """

    def submit(self, *changes: Change) -> asyncio.Future[None]:
        """The same as `write` for many callers: a future instead of a coroutine, in order with `write`."""

    def read(self, query: Callable[[Connection], T]) -> T:
        """What `query` returns over a connection that sees every completed write.

        Synchronous: for start-up and for small look-ups only.
        """

    async def close(self) -> None:
        """Finish what was accepted, then release the database."""
