"""Two processes on one agent's work directory, and older copies of it that are put back.

The whole cluster, with nothing else that goes wrong. A copy runs on another host, with the same plugin there:
what it would say of tasks and volumes is wrong, and must not reach anybody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from provider.volume import Capabilities
from tests.simulation.agents import AgentPart
from tests.simulation.cluster import Cluster, Scenario
from tests.simulation.trace import Broken

CAPABILITIES = Capabilities(create_delete_volume=True, list_volumes=True, get_capacity=True)
OTHERS = frozenset(("departures", "reconfigurations", "impatience", "decrees"))
Play = Callable[["Copies"], Awaitable[None]]


class Copies(Cluster):
    """One agent at work, and what the test does with its work directory; then all has to come to its end."""

    def __init__(self, scratch: str, plays: Play) -> None:
        super().__init__(3, scratch, Scenario(chaos=0.0, orchestrators=2))
        self.without = OTHERS
        self.agents[:] = [AgentPart(self, "agent-0", CAPABILITIES, skew=0.0)]
        self.copy = AgentPart(self, "agent-0-copy", CAPABILITIES, skew=0.0)
        self._plays = plays

    @property
    def agent(self) -> AgentPart:
        return self.agents[0]

    async def _story(self) -> None:
        for part in self.parts:
            part.start()
        await self.until(lambda: bool(self.agent.agent_id) and len(self.agent.host.tasks_started) > 3)
        await self._plays(self)
        self.operator.wind_down()
        for framework in self.frameworks:
            framework.draining = True
        await self.until(lambda: self.invariants.left() is None, seconds=1500.0)
        self.invariants.check_end()

    async def until(self, holds: Callable[[], bool], seconds: float = 120.0) -> None:
        end = self.loop.time() + seconds
        while not holds():
            if self.loop.time() > end:
                raise Broken(f"not within {seconds:g} s: {self.invariants.left()}")
            await asyncio.sleep(0.5)

    def run_copy(self) -> None:
        self.copy.put_back(self.agent.backup())
        self.copy.start()

    def end_copy(self) -> None:
        self.copy.kill(down=1e9)

    async def remove(self, agent: AgentPart) -> None:
        """As the refusal says: for good, and then the host joins as a new agent."""
        removed = agent.agent_id
        await self.orchestrator.ask(lambda rooms: rooms.draining.mark_gone(removed))
        agent.renew()
        await self.until(lambda: agent.agent_id not in ("", removed))

    def close(self) -> None:
        super().close()
        self.copy.disk.close()
        self.copy.storage_disk.close()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable()
    yield
    logging.disable(before)


def played(scratch: Path, plays: Play) -> None:
    outcome = Copies(str(scratch), plays).run()
    assert outcome.failure is None, outcome.failure


def refusal(part: AgentPart) -> str:
    return (part.agent.link.last_error or "") if part.agent is not None else ""


def is_here(part: AgentPart) -> bool:
    return part.agent is not None and part.agent.link.connected


def test_a_copy_of_a_work_directory_is_kept_out_while_the_agent_is_here(tmp_path: Path) -> None:
    async def plays(cluster: Copies) -> None:
        cluster.run_copy()
        await cluster.until(lambda: "another process is here" in refusal(cluster.copy))
        await asyncio.sleep(60.0)
        assert is_here(cluster.agent) and not is_here(cluster.copy)
        assert cluster.agent.agent is not None and cluster.agent.agent.link.registrations == 1
        cluster.end_copy()

    played(tmp_path, plays)


def test_an_agent_that_is_started_again_is_taken_in_at_once(tmp_path: Path) -> None:
    async def plays(cluster: Copies) -> None:
        cluster.agent.kill(down=0.5)
        await cluster.until(lambda: is_here(cluster.agent), 5.0)

    played(tmp_path, plays)


def test_an_agent_whose_former_link_is_not_known_to_be_lost_is_taken_in_when_it_is(tmp_path: Path) -> None:
    async def plays(cluster: Copies) -> None:
        for orchestrator in cluster.orchestrator.parts:  # its host loses power: nobody is told of its end
            cluster.network.silence("agent-0", orchestrator.name, on=True)
        cluster.agent.kill(down=1.0)
        await asyncio.sleep(0.9)
        cluster.network.forget("agent-0")
        await cluster.until(lambda: "another process is here" in refusal(cluster.agent))
        await cluster.until(lambda: is_here(cluster.agent), 40.0)

    played(tmp_path, plays)


def test_an_older_work_directory_is_refused_until_the_agent_is_removed_for_good(tmp_path: Path) -> None:
    async def plays(cluster: Copies) -> None:
        agent, old = cluster.agent, cluster.agent.backup()
        for _ in range(2):
            agent.kill(down=0.5)
            await cluster.until(lambda: is_here(agent))
        agent.kill(down=3.0)
        agent.put_back(old)
        await cluster.until(lambda: "an older copy was put back" in refusal(agent), 30.0)
        await cluster.remove(agent)

    played(tmp_path, plays)


@pytest.mark.parametrize("ends_first", [False, True])
def test_who_was_replaced_by_a_copy_is_refused_for_good(tmp_path: Path, ends_first: bool) -> None:
    async def plays(cluster: Copies) -> None:
        agent, copy = cluster.agent, cluster.copy
        agent.kill(down=10.0)
        cluster.run_copy()
        await cluster.until(lambda: is_here(copy))
        if ends_first:
            cluster.end_copy()
        await cluster.until(lambda: "was here with a later state" in refusal(agent), 60.0)
        cluster.end_copy()
        await cluster.remove(agent)

    played(tmp_path, plays)
