"""Volumes made, found and deleted, through gRPC, with each backend."""

from __future__ import annotations

import asyncio
import re

import pytest

from csi_spec import csi_pb2 as csi
from tests.local_disk.driver import (
    GIB,
    MIB,
    NODE,
    Mode,
    block,
    create_request,
    mount,
    outcome,
    refused,
    serving,
)

Service = csi.PluginCapability.Service
ControllerRpc = csi.ControllerServiceCapability.RPC


async def test_plugin_names_itself_by_a_domain_and_says_what_it_can_do(client, backend):
    info = await client.identity.GetPluginInfo(csi.GetPluginInfoRequest())
    assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", info.name)
    assert info.manifest["enforced"] == ("true" if backend == "image" else "false")
    answer = await client.identity.GetPluginCapabilities(csi.GetPluginCapabilitiesRequest())
    services = {each.service.type for each in answer.capabilities if each.HasField("service")}
    assert services == {Service.CONTROLLER_SERVICE, Service.VOLUME_ACCESSIBILITY_CONSTRAINTS}
    assert any(each.HasField("volume_expansion") for each in answer.capabilities)
    assert (await client.identity.Probe(csi.ProbeRequest())).ready.value


async def test_probe_says_when_the_pool_is_out_of_reach(client):
    client.pool.rename(client.folder / "elsewhere")
    async with refused("FAILED_PRECONDITION", "pool"):
        await client.identity.Probe(csi.ProbeRequest())


async def test_every_announced_controller_call_is_served_and_others_are_unimplemented(client):
    answer = await client.controller.ControllerGetCapabilities(csi.ControllerGetCapabilitiesRequest())
    announced = {ControllerRpc.Type.Name(each.rpc.type) for each in answer.capabilities}
    assert announced == {
        "CREATE_DELETE_VOLUME",
        "LIST_VOLUMES",
        "GET_CAPACITY",
        "EXPAND_VOLUME",
        "GET_VOLUME",
        "SINGLE_NODE_MULTI_WRITER",
    }
    async with refused("UNIMPLEMENTED"):
        await client.controller.ControllerPublishVolume(csi.ControllerPublishVolumeRequest())


async def test_created_volume_lies_on_this_node_and_is_listed_and_found(client, backend):
    volume = await client.create("data", 16 * MIB)
    assert volume.capacity_bytes == 16 * MIB
    assert volume.volume_context["backend"] == backend
    assert [dict(each.segments) for each in volume.accessible_topology] == [{"local-disk.orlop/node": NODE}]
    listed = await client.controller.ListVolumes(csi.ListVolumesRequest())
    assert [each.volume for each in listed.entries] == [volume]
    found = await client.controller.ControllerGetVolume(
        csi.ControllerGetVolumeRequest(volume_id=volume.volume_id)
    )
    assert found.volume == volume


async def test_replayed_create_volume_returns_the_same_volume(client):
    first = await client.create("data", 16 * MIB)
    assert await client.create("data", 16 * MIB) == first
    assert await client.create("data", 10 * MIB) == first, "a larger volume satisfies a smaller request"
    assert len(await list_all(client)) == 1


async def test_a_taken_name_with_other_properties_is_refused(client, backend):
    await client.create("data", 16 * MIB)
    requests = [
        create_request("data", 32 * MIB),
        create_request("data", 8 * MIB, limit=12 * MIB),
        create_request("data", 16 * MIB, mount(mode=Mode.SINGLE_NODE_SINGLE_WRITER)),
    ]
    if backend == "image":
        requests += [
            create_request("data", 16 * MIB, block()),
            create_request("data", 16 * MIB, parameters={"bytes_per_inode": "4096"}),
        ]
    for request in requests:
        assert await outcome(client.controller.CreateVolume(request)) == "ALREADY_EXISTS", request
    assert len(await list_all(client)) == 1


