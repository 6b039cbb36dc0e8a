"""What the agent takes from its host: resources, directories of volumes, shared directories."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.containerizer.shim import kernel
from agent.host.detection import Wanted, host_resources
from agent.host.shared_mounts import SharedMounts
from agent.sandboxes.root_volumes import RootVolumes
from api.model.quantity import MB
from provider.manager.publishing import PublishFailed
from tests.deep_tree import nest


def mounts_at(path: Path) -> list[list[str]]:
    """The fields of mountinfo for each mount at `path`."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line.split(" ") for line in lines if line.split(" ")[4] == str(path)]


def test_what_an_operator_says_of_the_host_is_taken_as_it_is(tmp_path: Path) -> None:
    wanted = Wanted(cpus=1.5, mem=64 * MB, disk=100 * MB, ports=((7000, 7001),))
    assert str(host_resources(tmp_path, wanted)) == str(host_resources(tmp_path / "..", wanted))
    amounts = host_resources(tmp_path, wanted).quantities()
    assert (amounts["cpus"], amounts["mem"], amounts["disk"]) == (1_500, 64_000, 100_000)


def test_a_part_of_memory_and_disk_is_left_for_the_host(tmp_path: Path) -> None:
    amounts = host_resources(tmp_path).quantities()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MB
    disk = os.statvfs(tmp_path)
    assert 0 < amounts["mem"] < memory * 1000
    assert 0 < amounts["disk"] < disk.f_frsize * disk.f_blocks // MB * 1000
    assert amounts["cpus"] == len(os.sched_getaffinity(0)) * 1000


def test_volumes_of_nested_roles_do_not_collide(tmp_path: Path) -> None:
    volumes = RootVolumes(tmp_path)
    paths = {volumes.make(role, name) for role, name in [("a/b", "c"), ("a", "b%2Fc"), ("a", "b/c")]}
    assert len(paths) == 3
    assert all(Path(path).is_dir() and Path(path).is_relative_to(tmp_path) for path in paths)


def test_a_volume_that_is_made_is_on_the_disk_with_all_that_leads_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda fd: on_disk.append(Path(f"/proc/self/fd/{fd}").readlink()))
    path = Path(RootVolumes(tmp_path).make("web", "data"))
    assert on_disk == [each for each in path.parents if each.is_relative_to(tmp_path)]


@pytest.mark.parametrize("name", ["..", ".", "", "x" * 300])
def test_a_name_that_cannot_be_a_directory_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError, match="cannot name a directory"):
        RootVolumes(tmp_path).make("web", name)


def test_a_destroyed_volume_is_gone_with_its_data(tmp_path: Path) -> None:
    volumes = RootVolumes(tmp_path)
    path = Path(volumes.make("web", "data"))
    (path / "kept").write_text("x")
    nest(path, 1500)
    volumes.destroy("web", "data")
    volumes.destroy("web", "data")
    assert not path.exists()


def test_a_volume_whose_directory_has_gone_is_not_made_anew_for_its_next_user(tmp_path: Path) -> None:
    volumes = RootVolumes(tmp_path)
    path = Path(volumes.make("web", "data"))
    assert volumes.ensure("web", "data") == str(path)
    path.rename(tmp_path / "elsewhere")
    with pytest.raises(PublishFailed, match=rf"volume data of role web .*{path} was removed"):
        volumes.ensure("web", "data")
    assert not path.exists()
    (tmp_path / "elsewhere").rename(path)
    assert volumes.ensure("web", "data") == str(path)


@pytest.mark.needs("root")
def test_a_shared_directory_is_a_shared_mount_until_it_is_released(tmp_path: Path) -> None:
    shared = SharedMounts()
    path = tmp_path / "mounts"
    try:
        shared.share(str(path))
        shared.share(str(path))
        (mount,) = mounts_at(path)
        assert any(option.startswith("shared:") for option in mount[6:])
        _stays_while_something_is_mounted_below(shared, path)
        shared.release(str(path))
        shared.release(str(path))
        assert mounts_at(path) == []
    finally:
        for each in (path / "inner", path):
            if mounts_at(each):
                kernel.unmount_lazily(str(each))


def _stays_while_something_is_mounted_below(shared: SharedMounts, path: Path) -> None:
    inner = path / "inner"
    inner.mkdir()
    kernel.mount("test", str(inner), "tmpfs", 0)
    shared.release(str(path))
    assert len(mounts_at(path)) == 1
    kernel.unmount_lazily(str(inner))
