"""How fast operations are accepted, made durable and brought to their ends, over HTTP, on either database.

    python -m bench.bench_operations [sqlite|postgresql]…

Behind the orchestrator are simulated agents, which finish an operation as soon as they hear of it, and one
framework. An ACCEPT holds one RESERVE with an id, or BATCH of them. *Accepted* goes from the first call to
the last 202, which says that the operations are in the ledger, while the agents say nothing; *completed* to
the answer to the last acknowledgement. *One in flight* is the time to the 202 of one call after the other,
beside the database's own commit of the same rows in the same minute (`bare_commits`). *Standby* is how old
the view of one was meanwhile (`standby_beside`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.bench_calls import Turn, directory, started, timed
from bench.bench_failover import Watched
from bench.figures import table
from bench.lean_scheduler import LeanScheduler, subscribed
from e2e.harness.cluster import free_ports
from tests.postgresql import PostgresServer, programs

IN_FLIGHT = 64
AGENTS = 1_000
BATCH = 20
UNACKNOWLEDGED = 8_000
"""Operations of a round at most: a framework may have 10,000 that have not ended or are not acknowledged."""
ROUNDS = 3
ALONE = 300
"""Calls that are timed one after the other, in ALONE_TURNS turns with the reference."""
ALONE_TURNS = 3
CPUS = 0.001
STEP_SECONDS = 120.0

HEADINGS = ("operations over HTTP", "a second", "to reach", "server CPU ms each", "")


@dataclass
class Orchestrator:
    """A fresh one, and what is known of it."""

    daemon: Watched
    address: str
    link: str
    registry: str
    others: list[str] = field(default_factory=list)


@contextlib.contextmanager
def registries(kind: str) -> Iterator[str]:
    """The URL of an empty database."""
    if kind == "sqlite":
        with directory() as place:
            yield f"sqlite:///{place}/registry.db"
        return
    with PostgresServer() as server:
        yield server.url(server.new_database())


@contextlib.contextmanager
def orchestrator(registry: str) -> Iterator[Orchestrator]:
    port, link = free_ports(2)
    with directory() as place:
        arguments = ["orchestrator", "--work-dir", place, "--registry", registry, "--log-level", "info"]
        arguments += ["--port", str(port), "--link-port", str(link)]
        daemon = Watched("orchestrator", arguments, Path(place))
        daemon.start()
        try:
            yield Orchestrator(daemon, f"127.0.0.1:{port}", f"127.0.0.1:{link}", registry)
            assert daemon.is_running, daemon.tail()
        except BaseException:
            print(daemon.tail(), file=sys.stderr)
            raise
        finally:
            if daemon.is_running:
                daemon.kill()


async def measure(kind: str) -> list[list[str]]:
    """The rows of one database."""
    with registries(kind) as registry, orchestrator(registry) as server:
        scheduler = await subscribed(server.address, IN_FLIGHT, CPUS)
        with started("simulated_agents", server.link, str(AGENTS), "run"):
            alone, bare = await _alone(scheduler, registry)
            single, many = Turn(), Turn()
            with _standby(server) as ages:
                for number in range(ROUNDS):
                    await _round(scheduler, single, server.daemon.pid, 1, f"one-{number}")
                for number in range(ROUNDS):
                    await _round(scheduler, many, server.daemon.pid, BATCH, f"many-{number}")
            await scheduler.close()
    with registries(kind) as registry, orchestrator(registry) as server:
        scheduler = await subscribed(server.address, IN_FLIGHT, CPUS)
        with started("simulated_agents", server.link, str(AGENTS), "hold"):
            single_held, many_held = Turn(), Turn()
            await _round(scheduler, single_held, server.daemon.pid, 1, "held", completes=False)
            await _round(scheduler, many_held, server.daemon.pid, BATCH, "held-many", completes=False)
            await scheduler.close()
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[kind]
    return [
        _row(f"{name}, one by one, {IN_FLIGHT} in flight: accepted", single_held, "2000"),
        _row(f"{name}, one by one, {IN_FLIGHT} in flight: completed", single, ""),
        _row(f"{name}, {BATCH} to a call: accepted", many_held, "8000"),
        _row(f"{name}, {BATCH} to a call: completed", many, ""),
        [
            f"{name}, one in flight",
            f"{1 / alone:.0f}",
            "",
            "",
            f"{alone * 1000:.2f} ms to the 202, {alone / bare:.1f} of the database's commit"
            f" ({bare * 1000:.2f} ms); to reach 3",
        ],
        [f"{name}, standby", "", "", "", f"view {ages['p99'] * 1000:.0f} ms old at p99; to reach 500"],
    ]


def _row(name: str, turn: Turn, wanted: str) -> list[str]:
    return [name, f"{turn.rate:.0f}", wanted, f"{turn.processor / turn.launches * 1000:.3f}", ""]


async def _offers(scheduler: LeanScheduler, count: int) -> list[tuple[str, str]]:
    while len(scheduler.offers) < count:
        await scheduler.wait(STEP_SECONDS)
    taken, scheduler.offers = scheduler.offers[:count], scheduler.offers[count:]
    return [(offer.id.value, offer.agent_id.value) for offer in taken]


async def _round(
    scheduler: LeanScheduler, turn: Turn, pid: int, batch: int, name: str, *, completes: bool = True
) -> None:
    offers = await _offers(scheduler, min(AGENTS, UNACKNOWLEDGED // batch))
    requests = [
        _accept(scheduler, offer_id, batch, f"{name}-{at}") for at, (offer_id, _) in enumerate(offers)
    ]
    before, wanted = scheduler.finished, batch * len(offers)
    with timed(turn, pid, wanted):
        began = time.monotonic()
        scheduler.lanes.send(*requests)
        while completes and scheduler.finished - before < wanted:
            await scheduler.wait(STEP_SECONDS)
        await scheduler.lanes.done(STEP_SECONDS)
    print(f"{name}: {wanted} operations in {time.monotonic() - began:.1f} s", file=sys.stderr)


async def _alone(scheduler: LeanScheduler, registry: str) -> tuple[float, float]:
    """Medians, in seconds: to the 202 of one call, and of a commit by itself; in turns."""
    took: list[float] = []
    bare: list[float] = []
    each = ALONE // ALONE_TURNS
    for turn in range(ALONE_TURNS):
        for at, (offer_id, _) in enumerate(await _offers(scheduler, each)):
            request = _accept(scheduler, offer_id, 1, f"alone-{turn}-{at}")
            await scheduler.lanes.done(STEP_SECONDS)
            began = time.perf_counter()
            scheduler.lanes.send(request)
            await scheduler.lanes.first_answered(1, STEP_SECONDS)
            took.append(time.perf_counter() - began)
            before = scheduler.finished
            while scheduler.finished < turn * each + at + 1:
                await scheduler.wait(STEP_SECONDS)
            assert scheduler.finished >= before
        await scheduler.lanes.done(STEP_SECONDS)
        bare += _bare(registry, each)
    return statistics.median(took), statistics.median(bare)


def _bare(registry: str, count: int) -> list[float]:
    """On the same filesystem, or server; in a database that the orchestrator does not wait for."""
    url = f"{registry}.bare" if registry.startswith("sqlite:") else registry
    told = subprocess.run(
        [sys.executable, "-m", "bench.bare_commits", url, str(count)], check=True, capture_output=True
    )
    found: list[float] = json.loads(told.stdout)
    return found


@contextlib.contextmanager
def _standby(server: Orchestrator) -> Iterator[dict[str, float]]:
    """What `standby_beside` tells, once this ends."""
    found: dict[str, float] = {}
    epoch = max(server.daemon.elections())
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.standby_beside", server.address, str(epoch)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "follows\n"
        yield found
        told, _ = process.communicate(timeout=STEP_SECONDS)
        found |= json.loads(told)
    finally:
        process.kill()
        process.wait()


def _accept(scheduler: LeanScheduler, offer_id: str, batch: int, name: str) -> bytes:
    reserved = {
        "name": "cpus",
        "type": "SCALAR",
        "scalar": {"value": CPUS},
        "allocation_info": {"role": "bench"},
        "reservations": [{"type": "DYNAMIC", "role": "bench", "principal": "bench"}],
    }
    operations = [
        {"type": "RESERVE", "id": {"value": f"{name}-{at}"}, "reserve": {"resources": [reserved]}}
        for at in range(batch)
    ]
    body = {
        "offer_ids": [{"value": offer_id}],
        "operations": operations,
        "filters": {"refuse_seconds": 0},
    }
    return scheduler.request("ACCEPT", body)


def usable() -> list[str]:
    """The databases that this machine has."""
    found = ["sqlite"] if programs() is None else ["sqlite", "postgresql"]
    if len(found) == 1:
        print("not measured, for want of its programs: postgresql", file=sys.stderr)
    return found


def main(kinds: list[str]) -> None:
    rows = [row for kind in kinds or usable() for row in asyncio.run(measure(kind))]
    print(table(HEADINGS, rows))


if __name__ == "__main__":
    main(sys.argv[1:])
