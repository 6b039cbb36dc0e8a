"""INSERT that meets a row that is there: all our databases say it alike, SQLAlchemy has it once for each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.ext.compiler import compiles


class Upsert(Insert):
    """See `upsert`."""

    inherit_cache = False
    replaced: tuple[str, ...] = ()


def upsert(table: Table, *replaced: str) -> Upsert:
    """Insert a row; one with the same primary key takes over these columns, or stays as it is."""
    statement = Upsert(table).inline()
    statement.replaced = replaced
    return statement


@compiles(Upsert)
def _compiled(element: Upsert, compiler: Any, **options: Any) -> str:
    quote = compiler.preparer.quote
    key = ", ".join(quote(column.name) for column in element.table.primary_key)
    taken = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in element.replaced)
    action = f"UPDATE SET {taken}" if taken else "NOTHING"
    return f"{compiler.visit_insert(element, **options)} ON CONFLICT ({key}) DO {action}"
