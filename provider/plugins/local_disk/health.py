"""Whether a mounted filesystem still works, and whether one that is not mounted knows of errors in itself.

Blocking: call through BlockingCalls. It only looks; what is done about it is the backend's.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from provider.plugins.local_disk import durable_files
from provider.plugins.local_disk.mounts import Mount

EXT4_STATE_AT = 1024 + 0x3A
"""Where an ext4 filesystem keeps its state: in the superblock, which begins after 1024 bytes."""

EXT4_ERRORS = 2


def why_dead(mount: Mount, meant_read_only: bool) -> str:
    """What is wrong with the filesystem that is mounted there, in words; empty when it works."""
    try:
        durable_files.sync_folder(Path(mount.point))  # what is cached can be read of a dead one, too
    except OSError as error:
        return f"its top folder answers: {error.strerror}"
    if mount.filesystem_read_only and not meant_read_only:
        return "it has become read-only after an error"
    return ""


def ext4_knows_of_errors(image: Path) -> bool:
    """The kernel has met an error in this ext4 filesystem, and no check has mended it since."""
    descriptor = os.open(image, os.O_RDONLY | os.O_CLOEXEC)
    try:
        (state,) = struct.unpack("<H", os.pread(descriptor, 2, EXT4_STATE_AT))
    finally:
        os.close(descriptor)
    return bool(state & EXT4_ERRORS)
