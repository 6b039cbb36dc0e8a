"""`make bench`: everything that is measured on a whole cluster, in a few minutes.

    python -m bench [podman|process]…

On one cluster for each containerizer: provisioning and destroying beside a bare CSI client (on the first
one only), launches beside bare ones, and the size of the cluster at rest. It judges no figure: machines
differ, and the ratios to the references are what can be compared.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time

from bench import bench_launch, bench_provisioning
from bench.figures import table
from e2e.harness.cluster import DevCluster
from e2e.size import Size, processes

QUIET_SECONDS = 5.0
IDLE_SECONDS = 20.0

SIZE_HEADINGS = ("at rest", "PSS MiB", "% of a core")


def idle(cluster: DevCluster) -> list[list[str]]:
    """Memory and processor time of the cluster's processes while nothing is asked of it."""
    time.sleep(QUIET_SECONDS)
    before = {size.pid: size.ticks for size in processes(cluster)}
    began = time.monotonic()
    time.sleep(IDLE_SECONDS)
    seconds = time.monotonic() - began
    found = [size for size in processes(cluster) if size.pid in before]
    rows = [_size_row(f"{cluster.containerizer}, {size.role}", [size], before, seconds) for size in found]
    return [*rows, _size_row(f"{cluster.containerizer}, together", found, before, seconds)]


def _size_row(name: str, sizes: list[Size], before: dict[int, int], seconds: float) -> list[str]:
    ticks = sum(size.ticks - before[size.pid] for size in sizes)
    used = ticks / os.sysconf("SC_CLK_TCK") / seconds
    return [name, f"{sum(size.pss_kb for size in sizes) / 1024:.1f}", f"{used * 100:.2f}"]


def usable() -> list[str]:
    """The containerizers that this machine has."""
    return [*(["podman"] if shutil.which("podman") and os.geteuid() == 0 else []), "process"]


def main() -> None:
    provisioning: list[list[str]] = []
    launches: list[list[str]] = []
    sizes: list[list[str]] = []
    for containerizer in sys.argv[1:] or usable():
        print(f"measuring with {containerizer}…", file=sys.stderr)
        cluster = bench_provisioning.cluster_for(containerizer)
        try:
            cluster.start()
            sizes += idle(cluster)
            if not provisioning:
                provisioning = asyncio.run(bench_provisioning.run(cluster, existing=0))
            launches += asyncio.run(bench_launch.run(cluster))
        finally:
            if cluster.dev.is_running:
                cluster.stop()
            cluster.close(None)
    print(table(bench_provisioning.HEADINGS, provisioning), "\n")
    print(table(bench_launch.HEADINGS, launches), "\n")
    print(table(SIZE_HEADINGS, sizes))


if __name__ == "__main__":
    main()
