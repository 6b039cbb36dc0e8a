"""The storage provider with the real local-disk plugin in its own process, directories as volumes."""

# ruff: noqa: ASYNC240 - a test may look at files
from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import sys
import tempfile
from pathlib import Path

import pytest

from api.model.disk import Disk, SourceType
from api.model.errors import OperatorNeeded
from api.model.operation import Create, CreateDisk, Destroy, DestroyDisk, Reserve, Unreserve
from api.model.resources import Reservation, Scalar
from api.wire.convert import resource_list_from_wire
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider.checkpoint import ProviderTables
from provider.plugins.client import CsiClient
from provider.plugins.config import PluginConfig, ServingContainer
from provider.plugins.containers import PluginBind, PluginContainer
from provider.plugins.service import PluginService
from tests.provider.cluster import Cluster
from tests.provider.process_containers import ProcessContainers
from tests.provider.resources import ROLE, persistent

MB = 2**20
ORLOP = str(Path(sys.executable).parent / "orlop")
FINISHED = mesos.OperationState.OPERATION_FINISHED


class Plugin:
    """The plugin's container and what it needs, for a Cluster."""

    def __init__(self, directory: Path, capacity: str = "100MiB", backend: str = "dir") -> None:
        self.containers = ProcessContainers(str(directory))
        self.socket = f"{directory}/csi.sock"
        self.pool = directory / "pool"
        command = f"{ORLOP} plugin local-disk --endpoint unix://{self.socket} --node-id here"
        command += f" --pool {self.pool} --backend {backend} --capacity {capacity}"
        container = PluginContainer(
            "local--plugin", tuple(command.split()), binds=(PluginBind(str(self.pool)),)
        )
        self.config = PluginConfig(
            (ServingContainer(container, self.socket),),
            "local--",
            check_seconds=0.3,
            check_timeout=0.3,
            check_failures=3,
        )

    def parts(self, clock, random):
        client = CsiClient(self.socket)

        def service(on_ready, on_status):
            return PluginService(self.config, self.containers, client, clock, random, on_ready, on_status)

        return client, service


@pytest.fixture
async def cluster(request):
    directory = Path(tempfile.mkdtemp(prefix="orl-"))  # short: sockets have 107 bytes
    plugin = Plugin(directory, backend=getattr(request, "param", "dir"))
    made = Cluster(directory, plugin.parts, refresh_seconds=0.3, profile_seconds=0.1)
    made.plugin = plugin
    await made.start()
    try:
        yield made
        await made.stop()
    except BaseException:
        for log in plugin.containers.logs():
            print(log)
        raise
    finally:
        await plugin.containers.end_all()
        shutil.rmtree(directory)


def piece(pool, mb):
    return pool.with_value(Scalar.of(mb))


async def made_disk(cluster, mb=10):
    pool = (await cluster.pools())["default"]
    status = await cluster.apply(CreateDisk(piece(pool, mb), SourceType.MOUNT))
    assert status.state is FINISHED, status.message
    (disk,) = resource_list_from_wire(status.converted_resources)
    return disk


async def test_a_disk_is_made_used_and_destroyed(cluster):
    before = (await cluster.pools())["default"]
    disk = await made_disk(cluster, 10)
    assert disk.disk.source.type is SourceType.MOUNT and disk.milli == 10_000
    path = await cluster.publish(disk, "container-1")
    assert path == disk.disk.source.root
    Path(path, "x").write_text("hello")
    held = await cluster.apply(DestroyDisk(disk))
    assert held.state is mesos.OperationState.OPERATION_FAILED and "container-1" in held.message
    await cluster.unpublish("container-1")
    assert await cluster.publish(disk, "container-2") == path
    assert Path(path, "x").read_text() == "hello"
    await cluster.unpublish("container-2")
    status = await cluster.apply(DestroyDisk(disk))
    assert status.state is FINISHED, status.message
    await cluster.host.until(lambda: before in cluster.resources)
    assert not list(Path(cluster.provider.config.mount_root).iterdir())
    assert resource_list_from_wire(status.converted_resources)[0].disk == Disk(before.disk.source)


async def test_who_looks_at_reports_alone_sees_what_became_of_operations_once_they_are_over(cluster):
    disk = await made_disk(cluster, 10)

    def is_told(expected):
        state = cluster.host.states[cluster.provider_id]
        return expected and not state.operations

    await cluster.host.until(lambda: is_told(disk in cluster.resources))
    assert (await cluster.apply(DestroyDisk(disk))).state is FINISHED
    await cluster.host.until(lambda: is_told(disk not in cluster.resources))


