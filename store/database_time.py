"""The database's clock as an expression: one clock for all who share the database.

SQLite has none that a simulation could set, so its stores bring one, as a function of this name.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Double
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

FUNCTION = "database_time"
"""What a store over SQLite has to define on its connections: seconds since the epoch."""


class database_time(FunctionElement[float]):
    """Seconds since the epoch, when the statement comes to it; not when its transaction began."""

    name = FUNCTION
    inherit_cache = True
    type = Double()


@compiles(database_time, "postgresql")
def _on_postgresql(element: database_time, compiler: Any, **_: Any) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)"


@compiles(database_time, "sqlite")
def _on_sqlite(element: database_time, compiler: Any, **_: Any) -> str:
    return f"{FUNCTION}()"
