"""Volumes made usable at paths and taken away, through gRPC; real mounts and devices with images."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from csi_spec import csi_pb2 as csi
from tests.census import loop_devices
from tests.local_disk.driver import GIB, MIB, NODE, Client, Mode, block, mount, outcome, refused, serving

image_only = pytest.mark.needs("root", "mount", "loop", "ext4")
xfs_only = pytest.mark.needs("root", "mount", "loop", "ext4", "xfs")


def size_of(path: Path) -> int:
    status = os.statvfs(path)
    return status.f_blocks * status.f_frsize


def exists(path: Path) -> bool:
    """Also when it is a link that leads nowhere."""
    return os.path.lexists(path)


def output(*command: str | Path) -> list[str]:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


@contextmanager
def mount_namespace_held_by_another_process(folder: Path) -> Iterator[None]:
    """Copies of all mounts of now stay in a private namespace until the block ends."""
    holder = subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", "echo held; read line"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=folder,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield
    finally:
        holder.communicate(b"\n", timeout=10)


def is_read_only(device: Path) -> bool:
    return Path("/sys/block", device.name, "ro").read_text() == "1\n"


def discard(device: Path) -> None:
    """Try to give the device's space back, as the user of a volume may; refusal is fine."""
    subprocess.run(["blkdiscard", "-f", device], capture_output=True, check=False)


