"""Volumes in containers: where they are seen, what may be written, and that the host stays as it was."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.containerizer.interface import Bind
from agent.containerizer.trial import try_mount_propagation
from api.model.ids import RandomIds
from tests.containerizer.conftest import Host
from tests.containerizer.test_contract import run, until


@contextlib.contextmanager
def shared_directory(path: Path) -> Iterator[Path]:
    """A directory bound on itself and rshared: what a container mounts under it reaches the host."""
    path.mkdir()
    subprocess.run(["mount", "--bind", path, path], check=True)
    subprocess.run(["mount", "--make-rshared", path], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "--recursive", path], check=True)


async def test_volume_is_written_at_a_path_that_the_host_does_not_have(
    host: Host, missing_on_host: str
) -> None:
    volume = host.directory("volume")
    spec = host.spec(
        "writer", f"echo hello > {missing_on_host}/x", binds=(Bind(str(volume), missing_on_host),)
    )
    assert await run(host, spec) == 0
    assert (volume / "x").read_text() == "hello\n"


async def test_path_several_levels_deep_is_made_for_the_container_only(
    host: Host, missing_on_host: str
) -> None:
    volume, other = host.directory("volume"), host.directory("other")
    binds = (Bind(str(volume), f"{missing_on_host}/a/b"), Bind(str(other), "/usr/orlop-test-data/deep"))
    script = f"touch {missing_on_host}/a/b/one /usr/orlop-test-data/deep/two && ls /usr/bin/env /etc/passwd"
    assert await run(host, host.spec("deep", script, binds=binds)) == 0, host.output("deep", "stderr")
    assert [path.name for path in (*volume.iterdir(), *other.iterdir())] == ["one", "two"]
    assert not Path("/usr/orlop-test-data").exists()


async def test_relative_container_path_is_below_the_sandbox(host: Host) -> None:
    volume = host.directory("volume")
    assert await run(host, host.spec("rel", "echo 1 > data/x", binds=(Bind(str(volume), "data"),))) == 0
    assert (volume / "x").read_text() == "1\n"
    assert not (host.sandbox("rel") / "data" / "x").exists()


async def test_read_only_volume_refuses_writes_and_shows_its_files(host: Host, missing_on_host: str) -> None:
    volume = host.directory("volume")
    (volume / "x").write_text("there\n")
    script = f"cat {missing_on_host}/x; echo no > {missing_on_host}/y || exit 30"
    bind = Bind(str(volume), missing_on_host, read_only=True)
    assert await run(host, host.spec("reader", script, binds=(bind,))) == 30
    assert host.output("reader") == "there\n"
    assert not (volume / "y").exists()


async def test_single_file_is_bound(host: Host) -> None:
    source = host.directory("volume") / "config"
    source.write_text("setting\n")
    spec = host.spec("file", "cat /etc/orlop-test.conf", binds=(Bind(str(source), "/etc/orlop-test.conf"),))
    assert await run(host, spec) == 0
    assert host.output("file") == "setting\n"
    assert not Path("/etc/orlop-test.conf").exists()


async def test_mounted_volume_is_bound_as_the_filesystem_that_it_is(host: Host, missing_on_host: str) -> None:
    volume = host.directory("volume")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", volume], check=True)
    try:
        spec = host.spec(
            "size", f"df -k --output=size {missing_on_host}", binds=(Bind(str(volume), missing_on_host),)
        )
        assert await run(host, spec) == 0
        assert host.output("size").split()[-1] == "3072"
    finally:
        subprocess.run(["umount", volume], check=True)


async def test_running_container_does_not_keep_anothers_volume_busy(host: Host, missing_on_host: str) -> None:
    mine, other = host.directory("mine"), host.directory("other")
    image = host.work_dir / "image"
    subprocess.run(["truncate", "--size", "16M", image], check=True)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, other], check=True)
    try:
        binds = (Bind(str(mine), missing_on_host),)
        await host.containerizer.launch(host.spec("bystander", "touch ready; sleep 60", binds=binds))
        await until(host.sandbox("bystander") / "ready")
    finally:
        subprocess.run(["umount", other], check=True)
    # Unmounted everywhere, the loop device lets go of the image.
    async with asyncio.timeout(10):
        while str(image) in subprocess.run(["losetup", "--list"], capture_output=True, text=True).stdout:
            await asyncio.sleep(0.05)


async def test_later_mount_in_a_shared_source_is_seen_in_the_container(
    host: Host, missing_on_host: str
) -> None:
    with shared_directory(host.work_dir / "shared") as shared:
        (shared / "inner").mkdir()
        script = f"touch ready; while [ ! -e {missing_on_host}/inner/late ]; do sleep 0.05; done"
        spec = host.spec("late", script, binds=(Bind(str(shared), missing_on_host, propagation="rslave"),))
        await host.containerizer.launch(spec)
        await until(host.sandbox("late") / "ready")
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", shared / "inner"], check=True)
        (shared / "inner" / "late").touch()
        async with asyncio.timeout(10):
            assert (await host.containerizer.wait("late")).status == 0


async def test_mount_of_a_privileged_container_reaches_the_host(host: Host) -> None:
    with shared_directory(host.work_dir / "shared") as shared:
        target = shared / "published"
        script = f"mkdir {target} && mount -t tmpfs tmpfs {target} && touch {target}/here && sleep 60"
        bind = Bind(str(shared), str(shared), propagation="rshared")
        await host.containerizer.launch(host.spec("plugin", script, binds=(bind,), privileged=True))
        await until(target / "here")
        assert os.path.ismount(target)
        await host.containerizer.kill("plugin", grace_period=0)
        await host.containerizer.wait("plugin")
        assert (target / "here").exists(), "the mount went with the container"


async def test_a_container_that_sees_the_hosts_processes_enters_their_namespaces_and_ends_whole(
    host: Host,
) -> None:
    with shared_directory(host.work_dir / "private") as place:
        target = place / "mounted"
        mount = f"nsenter --target {os.getpid()} --mount mount -t tmpfs tmpfs {target}"
        script = f"{mount} && touch ready; sleep 600 & sleep 600"
        target.mkdir()
        await host.containerizer.launch(
            host.spec("enters", script, privileged=True, host_processes=True, grace_period=0)
        )
        try:
            await until(host.sandbox("enters") / "ready")
        finally:
            print(host.output("enters", "stderr"))
        assert os.path.ismount(target)
        async with asyncio.timeout(30):
            await host.containerizer.kill("enters", grace_period=0)
            await host.containerizer.wait("enters")
            await host.containerizer.remove("enters")


async def test_privileged_container_sees_loop_devices_that_appear_later(host: Host) -> None:
    image = host.work_dir / "image"
    subprocess.run(["truncate", "--size", "4M", image], check=True)
    script = (
        "touch ready; while [ ! -e go ]; do sleep 0.05; done;"
        f" device=$(losetup --find --show {image}) && test -b $device && blockdev --getsize64 $device;"
        " losetup --detach $device"
    )
    bind = Bind(str(host.work_dir), str(host.work_dir))
    await host.containerizer.launch(host.spec("loops", script, binds=(bind,), privileged=True))
    await until(host.sandbox("loops") / "ready")
    (host.sandbox("loops") / "go").touch()
    assert (await host.containerizer.wait("loops")).status == 0, host.output("loops", "stderr")
    assert host.output("loops").strip() == str(4 << 20)


async def test_block_volume_is_a_device_in_the_container(host: Host, missing_on_host: str) -> None:
    image, published = host.work_dir / "image", host.work_dir / "published"
    image.write_bytes(b"start of the disk" + bytes((4 << 20) - 17))
    published.touch()
    losetup = ["losetup", "--find", "--show", image]
    device = subprocess.run(losetup, capture_output=True, text=True, check=True).stdout.strip()
    subprocess.run(["mount", "--bind", device, published], check=True)
    try:
        script = (
            f"head -c 17 {missing_on_host}; printf written | dd of={missing_on_host} conv=notrunc,fsync 2>&1"
        )
        binds = (Bind(str(published), missing_on_host, is_device=True),)
        assert await run(host, host.spec("block", script, binds=binds)) == 0, host.output("block")
        assert host.output("block").startswith("start of the disk")
    finally:
        subprocess.run(["umount", published], check=True)
        subprocess.run(["losetup", "--detach", device], check=True)
    assert image.read_bytes()[:7] == b"written"


async def test_trial_says_that_mounts_propagate_and_leaves_nothing(host: Host) -> None:
    verdict = await try_mount_propagation(host.containerizer, host.work_dir / "trial", RandomIds())
    assert verdict.works, verdict.reason
    assert not (host.work_dir / "trial").exists()
    assert await host.containerizer.list() == []


@pytest.mark.parametrize("target", ["/", "", "/a/../b", "."])
def test_impossible_targets_are_refused_when_the_spec_is_made(target: str) -> None:
    from agent.containerizer.interface import ContainerSpec, LaunchError

    with pytest.raises(LaunchError, match="cannot be a mount target"):
        ContainerSpec(id="x", argv=("true",), sandbox="/tmp", binds=(Bind("/tmp", target),))
