"""What a container uses, read from its control groups: version 1 and version 2. Reads a few small files.

What is not accounted on this host, or cannot be read, is None: never a guess.
"""

from __future__ import annotations

import os

from agent.containerizer.interface import Statistics
from agent.containerizer.shim.cgroups import Group, Hierarchies

UNLIMITED = 1 << 60
"""Bytes. Version 1 says "no limit" by a number near 2^63, rounded down to a page."""

MAX_FILE_BYTES = 64 * 1024
"""What is read of one file: memory.stat is 2 kB, a list of 8,000 processes 60 kB."""

_NANOSECONDS = 1e9
_MICROSECONDS = 1e6
_TICKS = float(os.sysconf("SC_CLK_TCK"))


def of_group(hierarchies: Hierarchies, name: str) -> Statistics:
    """What the group `name` and those below it use. A group that is not there has nothing but None."""
    group = Group.at(hierarchies, name)
    return _first(group.directories) if group.version == 1 else _second(group.directories.get("all", ""))


def _first(at: dict[str, str]) -> Statistics:
    """Version 1: a directory for each controller."""
    cpu = _table(at.get("cpu"), "cpu.stat")
    times = _table(at.get("cpuacct"), "cpuacct.stat")
    memory = _table(at.get("memory"), "memory.stat")
    limit = _number(at.get("memory"), "memory.limit_in_bytes")
    quota = _number(at.get("cpu"), "cpu.cfs_quota_us")
    period = _number(at.get("cpu"), "cpu.cfs_period_us")
    return Statistics(
        cpu_user_seconds=_scaled(times.get("user"), _TICKS),
        cpu_system_seconds=_scaled(times.get("system"), _TICKS),
        cpus_limit=quota / period if quota and period and quota > 0 else None,
        periods=cpu.get("nr_periods"),
        throttled_periods=cpu.get("nr_throttled"),
        throttled_seconds=_scaled(cpu.get("throttled_time"), _NANOSECONDS),
        memory_rss=memory.get("total_rss"),
        memory_total=_number(at.get("memory"), "memory.usage_in_bytes"),
        memory_limit=limit if limit is not None and limit < UNLIMITED else None,
        processes=_processes(at.get("pids") or at.get("memory") or at.get("cpu")),
        threads=_number(at.get("pids"), "pids.current"),
    )


def _second(at: str) -> Statistics:
    """Version 2: one directory for all controllers."""
    cpu = _table(at, "cpu.stat")
    quota, _, period = _text(at, "cpu.max").partition(" ")
    return Statistics(
        cpu_user_seconds=_scaled(cpu.get("user_usec"), _MICROSECONDS),
        cpu_system_seconds=_scaled(cpu.get("system_usec"), _MICROSECONDS),
        cpus_limit=int(quota) / int(period) if quota.isdigit() and period.strip().isdigit() else None,
        periods=cpu.get("nr_periods"),
        throttled_periods=cpu.get("nr_throttled"),
        throttled_seconds=_scaled(cpu.get("throttled_usec"), _MICROSECONDS),
        memory_rss=_table(at, "memory.stat").get("anon"),
        memory_total=_number(at, "memory.current"),
        memory_limit=_number(at, "memory.max"),
        processes=_processes(at),
        threads=_number(at, "pids.current"),
    )


def _processes(directory: str | None) -> int | None:
    """In the group and those below it, which a container may have made for itself."""
    if not directory or not os.path.isdir(directory):  # noqa: PTH112 - strings, as the groups' room has them
        return None
    return sum(len(_text(below, "cgroup.procs").split()) for below, _, _ in os.walk(directory))


def _table(directory: str | None, name: str) -> dict[str, int]:
    """Lines of "key number"."""
    found = {}
    for line in _text(directory, name).splitlines():
        key, _, value = line.partition(" ")
        if value.isdigit():
            found[key] = int(value)
    return found


def _number(directory: str | None, name: str) -> int | None:
    """None also for "max": no limit."""
    text = _text(directory, name).strip()
    return int(text) if text.removeprefix("-").isdigit() else None


def _scaled(count: int | None, unit: float) -> float | None:
    return None if count is None else count / unit


def _text(directory: str | None, name: str) -> str:
    if not directory:
        return ""
    try:
        fd = os.open(f"{directory}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(fd, MAX_FILE_BYTES).decode()
    except OSError:
        return ""
    finally:
        os.close(fd)
