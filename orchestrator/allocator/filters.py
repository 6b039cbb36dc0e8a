"""Filters: what a framework refused on an agent is not offered to it again until the filter ends.

A filter suppresses what lies within the refused; more breaks through. It outlives at least one run over
the whole cluster, however short it is.

There may be as many as agents times frameworks, so none of them is an object. Like refusals are one holding,
ends are rounded up to a common grid once there are many, and each agent keeps for each pair of (refused, end)
one mask with a bit for every client that it binds: ten million filters are ten thousand masks. One comparison
answers for all clients of a mask.

No clock here: the time is passed in, in seconds of the caller's own scale. It decides nothing about offers.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING

from orchestrator.allocator.config import MAX_REFUSALS, AgentId, InvariantBroken

if TYPE_CHECKING:
    from orchestrator.allocator.agents import Agent
    from orchestrator.allocator.clients import Client
    from orchestrator.allocator.holdings import Holding

# So many masks end just when they were asked to. While there are more, new ends are rounded up, to meet.
EXACT_MASKS = 20_000

# A filter that is rounded may end later by this part of its length, or by one allocation interval.
LATEST = 0.01

FilterKey = tuple["Holding", float]  # what was refused; when those filters end
Masks = dict[FilterKey, int]

_NONE: Masks = {}


def filter_end(until: float, now: float | None, interval: float) -> float:
    """When a filter ends that was asked for until `until`, rounded: never earlier, at most LATEST of its
    length later, or one interval. All ends lie on grids that contain each other, so that they meet."""
    if not math.isfinite(until):
        return until
    step = interval
    if now is not None:
        while 2 * step <= (until - now - interval) * LATEST:  # its length, less what `now` may be old
            step *= 2
    end = math.ceil(until / step) * step
    return end if end >= until else end + step


def blocked(agent: Agent, offered: Holding) -> int:
    """The bits of all clients that have refused this, or more, on the agent."""
    found = 0
    for (refused, _), mask in (agent.filters or _NONE).items():
        if refused is offered or agent.covers(refused, offered):
            found |= mask
    return found


def refuses(agent: Agent, client: Client, offered: Holding) -> bool:
    """Whether a filter of the client suppresses the offer."""
    return bool(agent.filtered & client.bit) and any(
        agent.covers(refused, offered) for refused, _ in _of(agent, client.bit)
    )


def covering(agent: Agent, client: Client, offered: Holding) -> list[FilterKey]:
    """The client's filters that suppress the offer, the last to end first."""
    found = [key for key in _of(agent, client.bit) if agent.covers(key[0], offered)]
    return sorted(found, key=lambda key: -key[1])


def _known(agent: Agent, refused: Holding) -> Holding:
    """The like holding that somebody refused before, if anybody did."""
    for known, _ in reversed(agent.filters or _NONE):
        if known.is_like(refused):
            return known
    return refused


def _of(agent: Agent, bit: int) -> list[FilterKey]:
    return [key for key, mask in (agent.filters or _NONE).items() if mask & bit]


