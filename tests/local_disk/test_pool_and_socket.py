"""Starting on pools and sockets of every kind: folders, devices, what others use, what is not ours."""

from __future__ import annotations

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
from tests.local_disk.driver import GIB, MIB, connected, serving

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
