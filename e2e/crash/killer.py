"""Kills the parts of a cluster, at rest and at moments drawn from a seed, and starts them again.

The daemons are started again here, as a supervisor would; plugin and monitors are the product's to replace.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from e2e.crash import victims, window
from e2e.crash.victims import Victim
from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import Daemon

SHARES: Final = {"agent": 0.5, "plugin": 0.5, "orchestrator": 0.1, "monitor": 0.1}
"""Of the kills that are wanted: how many each kind gets. Those of agent and plugin are all of them, the
others come on top."""
REST, RANDOM, WINDOW = "at rest", "at random", "in a call"
AT_REST_SHARE: Final = 0.1
IN_CALL_SHARE: Final = {"orchestrator": 0.5, "agent": 0.8, "plugin": 0.8, "monitor": 0.5}
"""Of the kills under load: how many wait for a call to the plugin to be under way."""
LONGEST_PAUSE: Final = 0.8
LONGEST_DOWN: Final = 0.5
CALL_SECONDS: Final = 20.0
"""For a call of the kind waited for to come along; then the kill comes at that moment anyway."""
VICTIM_SECONDS: Final = 60.0
UP_SECONDS: Final = 60.0
MORE_KILLS: Final = 20
"""At most, to reach the number of kills during calls that is wanted."""
PATIENCE: Final = 0.7
"""How often the next kill waits until the cluster offers disks again; else it hits the recovery."""


@dataclass(frozen=True)
class Kill:
    kind: str
    moment: str
    suffixes: tuple[str, ...] = window.CREATING


@dataclass
class Tally:
    """What was done. `unanswered`: kills after which a call to the plugin was found begun and unanswered."""

    kills: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
    story: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {what}" for what, count in sorted(self.kills.items()))
        return f"{kinds}; {self.unanswered} between a call to the plugin and the checkpoint of its answer"


def plan(kills: int, rng: random.Random) -> tuple[list[Kill], list[Kill]]:
    """The kills at rest, and those under load, in their order; `kills`: of agent and plugin together."""
    rest, load = [], []
    for kind, share in SHARES.items():
        wanted = max(2, round(kills * share))
        at_rest = max(1, round(wanted * AT_REST_SHARE))
        rest += [Kill(kind, REST) for _ in range(at_rest)]
        left = wanted - at_rest
        in_call = round(left * IN_CALL_SHARE[kind])
        load += [Kill(kind, WINDOW, _which(rng)) for _ in range(in_call)]
        load += [Kill(kind, RANDOM) for _ in range(left - in_call)]
    rng.shuffle(rest)
    rng.shuffle(load)
    return rest, load


def _which(rng: random.Random) -> tuple[str, ...]:
    draw = rng.random()
    return window.CREATING if draw < 0.5 else window.DELETING if draw < 0.75 else window.RECORDING


class Killer:
    """Carries a plan out on one cluster."""

    def __init__(self, cluster: DaemonCluster, rng: random.Random) -> None:
        self._cluster = cluster
        self._rng = rng
        self._pool = cluster.place.pools[0]
        self.tally = Tally()

    async def run(self, kills: list[Kill]) -> None:
        for kill in kills:
            if kill.moment != REST:
                await asyncio.sleep(self._rng.random() * LONGEST_PAUSE)
            await self._carry_out(kill)
            if kill.moment == REST or self._rng.random() < PATIENCE:
                await self.until_up()
        await self.until_up()

    async def until_unanswered(self, enough: int) -> None:
        """More kills during calls, until as many as wanted were found to be that."""
        for _ in range(MORE_KILLS):
            if self.tally.unanswered >= enough:
                return
            await self.run([Kill(self._rng.choice(("agent", "plugin")), WINDOW)])

    async def until_up(self) -> None:
        """Until the cluster offers disks, and its plugin is up."""
        async with asyncio.timeout(UP_SECONDS):
            while not await asyncio.to_thread(self._is_up):
                for daemon in self._cluster.daemons():
                    assert daemon.is_running, f"{daemon.name} ended by itself:\n{daemon.tail()}"
                await asyncio.sleep(0.1)

    def _is_up(self) -> bool:
        if not self._cluster.is_ready():
            return False
        found = self._cluster.post({"type": "GET_RESOURCE_PROVIDERS"})["get_resource_providers"]
        return all(
            each.get("plugin", {}).get("state") == "READY" and each.get("connected")
            for each in found["resource_providers"]
        )

    async def _carry_out(self, kill: Kill) -> None:
        victim = await self._victim(kill.kind)
        seen = window.Seen()
        try:
            if kill.moment == WINDOW:
                seen = await asyncio.to_thread(
                    window.act_when, self._pool, kill.suffixes, victim.kill, CALL_SECONDS
                )
            victim.kill()
        finally:
            victim.close()
        if daemon := self._daemon(kill.kind):
            daemon.kill()
        open_calls = await asyncio.to_thread(
            window.unanswered, self._cluster.storage_database, self._pool, seen
        )
        self.tally.kills[f"{kill.kind} {kill.moment}"] += 1
        self.tally.unanswered += bool(open_calls)
        what = f"{kill.kind} (pid {victim.pid}) {kill.moment} {seen.file}"
        self.tally.story.append(f"{what}: {', '.join(open_calls) or 'no call was open'}")
        if daemon:
            await asyncio.sleep(self._rng.random() * LONGEST_DOWN)
            daemon.start()

    def _daemon(self, kind: str) -> Daemon | None:
        return {"orchestrator": self._cluster.orchestrator, "agent": self._cluster.agent}.get(kind)

    async def _victim(self, kind: str) -> Victim:
        """Who it is now; waits for one that is being started again."""
        async with asyncio.timeout(VICTIM_SECONDS):
            while True:
                found = await asyncio.to_thread(self._look_for, kind)
                if found is not None:
                    return found
                await asyncio.sleep(0.1)

    def _look_for(self, kind: str) -> Victim | None:
        if daemon := self._daemon(kind):
            return victims.hold(kind, daemon.pid)
        if kind == "plugin":
            return victims.plugin(self._cluster)
        monitors = victims.monitors(self._cluster)
        return victims.hold(kind, self._rng.choice(monitors)) if monitors else None