def fill(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for _ in range(size // MIB):
            file.write(os.urandom(1024) * 1024)
        file.flush()
        os.fsync(file.fileno())


async def test_node_says_where_it_is(client):
    info = await client.node.NodeGetInfo(csi.NodeGetInfoRequest())
    assert info.node_id == NODE
    assert dict(info.accessible_topology.segments) == {"local-disk.orlop/node": NODE}
    rpc = csi.NodeServiceCapability.RPC.Type
    answer = await client.node.NodeGetCapabilities(csi.NodeGetCapabilitiesRequest())
    assert {rpc.Name(each.rpc.type) for each in answer.capabilities} == {
        "STAGE_UNSTAGE_VOLUME",
        "GET_VOLUME_STATS",
        "EXPAND_VOLUME",
        "SINGLE_NODE_MULTI_WRITER",
    }


async def test_what_was_written_is_there_again_after_everything_was_taken_away(client):
    volume_id = (await client.create("data")).volume_id
    await client.stage(volume_id)
    path = await client.publish(volume_id)
    (path / "x").write_text("hello")
    await client.unpublish(volume_id)
    assert not exists(path)
    await client.unstage(volume_id)
    assert list(client.staging(volume_id).iterdir()) == []
    await client.stage(volume_id)
    assert ((await client.publish(volume_id, name="b")) / "x").read_text() == "hello"
    await client.put_away(volume_id, "b")


async def test_a_new_volume_of_an_old_name_is_empty(client):
    volume_id = (await client.create("data")).volume_id
    await client.stage(volume_id)
    ((await client.publish(volume_id)) / "secret").write_text("x")
    await client.put_away(volume_id)
    await client.create("data")
    await client.stage(volume_id)
    assert not ((await client.publish(volume_id)) / "secret").exists()
    await client.put_away(volume_id)


async def test_every_node_call_may_be_repeated(client):
    volume_id = (await client.create("data")).volume_id
    for _ in range(2):
        await client.stage(volume_id)
    for _ in range(2):
        path = await client.publish(volume_id)
    (path / "x").write_text("hello")
    await client.stage(volume_id)
    assert (path / "x").read_text() == "hello"
    for _ in range(2):
        await client.unpublish(volume_id)
    for _ in range(2):
        await client.unstage(volume_id)
    await client.delete(volume_id)


async def test_calls_in_the_wrong_order_are_refused_and_change_nothing(client):
    volume_id = (await client.create("data")).volume_id
    async with refused("FAILED_PRECONDITION", "stage it first"):
        await client.publish(volume_id)
    assert not exists(client.target(volume_id))
    await client.stage(volume_id)
    async with refused("FAILED_PRECONDITION", "in use"):
        await client.delete(volume_id)
    path = await client.publish(volume_id)
    async with refused("FAILED_PRECONDITION", "unpublish"):
        await client.unstage(volume_id)
    async with refused("FAILED_PRECONDITION", "in use"):
        await client.delete(volume_id)
    (path / "x").write_text("still here")
    await client.put_away(volume_id)


async def test_a_volume_is_staged_at_one_place_at_a_time(client):
    volume_id = (await client.create("data")).volume_id
    await client.stage(volume_id)
    other = client.folder / "other"
    other.mkdir()
    request = client.stage_request(volume_id)
    request.staging_target_path = str(other)
    async with refused("FAILED_PRECONDITION", "elsewhere"):
        await client.node.NodeStageVolume(request)
    publish = client.publish_request(volume_id)
    publish.staging_target_path = str(other)
    async with refused("FAILED_PRECONDITION", "elsewhere"):
        await client.node.NodePublishVolume(publish)
    await client.unstage(volume_id)
    await client.delete(volume_id)


async def test_a_single_writer_has_one_target_path_and_others_may_have_several(client):
    single = mount(mode=Mode.SINGLE_NODE_SINGLE_WRITER)
    volume_id = (await client.create("data")).volume_id
    await client.stage(volume_id)
    first = await client.publish(volume_id, name="a")
    second = await client.publish(volume_id, name="b")
    (first / "x").write_text("shared")
    assert (second / "x").read_text() == "shared"
    async with refused("FAILED_PRECONDITION", "single writer"):
        await client.publish(volume_id, single, name="c")
    await client.unpublish(volume_id, "a")
    await client.unpublish(volume_id, "b")
    await client.publish(volume_id, single, name="c")
    async with refused("FAILED_PRECONDITION", "single writer"):
        await client.publish(volume_id, single, name="d")
    await client.put_away(volume_id, "c")


async def test_a_path_that_was_never_published_is_left_alone(client):
    volume_id = (await client.create("data")).volume_id
    mine = client.target(volume_id)
    mine.mkdir()
    await client.unpublish(volume_id)
    assert mine.is_dir()
    await client.stage(volume_id)
    await client.publish(volume_id)
    await client.put_away(volume_id)
    assert not mine.exists()


async def test_a_target_path_that_holds_something_is_refused_and_kept(client):
    volume_id = (await client.create("data")).volume_id
    target = client.target(volume_id)
    target.write_text("not yours")
    await client.stage(volume_id)
    async with refused("INVALID_ARGUMENT", "target_path"):
        await client.publish(volume_id)
    await client.unpublish(volume_id)
    assert target.read_text() == "not yours"
    target.unlink()
    await client.put_away(volume_id)


async def test_usage_tells_size_and_what_is_used(client):
    volume_id = (await client.create("data", 64 * MIB)).volume_id
    await client.stage(volume_id)
    path = await client.publish(volume_id)
    for place in (path, client.staging(volume_id)):
        before = await used(client, volume_id, place)
        fill(path / "x", 8 * MIB)
        after = await used(client, volume_id, place)
        assert before.total == pytest.approx(64 * MIB, rel=0.02)
        assert after.used - before.used == pytest.approx(8 * MIB, rel=0.05)
        (path / "x").unlink()
    for nowhere in (client.folder, Path("some/path"), Path("/"), path / "x"):
        async with refused("NOT_FOUND"):
            await used(client, volume_id, nowhere)
    await client.put_away(volume_id)


async def used(client, volume_id: str, path: Path) -> csi.VolumeUsage:
    request = csi.NodeGetVolumeStatsRequest(volume_id=volume_id, volume_path=str(path))
    return (await client.node.NodeGetVolumeStats(request)).usage[0]


async def test_folders_publish_by_a_link_and_refuse_what_only_mounts_can_do(short_dir):
    async with serving(short_dir, "dir") as client:
        volume_id = (await client.create("data")).volume_id
        await client.stage(volume_id)
        async with refused("FAILED_PRECONDITION", "read-only"):
            await client.publish(volume_id, readonly=True)
        path = await client.publish(volume_id)
        assert path.is_symlink()
        assert path.resolve().parent == (client.pool / "volumes").resolve()
        await client.put_away(volume_id)
        for capability in (block(), mount("ext4"), mount(flags=["noatime"])):
            async with refused("INVALID_ARGUMENT", "image backend"):
                await client.create("other", capability=capability)


@image_only
async def test_df_shows_the_size_of_the_volume(image_client):
    volume_id = (await image_client.create("data", GIB)).volume_id
    await image_client.stage(volume_id)
    path = await image_client.publish(volume_id)
    assert output("df", "-h", "--output=size", path) == ["Size", "1.0G"]
    assert size_of(path) == pytest.approx(GIB, rel=0.001)
    await image_client.put_away(volume_id)


@image_only
@pytest.mark.parametrize("inode_bytes", ["4096", "16384", "65536"])
async def test_the_filesystem_offers_the_size_whatever_the_number_of_inodes(image_client, inode_bytes):
    parameters = {"bytes_per_inode": inode_bytes}
    volume_id = (await image_client.create("data", 600 * MIB, parameters=parameters)).volume_id
    await image_client.stage(volume_id)
    path = await image_client.publish(volume_id)
    assert size_of(path) == pytest.approx(600 * MIB, rel=0.005)
    assert os.statvfs(path).f_files == pytest.approx(600 * MIB // int(inode_bytes), rel=0.03)
    await image_client.put_away(volume_id)


@image_only
async def test_writing_beyond_the_size_fails_and_harms_no_other_volume(image_client):
    small = (await image_client.create("small", 32 * MIB)).volume_id
    other = (await image_client.create("other", 32 * MIB)).volume_id
    for volume_id in (small, other):
        await image_client.stage(volume_id)
        await image_client.publish(volume_id)
    with pytest.raises(OSError) as caught:
        fill(image_client.target(small) / "x", 40 * MIB)
    assert caught.value.errno == errno.ENOSPC
    fill(image_client.target(other) / "x", 20 * MIB)
    for volume_id in (small, other):
        await image_client.put_away(volume_id)


@image_only
async def test_a_read_only_publication_cannot_be_written_through(image_client):
    volume_id = (await image_client.create("data")).volume_id
    await image_client.stage(volume_id)
    writable = await image_client.publish(volume_id, name="a")
    (writable / "x").write_text("hello")
    read_only = await image_client.publish(volume_id, name="b", readonly=True)
    assert (read_only / "x").read_text() == "hello"
    with pytest.raises(OSError) as caught:
        (read_only / "y").write_text("no")
    assert caught.value.errno == errno.EROFS
    (writable / "y").write_text("yes")
    async with refused("ALREADY_EXISTS", "otherwise"):
        await image_client.publish(volume_id, name="b")
    reader = mount(mode=Mode.SINGLE_NODE_READER_ONLY)
    with pytest.raises(OSError):
        ((await image_client.publish(volume_id, reader, name="c")) / "y").write_text("no")
    await image_client.put_away(volume_id, "a", "b", "c")


@image_only
async def test_mount_flags_are_honoured_and_unknown_ones_refused(image_client):
    flags = mount(flags=["noexec", "nosuid"])
    volume_id = (await image_client.create("data", capability=flags)).volume_id
    await image_client.stage(volume_id, flags)
    async with refused("ALREADY_EXISTS", "mount flags"):
        await image_client.stage(volume_id)
    path = await image_client.publish(volume_id, flags, readonly=True)
    (options,) = output("findmnt", "-n", "-o", "OPTIONS", path)
    assert {"noexec", "nosuid", "ro"} <= set(options.split(","))
    await image_client.put_away(volume_id)


@image_only
async def test_open_files_keep_a_volume_in_place(image_client):
    volume_id = (await image_client.create("data")).volume_id
    await image_client.stage(volume_id)
    path = await image_client.publish(volume_id)
    with (path / "x").open("w"):
        async with refused("FAILED_PRECONDITION", "open"):
            await image_client.unpublish(volume_id)
    await image_client.put_away(volume_id)


@image_only
async def test_a_volume_that_another_mount_namespace_holds_is_not_deleted(image_client):
    volume_id = (await image_client.create("data")).volume_id
    await image_client.stage(volume_id)
    with mount_namespace_held_by_another_process(image_client.folder):
        await image_client.unstage(volume_id)
        async with refused("FAILED_PRECONDITION", "attached"):
            await image_client.delete(volume_id)
    await image_client.delete(volume_id)


@xfs_only
async def test_xfs_volumes_have_their_size_and_a_least_one(image_client):
    async with refused("OUT_OF_RANGE", "xfs", str(300 * MIB)):
        await image_client.create("tiny", 299 * MIB, mount("xfs"))
    volume_id = (await image_client.create("data", 300 * MIB, mount("xfs"))).volume_id
    async with refused("FAILED_PRECONDITION", "xfs"):
        await image_client.stage(volume_id, mount("ext4"))
    await image_client.stage(volume_id, mount("xfs"))
    path = await image_client.publish(volume_id, mount("xfs"))
    assert size_of(path) == 300 * MIB
    with pytest.raises(OSError):
        fill(path / "x", 310 * MIB)
    await image_client.put_away(volume_id)


@image_only
async def test_a_block_volume_is_a_device_of_exactly_its_size(image_client):
    volume_id = (await image_client.create("data", 16 * MIB, block())).volume_id
    assert await outcome(image_client.stage(volume_id, mount())) == "FAILED_PRECONDITION"
    await image_client.stage(volume_id, block())
    path = await image_client.publish(volume_id, block())
    assert stat.S_ISBLK(path.stat().st_mode)
    with path.open("r+b", buffering=0) as device:
        assert device.seek(0, os.SEEK_END) == 16 * MIB
        device.seek(0)
        device.write(b"raw" * 1024)
        async with refused("FAILED_PRECONDITION", "unpublish"):
            await image_client.unstage(volume_id)
    usage = await used(image_client, volume_id, path)
    assert usage.total == 16 * MIB
    await image_client.unpublish(volume_id)
    assert not path.exists()
    await image_client.unstage(volume_id)
    await image_client.stage(volume_id, block())
    path = await image_client.publish(volume_id, block())
    assert path.read_bytes()[:6] == b"rawraw"
    await image_client.put_away(volume_id)


@image_only
async def test_a_read_only_block_volume_cannot_be_written(image_client):
    volume_id = (await image_client.create("data", 16 * MIB, block())).volume_id
    await image_client.stage(volume_id, block())
    path = await image_client.publish(volume_id, block(), readonly=True)
    with pytest.raises(PermissionError), path.open("r+b", buffering=0) as device:
        device.write(b"x" * 4096)
    async with refused("FAILED_PRECONDITION", "for all or for none"):
        await image_client.publish(volume_id, block(), name="b")
    assert not image_client.target(volume_id, "b").exists()
    await image_client.unpublish(volume_id)
    await image_client.publish(volume_id, block(), name="b")
    with image_client.target(volume_id, "b").open("r+b", buffering=0) as device:
        assert device.write(b"x" * 4096) == 4096
    await image_client.put_away(volume_id, "b")


@image_only
async def test_a_device_is_writable_for_whoever_gets_it_next(image_client):
    volume_id = (await image_client.create("data", 16 * MIB, block())).volume_id
    await image_client.stage(volume_id, block())
    await image_client.publish(volume_id, block(), readonly=True)
    device = device_of(image_client, volume_id)
    assert is_read_only(device)
    await image_client.put_away(volume_id)
    assert not is_read_only(device)


@image_only
async def test_a_tool_that_outlived_its_plugin_keeps_others_from_the_image(image_client):
    volume_id = (await image_client.create("data")).volume_id
    (image,) = (image_client.pool / "volumes").glob("*.image")
    with image.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        async with refused("ABORTED", "still works"):
            await image_client.stage(volume_id)
    await image_client.stage(volume_id)
    await image_client.unstage(volume_id)
    await image_client.delete(volume_id)


def device_of(client: Client, volume_id: str) -> Path:
    """The loop device behind which the volume's image is, as the kernel tells it."""
    for line in loop_devices(str(client.pool)):  # another test's volume may have the same id
        if volume_id in line:
            return Path(line.split()[0])
    raise LookupError(volume_id)


@image_only
async def test_a_device_that_is_still_open_is_not_let_go_silently(image_client):
    volume_id = (await image_client.create("data", 16 * MIB, block())).volume_id
    await image_client.stage(volume_id, block())
    path = await image_client.publish(volume_id, block())
    with path.open("rb"):
        async with refused("FAILED_PRECONDITION", "open"):
            await image_client.unpublish(volume_id)
    with device_of(image_client, volume_id).open("rb"):
        await image_client.unpublish(volume_id)
        async with refused("FAILED_PRECONDITION", "open"):
            await image_client.unstage(volume_id)
        async with refused("FAILED_PRECONDITION"):
            await image_client.delete(volume_id)
    await image_client.unstage(volume_id)
    await image_client.delete(volume_id)


@image_only
async def test_a_discard_by_the_user_does_not_give_promised_space_away(image_client):
    volume_id = (await image_client.create("data", 32 * MIB, block())).volume_id
    await image_client.stage(volume_id, block())
    path = await image_client.publish(volume_id, block())
    discard(path)
    (image,) = (image_client.pool / "volumes").glob("*.image")
    assert image.stat().st_blocks * 512 >= 32 * MIB
    await image_client.put_away(volume_id)


@image_only
async def test_formatting_and_use_leave_the_image_wholly_allocated(image_client):
    volume_id = (await image_client.create("data", 256 * MIB)).volume_id
    await image_client.stage(volume_id)
    path = await image_client.publish(volume_id)
    fill(path / "x", 16 * MIB)
    (path / "x").unlink()
    (image,) = (image_client.pool / "volumes").glob("*.image")
    assert image.stat().st_blocks * 512 >= image.stat().st_size
    await image_client.put_away(volume_id)
