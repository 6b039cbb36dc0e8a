"""What is malformed is refused with the right status, and the pool is the same before and after."""

from __future__ import annotations

import asyncio

import pytest

from csi_spec import csi_pb2 as csi
from tests.local_disk.driver import MIB, Mode, block, create_request, mount, outcome

NO_MODE = csi.VolumeCapability(mount=csi.VolumeCapability.MountVolume())
NO_TYPE = csi.VolumeCapability(access_mode=Mode(mode=Mode.SINGLE_NODE_WRITER))
LONG = "x" * 129
BAD_PATHS = ["", "relative/path", "/", "//", "/a/../b", "/" + "x" * 4096, "/a\0b"]


def creations() -> list[tuple[str, csi.CreateVolumeRequest]]:
    """(status, request) of creations that must not happen."""
    clone = csi.VolumeContentSource(volume=csi.VolumeContentSource.VolumeSource(volume_id="v"))
    negative = csi.CapacityRange(required_bytes=-1)
    two_kinds = [mount(), block()]
    invalid = [
        create_request(""),
        create_request(LONG),
        create_request("ü" * 65),
        create_request("line\x01feed"),
        csi.CreateVolumeRequest(name="a"),
        csi.CreateVolumeRequest(name="a", volume_capabilities=[mount()], capacity_range=negative),
        csi.CreateVolumeRequest(name="a", volume_capabilities=two_kinds),
        csi.CreateVolumeRequest(name="a", volume_capabilities=[mount()] * 33),
        create_request("a", capability=NO_MODE),
        create_request("a", capability=NO_TYPE),
        create_request("a", capability=csi.VolumeCapability()),
        create_request("a", capability=mount("ntfs")),
        create_request("a", capability=mount("../../ext4")),
        create_request("a", capability=mount(mode=Mode.MULTI_NODE_MULTI_WRITER)),
        create_request("a", capability=mount(flags=["context=evil"])),
        create_request("a", capability=mount(group="staff")),
        create_request("a", parameters={"colour": "red"}),
        create_request("a", parameters={"bytes_per_inode": "17"}),
        create_request("a", parameters={"x" * 2048: "y" * 2049}),
        create_request("a", mutable_parameters={"speed": "fast"}),
        create_request("a", volume_content_source=clone),
    ]
    return [("INVALID_ARGUMENT", each) for each in invalid]


async def test_bad_creations_are_refused_and_change_nothing(client):
    before, free = client.files(), await client.available()
    for status, request in creations():
        assert await outcome(client.controller.CreateVolume(request)) == status, request
    assert client.files() == before
    assert await client.available() == free


async def test_names_of_any_script_and_full_length_make_volumes_that_stay_in_the_pool(client):
    names = ["x" * 128, "ü" * 64, "../../../etc/passwd", "a/b", ".", "name with spaces\n", "卷"]
    for name in names:
        volume = await client.create(name)
        assert await client.create(name) == volume
    outside = {path.name for path in client.folder.iterdir()} - {"pool", "csi.sock", "state"}
    assert outside == set()
    assert len(client.files()) == 2 * len(names)
    for name in names:
        await client.delete((await client.create(name)).volume_id)
    assert client.files() == set()


@pytest.mark.parametrize("volume_id", ["v-1", "../../etc", "v-" + "0" * 40])
async def test_calls_on_volumes_that_are_not_there_say_so(client, volume_id):
    size = csi.CapacityRange(required_bytes=32 * MIB)
    node, controller = client.node, client.controller
    stats = csi.NodeGetVolumeStatsRequest(volume_id=volume_id, volume_path="x/y")
    grow = csi.NodeExpandVolumeRequest(volume_id=volume_id, volume_path="/x")
    expand = csi.ControllerExpandVolumeRequest(volume_id=volume_id, capacity_range=size)
    calls = [
        lambda: controller.ControllerExpandVolume(expand),
        lambda: controller.ControllerGetVolume(csi.ControllerGetVolumeRequest(volume_id=volume_id)),
        lambda: client.stage(volume_id),
        lambda: client.publish(volume_id),
        lambda: client.unpublish(volume_id),
        lambda: client.unstage(volume_id),
        lambda: node.NodeGetVolumeStats(stats),
        lambda: node.NodeExpandVolume(grow),
    ]
    for number, call in enumerate(calls):
        assert await outcome(call()) == "NOT_FOUND", (volume_id, number)


