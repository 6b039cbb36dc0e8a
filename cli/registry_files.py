"""Backups of a registry: made while it is in use, verified, and put back.

A backup is a SQLite file with the registry's own tables, whatever database the registry is in: one can be put
back into either. What is copied is one moment's. Must not: be used on a registry that an orchestrator
leads with, except to read; whoever calls `put_back` sees to that.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Table, create_engine, delete, insert, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from cli.registry_place import database_of
from orchestrator import schema
from orchestrator.registry_check import counted, unreadable
from orchestrator.restoration import restored
from store.database_time import database_time
from store.port import StoreError
from store.registry import is_shared, prepare_registry, sqlite_url

AT_ONCE: Final = 1_000
"""Rows that are copied in one statement between databases."""

UNREADABLE_SHOWN: Final = 20
"""Rows that cannot be read and are named; of more, the first."""

PARTS: Final = ("", "-wal", "-shm")
"""A SQLite database's files, by what their names end in."""


SHARED_FIRST: Final = 0x40000002
SHARED_BYTES: Final = 510
"""Where SQLite's readers lock its file; those of a log (WAL) for as long as they have it open."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What there is in a registry, or in a backup.

    faults: what is wrong with it, each a line; none: it is sound. taken: when it was copied, in a backup.
    """

    schema: int | None = None
    cluster: str | None = None
    epoch: int = 0
    taken: float | None = None
    rows: dict[str, int] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def examine(url: URL) -> Findings:
    """Look at everything in it. Also while it is in use. Raises StoreError when it cannot be opened."""
    with _reading(url) as connection:
        return _examined(connection)


def back_up(url: URL, file: Path, now: float, release: str) -> Findings:
    """Copy a registry into `file`, which is new, and look at the copy. Also while it is in use.

    Raises StoreError, and leaves nothing then.
    """
    _refuse_there(file)
    copy = file.with_name(f"{file.name}.{os.getpid()}.new")  # another process may make the same backup
    try:
        findings = _copied(url, copy, now, release)
        _refuse_there(file)
        copy.replace(file)
        _synced(file.parent)
    except OSError as error:
        raise StoreError(f"cannot write {file}: {error.strerror}") from error
    finally:
        _remove(copy)
    return findings


def _refuse_there(file: Path) -> None:
    if file.exists():
        raise StoreError(f"{file} exists already: name another file")


def _copied(url: URL, copy: Path, now: float, release: str) -> Findings:
    """What was found in the copy. Raises StoreError, OSError."""
    with _reading(url) as source:
        rows = counted(source)
        _copy_to_file(source, copy)
    findings = _marked(copy, now, release)
    if findings.rows != {**rows, schema.backups.name: 1}:
        raise StoreError(f"the copy of {url} has other rows than the registry: try again")
    if findings.faults:
        what = f"the registry {url} is damaged: {findings.faults[0]}"
        raise StoreError(f"{what}; all that is: `orlop registry check`")
    _synced(copy)
    return findings


def put_back(file: Path, url: URL, aside: Path, now: float, above: int) -> int:
    """Make the registry what it was in a backup, and keep what there is as `aside`. Returns the epoch from
    which on it is led in: higher than any in the backup, than `above`, and than any that was led in before.

    Raises StoreError; the registry is what it was then.
    """
    taken = examine(sqlite_url(file)).taken or _changed(file)
    path = database_of(url)
    if path is None:
        return _put_back_shared(file, url, aside, taken, now, above)
    new = path.with_name(path.name + ".restoring")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _reading(sqlite_url(file)) as source:
            _copy_to_file(source, new)
        with _writing(sqlite_url(new)) as connection:
            epoch = restored(connection, taken, now, above)
        _synced(new)
        keep_aside(path, aside)
        new.replace(path)
        _synced(path.parent)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}") from error
    finally:
        _remove(new)
    return epoch


def keep_aside(database: Path, aside: Path) -> None:
    """Give a registry's files another name. Raises StoreError when a process uses them, and OSError."""
    if database.is_file():
        _refuse_used(database)
    for part in PARTS:
        if (was := Path(f"{database}{part}")).exists():
            was.rename(f"{aside}{part}")


