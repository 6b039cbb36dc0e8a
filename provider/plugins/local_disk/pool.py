"""The pool's folder: who may use it, what it was made for, how much there is. Blocking.

    pool.json   backend and capacity, written at the first start
    lock        held by the plugin that serves the pool, let go by the kernel when that ends
    volumes/    records and storage (records.py)

It must not look into volumes.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import Literal

import msgspec

from provider.plugins.local_disk import durable_files
from provider.plugins.local_disk.geometry import MIB
from provider.plugins.local_disk.mounts import KernelMounts
from provider.plugins.local_disk.options import BackendChoice

POOL_FORMAT = 1
RESERVE_SHARE = 20
"""One part in so many of what is free stays out of a pool whose capacity is not given …"""
RESERVE_LEAST = 64 * MIB
"""… and at least so many bytes: for the records, and so that the host's disk is never full of volumes."""

TOOLS = ("mkfs.ext4", "e2fsck", "resize2fs")
LOOP_CONTROL = Path("/dev/loop-control")


class PoolUnusable(Exception):
    """The pool cannot be served as it is: an operator reads the message and acts."""


class PoolDescription(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """pool.json. `capacity_bytes`: of all volumes together, unless the command line says otherwise."""

    backend: Literal["image", "dir"]
    capacity_bytes: int
    format: int = POOL_FORMAT


class Pool:
    """An opened pool. `close` lets another plugin serve it."""

    def __init__(self, root: Path, lock: int, description: PoolDescription) -> None:
        self.root = root
        self.description = description
        self._lock = lock

    @property
    def volumes(self) -> Path:
        return self.root / "volumes"

    def free_bytes(self) -> int:
        """What the filesystem under the pool has left. Raises OSError when the pool has gone."""
        return _free_bytes(self.volumes)

    def close(self) -> None:
        os.close(self._lock)


def open_pool(root: Path, backend: BackendChoice, capacity: int | None) -> Pool:
    """Take the pool, making it when there is none. Raises PoolUnusable, saying what to do."""
    root = Path(os.path.realpath(root))  # links to volumes must read the same after every start
    try:
        Path(root, "volumes").mkdir(parents=True, exist_ok=True)
        lock = _take(root / "lock")
    except OSError as error:
        raise PoolUnusable(f"cannot use {root} as a pool: {error.strerror}") from error
    try:
        return Pool(root, lock, _describe(root, backend, capacity))
    except BaseException:
        os.close(lock)
        raise


def _take(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise PoolUnusable(f"another plugin serves the pool {path.parent}; stop it first") from None
    return descriptor


def _describe(root: Path, backend: BackendChoice, capacity: int | None) -> PoolDescription:
    path = root / "pool.json"
    if path.exists():
        found = _read(path)
        if backend not in ("auto", found.backend):
            raise PoolUnusable(
                f"the pool {root} was made with --backend {found.backend}; use that, or another pool"
            )
    else:
        chosen = suitable_backend() if backend == "auto" else backend
        found = PoolDescription(chosen, capacity if capacity is not None else _default_capacity(root))
    if found.backend == "image":
        _check_image_backend()
    if not path.exists():
        durable_files.write_durably(path, msgspec.json.encode(found))
    return found if capacity is None else msgspec.structs.replace(found, capacity_bytes=capacity)


def _read(path: Path) -> PoolDescription:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=PoolDescription)
    except msgspec.MsgspecError as error:
        raise PoolUnusable(f"{path} is not readable ({error}); restore it, or use another pool") from error
    if found.format != POOL_FORMAT:
        raise PoolUnusable(f"{path} is of format {found.format}, this plugin knows {POOL_FORMAT}")
    return found


def suitable_backend() -> Literal["image", "dir"]:
    """Images where they can be used, else folders."""
    return "dir" if _why_no_images() else "image"


def _check_image_backend() -> None:
    if reason := _why_no_images():
        raise PoolUnusable(f"the image backend {reason}")


def _why_no_images() -> str:
    if os.geteuid() != 0:
        return "needs root (or take another pool with --backend dir)"
    if not LOOP_CONTROL.exists():
        return "needs loop devices: /dev/loop-control is missing (in a container, bind the host's /dev)"
    missing = [tool for tool in TOOLS if shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin") is None]
    return f"needs {missing[0]} (package e2fsprogs)" if missing else ""


def _free_bytes(folder: Path) -> int:
    status = os.statvfs(folder)
    if status.f_flag & os.ST_RDONLY or _met_an_error(folder):  # nothing can be made there
        return 0
    return status.f_bavail * status.f_frsize


def _met_an_error(folder: Path) -> bool:
    number = folder.stat().st_dev
    device = os.major(number), os.minor(number)
    return any(mount.filesystem_read_only for mount in KernelMounts().table() if mount.device == device)


def _default_capacity(root: Path) -> int:
    free = _free_bytes(root)
    return max(free - max(free // RESERVE_SHARE, RESERVE_LEAST), 0)
