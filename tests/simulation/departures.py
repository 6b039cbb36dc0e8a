"""The model operator's hand that takes agents away: drained, deactivated, brought back, removed for good.

A host whose agent was removed comes back as another agent's, without anything of the former one. What must
hold is looked at from outside: an agent that is said to be drained runs nothing and has nothing mounted.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import TYPE_CHECKING

from api.wire.v1 import mesos
from orchestrator.daemon import Orchestrator
from orchestrator.gone_agents import UnknownAgent
from orchestrator.withdrawal import Mode, NotNow
from tests.simulation.parts import NoAnswer
from tests.simulation.trace import Broken

if TYPE_CHECKING:
    from tests.simulation.agents import AgentPart
    from tests.simulation.cluster import Cluster
    from tests.simulation.trace import Trace

PATIENCE = 60.0
"""Virtual seconds that a host is left to an agent that was removed, to end what it runs."""


ON_THE_WAY = ("CONTROLLER_PUBLISH", "NODE_STAGE", "NODE_PUBLISH", "NODE_UNPUBLISH", "NODE_UNSTAGE")
"""States of volumes that something is just done with."""


class Departures:
    """In half of the seeds nobody leaves."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._dice = random.Random(f"{cluster.seed}-departures")
        self._plays = self._dice.random() < 0.5
        self.done: Counter[str] = Counter()

    async def run(self, is_over: asyncio.Event) -> None:
        """Take agents away until `is_over`; then bring all back that can be, again and again."""
        while True:
            try:
                async with asyncio.timeout(self._dice.uniform(1.0, 10.0)):
                    await is_over.wait()
                    await asyncio.sleep(3.0)
            except TimeoutError:
                pass
            if is_over.is_set():
                for agent in self._cluster.agents:
                    await self._do(agent, "reactivated")
            elif self._plays:
                agent = self._dice.choice(self._cluster.agents)
                what = ("drained", "drained", "drained", "left", "deactivated", "reactivated", "reactivated")
                await self._do(agent, self._dice.choice((*what, "removed")))

    async def _do(self, agent: AgentPart, what: str) -> None:
        agent_id = agent.agent_id
        seconds = self._dice.choice((None, 0.0, 2.0, 30.0))
        forced = self._dice.random() < 0.5

        async def ask(rooms: Orchestrator) -> None:
            if what == "deactivated":
                await rooms.draining.deactivate(agent_id)
            elif what == "reactivated":
                await rooms.draining.reactivate(agent_id, force=forced)
            elif what == "removed":
                await rooms.draining.mark_gone(agent_id)
            else:
                config = mesos.DrainConfig(mark_gone=what == "left")
                if seconds is not None:
                    config.max_grace_period = mesos.DurationInfo(nanoseconds=int(seconds * 1e9))
                await rooms.draining.drain(agent_id, config)

        if not agent_id:
            return
        while True:
            try:
                await self._cluster.orchestrator.ask(ask)
                break
            except NoAnswer:
                await asyncio.sleep(self._dice.uniform(0.1, 2.0))
            except (NotNow, UnknownAgent) as refusal:
                self._trace.note("operator", f"{agent.name} is not {what}: {type(refusal).__name__}")
                break
        self.done[what] += 1
        self._trace.note("operator", f"{agent.name} is {what}")
        await self._renew_if_gone(agent, agent_id)

    async def _renew_if_gone(self, agent: AgentPart, agent_id: str) -> None:
        """The host of an agent that is gone, by whichever way, becomes another agent's."""
        rooms = self._cluster.orchestrator.rooms
        if rooms is None or agent_id not in rooms.registrar.gone_agents:
            return
        end = self._cluster.loop.time() + PATIENCE
        while self._cluster.loop.time() < end and not agent.is_left:  # noqa: ASYNC110 - seen from outside
            await asyncio.sleep(1.0)
        if agent.agent_id == agent_id:
            self.done["left empty" if agent.is_left else "left as it was"] += 1
            agent.renew()

    @property
    def _trace(self) -> Trace:
        return self._cluster.trace


class Departed:
    """What must hold of agents that are said to be drained, looked at from outside."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._seen: set[bytes] = set()
        """Drains whose end was looked at: later operations may mount something for a while."""

    def check(self, rooms: Orchestrator) -> None:
        """Raises Broken: something runs there, or is offered, or is mounted at the end of the drain."""
        for agent in self._cluster.agents:
            view = rooms.state.agents.get(agent.agent_id)
            if view is None or view.is_offered:
                continue
            require(not rooms.offers.of_agent(view.agent_id), f"{agent.name} is withdrawn, and offered")
            if view.withdrawal.mode is Mode.DRAINED:
                assert view.withdrawal.drain is not None
                self._check_emptied(agent, rooms, view.withdrawal.drain.uuid)

    def _check_emptied(self, agent: AgentPart, rooms: Orchestrator, drain: bytes) -> None:
        running = [
            container_id
            for container_id, container in agent.host.containers.items()
            if container.exit is None and container_id != agent.host.plugin_container
        ]
        require(not running, f"{agent.name} is drained, and runs {running}")
        if drain in self._seen or rooms.operations.held(agent.agent_id):
            return
        known = agent.checkpoint()
        if any(not record.state.is_terminal for record in known.operations) or any(
            str(volume.state) in ON_THE_WAY for volume in known.volumes
        ):
            return  # what somebody gave up meanwhile is put back by the provider
        self._seen.add(drain)
        mounted = [v.id for v in agent.plugin.disk.volumes.values() if v.attached or v.staged or v.published]
        require(not (agent.tells_rest and mounted), f"{agent.name} is drained, and {mounted} are mounted")


def require(holds: object, what: str) -> None:
    if not holds:
        raise Broken(what)
