"""KILL reaches the agent: after the launch that it is for, and also when the agent was away."""

from __future__ import annotations

import asyncio

from api.wire.v1 import link, mesos
from store.port import Change
from tests.orchestrator.hosting import HostingAgent
from tests.orchestrator_api.cluster import ApiCluster, Json, until
from tests.orchestrator_api.test_scheduler import cpus, is_pool, launch

Sent = link.OrchestratorMessageType


def sent(cluster: ApiCluster) -> list[Sent]:
    wanted = (Sent.RUN_TASK, Sent.KILL_TASK)
    return [message.type for message in cluster.agent.received if message.type in wanted]


async def test_a_kill_that_follows_its_launch_at_once_does_not_overtake_it(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    call = launch(await scheduler.offer(is_pool), [cpus(1)])
    begin = cluster.store.submit

    async def slow_write(*changes: Change) -> None:
        await asyncio.sleep(0.1)
        await begin(*changes)

    def submit(*changes: Change, at_once: bool = False) -> asyncio.Future[None]:
        return asyncio.ensure_future(slow_write(*changes))

    cluster.store.submit = submit  # type: ignore[method-assign]
    accepting = asyncio.ensure_future(scheduler.call("ACCEPT", call))
    await until(lambda: cluster.orchestrator.state.tasks)
    assert not sent(cluster), "the launch is accepted and not durable yet"
    assert (await scheduler.call("KILL", {"task_id": {"value": "task-1"}}))[0] == 202
    await accepting
    assert sent(cluster) == [Sent.RUN_TASK, Sent.KILL_TASK]


async def test_a_kill_is_sent_again_when_the_agent_that_was_away_is_back(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    assert (await scheduler.call("ACCEPT", launch(offer, [cpus(1)])))[0] == 202
    agent = cluster.agent
    agent.tasks["task-1"] = mesos.Task(
        name="t",
        task_id=mesos.TaskID(value="task-1"),
        framework_id=mesos.FrameworkID(value=scheduler.framework_id),
        agent_id=mesos.AgentID(value=str(agent.agent_id)),
        state=mesos.TaskState.TASK_RUNNING,
    )
    cluster.orchestrator.agents.disconnected(str(agent.agent_id), agent)
    assert (await scheduler.call("KILL", {"task_id": {"value": "task-1"}}))[0] == 202
    assert sent(cluster) == [Sent.RUN_TASK]
    await cluster.join()
    assert sent(cluster) == [Sent.RUN_TASK, Sent.KILL_TASK]


def kill_task(framework_id: str, task_id: str) -> Json:
    named = {"framework_id": {"value": framework_id}, "task_id": {"value": task_id}}
    return {"type": "KILL_TASK", "kill_task": named}


async def test_an_operator_ends_a_task_of_any_framework(cluster: ApiCluster) -> None:
    cluster.agent = agent = HostingAgent()
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    assert (await scheduler.call("ACCEPT", launch(offer, [cpus(1)])))[0] == 202
    call = kill_task(scheduler.framework_id, "task-1")
    assert await cluster.post("/api/v1", call) == (202, "")
    (sent,) = [message.kill_task for message in agent.received if message.kill_task]
    assert sent.task_id.value == "task-1"
    agent.become("task-1", mesos.TaskState.TASK_KILLED)
    status, text = await cluster.post("/api/v1", call)
    assert (status, "ended already" in text) == (409, True)
    status, text = await cluster.post("/api/v1", kill_task(scheduler.framework_id, "x" * 10_000))
    assert (status, "is not known" in text, len(text) < 1000) == (404, True, True)
    assert (await cluster.post("/api/v1", {"type": "KILL_TASK"}))[0] == 400
