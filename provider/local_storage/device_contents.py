"""What is on a block device, and who has it in use: found out without changing a byte of it.

Only devices that an operator's rule names are ever opened, for reading, and those in use not even that.
Blocking: each call belongs in a thread, as a device that is dying may not answer. It must not: decide.
"""

from __future__ import annotations

import errno
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from provider.local_storage.device import Contents
from provider.plugins.whole_disk.claim import is_claimed_by_others
from provider.plugins.whole_disk.disk import number_at

MOUNTINFO: Final = Path("/proc/self/mountinfo")
SWAPS: Final = Path("/proc/swaps")

OF_NODES: Final = "devtmpfs"
"""The filesystem of the kernel's own nodes."""

POOL_LABEL: Final = "orlop-pool"
"""The label of a pool's filesystem (`provider.plugins.local_disk.device_pool`)."""

EDGE_BYTES: Final = 1024 * 1024
"""So much at the beginning and at the end of a device has to be zeroes, or there is something on it: not all
that is worth keeping begins with a signature."""

PROBE_SECONDS: Final = 20.0
NOTHING_FOUND: Final = 2
AMBIVALENT: Final = 8
PROGRAM_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_OCTAL: Final = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Usage:
    """What the kernel has in use, by device number: where each is mounted, which are swap; and where nodes
    of devices are put for somebody, as those of disks that are offered whole."""

    mounts: Mapping[tuple[int, int], tuple[str, ...]]
    swaps: frozenset[tuple[int, int]]
    nodes: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def of(self, number: tuple[int, int]) -> str:
        """In words; empty when it is neither."""
        if number in self.swaps:
            return "it is swap"
        if points := self.mounts.get(number, ()):
            return f"mounted at {points[0]}"
        node = self.nodes.get(number)
        return f"its node is given to somebody at {node}" if node else ""


def usage() -> Usage:
    """As it is in this process's own view; `probe` meets what others have mounted. Raises OSError."""
    mounts: dict[tuple[int, int], tuple[str, ...]] = {}
    nodes: dict[tuple[int, int], str] = {}
    for line in MOUNTINFO.read_text(errors="surrogateescape").split("\n"):
        fields = line.split(" ")
        if len(fields) > 4:
            major, minor = fields[2].split(":")
            number = int(major), int(minor)
            point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[4])
            mounts[number] = (*mounts.get(number, ()), point)
            if fields[3] != "/" and f" - {OF_NODES} " in line and (node := number_at(point)) is not None:
                nodes[node] = point
    return Usage(mounts, frozenset(_swaps()), nodes)


def _swaps() -> list[tuple[int, int]]:
    found = []
    for line in SWAPS.read_text(errors="surrogateescape").split("\n")[1:]:
        path = line.split(" ")[0].split("\t")[0]
        try:
            status = Path(path).stat()
        except (OSError, ValueError):
            continue
        found.append((os.major(status.st_rdev), os.minor(status.st_rdev)))
    return found


def probe(path: str, owner: str = "") -> Contents:
    """Look at what is on the device. While it does, nobody else can mount it or put it into a RAID. `owner`:
    who may have claimed it; what another one has claimed is in use."""
    try:
        device = os.open(path, os.O_RDONLY | os.O_EXCL | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.EBUSY:
            return Contents(busy="something has it to itself: a mount, a RAID, a volume group, swap")
        return Contents(unreadable=_said(error))
    try:
        if is_claimed_by_others(device, owner):
            return Contents(busy="another agent of this host offers it whole")
        signature = _signature(path)
        if signature is not None:
            return signature
        return Contents() if _is_blank(device) else Contents(what="data of a kind that is not known")
    except OSError as error:
        return Contents(unreadable=_said(error))
    finally:
        os.close(device)


def _signature(path: str) -> Contents | None:
    """What blkid knows; None when it knows nothing of what is there. Raises OSError."""
    try:
        ran = subprocess.run(
            ["blkid", "-p", "-o", "export", path],
            capture_output=True,
            timeout=PROBE_SECONDS,
            check=False,
            env={"PATH": PROGRAM_PATH, "LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        return Contents(unreadable=f"it did not answer within {PROBE_SECONDS:g} s")
    if ran.returncode == AMBIVALENT:
        return Contents(what="signatures of several kinds", signature=True)
    if ran.returncode == NOTHING_FOUND:
        return None
    if ran.returncode != 0:
        return Contents(unreadable=f"blkid ended with status {ran.returncode}")
    lines = ran.stdout.decode(errors="replace").splitlines()
    return described(dict(line.split("=", 1) for line in lines if "=" in line))


def described(found: Mapping[str, str]) -> Contents | None:
    """From what blkid exports; None when that is only where a partition is, and nothing of what is in it."""
    if all(name == "DEVNAME" or name.startswith("PART_ENTRY_") for name in found):
        return None
    filesystem, label, uuid = found.get("TYPE", ""), found.get("LABEL", ""), found.get("UUID", "")
    if filesystem == "ext4" and label == POOL_LABEL:
        return Contents(what=f"a pool ({uuid})", signature=True, pool_id=uuid)
    if filesystem:
        return Contents(what=filesystem + (f" {label!r}" if label else ""), signature=True)
    if found.get("PTTYPE"):
        return Contents(what=f"a partition table ({found['PTTYPE']})", signature=True)
    return Contents(what="a signature", signature=True)


def _is_blank(device: int) -> bool:
    """Whether both edges are zeroes. Raises OSError."""
    size = os.lseek(device, 0, os.SEEK_END)
    if size == 0:
        raise OSError(errno.ENXIO, os.strerror(errno.ENXIO))
    for start in {0, max(0, size - EDGE_BYTES)}:
        if any(_edge(device, start, min(EDGE_BYTES, size))):
            return False
    return True


def _edge(device: int, start: int, length: int) -> bytes:
    found = b""
    while len(found) < length:
        more = os.pread(device, length - len(found), start + len(found))
        if not more:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        found += more
    return found


def _said(error: OSError) -> str:
    name = errno.errorcode.get(error.errno or 0, "")
    return f"reading it answers {name}: {error.strerror}" if name else str(error)
