"""The reference of `bench_operations`: a database by itself, which makes one row durable after the other.

    python -m bench.bare_commits URL COUNT

The driver's own calls and nothing else: an INSERT of as many bytes as an operation has, and COMMIT. Prints
the seconds of each, as JSON.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Callable

import psycopg

BYTES = 400


def main(url: str, count: int) -> None:
    commit = _sqlite(url.removeprefix("sqlite:///")) if url.startswith("sqlite:") else _postgresql(url)
    seconds = []
    for number in range(count):
        began = time.perf_counter()
        commit(number)
        seconds.append(time.perf_counter() - began)
    print(json.dumps(seconds))


def _sqlite(path: str) -> Callable[[int], None]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS bare (number INTEGER, data BLOB)")

    def commit(number: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare VALUES (?, ?)", (number, bytes(BYTES)))
        connection.execute("COMMIT")

    return commit


def _postgresql(url: str) -> Callable[[int], None]:
    connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    connection.execute("CREATE TABLE IF NOT EXISTS bare (number INTEGER, data BYTEA)")

    def commit(number: int) -> None:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO bare VALUES (%s, %s)", (number, bytes(BYTES)))
        connection.execute("COMMIT")

    return commit


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
