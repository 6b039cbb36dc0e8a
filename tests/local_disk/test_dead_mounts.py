"""Mounts and devices that died under their volume: found by the next call, mended or named."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
from pathlib import Path

import pytest

from csi_spec import csi_pb2 as csi
from tests.census import loop_devices
from tests.local_disk.driver import MIB, Client, block, mount, refused

image_only = pytest.mark.needs("root", "mount", "loop", "ext4")
xfs_only = pytest.mark.needs("root", "mount", "loop", "ext4", "xfs")

GOING_DOWN = 0x8004587D
"""The ioctl by which ext4 and xfs are told to shut down at once, as they do after errors of their device."""
WITHOUT_FLUSHING = struct.pack("=I", 2)

FILESYSTEMS = [
    pytest.param("ext4", 64 * MIB, marks=image_only),
    pytest.param("xfs", 300 * MIB, marks=xfs_only),
]


def shut_down(path: Path) -> None:
    """The filesystem answers with EIO from now on."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.ioctl(descriptor, GOING_DOWN, WITHOUT_FLUSHING)
    finally:
        os.close(descriptor)


def run(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def device_of(client: Client, volume_id: str) -> str:
    for line in loop_devices(str(client.pool)):  # another test's volume may have the same id
        if volume_id in line:
            return line.split()[0]
    raise LookupError(volume_id)


@pytest.mark.parametrize(("fs_type", "size"), FILESYSTEMS)
async def test_a_dead_filesystem_that_nobody_uses_works_again_when_it_is_staged_again(
    image_client, fs_type, size
):
    kind = mount(fs_type)
    volume_id = (await image_client.create("data", size, kind)).volume_id
    staging = await image_client.stage(volume_id, kind)
    (staging / "x").write_text("hello")
    os.sync()
    shut_down(staging)
    async with refused("FAILED_PRECONDITION", "filesystem has failed", "stage it again"):
        await image_client.publish(volume_id, kind)
    await image_client.stage(volume_id, kind)
    path = await image_client.publish(volume_id, kind)
    assert (path / "x").read_text() == "hello"
    (path / "y").write_text("writable")
    await image_client.put_away(volume_id)


@pytest.mark.parametrize(("fs_type", "size"), FILESYSTEMS)
async def test_a_dead_filesystem_in_use_is_named_and_works_again_after_it_was_put_away(
    image_client, fs_type, size
):
    kind = mount(fs_type)
    volume_id = (await image_client.create("data", size, kind)).volume_id
    await image_client.stage(volume_id, kind)
    path = await image_client.publish(volume_id, kind)
    shut_down(path)
    async with refused("FAILED_PRECONDITION", "filesystem has failed", str(path), "unpublish"):
        await image_client.stage(volume_id, kind)
    async with refused("FAILED_PRECONDITION", "filesystem has failed"):
        await image_client.publish(volume_id, kind)
    await image_client.unpublish(volume_id)
    await image_client.stage(volume_id, kind)
    (await image_client.publish(volume_id, kind) / "y").write_text("writable")
    await image_client.put_away(volume_id)


@image_only
async def test_ext4_that_remembers_an_error_is_mended_before_it_is_mounted(image_client):
    volume_id = (await image_client.create("data", 64 * MIB)).volume_id
    staging = await image_client.stage(volume_id)
    (staging / "x").write_text("hello")
    await image_client.unstage(volume_id)
    (image,) = (image_client.pool / "volumes").glob("*.image")
    run("debugfs", "-w", "-R", "set_super_value state 3", image)
    await image_client.stage(volume_id)
    assert (staging / "x").read_text() == "hello"
    await image_client.unstage(volume_id)
    assert "clean" in run("dumpe2fs", "-h", image)
    assert "with errors" not in run("dumpe2fs", "-h", image)
    await image_client.delete(volume_id)


@image_only
async def test_a_device_that_was_detached_under_its_publication_is_attached_and_published_again(
    image_client,
):
    volume_id = (await image_client.create("data", 16 * MIB, block())).volume_id
    await image_client.stage(volume_id, block())
    path = await image_client.publish(volume_id, block())
    run("losetup", "--detach", device_of(image_client, volume_id))
    async with refused("FAILED_PRECONDITION", "stage it first"):
        await image_client.publish(volume_id, block())
    await image_client.stage(volume_id, block())
    await image_client.publish(volume_id, block())
    with path.open("r+b", buffering=0) as device:
        assert device.seek(0, os.SEEK_END) == 16 * MIB
        device.seek(0)
        device.write(b"x" * 4096)
    (image,) = (image_client.pool / "volumes").glob("*.image")
    assert image.read_bytes()[:1] == b"x"
    await image_client.put_away(volume_id)


@image_only
async def test_a_device_that_was_detached_can_be_unpublished_unstaged_and_deleted(image_client):
    volume_id = (await image_client.create("data", 16 * MIB, block())).volume_id
    await image_client.stage(volume_id, block())
    path = await image_client.publish(volume_id, block())
    run("losetup", "--detach", device_of(image_client, volume_id))
    stats = csi.NodeGetVolumeStatsRequest(volume_id=volume_id, volume_path=str(path))
    async with refused("NOT_FOUND"):
        await image_client.node.NodeGetVolumeStats(stats)
    await image_client.put_away(volume_id)
    assert not path.exists()
