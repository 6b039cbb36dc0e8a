"""How an orchestrator opens its registry: looked at first, so that damage is told at the start, in one line.

A page that is damaged in the middle would otherwise be found when it is read, or never. Must not: mend.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from cli.registry_place import database_of
from orchestrator import schema
from store.port import Store, StoreError
from store.registry import open_registry

LOOKED_AT_BYTES: Final = 256 * 2**20
"""Larger databases are not looked at when an orchestrator starts: `orlop registry check` does that."""

DAMAGED: Final = (
    "all that is wrong: `orlop registry check`; a backup in its place: `orlop registry restore FILE`"
)
NOT_WRITABLE: Final = "make the disk and the folder writable for the orchestrator, or name another --work-dir"


async def opened(url: URL) -> Store:
    """The store, made when there is none yet. Raises StoreError, saying what to do."""
    database = database_of(url)
    if database is None:
        return await open_registry(url, schema.metadata, schema.SCHEMA_VERSION)
    try:
        await asyncio.get_running_loop().run_in_executor(None, _look_at, database)
        return await open_registry(url, schema.metadata, schema.SCHEMA_VERSION)
    except (StoreError, OSError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        ways = NOT_WRITABLE if isinstance(cause, OSError) or "readonly" in str(error) else DAMAGED
        raise StoreError(f"{' '.join(str(error).split())}; {ways}") from error


def _look_at(database: Path) -> None:
    """Raises StoreError when the file is damaged."""
    if not database.exists() or not 0 < database.stat().st_size <= LOOKED_AT_BYTES:
        return
    try:
        uri = f"{database.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        if error.sqlite_errorname.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_BUSY")):
            return  # nothing is known of it: who opens it is told why
        found = str(error)
    if found != "ok":
        raise StoreError(f"the registry {database} is damaged: {found}")
