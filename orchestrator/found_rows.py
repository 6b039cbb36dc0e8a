"""What the registry holds when a leadership begins: every table's rows, all of one moment.

They are read beside the event loop, and handed to the rooms one by one, so that nobody has to wait for a
large registry: while it is taken up the process answers who asks how it is, and renews its lease. Must not:
know what a row means.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Column, Connection, Row, Table, select

from orchestrator import schema

ORDER: Final[Mapping[Table, Column[Any]]] = {
    schema.gone_agents: schema.gone_agents.c.gone,
    schema.frameworks: schema.frameworks.c.registered,
    schema.gone_providers: schema.gone_providers.c.gone,
    schema.quotas: schema.quotas.c.role,
    schema.weights: schema.weights.c.role,
    schema.operations: schema.operations.c.sequence,
    schema.launches: schema.launches.c.created,
    schema.differences: schema.differences.c.found,
}
"""Tables whose rows are taken up in an order."""


class Found:
    """The rows. Each table can be taken once: what was taken is let go of."""

    def __init__(self, rows: dict[str, deque[Row[Any]]]) -> None:
        self._rows = rows

    def rows(self, table: Table) -> Iterator[Row[Any]]:
        """One by one, in their order."""
        rows = self._rows.pop(table.name)
        while rows:
            yield rows.popleft()

    def first(self, table: Table) -> Row[Any] | None:
        """The only row of a table that has one at most."""
        return next(self.rows(table), None)


def found(connection: Connection) -> Found:
    """All there is. For `Store.load`."""
    tables = schema.metadata.sorted_tables
    return Found({table.name: deque(connection.execute(_select(table))) for table in tables})


def _select(table: Table) -> Any:
    order = ORDER.get(table)
    return select(table) if order is None else select(table).order_by(order)
