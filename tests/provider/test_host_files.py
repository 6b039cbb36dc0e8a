"""What is done to the host's file system: wiping stays inside the volume, removal deletes nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from provider import calls
from provider.events import WipeContents
from provider.local_storage.host_files import LocalFiles, wipe_contents, zero
from provider.local_storage.on_host import VolumesOnHost
from provider.paths import VolumePaths
from provider.volume import VolumeCapability
from tests.deep_tree import nest


def names(directory):
    return [each.name for each in directory.iterdir()]


def test_wiping_leaves_the_directory_itself_and_an_empty_lost_and_found(tmp_path):
    volume = tmp_path / "volume"
    (volume / "deep/er").mkdir(parents=True)
    (volume / "deep/er/x").write_text("secret")
    (volume / "lost+found").mkdir()
    (volume / "lost+found/#12").write_text("secret")
    (volume / ".hidden").write_text("secret")
    wipe_contents(str(volume))
    assert names(volume) == ["lost+found"] and not names(volume / "lost+found")


def test_wiping_goes_deeper_than_any_recursion(tmp_path):
    volume = tmp_path / "volume"
    (volume / "lost+found").mkdir(parents=True)
    (volume / ".removed-0").write_text("a name that wiping itself could take")
    nest(volume, 1500)
    nest(volume / "lost+found", 1500)
    wipe_contents(str(volume))
    assert names(volume) == ["lost+found"] and not names(volume / "lost+found")


def test_wiping_does_not_follow_links_out_of_the_volume(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep").write_text("mine")
    volume = tmp_path / "volume"
    volume.mkdir()
    (volume / "link").symlink_to(outside)
    (volume / "dangling").symlink_to("/nowhere")
    wipe_contents(str(volume))
    assert not names(volume) and (outside / "keep").read_text() == "mine"


@pytest.mark.needs("mount")
@pytest.mark.parametrize("place", ["inner", "deep/inner"])
def test_wiping_stops_at_another_file_system(tmp_path, place):
    volume = tmp_path / "volume"
    inner = volume / place
    inner.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", str(inner)], check=True)
    try:
        (inner / "keep").write_text("mine")
        with pytest.raises(OSError, match="another file system"):
            wipe_contents(str(volume))
        assert (inner / "keep").read_text() == "mine"
    finally:
        subprocess.run(["umount", str(inner)], check=True)


def test_a_block_volume_kept_in_a_file_reads_as_zeroes_and_keeps_its_size(tmp_path):
    image = tmp_path / "image"
    image.write_bytes(b"secret" * 1_000_000)
    zero(str(image))
    assert image.read_bytes() == bytes(6_000_000)


@pytest.mark.needs("loop")
def test_a_block_device_reads_as_zeroes(tmp_path):
    image = tmp_path / "image"
    image.write_bytes(b"secret!!" * 131072)
    done = subprocess.run(["losetup", "--show", "-f", str(image)], check=True, capture_output=True, text=True)
    device = done.stdout.strip()
    try:
        zero(device)
        assert Path(device).read_bytes() == bytes(1024 * 1024)
    finally:
        subprocess.run(["losetup", "-d", device], check=True)


async def test_removal_takes_what_is_empty_and_refuses_what_is_not(tmp_path):
    files = LocalFiles()
    await files.make_directory(str(tmp_path / "a/b"))
    await files.make_directory(str(tmp_path / "a/b"))
    (tmp_path / "a/b/x").write_text("")
    with pytest.raises(OSError, match="not empty"):
        await files.remove_directory(str(tmp_path / "a/b"))
    await files.remove_directory(str(tmp_path / "a/b/x"))
    await files.remove_directory(str(tmp_path / "a/b"))
    await files.remove_directory(str(tmp_path / "a/b"))
    (tmp_path / "a/link").symlink_to(tmp_path)
    await files.remove_directory(str(tmp_path / "a/link"))
    assert tmp_path.is_dir()


@pytest.mark.parametrize("block", [False, True])
async def test_what_is_left_where_a_volume_was_mounted_is_not_wiped_in_its_place(tmp_path, block):
    """An empty mount point would count as a wiped volume, and the next owner would read the data."""
    path = tmp_path / "target"
    if block:
        path.write_bytes(b"left")
    else:
        path.mkdir()
        (path / "left").touch()
    host = VolumesOnHost(_no_call, LocalFiles(), VolumePaths(str(tmp_path)))
    with pytest.raises(OSError, match="not mounted"):
        await host.act(WipeContents(str(path), block, mounted=True))
    assert path.read_bytes() == b"left" if block else names(path) == ["left"]


async def _no_call(_: Any) -> Any:
    raise AssertionError("nothing is asked of the plugin")


class _CountedFiles(LocalFiles):
    """Says how often the host was asked anything."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def names(self, path: str) -> frozenset[str]:
        self.asked += 1
        return await super().names(path)

    async def remove_directory(self, path: str) -> None:
        self.asked += 1
        await super().remove_directory(path)


async def _answered(request: calls.Request[Any]) -> None:
    return None


async def test_a_deleted_volume_leaves_no_directory_whoever_made_it(tmp_path):
    """This process, for a user of the volume, or the one before it."""
    root = tmp_path / "mounts"
    paths = VolumePaths(str(root))
    before, now, never = "before", "now", "never"
    (root / "v-before" / "staging").mkdir(parents=True)
    (root / "v-before" / "target").write_text("")
    files = _CountedFiles()
    host = VolumesOnHost(_answered, files, paths)
    await host.call(calls.DeleteVolume(never))
    stage = calls.NodeStage(now, paths.staging(now), VolumeCapability(), {}, {}, "gold")
    await host.call(stage)
    assert (root / "v-now" / "staging").is_dir()
    for volume_id in (before, now):
        await host.call(calls.DeleteVolume(volume_id))
    assert list(root.iterdir()) == []


async def test_of_volumes_that_never_had_a_user_the_host_is_not_asked_each_time(tmp_path):
    files = _CountedFiles()
    host = VolumesOnHost(_answered, files, VolumePaths(str(tmp_path / "mounts")))
    for number in range(100):
        await host.call(calls.DeleteVolume(f"volume-{number}"))
    assert files.asked == 1


async def _refuses_to_delete_again(request: calls.Request[Any]) -> None:
    if isinstance(request, calls.DeleteVolume):
        raise calls.PluginError("INVALID_ARGUMENT", "there is no such volume")


async def test_of_a_deletion_that_is_refused_since_an_earlier_one_was_done_no_directory_is_left(tmp_path):
    root = tmp_path / "mounts"
    paths = VolumePaths(str(root))
    host = VolumesOnHost(_refuses_to_delete_again, LocalFiles(), paths)
    await host.call(calls.NodeStage("now", paths.staging("now"), VolumeCapability(), {}, {}, "gold"))
    with pytest.raises(calls.PluginError, match="no such volume"):
        await host.call(calls.DeleteVolume("now"))
    assert names(root) == []
