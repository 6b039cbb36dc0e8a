"""What of this machine an agent has to offer: cores, memory, disk and ports.

Looks, and changes nothing. Operators may say otherwise for each; what they say is taken as it is.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from api.model.quantity import bytes_to_mb_down, to_milli
from api.model.resources import Resource, Resources
from api.model.values import Ranges, Scalar

MIB = 2**20
MEMORY_KEPT = 1024 * MIB
"""Left for the host itself; on a machine with less than twice that, half of the memory is."""

DISK_KEPT = 5 * 1024 * MIB
"""As for memory, of the file system that holds the work directory."""

PORTS = ((31000, 32000),)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an operator decides; None is to be detected. Sizes in bytes, ports as inclusive ranges.

    stated: resources in full, reserved or not; what they name is neither detected nor taken from the rest.
    """

    cpus: float | None = None
    mem: int | None = None
    disk: int | None = None
    ports: tuple[tuple[int, int], ...] = PORTS
    stated: tuple[Resource, ...] = ()


def host_resources(work_dir: Path, wanted: Wanted = Wanted()) -> Resources:
    """The agent's own resources; unreserved, but for what is stated otherwise.

    Raises InvalidQuantity for what an operator cannot mean.
    """
    cpus = float(len(os.sched_getaffinity(0))) if wanted.cpus is None else wanted.cpus
    mem = _kept_back(_memory(), MEMORY_KEPT) if wanted.mem is None else wanted.mem
    disk = _kept_back(_disk(work_dir), DISK_KEPT) if wanted.disk is None else wanted.disk
    found = (
        Resource("cpus", Scalar(to_milli(cpus))),
        Resource("mem", Scalar(to_milli(bytes_to_mb_down(mem)))),
        Resource("disk", Scalar(to_milli(bytes_to_mb_down(disk)))),
        Resource("ports", Ranges(wanted.ports)),
    )
    names = {resource.name for resource in wanted.stated}
    return Resources((*wanted.stated, *(resource for resource in found if resource.name not in names)))


def boot_id() -> str:
    """Another one after each start of the host."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _disk(work_dir: Path) -> int:
    """Its whole size, not what is free now: the offer must not change with every file that is written."""
    status = os.statvfs(work_dir)
    return status.f_frsize * status.f_blocks


def _kept_back(total: int, kept: int) -> int:
    return total - kept if total >= 2 * kept else total // 2