async def test_a_provider_reserved_as_a_whole_is_so_over_restarts_and_keeps_its_reservations(cluster):
    await cluster.pools()
    static = Reservation("eng", dynamic=False)
    cluster._config["default_reservations"] = (static,)
    await cluster.stop()
    with pytest.raises(OperatorNeeded, match="default reservations of provider local are fixed"):
        await cluster.start()
    await cluster.manager.stop()
    for store in (cluster._store, cluster._agent_store):
        await store.close()
    for database in cluster.directory.glob("*.sqlite*"):  # as a new provider it may have others
        database.unlink()
    await cluster.start()
    pool = (await cluster.pools())["default"]
    assert pool.reservations == (static,)
    assert cluster.provider.info().default_reservations[0].role == "eng"
    disk = await made_disk(cluster, 10)
    assert disk.reservations == (static,)
    await cluster.stop()
    await cluster.start()
    await cluster.host.until(lambda: disk in cluster.resources)
    status = await cluster.apply(DestroyDisk(disk))
    assert status.state is FINISHED, status.message
    await cluster.host.until(lambda: pool in cluster.resources)


async def test_the_report_has_the_plugins_containers_calls_and_capabilities(cluster):
    await cluster.pools()

    def ready():
        (state,) = cluster.host.states.values()
        return state.plugin if state.plugin.state == "READY" else None

    plugin = await cluster.host.until(ready)
    (container,) = plugin.containers
    assert (container.container_id, container.state) == ("local--plugin", "READY")
    assert container.services == ["CONTROLLER_SERVICE", "NODE_SERVICE"]
    assert plugin.calls_limit == 64
    uses = {each.name: each.use for each in plugin.capabilities_detail}
    assert uses["CREATE_DELETE_VOLUME"] is rp.PluginCapabilityUse.USED
    assert uses["LIST_SNAPSHOTS"] is rp.PluginCapabilityUse.ABSENT
    assert rp.PluginCapabilityUse.UNUSED in uses.values()


async def persistent_volume(cluster):
    """A reserved, persistent disk, and the disk as it was before."""
    disk = await made_disk(cluster)
    reserved = disk.push_reservation(ROLE)
    assert (await cluster.apply(Reserve((reserved,)))).state is FINISHED
    volume = persistent(reserved, "data")
    assert (await cluster.apply(Create((volume,)))).state is FINISHED
    return volume, reserved, disk


async def test_a_persistent_volume_is_wiped_by_destroy_before_it_is_used_again(cluster):
    volume, reserved, disk = await persistent_volume(cluster)
    path = await cluster.publish(volume, "one")
    Path(path, "x").write_text("secret")
    await cluster.unpublish("one")
    assert (await cluster.apply(Destroy((volume,)))).state is FINISHED
    assert (await cluster.apply(Create((persistent(reserved, "other"),)))).state is FINISHED
    path = await cluster.publish(persistent(reserved, "other"), "two")
    assert not Path(path, "x").exists()
    await cluster.unpublish("two")
    last = [Destroy((persistent(reserved, "other"),)), Unreserve((reserved,)), DestroyDisk(disk)]
    ended = [await cluster.ended(cluster.send(operation)) for operation in last]
    assert [status.state for status in ended] == [FINISHED] * 3, ended


async def test_everything_comes_back_after_a_restart_and_the_plugin_is_kept(cluster, monkeypatch):
    volume, _, _ = await persistent_volume(cluster)
    path = await cluster.publish(volume, "task")
    Path(path, "x").write_text("kept")
    provider = cluster.provider_id
    await cluster.stop()
    load, reads = ProviderTables.load, []
    monkeypatch.setattr(ProviderTables, "load", lambda *asked: reads.append(asked) or load(*asked))
    await cluster.start()
    assert len(reads) == 1, "very many volumes are not read twice, and there is no second copy of them"
    assert (await cluster.pools())["default"]
    assert cluster.provider_id == provider and volume in cluster.resources
    assert cluster.plugin.containers.launches == 1
    assert Path(path, "x").read_text() == "kept"
    refused = await cluster.apply(Destroy((volume,)))
    assert refused.state is mesos.OperationState.OPERATION_FAILED and "task" in refused.message
    await cluster.unpublish("task")


async def test_operations_survive_the_death_of_the_plugin(cluster):
    pool = (await cluster.pools())["default"]
    names = [cluster.send(CreateDisk(piece(pool, 2), SourceType.MOUNT)) for _ in range(10)]
    cluster.plugin.containers.end("local--plugin")
    ended = [await cluster.ended(name) for name in names]
    assert {status.state for status in ended} == {FINISHED}
    disks = [resource_list_from_wire(status.converted_resources)[0] for status in ended]
    assert len({disk.disk.source.id for disk in disks}) == 10
    path = await cluster.publish(disks[0], "task")
    cluster.plugin.containers.end("local--plugin")
    await cluster.unpublish("task")
    for name in [cluster.send(DestroyDisk(disk)) for disk in disks]:
        assert (await cluster.ended(name)).state is FINISHED
    await cluster.host.until(lambda: pool in cluster.resources)
    assert not Path(path).exists() and cluster.provider.plugin.status.restarts == 2
    await cluster.host.until(lambda: cluster.host.states[cluster.provider_id].plugin.restarts == 2)


