"""Volumes of containers: host paths and sandbox paths, and every way out of a sandbox."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.commands import InvalidTask
from agent.container_volumes import (
    Places,
    VolumeRefused,
    check_target,
    make_sandbox,
    validate_volumes,
    volume_binds,
)
from agent.containerizer.interface import Bind
from api.wire.v1 import mesos

RW, RO = mesos.VolumeMode.RW, mesos.VolumeMode.RO
Source = mesos.VolumeSourceType
Sandbox = mesos.VolumeSourceSandboxPathType


def container(*volumes: mesos.Volume) -> mesos.ContainerInfo:
    return mesos.ContainerInfo(type=mesos.ContainerInfoType.MESOS, volumes=list(volumes))


def in_sandbox(path: str, kind: Sandbox = Sandbox.SELF, target: str = "/data") -> mesos.Volume:
    inner = mesos.VolumeSourceSandboxPath(type=kind, path=path)
    source = mesos.VolumeSource(type=Source.SANDBOX_PATH, sandbox_path=inner)
    return mesos.Volume(container_path=target, mode=RW, source=source)


def of_host(path: str, mode: mesos.VolumeMode = RW) -> mesos.Volume:
    source = mesos.VolumeSource(type=Source.HOST_PATH, host_path=mesos.VolumeSourceHostPath(path=path))
    return mesos.Volume(container_path="/data", mode=mode, source=source)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    sandbox, parent, hidden = tmp_path / "sandbox", tmp_path / "parent", tmp_path / "agent"
    for directory in (sandbox, parent, hidden):
        directory.mkdir()
    return Places(sandbox, lambda: parent, None, (hidden,))


def test_a_path_of_the_sandbox_is_made_and_bound(places: Places) -> None:
    (bind,) = volume_binds(container(in_sandbox("cache/web")), places)
    assert bind == Bind(str(places.sandbox / "cache/web"), "/data")
    assert (places.sandbox / "cache/web").is_dir()


def test_the_parents_sandbox_is_shared(places: Places, tmp_path: Path) -> None:
    (bind,) = volume_binds(container(in_sandbox("shared", Sandbox.PARENT)), places)
    assert bind.source == str(tmp_path / "parent" / "shared")


def test_a_host_path_is_bound_as_it_is(places: Places, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    plain = mesos.Volume(container_path="/data", host_path=str(tmp_path / "there"), mode=RO)
    (bind,) = volume_binds(container(plain), places)
    assert (bind.source, bind.read_only) == (str(tmp_path / "there"), True)
    assert volume_binds(container(of_host(str(tmp_path / "there"), RO)), places) == (bind,)


def test_without_a_source_a_volume_is_below_the_sandbox(places: Places) -> None:
    for volume, where in (
        (mesos.Volume(container_path="/var/cache", mode=RW), "var/cache"),
        (mesos.Volume(container_path="/x", host_path="scratch", mode=RW), "scratch"),
    ):
        (bind,) = volume_binds(container(volume), places)
        assert bind.source == str(places.sandbox / where)


@pytest.mark.needs("root")
def test_what_is_made_for_a_task_belongs_to_its_user(places: Places) -> None:
    owned = Places(places.sandbox, None, (12_345, 12_345))
    volume_binds(container(in_sandbox("a/b")), owned)
    assert (places.sandbox / "a/b").stat().st_uid == 12_345
    assert (places.sandbox / "a").stat().st_uid == 12_345


@pytest.mark.needs("root")
def test_what_was_there_stays_whose_it_is(places: Places) -> None:
    (places.sandbox / "kept").mkdir()
    volume_binds(container(in_sandbox("kept/new")), Places(places.sandbox, None, (12_345, 12_345)))
    assert (places.sandbox / "kept").stat().st_uid == os.geteuid()
    assert (places.sandbox / "kept/new").stat().st_uid == 12_345


@pytest.mark.needs("root")
def test_a_directory_that_a_crash_left_half_made_is_given_to_its_user(places: Places) -> None:
    (places.sandbox / "half").mkdir(mode=0o700)
    volume_binds(container(in_sandbox("half")), Places(places.sandbox, None, (12_345, 12_345)))
    found = (places.sandbox / "half").stat()
    assert (found.st_uid, found.st_mode & 0o777) == (12_345, 0o755)


@pytest.mark.parametrize("path", ["tasks", "tasks/b", "stderr", "shared/deep"])
def test_of_a_groups_sandbox_only_a_name_that_is_free_is_had(
    places: Places, tmp_path: Path, path: str
) -> None:
    with pytest.raises(InvalidTask):
        volume_binds(container(in_sandbox(path, Sandbox.PARENT)), places)
    assert list((tmp_path / "parent").iterdir()) == []


@pytest.mark.parametrize("link", ["a", "a/b", "a/b/c"])
def test_a_link_on_the_way_is_not_followed(places: Places, tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (places.sandbox / link).parent.mkdir(parents=True, exist_ok=True)
    (places.sandbox / link).symlink_to(outside)
    with pytest.raises(VolumeRefused, match="lead out of the sandbox"):
        volume_binds(container(in_sandbox("a/b/c")), places)
    assert list(outside.iterdir()) == []


def test_a_mount_target_behind_a_link_is_refused(places: Places) -> None:
    (places.sandbox / "etc").symlink_to("/etc")
    with pytest.raises(VolumeRefused, match="lead out"):
        check_target(places.sandbox, "etc/ssl")
    check_target(places.sandbox, "data/new")


def test_the_agents_own_files_are_no_host_path(places: Places, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "agent")
    for path in (tmp_path / "agent", tmp_path / "link", tmp_path):
        with pytest.raises(VolumeRefused, match="agent's own files"):
            volume_binds(container(of_host(str(path))), places)


def test_a_host_path_that_is_not_there_is_named(places: Places) -> None:
    with pytest.raises(VolumeRefused, match="/no/such/place on the agent's host: No such file"):
        volume_binds(container(of_host("/no/such/place")), places)


def test_a_fifo_is_no_volume(places: Places, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(VolumeRefused, match="neither a directory"):
        volume_binds(container(of_host(str(tmp_path / "fifo"))), places)


@pytest.mark.parametrize(
    ("volume", "words"),
    [
        (in_sandbox("../other"), "'..'"),
        (in_sandbox("a/../../b"), "'..'"),
        (in_sandbox("/etc"), "relative"),
        (in_sandbox("."), "names nothing"),
        (in_sandbox("a\0b"), "NUL"),
        (in_sandbox("x" * 5_000), "longer"),
        (in_sandbox("a", Sandbox.UNKNOWN), "not supported"),
        (in_sandbox("a", Sandbox.PARENT), "only tasks of a group"),
        (in_sandbox("a", target="../x"), "'..'"),
        (in_sandbox("a/b", Sandbox.PARENT), "one name"),
        (in_sandbox("tasks", Sandbox.PARENT), "the agent keeps 'tasks'"),
        (in_sandbox("./tasks/", Sandbox.PARENT), "the agent keeps 'tasks'"),
        (in_sandbox("stdout.1", Sandbox.PARENT), "the agent keeps 'stdout.1'"),
        (of_host("relative"), "absolute"),
        (of_host("/srv/../etc"), "'..'"),
        (mesos.Volume(container_path="/x", host_path="../up", mode=RW), "'..'"),
        (
            mesos.Volume(
                container_path="/x",
                mode=RW,
                source=mesos.VolumeSource(
                    type=Source.DOCKER_VOLUME, docker_volume=mesos.VolumeSourceDockerVolume(name="v")
                ),
            ),
            "DOCKER_VOLUME is not supported",
        ),
    ],
)
def test_volumes_that_no_agent_can_give_are_refused(volume: mesos.Volume, words: str) -> None:
    with pytest.raises(InvalidTask) as error:
        validate_volumes(container(volume), grouped=False)
    assert words in str(error.value)


def test_a_groups_sandbox_is_no_way_out(tmp_path: Path) -> None:
    root, outside = tmp_path / "executor", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "tasks").symlink_to(outside)
    with pytest.raises(OSError, match=r"Too many levels|Not a directory"):
        make_sandbox(root, root / "tasks" / "t1", None)
    assert list(outside.iterdir()) == []
