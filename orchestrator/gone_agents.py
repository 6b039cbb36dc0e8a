"""Agents removed for good by an operator, and what becomes of all that was theirs. In one write.

    tasks, executors       ended: GONE_BY_OPERATOR (LOST for frameworks that are not partition-aware)
    operations             ended: GONE_BY_OPERATOR, told until acknowledged
    operators' volumes     FAILED when there was nothing of them yet, else NEEDS_OPERATOR: to be forgotten
    reservations, quota    free: what was reserved or in use there counts for nobody any more

An agent that is gone cannot come back: it is told to end what it runs, and refused at its next registration.
The data on its disks is not touched. Must not: decide when an agent goes.
"""

from __future__ import annotations

import logging

from api.model.clock import Clock
from api.model.errors import InvalidRequest
from orchestrator import messages
from orchestrator.allocator import Allocator
from orchestrator.executors import Executors
from orchestrator.journal import Transaction
from orchestrator.offers import Offers
from orchestrator.operations import Operations
from orchestrator.provisioning import Provisioning
from orchestrator.registrar import Registrar
from orchestrator.sessions import AgentSessions, FrameworkSessions
from orchestrator.state import Agent, ChangeKind, ClusterState
from orchestrator.tasks import Tasks
from orchestrator.withdrawal import Step

log = logging.getLogger(__name__)

SHOWN = 255
"""Characters of an unknown id that an answer repeats."""


class UnknownAgent(InvalidRequest):
    """No agent of this id is known; the operator looks it up."""

    def __init__(self, agent_id: str, *, is_gone: bool = False) -> None:
        why = "was removed for good" if is_gone else "is not known: see GET_AGENTS (`orlop agents`)"
        super().__init__(f"agent {agent_id[:SHOWN]!r} {why}")


class GoneAgents:
    """Takes agents out of the cluster."""

    def __init__(
        self,
        state: ClusterState,
        registrar: Registrar,
        allocator: Allocator,
        offers: Offers,
        tasks: Tasks,
        executors: Executors,
        operations: Operations,
        provisioning: Provisioning,
        agents: AgentSessions,
        frameworks: FrameworkSessions,
        clock: Clock,
    ) -> None:
        self._state = state
        self._registrar = registrar
        self._allocator = allocator
        self._offers = offers
        self._tasks = tasks
        self._executors = executors
        self._operations = operations
        self._provisioning = provisioning
        self._agents = agents
        self._frameworks = frameworks
        self._clock = clock

    def remove(self, transaction: Transaction, agent: Agent) -> None:
        """The agent is gone from here on, and durably with the transaction."""
        agent_id = agent.agent_id
        log.warning("agent %s (%s) is removed for good", agent_id, agent.info.hostname)
        transaction.add(self._registrar.agent_gone(agent_id, agent.info.hostname, self._clock.now()))
        self._offers.rescind_on(agent_id)
        self._tasks.agent_gone(transaction, agent_id)
        self._executors.agent_gone(transaction, agent_id)
        self._operations.agent_gone(transaction, agent_id)
        self._provisioning.provider_gone(transaction, agent_id, None)
        for provider_id in list(agent.providers):
            self._state.changed(ChangeKind.PROVIDER_REMOVED, agent.providers.pop(provider_id))
        if agent_id in self._allocator.agents:
            self._allocator.remove_agent(agent_id)
        self._offers.pause.agent_is_back(agent_id)  # it is not waited for
        agent.connected = False
        agent.withdrawal = agent.withdrawal.after(Step.MARK_GONE, self._clock.now())
        del self._state.agents[agent_id]
        self._state.changed(ChangeKind.AGENT_REMOVED, agent)
        transaction.afterwards(lambda: self._tell(agent_id))

    def _tell(self, agent_id: str) -> None:
        gone = messages.agent_gone(self._agents.epoch, messages.gone_reason(agent_id))
        self._agents.send(agent_id, gone)
        self._agents.close(agent_id, "it was removed for good")
        event = messages.agent_failed(agent_id)
        for framework_id in self._frameworks.peers():
            self._frameworks.send(framework_id, event)