def _either(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


class Filters:
    """All filters in force. `lifted` is told of each agent that may now be offered again.

    Invariant: `_ends` names, for each end, exactly the agents with a mask that ends then; its keys are those
    in `_coming` (a heap) and `_overdue`, each once. `_masks` counts the masks.
    _maybe: bits of the clients that may have filters somewhere.
    _parted: agents that have left and are expected back, with their filters, which end meanwhile as ever.
    _fresh: of each mask, those set since the last run over all agents, which must see one first.
    batches: runs over all agents so far.
    """

    def __init__(
        self,
        max_masks: int,
        interval: float,
        lifted: Callable[[Agent], None],
        exact_masks: int = EXACT_MASKS,
    ) -> None:
        """`interval`: the allocation interval in seconds. `max_masks`: beyond it the masks that end soonest
        are dropped, so that their frameworks are merely asked again a little early."""
        self._max_masks = max_masks
        self._interval = interval
        self._lifted = lifted
        self._exact_masks = exact_masks
        self._now: float | None = None
        self._ends: dict[float, dict[Agent, None]] = {}
        self._coming: list[float] = []
        self._overdue: list[float] = []
        self._fresh: dict[tuple[Agent, FilterKey], int] = {}
        self._masks = 0
        self._maybe = 0
        self._parted: dict[AgentId, Agent] = {}
        self.batches = 0

    def __len__(self) -> int:
        """How many are in force. Counts them: for people and tests."""
        return sum(
            mask.bit_count()
            for end, agents in self._ends.items()
            for agent in agents
            for key, mask in (agent.filters or _NONE).items()
            if key[1] == end
        )

    def check(self, agent: Agent) -> None:
        """Raises InvariantBroken when the agent's books of filters contradict each other."""
        masks = agent.filters or _NONE
        if any(mask <= 0 for mask in masks.values()) or agent.filtered != _either(masks.values()):
            raise InvariantBroken(f"filter bits of {agent.id} differ from its filters")
        for _, end in masks:
            if agent not in self._ends.get(end, ()):
                raise InvariantBroken(f"nobody will lift the filters of {agent.id} that end at {end:g}")

    # Setting

    def install(self, agent: Agent, client: Client, refused: Holding, until: float) -> None:
        """From now until `until`, rounded up if there are many, and for one run over all agents at least."""
        if self._masks >= self._exact_masks:
            until = filter_end(until, self._now, self._interval)
        key = (_known(agent, refused), until)
        bit = client.bit
        if agent.filtered & bit:
            self._make_room(agent, bit, key)
        mask = (agent.filters or _NONE).get(key)
        if agent.filters is None or mask is None:
            self._begin(agent, key, bit)
        else:
            agent.filters[key] = mask | bit
        agent.filtered |= bit
        self._maybe |= bit
        self._fresh[agent, key] = self._fresh.get((agent, key), 0) | bit

    def _begin(self, agent: Agent, key: FilterKey, bit: int) -> None:
        end = key[1]
        if self._masks >= max(self._max_masks, 1):
            self._drop_soonest()
        agents = self._ends.get(end)
        if agents is None:
            agents = self._ends[end] = {}  # stays, even emptied, until that time: there are few ends
            heapq.heappush(self._coming, end)
        agents[agent] = None
        if agent.filters is None:
            agent.filters = {}
        agent.filters[key] = bit
        self._masks += 1

    def _make_room(self, agent: Agent, bit: int, new: FilterKey) -> None:
        """Takes away what the client's new filter says as well, and the soonest of too many."""
        refused, end = new
        others = [key for key in _of(agent, bit) if key != new]
        kept = [key for key in others if key[1] > end or not agent.covers(refused, key[0])]
        for key in others:
            if key not in kept:
                self._take(agent, key, bit)
        if len(kept) >= MAX_REFUSALS:
            self._take(agent, min(kept, key=lambda key: key[1]), bit)
            self._tell(agent, bit)

    # Ending

    def expire(self, now: float) -> None:
        """Lifts those that ended by `now` and have seen a whole run; the others wait for theirs."""
        self._now = now
        while self._coming and self._coming[0] <= now:
            self._overdue.append(heapq.heappop(self._coming))
        if self._overdue:
            self._overdue = [end for end in self._overdue if not self._lift_end(end)]

    def binding(self, agent: Agent, client: Client, offered: Holding) -> list[FilterKey]:
        """The client's filters that suppress the offer and outlive the next `expire`, the longest first."""
        now = -math.inf if self._now is None else self._now
        fresh = self._fresh
        return [
            key
            for key in covering(agent, client, offered)
            if key[1] > now or fresh.get((agent, key), 0) & client.bit
        ]

    def batch_ended(self) -> None:
        """There was a run over all agents: what was set before it has seen one."""
        self.batches += 1
        self._fresh = {}

    def _lift_end(self, end: float) -> bool:
        """Lifts what may be lifted of those with this end; whether none is left."""
        agents = self._ends[end]
        for agent in list(agents):
            self._lift(agent, end, self._fresh)
        if not agents:
            del self._ends[end]
        return not agents

    def _drop_soonest(self) -> None:
        """Makes room for a mask: those of one agent that end soonest go, whether they saw a run or not."""
        soonest = min(end for end, agents in self._ends.items() if agents)
        self._lift(next(iter(self._ends[soonest])), soonest, {})

    def _lift(self, agent: Agent, end: float, kept: Mapping[tuple[Agent, FilterKey], int]) -> None:
        """Lifts the agent's filters that end then, but for those to be kept."""
        lifted = 0
        for key, mask in list((agent.filters or _NONE).items()):
            if key[1] == end:
                lifted |= self._take(agent, key, mask & ~kept.get((agent, key), 0))
        if lifted:
            self._tell(agent, lifted)

    # Clearing

    def clear_client(self, client: Client, agents: Iterable[Agent]) -> None:
        """Lifts all of a framework's filters in one role; at once when it never had any."""
        bit = client.bit
        if not self._maybe & bit:
            return
        self._maybe &= ~bit
        for agent in chain(agents, list(self._parted.values())):
            if agent.filtered & bit:
                for key in _of(agent, bit):
                    self._take(agent, key, bit)
                self._tell(agent, bit)

    def clear_agent(self, agent: Agent) -> None:
        """Lifts all filters on the agent, which left or is another than it was."""
        lifted = 0
        for key, mask in list((agent.filters or _NONE).items()):
            lifted |= self._take(agent, key, mask)
        if lifted:
            self._tell(agent, lifted)

    # Agents that come back

    def part(self, agent: Agent) -> None:
        """It has left, and is expected back as it is: its filters are kept for it."""
        if agent.filters:
            self._parted[agent.id] = agent

    def part_for_good(self, agent_id: AgentId) -> None:
        """One that was expected back is not any more."""
        former = self._parted.pop(agent_id, None)
        if former is not None:
            self.clear_agent(former)

    def join(self, agent: Agent) -> None:
        """An agent is new, or back: then the filters that were kept for it are its own."""
        former = self._parted.pop(agent.id, None)
        if former is None or not former.filters:
            return
        agent.filters, agent.filtered = former.filters, former.filtered
        former.filters, former.filtered = None, 0
        for key in agent.filters:
            agents = self._ends[key[1]]
            agents.pop(former, None)
            agents[agent] = None
            if (fresh := self._fresh.pop((former, key), 0)) != 0:
                self._fresh[agent, key] = fresh

    def _take(self, agent: Agent, key: FilterKey, bits: int) -> int:
        """Takes these bits out of a mask, and returns them; `_tell` must follow."""
        masks = agent.filters or _NONE
        left = masks[key] & ~bits
        if left:
            masks[key] = left
            return bits
        del masks[key]
        self._masks -= 1
        end = key[1]
        if not any(other[1] == end for other in masks):
            del self._ends[end][agent]
        return bits

    def _tell(self, agent: Agent, lifted: int) -> None:
        masks = agent.filters or None
        agent.filters = masks
        agent.filtered = _either(masks.values()) if masks else 0
        self._lifted(agent)
