"""The plugin is stopped after each step of each call; its successor repeats the call, or undoes it.

Stopping is to abandon the whole object at a step and to open the pool anew from disk and kernel, which is
what a successor of a killed process has (test_killed_processes.py kills real ones). At the end nothing may be
left: no image, record, mount, loop device or capacity charge.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from csi_spec import csi_pb2 as csi
from provider.plugins.local_disk.blocking import Threads
from provider.plugins.local_disk.commands import Subprocesses
from provider.plugins.local_disk.geometry import Layout, allocated_bytes, largest_size
from provider.plugins.local_disk.options import PluginOptions
from provider.plugins.local_disk.plugin import Plugin, open_plugin
from provider.plugins.local_disk.records import volume_id_of
from provider.plugins.local_disk.refusals import Refusal
from tests.census import loop_devices
from tests.local_disk.driver import MIB, NODE, block, create_request, mount

CAPACITY = 1024 * MIB
SIZE = 16 * MIB


class Killed(BaseException):
    """The plugin is gone at this step."""


@dataclass
class KillAt:
    """Steps that end the plugin at the step of a number; none for a number that is never reached."""

    number: int
    seen: list[str] = field(default_factory=list)

    def reached(self, volume_id: str, step: str) -> None:
        self.seen.append(step)
        if len(self.seen) == self.number:
            raise Killed(step)


@dataclass
class World:
    """A pool, the folders of its client, and the plugin that serves the pool just now."""

    folder: Path
    backend: str
    capability: csi.VolumeCapability
    blocking: Threads
    plugin: Plugin | None = None
    volume_id: str = ""

    async def start(self, steps: KillAt) -> None:
        options = PluginOptions("unix:///unused", NODE, self.folder / "pool", self.backend, CAPACITY)
        self.plugin = await open_plugin(options, self.blocking, Subprocesses(), steps)

    def die(self) -> None:
        """What the kernel does with a killed process: its locks are let go, and nothing else."""
        assert self.plugin is not None
        self.plugin.close()
        self.plugin = None

    @property
    def staging(self) -> Path:
        return self.folder / "staging"

    @property
    def target(self) -> Path:
        return self.folder / "target"

    async def create(self) -> None:
        request = create_request("data", self.size, self.capability)
        self.volume_id = (await self.plugin.controller.create_volume(request)).volume.volume_id

    @property
    def size(self) -> int:
        return 300 * MIB if self.capability.mount.fs_type == "xfs" else SIZE

    async def delete(self) -> None:
        await self.plugin.controller.delete_volume(csi.DeleteVolumeRequest(volume_id=self.volume_id or "v-0"))

    async def expand(self) -> None:
        asked = csi.CapacityRange(required_bytes=self.size + 32 * MIB)
        await self.plugin.controller.controller_expand_volume(
            csi.ControllerExpandVolumeRequest(volume_id=self.volume_id, capacity_range=asked)
        )

    async def node_expand(self) -> None:
        await self.plugin.node.node_expand_volume(
            csi.NodeExpandVolumeRequest(volume_id=self.volume_id, volume_path=str(self.staging))
        )

    async def stage(self) -> None:
        await self.plugin.node.node_stage_volume(
            csi.NodeStageVolumeRequest(
                volume_id=self.volume_id,
                staging_target_path=str(self.staging),
                volume_capability=self.capability,
            )
        )

    async def unstage(self) -> None:
        await self.plugin.node.node_unstage_volume(
            csi.NodeUnstageVolumeRequest(volume_id=self.volume_id, staging_target_path=str(self.staging))
        )

    async def publish(self) -> None:
        await self.plugin.node.node_publish_volume(
            csi.NodePublishVolumeRequest(
                volume_id=self.volume_id,
                staging_target_path=str(self.staging),
                target_path=str(self.target),
                volume_capability=self.capability,
                readonly=self.backend == "image",
            )
        )

    async def unpublish(self) -> None:
        await self.plugin.node.node_unpublish_volume(
            csi.NodeUnpublishVolumeRequest(volume_id=self.volume_id, target_path=str(self.target))
        )

    async def available(self) -> int:
        answer = await self.plugin.controller.get_capacity(
            csi.GetCapacityRequest(volume_capabilities=[self.capability])
        )
        return answer.available_capacity

    async def undo_all(self) -> None:
        """As a client that has lost count does: every inverse, in order, whatever was done."""
        self.volume_id = self.volume_id or volume_id_of("data")
        for inverse in (self.unpublish, self.unstage, self.delete):
            try:
                await inverse()
            except Refusal as refusal:
                assert refusal.code.name == "NOT_FOUND", refusal.message

    def assert_disk_is_what_records_say(self) -> None:
        """Every volume has a record and storage of the size in it; nothing else is in the pool."""
        volumes = self.folder / "pool" / "volumes"
        records = {path.stem: json.loads(path.read_text()) for path in volumes.glob("*.json")}
        suffix = "folder" if self.backend == "dir" else "image"
        names = {f"{volume_id}.{each}" for volume_id in records for each in ("json", suffix)}
        assert {path.name for path in volumes.iterdir()} == names
        for volume_id, record in records.items():
            if self.backend == "image":
                assert (volumes / f"{volume_id}.image").stat().st_size == record["allocated_bytes"]

    async def assert_what_is_left_is_what_volumes_leave(self) -> None:
        """A growth is whole or was never begun, and the pool has what it takes less than before."""
        layout = Layout(self.capability.WhichOneof("access_type"), self.fs_type)
        listed = await self.plugin.controller.list_volumes(csi.ListVolumesRequest())
        sizes = [entry.volume.capacity_bytes for entry in listed.entries]
        assert set(sizes) <= {self.size, self.size + 32 * MIB}
        taken = sum(allocated_bytes(layout, size) for size in sizes)
        assert await self.available() == largest_size(layout, CAPACITY - taken)

    @property
    def fs_type(self) -> str:
        return self.capability.mount.fs_type or ("ext4" if self.is_image_with_files else "")

    @property
    def is_image_with_files(self) -> bool:
        return self.backend == "image" and self.capability.HasField("mount")

    def assert_nothing_is_left(self) -> None:
        assert list((self.folder / "pool" / "volumes").iterdir()) == []
        assert list(self.staging.iterdir()) == []
        assert not os.path.lexists(self.target)
        assert str(self.folder) not in Path("/proc/self/mountinfo").read_text()
        assert list(loop_devices(str(self.folder))) == []


Call = Callable[[World], Awaitable[None]]

BEFORE: dict[str, tuple[Call, ...]] = {
    "create": (),
    "stage": (World.create,),
    "publish": (World.create, World.stage),
    "unpublish": (World.create, World.stage, World.publish),
    "unstage": (World.create, World.stage),
    "delete": (World.create, World.stage, World.unstage),
    "expand": (World.create, World.stage, World.unstage),
    "expand in use": (World.create, World.stage, World.publish),
    "grow": (World.create, World.stage, World.unstage, World.expand),
}
"""What has been done before the call under test. "grow" is a stage that lets the filesystem grow."""

IN_USE = {"node_expand": (World.create, World.stage, World.publish, World.expand)}
"""For kinds of volumes that every host lets grow in use."""

METHODS = {"grow": "stage", "expand in use": "expand"}
CALLS: dict[str, Call] = {name: getattr(World, METHODS.get(name, name)) for name in (*BEFORE, *IN_USE)}

IMAGE = pytest.mark.needs("root", "mount", "loop", "ext4")
XFS = pytest.mark.needs("root", "mount", "loop", "ext4", "xfs")
KINDS = [
    pytest.param("dir", mount(), id="dir"),
    pytest.param("image", mount(), id="ext4", marks=IMAGE),
    pytest.param("image", block(), id="block", marks=IMAGE),
]


@pytest.fixture
def new_world(short_dir: Path):
    """Makes worlds side by side, each with a folder of its own."""
    threads = Threads()
    numbers = itertools.count()

    def make(backend: str, capability: csi.VolumeCapability) -> World:
        folder = short_dir / f"w{next(numbers)}"
        for name in ("pool", "staging"):
            (folder / name).mkdir(parents=True)
        return World(folder, backend, capability, threads)

    yield make
    threads.close()


async def run_until_killed(world: World, call: str, number: int) -> list[str] | None:
    """The steps that were reached, or None when the call ended before the step of that number."""
    quiet = KillAt(0)
    await world.start(quiet)
    for before in (BEFORE | IN_USE)[call]:
        await before(world)
    world.die()
    steps = KillAt(number)
    await world.start(steps)
    try:
        await CALLS[call](world)
    except Killed:
        world.die()
        return steps.seen
    world.die()
    return None


@pytest.mark.parametrize("call", list(BEFORE))
@pytest.mark.parametrize(("backend", "capability"), KINDS)
async def test_a_call_killed_after_any_step_can_be_repeated_or_undone(new_world, backend, capability, call):
    reached = await killed_after_each_step(new_world, backend, capability, call)
    assert len(reached) >= (1 if (backend, call) == ("dir", "grow") else 2), reached


XFS_STEPS = ["grow: device resized", "grow: filesystem grown", "grow: growth recorded"]
GROWING = [
    pytest.param("image", mount("xfs"), XFS_STEPS, marks=XFS),
    pytest.param("image", block(), ["grow: device resized"], marks=IMAGE),
    pytest.param("dir", mount(), []),
]


@pytest.mark.parametrize(("backend", "capability", "steps"), GROWING, ids=["xfs", "block", "dir"])
async def test_growth_in_use_killed_after_any_step_can_be_repeated_or_undone(
    new_world, backend, capability, steps
):
    reached = await killed_after_each_step(new_world, backend, capability, "node_expand")
    assert reached == steps


async def killed_after_each_step(new_world, backend, capability, call) -> list[str]:
    """All steps of the call, each of which was the plugin's last in two worlds."""
    reached: list[str] = []
    for number in itertools.count(1):
        world = new_world(backend, capability)
        steps = await run_until_killed(world, call, number)
        await finish(world, call, repeat=True)
        world = new_world(backend, capability)
        await run_until_killed(world, call, number)
        await finish(world, call, repeat=False)
        if steps is None:
            break
        reached = steps
    return reached


