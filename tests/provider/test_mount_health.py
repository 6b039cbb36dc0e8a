"""Real mounts that vanish, hang and die: what a look at them says."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from provider.events import MountState, PublishedMount
from provider.local_storage.host_files import LocalFiles
from provider.local_storage.mount_health import escaped
from tests import census

pytestmark = pytest.mark.needs("mount")


def published(path: Path, *, block: bool = False, mounted: bool = True) -> PublishedMount:
    return PublishedMount("v", str(path), block, mounted)


async def state_of(mount: PublishedMount) -> MountState | None:
    problem = (await LocalFiles().examine([mount])).get("v")
    return None if problem is None else problem.state


def run(*command: str, check: bool = True) -> str:
    return subprocess.run(command, check=check, capture_output=True, text=True).stdout.strip()


def meet_an_error(device: str) -> None:
    """The kernel takes it that the ext4 file system on the device is wrong."""
    Path("/sys/fs/ext4", Path(device).name, "trigger_fs_error").write_text("a test's")


@contextlib.contextmanager
def mounted(path: Path, *arguments: str, **options: object) -> Iterator[None]:
    path.mkdir(exist_ok=True)
    subprocess.run(["mount", *arguments, str(path)], check=True, **options)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(path)], check=False, stderr=subprocess.DEVNULL)


async def test_a_mount_that_was_taken_away_has_vanished(tmp_path):
    target = tmp_path / "a volume\twith blanks"
    with mounted(target, "-t", "tmpfs", "none"):
        assert await LocalFiles().is_mounted(str(target))
        assert await state_of(published(target)) is None
        run("umount", "-l", str(target))
        assert await state_of(published(target)) is MountState.VANISHED
        assert not await LocalFiles().is_mounted(str(target))


async def test_what_was_never_mounted_cannot_vanish(tmp_path):
    assert await state_of(published(tmp_path, mounted=False)) is None


@pytest.mark.needs("fuse")
async def test_a_daemon_that_does_not_answer_is_silent_and_one_that_died_is_dead(tmp_path, monkeypatch):
    """A FUSE file system whose daemon never says a word, until it is gone."""
    monkeypatch.setattr("provider.local_storage.mount_health.PATIENCE", 0.3)
    daemon = os.open("/dev/fuse", os.O_RDWR)
    target = tmp_path / "fuse"
    options = f"fd={daemon},rootmode=40000,user_id=0,group_id=0"
    try:
        with mounted(target, "-i", "-t", "fuse", "-o", options, "test", pass_fds=(daemon,)):
            assert await state_of(published(target)) is MountState.SILENT
            os.close(daemon)
            daemon = -1
            assert await state_of(published(target)) is MountState.DEAD
    finally:
        if daemon >= 0:
            os.close(daemon)


async def test_a_device_that_lost_its_disk_is_dead(tmp_path):
    image = tmp_path / "image"
    image.write_bytes(bytes(1 << 20))
    device = run("losetup", "--find", "--show", str(image))
    target = tmp_path / "device"
    target.touch()
    try:
        run("mount", "--bind", device, str(target))
        assert await state_of(published(target, block=True)) is None
        run("losetup", "--detach", device)
        assert await state_of(published(target, block=True)) is MountState.DEAD
    finally:
        run("umount", str(target), check=False)
        census.detach(device, str(image))


@pytest.mark.needs("loop", "ext4", "root")
async def test_a_filesystem_that_became_read_only_by_an_error_fails_its_volume(tmp_path):
    image, target = tmp_path / "image", tmp_path / "volume"
    with image.open("wb") as file:
        file.truncate(16 * 2**20)
    run("mkfs.ext4", "-q", "-e", "remount-ro", str(image))
    with mounted(target, "-o", "loop", str(image)):
        assert await state_of(published(target)) is None
        meet_an_error(run("findmnt", "-n", "-o", "SOURCE", str(target)))
        assert await state_of(published(target)) is MountState.FAILING
        run("umount", str(target))
    run("e2fsck", "-fy", str(image), check=False)
    with mounted(target, "-o", "loop,ro", str(image)):
        assert await state_of(published(target)) is None, "it was asked for"


def test_paths_are_looked_for_as_the_kernel_writes_them():
    assert escaped("/a b\\c\nd") == b"/a\\040b\\134c\\012d"
