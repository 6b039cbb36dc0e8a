"""What a framework is told when it asks for the state of an operation.

Pure: knowledge in, a status out. UNREACHABLE, RECOVERING and UNKNOWN say what the orchestrator
knows, never what became of the operation. GONE_BY_OPERATOR joins the table with the call that
removes an agent for good.
"""

from __future__ import annotations

from enum import Enum

from msgspec import UNSET, structs

from api.wire.v1 import mesos
from orchestrator.records import OperationRecord

State = mesos.OperationState


class AgentStanding(Enum):
    """What is known of the agent that the framework names."""

    UNKNOWN = "never admitted, or not named"
    RECOVERED = "admitted before the orchestrator started, and not back yet"
    REGISTERED = "connected"
    UNREACHABLE = "registered since the start, and not connected now"


class ProviderStanding(Enum):
    """What is known of the resource provider that the framework names."""

    NOT_NAMED = "the agent's own resources"
    SUBSCRIBED = "subscribed"
    AWAY = "has had operations, and is not subscribed now"
    UNKNOWN = "nothing was ever asked of it"


# (agent, provider) -> the answer about an operation that is not in the ledger.
ANSWERS: dict[tuple[AgentStanding, ProviderStanding], State] = {
    **{(AgentStanding.UNKNOWN, provider): State.OPERATION_UNKNOWN for provider in ProviderStanding},
    **{(AgentStanding.RECOVERED, provider): State.OPERATION_RECOVERING for provider in ProviderStanding},
    **{(AgentStanding.UNREACHABLE, provider): State.OPERATION_UNREACHABLE for provider in ProviderStanding},
    (AgentStanding.REGISTERED, ProviderStanding.NOT_NAMED): State.OPERATION_UNKNOWN,
    (AgentStanding.REGISTERED, ProviderStanding.SUBSCRIBED): State.OPERATION_UNKNOWN,
    (AgentStanding.REGISTERED, ProviderStanding.UNKNOWN): State.OPERATION_UNKNOWN,
    (AgentStanding.REGISTERED, ProviderStanding.AWAY): State.OPERATION_RECOVERING,
}

MESSAGES: dict[State, str] = {
    State.OPERATION_UNKNOWN: "no operation of this id is known",
    State.OPERATION_RECOVERING: "not known yet: its agent or resource provider is not back; ask again later",
    State.OPERATION_UNREACHABLE: "not known: its agent is not connected; ask again later",
}


def answer_known(record: OperationRecord) -> mesos.OperationStatus:
    """The latest status of an operation in the ledger: without uuid, so that it needs no acknowledgement."""
    if record.statuses:
        return structs.replace(record.statuses[-1], uuid=UNSET)
    status = mesos.OperationStatus(
        state=State.OPERATION_PENDING,
        agent_id=mesos.AgentID(value=record.agent_id),
        timestamp=record.created,
    )
    if record.operation_id is not None:
        status.operation_id = mesos.OperationID(value=record.operation_id)
    if record.provider_id is not None:
        status.resource_provider_id = mesos.ResourceProviderID(value=record.provider_id)
    return status


def answer_unknown(
    operation_id: mesos.OperationID, agent: AgentStanding, provider: ProviderStanding, now: float
) -> mesos.OperationStatus:
    """The answer about an operation that is not in the ledger. `now`: seconds since the epoch."""
    state = ANSWERS[agent, provider]
    return mesos.OperationStatus(
        operation_id=operation_id, state=state, message=MESSAGES[state], timestamp=now
    )


def is_shown(record: OperationRecord) -> bool:
    """Whether an operation is among those that a framework is told of when it names none."""
    return record.operation_id is not None and not (record.terminal and record.acknowledged)
