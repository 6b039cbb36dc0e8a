"""What a framework is told when it asks for the state of an operation.

Pure: knowledge in, a status out. UNREACHABLE, RECOVERING and UNKNOWN say what the orchestrator
knows, never what became of the operation. An answer carries no UUID: it needs no acknowledgement.
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
    RECOVERED = "admitted before the orchestrator started, not back yet, and waited for"
    REGISTERED = "connected"
    UNREACHABLE = "was connected since the start, or is waited for no longer, and is not connected now"
    GONE = "removed for good by an operator"


class ProviderStanding(Enum):
    """What is known of the resource provider that the framework names."""

    NOT_NAMED = "the agent's own resources"
    SUBSCRIBED = "subscribed"
    AWAY = "its agent knows it, or it has had operations, and it is not subscribed now"
    UNKNOWN = "its agent does not know it, and nothing was asked of it"
    GONE = "removed for good by an operator"


_A, _P = AgentStanding, ProviderStanding

# (agent, provider) -> the answer about an operation that is not in the ledger.
ANSWERS: dict[tuple[AgentStanding, ProviderStanding], State] = {
    **{(_A.UNKNOWN, provider): State.OPERATION_UNKNOWN for provider in _P},
    **{(_A.RECOVERED, provider): State.OPERATION_RECOVERING for provider in _P},
    **{(_A.UNREACHABLE, provider): State.OPERATION_UNREACHABLE for provider in _P},
    (_A.REGISTERED, _P.NOT_NAMED): State.OPERATION_UNKNOWN,
    (_A.REGISTERED, _P.SUBSCRIBED): State.OPERATION_UNKNOWN,
    (_A.REGISTERED, _P.UNKNOWN): State.OPERATION_UNKNOWN,
    (_A.REGISTERED, _P.AWAY): State.OPERATION_RECOVERING,
    # An operator's word stands, whatever is known of the agent.
    **{(agent, _P.GONE): State.OPERATION_GONE_BY_OPERATOR for agent in _A},
    **{(_A.GONE, provider): State.OPERATION_GONE_BY_OPERATOR for provider in _P},
}

# (agent, provider) -> the state of an operation that is in the ledger and has no outcome.
UNFINISHED: dict[tuple[AgentStanding, ProviderStanding], State] = {
    **ANSWERS,
    (_A.REGISTERED, _P.NOT_NAMED): State.OPERATION_PENDING,
    (_A.REGISTERED, _P.SUBSCRIBED): State.OPERATION_PENDING,
}

MESSAGES: dict[State, str] = {
    State.OPERATION_UNKNOWN: "no operation of this id is known",
    State.OPERATION_RECOVERING: "not known yet: its agent or resource provider is not back; ask again later",
    State.OPERATION_UNREACHABLE: "not known: its agent is not connected; ask again later",
    State.OPERATION_GONE_BY_OPERATOR: "its resource provider or agent was removed for good by an operator",
}

WAITS: dict[State, str] = {
    State.OPERATION_RECOVERING: "its agent or resource provider is not back yet: it goes on by itself then",
    State.OPERATION_UNREACHABLE: "its agent is not connected: it goes on by itself when it is back",
}
"""Why an accepted operation has no outcome, when nobody has said more."""


def pending_status(
    record: OperationRecord, agent: AgentStanding, provider: ProviderStanding
) -> mesos.OperationStatus:
    """How an operation of the ledger without an outcome stands."""
    state = UNFINISHED[agent, provider]
    status = mesos.OperationStatus(
        state=state, agent_id=mesos.AgentID(value=record.agent_id), timestamp=record.created
    )
    message = record.trouble.message if record.trouble is not None else WAITS.get(state)
    if message is not None:
        status.message = message
    if record.operation_id is not None:
        status.operation_id = mesos.OperationID(value=record.operation_id)
    if record.provider_id is not None:
        status.resource_provider_id = mesos.ResourceProviderID(value=record.provider_id)
    return status


def answer_known(latest: mesos.OperationStatus) -> mesos.OperationStatus:
    """The answer about an operation in the ledger, of which `latest` is known."""
    return structs.replace(latest, uuid=UNSET)


def answer_unknown(
    operation_id: mesos.OperationID, agent: AgentStanding, provider: ProviderStanding, now: float
) -> mesos.OperationStatus:
    """The answer about an operation that is not in the ledger. `now`: seconds since the epoch."""
    state = ANSWERS[agent, provider]
    return mesos.OperationStatus(
        operation_id=operation_id, state=state, message=MESSAGES[state], timestamp=now
    )


def gone_status() -> mesos.OperationStatus:
    """The outcome of an operation that nobody is left for to carry out."""
    state = State.OPERATION_GONE_BY_OPERATOR
    return mesos.OperationStatus(state=state, message=MESSAGES[state])


def is_shown(record: OperationRecord) -> bool:
    """Whether an operation is among those that a framework is told of when it names none."""
    return record.operation_id is not None and not (record.terminal and record.acknowledged)
