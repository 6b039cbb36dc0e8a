"""Control groups: what is written where, in both versions, on a directory that stands for the kernel's."""

from __future__ import annotations

from pathlib import Path

from agent.containerizer.shim.cgroups import Group, Hierarchies

HYBRID = """\
22 1 0:20 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
23 1 0:21 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
24 1 0:22 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
25 1 0:23 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
"""
UNIFIED = "25 1 0:23 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n"


def test_first_version_is_used_where_it_owns_the_controllers() -> None:
    odd = "36 35 0:5 / /a\u2028b rw - ext4 /dev/loop0 rw\n"
    hybrid = Hierarchies.of_mounts(odd + HYBRID)
    assert hybrid.version == 1
    assert hybrid.roots == {
        "memory": "/sys/fs/cgroup/memory",
        "cpu": "/sys/fs/cgroup/cpu,cpuacct",
        "cpuacct": "/sys/fs/cgroup/cpu,cpuacct",
    }


def test_second_version_is_used_when_it_is_alone() -> None:
    unified = Hierarchies.of_mounts(UNIFIED)
    assert (unified.version, unified.roots) == (2, {"all": "/sys/fs/cgroup"})


def fake_kernel(root: Path, name: str) -> Hierarchies:
    """Files that the kernel would make: here they have to be there before they can be written."""
    group = root / name
    group.mkdir(parents=True)
    for directory in (root, group.parent):
        (directory / "cgroup.subtree_control").touch()
    for file in ("memory.max", "memory.swap.max", "cpu.max", "cgroup.procs", "cgroup.kill"):
        (group / file).touch()
    return Hierarchies(2, {"all": str(root)})


def test_limits_of_the_second_version(tmp_path: Path) -> None:
    hierarchies = fake_kernel(tmp_path, "orlop-x/a")
    group = Group.create(hierarchies, "orlop-x/a")
    assert group.limit(64 << 20, 250) == []
    inner = tmp_path / "orlop-x" / "a"
    assert (inner / "memory.max").read_text() == str(64 << 20)
    assert (inner / "memory.swap.max").read_text() == "0"
    assert (inner / "cpu.max").read_text() == "25000 100000"
    assert (tmp_path / "cgroup.subtree_control").read_text()
    assert (inner.parent / "cgroup.subtree_control").read_text()


def test_out_of_memory_is_read_from_the_events_of_the_second_version(tmp_path: Path) -> None:
    group = Group.create(fake_kernel(tmp_path, "orlop-x/a"), "orlop-x/a")
    events = tmp_path / "orlop-x" / "a" / "memory.events"
    events.write_text("low 0\nhigh 0\nmax 3\noom 1\noom_kill 0\n")
    assert not group.out_of_memory()
    events.write_text("low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n")
    assert group.out_of_memory()


def test_all_members_are_killed_by_one_write_in_the_second_version(tmp_path: Path) -> None:
    group = Group.create(fake_kernel(tmp_path, "orlop-x/a"), "orlop-x/a")
    (tmp_path / "orlop-x" / "a" / "cgroup.procs").write_text("2147483646\n")
    assert group.kill() == 1
    assert (tmp_path / "orlop-x" / "a" / "cgroup.kill").read_text() == "1"


def test_what_cannot_be_limited_is_told(tmp_path: Path) -> None:
    group = Group.create(Hierarchies(2, {"all": "/proc/no-such-place"}), "orlop-x/a")
    assert group.limit(1 << 20, 100) == ["memory", "cpu"]
    assert group.processes() == []
    assert Group.create(Hierarchies(1, {}), "a").limit(None, None) == []
