"""What the plugin remembers of each volume, and the folder where it does.

One JSON file per volume, replaced as a whole and synced before anyone is told. A record says what is
promised and intended; whether something is attached or mounted is the kernel's to say, never a record's.
No decisions here.

A pool's `volumes` folder holds, for a volume ID:

    ID.json       the record: the volume exists
    ID.image      its storage (image backend), or
    ID.folder/    its storage (dir backend)
    ID.deleting   the record of a volume whose deletion has begun and will be finished
    ID.image.kept-1, ID.folder.kept-1   storage with data in it that was found without a record
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import os
import re
from pathlib import Path
from typing import Literal

import msgspec

from provider.plugins.local_disk import durable_files
from provider.plugins.local_disk.geometry import Layout

LOG = logging.getLogger(__name__)

RECORD_FORMAT = 1
VOLUME_ID = re.compile(r"v-[0-9a-f]{40}")

AccessMode = Literal[
    "SINGLE_NODE_WRITER",
    "SINGLE_NODE_READER_ONLY",
    "SINGLE_NODE_SINGLE_WRITER",
    "SINGLE_NODE_MULTI_WRITER",
]


def volume_id_of(name: str) -> str:
    """The id of the volume of that name. Always the same, and always a safe file name."""
    return "v-" + hashlib.sha256(name.encode()).hexdigest()[:40]


class Staging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """NodeStageVolume was asked for this. Whether it is so, the backend finds out."""

    path: str
    mount_flags: tuple[str, ...] = ()


class Publication(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """NodePublishVolume was asked for this. Whether it is so, the backend finds out."""

    target: str
    read_only: bool
    mode: AccessMode


class VolumeRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A volume as it was promised. Sizes in bytes.

    Invariant: `filesystem_bytes` is 0 until a filesystem was made and synced; then it is the image
    length that the filesystem was last made or grown for, at most `allocated_bytes`.
    Invariant: `growing_to` is 0, or the size that an unfinished growth is to reach; whoever asked for that
    was not answered, and storage may have any length from `allocated_bytes` to what that size takes.
    """

    volume_id: str
    name: str
    size_bytes: int
    allocated_bytes: int
    layout: Layout
    modes: tuple[AccessMode, ...]
    parameters: dict[str, str]
    filesystem_bytes: int = 0
    growing_to: int = 0
    staging: Staging | None = None
    publications: tuple[Publication, ...] = ()
    format: int = RECORD_FORMAT

    def publication_at(self, target: str) -> Publication | None:
        return next((each for each in self.publications if each.target == target), None)

    def with_publication(self, publication: Publication) -> VolumeRecord:
        others = self.without_publication(publication.target).publications
        return msgspec.structs.replace(self, publications=(*others, publication))

    def without_publication(self, target: str) -> VolumeRecord:
        left = tuple(each for each in self.publications if each.target != target)
        return msgspec.structs.replace(self, publications=left)


class RecordFolder:
    """The records on disk. Blocking: call through BlockingCalls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._entries = durable_files.SharedFolderSync(folder)

    def storage_path(self, volume_id: str, suffix: str) -> Path:
        """Where a volume's storage lies. ValueError unless the id is one that this plugin makes."""
        if not VOLUME_ID.fullmatch(volume_id):
            raise ValueError(f"not a volume id of this plugin: {volume_id[:128]!r}")
        return self.folder / f"{volume_id}.{suffix}"

    def write(self, record: VolumeRecord, storage: Path | None = None) -> None:
        """Durable at the end, and what the file `storage` holds is durable before."""
        path = self.storage_path(record.volume_id, "json")
        durable_files.replace_file(path, msgspec.json.encode(record), after=storage)
        self._entries.sync()

    def bury(self, volume_id: str) -> None:
        """From here on the volume is being deleted, whatever happens to this process."""
        self.storage_path(volume_id, "json").rename(self.storage_path(volume_id, "deleting"))
        self._entries.sync()

    def forget(self, volume_id: str) -> None:
        """The deletion is complete. Not synced: an entry that comes back is deleted once more."""
        self.storage_path(volume_id, "deleting").unlink(missing_ok=True)

    def discard(self, volume_id: str) -> None:
        """The volume was never made: drop what was written of its record."""
        self.storage_path(volume_id, "json").unlink(missing_ok=True)
        self.storage_path(volume_id, "json.new").unlink(missing_ok=True)

    def load(self) -> list[VolumeRecord]:
        """All records. ValueError names one that cannot be read: an operator restores or removes it."""
        return [self._read(path) for path in self._ours("json")]

    def buried(self) -> list[VolumeRecord]:
        """Volumes whose deletion has begun."""
        return [self._read(path) for path in self._ours("deleting")]

    def stored(self, suffix: str) -> set[str]:
        """Ids of the volumes that have storage of that kind, with a record or without."""
        return {path.stem for path in self._ours(suffix)}

    def set_aside(self, storage: Path) -> Path:
        """Storage that nobody accounts for gets a name that no volume has. Returns where it is now."""
        for number in itertools.count(1):
            aside = storage.with_name(f"{storage.name}.kept-{number}")
            if not os.path.lexists(aside):
                break
        storage.rename(aside)
        self._entries.sync()
        LOG.warning(
            "%s holds data and has no record: kept as %s; restore its name and record, or remove it",
            storage.name,
            aside,
        )
        return aside

    def remove_unfinished(self) -> None:
        """Drop what an interrupted write left."""
        for path in self._ours("json.new"):
            path.unlink(missing_ok=True)

    def _ours(self, suffix: str) -> list[Path]:
        """Entries of that kind that this plugin made, by volume id. Whatever others put here is not seen."""
        found = self.folder.glob(f"v-*.{suffix}")
        return sorted(path for path in found if VOLUME_ID.fullmatch(path.name.removesuffix(f".{suffix}")))

    def _read(self, path: Path) -> VolumeRecord:
        try:
            record = msgspec.json.decode(path.read_bytes(), type=VolumeRecord)
        except msgspec.MsgspecError as error:
            raise ValueError(
                f"{path}: not a readable volume record ({error}); restore or remove it"
            ) from error
        if record.format != RECORD_FORMAT or record.volume_id != path.stem:
            raise ValueError(f"{path}: record of another format or volume; restore or remove it")
        return record
