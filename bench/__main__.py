"""`make bench`: everything that is measured on a whole cluster, in a few minutes.

    python -m bench [--scale 0.1] [podman|process]…

Runs of the allocator beside a straightforward port of the same rules (`python -m bench.allocator` for all of
them at full size); messages to bytes and back; the state of a large cluster shown, and events to many, beside
the same bytes from memory; writes made durable beside the bare drivers; schedulers' calls over HTTP;
operations beside their database's own commits; how long a large cluster is without its leader; volumes
provisioned and destroyed beside a bare CSI client, on each plugin of `bench_provisioning`; what very many
volumes cost at rest; and for each containerizer launches beside bare ones, the size of the cluster at rest,
and how an agent of many containers comes back.

Machines differ: it is the ratios to the references that can be compared, and only those of the allocator and
of the codec are judged, by targets that were set on one machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import time

from bench import (
    bench_calls,
    bench_codec,
    bench_events,
    bench_failover,
    bench_launch,
    bench_operations,
    bench_provisioning,
    bench_recovery,
    bench_state,
    bench_store,
    bench_volumes_at_rest,
)
from bench.allocator import __main__ as bench_allocator
from bench.figures import table
from bench.plugin_cluster import KINDS
from e2e.harness.cluster import POOL, DevCluster
from e2e.size import Size, processes
from tests.requirements import MOCK_DRIVER

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
    launches: list[list[str]] = []
    rates: list[list[str]] = []
    recoveries: list[list[str]] = []
    sizes: list[list[str]] = []
    given = arguments()
    size = ["--full"] if given.scale is None else ["--scale", str(given.scale)]
    bench_allocator.main([*size, "--port-seconds", "3"])
    print(flush=True)
    print("measuring the codec…", file=sys.stderr)
    bench_codec.main()
    print(flush=True)
    print("measuring state and events at size…", file=sys.stderr)
    bench_state.main([])
    print(flush=True)
    bench_events.main([])
    print(flush=True)
    print("measuring writes of the registry…", file=sys.stderr)
    bench_store.run(bench_store.databases())
    print(flush=True)
    print("measuring scheduler calls…", file=sys.stderr)
    bench_calls.main()
    print(flush=True)
    print("measuring operations…", file=sys.stderr)
    bench_operations.main([])
    print(flush=True)
    print("measuring failovers…", file=sys.stderr)
    bench_failover.main(["--rounds", "1"])
    print(flush=True)
    print("measuring provisioning…", file=sys.stderr)
    bench_provisioning.main(usable_plugins())
    print(flush=True)
    print("measuring many volumes at rest…", file=sys.stderr)
    bench_volumes_at_rest.main([])
    print(flush=True)
    for containerizer in given.containerizers or usable():
        print(f"measuring with {containerizer}…", file=sys.stderr)
        cluster = DevCluster(containerizer, "--pool-size", POOL)
        try:
            cluster.start()
            sizes += idle(cluster)
            one, many = asyncio.run(bench_launch.run(cluster))
            launches += one
            rates += many
        finally:
            if cluster.dev.is_running:
                cluster.stop()
            cluster.close(None)
        recoveries += asyncio.run(bench_recovery.run(containerizer))
    print(table(bench_launch.HEADINGS, launches), "\n")
    print(table(bench_launch.RATE_HEADINGS, rates), "\n")
    print(table(bench_recovery.HEADINGS, recoveries), "\n")
    print(table(SIZE_HEADINGS, sizes))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--scale",
        type=float,
        help="of the allocator's workloads (1 of those with a target, others 0.1)",
    )
    parser.add_argument("containerizers", nargs="*", metavar="podman|process")
    return parser.parse_args()


def usable_plugins() -> list[str]:
    """The plugins that this machine can measure; says which it leaves out."""
    usable = {"mock": MOCK_DRIVER.exists(), "builtin": os.geteuid() == 0}
    left_out = [kind for kind in KINDS if not usable.get(kind, True)]
    if left_out:
        print(f"not measured, for want of the driver or of root: {', '.join(left_out)}", file=sys.stderr)
    return [kind for kind in KINDS if kind not in left_out]


if __name__ == "__main__":
    main()
