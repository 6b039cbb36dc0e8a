"""Statuses that a provider should not have sent: of what is not its own, and of what cannot be."""

from __future__ import annotations

import uuid

from api.wire.v1 import link, mesos, resource_provider
from orchestrator.records import OperationRecord
from tests.orchestrator.scripted import PROVIDER, ScriptedAgent
from tests.orchestrator.test_core import Cluster, accept_disk, acknowledge, cluster, until

__all__ = ["cluster"]

State = mesos.OperationState
STRANGER = "provider-2"


async def accepted(cluster: Cluster) -> tuple[ScriptedAgent, OperationRecord]:
    agent = ScriptedAgent()
    agent.busy = True
    await accept_disk(cluster, agent)
    await until(lambda: agent.heard)
    (record,) = cluster.orchestrator.ledger.operations.values()
    return agent, record


def status(state: State, message: str = "") -> mesos.OperationStatus:
    return mesos.OperationStatus(
        state=state, message=message, uuid=mesos.UUID(value=uuid.UUID(int=7).bytes), converted_resources=[]
    )


def tell(agent: ScriptedAgent, provider: str, operation: bytes, told: mesos.OperationStatus) -> None:
    update = resource_provider.CallUpdateOperationStatus(
        operation_uuid=mesos.UUID(value=operation), status=told
    )
    content = link.AgentMessageUpdateOperationStatus(
        resource_provider_id=mesos.ResourceProviderID(value=provider), update=update
    )
    agent.tell(
        link.AgentMessage(type=link.AgentMessageType.UPDATE_OPERATION_STATUS, update_operation_status=content)
    )


def report(agent: ScriptedAgent, provider: str, operation: bytes, told: mesos.OperationStatus) -> None:
    known = mesos.Operation(info=mesos.OfferOperation(), latest_status=told, uuid=mesos.UUID(value=operation))
    state = resource_provider.CallUpdateState(
        resource_version_uuid=mesos.UUID(value=uuid.UUID(int=8).bytes), operations=[known]
    )
    info = mesos.ResourceProviderInfo(
        id=mesos.ResourceProviderID(value=provider), type="test", name="stranger"
    )
    agent.tell_report(link.AgentMessageUpdateProvider(resource_provider_info=info, update_state=state))


def acknowledged_at(agent: ScriptedAgent) -> list[str]:
    return [
        message.acknowledge_operation_status.resource_provider_id.value
        for message in agent.received
        if isinstance(
            message.acknowledge_operation_status, link.OrchestratorMessageAcknowledgeOperationStatus
        )
        and isinstance(message.acknowledge_operation_status.resource_provider_id, mesos.ResourceProviderID)
    ]


async def test_an_operation_is_not_ended_by_another_provider_than_its_own(cluster: Cluster) -> None:
    agent, record = await accepted(cluster)
    tell(agent, STRANGER, record.uuid, status(State.OPERATION_FAILED, "not mine"))
    report(agent, STRANGER, record.uuid, status(State.OPERATION_FAILED, "not mine"))
    await until(lambda: STRANGER in acknowledged_at(agent))  # so that it stops saying so
    assert not record.terminal and record.trouble is None
    agent.work_off()
    await until(lambda: record.terminal)
    assert record.statuses[-1].state is State.OPERATION_FINISHED
    assert PROVIDER not in acknowledged_at(agent), "its framework has not acknowledged it yet"


async def test_an_end_that_cannot_be_is_shown_and_the_operation_stays_open(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    agent.busy = True
    framework, session = await accept_disk(cluster, agent)
    await until(lambda: agent.heard)
    (record,) = cluster.orchestrator.ledger.operations.values()
    tell(agent, PROVIDER, record.uuid, status(State.OPERATION_FINISHED))
    shown = cluster.orchestrator.standings.latest(record)
    assert shown.state is State.OPERATION_PENDING
    assert "0 disks instead of one" in str(shown.message) and "mend the provider" in str(shown.message)
    agent.work_off()
    await until(session.operation_statuses)
    (told,) = session.operation_statuses()
    assert told.state is State.OPERATION_FINISHED
    await acknowledge(cluster.orchestrator, framework, told)
