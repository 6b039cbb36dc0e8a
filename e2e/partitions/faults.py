"""What goes wrong between hosts and on them, drawn from a seed: each fault lasts for a while and is healed.

Cables and filters are the network's, processes are started again here as a supervisor would. It does not
judge; it notes what it did.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final

from e2e.harness.daemon import Daemon
from e2e.partitions.invariants import comes_true
from e2e.partitions.network import Host, cut
from e2e.partitions.site import Database, Site

DIRECTIONS: Final = ("to", "from", "both")
WITHOUT_DATABASE: Final = "cannot open the database"
SUPERVISION_SECONDS: Final = 0.3
LONGEST_PAUSE: Final = 2.0
"""Between two faults."""
SHORT: Final = (0.3, 2.0)
"""Seconds of a fault that nobody may have noticed yet when it is over; the long ones outlast a lease."""
SHORT_SHARE: Final = 0.35
BESIDE_SHARE: Final = 0.2
"""How often a second fault begins before the first is over."""

Fault = Callable[["Faults", float], contextlib.AbstractAsyncContextManager[str]]


@dataclass
class Faults:
    """Faults of one site. `database`: what its orchestrators share, if they do. `lease`: seconds."""

    site: Site
    rng: random.Random
    lease: float
    database: Database | None = None
    tally: Counter[str] = field(default_factory=Counter)
    story: list[str] = field(default_factory=list)
    held: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """By daemon: of two faults that end or stop its process, one waits for the other."""

    async def run(self, seconds: float) -> None:
        """Faults, one after the other and now and then two at once, for so long; then all is healed."""
        supervising = asyncio.create_task(self._supervise())
        try:
            await self._go_wrong(seconds)
            self.site.network.heal()
            await comes_true(self._who_is_silent)
        finally:
            supervising.cancel()
            await asyncio.gather(supervising, return_exceptions=True)
        if not supervising.cancelled():
            supervising.result()

    def _who_is_silent(self) -> str:
        return ", ".join(each.name for each in self.site.orchestrators if not self.site.answers(each))

    async def _supervise(self) -> None:
        """Who was started while the database was away has ended, saying so; nobody else ends by itself."""
        while True:
            await asyncio.sleep(SUPERVISION_SECONDS)
            for daemon in self.site.daemons():
                if not daemon.is_running and not self.held[daemon.name].locked():
                    assert lacked_database(daemon), f"{daemon.name} ended by itself:\n{daemon.tail()}"
                    self.tally["started in vain"] += 1
                    daemon.start()

    async def _go_wrong(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        kinds = list(_of(self))
        queue: list[Fault] = []
        while loop.time() < began + seconds:
            if not queue:
                queue = self.rng.sample(kinds, len(kinds))
            beside = [queue.pop()] if queue and self.rng.random() < BESIDE_SHARE else []
            faults = [queue.pop() if queue else self.rng.choice(kinds), *beside]
            await asyncio.gather(*(self._one(fault, began) for fault in faults))
            await asyncio.sleep(self.rng.random() * LONGEST_PAUSE)

    async def _one(self, fault: Fault, began: float) -> None:
        loop = asyncio.get_running_loop()
        name = getattr(fault, "__name__", "fault")
        seconds = self._duration()
        async with fault(self, seconds) as what:
            self.tally[name] += 1
            self.story.append(f"{loop.time() - began:6.2f} {what}, for {seconds:.1f} s")
            await asyncio.sleep(seconds)
        self.story.append(f"{loop.time() - began:6.2f} healed: {what}")

    def _duration(self) -> float:
        if self.rng.random() < SHORT_SHARE:
            return self.rng.uniform(*SHORT)
        return self.rng.uniform(1.1 * self.lease, 2 * self.lease + 1)

    async def leader(self) -> Daemon:
        """Whoever leads now; any orchestrator when nobody does."""
        found = await asyncio.to_thread(self.site.leader)
        return found or self.rng.choice(self.site.orchestrators)

    def agent(self) -> Daemon:
        return self.rng.choice(self.site.agents)


def lacked_database(daemon: Daemon) -> bool:
    """Whether the last that it said is that it cannot open its database."""
    return WITHOUT_DATABASE in "".join(daemon.tail().splitlines()[-1:])


def _of(faults: Faults) -> list[Fault]:
    """Those that there can be on the site."""
    shared = [leader_and_database, leader_is_paused, database_crashes] if faults.database is not None else []
    several = [any_host_is_unplugged] if len(faults.site.orchestrators) > 1 else []
    return [
        *(*shared, *several),
        leader_and_agent,
        agent_is_alone,
        leader_is_unplugged,
        leader_is_killed,
        leader_is_ended,
        agent_is_killed,
        agent_is_unplugged,
    ]


@contextlib.asynccontextmanager
async def leader_and_database(faults: Faults, seconds: float) -> AsyncIterator[str]:
    """The leader's writes do not arrive, or their answers do not."""
    leader, way = await faults.leader(), faults.rng.choice(DIRECTIONS)
    assert faults.database is not None
    with cut(faults.site.host_of(leader), faults.database.host, way):
        yield f"{leader.name} leads and is cut off {way} (ways) the database"


