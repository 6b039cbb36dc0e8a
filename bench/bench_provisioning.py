"""How fast operators' volumes come and go, beside a bare CSI client on the same plugin.

    python -m bench.bench_provisioning [scripted|mock|builtin]... [--rounds N]

For each plugin and each number of volumes in flight, by turns: the bare client creates and deletes, then
PROVISION_VOLUME by HTTP until the volume is AVAILABLE, then DEPROVISION_VOLUME until it is gone, as the
operator API's event stream tells. A volume that nobody has used has nothing to be wiped, so to the plugin
both are the same: one CreateVolume, one DeleteVolume. At the end the plugin must have no volume.

Ratios are between turns that follow one another, and over all rounds: a machine that does other work
besides slows both.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.bare_csi import BareClient
from bench.figures import Figures, Work, measure, milliseconds, table
from bench.lean_client import LeanClient
from bench.plugin_cluster import KINDS, PROFILE, PluginCluster, running

MIB = 2**20
SIZE_BYTES = 8 * MIB
DELAY_MS = 50.0
LEVELS = {
    "scripted": {32: 640},
    "mock": {1: 200, 32: 1500},
    "builtin": {1: 60, 8: 160, 32: 320},
}
"""Plugin -> volumes in flight -> volumes made and destroyed in each round."""
SETTLE_SECONDS = 1.0
"""Between two turns, so that neither pays for what the other left to be done later."""

HEADINGS = (
    "provisioning",
    "in flight",
    "volumes",
    "per second",
    "p50 ms",
    "p99 ms",
    "of bare",
    "CPU ms each",
)


class Turns:
    """What one kind of work took, over all rounds."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.elapsed = 0.0
        self.used: dict[str, float] = {}

    def add(self, found: Figures, used: dict[str, float]) -> None:
        self.seconds += found.seconds
        self.elapsed += found.elapsed
        for part, seconds in used.items():
            self.used[part] = self.used.get(part, 0.0) + seconds

    @property
    def figures(self) -> Figures:
        return Figures(tuple(self.seconds), self.elapsed)


async def run(cluster: PluginCluster, rounds: int) -> list[list[str]]:
    """The rows of the table. Raises AssertionError when something is left over."""
    rows: list[list[str]] = []
    async with (
        BareClient(str(cluster.socket), SIZE_BYTES) as bare,
        LeanClient(cluster.address, PROFILE, SIZE_BYTES) as orlop,
    ):
        there = await bare.count()  # some drivers bring volumes of their own
        for in_flight, count in LEVELS[cluster.kind].items():
            found = await _level(cluster, bare, orlop, in_flight, count, rounds)
            for what in ("create", "destroy"):
                reference = found["bare", what].figures.rate
                rows.append(_row(cluster.kind, f"bare client, {what}", in_flight, found["bare", what], None))
                rows.append(_row(cluster.kind, what, in_flight, found["orlop", what], reference))
        left = await bare.count() - there
        assert left == 0, f"{left} volumes are left in the plugin"
    return rows


async def _level(
    cluster: PluginCluster, bare: BareClient, orlop: LeanClient, in_flight: int, count: int, rounds: int
) -> dict[tuple[str, str], Turns]:
    works: dict[tuple[str, str], Work] = {
        ("bare", "create"): bare.create,
        ("bare", "destroy"): bare.delete,
        ("orlop", "create"): orlop.create,
        ("orlop", "destroy"): orlop.destroy,
    }
    turns = {who: Turns() for who in works}
    for _ in range(rounds):
        for who, work in works.items():
            await asyncio.sleep(SETTLE_SECONDS)
            with processor_time(cluster) as used:
                found = await measure(count, in_flight, work)
            turns[who].add(found, used)
    return turns


def _row(kind: str, what: str, in_flight: int, turns: Turns, reference: float | None) -> list[str]:
    found = turns.figures
    count = len(found.seconds)
    return [
        f"{kind}, {what}",
        str(in_flight),
        str(count),
        f"{found.rate:.0f}",
        milliseconds(found.median),
        milliseconds(found.p99),
        "" if reference is None else f"{found.rate / reference:.2f}",
        " ".join(f"{part} {seconds * 1000 / count:.2f}" for part, seconds in turns.used.items()),
    ]


@contextmanager
def processor_time(cluster: PluginCluster) -> Iterator[dict[str, float]]:
    """Seconds of a processor that each part of the cluster, and this process, use meanwhile."""
    pids = cluster.pids()
    before = {part: _seconds(pid) for part, pid in pids.items()}
    own = time.process_time()
    used: dict[str, float] = {}
    yield used
    used.update({part: _seconds(pid) - before[part] for part, pid in pids.items()})
    used["client"] = time.process_time() - own


def _seconds(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rows_of(kind: str, rounds: int) -> list[list[str]]:
    """One plugin, measured."""
    with running(PluginCluster(kind, delay_ms=DELAY_MS)) as cluster:
        return asyncio.run(run(cluster, rounds))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.bench_provisioning")
    parser.add_argument("kinds", nargs="*", default=list(KINDS), metavar="|".join(KINDS))
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args(arguments)
    rows = [row for kind in chosen.kinds for row in rows_of(kind, chosen.rounds)]
    print(table(HEADINGS, rows))


if __name__ == "__main__":
    main()
