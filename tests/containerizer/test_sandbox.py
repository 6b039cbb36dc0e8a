"""Sandboxes: where they are, when they go, and that nothing in them leads a reader astray."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sandboxes.sandbox import MAX_READ, NoSuchFile, SandboxError, Sandboxes
from tests.deep_tree import nest

DAY = 24 * 3600.0


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.time = 1_000_000_000.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time


def test_files_are_listed_and_read_in_parts(tmp_path: Path) -> None:
    sandboxes = Sandboxes(tmp_path / "s", SetClock())
    sandbox = sandboxes.create("framework", "task", "container")
    (sandbox / "stdout").write_bytes(b"0123456789")
    (sandbox / "logs").mkdir()
    listed = sandboxes.list_files("framework/task/container")
    assert [info.path.rpartition("/")[2] for info in listed] == ["logs", "stdout"]
    assert listed[1].size == 10
    read = sandboxes.read_file(str(sandbox / "stdout"), 4, 3)
    assert (read.size, read.data) == (10, b"456")
    assert sandboxes.read_file("framework/task/container/stdout", 99).data == b""


def test_one_read_has_an_upper_bound(tmp_path: Path) -> None:
    sandboxes = Sandboxes(tmp_path / "s", SetClock())
    sandbox = sandboxes.create("f", "t", "c")
    (sandbox / "big").write_bytes(bytes(MAX_READ + 10))
    assert len(sandboxes.read_file("f/t/c/big", 0, MAX_READ * 5).data) == MAX_READ


@pytest.mark.parametrize(
    "kind", ["link to a file", "link to a directory", "fifo", "parent", "absolute", "directory"]
)
def test_nothing_leads_out_of_the_root_or_hangs_the_reader(tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("secret")
    sandboxes = Sandboxes(tmp_path / "s", SetClock())
    sandbox = sandboxes.create("f", "t", "c")
    (sandbox / "file").symlink_to(secret / "key")
    (sandbox / "way").symlink_to(secret)
    os.mkfifo(sandbox / "fifo")
    path = {
        "link to a file": "f/t/c/file",
        "link to a directory": "f/t/c/way/key",
        "fifo": "f/t/c/fifo",
        "parent": "f/../../secret/key",
        "absolute": str(secret / "key"),
        "directory": "f/t/c",
    }[kind]
    with pytest.raises(NoSuchFile):
        sandboxes.read_file(path, 0)


def test_link_to_a_directory_is_listed_as_a_link_and_not_entered(tmp_path: Path) -> None:
    sandboxes = Sandboxes(tmp_path / "s", SetClock())
    (sandboxes.create("f", "t", "c") / "way").symlink_to("/etc")
    assert [info.path for info in sandboxes.list_files("f/t/c")] == ["f/t/c/way"]
    with pytest.raises(NoSuchFile):
        sandboxes.list_files("f/t/c/way")


def test_negative_offsets_are_refused(tmp_path: Path) -> None:
    sandboxes = Sandboxes(tmp_path / "s", SetClock())
    (sandboxes.create("f", "t", "c") / "x").touch()
    with pytest.raises(SandboxError):
        sandboxes.read_file("f/t/c/x", -1)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_name_has_a_place_of_its_own_below_the_root(first: str, second: str) -> None:
    sandboxes = Sandboxes(Path("/nonexistent-root"), SetClock())
    paths = [sandboxes.path("f", name, "c") for name in (first, second)]
    for path in paths:
        assert path.parent.parent == Path("/nonexistent-root/f")
        assert len(os.fsencode(path.parent.name)) <= 255
    assert (paths[0] == paths[1]) == (first == second)


async def test_sandbox_goes_a_day_after_its_container_ended(tmp_path: Path) -> None:
    clock = SetClock()
    sandboxes = Sandboxes(tmp_path / "s", clock)
    ended, running = sandboxes.create("f", "t1", "c"), sandboxes.create("f", "t2", "c")
    (ended / "stdout").touch()
    sandboxes.retire(ended)
    clock.time += DAY - 60
    sandboxes.retire(ended)
    assert await sandboxes.collect() == []
    clock.time += 120
    assert await sandboxes.collect() == [ended]
    assert not ended.parent.exists()
    assert running.exists()


async def test_longest_ended_go_first_when_there_are_too_many(tmp_path: Path) -> None:
    clock = SetClock()
    sandboxes = Sandboxes(tmp_path / "s", clock, max_kept=2)
    all_of_them = [sandboxes.create("f", f"t{number}", "c") for number in range(4)]
    for sandbox in all_of_them:
        clock.time += 1
        sandboxes.retire(sandbox)
    assert await sandboxes.collect() == all_of_them[:2]
    assert all(sandbox.exists() for sandbox in all_of_them[2:])


async def test_after_a_restart_what_nobody_uses_counts_as_ended(tmp_path: Path) -> None:
    clock = SetClock()
    used, unused = (Sandboxes(tmp_path / "s", clock).create("f", name, "c") for name in ("used", "unused"))
    again = Sandboxes(tmp_path / "s", clock)
    again.retire_others([used])
    clock.time += 2 * DAY
    assert await again.collect() == [unused]


async def test_collection_removes_links_and_not_what_they_lead_to(tmp_path: Path) -> None:
    clock = SetClock()
    sandboxes = Sandboxes(tmp_path / "s", clock, max_age=0)
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    sandbox = sandboxes.create("f", "t", "c")
    (sandbox / "way").symlink_to(precious)
    sandboxes.retire(sandbox)
    assert await sandboxes.collect() == [sandbox]
    assert (precious / "file").exists()


@pytest.mark.needs("root", "mount")
async def test_sandbox_with_something_mounted_in_it_is_left(short_dir: Path) -> None:
    clock = SetClock()
    sandboxes = Sandboxes(short_dir / "s", clock, max_age=0)
    sandbox = sandboxes.create("f", "t", "c")
    (sandbox / "volume").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", sandbox / "volume"], check=True)
    try:
        (sandbox / "volume" / "data").touch()
        sandboxes.retire(sandbox)
        assert await sandboxes.collect() == []
        assert (sandbox / "volume" / "data").exists()
    finally:
        subprocess.run(["umount", sandbox / "volume"], check=True)
    assert await sandboxes.collect() == [sandbox]


async def test_a_sandbox_nested_deeper_than_any_recursion_goes_too(tmp_path: Path) -> None:
    sandboxes = Sandboxes(tmp_path / "s", SetClock(), max_age=0)
    sandbox = sandboxes.create("f", "t", "c")
    nest(sandbox, 1500)
    sandboxes.retire(sandbox)
    assert await sandboxes.collect() == [sandbox]
    assert not sandbox.exists()


def test_a_sandbox_that_cannot_be_marked_as_ended_troubles_nobody(tmp_path: Path) -> None:
    sandboxes = Sandboxes(tmp_path / "s", SetClock())
    sandbox = sandboxes.create("f", "t", "c")
    sandbox.with_name("c.ended").symlink_to(tmp_path / "nowhere" / "at all")
    sandboxes.retire(sandbox)
    assert sandbox.exists()
