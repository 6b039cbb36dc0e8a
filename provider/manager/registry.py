"""Which resource providers were admitted, durably: {id, type, name} each.

Tables and their rows only; who may subscribe is decided by the manager.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, select

from store.port import Change


@dataclass(frozen=True, slots=True)
class Admitted:
    """A provider that was given an id."""

    id: str
    type: str
    name: str


class RegistryTables:
    """The registry's table, made on the host's `metadata`."""

    def __init__(self, metadata: MetaData) -> None:
        self.admitted = Table(
            "resource_providers",
            metadata,
            Column("id", String, primary_key=True),
            Column("type", String, nullable=False),
            Column("name", String, nullable=False),
        )

    def admit(self, provider: Admitted) -> Change:
        """The change that makes an admission durable."""
        row = {"id": provider.id, "type": provider.type, "name": provider.name}
        return lambda connection: connection.execute(insert(self.admitted).values(row))

    def load(self, connection: Connection) -> list[Admitted]:
        """Every provider that was ever admitted, by id."""
        rows = connection.execute(select(self.admitted).order_by(self.admitted.c.id))
        return [Admitted(row.id, row.type, row.name) for row in rows]
