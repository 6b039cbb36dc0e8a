"""Disks for a task, from what a provider published to what is bound into its container."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import UNSET

from agent.sandboxes.root_volumes import RootVolumes
from agent.tasks.publisher import Publisher
from agent.tasks.record import TaskRecord
from api.wire.v1 import mesos
from api.wire.v1.resource_provider import (
    CallUpdatePublishResourcesStatusPublishedVolume as PublishedVolume,
)
from provider.manager.publishing import PublishFailed
from tests.agent.world import FRAMEWORK, scalar, task

NOBODY = 65534


class Manager:
    """Publishes every disk at one path."""

    def __init__(self, path: Path, *, block: bool = False) -> None:
        self._path = path
        self._block = block

    async def publish(
        self, resources: Sequence[mesos.Resource], user: str, readonly: bool = False, told: object = None
    ) -> Sequence[PublishedVolume]:
        provider = mesos.ResourceProviderID(value="p")
        return [
            PublishedVolume(source_id="d1", path=str(self._path), block=self._block, provider_id=provider)
        ]

    async def unpublish(self, user: str, providers: Sequence[str]) -> None:
        pass


class Own:
    """Volumes that are here, or not."""

    def __init__(self, lacks: str | None = None) -> None:
        self.lacks = lacks

    async def lacking(self, resources: Sequence[mesos.Resource]) -> str | None:
        return self.lacks

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


def look(path: str) -> os.stat_result | None:
    return Path(path).stat() if Path(path).exists() else None


async def device_bind(
    tmp_path: Path, mode: mesos.VolumeMode, user: str | None
) -> tuple[Publisher, TaskRecord, str]:
    """A raw device (the host's null device stands for it) as a task of that user gets it."""
    disk = scalar("disk", 64)
    disk.provider_id = mesos.ResourceProviderID(value="p")
    disk.disk = mesos.ResourceDiskInfo(
        source=mesos.ResourceDiskInfoSource(type=mesos.ResourceDiskInfoSourceType.BLOCK, id="d1"),
        volume=mesos.Volume(container_path="/dev/data", mode=mode),
    )
    info = task("t1", resources=[disk])
    assert info.command is not UNSET
    if user is not None:
        info.command.user = user
    record = TaskRecord(FRAMEWORK, info, "container-1", 0.0)
    publisher = Publisher(
        Manager(Path("/dev/null"), block=True),
        Own(),
        RootVolumes(tmp_path),
        lambda name: (NOBODY, NOBODY) if name else None,
    )
    (bind,) = await publisher.publish(record)
    assert (bind,) == await publisher.publish(record), "a repeat answers the same"
    assert bind.is_device
    return publisher, record, bind.source


@pytest.mark.needs("root")
@pytest.mark.parametrize(("mode", "rights"), [(mesos.VolumeMode.RW, 0o600), (mesos.VolumeMode.RO, 0o400)])
async def test_a_raw_device_is_its_users_and_the_published_one_stays_as_it_is(
    tmp_path: Path, mode: mesos.VolumeMode, rights: int
) -> None:
    before = look("/dev/null")
    publisher, record, node = await device_bind(tmp_path, mode, "nobody")
    found = look(node)
    assert found is not None
    assert before is not None
    assert (found.st_uid, stat.S_IMODE(found.st_mode), found.st_rdev) == (NOBODY, rights, before.st_rdev)
    after = look("/dev/null")
    assert after is not None
    assert (before.st_uid, before.st_mode) == (after.st_uid, after.st_mode)
    await publisher.unpublish(record)
    await publisher.unpublish(record)
    assert look(node) is None


async def test_a_raw_device_of_the_agents_own_user_is_bound_as_it_was_published(tmp_path: Path) -> None:
    _, _, source = await device_bind(tmp_path, mesos.VolumeMode.RW, None)
    assert source == "/dev/null"


@pytest.mark.needs("root")
def test_a_shared_volume_stays_with_its_first_user(tmp_path: Path) -> None:
    volumes = RootVolumes(tmp_path)
    path = Path(volumes.make("web", "logs"))
    volumes.ensure("web", "logs", (NOBODY, NOBODY), shared=True)
    volumes.ensure("web", "logs", (12_345, 12_345), shared=True)
    assert path.stat().st_uid == NOBODY, "who uses it meanwhile can go on"
    volumes.ensure("web", "logs", (12_345, 12_345))
    assert path.stat().st_uid == 12_345


async def test_what_is_in_the_directory_of_a_volume_that_could_not_be_made_is_given_to_nobody(
    tmp_path: Path,
) -> None:
    directories = RootVolumes(tmp_path)
    (Path(directories.make("eng", "data")) / "former").write_text("somebody's")
    disk = scalar("disk", 64)
    disk.reservations = [
        mesos.ResourceReservationInfo(type=mesos.ResourceReservationInfoType.DYNAMIC, role="eng")
    ]
    disk.disk = mesos.ResourceDiskInfo(
        persistence=mesos.ResourceDiskInfoPersistence(id="data"),
        volume=mesos.Volume(container_path="data", mode=mesos.VolumeMode.RW),
    )
    record = TaskRecord(FRAMEWORK, task("t1", resources=[disk]), "container-1", 0.0)
    with pytest.raises(PublishFailed, match="'data' of role 'eng' is not here"):
        await Publisher(
            Manager(tmp_path), Own("'data' of role 'eng'"), directories, lambda name: None
        ).publish(record)
    (bind,) = await Publisher(Manager(tmp_path), Own(), directories, lambda name: None).publish(record)
    assert bind.source == str(directories.path("eng", "data"))
