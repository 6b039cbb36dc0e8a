"""How long a large cluster is without its leader: from an election to all agents back, and offers out again.

    python -m bench.bench_failover [AGENTS] [--tasks 10] [--shared N] [--rounds N]

Simulated agents in processes of their own, on real links, each with its tasks; one framework. The leader is
killed with SIGKILL and started again on its database (SQLite), or followed by a standby (PostgreSQL). *Back*
goes from the election (the epoch is durable) to the moment at which all agents have read REGISTERED; *first
offers* to the first OFFERS that the framework, which subscribes anew, has read. The longest pause is that of
the event loop (`watched_loop`) from the election on, recovery included.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.figures import processor_seconds, table
from bench.lean_scheduler import LeanScheduler, subscribed
from e2e.harness.cluster import free_ports
from e2e.harness.daemon import Daemon, _end_with_the_tests
from tests.postgresql import PostgresServer, programs

AGENTS, TASKS, PROCESSES = 10_000, 10, 2
STEP_SECONDS = 180.0
ELECTED = re.compile(r"^(\S+ \S+) .*elected: epoch (\d+)", re.MULTILINE)

HEADINGS = (
    "failover",
    "agents",
    "elected to recovered s",
    "to first offers s",
    "to all back s",
    "server CPU s",
    "us an agent",
    "longest pause ms (CPU)",
    "peak RSS MB",
)


@dataclass
class Turn:
    """One failover; moments by the machine's monotonic clock."""

    elected: float = 0.0
    listening: float = 0.0
    first_offers: float = 0.0
    all_back: float = 0.0
    processor: float = 0.0
    """Of the orchestrator until all are back, the recovery included; in seconds."""
    start: float = 0.0
    """Of it, before the election: what the interpreter and the modules need."""
    pause: tuple[float, float] = (0.0, 0.0)
    """The longest that the event loop was held from the election on: by the clock, of a processor."""
    rss: float = 0.0

    def row(self, name: str, agents: int) -> list[str]:
        since = [each - self.elected for each in (self.listening, self.first_offers, self.all_back)]
        used = self.processor - self.start
        return [
            name,
            str(agents),
            *(f"{each:.2f}" for each in since),
            f"{used:.2f}",
            f"{used / agents * 1e6:.0f}",
            f"{self.pause[0] * 1000:.0f} ({self.pause[1] * 1000:.0f})",
            f"{self.rss / 1e6:.0f}",
        ]


class Agents:
    """Processes of `bench.returning_agents`."""

    def __init__(self, places: str, agents: int, tasks: int, framework_id: str, shared: int) -> None:
        each = agents // PROCESSES
        self._processes = [
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "bench.returning_agents", places),
                    *map(str, (number * each, each, tasks, framework_id, shared)),
                ],
                stdout=subprocess.PIPE,
                preexec_fn=_end_with_the_tests,
            )
            for number in range(PROCESSES)
        ]
        self._readers: list[asyncio.StreamReader] = []

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        for process in self._processes:
            reader = asyncio.StreamReader()
            await loop.connect_read_pipe(lambda r=reader: asyncio.StreamReaderProtocol(r), process.stdout)  # type: ignore[misc]
            self._readers.append(reader)

    async def registered(self) -> tuple[float, float]:
        """When the first found the orchestrator, and when all had registered."""
        told = []
        for reader in self._readers:
            async with asyncio.timeout(STEP_SECONDS):
                told.append(json.loads(await reader.readline()))
        return min(each["connected"] for each in told), max(each["done"] for each in told)

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


