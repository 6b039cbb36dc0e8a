"""What a framework is told of operations that it asks about."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec import UNSET

from api.wire.v1 import mesos
from api.wire.v1 import scheduler as event
from orchestrator.journal import Transaction
from orchestrator.reconciliation import (
    ANSWERS,
    MESSAGES,
    UNFINISHED,
    AgentStanding,
    ProviderStanding,
    answer_known,
    answer_unknown,
    is_shown,
    pending_status,
)
from orchestrator.records import OperationRecord
from store.port import StoreFailed
from tests.orchestrator_api.cluster import ApiCluster, Json, running
from tests.orchestrator_api.test_scheduler import create_disk, is_pool, made_disk

State = mesos.OperationState
A, P = AgentStanding, ProviderStanding


def record(*statuses: mesos.OperationStatus, terminal: bool = False) -> OperationRecord:
    return OperationRecord(
        uuid=b"u" * 16,
        framework_id="f",
        operation_id="op",
        agent_id="a",
        provider_id="p",
        role="r",
        info=mesos.OfferOperation(),
        digest=b"",
        created=5.0,
        statuses=list(statuses),
        terminal=terminal,
    )


@pytest.mark.parametrize(
    ("agent", "provider", "state"),
    [
        (A.UNKNOWN, P.NOT_NAMED, State.OPERATION_UNKNOWN),
        (A.UNKNOWN, P.SUBSCRIBED, State.OPERATION_UNKNOWN),
        (A.RECOVERED, P.NOT_NAMED, State.OPERATION_RECOVERING),
        (A.RECOVERED, P.UNKNOWN, State.OPERATION_RECOVERING),
        (A.UNREACHABLE, P.NOT_NAMED, State.OPERATION_UNREACHABLE),
        (A.UNREACHABLE, P.AWAY, State.OPERATION_UNREACHABLE),
        (A.REGISTERED, P.NOT_NAMED, State.OPERATION_UNKNOWN),
        (A.REGISTERED, P.SUBSCRIBED, State.OPERATION_UNKNOWN),
        (A.REGISTERED, P.AWAY, State.OPERATION_RECOVERING),
        (A.REGISTERED, P.UNKNOWN, State.OPERATION_UNKNOWN),
        *((agent, P.GONE, State.OPERATION_GONE_BY_OPERATOR) for agent in A),
    ],
)
def test_an_unknown_operation_is_answered_by_what_is_known_of_its_place(
    agent: AgentStanding, provider: ProviderStanding, state: State
) -> None:
    status = answer_unknown(mesos.OperationID(value="x"), agent, provider, 7.0)
    assert (status.state, status.uuid, status.timestamp) == (state, UNSET, 7.0)


def test_there_is_an_answer_for_every_standing_and_a_reason_for_every_answer() -> None:
    assert set(ANSWERS) == set(UNFINISHED) == {(agent, provider) for agent in A for provider in P}
    assert set(ANSWERS.values()) == set(MESSAGES)


@pytest.mark.parametrize(
    ("agent", "provider", "state"),
    [
        (A.REGISTERED, P.NOT_NAMED, State.OPERATION_PENDING),
        (A.REGISTERED, P.SUBSCRIBED, State.OPERATION_PENDING),
        (A.REGISTERED, P.AWAY, State.OPERATION_RECOVERING),
        (A.RECOVERED, P.AWAY, State.OPERATION_RECOVERING),
        (A.RECOVERED, P.NOT_NAMED, State.OPERATION_RECOVERING),
        (A.UNREACHABLE, P.SUBSCRIBED, State.OPERATION_UNREACHABLE),
        (A.UNREACHABLE, P.NOT_NAMED, State.OPERATION_UNREACHABLE),
    ],
)
def test_a_known_operation_without_an_outcome_is_answered_by_who_has_it(
    agent: AgentStanding, provider: ProviderStanding, state: State
) -> None:
    status = answer_known(pending_status(record(), agent, provider))
    assert (status.state, status.uuid) == (state, UNSET)
    assert status.operation_id == mesos.OperationID(value="op")
    assert (status.message is UNSET) == (state is State.OPERATION_PENDING)


def test_what_stands_in_its_way_is_part_of_the_answer() -> None:
    stuck = record()
    stuck.trouble = mesos.OperationTrouble(message="CreateVolume is being repeated: UNAVAILABLE", times=4)
    status = pending_status(stuck, A.REGISTERED, P.SUBSCRIBED)
    assert (status.state, status.message) == (State.OPERATION_PENDING, stuck.trouble.message)


def test_a_known_operation_is_answered_with_its_last_status_to_be_acknowledged_by_nobody() -> None:
    told = mesos.OperationStatus(state=State.OPERATION_FAILED, uuid=mesos.UUID(value=b"s" * 16))
    status = answer_known(told)
    assert (status.state, status.uuid) == (State.OPERATION_FAILED, UNSET)
    assert told.uuid is not UNSET


def test_what_was_told_and_acknowledged_is_only_answered_by_name() -> None:
    ended = record(terminal=True)
    assert is_shown(ended)
    ended.acknowledged = True
    assert not is_shown(ended)


async def test_agents_and_providers_that_are_away_are_said_to_be_so(cluster: ApiCluster) -> None:
    scheduler, status = await made_disk(cluster)
    agent_id = str(cluster.agent.agent_id)
    entry = {
        "operation_id": {"value": "x"},
        "agent_id": {"value": agent_id},
        "resource_provider_id": status["resource_provider_id"],
    }
    told: list[Json] = []

    async def ask(name: str) -> str:
        named = {**entry, "operation_id": {"value": name}}
        assert (await scheduler.call("RECONCILE_OPERATIONS", {"operations": [named]}))[0] == 202
        body = await scheduler.stream.wait(
            "UPDATE_OPERATION_STATUS", lambda body: body["status"]["operation_id"]["value"] == name
        )
        told.append(body)
        return str(body["status"]["state"])

    assert await ask("here") == "OPERATION_UNKNOWN"
    cluster.orchestrator.state.agents[agent_id].providers.pop(status["resource_provider_id"]["value"])
    assert await ask("no provider") == "OPERATION_RECOVERING"
    session = cluster.orchestrator.agent_sessions.get(agent_id)
    assert session is not None
    cluster.orchestrator.agents.disconnected(agent_id, session)
    assert await ask("no agent") == "OPERATION_UNREACHABLE"
    assert all("again later" in body["status"]["message"] for body in told[1:])


async def test_an_outcome_that_is_not_durable_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were it lost with this leader, the operation would end otherwise under the next."""
    async with running(tmp_path) as cluster:
        cluster.agent.deaf = True
        await cluster.join()
        scheduler = await cluster.subscribe()
        assert await scheduler.call("ACCEPT", create_disk(await scheduler.offer(is_pool), 4000)) == (202, "")
        rooms = cluster.orchestrator
        barrier = rooms.journal.barrier

        async def overtaken() -> None:
            await barrier()
            monkeypatch.undo()
            ended = Transaction()
            rooms.operations.agent_gone(ended, str(cluster.agent.agent_id))
            ended.add(lambda connection: 1 // 0)
            rooms.journal.commit_soon(ended)

        monkeypatch.setattr(rooms.journal, "barrier", overtaken)
        await scheduler.call("RECONCILE_OPERATIONS", {"operations": [{"operation_id": {"value": "op-1"}}]})
        async with asyncio.timeout(30):
            assert isinstance(await rooms.failed, StoreFailed)
        later = event.Event(type=event.EventType.FAILURE, failure=event.EventFailure())
        rooms.framework_sessions.send(scheduler.framework_id, later)
        await scheduler.stream.wait("FAILURE")
        assert not scheduler.stream.of_type("UPDATE_OPERATION_STATUS")