async def test_operations_survive_a_plugin_that_hangs(cluster):
    pool = (await cluster.pools())["default"]
    cluster.plugin.containers.end("local--plugin", signal.SIGSTOP)
    names = [cluster.send(CreateDisk(piece(pool, 2), SourceType.MOUNT)) for _ in range(4)]
    ended = [await cluster.ended(name) for name in names]
    assert {status.state for status in ended} == {FINISHED}
    disks = [resource_list_from_wire(status.converted_resources)[0] for status in ended]
    assert len({disk.disk.source.id for disk in disks}) == 4
    assert cluster.plugin.containers.launches == 2 and cluster.provider.plugin.status.restarts == 1


async def test_a_restart_in_the_middle_of_creations_makes_each_disk_once(cluster):
    pool = (await cluster.pools())["default"]
    names = [cluster.send(CreateDisk(piece(pool, 2), SourceType.MOUNT)) for _ in range(10)]
    while not cluster.provider.machine.operations.records:  # noqa: ASYNC110 - the very step after
        await asyncio.sleep(0)
    await cluster.stop()
    told = cluster.host.statuses
    await cluster.start()
    await cluster.pools()
    for name in names:
        if name not in told:  # as the orchestrator does after the provider's first report
            cluster.send(CreateDisk(piece(pool, 2), SourceType.MOUNT), name)
    ended = [told[name][-1] if name in told else await cluster.ended(name) for name in names]
    assert {status.state for status in ended} == {FINISHED}
    disks = list(cluster.provider.machine.totals.disks)
    assert len(disks) == 10 and all(d.disk.source.type is SourceType.MOUNT for d in disks)


async def test_a_new_profile_in_the_file_becomes_a_pool(cluster):
    await cluster.pools()
    cluster.profiles.write_text(cluster.profiles.read_text() + '\n[profiles.silver]\ndescription = "new"\n')

    def silver():
        return [r for r in cluster.resources if r.disk.source.profile == "silver"]

    (pool,) = await cluster.host.until(silver)
    assert pool.disk.source.capacity_group is not None
    assert "silver" in [p.name for p in cluster.host.states[cluster.provider_id].profiles]


async def test_a_mistake_in_the_profiles_file_is_shown_until_it_is_mended(cluster):
    await cluster.pools()
    good = cluster.profiles.read_text()

    def shown():
        (state,) = cluster.host.states.values()
        return state.plugin.message or ""

    cluster.profiles.write_text(good + "\n[profiles.new]\nwrong = 1\n")
    await cluster.host.until(lambda: "wrong" in shown() and "profiles" in shown())
    cluster.profiles.write_text(good)
    await cluster.host.until(lambda: not shown())


async def test_a_profile_that_the_plugin_cannot_serve_says_so_to_the_operator(cluster):
    await cluster.pools()
    (state,) = cluster.host.states.values()
    (block,) = [p for p in state.profiles if p.name == "block"]
    assert block.available is False and "no capacity" in block.message


@pytest.mark.needs("root", "mount", "loop", "ext4")
@pytest.mark.parametrize("cluster", ["image"], indirect=True)
async def test_real_file_systems_and_devices_are_published_wiped_and_gone(cluster):
    disk = await made_disk(cluster, 20)
    path = await cluster.publish(disk, "task")
    assert os.path.ismount(path)
    Path(path, "x").write_text("hello")
    await cluster.unpublish("task")
    pool = (await cluster.pools())["block"]
    status = await cluster.apply(CreateDisk(piece(pool, 8), SourceType.BLOCK))
    assert status.state is FINISHED, status.message
    (bare,) = resource_list_from_wire(status.converted_resources)
    reserved = bare.push_reservation(ROLE)
    assert (await cluster.apply(Reserve((reserved,)))).state is FINISHED
    volume = persistent(reserved, "raw")
    assert (await cluster.apply(Create((volume,)))).state is FINISHED
    device = await cluster.publish(volume, "task")
    assert stat.S_ISBLK(Path(device).stat().st_mode)
    with Path(device).open("r+b") as handle:  # noqa: ASYNC230 - a test
        handle.write(b"secret")
    await cluster.unpublish("task")
    assert (await cluster.apply(Destroy((volume,)))).state is FINISHED
    assert (await cluster.apply(Create((volume,)))).state is FINISHED
    device = await cluster.publish(volume, "task")
    with Path(device).open("rb") as handle:  # noqa: ASYNC230 - a test
        assert handle.read(6) == bytes(6)
    await cluster.unpublish("task")
    for operation in (Destroy((volume,)), Unreserve((reserved,)), DestroyDisk(bare), DestroyDisk(disk)):
        status = await cluster.apply(operation)
        assert status.state is FINISHED, status.message
    assert not list(Path(cluster.provider.config.mount_root).iterdir())
