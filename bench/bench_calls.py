"""How fast a scheduler's calls are accepted over HTTP: ACCEPTs with launches, on 32 connections.

    python -m bench.bench_calls

Behind the orchestrator are simulated agents, each with one offer at a time. *Accepted*: ACCEPTs are sent for
all offers that there are, and timed from the first call to the last answer, which says that the launches are
durable; round after round. *Complete*: the agents say TASK_RUNNING and TASK_FINISHED of each at once, both
are acknowledged, and the time goes from the first ACCEPT to the answer to the last acknowledgement. The
reference is a bare aiohttp server that makes the same bytes durable with the same commits (`bare_server`).
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.figures import processor_seconds, table
from bench.lean_scheduler import HEAD, Lanes, LeanScheduler
from e2e.harness.cluster import free_ports
from e2e.harness.daemon import Daemon, _end_with_the_tests, until

CONNECTIONS = 32
AGENTS = 1_000
ROUNDS = 6
CPUS = 0.1
STEP_SECONDS = 60.0
"""For the offers of a round, for its answers, for its end; then the measurement fails."""

HEADINGS = ("scheduler calls over HTTP", "launches", "a second", "of bare", "server CPU ms each")


@dataclass
class Turn:
    """Launches, and how long they took."""

    launches: int = 0
    seconds: float = 0.0
    processor: float = 0.0
    """Of the server, in seconds."""

    @property
    def rate(self) -> float:
        return self.launches / self.seconds


def rows() -> list[list[str]]:
    """The rows of the table."""
    found = []
    for launches in (1, 10):
        accepted = asyncio.run(_measure(launches, "hold"))
        bare = asyncio.run(_bare(launches))
        complete = asyncio.run(_measure(launches, "run"))
        name = f"{launches} to a call"
        found += [
            _row(f"bare server, {name}", bare, None),
            _row(f"accepted, {name}", accepted, bare),
            _row(f"complete, {name}", complete, bare),
        ]
    return found


@contextlib.contextmanager
def timed(turn: Turn, pid: int, launches: int) -> Iterator[None]:
    began, before = time.monotonic(), processor_seconds(pid)
    yield
    turn.seconds += time.monotonic() - began
    turn.processor += processor_seconds(pid) - before
    turn.launches += launches


def _row(name: str, turn: Turn, reference: Turn | None) -> list[str]:
    ratio = "" if reference is None else f"{turn.rate / reference.rate:.2f}"
    each = f"{turn.processor / turn.launches * 1000:.3f}"
    return [name, str(turn.launches), f"{turn.rate:.0f}", ratio, each]


async def _measure(launches: int, behaviour: str) -> Turn:
    turn = Turn()
    with (
        _orchestrator() as (pid, address, link),
        started("simulated_agents", link, str(AGENTS), behaviour),
    ):
        scheduler = LeanScheduler(address, CONNECTIONS, CPUS * launches)
        await scheduler.open()
        try:
            for number in range(ROUNDS):
                await _round(scheduler, turn, pid, launches, number, completes=behaviour == "run")
        finally:
            await scheduler.close()
    return turn


async def _round(
    scheduler: LeanScheduler, turn: Turn, pid: int, launches: int, number: int, *, completes: bool
) -> None:
    while len(scheduler.offers) < AGENTS:
        await scheduler.wait(STEP_SECONDS)
    offers, scheduler.offers = scheduler.offers, []
    requests = [
        scheduler.request("ACCEPT", accept(offer.id.value, offer.agent_id.value, launches, f"{number}-{at}"))
        for at, offer in enumerate(offers)
    ]
    before = scheduler.finished
    with timed(turn, pid, launches * len(offers)):
        scheduler.lanes.send(*requests)
        if completes:
            while scheduler.finished - before < launches * len(offers):
                await scheduler.wait(STEP_SECONDS)
        await scheduler.lanes.done(STEP_SECONDS)


async def _bare(launches: int) -> Turn:
    turn = Turn()
    with directory() as place, started("bare_server", place, str(launches)) as (pid, port):
        lanes = Lanes(f"127.0.0.1:{port}", CONNECTIONS)
        await lanes.open()
        stream_id = b"Mesos-Stream-Id: %b\r\n" % (b"0" * 36)
        for number in range(ROUNDS):
            bodies = [_body(launches, f"{number}-{at}") for at in range(AGENTS)]
            requests = [HEAD % (stream_id, len(body), body) for body in bodies]
            with timed(turn, pid, launches * AGENTS):
                lanes.send(*requests)
                await lanes.done(STEP_SECONDS)
        lanes.close()
    return turn


def _body(launches: int, name: str) -> bytes:
    identity = "0" * 36
    call = {
        "type": "ACCEPT",
        "framework_id": {"value": identity},
        "accept": accept(identity, identity, launches, name),
    }
    return msgspec.json.encode(call)


def accept(offer_id: str, agent_id: str, launches: int, name: str) -> dict[str, object]:
    """An ACCEPT of one offer with one LAUNCH of so many tasks."""
    tasks = [
        {
            "name": "bench",
            "task_id": {"value": f"task-{name}-{number}"},
            "agent_id": {"value": agent_id},
            "resources": [
                {"name": name_, "type": "SCALAR", "scalar": {"value": amount}}
                for name_, amount in (("cpus", CPUS), ("mem", 32))
            ],
            "command": {"shell": True, "value": "exec sleep 1000"},
        }
        for number in range(launches)
    ]
    return {
        "offer_ids": [{"value": offer_id}],
        "operations": [{"type": "LAUNCH", "launch": {"task_infos": tasks}}],
        "filters": {"refuse_seconds": 0},
    }


@contextlib.contextmanager
def _orchestrator() -> Iterator[tuple[int, str, str]]:
    """A fresh one's process, and where it listens: for schedulers, for agents."""
    port, link = free_ports(2)
    with directory() as place:
        arguments = ["orchestrator", "--work-dir", place, "--port", str(port), "--link-port", str(link)]
        daemon = Daemon("orchestrator", [*arguments, "--log-level", "warning"], Path(place))
        daemon.start()
        try:
            until(lambda: _listens(port) and _listens(link), STEP_SECONDS, "the orchestrator listens")
            yield daemon.pid, f"127.0.0.1:{port}", f"127.0.0.1:{link}"
            assert daemon.is_running, daemon.tail()
        except BaseException:
            print(daemon.tail(), file=sys.stderr)
            raise
        finally:
            if daemon.is_running:
                daemon.kill()


def _listens(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def started(module: str, *arguments: str) -> Iterator[tuple[int, str]]:
    """A process of ours, once it says so; what it says."""
    with subprocess.Popen(
        [sys.executable, "-m", f"bench.{module}", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_end_with_the_tests,
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline().strip()
            assert said, f"{module} has ended"
            yield process.pid, said
        finally:
            process.kill()


@contextlib.contextmanager
def directory() -> Iterator[str]:
    directory = tempfile.mkdtemp(prefix="orlop-bench-")
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def main() -> None:
    print(table(HEADINGS, rows()))


if __name__ == "__main__":
    main()
