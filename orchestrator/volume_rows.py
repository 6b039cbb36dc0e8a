"""Operators' volumes on disk: a row each, and the changes that keep them.

Rows only. What a record says, and when it is written, is the business of `volumes` and `provisioning`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
from sqlalchemy import bindparam, delete

from orchestrator import schema
from orchestrator.found_rows import Found
from orchestrator.volumes import VolumeRecord
from store.port import Change, Run
from store.upsert import upsert


def loaded_volumes(found: Found) -> Iterator[VolumeRecord]:
    """Every volume that is remembered, one by one."""
    for row in found.rows(schema.provisionings):
        yield msgspec.msgpack.decode(row.record, type=VolumeRecord)


def store_volume(record: VolumeRecord) -> Change:
    """The change that writes the volume as it stands now."""
    return Run(_UPSERT, {"name": record.name, "record": msgspec.msgpack.encode(record)})


def remove_volume(name: str) -> Change:
    """The change that forgets the volume of this name."""
    return Run(_DELETE, {"volume": name})


# Made once: making a statement costs more than running it.
_UPSERT: Final = upsert(schema.provisionings, "record")
_DELETE: Final = delete(schema.provisionings).where(schema.provisionings.c.name == bindparam("volume"))
