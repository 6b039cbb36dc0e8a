"""Control groups, version 1 and 2: one group per container, for limits and to end all of it.

The groups are absolute (`/orlop-SCOPE/ID`), never below the caller's own, which are left alone.
Where a hierarchy cannot be written the container runs without it: what that means for users is
told by the containerizer's `isolation`, not here.
"""

from __future__ import annotations

import os

from agent.containerizer.shim import kernel

CONTROLLERS = ("memory", "cpu", "cpuacct", "pids")
"""The last but one counts only, and exists in version 1 only."""

CPU_PERIOD = 100_000
"""Microseconds over which the cpu quota is counted: the kernel's own default."""

OWN_PREFIX = "/orlop-"
"""With this begins, below the root of each hierarchy, the path of every group that is ours."""

_PEAK_SLACK = 256 * 1024  # the kernel charges in batches: a group that hit its limit may end a little below
_ATTEMPTS = 5  # another container's end may remove the common parent between mkdir and mkdir


class Hierarchies:
    """Where groups can be made: a directory per controller (version 1), or one for all (version 2)."""

    def __init__(self, version: int, roots: dict[str, str]) -> None:
        self.version = version
        self.roots = roots

    @classmethod
    def of_mounts(cls, mountinfo: str) -> Hierarchies:
        """From the text of /proc/self/mountinfo. Version 1 wins where it owns a controller."""
        first: dict[str, str] = {}
        second: dict[str, str] = {}
        for line in _lines(mountinfo):
            fields, _, tail = line.partition(" - ")
            kind, _, options = tail.split(" ", 2)
            mount_point = fields.split(" ")[4]
            if kind == "cgroup":
                owned = set(options.split(","))
                first.update({name: mount_point for name in CONTROLLERS if name in owned})
            elif kind == "cgroup2":
                second.setdefault("all", mount_point)
        if first:
            return cls(1, first)
        return cls(2, second)

    @classmethod
    def of_host(cls) -> Hierarchies:
        return cls.of_mounts(_mountinfo())


