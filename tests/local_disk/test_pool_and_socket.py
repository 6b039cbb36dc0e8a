"""Starting on pools and sockets of every kind: folders, devices, what others use, what is not ours."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from csi_spec import csi_pb2 as csi
from provider.plugins.local_disk.options import PluginOptions
from provider.plugins.local_disk.pool import PoolUnusable
from provider.plugins.local_disk.server import serve
from tests.local_disk.driver import GIB, MIB, block, connected, refused, serving

image_only = pytest.mark.needs("root", "mount", "loop", "ext4")


def options(folder: Path, **changed) -> PluginOptions:
    fields = {
        "endpoint": f"unix://{folder}/csi.sock",
        "node_id": "node-1",
        "pool": folder / "pool",
        "backend": "dir",
        "state_folder": folder / "state",
    }
    return PluginOptions(**(fields | changed))


@contextmanager
def device(folder: Path, size: int) -> Iterator[Path]:
    """An empty block device; what is mounted from it is unmounted at the end."""
    image = folder / "disk"
    with image.open("wb") as file:
        file.truncate(size)
    attached = run("losetup", "--find", "--show", image)
    try:
        yield Path(attached)
    finally:
        subprocess.run(["umount", attached], capture_output=True, check=False)
        run("losetup", "--detach", attached)


def run(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def meet_an_error(disk: Path) -> None:
    """The kernel takes it that the ext4 file system on the device is wrong."""
    Path("/sys/fs/ext4", disk.name, "trigger_fs_error").write_text("a test's")


def listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    return listener


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"endpoint": "tcp://127.0.0.1:1"}, "unix:///"),
        ({"endpoint": "unix://relative.sock"}, "unix:///"),
        ({"endpoint": "unix:///tmp/" + "x" * 120}, "107"),
        ({"endpoint": "unix:///nowhere/at/all.sock"}, "does not exist"),
        ({"node_id": ""}, "node id"),
        ({"node_id": "a/b"}, "node id"),
        ({"node_id": "x" * 64}, "node id"),
        ({"pool": Path("/proc/pool")}, "as a pool"),
    ],
)
async def test_options_that_cannot_work_are_refused_at_the_start(short_dir, changed, word):
    with pytest.raises(PoolUnusable, match=word):
        await serve(options(short_dir, **changed))


async def test_a_pool_has_one_plugin_at_a_time(short_dir):
    async with serving(short_dir, "dir"):
        with pytest.raises(PoolUnusable, match="another plugin serves"):
            await serve(options(short_dir, endpoint=f"unix://{short_dir}/other.sock"))
    async with serving(short_dir, "dir"):
        pass


async def test_a_socket_that_answers_is_left_alone_and_a_dead_one_replaced(short_dir):
    path = short_dir / "csi.sock"
    listener = listen(path)
    with pytest.raises(PoolUnusable, match="another process answers"):
        await serve(options(short_dir))
    listener.close()
    async with serving(short_dir, "dir") as client:
        assert (await client.identity.Probe(csi.ProbeRequest())).ready.value
        assert path.stat().st_mode & 0o777 == 0o600


async def test_a_file_in_the_place_of_the_socket_is_kept(short_dir):
    (short_dir / "csi.sock").write_text("mine")
    with pytest.raises(PoolUnusable, match="not a socket"):
        await serve(options(short_dir))
    assert (short_dir / "csi.sock").read_text() == "mine"


async def test_an_unreadable_record_is_named_and_nothing_is_removed(short_dir):
    async with serving(short_dir, "dir") as client:
        volume_id = (await client.create("data")).volume_id
    record = short_dir / "pool" / "volumes" / f"{volume_id}.json"
    whole = record.read_bytes()
    record.write_bytes(whole[:-9])
    with pytest.raises(PoolUnusable, match=volume_id):
        await serve(options(short_dir))
    assert record.with_suffix(".folder").is_dir()
    record.write_bytes(whole)
    async with serving(short_dir, "dir") as client:
        await client.delete(volume_id)


@image_only
async def test_a_pool_keeps_the_backend_it_was_made_with(short_dir):
    async with serving(short_dir, "dir") as client:
        await client.create("data")
    with pytest.raises(PoolUnusable, match="--backend dir"):
        await serve(options(short_dir, backend="image"))
    async with serving(short_dir, "auto") as client:
        assert (await client.create("other")).volume_context["backend"] == "dir"


@image_only
async def test_root_gets_images_and_a_pool_of_what_the_disk_has_free(short_dir):
    async with serving(short_dir, "auto", capacity=None) as client:
        status = os.statvfs(short_dir)
        free = status.f_bavail * status.f_frsize
        assert 0.8 * free < await client.available() < 0.96 * free
        assert (await client.create("data")).volume_context["backend"] == "image"


@image_only
async def test_an_empty_device_becomes_a_pool_and_is_found_again(short_dir):
    with device(short_dir, GIB) as disk:
        async with serving(short_dir, "image", capacity=None, pool=disk) as client:
            free = await client.available()
            assert 800 * MIB < free < GIB
            volume_id = (await client.create("data", 64 * MIB)).volume_id
            staging = await client.stage(volume_id)
            (staging / "x").write_text("hello")
            await client.unstage(volume_id)
        run("umount", short_dir / "state" / disk.name)
        async with serving(short_dir, "auto", capacity=None, pool=disk) as client:
            assert await client.available() == free - 64 * MIB
            await client.stage(volume_id)
            assert (staging / "x").read_text() == "hello"
            await client.unstage(volume_id)
            await client.delete(volume_id)


@image_only
@pytest.mark.parametrize("content", [["mkfs.ext4", "-q"], ["mkswap"]])
async def test_a_device_that_holds_something_else_is_never_touched(short_dir, content):
    with device(short_dir, 64 * MIB) as disk:
        run(*content, disk)
        before = run("sha256sum", short_dir / "disk")
        with pytest.raises(PoolUnusable, match="left alone"):
            await serve(options(short_dir, backend="image", pool=disk))
        assert run("sha256sum", short_dir / "disk") == before


@image_only
async def test_a_disk_smaller_than_the_capacity_refuses_what_does_not_fit(short_dir):
    with device(short_dir, 256 * MIB) as disk:
        async with serving(short_dir, "image", capacity=10 * GIB, pool=disk) as client:
            assert await client.available() < 256 * MIB
            with pytest.raises(Exception, match="disk under the pool is full"):
                await client.create("data", 512 * MIB)
            await client.create("small", 64 * MIB)


@image_only
async def test_a_disk_that_met_an_error_has_no_room_for_volumes(short_dir):
    with device(short_dir, 256 * MIB) as disk:
        run("mkfs.ext4", "-q", disk)
        mounted = short_dir / "mounted"
        mounted.mkdir()
        run("mount", "-o", "errors=remount-ro", disk, mounted)
        async with serving(short_dir, "image", capacity=None, pool=mounted / "pool") as client:
            assert await client.available() > 64 * MIB
            meet_an_error(disk)
            assert await client.available() == 0


@image_only
async def test_a_full_disk_refuses_growth_and_keeps_the_volume_as_it_was(short_dir):
    with device(short_dir, 256 * MIB) as disk:
        async with serving(short_dir, "image", capacity=10 * GIB, pool=disk) as client:
            volume_id = (await client.create("data", 64 * MIB, block())).volume_id
            free = await client.available(block())
            request = csi.ControllerExpandVolumeRequest(
                volume_id=volume_id, capacity_range=csi.CapacityRange(required_bytes=GIB)
            )
            async with refused("RESOURCE_EXHAUSTED", "disk under the pool is full"):
                await client.controller.ControllerExpandVolume(request)
            assert await client.available(block()) == free
            listed = await client.controller.ListVolumes(csi.ListVolumesRequest())
            assert [each.volume.capacity_bytes for each in listed.entries] == [64 * MIB]
            await client.delete(volume_id)


@image_only
async def test_a_disk_full_to_the_last_byte_refuses_clearly_and_lets_volumes_be_deleted(short_dir):
    with device(short_dir, 64 * MIB) as disk:
        async with serving(short_dir, "image", capacity=10 * GIB, pool=disk) as client:
            volume_id = (await client.create("data", 16 * MIB)).volume_id
            pool = short_dir / "state" / disk.name
            (pool / "others").write_bytes(b"x")
            fill_up(pool / "others")
            assert await client.available() == 0
            async with refused("RESOURCE_EXHAUSTED", "full"):
                await client.create("more", 8 * MIB)
            async with refused("RESOURCE_EXHAUSTED", "full", "record"):
                await client.stage(volume_id)
            assert (await client.identity.Probe(csi.ProbeRequest())).ready.value
            await client.delete(volume_id)
            assert await client.available() > 8 * MIB
            assert await client.create("more", 8 * MIB)


def fill_up(path: Path) -> None:
    """The file takes all that its disk has left."""
    for piece in (MIB, 4096, 1):
        with path.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"x" * piece) == piece:
                pass
    os.sync()


async def test_what_others_put_into_the_pool_is_neither_read_nor_removed(short_dir, backend):
    volumes = short_dir / "pool" / "volumes"
    strangers = [volumes / name for name in ("notes.json", "v-notes.json", "v-x.json.new", "v-mine.image")]
    async with serving(short_dir, backend) as client:
        volume_id = (await client.create("data")).volume_id
        for path in strangers:
            path.write_text("not yours")
        (volumes / "v-folder.folder").mkdir()
    async with serving(short_dir, backend) as client:
        listed = await client.controller.ListVolumes(csi.ListVolumesRequest())
        assert [each.volume.volume_id for each in listed.entries] == [volume_id]
        assert all(path.read_text() == "not yours" for path in strangers)
        await client.delete(volume_id)
        assert client.files() == {path.name for path in strangers} | {"v-folder.folder"}


async def test_data_whose_record_was_lost_is_kept_and_never_given_to_another(short_dir, backend, caplog):
    volumes = short_dir / "pool" / "volumes"
    async with serving(short_dir, backend) as client:
        volume_id = (await client.create("data")).volume_id
        await client.stage(volume_id)
        ((await client.publish(volume_id)) / "x").write_text("precious")
        await client.unpublish(volume_id)
        await client.unstage(volume_id)
        await client.create("empty")
    record = volumes / f"{volume_id}.json"
    kept = record.read_bytes()
    for path in volumes.glob("*.json"):
        path.unlink()
    async with serving(short_dir, backend) as client:
        (aside,) = volumes.iterdir()
        assert "has no record" in caplog.text
        assert (await client.create("data")).volume_id == volume_id
        await client.stage(volume_id)
        assert not (await client.publish(volume_id) / "x").exists()
        await client.put_away(volume_id)
    aside.rename(volumes / aside.name.split(".kept")[0])
    record.write_bytes(kept)
    async with serving(short_dir, backend) as client:
        await client.stage(volume_id)
        assert ((await client.publish(volume_id)) / "x").read_text() == "precious"
        await client.put_away(volume_id)


SERVE = """
import asyncio, sys
from pathlib import Path
from provider.plugins.local_disk.options import PluginOptions
from provider.plugins.local_disk.server import serve
folder = Path(sys.argv[1])
asyncio.run(serve(PluginOptions(f"unix://{folder}/csi.sock", "node-1", folder / "pool", "auto", 1 << 30)))
"""


@contextmanager
def served_by_nobody(folder: Path) -> Iterator[None]:
    shutil.chown(folder, 65534, 65534)
    plugin = subprocess.Popen(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c", SERVE, folder]
    )
    try:
        yield
    finally:
        plugin.terminate()
        plugin.wait(30)


@pytest.mark.needs("another-user")
async def test_without_root_the_pool_is_of_folders_and_says_that_sizes_are_not_enforced(short_dir):
    with served_by_nobody(short_dir):
        async with connected(short_dir) as client:
            info = await client.identity.GetPluginInfo(
                csi.GetPluginInfoRequest(), wait_for_ready=True, timeout=30
            )
            assert info.manifest["enforced"] == "false"
            volume = await client.create("data")
            assert volume.volume_context["enforced"] == "false"
            shutil.chown(client.staging(volume.volume_id), 65534, 65534)
            await client.stage(volume.volume_id)
            path = await client.publish(volume.volume_id)
            assert path.is_dir()
            await client.put_away(volume.volume_id)
