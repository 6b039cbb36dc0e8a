"""A storage provider whose host has lost its registry, and one that an operator has removed for good."""

# ruff: noqa: ASYNC240 - a test may look at files

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.model.disk import SourceType
from api.model.operation import CreateDisk, Destroy, DestroyDisk, Unreserve
from api.wire.convert import resource_list_from_wire
from api.wire.v1 import mesos
from provider.local_storage.provider import NewProviderId
from provider.manager import manager
from provider.manager.manager import ProviderInUse
from tests.provider.cluster import Cluster
from tests.provider.test_local_storage import Plugin, made_disk, persistent_volume, piece

FINISHED = mesos.OperationState.OPERATION_FINISHED


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    directory = Path(tempfile.mkdtemp(prefix="orl-"))  # short: sockets have 107 bytes
    plugin = Plugin(directory)
    made = Cluster(directory, plugin.parts, refresh_seconds=0.3, profile_seconds=0.1)
    made.plugin = plugin
    await made.start()
    try:
        yield made
        await made.stop()
    finally:
        await plugin.containers.end_all()
        shutil.rmtree(directory)


async def lose_registry(cluster: Cluster) -> None:
    """The host comes back without its database, the provider with its own."""
    await cluster.stop()
    for file in cluster.directory.glob("agent.sqlite*"):
        file.unlink()
    await cluster.start()


async def restart(cluster: Cluster) -> None:
    await cluster.stop()
    await cluster.start()


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(20.0):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_provider_whose_host_has_forgotten_it_comes_back_with_all_it_has(cluster: Cluster) -> None:
    volume, before, kept = await persistent_volume(cluster)
    old = cluster.provider_id
    path = await cluster.publish(volume, "task")
    Path(path, "x").write_text("kept")
    cluster.host.acknowledge = False  # its outcome is told again after everything
    unacknowledged = cluster.send(CreateDisk(piece((await cluster.pools())["default"], 5), SourceType.MOUNT))
    await cluster.ended(unacknowledged)
    await lose_registry(cluster)
    await until(lambda: cluster.failures)
    assert isinstance(cluster.failures.pop(), NewProviderId)
    await restart(cluster)

    status = await cluster.ended(unacknowledged)
    new = cluster.provider_id
    assert new != old and status.resource_provider_id == mesos.ResourceProviderID(value=new)
    assert {r.provider_id for r in cluster.resources} == {new}
    (disk,) = resource_list_from_wire(status.converted_resources)
    renamed = replace(volume, provider_id=new)
    assert renamed in cluster.resources and disk in cluster.resources
    assert Path(await cluster.publish(renamed, "task"), "x").read_text() == "kept"
    refused = await cluster.apply(Destroy((renamed,)))
    assert refused.state is not FINISHED and "task" in refused.message
    await cluster.unpublish("task")
    last = [
        Destroy((renamed,)),
        Unreserve((replace(before, provider_id=new),)),
        DestroyDisk(replace(kept, provider_id=new)),
        DestroyDisk(disk),
    ]
    for operation in last:
        ended = await cluster.apply(operation)
        assert ended.state is FINISHED, ended.message
    assert not list(Path(cluster.provider.config.mount_root).iterdir())


async def test_a_creation_under_way_goes_on_under_the_new_id(cluster: Cluster) -> None:
    pool = (await cluster.pools())["default"]
    cluster.plugin.containers.end("local--plugin")
    names = [cluster.send(CreateDisk(piece(pool, 2), SourceType.MOUNT)) for _ in range(5)]
    await until(lambda: cluster.provider.machine.operations.records.keys() >= set(names))
    await lose_registry(cluster)
    await until(lambda: cluster.failures)
    cluster.failures.clear()
    await restart(cluster)
    ended = [await cluster.ended(name) for name in names]
    assert [status.state for status in ended] == [FINISHED] * 5
    assert {status.resource_provider_id.value for status in ended} == {cluster.provider_id}
    await cluster.host.until(lambda: sum(1 for r in cluster.resources if r.is_counted) == 5)
    cluster.provider.machine.validate_state()


async def test_a_provider_that_was_removed_stops_for_good_and_keeps_its_volumes(cluster: Cluster) -> None:
    disk = await made_disk(cluster)
    with pytest.raises(ProviderInUse, match="destroy its disks"):
        await cluster.manager.remove(cluster.provider_id)
    provider = cluster.provider_id
    path = await cluster.publish(disk, "task")
    await cluster.provider.stop()
    await cluster.host.until(lambda: not cluster.manager.subscribed)
    await cluster.manager.remove(provider)
    await restart(cluster)
    await until(lambda: cluster.provider.removed)
    assert "removed for good" in cluster.provider.removed
    await asyncio.sleep(0.3)  # longer than it waits before it dials again
    assert cluster.manager.subscribed == [] and not cluster.host.states
    assert Path(path).is_dir()


async def test_a_provider_that_is_torn_down_while_it_is_here_stops_for_good(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cluster.pools()
    monkeypatch.setattr(manager, "check_removable", lambda admitted, state: None)  # as if it had nothing
    await cluster.manager.remove(cluster.provider_id)
    await until(lambda: cluster.provider.removed)
    assert cluster.host.removed and not cluster.host.states
    await asyncio.sleep(0.3)  # longer than it waits before it dials again
    assert cluster.manager.subscribed == []
