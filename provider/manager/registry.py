"""Which resource providers were admitted, and which were removed for good: {id, type, name} each, durably.

Who is known, in memory and in tables. Who may subscribe is decided by `provider.manager.admission`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, delete, insert, select

from store.port import Change, Store

MAX_REMOVED = 1000
"""Removed providers that are remembered. The oldest beyond it is forgotten: it is refused still, as an id
that was never given."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A provider that was given an id."""

    id: str
    type: str
    name: str

    def __str__(self) -> str:
        return f"{self.type}.{self.name}"


class RegistryTables:
    """The registry's tables, made on the host's `metadata`."""

    def __init__(self, metadata: MetaData) -> None:
        self.admitted = Table(
            "resource_providers",
            metadata,
            Column("id", String, primary_key=True),
            Column("type", String, nullable=False),
            Column("name", String, nullable=False),
        )
        self.removed = Table(
            "removed_resource_providers",
            metadata,
            Column("position", Integer, primary_key=True, autoincrement=True),  # order of the removals
            Column("id", String, nullable=False, unique=True),
            Column("type", String, nullable=False),
            Column("name", String, nullable=False),
        )

    def admit(self, provider: Admitted) -> Change:
        """The change that makes an admission durable."""
        row = {"id": provider.id, "type": provider.type, "name": provider.name}
        return lambda connection: connection.execute(insert(self.admitted).values(row))

    def remove(self, provider: Admitted) -> Change:
        """The change that makes a removal durable."""
        row = {"id": provider.id, "type": provider.type, "name": provider.name}
        removed = self.removed

        def change(connection: Connection) -> None:
            connection.execute(delete(self.admitted).where(self.admitted.c.id == provider.id))
            connection.execute(insert(removed).values(row))
            kept = select(removed.c.position).order_by(removed.c.position.desc()).limit(MAX_REMOVED)
            connection.execute(delete(removed).where(removed.c.position.not_in(kept)))

        return change

    def load(self, connection: Connection) -> tuple[list[Admitted], list[Admitted]]:
        """Those that are admitted, by id, and those that were removed, oldest first."""
        admitted = connection.execute(select(self.admitted).order_by(self.admitted.c.id))
        removed = connection.execute(select(self.removed).order_by(self.removed.c.position))
        return (
            [Admitted(row.id, row.type, row.name) for row in admitted],
            [Admitted(row.id, row.type, row.name) for row in removed],
        )


class Registry:
    """The registry of one host: its memory says what its tables say."""

    def __init__(self, store: Store, tables: RegistryTables) -> None:
        self._store = store
        self._tables = tables
        self._admitted: dict[str, Admitted] = {}
        self._removed: dict[str, Admitted] = {}

    def load(self) -> None:
        """Read it. Raises StoreError."""
        admitted, removed = self._store.read(self._tables.load)
        self._admitted = {each.id: each for each in admitted}
        self._removed = {each.id: each for each in removed}

    @property
    def admitted(self) -> Mapping[str, Admitted]:
        """Who is admitted, by id."""
        return self._admitted

    @property
    def removed(self) -> Mapping[str, Admitted]:
        """Who was removed for good, by id, oldest first."""
        return self._removed

    def named(self, type_: str, name: str) -> Admitted | None:
        """The admitted provider of this type and name."""
        found = (each for each in self._admitted.values() if (each.type, each.name) == (type_, name))
        return next(found, None)

    async def admit(self, provider: Admitted) -> None:
        """Durable when it returns. Raises StoreError."""
        await self._store.write(self._tables.admit(provider))
        self._admitted[provider.id] = provider

    async def remove(self, provider: Admitted) -> None:
        """Durable when it returns. Raises StoreError."""
        await self._store.write(self._tables.remove(provider))
        del self._admitted[provider.id]
        self._removed[provider.id] = provider
        while len(self._removed) > MAX_REMOVED:
            del self._removed[next(iter(self._removed))]