async def finish(world: World, call: str, repeat: bool) -> None:
    """The successor repeats the call, or not, and undoes everything; then the pool is as good as new."""
    await world.start(KillAt(0))
    world.assert_disk_is_what_records_say()
    await world.assert_what_is_left_is_what_volumes_leave()
    if repeat:
        await CALLS[call](world)
        await CALLS[call](world)
    await world.undo_all()
    world.assert_nothing_is_left()
    await world.assert_what_is_left_is_what_volumes_leave()
    world.die()
    await world.start(KillAt(0))  # what memory charges is what the disk says
    await world.create()
    await world.assert_what_is_left_is_what_volumes_leave()
    await world.delete()
    world.assert_nothing_is_left()
    world.die()


@XFS
async def test_data_survives_a_kill_after_any_step_of_staging_a_grown_volume(new_world):
    for number in itertools.count(1):
        world = new_world("image", mount("xfs"))
        await world.start(KillAt(0))
        await world.create()
        await world.stage()
        (world.staging / "x").write_text("hello")
        await world.unstage()
        await world.expand()
        world.die()
        steps = KillAt(number)
        await world.start(steps)
        killed = False
        try:
            await world.stage()
        except Killed:
            killed = True
        world.die()
        await world.start(KillAt(0))
        await world.stage()
        assert (world.staging / "x").read_text() == "hello"
        status = os.statvfs(world.staging)
        assert status.f_blocks * status.f_frsize == 332 * MIB
        await world.undo_all()
        world.assert_nothing_is_left()
        world.die()
        if not killed:
            break
    assert number > 3
