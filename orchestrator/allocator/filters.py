"""Filters: what a framework refused on an agent is not offered to it again until the filter ends.

A filter suppresses what lies within the refused; more breaks through. Each agent keeps one bit per
framework and role that says whether there is any filter, so that the refused amounts are looked up
only when there is one. A filter outlives at least one run over the whole cluster, however short it is.

No clock here: the time is passed in, in seconds of the caller's own scale.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import TYPE_CHECKING

from orchestrator.allocator.config import MAX_FILTERS_PER_CLIENT
from orchestrator.allocator.holdings import Holding

if TYPE_CHECKING:
    from orchestrator.allocator.agents import Agent
    from orchestrator.allocator.clients import Client


# Ends of filters that have gone already are kept up to as many as there are filters, plus these.
_SLACK = 64


class Filter:
    """One refusal. `batch`: how many whole runs there had been when it was made."""

    __slots__ = ("agent", "batch", "client", "is_gone", "refused", "until")

    def __init__(self, agent: Agent, client: Client, refused: Holding, until: float, batch: int) -> None:
        self.agent = agent
        self.client = client
        self.refused = refused
        self.until = until
        self.batch = batch
        self.is_gone = False


class Filters:
    """All filters in force. `lifted` is told of each agent that may now be offered again."""

    def __init__(self, max_filters: int, lifted: Callable[[Agent], None]) -> None:
        self._max = max_filters
        self._lifted = lifted
        self._ends: list[tuple[float, int, Filter]] = []
        self._overdue: list[Filter] = []
        self._made = 0
        self._alive = 0
        self.batches = 0

    def __len__(self) -> int:
        return self._alive

    def install(self, agent: Agent, client: Client, refused: Holding, until: float) -> None:
        made = Filter(agent, client, refused, until, self.batches)
        present = agent.filters.setdefault(client, [])
        for old in list(present):
            if old.until <= until and agent.covers(refused, old.refused):
                self._drop(old)
        present = agent.filters.setdefault(client, [])
        present.append(made)
        agent.filtered |= client.bit
        self._made += 1
        self._alive += 1
        heapq.heappush(self._ends, (until, self._made, made))
        if len(present) > MAX_FILTERS_PER_CLIENT:
            self._lift(present[0])
        while self._alive > self._max:
            self._lift_soonest()
        if len(self._ends) > 2 * self._alive + _SLACK:
            self._ends = [end for end in self._ends if not end[2].is_gone]
            heapq.heapify(self._ends)

    def expire(self, now: float) -> None:
        """Lifts those that ended and have seen a whole run; the others wait for theirs."""
        waiting = []
        for overdue in self._overdue:
            if not overdue.is_gone:
                self._lift(overdue) if overdue.batch < self.batches else waiting.append(overdue)
        while self._ends and self._ends[0][0] <= now:
            ended = heapq.heappop(self._ends)[2]
            if not ended.is_gone:
                self._lift(ended) if ended.batch < self.batches else waiting.append(ended)
        self._overdue = waiting

    def clear_client(self, client: Client, agents: list[Agent]) -> None:
        """Lifts all of a framework's filters in one role."""
        for agent in agents:
            if agent.filtered & client.bit:
                for present in list(agent.filters.get(client, ())):
                    self._lift(present)

    def clear_agent(self, agent: Agent) -> None:
        for present in [f for found in agent.filters.values() for f in found]:
            self._drop(present)

    def _lift_soonest(self) -> None:
        while self._overdue:
            overdue = self._overdue.pop()
            if not overdue.is_gone:
                self._lift(overdue)
                return
        soonest = heapq.heappop(self._ends)[2]
        if not soonest.is_gone:
            self._lift(soonest)

    def _lift(self, ended: Filter) -> None:
        self._drop(ended)
        self._lifted(ended.agent)

    def _drop(self, ended: Filter) -> None:
        agent, client = ended.agent, ended.client
        ended.is_gone = True
        self._alive -= 1
        present = agent.filters[client]
        present.remove(ended)
        agent.unblock(client)
        if not present:
            del agent.filters[client]
            agent.filtered &= ~client.bit
