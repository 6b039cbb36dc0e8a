"""Faults at seeded moments: kills, cuts, partitions, reboots, also just after a commit."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.agents import AgentPart
    from tests.simulation.cluster import Cluster
    from tests.simulation.parts import Part


class Chaos:
    """Plays faults until its time is over."""

    def __init__(self, cluster: Cluster, rng: random.Random) -> None:
        self._cluster = cluster
        self._rng = rng
        self.played: dict[str, int] = {}

    async def run(self, seconds: float, mean_pause: float) -> None:
        """Faults for `seconds`, one after the other."""
        end = self._cluster.loop.time() + seconds
        while True:
            pause = self._rng.expovariate(1.0 / mean_pause)
            if self._cluster.loop.time() + pause >= end:
                break
            await asyncio.sleep(pause)
            self._play()
        await asyncio.sleep(max(0.0, end - self._cluster.loop.time()))

    def _play(self) -> None:
        cluster, rng = self._cluster, self._rng
        agent = rng.choice(cluster.agents)
        down = rng.choice((0.01, 0.5, 0.5, 3.0, 25.0))
        fault, play = rng.choice(
            (
                ("kill orchestrator", lambda: cluster.orchestrator.kill(min(down, 5.0))),
                ("doom orchestrator", lambda: self._doom(cluster.orchestrator)),
                ("doom orchestrator", lambda: self._doom(cluster.orchestrator)),
                ("kill agent", lambda: agent.kill(down)),
                ("doom agent", lambda: self._doom(agent)),
                ("doom agent", lambda: self._doom(agent)),
                ("doom agent", lambda: self._doom(agent)),
                ("kill plugin", lambda: self._kill_plugin(agent)),
                ("kill executor", lambda: self._kill_executor(agent)),
                ("kill framework", lambda: rng.choice(cluster.frameworks).kill(down)),
                ("cut link", self._cut_link),
                ("cut stream", self._cut_stream),
                ("partition", lambda: self._partition(agent.name, rng.choice((1.0, 8.0, 40.0)))),
                ("reboot", agent.reboot if rng.random() < 0.3 else lambda: self._kill_plugin(agent)),
            )
        )
        self.played[fault] = self.played.get(fault, 0) + 1
        cluster.trace.note("chaos", f"{fault} ({agent.name})")
        play()

    def _doom(self, part: Part) -> None:
        part.doomed = self._rng.randrange(1, 12)
        part.doomed_before = self._rng.random() < 0.4

    def _kill_plugin(self, agent: AgentPart) -> None:
        container = agent.host.plugin_container
        if container is not None:
            agent.host.end(container, 137, 9)

    def _kill_executor(self, agent: AgentPart) -> None:
        running = sorted(agent.host.custom_executors)
        if running:
            agent.host.end(self._rng.choice(running), 137, 9)

    def _cut_link(self) -> None:
        if self._cluster.network.connections:
            self._rng.choice(self._cluster.network.connections).cut()

    def _cut_stream(self) -> None:
        stream = self._rng.choice(self._cluster.frameworks).stream
        if stream is not None:
            stream.cut()

    def _partition(self, name: str, seconds: float) -> None:
        self._cluster.network.partition(name, on=True)
        self._cluster.call_later(seconds, lambda: self._cluster.network.partition(name, on=False))
