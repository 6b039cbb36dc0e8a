"""The storage provider with the real local-disk plugin in its own process, directories as volumes."""

# ruff: noqa: ASYNC240 - a test may look at files
from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from api.model.disk import Disk, SourceType
from api.model.operation import CreateDisk, DestroyDisk
from api.model.resources import Scalar
from api.wire.convert import resource_list_from_wire
from api.wire.v1 import mesos
from provider.plugins.client import CsiClient
from provider.plugins.containers import PluginBind, PluginContainer
from provider.plugins.service import PluginConfig, PluginService
from tests.provider.cluster import Cluster
from tests.provider.process_containers import ProcessContainers

MB = 2**20
ORLOP = str(Path(sys.executable).parent / "orlop")
FINISHED = mesos.OperationState.OPERATION_FINISHED


class Plugin:
    """The plugin's container and what it needs, for a Cluster."""

    def __init__(self, directory: Path, capacity: str = "100MiB") -> None:
        self.containers = ProcessContainers(str(directory))
        self.socket = f"{directory}/csi.sock"
        self.pool = directory / "pool"
        command = f"{ORLOP} plugin local-disk --endpoint unix://{self.socket} --node-id here"
        command += f" --pool {self.pool} --backend dir --capacity {capacity}"
        container = PluginContainer(
            "local--plugin", tuple(command.split()), binds=(PluginBind(str(self.pool)),)
        )
        self.config = PluginConfig(container, "local--", self.socket)

    def parts(self, clock, random):
        client = CsiClient(self.socket)

        def service(on_ready, on_status):
            return PluginService(self.config, self.containers, client, clock, random, on_ready, on_status)

        return client, service


@pytest.fixture
async def cluster():
    directory = Path(tempfile.mkdtemp(prefix="orl-"))  # short: sockets have 107 bytes
    plugin = Plugin(directory)
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
    await cluster.manager.unpublish("container-1")
    assert await cluster.publish(disk, "container-2") == path
    assert Path(path, "x").read_text() == "hello"
    await cluster.manager.unpublish("container-2")
    status = await cluster.apply(DestroyDisk(disk))
    assert status.state is FINISHED, status.message
    await cluster.host.until(lambda: before in cluster.resources)
    assert not list(Path(cluster.provider.config.mount_root).iterdir())
    assert resource_list_from_wire(status.converted_resources)[0].disk == Disk(before.disk.source)
