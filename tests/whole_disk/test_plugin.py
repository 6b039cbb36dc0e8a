"""The plugin of one whole disk: real gRPC, on a loop device. Nothing of it writes to the disk."""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from csi_spec import csi_pb2 as csi
from provider.local_storage import device_host
from provider.local_storage.device import Contents, Kind
from provider.local_storage.device_contents import probe, usage
from provider.local_storage.device_hold import hold
from provider.local_storage.device_host import DevicesOnHost, NotPrepared
from provider.local_storage.device_rules import Answer, Rule, Use, verdict
from provider.local_storage.devices import attached_devices
from provider.plugins.local_disk.blocking import Threads
from provider.plugins.local_disk.commands import Subprocesses
from provider.plugins.local_disk.in_flight import InFlight
from provider.plugins.local_disk.mounts import KernelMounts
from provider.plugins.local_disk.pool import PoolUnusable
from provider.plugins.local_disk.refusals import Refusal
from provider.plugins.whole_disk import server
from provider.plugins.whole_disk.disk import Disk
from provider.plugins.whole_disk.server import serve
from provider.plugins.whole_disk.services import Identity, Node
from tests.devices.loops import MIB, Loops, run
from tests.local_disk.driver import Client, block, connected, mount, outcome, refused

pytestmark = pytest.mark.needs("root", "mount", "loop")
ID = "file:1-2"
SIZE = 96 * MIB


@pytest.fixture
def loops(short_dir: Path) -> Iterator[Loops]:
    made = Loops(short_dir)
    yield made
    for target in short_dir.glob("target-*"):
        KernelMounts().let_go(str(target))
    made.close()


@asynccontextmanager
async def serving(folder: Path, path: str, sequence: str = "", owner: str = "agent") -> AsyncIterator[Client]:
    stop, ready = asyncio.Event(), asyncio.Event()
    disk = Disk(path, ID, sequence, owner)
    task = asyncio.create_task(serve(f"unix://{folder}/csi.sock", "n", disk, stop=stop, ready=ready.set))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        task.result()
    try:
        async with connected(folder) as client:
            yield client
    finally:
        stop.set()
        await task


@asynccontextmanager
async def refusal(code: str, text: str) -> AsyncIterator[None]:
    with pytest.raises(Refusal, match=text) as raised:
        yield
    assert raised.value.code.name == code


def sequence_of(path: str) -> str:
    return next(each.sequence for each in attached_devices() if each.path == path)


async def test_the_disk_is_the_one_volume_and_nothing_can_be_made_or_deleted(
    short_dir: Path, loops: Loops
) -> None:
    path = loops.attach(loops.file("disk.img", SIZE))
    async with serving(short_dir, path) as client:
        (entry,) = (await client.controller.ListVolumes(csi.ListVolumesRequest())).entries
        assert (entry.volume.volume_id, entry.volume.capacity_bytes) == (ID, SIZE)
        found = await client.controller.ControllerGetCapabilities(csi.ControllerGetCapabilitiesRequest())
        assert [each.rpc.type for each in found.capabilities] == [
            csi.ControllerServiceCapability.RPC.LIST_VOLUMES
        ]
        assert await outcome(client.create("another")) == "UNIMPLEMENTED"
        assert await outcome(client.delete(ID)) == "UNIMPLEMENTED"


async def test_only_a_raw_block_device_is_confirmed(short_dir: Path, loops: Loops) -> None:
    path = loops.attach(loops.file("disk.img", SIZE))
    async with serving(short_dir, path) as client:

        async def answer(capability: csi.VolumeCapability, volume_id: str = ID, **fields: object) -> str:
            request = csi.ValidateVolumeCapabilitiesRequest(
                volume_id=volume_id, volume_capabilities=[capability], **fields
            )
            said = await client.controller.ValidateVolumeCapabilities(request)
            return said.message if not said.HasField("confirmed") else "confirmed"

        assert await answer(block()) == "confirmed"
        assert "ask for block" in await answer(mount())
        assert "no parameters" in await answer(block(), parameters={"a": "b"})
        async with refused("NOT_FOUND", "another"):
            await answer(block(), "another")


