"""A store in memory that outlives the agents that use it, and can die at a chosen write.

Implements `store.port.Store` for tests: what a real one keeps on disk is kept in one SQLite
connection, which a later `ModelStore` on the same `Disk` sees again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, MetaData, create_engine
from sqlalchemy.pool import StaticPool

from store.port import Change, StoreFailed

T = TypeVar("T")


class Disk:
    """What survives a crash."""

    def __init__(self, metadata: MetaData) -> None:
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        metadata.create_all(self.engine)

    def close(self) -> None:
        self.engine.dispose()


class ModelStore:
    """One process's life with a `Disk`. After `dies_after` writes nothing becomes durable any more."""

    def __init__(self, disk: Disk, dies_after: int | None = None) -> None:
        self._disk = disk
        self._left = dies_after
        self.writes = 0
        self.died = asyncio.Event()

    def die(self) -> None:
        """From now on nothing becomes durable."""
        self.die_after(0)

    def die_after(self, writes: int) -> None:
        """So many writes become durable still, and then nothing."""
        self._left = self.writes + writes

    async def write(self, *changes: Change) -> None:
        if self._left is not None and self.writes >= self._left:
            self.died.set()
            raise StoreFailed("the process died here")
        self.writes += 1
        with self._disk.engine.begin() as connection:
            for change in changes:
                change(connection)
        await asyncio.sleep(0)

    def submit(self, *changes: Change, at_once: bool = False) -> asyncio.Future[None]:
        return asyncio.ensure_future(self.write(*changes))

    def read(self, query: Callable[[Connection], T]) -> T:
        with self._disk.engine.connect() as connection:
            return query(connection)

    async def close(self) -> None:
        pass
