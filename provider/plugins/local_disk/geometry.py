"""How many bytes a volume of a size takes from the pool, and how large a volume some bytes allow.

Pure arithmetic, no I/O. An image holds the volume and the filesystem's own tables, so that `df` shows
about the volume's size:

- bare (BLOCK) and directories: nothing on top;
- ext4: 8 KiB in each MiB for journal, bitmaps and descriptors, and an inode of 256 bytes for each
  `bytes_per_inode`. Proportional, so that capacity adds up: a pool that offers A bytes offers exactly
  A - S after a volume of S. From 128 MiB on the filesystem is within 0.2 % of the volume's size (0.5 %
  with 4 KiB per inode: mkfs drops a last block group that is too small for its tables); below, it is
  about 1 MiB smaller, for the smallest journal;
- xfs: 64 MiB for its log, for each volume. A pool that offers A bytes offers A - S - 64 MiB afterwards.

Sizes are whole MiB.
"""

from __future__ import annotations

from typing import Literal

import msgspec

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB
TIB = 1024 * GIB

AccessType = Literal["mount", "block"]
FilesystemType = Literal["", "ext4", "xfs"]

MAXIMUM_VOLUME_BYTES = 15 * TIB
"""Largest volume; an image must stay below the 16 TiB that an ext4 pool allows a file."""

BYTES_PER_INODE_CHOICES = (4096, 8192, 16384, 32768, 65536)
DEFAULT_BYTES_PER_INODE = 16384
INODE_BYTES = 256

EXT4_TABLES_PER_MIB = 8 * KIB
EXT4_LARGE_BLOCKS_FROM = 512 * MIB
EXT4_LARGEST_JOURNAL = GIB
XFS_LOG_BYTES = 64 * MIB

MINIMUM_BYTES: dict[FilesystemType, int] = {"": MIB, "ext4": 8 * MIB, "xfs": 300 * MIB}


class Layout(msgspec.Struct, frozen=True):
    """What lies in a volume. `fs_type` is "" for BLOCK volumes and for directories."""

    access_type: AccessType
    fs_type: FilesystemType
    bytes_per_inode: int = DEFAULT_BYTES_PER_INODE


def whole_mib(size: int) -> int:
    """The size in bytes rounded up to a whole MiB."""
    return -(-size // MIB) * MIB


def minimum_bytes(layout: Layout) -> int:
    return MINIMUM_BYTES[layout.fs_type]


def allocated_bytes(layout: Layout, size: int) -> int:
    """Bytes that a volume of `size` (whole MiB) takes from the pool; a multiple of 4 KiB."""
    return size + _fixed_bytes(layout) + size // MIB * _bytes_per_mib(layout)


def largest_size(layout: Layout, free: int) -> int:
    """The largest volume, in whole MiB, that fits in `free` bytes; 0 when none does."""
    mib = (free - _fixed_bytes(layout)) // (MIB + _bytes_per_mib(layout))
    return min(max(mib, 0) * MIB, MAXIMUM_VOLUME_BYTES)


def ext4_block_bytes(size: int) -> int:
    """Large blocks suit large volumes; small ones leave room for a journal in a small volume."""
    return 4096 if size >= EXT4_LARGE_BLOCKS_FROM else 1024


def ext4_journal_mib(size: int) -> int:
    """1/128 of the volume, at least the 1024 blocks that ext4 wants."""
    least = 1024 * ext4_block_bytes(size)
    return min(max(size // 128, least), EXT4_LARGEST_JOURNAL) // MIB


def _fixed_bytes(layout: Layout) -> int:
    return XFS_LOG_BYTES if layout.fs_type == "xfs" else 0


def _bytes_per_mib(layout: Layout) -> int:
    if layout.fs_type != "ext4":
        return 0
    return EXT4_TABLES_PER_MIB + MIB // layout.bytes_per_inode * INODE_BYTES
