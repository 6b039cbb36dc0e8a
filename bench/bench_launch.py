"""How fast tasks start: beside bare containers or processes that are started in turns with them.

    python -m bench.bench_launch [podman|process]…

Three questions, each answered on a whole cluster by a scheduler on the public API. One task at a time: how
long from ACCEPT to TASK_RUNNING, beside a bare start. Many at once: how many a second, beside the same number
of `podman run --detach` side by side (or of plain child processes). And then: how long after its container
had started its scheduler was told TASK_RUNNING.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from agent.containerizer.podman_host import default_socket
from agent.containerizer.watch import scope_of
from bench.bare_containers import BarePodman, BareProcess, PodmanRun, start_of_podman, start_of_process
from bench.figures import Figures, milliseconds, table
from bench.task_launcher import Launcher, Started, launcher
from e2e.harness.cluster import DevCluster

LAUNCHES = 30
ROUNDS = 4
AT_ONCE = {"podman": 30, "process": 60}
IN_FLIGHT = 8
"""Bare starts side by side: about where `podman run` gets no faster."""

HEADINGS = ("launch to running", "launches", "p50 ms", "p99 ms", "times bare")
RATE_HEADINGS = ("many at once", "launches", "a second", "times bare", "told after start, p50 ms", "p99 ms")


@dataclass
class Many:
    """Launches of many at once: how many in what time, and how long after their starts they were told."""

    bare: int = 0
    bare_seconds: float = 0.0
    count: int = 0
    seconds: float = 0.0
    told_after: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    @property
    def bare_rate(self) -> float:
        return self.bare / self.bare_seconds


async def run(cluster: DevCluster) -> tuple[list[list[str]], list[list[str]]]:
    """The rows of both tables."""
    async with launcher(cluster) as tasks:
        return await _one_by_one(cluster, tasks), _rate_rows(cluster, await _at_once(cluster, tasks))


async def _one_by_one(cluster: DevCluster, tasks: Launcher) -> list[list[str]]:
    bare = BarePodman(_socket(cluster)) if cluster.containerizer == "podman" else BareProcess()
    references, launches = [], []
    for _ in range(LAUNCHES):
        references.append(await bare.start())
        took, started = await tasks.launch()
        launches.append(took)
        await tasks.end(started)
    reference, measured = (Figures(tuple(each), sum(each)) for each in (references, launches))
    name = cluster.containerizer
    return [
        [f"bare {name}", *_cells(reference), ""],
        [f"orlop, {name}", *_cells(measured), f"{measured.median / reference.median:.2f}"],
    ]


async def _at_once(cluster: DevCluster, tasks: Launcher) -> Many:
    """In turns: what else the machine does meets both."""
    count = AT_ONCE[cluster.containerizer]
    bare = PodmanRun(scope_of(_agent_dir(cluster))) if cluster.containerizer == "podman" else BareProcess()
    found = Many()
    for _ in range(ROUNDS):
        found.bare_seconds += await bare.start_many(count, IN_FLIGHT)
        found.bare += count
        took, started = await tasks.launch(count)
        found.seconds += took
        found.count += count
        found.told_after += _told_after(cluster, started)
        await tasks.end(started)
    return found


def _told_after(cluster: DevCluster, started: list[Started]) -> list[float]:
    scope = scope_of(_agent_dir(cluster))
    start_of: Callable[[str], float] = start_of_process
    names = {each.container_id: each.container_id for each in started}
    if cluster.containerizer == "podman":
        names = {each.container_id: f"orlop-{scope}-{each.container_id}" for each in started}
        start_of = start_of_podman
    return [each.told_at - start_of(names[each.container_id]) for each in started]


def _rate_rows(cluster: DevCluster, found: Many) -> list[list[str]]:
    name = {"podman": "podman run"}.get(cluster.containerizer, "child processes")
    told = sorted(found.told_after)
    return [
        [f"{name}, {IN_FLIGHT} side by side", str(found.bare), f"{found.bare_rate:.1f}", "", "", ""],
        [
            f"orlop, {cluster.containerizer}",
            str(found.count),
            f"{found.rate:.1f}",
            f"{found.rate / found.bare_rate:.2f}",
            milliseconds(statistics.median(told)),
            milliseconds(told[len(told) * 99 // 100]),
        ],
    ]


def _agent_dir(cluster: DevCluster) -> Path:
    return cluster.work_dir / "c" / "agent-1"


def _socket(cluster: DevCluster) -> Path:
    return default_socket(scope_of(_agent_dir(cluster)))


def _cells(found: Figures) -> list[str]:
    return [str(len(found.seconds)), milliseconds(found.median), milliseconds(found.p99)]


def main() -> None:
    rows: list[list[str]] = []
    rates: list[list[str]] = []
    for containerizer in sys.argv[1:] or ["podman"]:
        cluster = DevCluster(containerizer)
        try:
            cluster.start()
            one, many = asyncio.run(run(cluster))
            rows += one
            rates += many
        finally:
            if cluster.dev.is_running:
                cluster.stop()
            cluster.close(None)
    print(table(HEADINGS, rows), "\n")
    print(table(RATE_HEADINGS, rates))


if __name__ == "__main__":
    main()
