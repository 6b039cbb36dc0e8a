"""Looks at where volumes are published: whether something is mounted there, and whether it answers.

What is mounted is read from the kernel's table, which touches no file system. Only what is to be looked at
is asked for its state, each in a thread of its own, because a dead file system may not answer at all.
It must not: mount, unmount, or decide what follows.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
from collections.abc import Sequence
from pathlib import Path

from provider.events import MountProblem, MountState, PublishedMount
from provider.local_storage.host_threads import HostHangs, HostThreads

MOUNTINFO = Path("/proc/self/mountinfo")

PATIENCE = 5.0
"""Seconds that a file system has for saying how it is."""

GONE = frozenset({errno.ENOTCONN, errno.ESTALE, errno.ENXIO, errno.ENODEV, errno.ENOENT})
"""What a mount answers whose server or device is no longer there: nobody can use it any more."""


READ_ONLY = frozenset({b"ro", b"emergency_ro", b"shutdown"})
"""Options of a file system that takes no writing; the latter two by an error alone."""

WRITABLE = frozenset({b"ext2", b"ext3", b"ext4", b"xfs", b"btrfs", b"f2fs"})
"""Types that are mounted for writing unless it is asked for otherwise. Others may never take any."""

MOUNT_POINT = 4
"""Which field of a line of mountinfo says where it is mounted."""


def mount_points(table: bytes) -> frozenset[bytes]:
    """Where something is mounted, by the text of mountinfo, each as `escaped` writes it."""
    lines = (line.split(b" ", MOUNT_POINT + 1) for line in table.splitlines())
    return frozenset(fields[MOUNT_POINT] for fields in lines if len(fields) > MOUNT_POINT)


def turned_read_only(table: bytes) -> frozenset[bytes]:
    """Where a file system is mounted for writing that takes no writing any more: its own options say so, and
    those of the mount do not, as they would if that had been asked for."""
    found = set()
    for line in table.splitlines():
        mount, _, filesystem = line.partition(b" - ")
        fields = mount.split(b" ")
        if len(fields) <= MOUNT_POINT + 1 or b"ro" in fields[MOUNT_POINT + 1].split(b","):
            continue
        type_, _, options = filesystem.partition(b" ")
        if type_ in WRITABLE and READ_ONLY & frozenset(options.rpartition(b" ")[2].split(b",")):
            found.add(fields[MOUNT_POINT])
    return frozenset(found)


def escaped(path: str) -> bytes:
    """A path as mountinfo writes it."""
    return b"".join(b"\\%03o" % byte if byte in b" \t\n\\" else bytes((byte,)) for byte in os.fsencode(path))


def ask(path: str, block: bool) -> None:
    """Have a device, or the file system at `path`, say that it is there. Raises OSError."""
    if block:
        device = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if os.lseek(device, 0, os.SEEK_END) == 0:
                raise OSError(errno.ENXIO, "the device has no bytes", path)
        finally:
            os.close(device)
        return
    os.statvfs(path)
    with os.scandir(path) as entries:  # some say their size long after they have shut down
        next(entries, None)


async def examine(threads: HostThreads, mounts: Sequence[PublishedMount]) -> dict[str, MountProblem]:
    """What is wrong with each, by volume id; those that are well are left out."""
    table = await threads.run("the mount table", MOUNTINFO.read_bytes)
    mounted, stopped = mount_points(table), turned_read_only(table)
    found = await asyncio.gather(*(_examine(threads, mount, mounted, stopped) for mount in mounts))
    return {mount.volume_id: problem for mount, problem in zip(mounts, found, strict=True) if problem}


async def _examine(
    threads: HostThreads, mount: PublishedMount, mounted: frozenset[bytes], stopped: frozenset[bytes]
) -> MountProblem | None:
    if mount.mounted and escaped(mount.path) not in mounted:
        return MountProblem(MountState.VANISHED, f"nothing is mounted at {mount.path} any more")
    try:
        await threads.run(f"a look at {mount.path}", lambda: ask(mount.path, mount.block), PATIENCE)
    except HostHangs:
        return MountProblem(MountState.SILENT, f"{mount.path} does not answer")
    except OSError as error:
        state = MountState.DEAD if error.errno in GONE else MountState.FAILING
        name = errno.errorcode.get(error.errno or 0, "")
        return MountProblem(state, f"{mount.path} answers {name}: {error.strerror}")
    if mount.mounted and not mount.block and escaped(mount.path) in stopped:
        return MountProblem(
            MountState.FAILING, f"the file system at {mount.path} has become read-only by an error"
        )
    return None


async def seen_mounted(threads: HostThreads, path: str) -> bool:
    """Whether something is mounted at `path`; False when that cannot be found out."""
    with contextlib.suppress(OSError):
        return escaped(path) in mount_points(await threads.run("the mount table", MOUNTINFO.read_bytes))
    return False
