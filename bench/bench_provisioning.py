"""How fast operators' volumes come and go, beside a bare CSI client on the same plugin.

    python -m bench.bench_provisioning [scripted|mock|builtin]... [--rounds N]

For each plugin and each load, by turns: the bare client creates and deletes, then PROVISION_VOLUME by HTTP
until the volume is AVAILABLE, then DEPROVISION_VOLUME until it is gone, as the operator API's event stream
tells. A volume that nobody has used has nothing to be wiped, so to the plugin both are the same: one
CreateVolume, one DeleteVolume. At the end the plugin must have no volume.

Two loads are told apart. "32 asked for at once": whoever asks has 32 volumes under way, and asks for the next
when one is there; so each volume waits for the plugin and for four durable writes, one after the other, which
the bare client has none of. "32 calls in flight at the plugin" (16 at the built-in one): more is asked for at
once than the plugin is given (its max_concurrent_calls), so that Orlop has to keep all its places taken, as
the bare client does.

Ratios are between turns that follow one another, and over all rounds: a machine that does other work
besides slows both.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench.bare_csi import BareClient
from bench.figures import Figures, Work, measure, milliseconds, processor_seconds, table
from bench.lean_client import LeanClient
from bench.plugin_cluster import AT_PLUGIN, KINDS, PROFILE, PluginCluster, running

MIB = 2**20
SIZE_BYTES = 8 * MIB
DELAY_MS = 50.0


@dataclass(frozen=True)
class Load:
    """`at_once`: what the bare client has under way. `asked`: what is asked of Orlop at once. `count` volumes
    are made and destroyed in each round."""

    name: str
    at_once: int
    asked: int
    count: int


def _asked_for(number: int, count: int) -> Load:
    return Load(f"{number} asked for at once", number, number, count)


def _at_plugin(kind: str, count: int) -> Load:
    """Eight times as many are asked for as the plugin gets calls."""
    number = AT_PLUGIN[kind]
    return Load(f"{number} calls in flight at the plugin", number, 8 * number, count)


LOADS = {
    "scripted": (_asked_for(32, 640), _at_plugin("scripted", 2048)),
    "mock": (_asked_for(1, 200), _asked_for(32, 1500), _at_plugin("mock", 2048)),
    "builtin": (_asked_for(1, 60), _asked_for(8, 160), _asked_for(32, 320), _at_plugin("builtin", 640)),
}
"""By plugin."""
SETTLE_SECONDS = 1.0
"""Between two turns, so that neither pays for what the other left to be done later."""

HEADINGS = (
    "provisioning",
    "load",
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
        for load in LOADS[cluster.kind]:
            found = await _loaded(cluster, bare, orlop, load, rounds)
            for what in ("create", "destroy"):
                reference = found["bare", what].figures.rate
                rows.append(_row(cluster.kind, f"bare client, {what}", load, found["bare", what], None))
                rows.append(_row(cluster.kind, what, load, found["orlop", what], reference))
        left = await bare.count() - there
        assert left == 0, f"{left} volumes are left in the plugin"
    return rows


async def _loaded(
    cluster: PluginCluster, bare: BareClient, orlop: LeanClient, load: Load, rounds: int
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
                at_once = load.at_once if who[0] == "bare" else load.asked
                found = await measure(load.count, at_once, work)
            turns[who].add(found, used)
    return turns


def _row(kind: str, what: str, load: Load, turns: Turns, reference: float | None) -> list[str]:
    found = turns.figures
    count = len(found.seconds)
    return [
        f"{kind}, {what}",
        load.name,
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
    before = {part: processor_seconds(pid) for part, pid in pids.items()}
    own = time.process_time()
    used: dict[str, float] = {}
    yield used
    used.update({part: processor_seconds(pid) - before[part] for part, pid in pids.items()})
    used["client"] = time.process_time() - own


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
