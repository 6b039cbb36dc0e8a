"""Disks for a task, from what a provider published to what is bound into its container."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import UNSET

from agent.publisher import Publisher
from agent.root_volumes import RootVolumes
from agent.task_record import TaskRecord
from api.wire.v1 import mesos
from api.wire.v1.resource_provider import (
    CallUpdatePublishResourcesStatusPublishedVolume as PublishedVolume,
)
from tests.agent.world import FRAMEWORK, scalar, task

NOBODY = 65534


class Manager:
    """Publishes every disk at one path."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def publish(
        self, resources: Sequence[mesos.Resource], user: str, readonly: bool = False
    ) -> Sequence[PublishedVolume]:
        provider = mesos.ResourceProviderID(value="p")
        return [PublishedVolume(source_id="d1", path=str(self._path), provider_id=provider)]

    async def unpublish(self, user: str, providers: Sequence[str]) -> None:
        pass


class Own:
    def hold(self, resources: Sequence[mesos.Resource], user: str) -> None:
        pass

    def release(self, user: str) -> None:
        pass


async def published(tmp_path: Path, mode: mesos.VolumeMode, user: str | None) -> os.stat_result:
    """The top of a provider's volume as a task of that user gets it."""
    volume = tmp_path / "target"
    volume.mkdir()
    disk = scalar("disk", 64)
    disk.provider_id = mesos.ResourceProviderID(value="p")
    disk.disk = mesos.ResourceDiskInfo(
        source=mesos.ResourceDiskInfoSource(type=mesos.ResourceDiskInfoSourceType.MOUNT, id="d1"),
        volume=mesos.Volume(container_path="/data", mode=mode),
    )
    info = task("t1", resources=[disk])
    assert info.command is not UNSET
    if user is not None:
        info.command.user = user
    record = TaskRecord(FRAMEWORK, info, "container-1", 0.0)
    publisher = Publisher(
        Manager(volume), Own(), RootVolumes(tmp_path), lambda name: (NOBODY, NOBODY) if name else None
    )
    (bind,) = await publisher.publish(record)
    assert bind.source == str(volume)
    return volume.stat()


@pytest.mark.needs("root")
async def test_a_task_of_another_user_can_write_to_a_fresh_disk_of_a_provider(tmp_path: Path) -> None:
    top = await published(tmp_path, mesos.VolumeMode.RW, "nobody")
    assert (top.st_uid, top.st_gid) == (NOBODY, NOBODY)


@pytest.mark.needs("root")
@pytest.mark.parametrize(("mode", "user"), [(mesos.VolumeMode.RO, "nobody"), (mesos.VolumeMode.RW, None)])
async def test_who_only_reads_or_is_the_agents_own_user_changes_no_owner(
    tmp_path: Path, mode: mesos.VolumeMode, user: str | None
) -> None:
    assert (await published(tmp_path, mode, user)).st_uid == 0
