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

from orchestrator.daemon import OrchestratorConfig
from provider.profiles import default_profiles_text
from provider.volume import Capabilities
from tests.simulation.agents import AgentPart
from tests.simulation.chaos import Chaos
from tests.simulation.frameworks import FrameworkPart
from tests.simulation.invariants import Invariants
from tests.simulation.loop import Deadlock, VirtualLoop
from tests.simulation.network import Network
from tests.simulation.operator import OperatorPart
from tests.simulation.parts import OrchestratorPart, Part
from tests.simulation.trace import Broken, Trace

CHECK_SECONDS = 0.5
"""Virtual seconds between looks at the invariants."""


@dataclass(frozen=True)
class Scenario:
    """How long what lasts, in virtual seconds."""

    warm_up: float = 2.0
    chaos: float = 8.0
    mean_pause: float = 0.7
    quiet_within: float = 1500.0

    @classmethod
    def of(cls, seed: int) -> Scenario:
        """What a seed plays: mostly short, each twentieth five times as long."""
        return cls(chaos=40.0, mean_pause=2.0) if seed % 20 == 0 else cls()


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


class Cluster:
    """One seed's world."""

    def __init__(self, seed: int, scratch: str, *, echo: bool = False) -> None:
        self.seed = seed
        self.scratch = scratch
        rng = random.Random(f"{seed}-cluster")
        self.faults = random.Random(f"{seed}-faults")
        self.faulty = False
        """Whether faults of calls, writes and runtimes are played now."""
        self.loop = VirtualLoop()
        self.context = contextvars.copy_context()
        self.trace = Trace(self.loop.time, echo=echo)
        self.network = Network(self.loop, random.Random(f"{seed}-network"))
        self.profiles_file = Path(scratch) / "profiles.toml"
        self.orchestrator = OrchestratorPart(
            self,
            OrchestratorConfig(allocation_interval=2.0, offer_timeout=10.0, unreachable_after=5.0),
        )
        self.agents = [self._agent(f"agent-{n}", rng) for n in range(rng.choice((1, 1, 2, 3)))]
        roles = ["default", *rng.sample(("red", "default", "blue"), rng.randrange(3))]
        self.frameworks = [
            FrameworkPart(self, f"framework-{n}", role, aware=rng.random() < 0.5)
            for n, role in enumerate(roles)
        ]
        self.operator = OperatorPart(self)
        self.chaos = Chaos(self, random.Random(f"{seed}-chaos"))
        self.invariants = Invariants(self)

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
        return [self.orchestrator, *self.agents, *self.frameworks, self.operator]

    def call_later(self, delay: float, function: Callable[[], object]) -> None:
        """As the world: it survives every process."""
        self.loop.call_later(delay, function, context=self.context)

    def call_is_lost(self) -> bool:
        return self.faulty and self.faults.random() < 0.05

    def broken(self, what: str, error: BaseException | None = None) -> None:
        """An invariant is broken, or a part met what it could not handle."""
        story = "" if error is None else "\n" + "".join(traceback.format_exception(error))
        self.trace.require(False, what + story)

    # The story.

    def run(self, scenario: Scenario) -> Outcome:
        """Play the scenario to its end, or to the first broken invariant."""
        self.profiles_file.write_text(default_profiles_text())
        was_enabled = gc.isenabled()
        gc.disable()  # what a killed process left behind must not wake up at random moments
        try:
            self.loop.run_until_complete(self._play(scenario))
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
        )

    async def _play(self, scenario: Scenario) -> None:
        stopped: asyncio.Future[None] = self.loop.create_future()
        self.trace.on_failure = lambda: stopped.done() or stopped.set_result(None)
        story = asyncio.ensure_future(self._story(scenario))
        checks = asyncio.ensure_future(self._check())
        await asyncio.wait({story, checks, stopped}, return_when=asyncio.FIRST_COMPLETED)
        for each in (story, checks):
            if each.done() and (error := each.exception()) is not None:
                self.broken(f"{type(error).__name__}: {error}", error)

    async def _story(self, scenario: Scenario) -> None:
        for part in self.parts:
            part.start()
        await asyncio.sleep(scenario.warm_up)
        self.faulty = True
        await self.chaos.run(scenario.chaos, scenario.mean_pause)
        self.faulty = False
        for name in sorted(self.network.blocked):
            self.network.partition(name, on=False)
        self.trace.note("world", "faults stop, everything is destroyed")
        for part in self.parts:
            part.doomed = 0
        self.operator.wind_down()
        for framework in self.frameworks:
            framework.draining = True
        deadline = self.loop.time() + scenario.quiet_within
        while (left := self.invariants.left()) is not None:
            if self.loop.time() > deadline:
                raise Broken(f"after {scenario.quiet_within:g} quiet seconds there is still: {left}")
            await asyncio.sleep(2.0)
        self.trace.note("world", "nothing is left")
        self.invariants.check_end()

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
        }

    def close(self) -> None:
        self.orchestrator.disk.close()
        for agent in self.agents:
            agent.disk.close()
            agent.storage_disk.close()


def play(seed: int, scenario: Scenario | None = None, *, echo: bool = False) -> Outcome:
    """Run one seed, by default in its own scenario."""
    with tempfile.TemporaryDirectory(prefix="orlop-sim-") as scratch:
        return Cluster(seed, scratch, echo=echo).run(scenario or Scenario.of(seed))