@contextlib.asynccontextmanager
async def database_crashes(faults: Faults, seconds: float) -> AsyncIterator[str]:
    """It comes back with what was committed. Whether the last commits were is not known to whoever waits."""
    assert faults.database is not None
    async with faults.held["database"]:
        await asyncio.to_thread(faults.database.server.stop, "immediate")
        try:
            yield "the database has crashed"
        finally:
            faults.database.server.start()


@contextlib.asynccontextmanager
async def leader_and_agent(faults: Faults, seconds: float) -> AsyncIterator[str]:
    """Between the leader and one agent; both see everybody else."""
    leader, agent, way = await faults.leader(), faults.agent(), faults.rng.choice(DIRECTIONS)
    with cut(faults.site.host_of(leader), faults.site.host_of(agent), way):
        yield f"{leader.name} leads and is cut off {way} (ways) {agent.name}"


@contextlib.asynccontextmanager
async def agent_is_alone(faults: Faults, seconds: float) -> AsyncIterator[str]:
    """Between one agent and all orchestrators, in one direction or both."""
    agent, way = faults.agent(), faults.rng.choice(DIRECTIONS)
    with contextlib.ExitStack() as cuts:
        for each in faults.site.orchestrators:
            cuts.enter_context(cut(faults.site.host_of(agent), faults.site.host_of(each), way))
        yield f"{agent.name} is cut off {way} (ways) all orchestrators"


@contextlib.asynccontextmanager
async def leader_is_unplugged(faults: Faults, seconds: float) -> AsyncIterator[str]:
    """The whole host of the leader, as when it loses its cable: it is not told."""
    leader = await faults.leader()
    async with _unplugged(faults, faults.site.host_of(leader)):
        yield f"{leader.name} leads and is unplugged"


@contextlib.asynccontextmanager
async def any_host_is_unplugged(faults: Faults, seconds: float) -> AsyncIterator[str]:
    host = faults.site.host_of(faults.rng.choice(faults.site.orchestrators))
    async with _unplugged(faults, host):
        yield f"{host.name} is unplugged"


@contextlib.asynccontextmanager
async def agent_is_unplugged(faults: Faults, seconds: float) -> AsyncIterator[str]:
    host = faults.site.host_of(faults.agent())
    async with _unplugged(faults, host):
        yield f"{host.name} is unplugged"


@contextlib.asynccontextmanager
async def leader_is_killed(faults: Faults, seconds: float) -> AsyncIterator[str]:
    leader = await faults.leader()
    async with _killed(faults, leader):
        yield f"{leader.name} leads and is killed"


@contextlib.asynccontextmanager
async def agent_is_killed(faults: Faults, seconds: float) -> AsyncIterator[str]:
    agent = faults.agent()
    async with _killed(faults, agent):
        yield f"{agent.name} is killed"


@contextlib.asynccontextmanager
async def leader_is_ended(faults: Faults, seconds: float) -> AsyncIterator[str]:
    """A clean stop, as for a new version."""
    found = await asyncio.to_thread(faults.site.leader)
    leader = found or faults.rng.choice(faults.site.orchestrators)
    async with faults.held[leader.name]:
        status = await asyncio.to_thread(leader.terminate)
        # One that has only just been started hears no signal yet, as any program.
        early = not found and (status == -signal.SIGTERM or lacked_database(leader))
        try:
            assert status == 0 or early, f"{leader.name} ended with {status} after SIGTERM:\n{leader.tail()}"
            yield f"{leader.name} led and has ended"
        finally:
            leader.start()


@contextlib.asynccontextmanager
async def leader_is_paused(faults: Faults, seconds: float) -> AsyncIterator[str]:
    """It is stopped, and goes on afterwards with all that it was about to do."""
    leader = await faults.leader()
    async with faults.held[leader.name]:
        leader.pause()
        try:
            yield f"{leader.name} leads and is paused"
        finally:
            leader.resume()


@contextlib.asynccontextmanager
async def _unplugged(faults: Faults, host: Host) -> AsyncIterator[None]:
    faults.site.network.unplug(host)
    try:
        yield
    finally:
        faults.site.network.plug_in(host)


@contextlib.asynccontextmanager
async def _killed(faults: Faults, daemon: Daemon) -> AsyncIterator[None]:
    async with faults.held[daemon.name]:
        daemon.kill()
        try:
            yield
        finally:
            daemon.start()
