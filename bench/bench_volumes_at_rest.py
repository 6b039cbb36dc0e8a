"""What many volumes on one provider cost: a restart, memory, and calls to the plugin while nothing happens.

    python -m bench.bench_volumes_at_rest [VOLUMES]

Makes them through PROVISION_VOLUME on a plugin that answers at once, kills both daemons, starts them again,
and waits until its pool is on offer and the orchestrator lists every volume. Memory is the growth of the
processes' proportional set size from a restart with none to one with all. At the end they are destroyed.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence

from bench.bench_provisioning import SIZE_BYTES
from bench.figures import measure, table
from bench.lean_client import LeanClient
from bench.plugin_cluster import PROFILE, PluginCluster, running
from e2e.size import measure as size_of

VOLUMES = 10_000
IN_FLIGHT = 64
QUIET_SECONDS = 15.0
"""Until what was begun by a start is over."""
REST_SECONDS = 30.0
HEADINGS = ("volumes at rest", "figure", "target")


def run(cluster: PluginCluster, count: int) -> list[list[str]]:
    """The rows of the table."""
    empty = _restart(cluster, 0)
    time.sleep(QUIET_SECONDS)
    before = _memory(cluster)
    made = asyncio.run(_make(cluster, count))
    full = _restart(cluster, count)
    time.sleep(QUIET_SECONDS)
    after = _memory(cluster)
    calls_before = _calls(cluster)
    time.sleep(REST_SECONDS)
    calls = {name: n - calls_before.get(name, 0) for name, n in _calls(cluster).items()}
    asyncio.run(_destroy(cluster, count))
    asked = ", ".join(f"{name} {n}" for name, n in sorted(calls.items()) if n) or "none"
    grown = {part: (after[part] - before[part]) / count for part in before}
    return [
        [f"{count} made, a second", f"{made:.0f}", ""],
        ["restart of the agent to READY with none, s", f"{empty:.1f}", ""],
        [f"restart of the agent to READY with {count}, s", f"{full:.1f}", "10"],
        ["agent, kB for each volume", f"{grown['agent']:.2f}", "4"],
        ["orchestrator, kB for each volume", f"{grown['orchestrator']:.2f}", ""],
        [f"calls to the plugin in {REST_SECONDS:.0f} s", asked, "none for a volume"],
    ]


def _restart(cluster: PluginCluster, count: int) -> float:
    """Seconds from the start of the agent's process until all is as it was."""
    cluster.agent.kill()
    cluster.orchestrator.kill()
    cluster.orchestrator.start()
    began = time.monotonic()
    cluster.agent.start()
    cluster.wait_ready()
    took = time.monotonic() - began
    listed = len(cluster.post({"type": "GET_VOLUMES"}).get("get_volumes", {}).get("volumes", []))
    assert listed == count, f"{listed} volumes are listed instead of {count}"
    return took


async def _make(cluster: PluginCluster, count: int) -> float:
    async with LeanClient(cluster.address, PROFILE, SIZE_BYTES) as client:
        return (await measure(count, IN_FLIGHT, client.create)).rate


async def _destroy(cluster: PluginCluster, count: int) -> None:
    async with LeanClient(cluster.address, PROFILE, SIZE_BYTES) as client:
        await measure(count, IN_FLIGHT, client.destroy)


def _memory(cluster: PluginCluster) -> dict[str, int]:
    """Kilobytes by part."""
    pids = cluster.pids()
    found = {part: size_of(pids[part], part) for part in ("agent", "orchestrator")}
    return {part: size.pss_kb for part, size in found.items() if size is not None}


def _calls(cluster: PluginCluster) -> dict[str, int]:
    found: dict[str, int] = json.loads(cluster.counts_file.read_text())
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = sys.argv[1:] if arguments is None else arguments
    count = int(chosen[0]) if chosen else VOLUMES
    with running(PluginCluster("scripted", delay_ms=0.0)) as cluster:
        print(table(HEADINGS, run(cluster, count)))


if __name__ == "__main__":
    main()
