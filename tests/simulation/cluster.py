"""The whole cluster in one process: its parts, the story of one seed, and how it is run.

A scenario: everything starts, works under faults for a while, then faults stop, everything is
destroyed, and within bounded virtual time nothing may be left. The same seed gives the same trace.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import random
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from orchestrator import schema
from orchestrator.daemon import Orchestrator, OrchestratorConfig
from provider.profiles import default_profiles_text
from provider.volume import Capabilities
from tests.simulation.acts import Act, Cast, drawn
from tests.simulation.agents import AgentPart
from tests.simulation.chaos import Chaos
from tests.simulation.database import DATABASE, SimServer
from tests.simulation.decrees import watch_limits
from tests.simulation.frameworks import FrameworkPart
from tests.simulation.invariants import Invariants
from tests.simulation.loop import Deadlock, VirtualLoop
from tests.simulation.network import Network
from tests.simulation.operator import OperatorPart
from tests.simulation.orchestrators import OrchestratorPart, Orchestrators
from tests.simulation.parts import Part
from tests.simulation.restorations import Restorations
from tests.simulation.simstore import SimDisk
from tests.simulation.trace import Broken, Event, Trace
from tests.simulation.wire_tap import WireTap

CHECK_SECONDS = 0.5
"""Virtual seconds between looks at the invariants."""


@dataclass(frozen=True)
class Scenario:
    """How long what lasts, in virtual seconds."""

    warm_up: float = 2.0
    chaos: float = 8.0
    mean_pause: float = 0.7
    quiet_within: float = 1500.0
    orchestrators: int = 0
    """How many; 0 to leave it to the seed."""

    @classmethod
    def of(cls, seed: int) -> Scenario:
        """What a seed plays: mostly short, each twentieth five times as long."""
        return cls(chaos=40.0, mean_pause=2.0) if seed % 20 == 0 else cls()


FAULTS = ("calls are lost", "writes fail", "plugins misbehave", "the runtime fails")
"""What may go wrong at any time beside the acts."""

HANDS = ("departures", "reservations", "reconfigurations", "impatience", "decrees")
"""Of the operator, beside those that make volumes."""


@dataclass(frozen=True)
class Cut:
    """What of a seed's story is played: these acts, and all else but these. See `shrink`."""

    acts: tuple[Act, ...]
    without: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """What a run came to. `failure` is None when every invariant held."""

    seed: int
    failure: str | None
    digest: str
    virtual_seconds: float
    steps: int
    counts: dict[str, int]
    story: tuple[str, ...]
    acts: tuple[Act, ...]
    events: tuple[Event, ...] = ()
    names: tuple[str, ...] = ()


