"""One session with a PostgreSQL server: how it is made, and that no wait on it is for ever.

Knows no table and no writer. Blocking calls: for threads, or for start-up.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

T = TypeVar("T")

SILENCE: Final = 2.0
"""Seconds without an answer after which a server is taken for lost. It may only be slow: who repeats
something allows more each time."""

READ_SILENCE: Final = 10.0
"""The same for what is read at start-up: a server may have to look through large tables."""

CONNECT_SECONDS: Final = 2
"""The longest that each of the hosts of a URL is waited for; whole seconds, and not less than two."""

_CLIENT: Final = {
    "connect_timeout": CONNECT_SECONDS,
    "client_encoding": "utf8",
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 3000,  # milliseconds
}
"""For a host that went away while nothing is asked of it."""

_SERVER: Final = {
    "default_transaction_isolation": "read\\ committed",
    # What a client that went away or stands still has locked is free again after so long.
    "idle_in_transaction_session_timeout": "4000",
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
    # None for statements: it would also end the wait of a COMMIT for its replicas, as if all were well.
    "statement_timeout": "0",
}

_AGAIN: Final = ("08", "25006", "40", "53", "55P03", "57", "58", "XX000")
"""How the SQLSTATEs of what may go well next time begin: connections, a server that is read-only for now,
deadlocks, resources, locks, shutting down, the server's own system and faults."""


_UNKNOWN_HOST: Final = ("Name or service not known", "No address associated with hostname")
_PASSING: Final = (
    *("starting up", "shutting down", "in recovery mode", "not yet accepting connections"),
    *("not accepting connections", "connection slots are reserved"),
    *("too many clients", "too many connections"),
)
"""What servers refuse connections with that will be accepted later."""


class Session(psycopg.Connection[Any]):
    """A connection on which every wait ends after `answer_within` seconds, with an OperationalError."""

    answer_within: float = SILENCE

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        try:
            return super().wait(gen, interval, self.answer_within if timeout is None else timeout)
        except errors._WaitTimeout as error:
            self.close()  # what is answered late must not be taken for the answer to what is asked next
            raise errors.ConnectionTimeout(
                f"the database gave no answer within {self.answer_within:g} s"
            ) from error


def session_engine(url: URL, name: str, *, read_only: bool = False) -> Engine:
    """An engine whose connections are `Session`s that the server knows by `name`; each is made anew."""
    given = dict(url.get_dialect()().create_connect_args(url)[1])
    settings = _SERVER | ({"default_transaction_read_only": "on"} if read_only else {})
    options = " ".join(f"-c {key}={value}" for key, value in settings.items())
    if own := given.pop("options", None):
        options = f"{own} {options}"
    parameters: dict[str, Any] = _CLIENT | given | {"application_name": name, "options": options}

    def connect() -> Session:
        return Session.connect(**parameters, prepare_threshold=None)

    return create_engine(
        "postgresql+psycopg://",
        creator=connect,
        poolclass=NullPool,
        use_native_hstore=False,
        hide_parameters=True,  # errors come into the log, and what is written may be secret
    )


def session_of(connection: Connection) -> Session:
    """What is beneath a connection of `session_engine`."""
    session: Any = connection.connection.dbapi_connection
    assert isinstance(session, Session)
    return session


def let_go(connection: Connection, session: Session) -> None:
    """End it at once, whatever state it is in: nothing is asked of a server that may be away."""
    session.close()
    connection.invalidate()
    connection.close()


def cause(error: BaseException) -> BaseException:
    """The driver's error; SQLAlchemy puts it into one of its own."""
    beneath: BaseException | None = getattr(error, "orig", None)
    return error if beneath is None else beneath


def said(error: BaseException) -> str:
    """What to tell of an error: its first line. The rest of what a server says may quote rows: secrets."""
    found = cause(error)
    if isinstance(found, psycopg.Error) and found.diag.message_primary:
        return f"{found.diag.message_primary} (SQLSTATE {found.sqlstate})"
    return (str(found).strip() or type(found).__name__).splitlines()[0]


def is_away(error: BaseException) -> bool:
    """Whether there is nobody to ask, for now. A server that was reached and refuses, or a host that is not
    known, is not away: somebody has to act."""
    if not may_go_well_next_time(error):
        return False
    found = cause(error)
    if isinstance(found, psycopg.Error) and found.sqlstate is not None:
        return True
    told = str(found)  # of an attempt to connect the text is all there is
    if any(each in told for each in _UNKNOWN_HOST):
        return False
    refusals = [each for each in told.splitlines() if "FATAL:" in each]
    return all(any(passing in each for passing in _PASSING) for each in refusals)


def may_go_well_next_time(error: BaseException) -> bool:
    """Whether it is worth to repeat what failed so, on another connection."""
    found = cause(error)
    if isinstance(found, psycopg.OperationalError | psycopg.InterfaceError) and found.sqlstate is None:
        return True
    return isinstance(found, psycopg.Error) and (found.sqlstate or "").startswith(_AGAIN)
