"""What an operator's operation takes, made free on one agent: no more offers are withdrawn than that needs.

What tasks, unfinished operations and volumes between two steps use stays theirs. The caller accepts the
operation before anything else can happen. It must not: decide whether the operation makes sense, write, send,
or wait.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.model.errors import InvalidRequest
from api.model.operation import Operation
from api.model.resource import Resource
from api.model.resources import EMPTY, NotContained, Resources
from orchestrator.allocator import Allocator
from orchestrator.offers import Offers
from orchestrator.operations import Operations
from orchestrator.placement import NotEnough, taken_from
from orchestrator.provisioning import Provisioning
from orchestrator.quota_claims import QuotaClaims
from orchestrator.state import Agent, ClusterState, Task

USERS_SHOWN = 5
"""Tasks and operations that a refusal names; of those beyond it, the number."""


class UnknownAgent(InvalidRequest):
    """The call names no agent that was ever admitted; see GET_AGENTS."""


class AgentAway(NotEnough):
    """The agent is not connected now: what it has may have changed; the same call may succeed later."""


class Claims:
    """Makes room for operators on agents."""

    def __init__(
        self,
        state: ClusterState,
        allocator: Allocator,
        offers: Offers,
        operations: Operations,
        provisioning: Provisioning,
        quota: QuotaClaims,
    ) -> None:
        self._state = state
        self._allocator = allocator
        self._offers = offers
        self._operations = operations
        self._provisioning = provisioning
        self._quota = quota

    def agent(self, agent_id: str) -> Agent:
        """The agent, which is here. Raises UnknownAgent, AgentAway."""
        agent = self._state.agents.get(agent_id)
        if agent is None:
            raise UnknownAgent(f"agent {agent_id!r} is not known: see GET_AGENTS (`orlop agents`)")
        if not agent.connected:
            raise AgentAway(
                f"agent {agent_id} ({agent.info.hostname}) is not connected: try again when it is back"
            )
        return agent

    def check_quota(self, operation: Operation) -> None:
        """The roles that the operation reserves more for may have it. Raises QuotaExceeded."""
        self._quota.check_operation(operation)

    def make_free(self, agent: Agent, wanted: Resources, in_use: Resources = EMPTY) -> None:
        """`wanted` is there, and nobody's when this returns: offers that hold some of it are rescinded.

        `in_use`: the part that tasks may go on using. Raises NotContained when the agent does not have it,
        NotEnough (naming who) when it is in use; no offer is touched then.
        """
        total = agent.total()
        if not total.contains(wanted):
            raise NotContained(wanted - total, total)
        unused = total - Resources.total(held for _, held in self._in_use(agent, in_use))
        lacking = wanted - unused
        if lacking:
            raise NotEnough(f"{lacking} is in use on agent {agent.agent_id} by {self._users(agent, lacking)}")
        self._withdraw(agent, wanted, unused)
        for pool in wanted.divisible:
            if pool.disk is not None and pool.disk.is_pool:
                self._make_room(agent, pool)

    def _withdraw(self, agent: Agent, wanted: Resources, unused: Resources) -> None:
        outstanding = self._offers.of_agent(agent.agent_id)
        while outstanding:
            lacking = wanted - (unused - Resources.total(offer.resources for offer in outstanding))
            holding = [offer for offer in outstanding if _holds_some(offer.resources, lacking)]
            if not lacking or not holding:
                return
            self._offers.rescind(holding[0])
            outstanding.remove(holding[0])

    def _make_room(self, agent: Agent, pool: Resource) -> None:
        """The pool's siblings draw on the same capacity: offers that hold too much of them go, too."""
        for offer in self._offers.of_agent(agent.agent_id):
            if self._allocator.free(agent.agent_id, pool) >= pool.milli:
                return
            if taken_from(pool, offer.resources):
                self._offers.rescind(offer)
        if self._allocator.free(agent.agent_id, pool) < pool.milli:
            raise NotEnough(
                f"{pool}: the capacity that this pool shares with others is in use: free some there"
            )

    def _in_use(self, agent: Agent, aside: Resources = EMPTY) -> Iterator[tuple[str, Resources]]:
        """What is used on an agent, and by whom. `aside`: what tasks may be using besides."""
        for holder in self._state.holders_on(agent.agent_id):
            name = f"task {holder.label}" if isinstance(holder, Task) else holder.label
            yield name, holder.resources - aside
        for record, held in self._operations.held(agent.agent_id):
            yield f"operation {record.uuid.hex()} ({record.info.type})", held
        for _, held in self._provisioning.held(agent.agent_id):
            yield "a volume in the making", held

    def _users(self, agent: Agent, lacking: Resources) -> str:
        users = [name for name, held in self._in_use(agent) if _holds_some(held, lacking)]
        if len(users) > USERS_SHOWN:
            users[USERS_SHOWN:] = [f"{len(users) - USERS_SHOWN} more"]
        return f"{', '.join(users)}: end what uses it first"


def _holds_some(held: Resources, wanted: Resources) -> bool:
    return wanted - held != wanted
