"""A pool on a whole block device: formatted when it is empty, mounted, and found again after a restart.

A device that holds anything that is not a pool is never touched. Volumes are not known here.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from provider.plugins.local_disk.blocking import BlockingCalls
from provider.plugins.local_disk.commands import CommandFailed, CommandRunner
from provider.plugins.local_disk.mounts import KernelMounts
from provider.plugins.local_disk.pool import PoolUnusable

LABEL = "orlop-pool"
PROBE_SECONDS = 30.0
FORMAT_SECONDS = 600.0
BLKID_FOUND_NOTHING = 2


def is_device(path: Path) -> bool:
    try:
        return stat.S_ISBLK(path.stat().st_mode)
    except FileNotFoundError:
        return False


async def mounted_pool(
    device: Path,
    state_folder: Path,
    runner: CommandRunner,
    blocking: BlockingCalls,
    pool_id: str | None = None,
) -> Path:
    """The folder where the pool on the device is mounted. Raises PoolUnusable.

    A format that was interrupted leaves no label, for mkfs writes it last; the device then counts as empty.
    With `pool_id` nothing is formatted: the device is that pool, or it is none. Its folder is named for the
    pool then, and stays the same when the device has another name.
    """
    mounts = KernelMounts()
    point = Path(os.path.realpath(state_folder), pool_id or device.name)  # noqa: ASYNC240 - nothing is served
    top = await blocking.call(mounts.at, str(point))
    if top is not None and top.device == await blocking.call(_number, device):
        return point
    content = await _content(device, runner)
    if pool_id is not None:
        if content.get("LABEL") != LABEL or content.get("UUID") != pool_id:
            raise PoolUnusable(f"{device} is not pool {pool_id}: attach the disk that carries it")
        if top is not None:  # of the same pool, on a device that has gone
            await blocking.call(mounts.let_go, str(point))
    elif not content:
        await make_pool(device, runner)
    elif content.get("LABEL") != LABEL or content.get("TYPE") != "ext4":
        what = content.get("TYPE") or content.get("PTTYPE") or "something"
        raise PoolUnusable(f"{device} holds {what}, not a pool; it is left alone (wipefs empties it)")
    try:
        await blocking.call(lambda: point.mkdir(parents=True, exist_ok=True))
        await blocking.call(mounts.mount, str(device), str(point), "ext4", ("noatime",))
    except OSError as error:
        raise PoolUnusable(f"cannot mount the pool {device} at {point}: {error.strerror}") from error
    return point


def _number(device: Path) -> tuple[int, int]:
    number = device.stat().st_rdev
    return os.major(number), os.minor(number)


async def _content(device: Path, runner: CommandRunner) -> dict[str, str]:
    """What blkid says of the device; empty when it has no signature of any kind."""
    try:
        text = await runner.run(
            ["blkid", "-p", "-o", "export", str(device)],
            seconds=PROBE_SECONDS,
            allowed=(0, BLKID_FOUND_NOTHING),
        )
    except CommandFailed as error:
        raise PoolUnusable(f"cannot tell what {device} holds: {error}; it is left alone") from error
    found = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    # Where a partition is says nothing of what is in it.
    return {name: each for name, each in found.items() if not name.startswith(("DEVNAME", "PART_ENTRY_"))}


async def make_pool(device: Path, runner: CommandRunner, pool_id: str | None = None) -> None:
    """Format the device, whatever is on it: who calls has made sure. With `pool_id`, a UUID, it is known by
    that, and takes no writing any more after an error. mke2fs itself refuses a device that is mounted.

    Raises PoolUnusable.
    """
    named = [] if pool_id is None else ["-F", "-U", pool_id, "-e", "remount-ro"]
    try:
        await runner.run(
            ["mkfs.ext4", "-q", *named, "-m", "0", "-T", "largefile", "-L", LABEL, str(device)],
            seconds=FORMAT_SECONDS,
        )
    except CommandFailed as error:
        raise PoolUnusable(f"cannot make a pool of {device}: {error}") from error