class Cluster:
    """One seed's world. `cut`: the part of its story that is played; `draw`: what is said is kept."""

    def __init__(
        self, seed: int, scratch: str, scenario: Scenario, cut: Cut | None = None, *, draw: bool = False
    ) -> None:
        self.seed = seed
        self.scratch = scratch
        self.scenario = scenario
        self.without = frozenset() if cut is None else cut.without
        rng = random.Random(f"{seed}-cluster")
        self.faults = random.Random(f"{seed}-faults")
        self.faulty = False
        """Whether faults of calls, writes and runtimes are played now."""
        self.followed = True
        """Whether standbys follow; no more when all has to come to rest."""
        self.loop = VirtualLoop()
        self.context = contextvars.copy_context()
        self.trace = Trace(self.loop.time, drawn=draw)
        self.network = Network(self.loop, random.Random(f"{seed}-network"))
        if draw:
            self.network.watch = WireTap(self.trace.arrow).see
        self.profiles_file = Path(scratch) / "profiles.toml"
        self.server: SimServer | None = None
        self.orchestrator = self._orchestrators(random.Random(f"{seed}-orchestrators"))
        self.agents = [self._agent(f"agent-{n}", rng) for n in range(rng.choice((1, 1, 2, 3)))]
        roles = ["default", *rng.sample(("red", "default", "blue"), rng.randrange(3))]
        frameworks = [
            FrameworkPart(self, f"framework-{n}", role, aware=rng.random() < 0.5)
            for n, role in enumerate(roles)
        ]
        self.frameworks = [each for each in frameworks if each.name not in self.without]
        self.operator = OperatorPart(self)
        cast = Cast(
            tuple(part.name for part in self.orchestrator.parts),
            tuple(agent.name for agent in self.agents),
            tuple(framework.name for framework in frameworks),
            DATABASE if self.server is not None else "",
        )
        acts = drawn(random.Random(f"{seed}-chaos"), cast, scenario.chaos, scenario.mean_pause)
        self.restorations = Restorations(self)
        acts = tuple(sorted((*acts, *self.restorations.acts(scenario.chaos)), key=lambda act: act.at))
        self.chaos = Chaos(self, acts if cut is None else cut.acts)
        self.clocks: dict[str, Callable[[float], None]] = {
            part.name: part.clock.jump for part in (*self.orchestrator.parts, *self.agents)
        }
        if self.server is not None:
            self.clocks[DATABASE] = self.server.jump
        self.invariants = Invariants(self)

    def _orchestrators(self, rng: random.Random) -> Orchestrators:
        """One with a database of its own, or several that share one."""
        config = OrchestratorConfig(allocation_interval=2.0, offer_timeout=10.0, unreachable_after=5.0)
        count = self.scenario.orchestrators or rng.choice((1, 1, 2, 3))
        if count == 1:
            disk = SimDisk(schema.metadata, self.loop.time)
            return Orchestrators(self, [OrchestratorPart(self, "orchestrator", config, disk)])
        self.server = SimServer(self, schema.metadata, rng)
        names = [f"orchestrator-{n}" for n in range(count)]
        return Orchestrators(self, [OrchestratorPart(self, name, config, self.server) for name in names])

    def _agent(self, name: str, rng: random.Random) -> AgentPart:
        capabilities = Capabilities(
            create_delete_volume=True,
            controller_publish=rng.random() < 0.5,
            stage=rng.random() < 0.7,
            list_volumes=rng.random() < 0.7,
            get_capacity=True,
            controller_expand=rng.random() < 0.8,
            node_expand=rng.random() < 0.8,
            online_expand=rng.random() < 0.5,
        )
        return AgentPart(self, name, capabilities, skew=rng.uniform(-30.0, 30.0))

    @property
    def parts(self) -> list[Part]:
        return [*self.orchestrator.parts, *self.agents, *self.frameworks, self.operator]

    def call_later(self, delay: float, function: Callable[[], object]) -> None:
        """As the world: it survives every process."""
        self.loop.call_later(delay, function, context=self.context)

    def call_is_lost(self) -> bool:
        return self.plays("calls are lost") and self.faults.random() < 0.05

    def plays(self, fault: str) -> bool:
        """Whether this may go wrong now."""
        return self.faulty and fault not in self.without

    def leads(self, rooms: Orchestrator) -> None:
        """An orchestrator has begun to lead."""
        self.invariants.check_recovered(rooms)
        watch_limits(rooms.allocator, lambda what: self.trace.require(False, what))

    def broken(self, what: str, error: BaseException | None = None) -> None:
        """An invariant is broken, or a part met what it could not handle."""
        story = "" if error is None else "\n" + "".join(traceback.format_exception(error))
        self.trace.require(False, what + story)

    # The story.

    def run(self) -> Outcome:
        """Play the scenario to its end, or to the first broken invariant."""
        self.profiles_file.write_text(default_profiles_text())
        was_enabled = gc.isenabled()
        gc.disable()  # what a killed process left behind must not wake up at random moments
        try:
            self.loop.run_until_complete(self._play())
        except (Deadlock, Broken) as error:
            self.trace.require(False, str(error))
        finally:
            # Told before the burial: what ends there is woken up once more, and may say anything.
            outcome = self._outcome()
            self.loop.bury()
            self.close()
            if was_enabled:
                gc.enable()
        return outcome

    def _outcome(self) -> Outcome:
        return Outcome(
            self.seed,
            self.trace.failure,
            self.trace.digest(),
            self.loop.time(),
            self.loop.steps,
            self.counts(),
            tuple(self.trace.lines),
            self.chaos.acts,
            tuple(self.trace.events or ()),
            tuple(part.name for part in self.parts),
        )

    async def _play(self) -> None:
        stopped: asyncio.Future[None] = self.loop.create_future()
        self.trace.on_failure = lambda: stopped.done() or stopped.set_result(None)
        story = asyncio.ensure_future(self._story())
        checks = asyncio.ensure_future(self._check())
        await asyncio.wait({story, checks, stopped}, return_when=asyncio.FIRST_COMPLETED)
        for each in (story, checks):
            if each.done() and (error := each.exception()) is not None:
                self.broken(f"{type(error).__name__}: {error}", error)

    async def _story(self) -> None:
        scenario = self.scenario
        for part in self.parts:
            part.start()
        await asyncio.sleep(scenario.warm_up)
        self.faulty = True
        await self.chaos.run(scenario.chaos)
        self.faulty = False
        self.network.heal()
        self.trace.note("world", "faults stop, everything is destroyed")
        for part in self.parts:
            part.doomed = 0
        self.followed = False
        for each in self.orchestrator.parts:
            if each.standby is not None:
                each.standby.leave()
        self.operator.wind_down()
        for framework in self.frameworks:
            framework.draining = True
        deadline = self.loop.time() + scenario.quiet_within
        while (left := self.invariants.left()) is not None:
            if self.loop.time() > deadline:
                raise Broken(f"after {scenario.quiet_within:g} quiet seconds there is still: {left}")
            await asyncio.sleep(2.0)
        self.trace.note("world", "nothing is left")
        self.loop.note_failed_tasks()
        self.invariants.check_end()
        if self.loop.errors:
            raise Broken(f"an error that nobody handled: {self.loop.errors[0]}")

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            self.invariants.check()
            if self.loop.errors:
                raise Broken(f"an error that nobody handled: {self.loop.errors[0]}")

    def counts(self) -> dict[str, int]:
        """How much happened, to see that a scenario is worth something."""
        return {
            "operations": sum(len(f.operations) for f in self.frameworks),
            "tasks": sum(len(f.tasks) for f in self.frameworks),
            "started": sum(len(a.host.tasks_started) for a in self.agents),
            "executors": sum(a.host.executors_started for a in self.agents),
            "volumes": self.operator.made,
            "calls": sum(len(a.plugin.disk.requests) for a in self.agents),
            "kills": sum(part.kills for part in self.parts),
            "tried again": self.operator.wishes["tried again"],
            "given up": self.operator.wishes["given up"],
            "expanded": self.operator.wishes["expanded"],
            "not expanded": self.operator.wishes["not expanded"],
            "reserved": self.operator.reserving.done["reserved"],
            "given back": self.operator.reserving.done["given back"],
            "hosts reconfigured": self.operator.reconfiguring.done["reconfigured"],
            **{
                f"agents {what}": self.operator.departures.done[what]
                for what in ("drained", "left", "removed")
            },
            "hosts left empty": self.operator.departures.done["left empty"],
            "registries restored": self.restorations.done,
            "quota set": self.operator.decrees.done["set"],
            "leaderships": sum(part.leaderships for part in self.orchestrator.parts),
        }

    def close(self) -> None:
        for database in (self.server, *(part.database for part in self.orchestrator.parts)):
            if isinstance(database, SimDisk):
                database.close()
            elif database is not None:
                database.disk.close()
        for agent in self.agents:
            agent.disk.close()
            agent.storage_disk.close()


def play(
    seed: int, scenario: Scenario | None = None, cut: Cut | None = None, *, draw: bool = False
) -> Outcome:
    """Run one seed, by default in its own scenario."""
    with tempfile.TemporaryDirectory(prefix="orlop-sim-") as scratch:
        return Cluster(seed, scratch, scenario or Scenario.of(seed), cut, draw=draw).run()