async def test_deleted_volume_leaves_nothing_and_deleting_again_succeeds(client):
    before, free = client.files(), await client.available()
    volume = await client.create("data")
    await client.delete(volume.volume_id)
    assert client.files() == before
    assert await client.available() == free
    await client.delete(volume.volume_id)
    await client.delete("v-never-was")
    again = await client.create("data")
    assert again.volume_id == volume.volume_id


async def test_sizes_are_whole_mib_and_stay_within_the_limits(client, backend):
    least = 8 * MIB if backend == "image" else MIB
    assert (await client.create("a", 16 * MIB + 1)).capacity_bytes == 17 * MIB
    assert (await client.create("b", 0)).capacity_bytes == GIB
    assert (await client.create("c", 0, limit=20 * MIB + 5)).capacity_bytes == 20 * MIB
    assert (await client.create("d", least)).capacity_bytes == least
    out_of_range = [
        create_request("e", 16 * MIB + 1, limit=16 * MIB + 2),
        create_request("e", 20 * MIB, limit=16 * MIB),
        create_request("e", least - 1),
        create_request("e", 3 * GIB),
        create_request("e", 2**63 - 1),
    ]
    for request in out_of_range:
        assert await outcome(client.controller.CreateVolume(request)) == "OUT_OF_RANGE", request
    async with refused("RESOURCE_EXHAUSTED", "bytes left"):
        await client.create("e", 1536 * MIB)


async def test_capacity_falls_by_exactly_the_size_of_each_volume(client):
    free = await client.available()
    for number, size in enumerate((16 * MIB, 123 * MIB, 700 * MIB)):
        await client.create(f"v{number}", size)
        free -= size
        assert await client.available() == free
    await client.create("rest", free)
    assert await client.available() == 0
    async with refused("RESOURCE_EXHAUSTED"):
        await client.create("more", 8 * MIB)


async def test_capacity_is_none_for_other_nodes_and_for_volumes_this_pool_does_not_make(client, backend):
    here = csi.Topology(segments={"local-disk.orlop/node": NODE})
    elsewhere = csi.Topology(segments={"local-disk.orlop/node": "node-2"})
    assert await client.available(accessible_topology=here) == await client.available() > 0
    assert await client.available(accessible_topology=elsewhere) == 0
    assert await client.available(mount("btrfs")) == 0
    assert await client.available(mount(mode=Mode.MULTI_NODE_MULTI_WRITER)) == 0
    assert (await client.available(block()) > 0) == (backend == "image")
    async with refused("INVALID_ARGUMENT", "colour"):
        await client.available(mount(), parameters={"colour": "red"})


async def test_volume_for_another_node_is_refused(client):
    def needing(*nodes: str):
        topologies = [csi.Topology(segments={"local-disk.orlop/node": node}) for node in nodes]
        return csi.TopologyRequirement(requisite=topologies)

    async with refused("RESOURCE_EXHAUSTED", NODE):
        await client.create("a", accessibility_requirements=needing("node-2"))
    await client.create("a", accessibility_requirements=needing("node-2", NODE))


async def list_all(client, page: int = 0) -> list[str]:
    found, token = [], ""
    while True:
        request = csi.ListVolumesRequest(max_entries=page, starting_token=token)
        answer = await client.controller.ListVolumes(request)
        assert not page or len(answer.entries) <= page
        found += [each.volume.volume_id for each in answer.entries]
        token = answer.next_token
        if not token:
            return found


async def test_pages_hold_each_volume_once_also_when_the_last_one_listed_is_deleted(client):
    ids = {(await client.create(f"v{number}", 8 * MIB)).volume_id for number in range(7)}
    for page in (1, 3, 7, 100):
        listed = await list_all(client, page)
        assert sorted(listed) == sorted(ids)
    first = await client.controller.ListVolumes(csi.ListVolumesRequest(max_entries=3))
    await client.delete(first.entries[-1].volume.volume_id)
    rest = await client.controller.ListVolumes(csi.ListVolumesRequest(starting_token=first.next_token))
    assert len(rest.entries) == 4
    async with refused("ABORTED", "starting_token"):
        await client.controller.ListVolumes(csi.ListVolumesRequest(starting_token="7"))
    async with refused("INVALID_ARGUMENT"):
        await client.controller.ListVolumes(csi.ListVolumesRequest(max_entries=-1))


