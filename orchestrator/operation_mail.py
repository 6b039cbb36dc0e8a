"""What is said of operations, and to whom: to their providers through agents, and to their owners.

It words and sends. It decides nothing, and nothing of it is repeated here: whoever decides does that.
"""

from __future__ import annotations

from api.wire.v1 import mesos
from orchestrator import messages
from orchestrator.messages import status_uuid
from orchestrator.records import OperationRecord
from orchestrator.sessions import AgentSessions, FrameworkSessions
from orchestrator.state import ClusterState


class OperationMail:
    """The way out for operations."""

    def __init__(self, state: ClusterState, agents: AgentSessions, frameworks: FrameworkSessions) -> None:
        self._state = state
        self._agents = agents
        self._frameworks = frameworks

    # To providers.

    def send(self, record: OperationRecord) -> None:
        """APPLY_OPERATION, and that it was given up when it was; nothing when the provider is not here."""
        provider = self._state.provider((record.agent_id, record.provider_id))
        if record.terminal or provider is None:
            return  # sent when the provider is back, if there is still a need
        self._agents.send(
            record.agent_id, messages.apply_operation(self._agents.epoch, record, provider.version)
        )
        if record.abandoned is not None:
            self.abandon(record)

    def abandon(self, record: OperationRecord) -> None:
        """ABANDON_OPERATION of one that was sent before."""
        message = messages.abandon_operation(self._agents.epoch, record)
        self._agents.send(record.agent_id, message)

    def retry(self, record: OperationRecord) -> None:
        """RETRY_OPERATION of one that was sent before."""
        self._agents.send(record.agent_id, messages.retry_operation(self._agents.epoch, record))

    def ask(self, agent_id: str, provider_id: str | None, operations: list[bytes]) -> None:
        """RECONCILE_OPERATIONS: what became of these, by UUID."""
        if operations:
            message = messages.reconcile_operations(self._agents.epoch, provider_id, operations)
            self._agents.send(agent_id, message)

    def acknowledge(
        self, uuid: bytes, agent_id: str, provider_id: str | None, status: mesos.OperationStatus
    ) -> None:
        """The status has arrived for good; nothing when it needs no acknowledgement."""
        told = status_uuid(status)
        if told:
            message = messages.acknowledge_operation(self._agents.epoch, uuid, provider_id, told)
            self._agents.send(agent_id, message)

    # To owners.

    def tell_outcome(self, record: OperationRecord) -> None:
        """Tell an owner again how its operation ended, unless it has acknowledged that by now."""
        if not record.acknowledged:
            self.tell(record, record.statuses[-1])

    def tell(self, record: OperationRecord, status: mesos.OperationStatus) -> None:
        """A status to the framework that gave the operation an id; nobody else is told."""
        if record.framework_id is not None and record.operation_id is not None:
            owner = self._state.frameworks.get(record.framework_id)
            self._frameworks.send(record.framework_id, messages.operation_updated(status, owner))
