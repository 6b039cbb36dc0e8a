"""The reference of `bench_operations`: a database by itself, which makes one accepted operation durable after
the other.

    python -m bench.bare_commits URL COUNT

The rows that the orchestrator writes, in its tables with their indexes: the fence of an epoch, and one row of
the ledger, in a transaction by the driver's own calls and nothing else; over PostgreSQL one by one or by the
driver's pipeline, whichever is faster. In tables of its own: nobody else writes there. Prints the seconds of
each, as JSON.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable

import psycopg
from sqlalchemy import create_engine, insert

from bench.bench_store import BARE_FENCE, BARE_INSERT, row
from orchestrator import schema

Row = tuple[object, ...]

EPOCH = 1
_LEASE = {"id": 1, "epoch": EPOCH, "holder": "", "name": "", "http": "", "link": "", "expires": 0.0}
_OWN = "bare"
"""The schema of its tables in a PostgreSQL database."""


def main(url: str, count: int) -> None:
    commits = _sqlite(url) if url.startswith("sqlite:") else _postgresql(url)
    rows = [tuple(row(number).values()) for number in range(count * len(commits))]
    timed = [[_timed(commit, rows.pop()) for _ in range(count)] for commit in commits]
    print(json.dumps(min(timed, key=statistics.median)))


def _timed(commit: Callable[[Row], None], values: Row) -> float:
    began = time.perf_counter()
    commit(values)
    return time.perf_counter() - began


def _sqlite(url: str) -> list[Callable[[Row], None]]:
    _make(url)
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    statement = BARE_INSERT.format(", ".join("?" * 14))

    def commit(values: Row) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(BARE_FENCE.format(EPOCH))
        connection.execute(statement, values)
        connection.execute("COMMIT")

    return [commit]


def _postgresql(url: str) -> list[Callable[[Row], None]]:
    place = f"-c search_path={_OWN}"
    connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True, options=place)
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_OWN}")
    connection.prepare_threshold = 1
    _make(url, options=place)
    statement = BARE_INSERT.format(", ".join(["%s"] * 14))

    def commit(values: Row) -> None:
        connection.execute("BEGIN")
        connection.execute(BARE_FENCE.format(EPOCH))
        connection.execute(statement, values)
        connection.execute("COMMIT")

    def in_pipeline(values: Row) -> None:
        with connection.pipeline():
            commit(values)

    return [commit, in_pipeline]


def _make(url: str, **options: str) -> None:
    """The orchestrator's tables, and the lease that its writes are fenced by."""
    engine = create_engine(url, connect_args=options)
    with engine.begin() as connection:
        schema.metadata.create_all(connection)
        if connection.execute(schema.lease.select()).first() is None:
            connection.execute(insert(schema.lease), _LEASE)
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
