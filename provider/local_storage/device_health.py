"""Whether a device that is in use still works: read directly, and asked of the kernel's own account of
errors.

What is cached would answer for a disk that has died long ago, so blocks are read past the cache. Blocking:
each call belongs in a thread. It must not: write, or decide what follows.
"""

from __future__ import annotations

import errno
import mmap
import os
from pathlib import Path
from typing import Final

BLOCK_BYTES: Final = 4096
EXT4_STATE: Final = Path("/proc/fs/ext4")
"""What each mounted ext4 filesystem runs with, by its device's name, whatever mount namespace it is in."""

EXT4_ACCOUNT: Final = Path("/sys/fs/ext4")
READ_ONLY: Final = frozenset({"ro", "emergency_ro", "shutdown"})


def trouble(path: str, turn: int) -> str:
    """What is wrong with the device and the filesystem on it, in words; empty when all is well.

    `turn` chooses, from one look to the next, another block to be read beside the first and the last.
    """
    found = [_reading(path, turn), _filesystem(path.rpartition("/")[2])]
    return "; ".join(each for each in found if each)


def _reading(path: str, turn: int) -> str:
    try:
        device = os.open(path, os.O_RDONLY | os.O_DIRECT | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return f"it cannot be opened: {error.strerror}"
    try:
        blocks = os.lseek(device, 0, os.SEEK_END) // BLOCK_BYTES
        if blocks == 0:
            return "it has no bytes any more"
        for block in {0, turn * 2654435761 % blocks, blocks - 1}:
            _read(device, block * BLOCK_BYTES)
    except OSError as error:
        return f"reading it answers {errno.errorcode.get(error.errno or 0, '')}: {error.strerror}"
    finally:
        os.close(device)
    return ""


def _read(device: int, offset: int) -> None:
    with mmap.mmap(-1, BLOCK_BYTES) as page:  # reading past the cache wants memory that is aligned
        if os.preadv(device, [page], offset) < BLOCK_BYTES:
            raise OSError(errno.EIO, os.strerror(errno.EIO))


def _filesystem(name: str) -> str:
    found = []
    options = _text(EXT4_STATE / name / "options").split("\n")
    if READ_ONLY & set(options):
        found.append("its filesystem has become read-only")
    errors = _text(EXT4_ACCOUNT / name / "errors_count")
    if errors not in ("", "0"):
        what = _text(EXT4_ACCOUNT / name / "last_error_errcode")
        found.append(f"its filesystem met {errors} errors" + (f", the last one code {what}" if what else ""))
    return "; ".join(found)


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""
