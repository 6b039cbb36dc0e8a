"""How a volume comes to a larger size: intent recorded, storage allocated, outcome recorded.

The record says what is wanted before any byte is allocated, so that a kill between two steps leaves a growth
that the next start finishes, never storage that nobody accounts for. Only when there is no room for it any
more is it taken back: nobody was told of it. What mounts and devices must do to see the size is the node's.
"""

from __future__ import annotations

import logging

import msgspec

from provider.plugins.local_disk.backend import Backend
from provider.plugins.local_disk.geometry import allocated_bytes
from provider.plugins.local_disk.records import VolumeRecord
from provider.plugins.local_disk.refusals import Refusal, out_of_range
from provider.plugins.local_disk.steps import Steps
from provider.plugins.local_disk.volume_table import VolumeTable, promised_bytes

LOG = logging.getLogger(__name__)


class Growth:
    """The steps from one size to another. The caller sees to it that a volume has one call at a time."""

    def __init__(self, table: VolumeTable, backend: Backend, steps: Steps) -> None:
        self._table = table
        self._backend = backend
        self._steps = steps

    async def to_size(self, record: VolumeRecord, size: int) -> VolumeRecord:
        """The volume has `size` bytes, whole MiB, no fewer than it had.

        Raises Refusal, with the volume as it was: OUT_OF_RANGE, the pool could never hold it;
        RESOURCE_EXHAUSTED, not now.
        """
        if size == record.size_bytes and not record.growing_to:
            return record
        wanted = msgspec.structs.replace(record, growing_to=size)
        allocated = allocated_bytes(record.layout, size)
        if allocated > self._table.ledger.total:
            raise out_of_range(
                f"the volume takes {allocated} bytes, the whole pool has {self._table.ledger.total}"
            )
        self._table.ledger.charge(record.volume_id, allocated)
        try:
            await self._table.put(wanted)
        except Exception:
            self._table.ledger.restore(record.volume_id, promised_bytes(record))
            raise
        self._steps.reached(record.volume_id, "expand: intent recorded")
        try:
            return await self._finish(wanted)
        except Exception:
            await self._try_to_take_back(wanted)
            raise

    async def _finish(self, wanted: VolumeRecord) -> VolumeRecord:
        allocated = allocated_bytes(wanted.layout, wanted.growing_to)
        storage = await self._backend.allocate(wanted, allocated)
        self._steps.reached(wanted.volume_id, "expand: storage allocated")
        grown = msgspec.structs.replace(
            wanted, size_bytes=wanted.growing_to, allocated_bytes=allocated, growing_to=0
        )
        await self._table.put(grown, storage)
        self._steps.reached(wanted.volume_id, "expand: recorded")
        return grown

    async def _take_back(self, wanted: VolumeRecord) -> None:
        """As if it had never been asked for."""
        storage = await self._backend.allocate(wanted, wanted.allocated_bytes)
        await self._table.put(msgspec.structs.replace(wanted, growing_to=0), storage)
        self._table.ledger.restore(wanted.volume_id, wanted.allocated_bytes)

    async def recover(self) -> None:
        """At the start: what had begun is finished, or taken back where there is no room for it.

        A volume for which neither can be done keeps its intent and its charge: expanding it tries again.
        """
        for record in self._table.growing():
            try:
                await self._finish(record)
            except Refusal as refusal:
                LOG.warning("volume %s is not grown: %s", record.volume_id, refusal.message)
                await self._try_to_take_back(record)

    async def _try_to_take_back(self, record: VolumeRecord) -> None:
        """Where even this fails, the intent stays, and its charge: all that may be allocated is counted."""
        try:
            await self._take_back(record)
        except (Refusal, OSError) as error:
            LOG.error("volume %s keeps an unfinished growth, repeat it: %s", record.volume_id, error)