async def test_it_is_put_where_it_is_wanted_and_taken_away_as_often_as_is_asked(
    short_dir: Path, loops: Loops
) -> None:
    file = loops.file("disk.img", SIZE)
    path = loops.attach(file)
    async with serving(short_dir, path, sequence_of(path)) as client:
        for _ in range(2):
            target = await client.publish(ID, block())
        assert target.is_block_device()
        target.write_bytes(b"hello")
        os.sync()
        assert file.read_bytes()[:5] == b"hello"
        request = csi.NodeGetVolumeStatsRequest(volume_id=ID, volume_path=str(target))
        (usage,) = (await client.node.NodeGetVolumeStats(request)).usage
        assert usage.total == SIZE
        for _ in range(2):
            await client.unpublish(ID)
        assert not target.exists()
        assert await outcome(client.node.NodeGetVolumeStats(request)) == "NOT_FOUND"
        async with refused("INVALID_ARGUMENT", "read-only"):
            await client.publish(ID, block(), readonly=True)
        async with refused("INVALID_ARGUMENT", "ask for block"):
            await client.publish(ID, mount())


async def test_no_other_disk_gets_the_name_and_the_number_of_one_that_is_served(
    short_dir: Path, loops: Loops
) -> None:
    path = loops.attach(loops.file("disk.img", SIZE))
    async with serving(short_dir, path, sequence_of(path)) as client:
        target = await client.publish(ID, block())
        loops.detach(path)
        other = loops.file("another.img", SIZE)
        assert loops.attach(other) != path, "a node at a target would be another disk's"
        target.write_bytes(b"hello")
        os.sync()
        assert other.read_bytes()[:5] == bytes(5)
        await client.unpublish(ID)


async def test_another_disk_under_the_same_name_is_not_served(short_dir: Path, loops: Loops) -> None:
    path = loops.attach(loops.file("disk.img", SIZE))
    disk = Disk(path, ID, "another one's")
    with pytest.raises(PoolUnusable, match="another disk has the name"):
        async with serving(short_dir, path, disk.sequence):
            pass
    threads = Threads()
    async with refusal("FAILED_PRECONDITION", "another disk"):
        await Identity("1", disk, threads).probe(csi.ProbeRequest())
    async with refusal("FAILED_PRECONDITION", "another disk"):
        node = Node("n", disk, InFlight(), threads)
        target = str(short_dir / "target-b")
        request = csi.NodePublishVolumeRequest(volume_id=ID, target_path=target, volume_capability=block())
        await node.node_publish_volume(request)
    threads.close()


async def test_what_is_no_disk_is_not_served(short_dir: Path) -> None:
    (short_dir / "file").touch()
    for path in (short_dir / "file", short_dir / "nothing"):
        with pytest.raises(PoolUnusable, match="cannot be offered"):
            async with serving(short_dir, str(path)):
                pass


