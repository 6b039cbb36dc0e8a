"""Volumes as allocated image files behind loop devices: real size limits. Needs root.

A mounted volume's device detaches by itself when the last mount of it goes, so a killed plugin leaves none
behind; a bare one stays attached from stage to unstage. What is attached and mounted is asked of the
kernel each time. Of a record only `filesystem_bytes` is changed here.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from provider.plugins.local_disk import durable_files, health, paths
from provider.plugins.local_disk.backend import Usage
from provider.plugins.local_disk.blocking import BlockingCalls
from provider.plugins.local_disk.filesystems import Filesystems
from provider.plugins.local_disk.geometry import FilesystemType, Layout
from provider.plugins.local_disk.loop_devices import (
    KernelLoops,
    LoopDevice,
    is_loop_node,
    of_filesystem,
    of_node,
)
from provider.plugins.local_disk.mounts import KernelMounts, Mount
from provider.plugins.local_disk.records import Publication, RecordFolder, Staging, VolumeRecord
from provider.plugins.local_disk.refusals import (
    GrowsAtStaging,
    exhausted,
    failed_precondition,
    internal,
    invalid_argument,
    out_of_range,
)
from provider.plugins.local_disk.requests import (
    BYTES_PER_INODE,
    Capability,
    bytes_per_inode,
    check_parameters,
)
from provider.plugins.local_disk.steps import Steps
from provider.plugins.local_disk.volume_table import VolumeTable

SUFFIX = "image"
FILESYSTEMS: dict[str, FilesystemType] = {"": "ext4", "ext4": "ext4", "xfs": "xfs"}

RELEASE_TRIES = 50
RELEASE_SECONDS = 0.02
"""After its last close the kernel may take a moment to let a device go: one second in all."""


class ImageBackend:
    """Implements Backend."""

    name = "image"
    enforced = True

    def __init__(
        self,
        folder: RecordFolder,
        table: VolumeTable,
        blocking: BlockingCalls,
        filesystems: Filesystems,
        steps: Steps,
    ) -> None:
        self._folder = folder
        self._table = table
        self._blocking = blocking
        self._filesystems = filesystems
        self._steps = steps
        self._mounts = KernelMounts()
        self._loops = KernelLoops()

    def layout(self, capability: Capability, parameters: dict[str, str]) -> Layout:
        if capability.access_type == "block":
            check_parameters(parameters, ())
            return Layout("block", "")
        fs_type = FILESYSTEMS.get(capability.fs_type)
        if fs_type is None:
            raise invalid_argument(f"fs_type {capability.fs_type[:64]!r} is not supported: ext4 and xfs are")
        check_parameters(parameters, (BYTES_PER_INODE,) if fs_type == "ext4" else ())
        return Layout("mount", fs_type, bytes_per_inode(parameters))

    async def recover(self, existing: set[str], deleting: set[str]) -> None:
        await self._blocking.call(self._remove_strays, existing, deleting)

    def _remove_strays(self, existing: set[str], deleting: set[str]) -> None:
        for volume_id in sorted(self._folder.stored(SUFFIX) - existing):
            image = self._folder.storage_path(volume_id, SUFFIX)
            if volume_id not in deleting and durable_files.holds_data(image):
                self._folder.set_aside(image)
            else:
                image.unlink()

    async def allocate(self, record: VolumeRecord, allocated: int) -> Path:
        try:
            await self._blocking.call(allocate_if_free, self._image(record), allocated)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise exhausted(f"the disk under the pool is full: {allocated} bytes asked for") from error
            if error.errno == errno.EFBIG:
                raise out_of_range(f"the pool's filesystem allows no file of {allocated} bytes") from error
            raise internal(f"cannot allocate {self._image(record)}: {error.strerror}") from error
        return self._image(record)

    async def release(self, record: VolumeRecord) -> None:
        await self._blocking.call(lambda: self._image(record).unlink(missing_ok=True))

    async def why_busy(self, record: VolumeRecord) -> str:
        if record.layout.access_type == "mount" and not record.filesystem_bytes:
            return ""  # never attached: that it is formatted is recorded before
        device = await self._settled(record)
        if device is None:
            return ""
        points = await self._blocking.call(self._mount_points, device)
        return f"{device.path} is attached to it" + (f", mounted at {points[0]}" if points else "")

    def _mount_points(self, device: LoopDevice) -> list[str]:
        return [mount.point for mount in self._mounts.table() if mount.device == device.device]

    async def _settled(self, record: VolumeRecord) -> LoopDevice | None:
        """The device attached to the volume, once one that is only being let go has gone."""
        for _ in range(RELEASE_TRIES):
            device = await self._device(record)
            if device is None or not await self._blocking.call(self._loops.detaching, device):
                return device
            if await self._blocking.call(self._mount_points, device):
                return device
            await asyncio.sleep(RELEASE_SECONDS)
        return device

    async def stage(self, record: VolumeRecord) -> VolumeRecord:
        if record.layout.access_type == "block":
            await self._stage_device(record)
            return record
        await self._take_off_if_dead(record)
        if not await self.is_staged(record):
            record = await self._prepare(record)
            await self._mount(record, staging_of(record))
            self._steps.reached(record.volume_id, "stage: mounted")
        if record.filesystem_bytes < record.allocated_bytes:
            with contextlib.suppress(GrowsAtStaging):  # staged it is, and as large as it can be in use
                return await self.grow_in_use(record)
        return record

    async def _take_off_if_dead(self, record: VolumeRecord) -> None:
        """A filesystem that the kernel has given up is unmounted, unless somebody still holds it."""
        reason = await self._why_dead(record)
        if not reason:
            return
        for publication in record.publications:
            if await self.is_published(record, publication):
                raise failed_precondition(
                    f"the volume's filesystem has failed ({reason}) and is published at {publication.target}"
                    "; stop what uses it, unpublish it, and stage it again, which mends it"
                )
        await self.unstage(record)
        if (device := await self._settled(record)) is not None:
            raise failed_precondition(
                f"the volume's filesystem has failed ({reason}), and something holds {device.path} open; "
                "stop what uses it and repeat"
            )

    async def _why_dead(self, record: VolumeRecord) -> str:
        """What is wrong with the staged filesystem; empty when it works, or is not staged."""
        if record.staging is None or not await self.is_staged(record):
            return ""
        mount = await self._blocking.call(self._mounts.at, record.staging.path)
        if mount is None:
            return ""
        return await self._blocking.call(health.why_dead, mount, "ro" in record.staging.mount_flags)

    async def _prepare(self, record: VolumeRecord) -> VolumeRecord:
        """The image is whole and holds a filesystem; ext4 has grown, unless the volume is mounted."""
        image = self._image(record)
        if not await self._blocking.call(image.exists):
            raise internal(f"{image} is gone, and the volume's data with it; delete the volume")
        await self.allocate(record, record.allocated_bytes)  # fills holes, which a discard may have made
        self._steps.reached(record.volume_id, "stage: image whole")
        if not record.filesystem_bytes:
            await self._filesystems.make(image, record.layout, record.size_bytes, label_of(record))
            await self.allocate(record, record.allocated_bytes)  # without the tool's holes
            self._steps.reached(record.volume_id, "stage: formatted")
            return await self._grown(record, "stage: format recorded")
        if record.layout.fs_type != "ext4" or await self._device(record) is not None:
            return record
        if await self._blocking.call(health.ext4_knows_of_errors, image):
            await self._filesystems.check(image)
            self._steps.reached(record.volume_id, "stage: filesystem mended")
        if record.filesystem_bytes < record.allocated_bytes:
            await self._filesystems.grow_detached(image)
            self._steps.reached(record.volume_id, "stage: filesystem grown")
            return await self._grown(record, "stage: growth recorded")
        return record

    async def _grown(self, record: VolumeRecord, step: str) -> VolumeRecord:
        grown = msgspec.structs.replace(record, filesystem_bytes=record.allocated_bytes)
        await self._table.put(grown, self._image(record))
        self._steps.reached(record.volume_id, step)
        return grown

    async def _mount(self, record: VolumeRecord, staging: Staging) -> None:
        try:
            await self._blocking.call(self._mount_image, record, staging)
        except OSError as error:
            raise internal(
                f"cannot mount {record.layout.fs_type} of {record.volume_id} at {staging.path}: "
                f"{error.strerror} (the kernel's log says more)"
            ) from error

    def _mount_image(self, record: VolumeRecord, staging: Staging) -> None:
        device, descriptor = self._loops.held(self._image(record))
        try:
            self._mounts.mount(device.path, staging.path, record.layout.fs_type, staging.mount_flags)
        finally:
            os.close(descriptor)

    async def _stage_device(self, record: VolumeRecord) -> None:
        device = await self._device(record)
        if device is not None and await self._blocking.call(self._loops.detaching, device):
            raise failed_precondition(
                f"{device.path} is still open from before; stop what uses it and repeat"
            )
        if device is None:
            await self.allocate(record, record.allocated_bytes)
            self._steps.reached(record.volume_id, "stage: image whole")
            await self._kernel("attach", self._attach, record)
            self._steps.reached(record.volume_id, "stage: attached")
        else:  # it may have grown since
            await self._kernel("resize", self._loops.refresh_size, device)

    def _attach(self, record: VolumeRecord) -> None:
        _, descriptor = self._loops.attach(self._image(record), until_unused=False)
        os.close(descriptor)

    async def is_staged(self, record: VolumeRecord) -> bool:
        device = await self._device(record)
        if device is None or record.layout.access_type == "block":
            return device is not None
        top = await self._blocking.call(self._mounts.at, staging_of(record).path)
        return top is not None and top.device == device.device

    async def unstage(self, record: VolumeRecord) -> None:
        device = await self._device(record)
        if device is None:
            return
        if record.layout.access_type == "mount":
            await self._unmount(staging_of(record).path, of_filesystem(device))
            self._steps.reached(record.volume_id, "unstage: unmounted")
            return
        await self._kernel("detach", self._loops.detach, device)
        if await self._settled(record) is not None:
            raise failed_precondition(f"{device.path} is still open; stop what uses it and repeat")
        self._steps.reached(record.volume_id, "unstage: detached")

    async def check_publication(self, record: VolumeRecord, publication: Publication) -> None:
        block = record.layout.access_type == "block"
        if not block and (reason := await self._why_dead(record)):
            raise failed_precondition(
                f"the volume's filesystem has failed ({reason}); unpublish it everywhere and stage it again"
            )
        if await self.is_published(record, publication):
            return
        if block and record.publication_at(publication.target):
            await self._unmount(publication.target, is_loop_node)  # of a device that was detached under it
        check = paths.check_file_place if block else paths.check_folder_place
        await self._blocking.call(check, publication.target)
        if await self._blocking.call(self._mounts.at, publication.target) is not None:
            raise failed_precondition(f"something else is mounted at {publication.target}; unmount it")
        if block:
            await self._check_access(record, publication)

    async def _check_access(self, record: VolumeRecord, publication: Publication) -> None:
        """A device is read-only for all or for none, so its publications must agree."""
        for other in record.publications:
            differs = other.target != publication.target and other.read_only != publication.read_only
            if differs and await self.is_published(record, other):
                raise failed_precondition(
                    f"the device is published {'read-only' if other.read_only else 'for writing'} at "
                    f"{other.target}, and a device is so for all or for none; unpublish it there first"
                )

    async def publish(self, record: VolumeRecord, publication: Publication) -> None:
        device = await self._needed_device(record)
        block = record.layout.access_type == "block"
        if not await self.is_published(record, publication):
            await self._blocking.call(paths.make_file if block else paths.make_folder, publication.target)
            self._steps.reached(record.volume_id, "publish: target made")
            if block:
                await self._kernel("set access", self._loops.set_read_only, device, publication.read_only)
                self._steps.reached(record.volume_id, "publish: access set")
            source = device.path if block else staging_of(record).path
            await self._kernel("bind", self._mounts.bind, source, publication.target)
            self._steps.reached(record.volume_id, "publish: bound")
        if publication.read_only and not block:
            await self._kernel("make read-only", self._mounts.make_read_only, publication.target)
            self._steps.reached(record.volume_id, "publish: made read-only")

    async def is_published(self, record: VolumeRecord, publication: Publication) -> bool:
        device = await self._device(record)
        top = await self._blocking.call(self._mounts.at, publication.target)
        return device is not None and top is not None and self._is_ours(record, device)(top)

    async def unpublish(self, record: VolumeRecord, publication: Publication) -> None:
        device = await self._device(record)
        block = record.layout.access_type == "block"
        if block or device is not None:
            ours = is_loop_node if block or device is None else of_filesystem(device)
            await self._unmount(publication.target, ours)
            self._steps.reached(record.volume_id, "unpublish: unmounted")
        await self._blocking.call(paths.remove_target, publication.target)
        self._steps.reached(record.volume_id, "unpublish: target removed")

    async def grow_in_use(self, record: VolumeRecord) -> VolumeRecord:
        device = await self._needed_device(record)
        await self._kernel("resize", self._loops.refresh_size, device)
        self._steps.reached(record.volume_id, "grow: device resized")
        if record.layout.access_type == "block" or record.filesystem_bytes >= record.allocated_bytes:
            return record
        await self._filesystems.grow_mounted(record.layout, device.path, staging_of(record).path)
        self._steps.reached(record.volume_id, "grow: filesystem grown")
        return await self._grown(record, "grow: growth recorded")

    async def usage(self, record: VolumeRecord, path: str) -> Usage:
        if record.layout.access_type == "block":
            return Usage(total=record.size_bytes)
        status = await self._blocking.call(os.statvfs, path)
        return Usage(
            total=status.f_blocks * status.f_frsize,
            used=(status.f_blocks - status.f_bfree) * status.f_frsize,
            available=status.f_bavail * status.f_frsize,
            inodes=status.f_files,
            inodes_used=status.f_files - status.f_ffree,
            inodes_free=status.f_favail,
        )

    def _image(self, record: VolumeRecord) -> Path:
        return self._folder.storage_path(record.volume_id, SUFFIX)

    async def _device(self, record: VolumeRecord) -> LoopDevice | None:
        return await self._blocking.call(self._loops.find, self._image(record))

    async def _needed_device(self, record: VolumeRecord) -> LoopDevice:
        device = await self._device(record)
        if device is None:
            raise failed_precondition(f"volume {record.volume_id} is not staged; stage it first")
        return device

    def _is_ours(self, record: VolumeRecord, device: LoopDevice) -> Callable[[Mount], bool]:
        return of_node(device) if record.layout.access_type == "block" else of_filesystem(device)

    async def _unmount(self, path: str, ours: Callable[[Mount], bool]) -> None:
        try:
            await self._blocking.call(self._mounts.unmount, path, ours)
        except OSError as error:
            if error.errno == errno.EBUSY:
                raise failed_precondition(
                    f"files in {path} are open; stop what uses them and repeat"
                ) from error
            raise internal(f"cannot unmount {path}: {error.strerror}") from error

    async def _kernel(self, what: str, function: Callable[..., object], *arguments: object) -> None:
        try:
            await self._blocking.call(function, *arguments)
        except OSError as error:
            raise internal(f"cannot {what}: {error}") from error


def allocate_if_free(image: Path, size: int) -> None:
    """Allocate, unless the disk is plainly too full: trying would fill it for everyone for a moment."""
    have = image.stat().st_blocks * 512 if image.exists() else 0
    status = os.statvfs(image.parent)
    if size - have > status.f_bavail * status.f_frsize:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(image))
    durable_files.allocate(image, size)


def staging_of(record: VolumeRecord) -> Staging:
    """Raises Refusal FAILED_PRECONDITION when no staging was ever asked for."""
    if record.staging is None:
        raise failed_precondition(f"volume {record.volume_id} is not staged; stage it first")
    return record.staging


def label_of(record: VolumeRecord) -> str:
    """What blkid shows; 12 bytes, which is what xfs allows."""
    return record.volume_id[:12]
