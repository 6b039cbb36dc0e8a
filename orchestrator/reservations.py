"""Operators' reservations and volumes on any agent: RESERVE_RESOURCES, UNRESERVE_RESOURCES, CREATE_VOLUMES,
DESTROY_VOLUMES of the operator API.

Each becomes one ordinary operation in the ledger, which nobody but the orchestrator waits for. Judges the
request and makes room for it; what it does is `operations`'. No I/O here.
"""

from __future__ import annotations

from api.model.errors import InvalidRequest
from api.model.operation import Create, Destroy, Operation, consumed, provider_of, resources_of
from api.model.operation_rules import validate
from api.model.resource import Resource
from api.wire.convert_operations import operation_from_wire
from api.wire.v1 import mesos
from orchestrator.claims import Claims
from orchestrator.journal import Journal, Transaction
from orchestrator.operations import Operations
from orchestrator.provisioning import Provisioning
from orchestrator.records import OperationRecord
from orchestrator.state import Agent
from orchestrator.volume_requests import VolumeConflict


class Reservations:
    """Carries out what operators reserve, give back, and make persistent."""

    def __init__(
        self, claims: Claims, operations: Operations, provisioning: Provisioning, journal: Journal
    ) -> None:
        self._claims = claims
        self._operations = operations
        self._provisioning = provisioning
        self._journal = journal

    async def carry_out(self, agent_id: str, info: mesos.OfferOperation) -> OperationRecord:
        """Accept an operation on one agent; durable when it returns. The same again is another operation.

        Raises InvalidRequest (it can never be), StaleView (what it takes is not there, or in use, or an
        operator's volume, which has calls of its own).
        """
        operation = operation_from_wire(info)
        validate(operation)
        agent = self._claims.agent(agent_id)
        self._check_volumes(agent, operation)
        self._claims.check_quota(operation)
        self._claims.make_free(agent, consumed(operation))
        transaction = Transaction()
        record = self._operations.accept(
            transaction,
            info=info,
            operation=operation,
            agent_id=agent_id,
            provider_id=provider_of(operation),
        )
        await self._journal.commit(transaction)
        return record

    def _check_volumes(self, agent: Agent, operation: Operation) -> None:
        """Raises InvalidRequest for a name that is taken, VolumeConflict for what PROVISION_VOLUME made."""
        volumes = resources_of(operation)
        if isinstance(operation, Create):
            names = {_name(each) for each in agent.total().counted if each.is_persistent}
            for volume in volumes:
                if _name(volume) in names:
                    raise InvalidRequest(
                        f"CREATE of {volume}: role {volume.role!r} has a volume of this persistence id on "
                        "the agent: choose another"
                    )
        if isinstance(operation, Destroy):
            for volume in volumes:
                if (mine := self._provisioning.operators_volume(volume)) is not None:
                    raise VolumeConflict(
                        f"DESTROY of {volume}: it is an operator's volume with a name: use "
                        f"DEPROVISION_VOLUME (`orlop volume destroy {mine.name}`)"
                    )


def _name(volume: Resource) -> tuple[str, str]:
    assert volume.disk is not None and volume.disk.persistence is not None
    return volume.role, volume.disk.persistence.id