class Watched(Daemon):
    """An orchestrator whose event loop is watched."""

    def __init__(self, name: str, arguments: list[str], logs: Path) -> None:
        super().__init__(name, arguments, logs)
        self.held = logs / f"{name}.held"
        self.command = [sys.executable, "-m", "bench.watched_loop", str(self.held), *arguments]

    def elections(self) -> dict[int, float]:
        """By epoch, when it was durable (monotonic)."""
        offset = time.time() - time.monotonic()
        found = ELECTED.findall(self.stderr.read_text(errors="replace")) if self.stderr.exists() else []
        return {
            int(epoch): datetime.strptime(at, "%Y-%m-%d %H:%M:%S,%f").timestamp() - offset
            for at, epoch in found
        }

    def pause_since(self, moment: float) -> tuple[float, float]:
        lines = self.held.read_text().splitlines() if self.held.exists() else []
        late = [each for each in map(json.loads, lines) if each[0] - each[1] >= moment]
        return max(((each[1], each[2]) for each in late), default=(0.0, 0.0))

    def rss(self) -> float:
        """The most that it ever was, in bytes."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024


async def measure(agents: int, tasks: int, shared: int, rounds: int, directory: Path) -> list[Turn]:
    """Failovers on SQLite: killed, and started again."""
    port, link = free_ports(2)
    arguments = ["orchestrator", "--work-dir", str(directory), "--port", str(port), "--link-port", str(link)]
    os.environ["ORLOP_BENCH_SHARED"] = str(shared)
    daemon = Watched("orchestrator", arguments, directory)
    daemon.start()
    address = f"127.0.0.1:{port}"
    crowd = None
    try:
        scheduler = await subscribed(address, 1, 0.01)
        crowd = Agents(f"127.0.0.1:{link}", agents, tasks, scheduler.framework_id, shared)
        await crowd.open()
        began = time.monotonic()
        await crowd.registered()
        print(f"{agents} agents joined in {time.monotonic() - began:.1f} s", file=sys.stderr)
        turns = []
        for _ in range(rounds):
            await settled(scheduler)
            turn, scheduler = await _failover(daemon, daemon, crowd, scheduler, address)
            turns.append(turn)
        await scheduler.close()
        return turns
    except BaseException:
        print(daemon.tail(), file=sys.stderr)
        raise
    finally:
        if crowd is not None:
            crowd.close()
        if daemon.is_running:
            daemon.kill()


async def take_over(agents: int, tasks: int, shared: int, directory: Path) -> Turn:
    """A failover on PostgreSQL: the leader is killed, and a standby takes over once its lease has ended."""
    os.environ["ORLOP_BENCH_SHARED"] = str(shared)
    with PostgresServer() as server:
        registry = server.url(server.new_database())
        daemons, addresses, links = [], [], []
        for name in ("one", "two"):
            port, link = free_ports(2)
            place = directory / name
            place.mkdir()
            arguments = ["orchestrator", "--work-dir", str(place), "--registry", registry]
            arguments += ["--port", str(port), "--link-port", str(link)]
            daemons.append(Watched(name, arguments, place))
            addresses.append(f"127.0.0.1:{port}")
            links.append(f"127.0.0.1:{link}")
        daemons[0].start()
        crowd = None
        try:
            scheduler = await subscribed(addresses[0], 1, 0.01)
            daemons[1].start()
            crowd = Agents(",".join(links), agents, tasks, scheduler.framework_id, shared)
            await crowd.open()
            await crowd.registered()
            await settled(scheduler)
            turn, again = await _failover(daemons[0], daemons[1], crowd, scheduler, addresses[1])
            await again.close()
            return turn
        except BaseException:
            print(*(daemon.tail() for daemon in daemons), file=sys.stderr)
            raise
        finally:
            if crowd is not None:
                crowd.close()
            for daemon in daemons:
                if daemon.is_running:
                    daemon.kill()


async def _failover(
    former: Watched, daemon: Watched, crowd: Agents, scheduler: LeanScheduler, address: str
) -> tuple[Turn, LeanScheduler]:
    """`daemon` leads after `former`: the same one, started again, or a standby."""
    turn, before = Turn(), set(daemon.elections())
    framework_id = scheduler.framework_id
    await scheduler.close()
    former.kill()
    if daemon is former:
        daemon.start()
    while not (new := set(daemon.elections()) - before):  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.005)
    turn.elected, turn.start = daemon.elections()[new.pop()], processor_seconds(daemon.pid)
    subscribing = asyncio.create_task(_first_offers(address, framework_id))
    turn.listening, turn.all_back = await crowd.registered()
    turn.processor = processor_seconds(daemon.pid)
    turn.first_offers, again = await subscribing
    turn.pause, turn.rss = daemon.pause_since(turn.elected), daemon.rss()
    return turn, again


async def _first_offers(address: str, framework_id: str) -> tuple[float, LeanScheduler]:
    scheduler = await subscribed(address, 1, 0.01, framework_id)
    while not scheduler.offers:
        await scheduler.wait(STEP_SECONDS)
    return time.monotonic(), scheduler


async def settled(scheduler: LeanScheduler) -> None:
    """Until nothing more is offered."""
    with contextlib.suppress(TimeoutError):
        while True:
            await scheduler.wait(3.0)


@contextlib.contextmanager
def place() -> Iterator[Path]:
    import shutil
    import tempfile

    directory = tempfile.mkdtemp(prefix="orlop-bench-")
    try:
        yield Path(directory)
    finally:
        if "ORLOP_BENCH_STACKS" in os.environ:
            for found in (*Path(directory).rglob("*.stacks"), *Path(directory).rglob("*.stderr")):
                shutil.copy(found, ".")
        shutil.rmtree(directory)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.bench_failover")
    parser.add_argument("agents", nargs="?", type=int, default=AGENTS)
    parser.add_argument("--tasks", type=int, default=TASKS)
    parser.add_argument("--shared", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--databases", nargs="*", default=["sqlite", "postgresql"])
    given = parser.parse_args(arguments)
    rows = []
    if "sqlite" in given.databases:
        with place() as directory:
            turns = asyncio.run(measure(given.agents, given.tasks, given.shared, given.rounds, directory))
        rows += [turn.row("SQLite, killed and started", given.agents) for turn in turns]
    if "postgresql" in given.databases and programs() is not None:
        for _ in range(given.rounds):
            with place() as directory:
                turn = asyncio.run(take_over(given.agents, given.tasks, given.shared, directory))
            rows.append(turn.row("PostgreSQL, a standby takes over", given.agents))
    print(table(HEADINGS, rows))


if __name__ == "__main__":
    main(sys.argv[1:])
