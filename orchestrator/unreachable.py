"""Agents that stay away: from when on nobody can say how their tasks are, and who is told.

    connected --lost--> away --`after_loss`--> unreachable --registers--> connected
    from the registry --`after_start`--> unreachable

Unreachable is knowledge, not an outcome: tasks run on, and when the agent is back their frameworks are told
how they are. Meanwhile what they use counts for no quota and no share, and is offered to nobody. Nothing of
it is written: after a start agents are awaited anew. Must not: end anything, or decide that an agent is lost
(its link does).
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from api.model.clock import Clock
from orchestrator import messages
from orchestrator.executors import Executors
from orchestrator.operations import Operations
from orchestrator.sessions import FrameworkSessions
from orchestrator.state import Agent, ChangeKind, ClusterState, StateChange
from orchestrator.tasks import Tasks

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
"""Between two looks at who has been away for too long."""

AT_ONCE: Final = 20
"""Agents that are given up in one turn of the event loop: when a whole site is cut off, others get theirs."""


class Unreachable:
    """Watches agents that are away. `after_loss`, `after_start`: seconds."""

    def __init__(
        self,
        state: ClusterState,
        tasks: Tasks,
        executors: Executors,
        operations: Operations,
        frameworks: FrameworkSessions,
        clock: Clock,
        *,
        after_loss: float,
        after_start: float,
    ) -> None:
        self._state = state
        self._tasks = tasks
        self._executors = executors
        self._operations = operations
        self._frameworks = frameworks
        self._clock = clock
        self._after_loss = after_loss
        self._after_start = after_start
        # Agent -> when it is given up (monotonic seconds), earliest first: in each, all wait equally long.
        self._lost: dict[str, float] = {}
        self._awaited: dict[str, float] = {}
        state.listen(self._changed, of=(Agent,))

    def recover(self) -> None:
        """Wait for the agents of the registry, after a start."""
        until = self._clock.monotonic() + self._after_start
        self._awaited = dict.fromkeys(self._state.agents, until)

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            is_more = self.look()
            await asyncio.sleep(0 if is_more else LOOK_SECONDS)

    def look(self) -> bool:
        """Give up the agents that have been away for too long; True when there are more of them."""
        now, given_up = self._clock.monotonic(), 0
        for waiting in (self._lost, self._awaited):
            while waiting:
                agent_id, until = next(iter(waiting.items()))
                if until > now:
                    break
                if given_up == AT_ONCE:
                    return True
                del waiting[agent_id]
                agent = self._state.agents[agent_id]
                if agent.away_since is not None:  # else it is just being admitted
                    given_up += 1
                    self._give_up(agent)
        return False

    def _changed(self, change: StateChange) -> None:
        agent = change.subject
        if not isinstance(agent, Agent):
            return
        agent_id = agent.agent_id
        if agent.away_since is None or change.kind is ChangeKind.AGENT_REMOVED:
            self._lost.pop(agent_id, None)
            self._awaited.pop(agent_id, None)
        elif agent.unreachable_since is None and agent_id not in self._awaited:
            self._lost.setdefault(agent_id, self._clock.monotonic() + self._after_loss)

    def _give_up(self, agent: Agent) -> None:
        log.warning("agent %s at %s is unreachable: its frameworks are told", agent.agent_id, agent.address)
        agent.unreachable_since = self._clock.now()
        if agent.registered_at is None:  # when it was lost after that, this was told then
            self._operations.agent_lost(agent.agent_id)
        self._tasks.agent_unreachable(agent)
        self._executors.agent_unreachable(agent.agent_id)
        event = messages.agent_failed(agent.agent_id)
        for framework_id in self._frameworks.peers():
            self._frameworks.send(framework_id, event)
        self._state.changed(ChangeKind.AGENT_UPDATED, agent)
