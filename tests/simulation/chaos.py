"""Plays what was drawn: kills (also just before and after a commit), stops, cuts, silences, clocks."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from tests.simulation.acts import Act
from tests.simulation.restorations import BACK_UP, RESTORE

if TYPE_CHECKING:
    from tests.simulation.agents import AgentPart
    from tests.simulation.cluster import Cluster
    from tests.simulation.orchestrators import OrchestratorPart
    from tests.simulation.parts import Part

T = TypeVar("T")

LATE_SECONDS = 1.05
"""How late answers come before a way falls silent: less than a leader waits for the answer to a renewal."""


class Chaos:
    """Plays acts in their order. What finds nobody to act on does nothing."""

    def __init__(self, cluster: Cluster, acts: Sequence[Act]) -> None:
        self._cluster = cluster
        self.acts = tuple(acts)
        self.played: Counter[str] = Counter()
        self._parts: dict[str, Part] = {part.name: part for part in cluster.parts}
        self._agents: dict[str, AgentPart] = {agent.name: agent for agent in cluster.agents}
        self._does: Mapping[str, Callable[[Act], object]] = {
            "kill orchestrator": self._kill,
            "kill agent": self._kill,
            "kill framework": self._kill,
            "kill plugin": self._kill_plugin,
            "kill executor": self._kill_executor,
            "end orchestrator": lambda act: self._orchestrator(act).end(),
            "doom orchestrator": self._doom,
            "doom agent": self._doom,
            "stop orchestrator": self._stop,
            "stop agent": self._stop,
            "stop framework": self._stop,
            "cut link": self._cut_link,
            "cut stream": self._cut_stream,
            "cut provider": lambda act: self._agents[act.who].cut_provider(),
            "cut database": self._cut_database,
            "restart database": self._restart_database,
            "partition": self._partition,
            "silence": self._silence,
            "fade": self._fade,
            "clock jumps": self._jump,
            BACK_UP: cluster.restorations.back_up,
            RESTORE: cluster.restorations.restore,
            "reboot": lambda act: self._agents[act.who].reboot(),
        }

    async def run(self, seconds: float) -> None:
        """All acts, for so long."""
        began = self._cluster.loop.time()
        for act in self.acts:
            await asyncio.sleep(max(0.0, began + act.at - self._cluster.loop.time()))
            self.played[act.what] += 1
            self._cluster.trace.note("chaos", str(act)[10:])
            self._does[act.what](act)
        await asyncio.sleep(max(0.0, began + seconds - self._cluster.loop.time()))

    def _kill(self, act: Act) -> None:
        self._parts[act.who].kill(act.seconds)

    def _stop(self, act: Act) -> None:
        self._parts[act.who].stop(act.seconds)

    def _doom(self, act: Act) -> None:
        part = self._parts[act.who]
        part.doomed, part.doomed_before = act.number, act.pick < 0.4

    def _kill_plugin(self, act: Act) -> None:
        host = self._agents[act.who].host
        if host.plugin_container is not None:
            host.end(host.plugin_container, 137, 9)

    def _kill_executor(self, act: Act) -> None:
        host = self._agents[act.who].host
        running = sorted(host.custom_executors)
        if running:
            host.end(_picked(running, act), 137, 9)

    def _cut_link(self, act: Act) -> None:
        if self._cluster.network.connections:
            _picked(self._cluster.network.connections, act).cut()

    def _cut_stream(self, act: Act) -> None:
        if self._cluster.frameworks:
            stream = _picked(self._cluster.frameworks, act).stream
            if stream is not None:
                stream.cut()

    def _cut_database(self, act: Act) -> None:
        if self._cluster.server is not None:
            self._cluster.server.cut(act.who, late=act.pick < 0.5)

    def _restart_database(self, act: Act) -> None:
        if self._cluster.server is not None:
            self._cluster.server.restart()

    def _partition(self, act: Act) -> None:
        network = self._cluster.network
        network.partition(act.who, on=True)
        self._cluster.call_later(act.seconds, lambda: network.partition(act.who, on=False))

    def _silence(self, act: Act) -> None:
        self._silence_way(act.who, act.other, act.seconds)

    def _fade(self, act: Act) -> None:
        """Answers come late, then nothing gets there any more: the last one was to something asked before."""
        self._silence_way(act.other, act.who, LATE_SECONDS)
        later = lambda: self._silence_way(act.who, act.other, act.seconds)  # noqa: E731
        self._cluster.call_later(LATE_SECONDS + 0.05, later)

    def _silence_way(self, sender: str, receiver: str, seconds: float) -> None:
        network = self._cluster.network
        network.silence(sender, receiver, on=True)
        self._cluster.call_later(seconds, lambda: network.silence(sender, receiver, on=False))

    def _jump(self, act: Act) -> None:
        self._cluster.clocks[act.who](act.seconds)

    def _orchestrator(self, act: Act) -> OrchestratorPart:
        return next(part for part in self._cluster.orchestrator.parts if part.name == act.who)


def _picked(among: Sequence[T], act: Act) -> T:
    return among[min(int(act.pick * len(among)), len(among) - 1)]
