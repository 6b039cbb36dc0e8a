"""The model operator's hand that configures hosts anew, with less and with more; agents run then, or not.

In the end every host has again what it had. What has to hold is what always has to: nothing is offered or
granted that is not there, and who loses its resources is told.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from api.model.resource import Resource
from api.model.values import Scalar

if TYPE_CHECKING:
    from tests.simulation.agents import AgentPart
    from tests.simulation.trace import Trace

SHARES = (250, 500, 1000, 1000, 2000)
"""Of what a host has at the beginning, in thousandths."""


class ReconfiguringHand:
    """In half of the seeds no host changes."""

    def __init__(self, seed: int, trace: Trace, agents: Sequence[AgentPart]) -> None:
        self._dice = random.Random(f"{seed}-reconfigurations")
        self._plays = self._dice.random() < 0.5
        self._trace = trace
        self._agents = agents
        self.done: Counter[str] = Counter()

    async def run(self, is_over: Callable[[], bool]) -> None:
        """Configure agents anew until `is_over`; then give all of them what they had at the beginning."""
        while True:
            await asyncio.sleep(self._dice.uniform(1.0, 12.0))
            if not self._plays:
                continue
            if is_over():
                for agent in self._agents:
                    agent.reconfigure(agent.own_at_first)
                continue
            agent = self._dice.choice(self._agents)
            wanted = tuple(self._changed(each) for each in agent.own_at_first)
            self.done["reconfigured"] += 1
            self._trace.note("operator", f"{agent.name} is configured with {', '.join(map(str, wanted))}")
            agent.reconfigure(wanted)

    def _changed(self, resource: Resource) -> Resource:
        assert isinstance(resource.value, Scalar)
        return replace(resource, value=Scalar(resource.milli * self._dice.choice(SHARES) // 1000))
