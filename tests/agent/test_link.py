"""The link: who is obeyed, what is said first, and how it comes back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import UNSET

from agent.connection import ConnectionLost
from agent.link_stream import StreamConnection, StreamConnector
from api.wire.v1 import link, mesos
from tests.agent.world import FRAMEWORK, World, task


async def test_an_agent_keeps_its_id_and_tells_the_epoch_it_obeys(world: World) -> None:
    world.orchestrator.epoch = 4
    await world.started()
    first = world.orchestrator.registrations[0]
    assert first.agent_info.id is UNSET
    await world.crash()
    await world.started()
    again = world.orchestrator.registrations[-1]
    assert again.agent_info.id == mesos.AgentID(value="agent-1")
    assert again.highest_epoch == 4


async def test_an_orchestrator_of_a_lower_epoch_is_not_obeyed(world: World) -> None:
    world.orchestrator.epoch = 4
    agent = await world.started()
    world.orchestrator.epoch = 3
    await world.orchestrator.run_task(task("t1"), FRAMEWORK)
    await world.orchestrator.until(lambda: len(world.orchestrator.registrations) > 2)
    assert not agent.link.connected
    assert len(agent.tasks) == 0
    assert "epoch 3" in str(agent.link.last_error)
    world.orchestrator.epoch = 5
    await world.orchestrator.until(lambda: agent.link.connected)
    assert agent.highest_epoch == 5


async def test_a_silent_orchestrator_is_given_up(world: World) -> None:
    world.orchestrator.timeout = 0.2
    agent = await world.started()
    world.orchestrator.answers = False
    await world.orchestrator.until(lambda: not agent.link.connected)
    world.orchestrator.answers = True
    await world.orchestrator.until(lambda: agent.link.connected)


async def test_an_idle_link_is_kept_by_heartbeats(world: World) -> None:
    world.orchestrator.timeout = 0.3
    agent = await world.started()
    await asyncio.sleep(0.8)
    assert agent.link.connected
    assert len(world.orchestrator.registrations) == 1


async def test_a_refused_agent_says_why_and_tries_again(world: World) -> None:
    world.orchestrator.refusal = link.OrchestratorMessageRefused(message="upgrade me first", permanent=True)
    agent = await world.start()
    await world.orchestrator.until(lambda: len(world.orchestrator.registrations) == 2)
    assert "upgrade me first" in str(agent.link.last_error)
    world.orchestrator.refusal = None
    await world.orchestrator.until(lambda: agent.link.connected)
    assert agent.link.last_error is None


async def test_tasks_outlive_the_link_and_are_told_at_the_next_registration(world: World) -> None:
    agent = await world.started()
    await world.orchestrator.run_task(task("t1"), FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    world.orchestrator.reachable = False
    await world.orchestrator.drop()
    await world.orchestrator.until(lambda: not agent.link.connected)
    world.host.end(world.host.running[0], 3)
    await world.orchestrator.until(lambda: agent.tasks.records[0].terminal)
    world.orchestrator.reachable = True
    await world.orchestrator.until(lambda: "TASK_FAILED" in world.orchestrator.states("t1"))
    assert [t.task_id.value for t in world.orchestrator.registrations[-1].tasks] == ["t1"]
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)


async def test_an_unacknowledged_status_is_sent_again_after_a_registration(world: World) -> None:
    world.orchestrator.acknowledges = False
    agent = await world.started()
    await world.orchestrator.run_task(task("t1", "exit 0"), FRAMEWORK)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_RUNNING"])
    await asyncio.sleep(0.05)
    assert world.orchestrator.states("t1") == ["TASK_RUNNING"], "the next waits for the acknowledgement"
    world.orchestrator.messages.clear()
    world.orchestrator.acknowledges = True
    await world.orchestrator.drop()
    await world.orchestrator.until(
        lambda: world.orchestrator.states("t1") == ["TASK_RUNNING", "TASK_FINISHED"]
    )
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)


async def test_the_same_story_over_a_real_socket(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        world.orchestrator.accept(StreamConnection(reader, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    world.connector = StreamConnector(host, port)
    try:
        agent = await world.started()
        await world.orchestrator.run_task(task("t1", "exit 7"), FRAMEWORK)
        await world.orchestrator.until(
            lambda: world.orchestrator.states("t1") == ["TASK_RUNNING", "TASK_FAILED"]
        )
        await world.orchestrator.drop()
        await world.orchestrator.until(lambda: len(world.orchestrator.registrations) == 2)
        await world.orchestrator.until(lambda: agent.link.connected)
    finally:
        await world.close()
        server.close()


async def test_an_unreachable_orchestrator_is_tried_again(tmp_path: Path) -> None:
    world = World(tmp_path)
    with pytest.raises(ConnectionLost):
        await StreamConnector("127.0.0.1", 1).connect()
    world.orchestrator.reachable = False
    try:
        agent = await world.start()
        await asyncio.sleep(0.05)
        assert "nobody is there" in str(agent.link.last_error)
        world.orchestrator.reachable = True
        await world.orchestrator.until(lambda: agent.link.connected)
    finally:
        await world.close()


async def test_an_orchestrator_that_does_not_read_is_given_up_and_nothing_is_lost(world: World) -> None:
    world.link = replace(world.link, outbox=3)
    agent = await world.started()
    world.orchestrator.reads.clear()
    for number in range(200):
        agent.tasks.kill(
            link.OrchestratorMessageKillTask(
                framework_id=mesos.FrameworkID(value="fw"), task_id=mesos.TaskID(value=f"unknown-{number}")
            )
        )
    await world.orchestrator.until(lambda: "wait" in str(agent.link.last_error))
    world.orchestrator.reads.set()
    await world.orchestrator.until(lambda: agent.link.connected)