async def test_missing_volume_ids_are_refused_by_every_call(client):
    staging = str(client.staging("x"))
    calls = [
        client.controller.DeleteVolume(csi.DeleteVolumeRequest()),
        client.controller.DeleteVolume(csi.DeleteVolumeRequest(volume_id=LONG)),
        client.controller.ControllerGetVolume(csi.ControllerGetVolumeRequest()),
        client.controller.ControllerExpandVolume(csi.ControllerExpandVolumeRequest()),
        client.controller.ValidateVolumeCapabilities(
            csi.ValidateVolumeCapabilitiesRequest(volume_capabilities=[mount()])
        ),
        client.node.NodeStageVolume(
            csi.NodeStageVolumeRequest(staging_target_path=staging, volume_capability=mount())
        ),
        client.node.NodeUnstageVolume(csi.NodeUnstageVolumeRequest(staging_target_path=staging)),
        client.node.NodePublishVolume(
            csi.NodePublishVolumeRequest(target_path="/x/y", volume_capability=mount())
        ),
        client.node.NodeUnpublishVolume(csi.NodeUnpublishVolumeRequest(target_path="/x/y")),
        client.node.NodeGetVolumeStats(csi.NodeGetVolumeStatsRequest(volume_path="/x/y")),
        client.node.NodeExpandVolume(csi.NodeExpandVolumeRequest(volume_path="/x/y")),
        client.node.NodeGetVolumeStats(csi.NodeGetVolumeStatsRequest(volume_id="v-1")),
        client.node.NodeExpandVolume(csi.NodeExpandVolumeRequest(volume_id="v-1")),
    ]
    for call in calls:
        assert await outcome(call) == "INVALID_ARGUMENT"


async def test_bad_node_requests_are_refused_and_change_nothing(client):
    volume_id = (await client.create("data")).volume_id
    before = client.files()
    bad = [client.stage_request(volume_id) for _ in range(3)]
    bad[0].ClearField("volume_capability")
    bad[1].volume_capability.CopyFrom(NO_MODE)
    bad[2].staging_target_path = str(client.folder / "not-there")
    for path in BAD_PATHS:
        bad.append(client.stage_request(volume_id))
        bad[-1].staging_target_path = path
    for request in bad:
        assert await outcome(client.node.NodeStageVolume(request)) == "INVALID_ARGUMENT", request
    await client.stage(volume_id)
    files = client.files()
    for path in [*BAD_PATHS, str(client.folder / "no" / "parent")]:
        request = client.publish_request(volume_id)
        request.target_path = path
        assert await outcome(client.node.NodePublishVolume(request)) == "INVALID_ARGUMENT", path
        unpublish = csi.NodeUnpublishVolumeRequest(volume_id=volume_id, target_path=path)
        if path in BAD_PATHS:
            assert await outcome(client.node.NodeUnpublishVolume(unpublish)) == "INVALID_ARGUMENT", path
    request = client.publish_request(volume_id)
    request.ClearField("staging_target_path")
    assert await outcome(client.node.NodePublishVolume(request)) == "FAILED_PRECONDITION"
    request = client.publish_request(volume_id, NO_TYPE)
    assert await outcome(client.node.NodePublishVolume(request)) == "INVALID_ARGUMENT"
    assert client.files() == files == before
    await client.unstage(volume_id)
    await client.delete(volume_id)


async def test_bad_expansions_are_refused_and_change_nothing(client):
    volume_id = (await client.create("data", 64 * MIB)).volume_id
    free = await client.available()

    async def expand(**sizes) -> str:
        request = csi.ControllerExpandVolumeRequest(volume_id=volume_id)
        if sizes:
            request.capacity_range.CopyFrom(csi.CapacityRange(**sizes))
        return await outcome(client.controller.ControllerExpandVolume(request))

    assert await expand() == "INVALID_ARGUMENT"
    assert await expand(required_bytes=0) == "INVALID_ARGUMENT"
    assert await expand(required_bytes=-5) == "INVALID_ARGUMENT"
    assert await expand(limit_bytes=32 * MIB) == "OUT_OF_RANGE"
    assert await expand(required_bytes=65 * MIB, limit_bytes=64 * MIB) == "OUT_OF_RANGE"
    assert await expand(required_bytes=2**62) == "OUT_OF_RANGE"
    assert await expand(required_bytes=65 * MIB - 1, limit_bytes=65 * MIB - 1) == "OUT_OF_RANGE"
    await client.create("rest", free - 8 * MIB)
    assert await expand(required_bytes=128 * MIB) == "RESOURCE_EXHAUSTED"
    assert await client.available() == 8 * MIB
    found = await client.controller.ControllerGetVolume(csi.ControllerGetVolumeRequest(volume_id=volume_id))
    assert found.volume.capacity_bytes == 64 * MIB


async def test_garbage_on_the_socket_is_refused_and_the_plugin_goes_on(client):
    reader, writer = await asyncio.open_unix_connection(str(client.folder / "csi.sock"))
    writer.write(b"\xff" * 100_000)
    try:
        await writer.drain()
        await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        pass
    writer.close()
    huge = create_request("x" * (17 * MIB))
    assert await outcome(client.controller.CreateVolume(huge)) == "RESOURCE_EXHAUSTED"
    await client.create("data")