class Group:
    """One container's group: its directories, by controller (version 1) or under "all" (version 2)."""

    def __init__(self, version: int, directories: dict[str, str], roots: dict[str, str]) -> None:
        self.version = version
        self.directories = directories
        self._roots = roots

    @classmethod
    def at(cls, hierarchies: Hierarchies, name: str) -> Group:
        """The group of that name, made or not; only directories that exist are in it."""
        paths = {key: f"{root}/{name}" for key, root in hierarchies.roots.items()}
        found = {key: path for key, path in paths.items() if os.path.isdir(path)}
        return cls(hierarchies.version, found, hierarchies.roots)

    @classmethod
    def create(cls, hierarchies: Hierarchies, name: str) -> Group:
        """Make the group wherever that is possible."""
        for root in hierarchies.roots.values():
            try:
                if hierarchies.version == 2:
                    _delegate(root, name)
                _make(f"{root}/{name}")
            except OSError:
                continue
        return cls.at(hierarchies, name)

    def limit(
        self, memory_bytes: int | None, cpu_milli: int | None, processes: int | None = None
    ) -> list[str]:
        """Set the limits; returns those of "memory", "cpu" and "processes" that could not be set."""
        missing = []
        if memory_bytes is not None and not self._limit_memory(memory_bytes):
            missing.append("memory")
        if cpu_milli is not None and not self._limit_cpu(cpu_milli * CPU_PERIOD // 1000):
            missing.append("cpu")
        if processes is not None and not self._limit_processes(processes):
            missing.append("processes")
        return missing

    def lift(self, *, memory: bool, cpu: bool) -> list[str]:
        """Take limits away; returns those that could not be. A limit that cannot exist is away."""
        missing = []
        if memory and self._has("memory") and not self._lift_memory():
            missing.append("memory")
        if cpu and self._has("cpu") and not self._lift_cpu():
            missing.append("cpu")
        return missing

    def join(self) -> None:
        """Move the calling process in."""
        for directory in self.directories.values():
            _put(f"{directory}/cgroup.procs", "0")

    def processes(self) -> list[int]:
        found: set[int] = set()
        for directory in self.directories.values():
            found.update(int(pid) for pid in _get(f"{directory}/cgroup.procs").split())
        return sorted(found)

    def kill(self) -> int:
        """One pass of SIGKILL over all members; returns how many there were. Repeat until 0."""
        members = self.processes()
        if self.version == 2 and members and _try_put(f"{self.directories['all']}/cgroup.kill", "1"):
            return len(members)
        for pid in members:
            try:
                os.kill(pid, kernel.SIGKILL)
            except ProcessLookupError:
                continue
        return len(members)

    def out_of_memory(self) -> bool:
        """Whether the kernel ended a member because the group's memory ran out."""
        name = "memory.oom_control" if self.version == 1 else "memory.events"
        directory = self.directories.get("memory" if self.version == 1 else "all")
        text = _get(f"{directory}/{name}") if directory else ""
        counts = dict(line.split(" ", 1) for line in text.splitlines() if " " in line)
        return int(counts.get("oom_kill", "0")) > 0

    def reached(self, limit: int) -> bool:
        """Version 1 only: whether the memory of the group and those below it came to `limit` once."""
        directory = self.directories.get("memory")
        peak = _get(f"{directory}/memory.max_usage_in_bytes") if directory else ""
        return peak.strip().isdigit() and int(peak) + _PEAK_SLACK >= limit

    def remove(self) -> bool:
        """Remove the empty group, and those of ours above that it was the last of. False: it is not empty."""
        gone = True
        for key, directory in self.directories.items():
            gone = _remove(directory) and gone
            _remove_above(directory, self._roots[key])
        return gone

    def enforces(self, limit: str) -> bool:
        """Whether this host has what a limit of "memory", "cpu" or "processes" is set with."""
        return self._has("pids" if limit == "processes" else limit)

    def _has(self, controller: str) -> bool:
        return ("all" if self.version == 2 else controller) in self.directories

    def _lift_memory(self) -> bool:
        if self.version == 2:
            return _try_put(f"{self.directories['all']}/memory.max", "max")
        _try_put(f"{self.directories['memory']}/memory.memsw.limit_in_bytes", "-1")
        return _try_put(f"{self.directories['memory']}/memory.limit_in_bytes", "-1")

    def _lift_cpu(self) -> bool:
        if self.version == 2:
            return _try_put(f"{self.directories['all']}/cpu.max", f"max {CPU_PERIOD}")
        return _try_put(f"{self.directories['cpu']}/cpu.cfs_quota_us", "-1")

    def _limit_processes(self, most: int) -> bool:
        directory = self.directories.get("pids" if self.version == 1 else "all", "/nowhere")
        return _try_put(f"{directory}/pids.max", str(most))

    def _limit_memory(self, limit: int) -> bool:
        if self.version == 2:
            directory = self.directories.get("all", "/nowhere")
            _try_put(f"{directory}/memory.swap.max", "0")
            return _try_put(f"{directory}/memory.max", str(limit))
        directory = self.directories.get("memory", "/nowhere")
        # Memory and swap together: without it the limit only moves pages to swap. It is never below the
        # other: to raise both it goes first, to lower both it goes last.
        _try_put(f"{directory}/memory.memsw.limit_in_bytes", str(limit))
        done = _try_put(f"{directory}/memory.limit_in_bytes", str(limit))
        _try_put(f"{directory}/memory.memsw.limit_in_bytes", str(limit))
        return done

    def _limit_cpu(self, quota: int) -> bool:
        if self.version == 2:
            return _try_put(f"{self.directories.get('all', '/nowhere')}/cpu.max", f"{quota} {CPU_PERIOD}")
        directory = self.directories.get("cpu", "/nowhere")
        _try_put(f"{directory}/cpu.cfs_period_us", str(CPU_PERIOD))
        return _try_put(f"{directory}/cpu.cfs_quota_us", str(quota))


def remove_everywhere(name: str) -> bool:
    """Remove the empty group `name` with all below it from every hierarchy, whoever made it there.

    False: something is left, because a process is in it.
    """
    gone = remove_below(name)
    for top in _everywhere(name):
        _remove(top.rpartition("/")[0])
    return gone


def remove_below(name: str) -> bool:
    """As `remove_everywhere`, and the group above stays: another one may just be made in it."""
    gone = True
    for top in _everywhere(name):
        for directory, _, _ in os.walk(top, topdown=False):
            gone = _remove(directory) and gone
    return gone


def names_below(name: str) -> set[str]:
    """Names of the groups directly below the group `name`, in all hierarchies, whoever made them."""
    found: set[str] = set()
    for top in _everywhere(name):
        found.update(next(os.walk(top), (top, [], []))[1])
    return found


def _everywhere(name: str) -> list[str]:
    """Where the group `name` is, or would be, in each hierarchy of this host."""
    parts = (line.partition(" - ") for line in _lines(_mountinfo()))
    return [f"{fields.split(' ')[4]}/{name}" for fields, _, tail in parts if tail.startswith("cgroup")]


def _delegate(root: str, name: str) -> None:
    """Version 2: a child has only the controllers that each ancestor passes on."""
    parent = f"{root}/{name}".rpartition("/")[0]
    _make(parent)
    for directory in (root, parent):
        for controller in CONTROLLERS:
            _try_put(f"{directory}/cgroup.subtree_control", f"+{controller}")


def _make(path: str) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            os.makedirs(path, exist_ok=True)
            return
        except FileNotFoundError:
            if attempt == _ATTEMPTS - 1:
                raise


def _remove(path: str) -> bool:
    try:
        os.rmdir(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _remove_above(directory: str, root: str) -> None:
    """Nested groups keep those above them: the last one takes them along, up to the agent's own."""
    above = directory.rpartition("/")[0]
    while above.startswith(f"{root}{OWN_PREFIX}"):
        if not _remove(above):
            return
        above = above.rpartition("/")[0]


def _put(path: str, text: str) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def _try_put(path: str, text: str) -> bool:
    try:
        _put(path, text)
    except OSError:
        return False
    return True


def _get(path: str) -> str:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    parts = []
    try:
        while part := os.read(fd, 65536):
            parts.append(part)
    except OSError:
        pass
    finally:
        os.close(fd)
    return b"".join(parts).decode()


def _mountinfo() -> str:
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace", newline="\n") as file:
        return file.read()


def _lines(mountinfo: str) -> list[str]:
    """Split where the kernel does: a path may hold any other line break."""
    return [line for line in mountinfo.split("\n") if line]
