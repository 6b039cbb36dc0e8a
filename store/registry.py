"""The orchestrator's store by URL: SQLite for one orchestrator, PostgreSQL for several."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from sqlalchemy import URL, MetaData, make_url
from sqlalchemy.exc import ArgumentError

from store.port import Store
from store.sqlite import SqliteStore

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql+psycopg"


def registry_url(text: str) -> URL:
    """The URL of a registry. Raises ValueError that says what it may be.

    Where it is shown, `str()` of it leaves out the password.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        url = None
    if url is None or url.drivername not in (SQLITE, POSTGRESQL, "postgresql"):
        raise ValueError(
            "name sqlite:///path of a file, or postgresql+psycopg://user@host:port/database for several "
            "orchestrators"
        )
    if url.drivername == SQLITE:
        if not url.database or url.database == ":memory:" or url.query:
            raise ValueError("name the file: sqlite:///relative/path or sqlite:////absolute/path")
        return url
    if "password" in url.query:
        raise ValueError("name the password before the host (or in ~/.pgpass), where it is not shown")
    raw = url.password or ""
    if "@" in (url.host or "") or (raw in text and set(raw) & set("/?#")):
        raise ValueError(
            "write %40, %2F, %3F and %23 for @, /, ? and # in the password: it is shown otherwise"
        )
    return url.set(drivername=POSTGRESQL)


def sqlite_url(path: Path) -> URL:
    """The URL of a SQLite file."""
    return URL.create(SQLITE, database=str(path))


def is_shared(url: URL) -> bool:
    """Whether several orchestrators may use it."""
    return url.drivername == POSTGRESQL


async def open_registry(url: URL, metadata: MetaData, version: int) -> Store:
    """Open or create the database at `url` with the tables of `metadata`, without holding up the event loop.

    Raises `StoreError`: the database cannot be reached, or is not one that this release can use; it says what
    to do.
    """
    if not is_shared(url):
        return SqliteStore.open(Path(url.database or ""), metadata, version)
    from store.postgresql import PostgresStore  # not loaded where there is none

    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, PostgresStore.open, url, metadata, version)


def prepare_registry(url: URL, metadata: MetaData, version: int) -> None:
    """Make the tables of `metadata` in the database of a server when it has none. Blocking.

    Raises `StoreError` as `open_registry`.
    """
    from store.postgresql import prepare

    prepare(url, metadata, version)