async def test_a_disk_that_another_plugin_serves_is_not_served_and_is_when_that_has_gone(
    short_dir: Path, loops: Loops, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two agents whose rules mean the same disk, on which nothing says whose it is."""
    path = loops.attach(loops.file("disk.img", SIZE))
    other = short_dir / "other"
    other.mkdir()
    monkeypatch.setattr(server, "LOCK_TRIES", 2)
    async with serving(short_dir, path):
        with pytest.raises(PoolUnusable, match="another agent's"):
            await serve(f"unix://{other}/csi.sock", "n", Disk(path, ID))
        (seen,) = [each for each in attached_devices() if each.path == path]
        with pytest.raises(BlockingIOError):  # as who is about to admit it does
            hold(seen, probe(path))
    async with serving(other, path) as client:
        assert (await client.controller.ListVolumes(csi.ListVolumesRequest())).entries


OURS, THEIRS = "work-dir-1", "work-dir-2"


async def test_a_disk_is_its_agents_also_while_its_plugin_is_away(
    short_dir: Path, loops: Loops, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = loops.attach(loops.file("disk.img", SIZE))
    device = next(each for each in attached_devices() if each.path == path)
    monkeypatch.setattr(server, "LOCK_TRIES", 2)
    monkeypatch.setattr(device_host, "LOCK_TRIES", 2)
    mine, other = DevicesOnHost(Subprocesses(), OURS), DevicesOnHost(Subprocesses(), THEIRS)
    await mine.claim("disk", device, alone=True)  # and no plugin serves it, yet or any more
    assert "another agent of this host offers it whole" in (await other.contents(device, fresh=True)).busy
    with pytest.raises(NotPrepared, match="another agent of this host has claimed it"):
        await other.claim("disk", device, alone=True)
    with pytest.raises(NotPrepared, match="claimed"):
        await other.confirm(device, Contents())
    with pytest.raises(NotPrepared, match="claimed"):
        await other.prepare(device, "6c6f6f70-0000-4000-8000-000000000001", Contents(), destroys=True)
    with pytest.raises(PoolUnusable, match="another agent's"):
        async with serving(short_dir, path, owner=THEIRS):
            pass
    async with serving(short_dir, path, owner=OURS):
        pass
    assert await mine.contents(device, fresh=True) == Contents()
    await mine.release("disk")
    await other.claim("disk", device, alone=True)
    await other.release("disk")


async def test_a_disk_is_its_agents_also_while_that_is_away_and_its_plugin_serves_it(
    short_dir: Path, loops: Loops
) -> None:
    path = loops.attach(loops.file("disk.img", SIZE))
    device = next(each for each in attached_devices() if each.path == path)
    mine, other = DevicesOnHost(Subprocesses(), OURS), DevicesOnHost(Subprocesses(), THEIRS)
    async with serving(short_dir, path, owner=OURS):
        assert (await other.contents(device, fresh=True)).busy
        with pytest.raises(NotPrepared, match="claimed"):
            await other.claim("disk", device, alone=True)
        await mine.claim("disk", device, alone=True)
        await mine.release("disk")


async def test_a_disk_that_a_task_has_is_seen_to_be_in_use_when_nobody_is_left_who_claims_it(
    short_dir: Path, loops: Loops
) -> None:
    path = loops.attach(loops.file("disk.img", SIZE))
    target = short_dir / "target-task"
    target.touch()
    KernelMounts().bind(path, str(target))
    seen = await DevicesOnHost(Subprocesses(), THEIRS).look(
        lambda device, busy: not busy and device.path == path
    )
    device, busy, contents = next(each for each in seen if each[0].path == path)
    assert (busy, contents) == (f"its node is given to somebody at {target}", None)
    rule = Rule("raw", Use.DISK, kinds=frozenset({Kind.LOOP}), even_if_not_empty=(device.identity,))
    assert verdict(device, [rule], busy, contents).answer is Answer.REFUSED
    KernelMounts().let_go(str(target))
    assert usage().of(device.number) == ""


async def test_a_disk_one_of_whose_partitions_is_mounted_in_some_other_view_is_not_taken_back(
    short_dir: Path, loops: Loops
) -> None:
    file = loops.file("disk.img", SIZE)
    with file.open("r+b") as opened:
        opened.seek(446)
        opened.write(struct.pack("<4xB3xII48x2s", 0x83, 2048, 65536, b"\x55\xaa"))
    path = loops.attach(file)
    run("partx", "--add", path)
    mine = DevicesOnHost(Subprocesses(), OURS)
    try:
        (device,) = [each for each in attached_devices() if each.path == path]
        held = os.open(f"{path}p1", os.O_RDONLY | os.O_EXCL)  # as a mount has it, wherever that is
        try:
            with pytest.raises(NotPrepared, match="or a partition of it, is in use outside of all tasks"):
                await mine.claim("disk", device, alone=True)
            await mine.claim("disk", device, alone=False)  # it was its tasks' all the time
        finally:
            os.close(held)
        await mine.claim("disk", device, alone=True)
        await mine.release_all()
    finally:
        run("partx", "--delete", path)
