"""What a backend does for the plugin: keep a volume's storage, and make it usable at a path.

The interface only. Calls arrive one at a time per volume (in_flight), with the intent recorded already;
each method brings about what its name says from whatever state an earlier, interrupted one left.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from provider.plugins.local_disk.geometry import Layout
from provider.plugins.local_disk.records import Publication, VolumeRecord
from provider.plugins.local_disk.requests import Capability


@dataclass(frozen=True)
class Usage:
    """Bytes and inodes of a volume as NodeGetVolumeStats tells them; None: not known or no such thing."""

    total: int
    used: int | None = None
    available: int | None = None
    inodes: int | None = None
    inodes_used: int | None = None
    inodes_free: int | None = None


class Backend(Protocol):
    """Raises Refusal from every method; never returns half-done."""

    @property
    def name(self) -> str:
        """As in --backend and in a volume's context."""

    @property
    def enforced(self) -> bool:
        """Whether a volume cannot hold more than its size."""

    def layout(self, capability: Capability, parameters: dict[str, str]) -> Layout:
        """What a volume of that capability looks like. INVALID_ARGUMENT: this backend has no such volumes."""

    async def recover(self, existing: set[str], deleting: set[str]) -> None:
        """At the start: remove storage of volumes that are being deleted or never came to be.

        Storage that holds data and has no record may be a volume whose record was lost: it is set aside.
        """

    async def allocate(self, record: VolumeRecord, allocated: int) -> Path | None:
        """The volume's storage takes `allocated` bytes. RESOURCE_EXHAUSTED: the disk is full.

        Returns the file that must be made durable with the record that says so, if there is one.
        """

    async def release(self, record: VolumeRecord) -> None:
        """The volume's storage is gone. It need not have been there."""

    async def why_busy(self, record: VolumeRecord) -> str:
        """What uses the volume now, in words; empty when nothing does."""

    async def stage(self, record: VolumeRecord) -> VolumeRecord:
        """Usable at `record.staging.path`, formatted, and as large as it should be where that is possible."""

    async def is_staged(self, record: VolumeRecord) -> bool:
        """Whether it really is, at `record.staging.path`."""

    async def unstage(self, record: VolumeRecord) -> None:
        """No longer at `record.staging.path`. FAILED_PRECONDITION: something has files there open."""

    async def check_publication(self, record: VolumeRecord, publication: Publication) -> None:
        """Refuse what cannot be published so, or there, before anything is recorded or made."""

    async def publish(self, record: VolumeRecord, publication: Publication) -> None:
        """Usable at the target path."""

    async def is_published(self, record: VolumeRecord, publication: Publication) -> bool:
        """Whether it really is."""

    async def unpublish(self, record: VolumeRecord, publication: Publication) -> None:
        """No longer at the target path, which is gone. FAILED_PRECONDITION: files there are open."""

    async def grow_in_use(self, record: VolumeRecord) -> VolumeRecord:
        """What uses the staged volume sees its new size. GrowsAtStaging: only when it is staged next."""

    async def usage(self, record: VolumeRecord, path: str) -> Usage:
        """How full the volume is that is usable at this path."""
