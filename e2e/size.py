"""How big the idle cluster of `orlop dev` is: memory (PSS) and processor time of all its processes.

    python -m e2e.size [podman|process] [SECONDS]

Not a test: a shared machine's numbers vary. Exit status 1 when a target is missed.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from e2e.harness import census
from e2e.harness.cluster import POOL, DevCluster

PSS_TARGET_MB = 300
CPU_TARGET = 0.02
"""Of one core."""
QUIET_SECONDS = 10.0
"""After the start, before the measurement."""


@dataclass(frozen=True)
class Size:
    """One process. PSS: its memory, with what it shares divided among those that share it."""

    pid: int
    role: str
    pss_kb: int
    ticks: int


def processes(cluster: DevCluster) -> list[Size]:
    """All processes of the cluster, found by its tags in the process table."""
    found = census.processes(cluster.place)
    return [size for pid, command in sorted(found.items()) if (size := measure(pid, role_of(command)))]


ROLES = {
    "/conmon ": "monitor (conmon)",
    "/podman-init ": "init of the plugin's container",
    " system service ": "podman's service",
    " local-disk ": "plugin",
    ".shim.": "monitor (shim)",
    " orchestrator ": "orchestrator",
    " agent ": "agent",
    " dev ": "supervisor",
}
"""What part of the cluster a process is, by what its command line contains; the first that fits."""


def role_of(command: str) -> str:
    return next((role for words, role in ROLES.items() if words in f"{command} "), command[:60])


def measure(pid: int, role: str) -> Size | None:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    pss = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return Size(pid, role, pss, int(fields[11]) + int(fields[12]))


def main() -> int:
    containerizer = sys.argv[1] if len(sys.argv) > 1 else "podman"
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 30.0
    cluster = DevCluster(containerizer, "--pool-size", POOL)
    try:
        cluster.start()
        time.sleep(QUIET_SECONDS)
        before = {size.pid: size for size in processes(cluster)}
        began = time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - began
        return report(before, processes(cluster), took)
    finally:
        if cluster.dev.is_running:
            cluster.stop()
        cluster.close(None)


def report(before: dict[int, Size], after: list[Size], seconds: float) -> int:
    hertz = os.sysconf("SC_CLK_TCK")
    used = {
        size.pid: (size.ticks - before[size.pid].ticks) / hertz / seconds
        for size in after
        if size.pid in before
    }
    for size in sorted(after, key=lambda each: -each.pss_kb):
        print(f"{size.role:32} {size.pss_kb / 1024:7.1f} MB  {used.get(size.pid, 0.0):7.2%} of a core")
    pss, cpu = sum(size.pss_kb for size in after) / 1024, sum(used.values())
    print(f"{'together':32} {pss:7.1f} MB  {cpu:7.2%} of a core")
    print(f"{'target':32} {PSS_TARGET_MB:7.1f} MB  {CPU_TARGET:7.2%} of a core")
    return 0 if pss < PSS_TARGET_MB and cpu < CPU_TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
