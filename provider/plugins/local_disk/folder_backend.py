"""Volumes as plain folders: no root, no mounts, and no size limits. Capacity is counted, not enforced.

Staging leaves a symbolic link `volume` in the staging folder; publishing makes the target path a symbolic
link to the volume's folder. Read-only publication is not possible without mounts and is refused.
"""

from __future__ import annotations

import os
from pathlib import Path

from provider.plugins.local_disk import paths
from provider.plugins.local_disk.backend import Usage
from provider.plugins.local_disk.blocking import BlockingCalls
from provider.plugins.local_disk.geometry import Layout
from provider.plugins.local_disk.records import Publication, RecordFolder, VolumeRecord
from provider.plugins.local_disk.refusals import failed_precondition, internal, invalid_argument
from provider.plugins.local_disk.requests import Capability, check_parameters
from provider.plugins.local_disk.steps import Steps
from provider.removal import remove_tree

SUFFIX = "folder"
STAGED_LINK = "volume"

COUNTED_ENTRIES = 100_000
"""Files that are counted for a volume's usage; beyond, usage is answered without what is used."""


class FolderBackend:
    """Implements Backend."""

    name = "dir"
    enforced = False

    def __init__(self, folder: RecordFolder, blocking: BlockingCalls, steps: Steps) -> None:
        self._folder = folder
        self._blocking = blocking
        self._steps = steps

    def layout(self, capability: Capability, parameters: dict[str, str]) -> Layout:
        check_parameters(parameters, ())
        if capability.access_type == "block":
            raise invalid_argument("block volumes need the image backend: this pool has folders only")
        if capability.fs_type:
            raise invalid_argument(
                f"fs_type {capability.fs_type[:64]!r} needs the image backend; leave it empty"
            )
        if capability.mode == "SINGLE_NODE_READER_ONLY":
            raise invalid_argument("SINGLE_NODE_READER_ONLY needs the image backend: folders are writable")
        if capability.mount_flags:
            raise invalid_argument("mount flags need the image backend: folders are not mounted")
        return Layout("mount", "")

    async def recover(self, existing: set[str], deleting: set[str]) -> None:
        await self._blocking.call(self._remove_strays, existing, deleting)

    def _remove_strays(self, existing: set[str], deleting: set[str]) -> None:
        for volume_id in sorted(self._folder.stored(SUFFIX) - existing):
            folder = self._folder.storage_path(volume_id, SUFFIX)
            if volume_id not in deleting and any(folder.iterdir()):
                self._folder.set_aside(folder)
            else:
                remove_tree(folder)

    async def allocate(self, record: VolumeRecord, allocated: int) -> Path | None:
        try:
            await self._blocking.call(lambda: self._storage(record).mkdir(mode=0o755, exist_ok=True))
        except OSError as error:
            raise internal(f"cannot make {self._storage(record)}: {error.strerror}") from error
        return None

    async def release(self, record: VolumeRecord) -> None:
        await self._blocking.call(remove_tree, self._storage(record))

    async def why_busy(self, record: VolumeRecord) -> str:
        for publication in record.publications:
            if await self.is_published(record, publication):
                return f"it is published at {publication.target}"
        if await self.is_staged(record):
            return f"it is staged at {self._staged_link(record)}"
        return ""

    async def stage(self, record: VolumeRecord) -> VolumeRecord:
        if not await self._blocking.call(self._storage(record).is_dir):
            raise internal(
                f"{self._storage(record)} is gone, and the volume's data with it; delete the volume"
            )
        await self._blocking.call(paths.make_link, self._staged_link(record), self._storage(record))
        self._steps.reached(record.volume_id, "stage: linked")
        return record

    async def is_staged(self, record: VolumeRecord) -> bool:
        if record.staging is None:
            return False
        return await self._blocking.call(paths.is_link_to, self._staged_link(record), self._storage(record))

    async def unstage(self, record: VolumeRecord) -> None:
        if await self.is_staged(record):
            await self._blocking.call(paths.remove_target, self._staged_link(record))
            self._steps.reached(record.volume_id, "unstage: link removed")

    async def check_publication(self, record: VolumeRecord, publication: Publication) -> None:
        if publication.read_only:
            raise failed_precondition(
                "read-only publication needs the image backend: folders are not mounted"
            )
        await self._blocking.call(paths.check_link_place, publication.target, self._storage(record))

    async def publish(self, record: VolumeRecord, publication: Publication) -> None:
        await self._blocking.call(paths.make_link, publication.target, self._storage(record))
        self._steps.reached(record.volume_id, "publish: linked")

    async def is_published(self, record: VolumeRecord, publication: Publication) -> bool:
        return await self._blocking.call(paths.is_link_to, publication.target, self._storage(record))

    async def unpublish(self, record: VolumeRecord, publication: Publication) -> None:
        if await self.is_published(record, publication):
            await self._blocking.call(paths.remove_target, publication.target)
            self._steps.reached(record.volume_id, "unpublish: link removed")

    async def grow_in_use(self, record: VolumeRecord) -> VolumeRecord:
        return record

    async def usage(self, record: VolumeRecord, path: str) -> Usage:
        used = await self._blocking.call(used_bytes, self._storage(record))
        if used is None:
            return Usage(total=record.size_bytes)
        return Usage(total=record.size_bytes, used=used, available=max(record.size_bytes - used, 0))

    def _storage(self, record: VolumeRecord) -> Path:
        return self._folder.storage_path(record.volume_id, SUFFIX)

    def _staged_link(self, record: VolumeRecord) -> str:
        if record.staging is None:
            raise failed_precondition(f"volume {record.volume_id} is not staged; stage it first")
        return str(Path(record.staging.path, STAGED_LINK))


def used_bytes(folder: Path) -> int | None:
    """Bytes allocated to the files in a folder; None when there are too many to count."""
    total = entries = 0
    for parent, _, files in os.walk(folder):
        for name in files:
            entries += 1
            if entries > COUNTED_ENTRIES:
                return None
            try:
                total += Path(parent, name).lstat().st_blocks * 512
            except FileNotFoundError:
                continue
    return total