def _refuse_used(database: Path) -> None:
    """Whoever has a SQLite database open holds a lock on these bytes of it: an orchestrator, too, that was
    given another work directory. Raises StoreError, and OSError."""
    with database.open("rb+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, SHARED_BYTES, SHARED_FIRST)
        except (BlockingIOError, PermissionError):
            raise StoreError(
                f"another process uses the registry {database}: stop what uses it, then try again"
            ) from None


def _put_back_shared(file: Path, url: URL, aside: Path, taken: float, now: float, above: int) -> int:
    prepare_registry(url, schema.metadata, schema.SCHEMA_VERSION)  # a new database has no tables
    with _reading(url) as source:
        _copy_to_file(source, aside)
    with _reading(sqlite_url(file)) as backup, _writing(url) as connection:
        held = connection.execute(select(schema.lease).with_for_update()).first()
        left = connection.execute(select(schema.lease.c.expires - database_time())).scalar()
        if held is not None and held.holder and left is not None and left > 0:
            raise StoreError(
                f"orchestrator {held.name} leads with the registry {url}: stop all that use it, then try "
                "again"
            )
        for table in schema.metadata.sorted_tables:
            connection.execute(delete(table))
            _copy_rows(backup, connection, table, numbered=False)
        return restored(connection, taken, now, above)


def _examined(connection: Connection) -> Findings:
    faults = []
    if connection.dialect.name == "sqlite":
        try:
            found = connection.execute(text("PRAGMA user_version")).scalar_one()
            verdict = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check(20)"))]
        except SQLAlchemyError as error:
            return Findings(faults=(_why(error),))
        if verdict != ["ok"]:
            faults += [" ".join(each.split()) for each in verdict]
    elif inspect(connection).has_table("orlop_schema"):
        found = connection.execute(text("SELECT version FROM orlop_schema")).scalar_one()
    else:
        found = 0
    if found != schema.SCHEMA_VERSION:
        reads = f"this release reads {schema.SCHEMA_VERSION}: use the one that wrote it"
        why = f"it has schema {found}, {reads}" if found else "it is no registry: it has no tables"
        return Findings(found, faults=(*faults, why))
    try:
        faults += [str(each) for each in islice(unreadable(connection), UNREADABLE_SHOWN)]
        cluster = connection.execute(select(schema.cluster.c.uuid)).scalar()
        epoch = connection.execute(select(schema.lease.c.epoch)).scalar()
        taken = connection.execute(select(schema.backups.c.taken)).scalar()
        return Findings(found, cluster, int(epoch or 0), taken, counted(connection), tuple(faults))
    except SQLAlchemyError as error:
        return Findings(found, faults=(*faults, _why(error)))


@contextlib.contextmanager
def _reading(url: URL) -> Iterator[Connection]:
    """A connection that sees one moment and changes nothing. Raises StoreError."""
    if not is_shared(url):
        path = Path(url.database or "")
        if not path.is_file():
            raise StoreError(f"there is no registry at {path}: name its --work-dir, or --registry")
        engine = create_engine(
            "sqlite://", creator=lambda: _opened(f"{path.absolute().as_uri()}?mode=ro"), poolclass=NullPool
        )
    else:
        engine = create_engine(url, isolation_level="REPEATABLE READ", poolclass=NullPool)
    with _errors(url), engine.connect() as connection:
        if not is_shared(url):
            connection.exec_driver_sql("BEGIN")
        yield connection
    engine.dispose()


@contextlib.contextmanager
def _writing(url: URL) -> Iterator[Connection]:
    """One transaction. Raises StoreError."""
    engine = create_engine(url, hide_parameters=True, poolclass=NullPool)
    with _errors(url), engine.begin() as connection:
        yield connection
    engine.dispose()


@contextlib.contextmanager
def _errors(url: URL) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise StoreError(f"cannot use the registry {url}: {_why(error)}") from error


def _opened(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)


def _copy_to_file(source: Connection, file: Path) -> None:
    """All of it, as it is at the moment of the source's transaction."""
    _remove(file)
    os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))  # what it holds may be secret
    if source.dialect.name == "sqlite":
        with contextlib.closing(sqlite3.connect(file)) as copy:
            source.connection.dbapi_connection.backup(copy)  # type: ignore[union-attr]
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        return
    with _writing(sqlite_url(file)) as connection:
        schema.metadata.create_all(connection)
        connection.execute(text(f"PRAGMA user_version={schema.SCHEMA_VERSION}"))
        for table in schema.metadata.sorted_tables:
            _copy_rows(source, connection, table, numbered=True)


def _copy_rows(source: Connection, target: Connection, table: Table, *, numbered: bool) -> None:
    """Rows of a table, in their order. `numbered`: with the numbers that a database gave them."""
    given = table.autoincrement_column
    left_out = given if table is schema.operations and not numbered else None
    columns = [each for each in table.columns if each is not left_out]
    rows = source.execute(select(*columns).order_by(*table.primary_key))
    for part in rows.mappings().partitions(AT_ONCE):
        target.execute(insert(table), [dict(row) for row in part])


def _marked(copy: Path, now: float, release: str) -> Findings:
    """Write into a copy that it is a backup, and look at it."""
    with _writing(sqlite_url(copy)) as connection:
        connection.execute(delete(schema.backups))
        connection.execute(insert(schema.backups).values(id=1, taken=now, release=release))
    return examine(sqlite_url(copy))


def _changed(file: Path) -> float:
    """When something was last written to it: a database that was copied by itself does not say."""
    return max(each.stat().st_mtime for part in PARTS[:2] if (each := Path(f"{file}{part}")).exists())


def _synced(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    for part in (*PARTS, "-journal"):
        Path(f"{path}{part}").unlink(missing_ok=True)


def _why(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())
