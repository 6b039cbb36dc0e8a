"""Who is here: what is known of the agents and resource providers that operations belong to.

It looks at knowledge and says where it stands; what a framework is told of it is the table in
`reconciliation`. It changes nothing.
"""

from __future__ import annotations

from api.wire.v1 import mesos
from orchestrator.ledger import Ledger
from orchestrator.reconciliation import AgentStanding, ProviderStanding, pending_status
from orchestrator.records import OperationRecord
from orchestrator.registrar import Registrar
from orchestrator.state import ClusterState


class Standings:
    """Agents and providers as they stand now."""

    def __init__(self, state: ClusterState, ledger: Ledger, registrar: Registrar) -> None:
        self._state = state
        self._ledger = ledger
        self._registrar = registrar

    def of_agent(self, agent_id: str | None) -> AgentStanding:
        """What is known of an agent; None when it is not named."""
        agent = self._state.agents.get(agent_id) if agent_id is not None else None
        if agent is None:
            return AgentStanding.GONE if agent_id in self._registrar.gone_agents else AgentStanding.UNKNOWN
        if agent.connected:
            return AgentStanding.REGISTERED
        return AgentStanding.RECOVERED if agent.is_awaited else AgentStanding.UNREACHABLE

    def of_provider(self, agent_id: str | None, provider_id: str | None) -> ProviderStanding:
        """What is known of a provider on that agent; None is the agent's own resources."""
        if provider_id is None or agent_id is None:
            return ProviderStanding.NOT_NAMED
        if self.is_gone(agent_id, provider_id):
            return ProviderStanding.GONE
        if self._state.provider((agent_id, provider_id)) is not None:
            return ProviderStanding.SUBSCRIBED
        agent = self._state.agents.get(agent_id)
        seen = agent is not None and provider_id in agent.departed
        if seen or (agent_id, provider_id) in self._ledger.served:
            return ProviderStanding.AWAY
        return ProviderStanding.UNKNOWN

    def is_gone(self, agent_id: str, provider_id: str | None) -> bool:
        """Whether an operator removed the provider for good."""
        return provider_id is not None and (agent_id, provider_id) in self._registrar.gone_providers

    def is_here(self, record: OperationRecord) -> bool:
        """Whether the provider of an operation can be spoken to now."""
        agent = self.of_agent(record.agent_id)
        provider = self._state.provider((record.agent_id, record.provider_id))
        return agent is AgentStanding.REGISTERED and provider is not None

    def latest(self, record: OperationRecord) -> mesos.OperationStatus:
        """How an operation stands, as far as is known: its outcome, or why there is none yet."""
        if record.terminal:
            return record.statuses[-1]
        agent = self.of_agent(record.agent_id)
        return pending_status(record, agent, self.of_provider(record.agent_id, record.provider_id))
