"""Processes of the plugin that are killed with SIGKILL at a step; what their successors find and finish."""

from __future__ import annotations

import asyncio
import itertools
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from csi_spec import csi_pb2 as csi
from tests.local_disk.driver import CALL_SECONDS, MIB, block, connected, mount, outcome

SIZE = 16 * MIB
IMAGE = pytest.mark.needs("root", "mount", "loop", "ext4")
XFS = pytest.mark.needs("root", "mount", "loop", "ext4", "xfs")

PROCESS = """
import asyncio, os, signal, sys
from pathlib import Path
from provider.plugins.local_disk.options import PluginOptions
from provider.plugins.local_disk.server import serve

class KillAtNth:
    # Counts from SIGUSR1 on: what recovery and earlier calls do does not count.
    left = 0
    def start(self, number, frame):
        self.left = int(sys.argv[3])
    def reached(self, volume_id, step):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), 9)

folder = Path(sys.argv[1])
options = PluginOptions(f"unix://{folder}/csi.sock", "node-1", folder / "pool", sys.argv[2], 1 << 30)
steps = KillAtNth()
signal.signal(signal.SIGUSR1, steps.start)
asyncio.run(serve(options, steps=steps))
"""


class PluginProcess:
    """The plugin in a process of its own, ended by SIGKILL only."""

    def __init__(self, folder: Path, backend: str, kill_at: int = 0) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", PROCESS, str(folder), backend, str(kill_at)])
        self.folder = folder

    async def answering(self) -> PluginProcess:
        async with asyncio.timeout(CALL_SECONDS), connected(self.folder) as client:
            await client.identity.Probe(csi.ProbeRequest(), wait_for_ready=True)
        return self

    def count_from_now(self) -> None:
        """Die at the step of the number given, from now on."""
        self.process.send_signal(signal.SIGUSR1)

    def kill(self) -> int:
        self.process.send_signal(signal.SIGKILL)
        return self.process.wait(CALL_SECONDS)


@pytest.mark.parametrize("kill_at", [1, 5, 9])
@pytest.mark.parametrize("backend", ["dir", pytest.param("image", marks=IMAGE)])
async def test_a_process_killed_in_a_call_leaves_a_pool_that_its_successor_serves(
    short_dir, backend, kill_at
):
    plugin = await PluginProcess(short_dir, backend, kill_at).answering()
    try:
        plugin.count_from_now()
        async with connected(short_dir) as client:
            with pytest.raises(Exception, match=r"(?i)unavailable|closed|reset|broken"):
                for number in range(10):
                    volume_id = (await client.create(f"v{number}", SIZE)).volume_id
                    await client.stage(volume_id)
        assert plugin.process.wait(CALL_SECONDS) == -signal.SIGKILL
        plugin = await PluginProcess(short_dir, backend).answering()
        async with connected(short_dir) as client:
            for number in range(3):
                volume_id = (await client.create(f"v{number}", SIZE)).volume_id
                await client.stage(volume_id)
                await client.unstage(volume_id)
                await client.delete(volume_id)
            assert client.files() == set()
    finally:
        plugin.kill()


async def grow_in_use(client, volume_id: str, size: int) -> None:
    """Both calls of a growth, as a client makes them that may have lost the answers before."""
    wanted = csi.CapacityRange(required_bytes=size)
    await client.controller.ControllerExpandVolume(
        csi.ControllerExpandVolumeRequest(volume_id=volume_id, capacity_range=wanted), timeout=CALL_SECONDS
    )
    staging = str(client.staging(volume_id))
    await client.node.NodeExpandVolume(
        csi.NodeExpandVolumeRequest(volume_id=volume_id, volume_path=staging, capacity_range=wanted),
        timeout=CALL_SECONDS,
    )


PROCESS_KINDS = [
    pytest.param("image", mount("xfs"), id="xfs", marks=XFS),
    pytest.param("image", block(), id="block", marks=IMAGE),
    pytest.param("dir", mount(), id="dir"),
]


@pytest.mark.parametrize(("backend", "capability"), PROCESS_KINDS)
async def test_a_process_killed_in_any_step_of_a_growth_leaves_one_that_its_successor_finishes(
    short_dir, backend, capability
):
    """In each round the volume grows further, the process dies a step later, and the next one repeats."""
    size, killed = 300 * MIB, True
    plugin = await PluginProcess(short_dir, backend, 1).answering()
    try:
        async with connected(short_dir) as client:
            whole = await client.available(capability)
            volume_id = (await client.create("data", size, capability)).volume_id
            await client.stage(volume_id, capability)
        for kill_at in itertools.count(2):
            size += 8 * MIB
            plugin.count_from_now()
            async with connected(short_dir) as client:
                killed = await outcome(grow_in_use(client, volume_id, size)) == "UNAVAILABLE"
            assert plugin.kill() == -signal.SIGKILL
            plugin = await PluginProcess(short_dir, backend, kill_at).answering()
            async with connected(short_dir) as client:
                await grow_in_use(client, volume_id, size)
                assert sizes(await client.controller.ListVolumes(csi.ListVolumesRequest())) == [size]
            if not killed:
                break
        assert kill_at > 4, "each step of ControllerExpandVolume was somebody's last"
        async with connected(short_dir) as client:
            await client.unstage(volume_id)
            await client.delete(volume_id)
            assert await client.available(capability) == whole
            assert client.files() == set()
    finally:
        plugin.kill()


def sizes(listed: csi.ListVolumesResponse) -> list[int]:
    return [entry.volume.capacity_bytes for entry in listed.entries]
