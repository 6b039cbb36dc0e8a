"""The plugin in a privileged container whose root is the host's as a throw-away overlay; killed and replaced.

The paths behind loop devices read differently once the container's mounts are gone, so this is where a plugin
that goes by paths would lose its own devices.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from csi_spec import csi_pb2 as csi
from tests.local_disk.driver import MIB, Client, block, connected, mount, refused

REPOSITORY = Path(__file__).resolve().parents[2]

SERVE = """
import asyncio, sys
from pathlib import Path
from provider.plugins.local_disk.options import PluginOptions
from provider.plugins.local_disk.server import serve
folder = Path(sys.argv[1])
asyncio.run(serve(PluginOptions(f"unix://{folder}/csi.sock", "node-1", folder / "pool", "image", 1 << 30)))
"""


def run(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


@contextmanager
def shared_mount(folder: Path) -> Iterator[None]:
    """The folder is a mount of its own that shares mounts below it with whoever binds it."""
    run("mount", "--bind", folder, folder)
    try:
        run("mount", "--make-private", folder)
        run("mount", "--make-shared", folder)
        yield
    finally:
        run("umount", folder)


@contextmanager
def container(folder: Path, name: str) -> Iterator[str]:
    """The plugin in a container of that name; yields the host's pid of its process."""
    files = min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    same_path = f"type=bind,src={folder},dst={folder},bind-propagation=rshared"
    try:
        run(
            "podman", "--runtime", "runc", "run", "--detach", "--name", name,
            "--privileged", "--network", "host",
            "--ulimit", f"nofile={files}:{files}", "--ulimit", "nproc=1024:1024",
            "--mount", "type=bind,src=/dev,dst=/dev", "--mount", same_path,
            "--workdir", REPOSITORY, "--rootfs", "/:O", sys.executable, "-c", SERVE, folder,
        )  # fmt: skip
        yield run("podman", "inspect", "--format", "{{.State.Pid}}", name)
    finally:
        subprocess.run(["podman", "rm", "--force", "--time", "0", name], capture_output=True, check=False)


async def put_to_use(client: Client, name: str, capability: csi.VolumeCapability) -> str:
    volume_id = (await client.create(name, 32 * MIB, capability)).volume_id
    await client.stage(volume_id, capability)
    await client.publish(volume_id, capability)
    return volume_id


@pytest.mark.needs("root", "mount", "loop", "ext4", "podman")
async def test_a_replaced_container_finds_the_mounts_and_devices_of_its_predecessor(short_dir):
    with shared_mount(short_dir):
        async with connected(short_dir) as client:
            with container(short_dir, f"{short_dir.name}-1") as pid:
                await client.identity.Probe(csi.ProbeRequest(), wait_for_ready=True, timeout=60)
                kinds = {"data": mount(), "raw": block()}
                ids = {name: await put_to_use(client, name, kind) for name, kind in kinds.items()}
                assert client.target(ids["data"]).is_mount(), "mounts reach the host"
                assert client.target(ids["raw"]).is_block_device()
                (client.target(ids["data"]) / "x").write_text("hello")
                os.kill(int(pid), signal.SIGKILL)
                await asyncio.sleep(0.2)
            with container(short_dir, f"{short_dir.name}-2"):
                await client.identity.Probe(csi.ProbeRequest(), wait_for_ready=True, timeout=60)
                for name, kind in kinds.items():
                    async with refused("FAILED_PRECONDITION", "in use"):
                        await client.delete(ids[name])
                    assert await put_to_use(client, name, kind) == ids[name]
                assert (client.target(ids["data"]) / "x").read_text() == "hello"
                for volume_id in ids.values():
                    await client.put_away(volume_id)
                    assert not client.target(volume_id).exists()
                assert client.files() == set()
