"""When an allocation runs: soon after something new may be on offer, and once an interval for everything.

Who knows that an agent or a framework is new says so here; what is said until the next run is one run, over
just those agents. What merely comes free (an offer declined, a task ended, a reservation made) waits for the
batch. Must not: decide who is offered what.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Final

SOON_SECONDS: Final = 0.01
"""That triggers may gather before the run that answers them."""


AGENTS_TOGETHER: Final = 200
"""Agents that a run visits at once, with some 0.1 ms for an offer."""


class Triggers:
    """The agents to visit with the next run. `agents`: the ids of all there are."""

    def __init__(self, agents: Callable[[], Iterable[str]]) -> None:
        self._agents = agents
        self._named: set[str] = set()
        self._all = False
        self._wanted = asyncio.Event()

    def agent(self, agent_id: str) -> None:
        """An agent is new, or has something that it had not: it may be offered."""
        self._named.add(agent_id)
        self._wanted.set()

    def every_agent(self) -> None:
        """A framework is new, or wants offers again: it may be offered any of them."""
        self._all = True
        self._wanted.set()

    async def wait(self) -> None:
        """Until there is something to take."""
        await self._wanted.wait()

    def take(self) -> set[str]:
        """The agents to visit; they are forgotten."""
        named = set(self._agents()) if self._all else self._named
        self._named, self._all = set(), False
        self._wanted.clear()
        return named


class AllocationLoop:
    """Calls `allocate` with the agents that were triggered, and once an interval with None: all of them."""

    def __init__(
        self,
        allocate: Callable[[set[str] | None], None],
        triggers: Triggers,
        interval: float,
        due: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """`due`: the agents that a batch would visit."""
        self._due = due
        self._allocate = allocate
        self._triggers = triggers
        self._interval = interval

    async def run(self) -> None:
        """Until cancelled. One run at a time; a batch that is late is not made up for."""
        loop = asyncio.get_running_loop()
        batch = loop.time() + self._interval
        while True:
            if await self._triggered_until(batch):
                await self._in_parts(self._triggers.take())
            else:
                self._triggers.take()
                await self._batch()
                batch = loop.time() + self._interval

    async def _batch(self) -> None:
        """Many agents in parts; what is left then, and whatever else a batch ends, in one go."""
        due = self._due()
        if len(due) > AGENTS_TOGETHER:
            await self._in_turns(due)
        self._allocate(None)

    async def _in_parts(self, agents: set[str]) -> None:
        """A framework that is new may be offered all agents there are: others have their turn in between."""
        if len(agents) <= AGENTS_TOGETHER:
            self._allocate(agents)
        else:
            await self._in_turns(sorted(agents))

    async def _in_turns(self, ordered: Sequence[str]) -> None:
        for first in range(0, len(ordered), AGENTS_TOGETHER):
            self._allocate(set(ordered[first : first + AGENTS_TOGETHER]))
            await asyncio.sleep(0)

    async def _triggered_until(self, batch: float) -> bool:
        """Whether a run is wanted before the batch is due; a batch answers all triggers, too."""
        try:
            async with asyncio.timeout_at(batch):
                await self._triggers.wait()
                await asyncio.sleep(SOON_SECONDS)
        except TimeoutError:
            return False
        return True
