"""How fast a store makes writes durable, beside the bare drivers on the same database and disk.

    python -m bench.bench_store [sqlite|postgresql]…

A write is what an accepted operation is: the fence of an epoch, and one row of the ledger. The reference does
the same by the driver's own calls in one transaction; for many in flight in a transaction for all of them at
once, over PostgreSQL by the driver's pipeline.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from sqlalchemy import URL, insert, make_url

from api.model.ids import RandomIds
from bench.bench_calls import directory
from bench.figures import table
from orchestrator import schema
from orchestrator.lease import Candidate, Lease
from store.port import Change, Run, Store
from store.registry import open_registry, sqlite_url
from tests.postgresql import PostgresServer, programs

IN_FLIGHT = 64
ALONE = 400
"""Writes of a turn that are made one after the other."""
TOGETHER = 6_400
TURNS = 3
"""Turns of the store and of the reference, one after the other: a machine's pace changes."""

HEADINGS = ("writes made durable", "a second", "bare driver", "ratio")

_INSERT = insert(schema.operations)
_COLUMNS = (
    "uuid, framework_id, operation_id, agent_id, provider_id, role, info, digest, created, provisioning, "
    "statuses, terminal, acknowledged, abandoned"
)
BARE_FENCE = "UPDATE lease SET epoch = CASE WHEN epoch = {:d} THEN epoch ELSE -1 END WHERE id = 1"
BARE_INSERT = f"INSERT INTO operations ({_COLUMNS}) VALUES ({{}})"


def row(number: int) -> dict[str, object]:
    """An operation like those that the ledger keeps."""
    return {
        "uuid": os.urandom(16),
        "framework_id": "0b4f6d1e-framework",
        "operation_id": f"operation-{number}",
        "agent_id": "7f2a9c55-agent",
        "provider_id": None,
        "role": "role",
        "info": bytes(300),
        "digest": os.urandom(32),
        "created": 1_700_000_000.25,
        "provisioning": None,
        "statuses": b"\x90",
        "terminal": False,
        "acknowledged": False,
        "abandoned": None,
    }


@contextlib.contextmanager
def database(kind: str) -> Iterator[URL]:
    if kind == "sqlite":
        with directory() as place:
            yield sqlite_url(Path(place) / "registry.db")
        return
    with PostgresServer() as server:
        yield make_url(server.url(server.new_database()))


class Bare:
    """The driver alone: transactions of so many rows."""

    def __init__(self, url: URL, epoch: int) -> None:
        self._fence = BARE_FENCE.format(epoch)
        marks = ", ".join(["?" if url.drivername == "sqlite" else "%s"] * 14)
        self._insert = BARE_INSERT.format(marks)
        if url.drivername == "sqlite":
            made = sqlite3.connect(str(url.database), isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000"):
                made.execute(f"PRAGMA {pragma}")
            self._connection: sqlite3.Connection | psycopg.Connection = made
        else:
            parts = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database}
            self._connection = psycopg.connect(**parts, autocommit=True)  # type: ignore[arg-type]
            self._connection.prepare_threshold = 1

    def write(self, rows: list[tuple[object, ...]]) -> None:
        if isinstance(self._connection, psycopg.Connection):
            with self._connection.pipeline():
                self._do(rows)
        else:
            self._do(rows)

    def _do(self, rows: list[tuple[object, ...]]) -> None:
        self._connection.execute("BEGIN")
        for each in rows:
            self._connection.execute(self._fence)
            self._connection.execute(self._insert, each)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()


async def stored(store: Store, fence: Change, count: int, at_once: int) -> float:
    """Writes made durable in a second."""
    rows = [row(number) for number in range(count)]

    async def some(first: int) -> None:
        for each in rows[first::at_once]:
            await store.write(fence, Run(_INSERT, each))

    began = time.perf_counter()
    await asyncio.gather(*(some(first) for first in range(at_once)))
    return count / (time.perf_counter() - began)


def bare(driver: Bare, count: int, at_once: int) -> float:
    rows = [tuple(row(number).values()) for number in range(count)]
    began = time.perf_counter()
    for first in range(0, count, at_once):
        driver.write(rows[first : first + at_once])
    return count / (time.perf_counter() - began)


async def measure(kind: str) -> list[list[str]]:
    """A row for one write in flight, and one for many."""
    figures: dict[int, list[tuple[float, float]]] = {1: [], IN_FLIGHT: []}
    with database(kind) as url:
        for _ in range(TURNS):
            for at_once, count in ((1, ALONE), (IN_FLIGHT, TOGETHER)):
                store = await open_registry(url, schema.metadata, schema.SCHEMA_VERSION)
                lease = Lease(store, Candidate("bench", "", ""), RandomIds())
                epoch = await lease.take()
                assert epoch is not None
                ours = await stored(store, lease.fence(epoch), count, at_once)
                await lease.release(epoch)
                await store.close()
                driver = Bare(url, epoch)
                figures[at_once].append((ours, bare(driver, count, at_once)))
                driver.close()
    return [_row(f"{kind}, {at_once} in flight", turns) for at_once, turns in figures.items()]


def _row(name: str, turns: list[tuple[float, float]]) -> list[str]:
    ours, theirs = (statistics.median(each) for each in zip(*turns, strict=True))
    return [name, f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.2f}"]


def run(kinds: list[str]) -> None:
    """Print the table."""
    rows = [each for kind in kinds for each in asyncio.run(measure(kind))]
    print(table(HEADINGS, rows))


def databases() -> list[str]:
    """Those that this machine has."""
    return ["sqlite", "postgresql"] if programs() else ["sqlite"]


if __name__ == "__main__":
    run(sys.argv[1:] or databases())
