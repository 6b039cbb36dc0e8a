"""Operators' volumes on disk: a row each, and the changes that keep them.

Rows only. What a record says, and when it is written, is the business of `volumes` and `provisioning`.
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, select

from orchestrator import schema
from orchestrator.volumes import VolumeRecord
from store.port import Change, Run, Store
from store.upsert import upsert


def load_volumes(store: Store) -> list[VolumeRecord]:
    """Every volume that is remembered. Raises StoreError."""

    def query(connection: Connection) -> list[VolumeRecord]:
        rows = connection.execute(select(schema.provisionings))
        return [msgspec.msgpack.decode(row.record, type=VolumeRecord) for row in rows]

    return store.read(query)


def store_volume(record: VolumeRecord) -> Change:
    """The change that writes the volume as it stands now."""
    return Run(_UPSERT, {"name": record.name, "record": msgspec.msgpack.encode(record)})


def remove_volume(name: str) -> Change:
    """The change that forgets the volume of this name."""
    return Run(_DELETE, {"volume": name})


# Made once: making a statement costs more than running it.
_UPSERT: Final = upsert(schema.provisionings, "record")
_DELETE: Final = delete(schema.provisionings).where(schema.provisionings.c.name == bindparam("volume"))
