"""Making and growing the filesystems in images, with the system's tools.

A filesystem is made in the image file itself, before any device is attached to it. While a tool runs it
holds a lock on the image, which it inherits: when the plugin is killed and the tool is not, the next
plugin sees the lock and waits for its turn. What is a volume, and when it is formatted, is not known here.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from provider.plugins.local_disk.commands import CommandFailed, CommandRunner
from provider.plugins.local_disk.geometry import (
    INODE_BYTES,
    MIB,
    XFS_LOG_BYTES,
    Layout,
    ext4_block_bytes,
    ext4_journal_mib,
)
from provider.plugins.local_disk.refusals import GrowsAtStaging, aborted, internal

FORMAT_SECONDS = 120.0
GROW_SECONDS = 600.0
"""Checking and growing read the whole of a filesystem's tables."""

GROWTH_FACTOR = 16
"""Room kept in an ext4 filesystem's descriptors, as a multiple of its first size; beyond, it still grows."""

FSCK_DONE_OR_MENDED = (0, 1)

GROWTH_WAS_INTERRUPTED = (
    "Inode 7 has illegal block(s)",
    "Resize inode not valid",
    "Superblock checksum does not match superblock",
)
"""What e2fsck says of a filesystem whose growth was killed between two writes: inode 7, which holds room for
more descriptors, is ahead of them or behind, or the superblock, which has whole copies, is partly written."""


class Filesystems:
    """Makes and grows filesystems. Raises Refusal INTERNAL with the tool's last line when it fails."""

    def __init__(self, runner: CommandRunner) -> None:
        self._runner = runner

    async def make(self, image: Path, layout: Layout, size: int, label: str) -> None:
        """An empty filesystem over the whole image. Whatever was in it is gone."""
        arguments = xfs_arguments() if layout.fs_type == "xfs" else ext4_arguments(image, layout, size)
        async with image_lock(image) as descriptor:
            await self._run([*arguments, "-L", label, str(image)], FORMAT_SECONDS, inherit=(descriptor,))

    async def check(self, image: Path) -> None:
        """Mend an ext4 filesystem that is not mounted, as far as that loses nothing."""
        async with image_lock(image) as descriptor:
            await self._check(image, descriptor)

    async def grow_detached(self, image: Path) -> None:
        """Let an ext4 filesystem that is not mounted fill its image."""
        async with image_lock(image) as descriptor:
            await self._check(image, descriptor)
            await self._run(["resize2fs", str(image)], GROW_SECONDS, inherit=(descriptor,))

    async def _check(self, image: Path, descriptor: int) -> None:
        """resize2fs that was killed half-way leaves descriptors in the resize inode that do not go with the
        size that is written so far, or a superblock without its checksum. No file is touched by that, but
        e2fsck mends it only when it is told to."""
        try:
            await self._runner.run(
                ["e2fsck", "-f", "-p", str(image)],
                seconds=GROW_SECONDS,
                allowed=FSCK_DONE_OR_MENDED,
                inherit=(descriptor,),
            )
        except CommandFailed as error:
            if not any(words in error.output for words in GROWTH_WAS_INTERRUPTED):
                raise internal(str(error)) from error
            arguments = ["e2fsck", "-f", "-y", str(image)]
            await self._run(arguments, GROW_SECONDS, FSCK_DONE_OR_MENDED, inherit=(descriptor,))

    async def grow_mounted(self, layout: Layout, device: str, mount_point: str) -> None:
        """Let a mounted filesystem fill its device.

        Raises GrowsAtStaging where the kernel does not permit ext4 to grow while mounted
        (CAP_SYS_RESOURCE is missing): the filesystem is grown when the volume is staged next.
        """
        if layout.fs_type == "xfs":
            await self._run(["xfs_growfs", mount_point], GROW_SECONDS)
            return
        try:
            await self._runner.run(["resize2fs", device], seconds=GROW_SECONDS)
        except CommandFailed as error:
            if "permission denied" in error.output.lower() or "not permitted" in error.output.lower():
                raise GrowsAtStaging(
                    "this host does not permit a mounted ext4 filesystem to grow (CAP_SYS_RESOURCE); "
                    "unpublish, unstage and stage the volume: staging grows it"
                ) from error
            raise internal(str(error)) from error

    async def _run(
        self,
        arguments: list[str],
        seconds: float,
        allowed: tuple[int, ...] = (0,),
        inherit: tuple[int, ...] = (),
    ) -> None:
        try:
            await self._runner.run(arguments, seconds=seconds, allowed=allowed, inherit=inherit)
        except CommandFailed as error:
            raise internal(str(error)) from error


def ext4_arguments(image: Path, layout: Layout, size: int) -> list[str]:
    block = ext4_block_bytes(size)
    return [
        "mkfs.ext4", "-q", "-F",
        "-b", str(block),
        "-I", str(INODE_BYTES),
        "-N", str(size // layout.bytes_per_inode),
        "-m", "0",
        "-e", "remount-ro",
        "-J", f"size={ext4_journal_mib(size)}",
        "-E", f"nodiscard,lazy_itable_init=0,lazy_journal_init=0,resize={_growth_limit(image, block)}",
    ]  # fmt: skip


def _growth_limit(image: Path, block: int) -> int:
    return min(image.stat().st_size // block * GROWTH_FACTOR, 2**32 - 1)


def xfs_arguments() -> list[str]:
    return ["mkfs.xfs", "-q", "-f", "-K", "-l", f"size={XFS_LOG_BYTES // MIB}m"]


@asynccontextmanager
async def image_lock(image: Path) -> AsyncIterator[int]:
    """Holds the image's lock; yields the descriptor that a tool inherits.

    Raises Refusal ABORTED while a tool that an earlier plugin started still works on the image.
    """
    descriptor = os.open(image, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise aborted(f"a tool still works on {image.name}; repeat the call when it has ended") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)
