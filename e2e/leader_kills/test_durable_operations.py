"""kill -9 of whoever leads, in the middle of durable operations of many agents: nothing lost, or done twice.

The agents and their providers are simulated, in processes of their own and on real links; the framework is a
real one over HTTP. LEADER_KILLS: how often (2), LEADER_KILLS_AGENTS: among how many (10,000 when the first is
named, else a few). ORLOP_SEED draws the same moments again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from e2e.harness.cluster import free_ports
from e2e.harness.daemon import Daemon, _end_with_the_tests
from e2e.leader_kills.load import Load
from tests.postgresql import PostgresServer
from tests.telling import Tell

IS_SOAK: Final = bool(os.environ.get("LEADER_KILLS"))
KILLS: Final = int(os.environ.get("LEADER_KILLS") or "2")
AGENTS: Final = int(os.environ.get("LEADER_KILLS_AGENTS") or ("10000" if IS_SOAK else "100"))
PROCESSES: Final = 2 if IS_SOAK else 1
ORCHESTRATORS: Final = 3
LEASE_SECONDS: Final = 4.0
LONGEST_REIGN: Final = 1.5
"""Seconds of load before the kill, once it goes again."""
LONGEST_DOWN: Final = 0.3
EARLY_SHARE: Final = 0.2
"""How often the next kill hits one that has just begun to recover."""
AT_LEAST: Final = 20
"""Operations that end between two kills that are not early."""
STEP_SECONDS: Final = 180.0

pytestmark = [
    pytest.mark.timeout(300 + 60 * KILLS),
]


class Orchestrators:
    """One on a file, or three on PostgreSQL."""

    def __init__(self, registry: str, place: Path) -> None:
        self.daemons: list[Daemon] = []
        self.urls: list[str] = []
        self.links: list[str] = []
        for number in range(1 if registry == "" else ORCHESTRATORS):
            port, link = free_ports(2)
            arguments = ["orchestrator", "--work-dir", str(place / f"work-{number}"), "--port", str(port)]
            arguments += ["--link-port", str(link), "--log-level", "warning"]
            if registry:
                arguments += ["--registry", registry, "--lease-seconds", f"{LEASE_SECONDS:g}"]
            self.daemons.append(Daemon(f"orchestrator-{number}", arguments, place))
            self.urls.append(f"http://127.0.0.1:{port}")
            self.links.append(f"127.0.0.1:{link}")

    def leader(self, *stances: str) -> int | None:
        """The number of the one that is in one of these stances."""
        for number, url in enumerate(self.urls):
            with contextlib.suppress(OSError, ValueError):
                if _health(url)["stance"] in stances:
                    return number
        return None

    def post(self, call: dict[str, Any]) -> dict[str, Any]:
        """What the leader answers."""
        leader = self.leader("leading")
        assert leader is not None, "nobody leads"
        request = urllib.request.Request(
            f"{self.urls[leader]}/api/v1", json.dumps(call).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=STEP_SECONDS) as answer:
            return dict(json.loads(answer.read()))

    def volumes(self) -> set[str]:
        """All that the leader knows of, by their ids."""
        found = self.post({"type": "GET_RESOURCE_PROVIDERS"})["get_resource_providers"]
        return {
            resource["disk"]["source"]["id"]
            for provider in found.get("resource_providers", [])
            for resource in provider.get("total_resources", [])
            if resource.get("disk", {}).get("source", {}).get("id")
        }

    def close(self) -> None:
        for daemon in self.daemons:
            if daemon.is_running:
                daemon.kill()


def _health(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/health", timeout=10) as answer:
        return dict(json.loads(answer.read()))


class Agents:
    """The processes of `e2e.leader_kills.agents`."""

    def __init__(self, links: list[str]) -> None:
        each = AGENTS // PROCESSES
        self._processes = [
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "e2e.leader_kills.agents"),
                    *(",".join(links), str(number * each), str(each)),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                preexec_fn=_end_with_the_tests,
            )
            for number in range(PROCESSES)
        ]

    def _line(self, process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        return process.stdout.readline()

    def registered(self) -> None:
        assert [self._line(each) for each in self._processes] == ["registered\n"] * PROCESSES

    def told(self) -> tuple[set[str], dict[str, list[str]], list[str]]:
        """Volumes, what was done, what was wrong."""
        volumes: set[str] = set()
        done: dict[str, list[str]] = {}
        wrong: list[str] = []
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write("tell\n")
            process.stdin.flush()
            found = json.loads(self._line(process))
            volumes |= set(found["volumes"])
            for name, keys in found["done"].items():
                done.setdefault(name, []).extend(keys)
            wrong += found["wrong"]
        return volumes, done, wrong

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


@contextlib.contextmanager
def registry_of(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        yield ""
        return
    with PostgresServer() as server:
        yield server.url(server.new_database())


@contextlib.asynccontextmanager
async def loaded(load: Load) -> AsyncIterator[None]:
    running = asyncio.create_task(load.run())
    try:
        yield
        assert not running.done(), running.exception()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until(question: Any, what: str) -> None:
    deadline = time.monotonic() + STEP_SECONDS
    while not question():
        assert time.monotonic() < deadline, f"not within {STEP_SECONDS:g} s: {what}"
        await asyncio.sleep(0.05)


async def kill_leaders(orchestrators: Orchestrators, load: Load, rng: random.Random, tell: Tell) -> int:
    """KILLS times; each is started again after a moment. Returns how many hit one that recovered."""
    early = 0
    for number in range(KILLS):
        is_early = number > 0 and rng.random() < EARLY_SHARE
        before = load.ended
        leader: int | None = None
        while leader is None:
            stances = ("recovering", "leading") if is_early else ("leading",)
            leader = await asyncio.to_thread(orchestrators.leader, *stances)
        if is_early:
            early += 1
        else:
            await until(
                lambda before=before: load.ended >= before + AT_LEAST, f"load; {len(load.open)} are open"
            )
            await asyncio.sleep(rng.random() * LONGEST_REIGN)
        orchestrators.daemons[leader].kill()
        await asyncio.sleep(rng.random() * LONGEST_DOWN)
        orchestrators.daemons[leader].start()
        if IS_SOAK and number % 10 == 9:
            tell(f"{number + 1} kills, {load.ended} operations over, {len(load.open)} under way")
    return early


@pytest.mark.parametrize(
    "kind",
    ["sqlite", *([pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))] if IS_SOAK else [])],
)
async def test_no_operation_is_lost_or_done_twice_when_leaders_are_killed(
    kind: str, tmp_path: Path, tell: Tell
) -> None:
    seed = int(os.environ.get("ORLOP_SEED") or secrets.randbits(32))
    tell(f"durable operations, {kind}: ORLOP_SEED={seed} LEADER_KILLS={KILLS}, {AGENTS} agents")
    with registry_of(kind) as registry:
        orchestrators = Orchestrators(registry, tmp_path)
        agents: Agents | None = None
        try:
            for daemon in orchestrators.daemons:
                daemon.start()
            agents = Agents(orchestrators.links)
            await asyncio.to_thread(agents.registered)
            load = Load(",".join(orchestrators.urls), seed)
            async with loaded(load):
                early = await kill_leaders(orchestrators, load, random.Random(seed), tell)
                load.is_stopping = True
                await until(lambda: not load.open, f"all are over; open: {sorted(load.open)[:20]}")
            await agree(orchestrators, agents, load)
            kinds = [each.kind for each in load.entries.values() if each.ends == {"OPERATION_FINISHED"}]
            others = len(load.entries) - len(kinds)
            tell(
                f"{KILLS} kills ({early} of one that recovered), {load.streams} subscriptions: "
                f"{kinds.count('CREATE_DISK')} disks made, {kinds.count('DESTROY_DISK')} destroyed, "
                f"{others} refused; nothing lost, nothing twice"
            )
        except BaseException:
            for daemon in orchestrators.daemons:
                print(daemon.name, daemon.tail(), file=sys.stderr)
            raise
        finally:
            if agents is not None:
                agents.close()
            orchestrators.close()


async def agree(orchestrators: Orchestrators, agents: Agents, load: Load) -> None:
    """Providers, the leader and the owner have the same volumes; what was done was asked for, once each."""
    deadline = time.monotonic() + STEP_SECONDS
    while True:
        volumes, done, wrong = await asyncio.to_thread(agents.told)
        try:
            known = await asyncio.to_thread(orchestrators.volumes)
        except (AssertionError, OSError) as error:
            known = {str(error)}
        if volumes == known == load.disks and not (wrong := [*wrong, *load.judge(done)]):
            return
        assert time.monotonic() < deadline, (
            f"{len(wrong)} wrong: {wrong[:20]}\nproviders {len(volumes)}, the leader {len(known)}, the owner "
            f"{len(load.disks)}; differ: {sorted((volumes ^ known) | (volumes ^ load.disks))[:20]}"
        )
        await asyncio.sleep(1.0)
