"""How long runs of the allocator take, beside a straightforward port of the same rules, and what Mesos says.

    python -m bench.allocator [--scale 1.0 | --full] [--only NAME]… [--port-seconds 20]

Each workload runs at `scale` of its full size. The port takes long, so it runs at the largest size (halved as
often as needed) that should end within `port-seconds`, and ours once more at that same size: `ratio` compares
those two. Targets hold for the full size on the machine where they were set; below it they are not judged.
Each workload is printed when it has ended. Mesos' figures are from its own repository and blog, at full size,
on machines that are not stated.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time

from bench.allocator import state
from bench.allocator.port import Port
from bench.allocator.stopwatch import Make, Stopwatch
from bench.allocator.suite import WORKLOADS, Workload
from bench.figures import milliseconds, table
from orchestrator.allocator import Allocator, AllocatorConfig

HEADINGS = (
    "workload",
    "size",
    "ms",
    "Mesos, s",
    "beside the port at",
    "port, ms",
    "ours, ms",
    "ratio",
    "target",
    "",
)
SMALLEST = 1 / 64
GROWTH = 4.5  # twice the size takes so many times as long, when agents meet frameworks
REPEATS = 3
BRIEF_SECONDS = 3.0  # what takes longer is not repeated
COMPARED = 10  # so much longer the port may take where a target names it


def ours() -> Allocator:
    return Allocator(AllocatorConfig())


def port() -> Port:
    return Port(AllocatorConfig())


def once(workload: Workload, make: Make, scale: float) -> tuple[dict[str, float], float]:
    """Seconds by part, and the seconds that the whole took."""
    gc.collect()
    began, watch = time.perf_counter(), Stopwatch()
    workload.run(make, workload.full.scaled(scale), watch)
    return watch.seconds(), time.perf_counter() - began


def best(workload: Workload, make: Make, scale: float) -> dict[str, float]:
    """The best of some repeats, part by part; of a long workload the only one."""
    found, took = once(workload, make, scale)
    for _ in range(REPEATS - 1 if took < BRIEF_SECONDS else 0):
        again, _ = once(workload, make, scale)
        found = {part: min(found[part], again[part]) for part in found}
    return found


def beside_port(workload: Workload, scale: float, seconds: float) -> tuple[float, dict[str, float]]:
    """The largest scale at which the port should end in time, and how long its parts took there."""
    at = scale
    while at / 2 >= scale * SMALLEST:
        at /= 2
    found, took = once(workload, port, at)
    while at < scale and took * GROWTH < seconds:
        at *= 2
        found, took = once(workload, port, at)
    if took * REPEATS < seconds:
        found = best(workload, port, at)
    return at, found


def measure(workload: Workload, scale: float, port_seconds: float) -> list[list[str]]:
    print(f"measuring {workload.name}…", file=sys.stderr, flush=True)
    own = best(workload, ours, scale)
    rows = []
    if port_seconds > 0:
        at, theirs = beside_port(workload, scale, port_seconds)
        there = own if at == scale else best(workload, ours, at)
    for part, seconds in own.items():
        target, ratio = workload.targets.get(part), None
        row = [f"{workload.name}: {part}", str(workload.full.scaled(scale)), milliseconds(seconds)]
        row.append(workload.mesos.get(part, ""))
        if port_seconds > 0:
            ratio = theirs[part] / there[part]
            row += [str(workload.full.scaled(at)), milliseconds(theirs[part]), milliseconds(there[part])]
            row.append(f"{ratio:.1f}")
        else:
            row += [""] * 4
        met = "met" if target is not None and target.is_met(seconds, ratio, own) else "missed"
        row += [str(target), met if scale >= 1 else "full size only"] if target is not None else ["", ""]
        rows.append(row)
    return rows


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.allocator", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="part of the full size, 0 to 1 (1)")
    parser.add_argument(
        "--full", action="store_true", help="what has a target at full size, the others at a tenth"
    )
    names = [workload.name for workload in WORKLOADS]
    parser.add_argument("--only", action="append", choices=[*names, "State"], help="this workload alone")
    parser.add_argument(
        "--port-seconds", type=float, default=20.0, help="how long the port may take (20); 0: none"
    )
    given = parser.parse_args(arguments)
    for workload in WORKLOADS:
        if not given.only or workload.name in given.only:
            scale = (1.0 if workload.targets else 0.1) if given.full else given.scale
            compared = any(target.times_port is not None for target in workload.targets.values())
            rows = measure(workload, scale, given.port_seconds * (COMPARED if compared else 1))
            print(table(HEADINGS, rows), end="\n\n", flush=True)
    if not given.only or "State" in given.only:
        print(table(state.HEADINGS, state.rows(given.scale)), flush=True)


if __name__ == "__main__":
    main()
