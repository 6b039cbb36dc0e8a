"""An agent that stays away: what its frameworks and operators are told, and that nothing is over by it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.daemon import OrchestratorConfig
from orchestrator.journal import Transaction
from tests.orchestrator.hosting import HostingAgent
from tests.orchestrator_api.cluster import ApiCluster, Json, Scheduler, running, until
from tests.orchestrator_api.test_scheduler import cpus, launch

AWARE = [{"type": "PARTITION_AWARE"}]


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[ApiCluster]:
    config = OrchestratorConfig(unreachable_after=0.01, reregister_timeout=0.01)
    async with running(tmp_path, config=config) as made:
        made.agent = HostingAgent()
        await made.join()
        yield made


async def with_a_task(cluster: ApiCluster, **info: object) -> Scheduler:
    scheduler = await cluster.subscribe(**info)  # type: ignore[arg-type]
    offer = await scheduler.offer()
    assert (await scheduler.call("ACCEPT", launch(offer, [cpus(1)])))[0] == 202
    await told(scheduler, "TASK_RUNNING")
    scheduler.stream.records.clear()
    return scheduler


def lose_agent(cluster: ApiCluster) -> None:
    cluster.orchestrator.agents.disconnected(str(cluster.agent.agent_id), cluster.agent)


async def told(scheduler: Scheduler, state: str) -> Json:
    status: Json = (await scheduler.stream.wait("UPDATE", lambda body: body["status"]["state"] == state))[
        "status"
    ]
    return status


@pytest.mark.parametrize(
    ("info", "state"), [({"capabilities": AWARE}, "TASK_UNREACHABLE"), ({}, "TASK_LOST")]
)
async def test_tasks_of_an_agent_that_stays_away_are_told_so_and_again_when_it_is_back(
    cluster: ApiCluster, info: Json, state: str
) -> None:
    scheduler = await with_a_task(cluster, **info)
    operator = await cluster.open("/api/v1", {"type": "SUBSCRIBE"})
    await operator.wait("SUBSCRIBED")
    lose_agent(cluster)
    status = await told(scheduler, state)
    assert (status["reason"], status["source"]) == ("REASON_AGENT_REMOVED", "SOURCE_MASTER")
    assert "uuid" not in status, "nobody has to acknowledge it"
    assert status["unreachable_time"]["nanoseconds"] > 0
    failure = await scheduler.stream.wait("FAILURE")
    assert failure["agent_id"] == status["agent_id"]
    assert "executor_id" not in failure
    assert (await operator.wait("TASK_UPDATED", lambda body: body["state"] == state))["status"] == status
    shown = await cluster.operator("GET_TASKS")
    assert "tasks" not in shown
    assert [task["state"] for task in shown["unreachable_tasks"]] == [state]
    await cluster.join()
    back = await told(scheduler, "TASK_RUNNING")
    assert (back["reason"], "uuid" in back) == ("REASON_AGENT_REREGISTERED", False)
    assert [task["state"] for task in (await cluster.operator("GET_TASKS"))["tasks"]] == ["TASK_RUNNING"]


async def test_an_agent_is_not_given_up_while_its_registration_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, config=OrchestratorConfig(unreachable_after=0.0)) as cluster:
        rooms, cluster.agent = cluster.orchestrator, HostingAgent()
        written, looked = rooms.journal.commit_soon, []

        def written_slowly(transaction: Transaction) -> asyncio.Future[None]:
            connected = [agent.connected for agent in rooms.state.agents.values()]
            if connected == [False]:  # else it is what the agent says when it is here
                looked.append(connected)
                rooms.unreachable.look()
            return written(transaction)

        monkeypatch.setattr(rooms.journal, "commit_soon", written_slowly)
        for _ in range(2):  # a new agent; then the same one, after it was unreachable
            await cluster.join()
            (agent,) = rooms.state.agents.values()
            assert (agent.connected, agent.unreachable_since) == (True, None)
            lose_agent(cluster)
            rooms.unreachable.look()
            assert agent.unreachable_since is not None
        assert looked == [[False], [False]]


async def test_a_task_that_is_unreachable_is_reconciled_as_such_and_may_still_end(
    cluster: ApiCluster,
) -> None:
    scheduler = await with_a_task(cluster, capabilities=AWARE)
    lose_agent(cluster)
    await told(scheduler, "TASK_UNREACHABLE")
    agent_id = {"value": str(cluster.agent.agent_id)}
    for tasks in ([], [{"task_id": {"value": "task-1"}}]):
        scheduler.stream.records.clear()
        assert (await scheduler.call("RECONCILE", {"tasks": tasks}))[0] == 202
        status = await told(scheduler, "TASK_UNREACHABLE")
        assert (status["reason"], "unreachable_time" in status) == ("REASON_RECONCILIATION", True)
    unknown = {"task_id": {"value": "another"}, "agent_id": agent_id}
    scheduler.stream.records.clear()
    assert (await scheduler.call("RECONCILE", {"tasks": [unknown]}))[0] == 202
    assert (await told(scheduler, "TASK_UNREACHABLE"))["task_id"] == {"value": "another"}
    cluster.agent.tasks.clear()
    await cluster.join()
    dropped = await told(scheduler, "TASK_DROPPED")
    assert dropped["task_id"] == {"value": "task-1"}
    await until(lambda: not cluster.orchestrator.state.tasks)


async def test_agents_that_are_not_back_after_a_start_are_unreachable_when_their_time_is_over(
    cluster: ApiCluster,
) -> None:
    scheduler = await with_a_task(cluster, capabilities=AWARE, failover_timeout=600.0)
    await cluster.stop()
    await cluster.start()
    again = await cluster.subscribe(framework_id=scheduler.framework_id, capabilities=AWARE)
    agent = cluster.orchestrator.state.agents[str(cluster.agent.agent_id)]
    await until(lambda: agent.unreachable_since)
    asked = {"task_id": {"value": "task-1"}, "agent_id": {"value": agent.agent_id}}
    assert (await again.call("RECONCILE", {"tasks": [asked]}))[0] == 202
    await told(again, "TASK_UNREACHABLE")
    assert (await again.call("KILL", asked))[0] == 202, "kept until the agent is back"
    await cluster.join()
    await until(lambda: any(message.kill_task for message in cluster.agent.received))


async def test_quota_has_room_for_those_who_replace_unreachable_tasks_until_these_are_back(
    cluster: ApiCluster,
) -> None:
    quota = {"role": "test", "limits": {"cpus": {"value": 1}}}
    status, text = await cluster.post(
        "/api/v1", {"type": "UPDATE_QUOTA", "update_quota": {"quota_configs": [quota]}}
    )
    assert status == 200, text
    scheduler = await with_a_task(cluster, capabilities=AWARE)
    consumed = cluster.orchestrator.allocator.consumed
    assert consumed("test")["cpus"] == 1000
    lose_agent(cluster)
    await told(scheduler, "TASK_UNREACHABLE")
    assert not consumed("test").get("cpus")
    await cluster.join()
    await told(scheduler, "TASK_RUNNING")
    assert consumed("test")["cpus"] == 1000
    cluster.orchestrator.allocator.validate()
