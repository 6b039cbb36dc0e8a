"""Volumes that grow: on the controller, then where they are used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from csi_spec import csi_pb2 as csi
from provider.plugins.local_disk.plugin import may_grow_mounted_ext4
from tests.local_disk.driver import CALL_SECONDS, GIB, MIB, block, mount, outcome, refused

image_only = pytest.mark.needs("root", "mount", "loop", "ext4")
xfs_only = pytest.mark.needs("root", "mount", "loop", "ext4", "xfs")


async def expand(client, volume_id: str, size: int, limit: int = 0) -> csi.ControllerExpandVolumeResponse:
    wanted = csi.CapacityRange(required_bytes=size, limit_bytes=limit)
    request = csi.ControllerExpandVolumeRequest(volume_id=volume_id, capacity_range=wanted)
    return await client.controller.ControllerExpandVolume(request, timeout=CALL_SECONDS)


async def node_expand(client, volume_id: str, path: Path, size: int = 0, limit: int = 0) -> int:
    wanted = csi.CapacityRange(required_bytes=size, limit_bytes=limit)
    request = csi.NodeExpandVolumeRequest(volume_id=volume_id, volume_path=str(path), capacity_range=wanted)
    return (await client.node.NodeExpandVolume(request, timeout=CALL_SECONDS)).capacity_bytes


def size_of(path: Path) -> int:
    status = os.statvfs(path)
    return status.f_blocks * status.f_frsize


async def test_a_volume_grows_by_what_the_pool_loses_and_never_shrinks(client):
    volume_id = (await client.create("data", 64 * MIB)).volume_id
    free = await client.available()
    for _ in range(2):
        answer = await expand(client, volume_id, 100 * MIB)
        assert answer.capacity_bytes == 100 * MIB
        assert not answer.node_expansion_required, "nothing is in use, and nothing is formatted yet"
        assert await client.available() == free - 36 * MIB
    assert (await expand(client, volume_id, 10 * MIB)).capacity_bytes == 100 * MIB
    assert (await client.create("data", 64 * MIB)).capacity_bytes == 100 * MIB
    await client.delete(volume_id)
    assert await client.available() == free + 64 * MIB


async def test_a_growth_that_cannot_be_is_refused_and_changes_nothing(client):
    volume_id = (await client.create("data", 64 * MIB)).volume_id
    await client.create("other", GIB)
    free = await client.available()
    async with refused("OUT_OF_RANGE", "limit_bytes"):
        await expand(client, volume_id, 0, limit=63 * MIB)
    async with refused("OUT_OF_RANGE", "whole pool"):
        await expand(client, volume_id, 3 * GIB)
    async with refused("OUT_OF_RANGE", "at most"):
        await expand(client, volume_id, 1 << 62)
    async with refused("RESOURCE_EXHAUSTED", "left"):
        await expand(client, volume_id, 64 * MIB + free + MIB)
    assert await client.available() == free
    assert (await expand(client, volume_id, 64 * MIB)).capacity_bytes == 64 * MIB
    assert (await expand(client, volume_id, 64 * MIB + free)).capacity_bytes == 64 * MIB + free
    assert await client.available() == 0


async def test_node_expansion_of_what_is_not_there_is_refused(client):
    volume_id = (await client.create("data", 64 * MIB)).volume_id
    assert await outcome(node_expand(client, volume_id, client.staging(volume_id))) == "NOT_FOUND"
    await client.stage(volume_id)
    async with refused("FAILED_PRECONDITION", "ControllerExpandVolume first"):
        await node_expand(client, volume_id, client.staging(volume_id), 100 * MIB)
    async with refused("OUT_OF_RANGE", "cannot shrink"):
        await node_expand(client, volume_id, client.staging(volume_id), 0, limit=32 * MIB)
    assert await node_expand(client, volume_id, client.staging(volume_id)) == 64 * MIB
    await client.unstage(volume_id)
    await client.delete(volume_id)


@image_only
async def test_ext4_that_was_grown_while_away_is_larger_when_staged(image_client):
    volume_id = (await image_client.create("data", 64 * MIB)).volume_id
    staging = await image_client.stage(volume_id)
    (staging / "x").write_text("hello")
    await image_client.unstage(volume_id)
    assert (await expand(image_client, volume_id, 200 * MIB)).node_expansion_required
    await image_client.stage(volume_id)
    assert size_of(staging) == pytest.approx(200 * MIB, rel=0.02)
    assert (staging / "x").read_text() == "hello"
    assert await node_expand(image_client, volume_id, staging, 200 * MIB) == 200 * MIB
    await image_client.unstage(volume_id)
    await image_client.delete(volume_id)


@image_only
async def test_mounted_ext4_grows_or_says_that_staging_will_grow_it(image_client):
    volume_id = (await image_client.create("data", 64 * MIB)).volume_id
    staging = await image_client.stage(volume_id)
    path = await image_client.publish(volume_id)
    (path / "x").write_text("hello")
    assert (await expand(image_client, volume_id, 200 * MIB)).node_expansion_required
    await image_client.stage(volume_id)  # staged it is, and stays so: a repeat succeeds
    if may_grow_mounted_ext4():
        assert await node_expand(image_client, volume_id, path, 200 * MIB) == 200 * MIB
    else:
        async with refused("FAILED_PRECONDITION", "CAP_SYS_RESOURCE", "stage"):
            await node_expand(image_client, volume_id, path, 200 * MIB)
        (path / "y").write_text("goes on working")
        await image_client.unpublish(volume_id)
        await image_client.unstage(volume_id)
        await image_client.stage(volume_id)
        await image_client.publish(volume_id)
        assert await node_expand(image_client, volume_id, path, 200 * MIB) == 200 * MIB
    assert size_of(staging) == pytest.approx(200 * MIB, rel=0.02)
    assert (path / "x").read_text() == "hello"
    await image_client.put_away(volume_id)


@xfs_only
async def test_mounted_xfs_grows_while_it_is_used(image_client):
    volume_id = (await image_client.create("data", 300 * MIB, mount("xfs"))).volume_id
    await image_client.stage(volume_id, mount("xfs"))
    path = await image_client.publish(volume_id, mount("xfs"))
    with (path / "x").open("w") as file:
        file.write("hello")
        assert (await expand(image_client, volume_id, 400 * MIB)).node_expansion_required
        assert await node_expand(image_client, volume_id, path, 400 * MIB) == 400 * MIB
    assert size_of(path) == pytest.approx(400 * MIB, rel=0.01)
    assert (path / "x").read_text() == "hello"
    await image_client.put_away(volume_id)


@image_only
async def test_a_device_in_use_sees_its_new_size(image_client):
    volume_id = (await image_client.create("data", 16 * MIB, block())).volume_id
    await image_client.stage(volume_id, block())
    path = await image_client.publish(volume_id, block())
    assert (await expand(image_client, volume_id, 24 * MIB)).node_expansion_required
    with path.open("rb") as device:
        assert await node_expand(image_client, volume_id, path, 24 * MIB) == 24 * MIB
        assert device.seek(0, os.SEEK_END) == 24 * MIB
    await image_client.put_away(volume_id)


@image_only
async def test_a_device_whose_client_never_asked_the_node_has_its_new_size_when_staged_again(image_client):
    volume_id = (await image_client.create("data", 16 * MIB, block())).volume_id
    await image_client.stage(volume_id, block())
    path = await image_client.publish(volume_id, block())
    await expand(image_client, volume_id, 24 * MIB)
    await image_client.stage(volume_id, block())
    with path.open("rb") as device:
        assert device.seek(0, os.SEEK_END) == 24 * MIB
    await image_client.put_away(volume_id)
