"""Kills the agent, containers' monitors, the podman service and tasks, at moments drawn from a seed.

The agent is started again here, as a supervisor would; all else is the product's to replace or to notice.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from pathlib import Path
from typing import Final

from e2e.crash import victims
from e2e.crash.victims import Victim
from e2e.harness.census import scope_of
from e2e.harness.cluster import DaemonCluster
from e2e.task_crash.chronicle import Chronicle

SHARES: Final = {"agent": 0.3, "monitor": 0.25, "task": 0.35, "service": 0.1}
OUTLIVED: Final = frozenset({"agent", "service"})
"""What every task has to outlive."""
LONGEST_PAUSE: Final = 0.5
LONGEST_DOWN: Final = 0.4
VICTIM_SECONDS: Final = 180.0
"""For one to be there: on a slow machine the agent takes a while to come up."""
UP_AFTER: Final = 10
"""Kills after which the agent is let come up, with its plugin: on a slow machine it would never, else, and
what needs a volume would wait until the end."""
UP_SECONDS: Final = 180.0
MARK: Final = b"MESOS_CONTAINER_ID="


def plan(kills: int, containerizer: str, rng: random.Random) -> list[str]:
    """What is killed, in order. Without podman there is no service: tasks get its share.

    At first only what tasks have to outlive: among the other kills hardly any lives long enough to show it.
    """
    order = []
    for kind, share in SHARES.items():
        what = "task" if kind == "service" and containerizer != "podman" else kind
        order += [what] * max(1, round(kills * share))
    rng.shuffle(order)
    outlived = [place for place, what in enumerate(order) if what in OUTLIVED]
    first = set(outlived[: len(outlived) // 2])
    return [order[place] for place in sorted(first)] + [
        what for place, what in enumerate(order) if place not in first
    ]


class TaskKiller:
    """Carries a plan out."""

    def __init__(self, cluster: DaemonCluster, rng: random.Random, chronicle: Chronicle) -> None:
        self._cluster = cluster
        self._rng = rng
        self._chronicle = chronicle
        self.tally: Counter[str] = Counter()

    async def run(self, order: list[str]) -> None:
        for number, kind in enumerate(order, 1):
            await asyncio.sleep(self._rng.random() * LONGEST_PAUSE)
            await self._kill(kind)
            if number % UP_AFTER == 0:
                await self._until_up()
        await self._until_up()

    async def _kill(self, kind: str) -> None:
        victim = await self._victim(kind)
        try:
            victim.kill()
        finally:
            victim.close()
        self.tally[kind] += 1
        if kind == "agent":
            self._cluster.agent.kill()
            await asyncio.sleep(self._rng.random() * LONGEST_DOWN)
            self._cluster.agent.start()

    async def _victim(self, kind: str) -> Victim:
        async with asyncio.timeout(VICTIM_SECONDS):
            while True:
                found = await asyncio.to_thread(self._look_for, kind)
                if found is not None:
                    return found
                await asyncio.sleep(0.05)

    def _look_for(self, kind: str) -> Victim | None:
        """Of monitors and tasks it is noted first whose they are: they may be gone the moment after."""
        if kind == "agent":
            return victims.hold(kind, self._cluster.agent.pid)
        agent = self._cluster.place.agents[0]
        if kind == "service":
            socket = f"{scope_of(agent)}.sock"
            services = [
                pid
                for pid, argv in victims.commands()
                if "service" in argv and any(socket in a for a in argv)
            ]
            return victims.hold(kind, services[0]) if services else None
        found = victims.monitors_by_container(self._cluster) if kind == "monitor" else _tasks(agent)
        if not found:
            return None
        container = self._rng.choice(sorted(set(found.values())))  # one with many processes is hit no oftener
        pid = self._rng.choice(sorted(pid for pid, each in found.items() if each == container))
        self._chronicle.struck.add(container)
        return victims.hold(kind, pid)

    async def _until_up(self) -> None:
        async with asyncio.timeout(UP_SECONDS):
            while not await asyncio.to_thread(self._cluster.is_ready):
                assert self._cluster.agent.is_running, self._cluster.agent.tail()
                await asyncio.sleep(0.2)


def _tasks(agent: Path) -> dict[int, str]:
    """Processes of tasks' containers of that agent, by pid, with the container's id."""
    found, below = {}, f"MESOS_SANDBOX={agent}/".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            environment = (folder / "environ").read_bytes().split(b"\0")
            marks = [each for each in environment if each.startswith(MARK)]
            if marks and any(each.startswith(below) for each in environment):
                found[int(folder.name)] = marks[0].removeprefix(MARK).decode()
    return found
