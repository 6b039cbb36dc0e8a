"""Operations without an outcome: what each keeps from being offered, and where they are.

Pure bookkeeping: when an operation begins and ends is decided by `operations`.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.model.operation import Operation
from api.model.resources import Resources
from api.wire.convert_operations import operation_from_wire
from orchestrator.effects import holds_of
from orchestrator.index import Index
from orchestrator.records import OperationRecord


@dataclass(frozen=True, slots=True)
class Flight:
    """One of them, read once, and what it holds."""

    operation: Operation
    holds: Resources


class InFlight:
    """All of them, in the order in which they were accepted."""

    def __init__(self) -> None:
        self._flights: dict[bytes, Flight] = {}
        self._by_agent: Index[str, OperationRecord] = Index()

    def begin(self, record: OperationRecord, operation: Operation, holds: Resources) -> None:
        self._flights[record.uuid] = Flight(operation, holds)
        self._by_agent.add(record.agent_id, record.uuid, record)

    def take_up(self, record: OperationRecord) -> None:
        """One that was accepted before the start."""
        operation = operation_from_wire(record.info)
        self.begin(record, operation, holds_of(record, operation))

    def end(self, record: OperationRecord) -> Flight:
        """It has its outcome. Returns what it was."""
        self._by_agent.remove(record.agent_id, record.uuid)
        return self._flights.pop(record.uuid)

    def operation(self, record: OperationRecord) -> Operation:
        return self._flights[record.uuid].operation

    def held(self, agent_id: str) -> list[tuple[OperationRecord, Resources]]:
        """What those on one agent hold."""
        return [(record, self._flights[record.uuid].holds) for record in self._by_agent.of(agent_id)]

    def of_agent(self, agent_id: str) -> list[OperationRecord]:
        return self._by_agent.of(agent_id)

    def of_provider(self, agent_id: str, provider_id: str | None) -> list[OperationRecord]:
        """Those at one provider; None: on the agent's own resources."""
        return [record for record in self._by_agent.of(agent_id) if record.provider_id == provider_id]
