"""What a `disk` resource is: where it comes from, what persists on it, how a container sees it.

Plain values. Whether a disk exists, and what may be done with it, is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from api.model.errors import InvalidRequest

Labels = tuple[tuple[str, str | None], ...]

# A persistence id names a folder or a device on some hosts: the limit of a file's name.
MAX_PERSISTENCE_ID_LENGTH = 255

DEFAULT_COST_MILLI = 1000


class InvalidPersistenceId(InvalidRequest, ValueError):
    """The text cannot name a persistent volume; the message says why."""


class SourceType(StrEnum):
    """Kinds of disk source; the value is the name on the wire."""

    RAW = "RAW"  # a storage pool; with an id, a pre-existing disk
    PATH = "PATH"
    MOUNT = "MOUNT"
    BLOCK = "BLOCK"


def sorted_labels(labels: Labels) -> Labels:
    """Labels in the one order in which equal sets of labels are equal tuples."""
    if len(labels) < 2:
        return labels
    return tuple(sorted(labels, key=lambda label: (label[0], label[1] is not None, label[1] or "")))


@dataclass(frozen=True, slots=True)
class DiskSource:
    """Where a disk comes from.

    root: `mount.root` or `path.root` of the message.
    capacity_group: pools with one group draw on the same physical capacity (extension).
    cost_milli: physical units that one unit of this pool takes, in thousandths (extension).

    Invariant: capacity_group and cost_milli follow from the other fields and describe, they do not
    identify. Equality leaves them out, so that a scheduler that knows nothing of the extensions and
    returns a disk without them names the same disk.
    """

    type: SourceType
    root: str | None = None
    id: str | None = None
    metadata: Labels = ()
    profile: str | None = None
    vendor: str | None = None
    capacity_group: str | None = field(default=None, compare=False)
    cost_milli: int = field(default=DEFAULT_COST_MILLI, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "metadata", sorted_labels(self.metadata))
        identity = (self.type, self.root, self.id, self.metadata, self.profile, self.vendor)
        object.__setattr__(self, "_hash", hash(identity))

    def __hash__(self) -> int:
        return self._hash

    @property
    def is_pool(self) -> bool:
        """Whether this is a storage pool, from which disks of any size are cut."""
        return self.type is SourceType.RAW and self.id is None

    @property
    def is_indivisible(self) -> bool:
        """Whether a disk of this source exists only as a whole."""
        return self.type in (SourceType.MOUNT, SourceType.BLOCK) or (
            self.type is SourceType.RAW and self.id is not None
        )

    def __str__(self) -> str:
        inner = ",".join(part for part in (self.id, self.profile) if part is not None)
        return f"{self.type}({inner})" if inner else str(self.type)


@dataclass(frozen=True, slots=True)
class Persistence:
    """That data on the disk stays. `principal`: who created the volume, if known."""

    id: str
    principal: str | None = None


@dataclass(frozen=True, slots=True)
class VolumeMount:
    """How a container sees the disk."""

    container_path: str
    read_only: bool = False
    host_path: str | None = None


@dataclass(frozen=True, slots=True)
class Disk:
    """The `disk` part of a resource.

    Invariant: `volume` says how the disk is used, not what it is, so equality leaves it out.
    """

    source: DiskSource | None = None
    persistence: Persistence | None = None
    volume: VolumeMount | None = field(default=None, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.source, self.persistence)))

    def __hash__(self) -> int:
        return self._hash

    @property
    def is_pool(self) -> bool:
        """Whether this is a storage pool (RAW without an id)."""
        return self.source is not None and self.source.is_pool

    @property
    def is_indivisible(self) -> bool:
        """Whether it exists only as a whole: MOUNT, BLOCK, RAW with an id, or anything persistent."""
        return self.persistence is not None or (self.source is not None and self.source.is_indivisible)

    def __str__(self) -> str:
        parts = [
            str(self.source) if self.source else None,
            self.persistence.id if self.persistence else None,
            self.volume.container_path if self.volume else None,
        ]
        return ":".join(part for part in parts if part is not None)


def validate_persistence_id(text: str) -> None:
    """Accept what can name a volume. Raises InvalidPersistenceId; the caller changes the name."""
    if not text:
        raise InvalidPersistenceId("the persistence id is empty: give the volume a name")
    if len(text.encode()) > MAX_PERSISTENCE_ID_LENGTH:
        raise InvalidPersistenceId(
            f"persistence id {text[:40]!r}... is longer than {MAX_PERSISTENCE_ID_LENGTH} bytes: shorten it"
        )
    if text in (".", "..") or any(c in "/\\" or not c.isprintable() for c in text):
        raise InvalidPersistenceId(
            f"persistence id {text!r} cannot name a volume: leave out '/', '\\' and control characters, "
            "and do not use '.' or '..'"
        )
