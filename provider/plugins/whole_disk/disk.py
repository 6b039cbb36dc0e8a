"""The disk that is served: whether it is there still, how large it is, at which paths it was put.

Blocking: call through BlockingCalls. Nothing is remembered: the kernel is asked each time. It must not open
the disk for writing.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provider.plugins.local_disk import paths
from provider.plugins.local_disk.mounts import KernelMounts, Mount
from provider.plugins.local_disk.refusals import already_exists, invalid_argument
from provider.plugins.local_disk.requests import STRING_BYTES
from provider.plugins.whole_disk.claim import claim

BLKGETSIZE64: Final = 0x80081272
PLUGIN_NAME: Final = "whole-disk.orlop"
"""GetPluginInfo.name."""

VOLUME_ID: Final = re.compile(rf"[!-~]{{1,{STRING_BYTES}}}")
"""What a disk can be called in CSI, by us: visible characters."""

SYS_BLOCK: Final = Path("/sys/dev/block")


class AnotherDisk(OSError):
    """What has the name now is not the disk that is served."""


@dataclass(frozen=True)
class Disk:
    """`path`: its node. `volume_id`: what it is called in CSI. `sequence`: the kernel's number of this
    attachment, empty where it gives none: a disk that is attached later under the same name has another.
    `owner`: for whom it is claimed (`claim`)."""

    path: str
    volume_id: str
    sequence: str = ""
    owner: str = ""

    def number(self) -> tuple[int, int]:
        """Major and minor. Raises OSError, AnotherDisk."""
        status = Path(self.path).stat()
        if not stat.S_ISBLK(status.st_mode):
            raise AnotherDisk(errno.ENOTBLK, "it is no block device", self.path)
        number = os.major(status.st_rdev), os.minor(status.st_rdev)
        if self.sequence and _sequence(number) not in ("", self.sequence):
            raise AnotherDisk(errno.ENODEV, "another disk has the name now", self.path)
        return number

    def hold(self) -> int:
        """A descriptor: as long as somebody has it, no other disk gets this one's name and number, which is
        all that a node at a target is. It is locked (flock): nobody who asks for that has the disk beside us;
        and claimed, as it is by the owner while we are away.

        Raises BlockingIOError: somebody else has it locked or claimed; OSError, AnotherDisk.
        """
        descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            claim(descriptor, self.owner)
            status = os.fstat(descriptor)
            if (os.major(status.st_rdev), os.minor(status.st_rdev)) != self.number():
                raise AnotherDisk(errno.ENODEV, "another disk has the name now", self.path)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def size(self) -> int:
        """Bytes. Raises OSError, AnotherDisk."""
        self.number()
        descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return int(struct.unpack("Q", fcntl.ioctl(descriptor, BLKGETSIZE64, bytes(8)))[0])
        finally:
            os.close(descriptor)


def publish(disk: Disk, target: str, mounts: KernelMounts) -> None:
    """The disk's node is at `target`, which is made. Raises OSError, Refusal."""
    number = disk.number()
    top = mounts.at(target)
    if top is None:
        paths.make_file(target)
        mounts.bind(disk.path, target)
    elif number_at(target) != number:
        raise already_exists(f"something else is mounted at {target}; unpublish it there first")


def unpublish(target: str, mounts: KernelMounts) -> None:
    """No disk is at `target` any more, and its file has gone. Raises OSError, Refusal."""
    mounts.unmount(target, is_node)
    if mounts.at(target) is not None:
        raise invalid_argument(f"{target} is the mount of something else")
    paths.remove_target(target)


def is_published(disk: Disk, target: str, mounts: KernelMounts) -> bool:
    """Whether it is there. Raises OSError, AnotherDisk."""
    return mounts.at(target) is not None and number_at(target) == disk.number()


def is_node(mount: Mount) -> bool:
    """Whether a block device's node was put there, of a disk that may have gone since."""
    return number_at(mount.point) is not None


def number_at(path: str) -> tuple[int, int] | None:
    """Of the block device whose node is at `path`; None for anything else."""
    try:
        status = Path(path).lstat()
    except OSError:
        return None
    if not stat.S_ISBLK(status.st_mode):
        return None
    return os.major(status.st_rdev), os.minor(status.st_rdev)


def _sequence(number: tuple[int, int]) -> str:
    """A partition has its disk's."""
    device = SYS_BLOCK / f"{number[0]}:{number[1]}"
    for place in (device, device / ".."):
        try:
            return (place / "diskseq").read_text().strip()
        except OSError:
            continue
    return ""
