"""The block devices of this host, as frozen values: what udev and the kernel say of each, by pyudev.

It reads sysfs and udev's own database, which both answer without touching a device: nothing here opens one.
What is on a device is `device_contents`', whether it may be used `device_rules`'. It must not: watch, decide.

Works without udevd: then there are no links in /dev/disk, and what the kernel says has to do.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import Any, Final

import pyudev

from provider.local_storage.device import Device, Kind

SECTOR: Final = 512
"""Bytes of what sysfs counts sizes in, whatever the device's own sectors are."""

MAX_DEVICES: Final = 4096
"""Devices that are looked at; of those beyond, in the order of their names, nothing is known."""

MAJOR_LOOP: Final = "7"

VOLUME_IMAGE: Final = re.compile(r"v-[0-9a-f]{40}\.image( \(deleted\))?")
"""The name of the file behind a loop device that is a volume of a pool."""

_VIRTUAL: Final = re.compile(r"(dm-|md|md_d|zram|ram|sr|fd|nbd|drbd|rbd|bcache)\d*")


def attached_devices() -> tuple[Device, ...]:
    """All devices that have a size, by path. Blocking, a millisecond for every few of them.

    Raises OSError when the kernel does not tell.
    """
    context = pyudev.Context()
    found = [_device(each) for each in context.list_devices(subsystem="block")]
    known = sorted((each for each in found if each is not None), key=lambda device: device.path)
    return tuple(known[:MAX_DEVICES])


def _device(udev: Any) -> Device | None:
    """One of them; None when there is no medium in it, or it has gone in the meantime."""
    try:
        sys_path, node = Path(udev.sys_path), udev.device_node
        size = _number(sys_path / "size") * SECTOR
        if node is None or size == 0:
            return None
        kind = _kind(udev)
        parent = sys_path.parent if kind is Kind.PARTITION else sys_path
        return Device(
            path=node,
            number=(os.major(udev.device_number), os.minor(udev.device_number)),
            kind=kind,
            size=size,
            model=_text(parent / "device" / "model"),
            rotational=_text(parent / "queue" / "rotational") == "1",
            read_only=_text(sys_path / "ro") == "1",
            identity=_identity(udev, kind, sys_path, parent),
            links=_links(udev, sys_path),
            sequence=_text(parent / "diskseq"),
            parts=_parts(sys_path),
            disk=_identity_of_whole(udev, parent) if kind is Kind.PARTITION else "",
            holders=_names(sys_path / "holders"),
            leaving=_text(sys_path / "loop" / "autoclear") == "1",
            volume=_is_volume(sys_path),
        )
    except (OSError, ValueError, pyudev.DeviceNotFoundError):
        return None


def _kind(udev: Any) -> Kind:
    sys_path = Path(udev.sys_path)
    if udev.device_type == "partition":
        return Kind.OTHER if is_made_up(sys_path.parent) else Kind.PARTITION
    if udev.sys_name.startswith("loop"):
        return Kind.LOOP
    return Kind.OTHER if is_made_up(sys_path) else Kind.DISK


def is_made_up(sys_path: Path) -> bool:
    """Whether a whole device is made of others, of memory or by a program, loop devices aside: by its name,
    by what it is made of, and by the place of what has no bus. (NVMe's own multipath is elsewhere.)"""
    if sys_path.name.startswith("loop"):
        return False
    nowhere = str(sys_path.parent).endswith("/devices/virtual/block")
    return nowhere or _VIRTUAL.fullmatch(sys_path.name) is not None or bool(_names(sys_path / "slaves"))


def _identity(udev: Any, kind: Kind, sys_path: Path, parent: Path) -> str:
    """By what the kernel says before what udevd found out: the same with and without udevd."""
    if kind is Kind.LOOP:
        return _identity_of_file(sys_path)
    if kind is Kind.PARTITION:
        own = _property(udev, "PARTUUID", "ID_PART_ENTRY_UUID")
        if own:
            return f"partuuid:{own}"
        whole = _identity_of_whole(udev, parent)
        return f"{whole}-part{_text(sys_path / 'partition')}" if whole else ""
    return _identity_of_disk(udev, sys_path)


def _identity_of_whole(udev: Any, parent: Path) -> str:
    """Of what a partition is on."""
    return _identity_of_file(parent) if _is_loop(parent) else _identity_of_disk(udev, parent)


def _identity_of_disk(udev: Any, sys_path: Path) -> str:
    for file in ("wwid", "device/wwid"):
        if (wwid := _text(sys_path / file)) != "":
            return f"wwn:{'_'.join(wwid.split())}"
    for file in ("serial", "device/serial", "device/cid"):
        if (serial := _text(sys_path / file)) != "":
            return f"serial:{'_'.join(serial.split())}"
    if (wwn := _property(udev, "ID_WWN_WITH_EXTENSION", "ID_WWN")) != "":
        return f"wwn:{wwn}"
    serial = _property(udev, "ID_SERIAL")
    return f"serial:{serial}" if serial else ""


def _identity_of_file(sys_path: Path) -> str:
    """The file behind a loop device, by its inode; nothing when it is out of sight (of another namespace)."""
    backing = _text(sys_path / "loop" / "backing_file")
    with contextlib.suppress(OSError):
        found = Path(backing).stat()
        return f"file:{found.st_dev:x}-{found.st_ino}"
    return ""


def _links(udev: Any, sys_path: Path) -> tuple[str, ...]:
    said = sorted(_property(udev, "DEVLINKS").split())
    found = [each for each in said if _leads_to(each, udev.device_number)]
    backing = _text(sys_path / "loop" / "backing_file")
    return (*found, backing) if backing else tuple(found)


def _leads_to(link: str, number: int) -> bool:
    """udevd notes of each device all links that it claims; of two that claim the same, one has it."""
    with contextlib.suppress(OSError):
        return Path(link).stat().st_rdev == number
    return False


def _parts(sys_path: Path) -> tuple[str, ...]:
    return tuple(sorted(each.parent.name for each in sys_path.glob("*/partition")))


def _is_volume(sys_path: Path) -> bool:
    backing = _text(sys_path / "loop" / "backing_file")
    return VOLUME_IMAGE.fullmatch(backing.rpartition("/")[2]) is not None


def _is_loop(sys_path: Path) -> bool:
    return _text(sys_path / "dev").split(":")[0] == MAJOR_LOOP


def _property(udev: Any, *names: str) -> str:
    for name in names:
        value = udev.properties.get(name)
        if value:
            return str(value)
    return ""


def _names(folder: Path) -> tuple[str, ...]:
    with contextlib.suppress(OSError):
        return tuple(sorted(each.name for each in folder.iterdir()))
    return ()


def _number(file: Path) -> int:
    return int(file.read_text())


def _text(file: Path) -> str:
    """Its content; empty when there is no such file."""
    with contextlib.suppress(OSError):
        return file.read_text(errors="replace").strip("\0 \n\t")
    return ""
