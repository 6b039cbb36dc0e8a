"""The pool's volumes in memory, never ahead of what is on disk, and the bytes they take from the pool.

Capacity is charged before the first step of a creation and released after the last of a deletion, without
awaiting in between, so that any number of concurrent calls cannot promise the same byte twice. No gRPC here.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from pathlib import Path

from provider.plugins.local_disk.blocking import BlockingCalls
from provider.plugins.local_disk.geometry import allocated_bytes
from provider.plugins.local_disk.records import RecordFolder, VolumeRecord
from provider.plugins.local_disk.refusals import exhausted, not_found


class CapacityLedger:
    """Bytes promised, by volume. Invariant: promises are added only while their sum stays within `total`."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._charges: dict[str, int] = {}
        self._charged = 0

    @property
    def free(self) -> int:
        """Bytes not promised; 0 when the pool was made smaller than its volumes."""
        return max(self.total - self._charged, 0)

    def charge(self, volume_id: str, size: int) -> None:
        """The volume takes `size` bytes from now on. Raises Refusal RESOURCE_EXHAUSTED, charging nothing."""
        more = size - self._charges.get(volume_id, 0)
        if more > self.free:
            raise exhausted(f"the pool has {self.free} bytes left, the volume needs {more} more; free some")
        self.restore(volume_id, size)

    def restore(self, volume_id: str, size: int) -> None:
        """The volume takes `size` bytes, whatever is left: for what was promised before."""
        self._charged += size - self._charges.get(volume_id, 0)
        self._charges[volume_id] = size

    def release(self, volume_id: str) -> None:
        self._charged -= self._charges.pop(volume_id, 0)


class VolumeTable:
    """Volumes by id. A change is on disk before it can be seen here."""

    def __init__(self, folder: RecordFolder, blocking: BlockingCalls, ledger: CapacityLedger) -> None:
        self.ledger = ledger
        self._folder = folder
        self._blocking = blocking
        self._records: dict[str, VolumeRecord] = {}
        self._deleting: dict[str, VolumeRecord] = {}

    def restore(self, records: Iterable[VolumeRecord], deleting: Iterable[VolumeRecord]) -> None:
        """Take over what was found on disk at the start."""
        self._records = {record.volume_id: record for record in records}
        self._deleting = {record.volume_id: record for record in deleting}
        for record in (*self._records.values(), *self._deleting.values()):
            self.ledger.restore(record.volume_id, promised_bytes(record))

    def find(self, volume_id: str) -> VolumeRecord | None:
        return self._records.get(volume_id)

    def get(self, volume_id: str) -> VolumeRecord:
        """Raises Refusal NOT_FOUND."""
        record = self._records.get(volume_id)
        if record is None:
            raise not_found(volume_id)
        return record

    def growing(self) -> list[VolumeRecord]:
        """Volumes whose growth has begun and has not ended."""
        return [record for _, record in sorted(self._records.items()) if record.growing_to]

    def being_deleted(self, volume_id: str) -> VolumeRecord | None:
        return self._deleting.get(volume_id)

    def ids(self) -> list[str]:
        """All volume ids, sorted."""
        return sorted(self._records)

    async def put(self, record: VolumeRecord, storage: Path | None = None) -> VolumeRecord:
        """Make the record durable, then visible. Returns it. RESOURCE_EXHAUSTED: the disk is full.

        `storage` is a file that the record speaks of in a new way: it is durable before the record is.
        """
        try:
            await self._blocking.call(self._folder.write, record, storage)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise exhausted("the disk under the pool is full, even for a record; free some") from error
            raise
        self._records[record.volume_id] = record
        return record

    async def discard(self, volume_id: str) -> None:
        """Take back a record that could not be made durable, whatever part of it is there."""
        self._records.pop(volume_id, None)
        await self._blocking.call(self._folder.discard, volume_id)

    async def bury(self, volume_id: str) -> VolumeRecord:
        """The volume is gone for everyone but its deletion, which will be finished."""
        await self._blocking.call(self._folder.bury, volume_id)
        record = self._records.pop(volume_id)
        self._deleting[volume_id] = record
        return record

    async def forget(self, volume_id: str) -> None:
        """The deletion is complete: its capacity is free."""
        await self._blocking.call(self._folder.forget, volume_id)
        self._deleting.pop(volume_id, None)
        self.ledger.release(volume_id)


def promised_bytes(record: VolumeRecord) -> int:
    """What the volume takes from the pool, an unfinished growth included."""
    return max(record.allocated_bytes, allocated_bytes(record.layout, record.growing_to))
