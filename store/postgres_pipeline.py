"""Statements sent one after the other without waiting for the answers between: a pipeline of one session.

Knows statements only: neither writers nor leases. Values are those that SQLite takes as well: None, bool,
int, float, str, bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from psycopg import errors
from psycopg.abc import PQGen
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait
from sqlalchemy import Executable, Insert
from sqlalchemy.dialects.postgresql.base import PGDialect

from store.port import Run
from store.postgres_session import Session

PREPARED_LIMIT: Final = 512
"""Statements that a session keeps prepared; further ones are sent as text each time."""

_TEXT, _BINARY = 0, 1


@dataclass(frozen=True, slots=True)
class _Compiled:
    name: bytes
    text: bytes
    order: tuple[str, ...]
    constants: Mapping[str, object]


class Statements:
    """Statements as the server's text, made once for all sessions of a store."""

    def __init__(self) -> None:
        self._dialect = PGDialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
        self._compiled: dict[tuple[Executable, tuple[str, ...]], _Compiled] = {}

    def of(self, run: Run) -> _Compiled:
        key = run.statement, tuple(run.parameters)
        found = self._compiled.get(key)
        if found is None:
            found = self._compile(run)
            if len(self._compiled) < PREPARED_LIMIT:
                self._compiled[key] = found
        return found

    def _compile(self, run: Run) -> _Compiled:
        statement = run.statement
        if isinstance(statement, Insert):
            statement = statement.inline()  # nobody asks for the keys that the server makes
        compiled = statement.compile(dialect=self._dialect, column_keys=list(run.parameters))  # type: ignore[attr-defined]
        constants = {name: value for name, value in compiled.params.items() if name not in run.parameters}
        full = len(self._compiled) >= PREPARED_LIMIT
        name = b"" if full else b"orlop_%d" % len(self._compiled)
        order = tuple(compiled.positiontup or ())
        return _Compiled(name, str(compiled).encode(), order, constants)


class Pipeline:
    """What is sent over one session, and looked at later. Used by one thread."""

    def __init__(self, session: Session, statements: Statements) -> None:
        self._session = session
        self._connection: PGconn = session.pgconn
        self._statements = statements
        self._prepared: set[bytes] = set()

    def command(self, text: bytes) -> None:
        """Send a statement without values."""
        self._enter()
        self._connection.send_query_params(text, None)

    def run(self, run: Run) -> None:
        """Send a statement. Raises TypeError for a value that no database takes."""
        compiled = self._statements.of(run)
        values = {**compiled.constants, **run.parameters} if compiled.constants else run.parameters
        encoded, formats = [], []
        for name in compiled.order:
            value, form = _encoded(values[name])
            encoded.append(value)
            formats.append(form)
        self._enter()
        if not compiled.name:
            self._connection.send_query_params(compiled.text, encoded, param_formats=formats)
            return
        if compiled.name not in self._prepared:
            self._connection.send_prepare(compiled.name, compiled.text)
            self._prepared.add(compiled.name)
        self._connection.send_query_prepared(compiled.name, encoded, formats)

    def settle(self) -> list[PGresult]:
        """Wait for the answers to all that was sent. Raises psycopg's error for the first that failed; then
        nothing after it was done either, and the session is of no more use to a pipeline."""
        if self._connection.pipeline_status == 0:
            return []
        self._connection.pipeline_sync()
        results = self._session.wait(_collected(self._connection))
        self._connection.exit_pipeline_mode()
        for result in results:
            if result.status == ExecStatus.FATAL_ERROR:
                raise errors.error_from_result(result, encoding="utf8")
        return results

    def _enter(self) -> None:
        if self._connection.pipeline_status == 0:
            self._connection.enter_pipeline_mode()


def _encoded(value: object) -> tuple[bytes | None, int]:
    if isinstance(value, str):
        return value.encode(), _BINARY  # as it is: the server refuses what it cannot keep
    if isinstance(value, bytes):
        return value, _BINARY
    if value is None:
        return None, _TEXT
    if isinstance(value, bool):
        return (b"t" if value else b"f"), _TEXT
    if isinstance(value, int):
        return b"%d" % value, _TEXT
    if isinstance(value, float):
        return repr(float(value)).encode(), _TEXT
    raise TypeError(f"a database takes no {type(value).__name__}")


def _collected(connection: PGconn) -> PQGen[list[PGresult]]:
    """The results up to the end of the pipeline."""
    results: list[PGresult] = []
    while True:
        ready = yield Wait.RW if connection.flush() else Wait.R
        if not ready & Ready.R:
            continue
        connection.consume_input()
        gaps = 0
        while gaps < 2 and not connection.is_busy():  # one gap behind each statement's result
            result = connection.get_result()
            if result is None:
                gaps += 1
                continue
            gaps = 0
            if result.status == ExecStatus.PIPELINE_SYNC:
                return results
            results.append(result)
