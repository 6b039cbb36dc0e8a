"""A device kept in hand while a pool is made of it, so that it stays the one that was looked at.

Names and numbers move: what was /dev/loop5 a moment ago can be another disk now. As long as somebody has a
device open, the kernel gives neither to another one. So it is opened first, then looked at once more, and let
go when it was formatted. A lock on it (flock, the one that udevd respects) keeps a second agent out.

Blocking: belongs in a thread. It must not: write, or decide whether a device may be formatted.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from dataclasses import replace

from provider.local_storage.device import Contents, Device
from provider.local_storage.device_contents import probe
from provider.local_storage.devices import attached_devices
from provider.plugins.whole_disk.claim import Claimed, claim, is_claimed_by_others


class NotTheSame(Exception):
    """The device is not as it was when it was admitted; the message says in what."""


def hold(device: Device, carries: Contents, owner: str = "") -> int:
    """A descriptor, to be closed by who calls. `carries`: what was on it when that was decided. `owner`: who
    may have claimed it.

    Raises NotTheSame, BlockingIOError while somebody else has the lock or a claim, OSError.
    """
    descriptor = os.open(device.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if is_claimed_by_others(descriptor, owner):
            raise Claimed
        _check(device, os.fstat(descriptor))
        _check_contents(device, carries, owner)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def hold_claimed(device: Device, owner: str, *, alone: bool) -> int:
    """A descriptor, to be closed by who calls, on a device that is claimed until then. `alone`: nobody, in
    whatever view of the mounts, may have it or a partition of it to himself.

    Raises NotTheSame, Claimed, OSError.
    """
    descriptor = os.open(device.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        claim(descriptor, owner)
        _check(device, os.fstat(descriptor))
        if alone:
            _check_alone(device)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check(device: Device, status: os.stat_result) -> None:
    number = os.major(status.st_rdev), os.minor(status.st_rdev)
    now = next((each for each in attached_devices() if each.path == device.path), None)
    if not stat.S_ISBLK(status.st_mode) or number != device.number or now is None:
        raise NotTheSame(f"{device.path} is another device by now: it is left alone")
    if _essence(now) != _essence(device):
        raise NotTheSame(f"{device.path} is another disk by now, or in another state: it is left alone")


def _check_alone(device: Device) -> None:
    """The kernel gives a disk to one alone only while nobody has one of its partitions, either."""
    try:
        os.close(os.open(device.path, os.O_RDONLY | os.O_EXCL | os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        raise NotTheSame(
            f"{device.path}, or a partition of it, is in use outside of all tasks (a mount, a RAID, a volume "
            "group, swap; mounts also of other containers): free that"
        ) from error


def _check_contents(device: Device, carries: Contents, owner: str) -> None:
    found = probe(device.path, owner)
    if found != carries:
        what = found.what or found.busy or found.unreadable or "nothing"
        raise NotTheSame(f"{device.path} is not as it was a moment ago ({what}): it is left alone")


def _essence(device: Device) -> Device:
    """Without what udevd may add meanwhile; the number of its attachment says more than an identity."""
    if not device.sequence:
        return replace(device, links=())
    return replace(device, links=(), identity="", disk="")