async def test_capabilities_are_confirmed_only_as_far_as_the_volume_goes(client):
    volume = await client.create("data")

    async def confirmed(*capabilities, **fields) -> bool:
        request = csi.ValidateVolumeCapabilitiesRequest(
            volume_id=volume.volume_id, volume_capabilities=capabilities, **fields
        )
        answer = await client.controller.ValidateVolumeCapabilities(request)
        assert answer.HasField("confirmed") != bool(answer.message)
        return answer.HasField("confirmed")

    assert await confirmed(mount())
    assert await confirmed(mount(mode=Mode.SINGLE_NODE_SINGLE_WRITER), volume_context=volume.volume_context)
    assert not await confirmed(mount(), mount(mode=Mode.MULTI_NODE_READER_ONLY))
    assert not await confirmed(block())
    assert not await confirmed(mount("xfs"))
    assert not await confirmed(mount(), volume_context={"backend": "tape"})
    assert not await confirmed(mount(), parameters={"bytes_per_inode": "4096"})
    async with refused("NOT_FOUND"):
        await client.controller.ValidateVolumeCapabilities(
            csi.ValidateVolumeCapabilitiesRequest(volume_id="v-1", volume_capabilities=[mount()])
        )


async def test_fifty_creations_at_once_never_promise_more_than_there_is(client):
    size = 128 * MIB
    fitting = await client.available() // size
    assert 5 < fitting < 50
    outcomes = await asyncio.gather(*(outcome(client.create(f"v{n}", size)) for n in range(50)))
    assert outcomes.count("OK") == fitting
    assert outcomes.count("RESOURCE_EXHAUSTED") == 50 - fitting
    assert len(await list_all(client)) == fitting


async def test_twenty_creations_of_one_name_make_one_volume(client):
    outcomes = await asyncio.gather(*(outcome(client.create("data", 256 * MIB)) for _ in range(20)))
    assert set(outcomes) <= {"OK", "ABORTED"}
    assert "OK" in outcomes
    assert len(await list_all(client)) == 1
    await client.create("data", 256 * MIB)


async def test_pool_and_volumes_survive_a_restart(short_dir, backend):
    async with serving(short_dir, backend) as client:
        volume, free = await client.create("data", 64 * MIB), await client.available()
    assert not (short_dir / "csi.sock").exists()
    async with serving(short_dir, "auto", capacity=None) as client:
        assert await client.create("data", 64 * MIB) == volume
        assert await client.available() == free
        assert await list_all(client) == [volume.volume_id]


@pytest.mark.needs("root", "mount", "loop", "ext4")
async def test_an_image_takes_its_whole_size_from_the_disk_at_once(short_dir):
    async with serving(short_dir, "image") as client:
        await client.create("data", 256 * MIB)
        (image,) = (short_dir / "pool" / "volumes").glob("*.image")
        expected = 256 * MIB + 256 * 24 * 1024
        assert image.stat().st_size == expected
        assert expected <= image.stat().st_blocks * 512 <= expected + 64 * 1024


@pytest.mark.needs("root", "mount", "loop", "ext4")
async def test_a_full_disk_is_reported_as_exhausted_and_leaves_nothing(short_dir):
    async with serving(short_dir, "image", capacity=10**15) as client:
        before = client.files()
        async with refused("RESOURCE_EXHAUSTED", "full"):
            await client.create("huge", 10**14 // MIB * MIB // 8)
        assert client.files() == before
        await client.create("small", 8 * MIB)
