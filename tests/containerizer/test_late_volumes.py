"""Volumes brought into a container that runs, and taken away: real mount namespaces, seen from inside."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.containerizer.interface import Bind
from agent.containerizer.late_volumes import LateMounts, LateVolumeRefused, Running

pytestmark = pytest.mark.needs("root", "mount")
MARK = "MESOS_CONTAINER_ID=late"
NOBODY = 65534


@pytest.fixture
def sandbox(short_dir: Path) -> Path:
    (short_dir / "sandbox").mkdir()
    (short_dir / "volume").mkdir()
    (short_dir / "volume" / "kept").write_text("precious")
    return short_dir / "sandbox"


@contextmanager
def container(sandbox: Path, *own: str) -> Iterator[Running]:
    """A process with mounts of its own, as executors are."""
    command = [*(own or ("unshare", "-m", "--propagation", "slave")), "sleep", "600"]
    process = subprocess.Popen(
        command, cwd=sandbox, env={"PATH": os.environ["PATH"], "MESOS_CONTAINER_ID": "late"}
    )
    try:
        running = Running(process.pid, MARK, str(sandbox))
        here = Path("/proc/self/ns/mnt").readlink()
        while own == () and Path(f"/proc/{process.pid}/ns/mnt").readlink() == here:
            pass  # it has been forked, and is about to leave
        yield running
    finally:
        process.kill()
        process.wait()


def inside(running: Running, *command: str) -> str:
    """What a command prints in there."""
    ran = subprocess.run(
        ["nsenter", "-m", "-t", str(running.pid), *command], capture_output=True, text=True, check=False
    )
    return ran.stdout + ran.stderr


def volume(sandbox: Path, target: str = "data/here", *, read_only: bool = False) -> Bind:
    return Bind(str(sandbox.parent / "volume"), target, read_only)


async def test_a_volume_is_there_for_the_container_alone_until_it_is_taken(sandbox: Path) -> None:
    late = LateMounts()
    with container(sandbox) as running:
        for _ in range(2):
            await late.bring(running, [volume(sandbox)], (NOBODY, NOBODY))
        assert inside(running, "cat", f"{sandbox}/data/here/kept") == "precious"
        assert not (sandbox / "data" / "here" / "kept").exists(), "the host has nothing mounted"
        assert (sandbox / "data").stat().st_uid == NOBODY
        for _ in range(2):
            await late.take(running, [volume(sandbox)])
        assert "No such file" in inside(running, "cat", f"{sandbox}/data/here/kept")
    await late.take(running, [volume(sandbox)])
    assert (sandbox.parent / "volume" / "kept").read_text() == "precious"


async def test_a_volume_that_is_read_only_cannot_be_written_there(sandbox: Path) -> None:
    with container(sandbox) as running:
        await LateMounts().bring(running, [volume(sandbox, "ro", read_only=True)], None)
        assert "Read-only" in inside(running, "touch", f"{sandbox}/ro/new")


@pytest.mark.parametrize("first", [False, True], ids=["written first", "read first"])
async def test_a_volume_is_not_both_written_and_only_read_at_one_place(sandbox: Path, first: bool) -> None:
    late = LateMounts()
    with container(sandbox) as running:
        await late.bring(running, [volume(sandbox, read_only=first)], None)
        with pytest.raises(LateVolumeRefused, match="another task has that volume at data/here"):
            await late.bring(running, [volume(sandbox, read_only=not first)], None)
        await late.bring(running, [volume(sandbox, read_only=first)], None)
        await late.bring(running, [volume(sandbox, "elsewhere", read_only=not first)], None)
        assert ("Read-only" in inside(running, "touch", f"{sandbox}/elsewhere/new")) is not first


async def test_what_is_used_still_is_not_taken_away(sandbox: Path) -> None:
    late = LateMounts()
    with container(sandbox) as running:
        await late.bring(running, [volume(sandbox, "data")], None)
        user = subprocess.Popen(
            ["nsenter", "-m", "-t", str(running.pid), "tail", "-f", f"{sandbox}/data/kept"],
            stdout=subprocess.PIPE,
        )
        assert user.stdout is not None and user.stdout.read(8) == b"precious"
        try:
            with pytest.raises(OSError, match="busy"):
                await late.take(running, [volume(sandbox, "data")])
        finally:
            user.kill()
            user.communicate()
        await late.take(running, [volume(sandbox, "data")])


async def test_a_volume_that_was_moved_with_its_directory_is_not_taken_for_gone(sandbox: Path) -> None:
    late, wanted = LateMounts(), volume(sandbox)
    with container(sandbox) as running:
        await late.bring(running, [wanted], None)
        inside(running, "mv", f"{sandbox}/data", f"{sandbox}/else where")
        for _ in range(2):
            with pytest.raises(OSError, match="else where/here now"):
                await late.take(running, [wanted])
            (sandbox / "data").symlink_to(sandbox.parent) if not (sandbox / "data").is_symlink() else None
        assert inside(running, "cat", f"{sandbox}/else where/here/kept") == "precious"
        (sandbox / "data").unlink()
        inside(running, "mv", f"{sandbox}/else where", f"{sandbox}/data")
        await late.take(running, [wanted])
        assert inside(running, "ls", f"{sandbox}/data/here") == ""


async def test_a_volume_is_taken_also_of_a_program_that_has_written_over_its_environment(
    sandbox: Path,
) -> None:
    late = LateMounts()
    with container(sandbox) as running:
        await late.bring(running, [volume(sandbox)], None)
        await late.take(Running(running.pid, "MESOS_CONTAINER_ID=none", running.sandbox), [volume(sandbox)])
        assert inside(running, "ls", f"{sandbox}/data/here") == ""


async def test_no_link_leads_a_volume_out_of_the_sandbox(sandbox: Path) -> None:
    outside = sandbox.parent / "outside"
    outside.mkdir()
    (sandbox / "link").symlink_to(outside)
    (sandbox / "file").write_text("x")
    with container(sandbox) as running:
        for target in ("link", "link/deeper", "file"):
            with pytest.raises(LateVolumeRefused, match="in the way"):
                await LateMounts().bring(running, [volume(sandbox, target)], None)
        assert list(outside.iterdir()) == []


async def test_where_something_else_is_mounted_nothing_is_covered(sandbox: Path) -> None:
    other = sandbox.parent / "other"
    other.mkdir()
    with container(sandbox) as running:
        await LateMounts().bring(running, [volume(sandbox, "data")], None)
        with pytest.raises(LateVolumeRefused, match="choose another container_path"):
            await LateMounts().bring(running, [Bind(str(other), "data", read_only=False)], None)
        await LateMounts().take(running, [Bind(str(other), "data", read_only=False)])
        assert inside(running, "cat", f"{sandbox}/data/kept") == "precious", "it is another task's"


async def test_another_process_than_the_container_is_left_alone(sandbox: Path) -> None:
    late = LateMounts()
    with container(sandbox, "env") as shares_the_hosts:
        with pytest.raises(LateVolumeRefused, match="no mounts of its own"):
            await late.bring(shares_the_hosts, [volume(sandbox)], None)
        someone = Running(os.getpid(), MARK, str(sandbox))
        with pytest.raises(LateVolumeRefused, match="has ended"):
            await late.bring(someone, [volume(sandbox)], None)
    with pytest.raises(LateVolumeRefused, match="has ended"):
        await late.bring(shares_the_hosts, [volume(sandbox)], None)
