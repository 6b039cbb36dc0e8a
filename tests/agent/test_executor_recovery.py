"""An agent that died comes back to the same end of its executors and their tasks, wherever it died."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from pathlib import Path

import pytest

from agent.executors.executors import UnknownExecutor
from agent.executors.spec import ExecutorLimits
from api.wire.v1 import executor as wire
from api.wire.v1 import mesos
from store.port import StoreError, StoreFailed
from tests.agent.model_executor import ModelExecutor, State
from tests.agent.world import FRAMEWORK, World, custom_executor, disk, task

MAX_WRITES = 40
"""More than any of the stories below writes; a story that never ends is a fault."""

Reason = mesos.TaskStatusReason
SOURCE_EXECUTOR = mesos.TaskStatusSource.SOURCE_EXECUTOR


async def _running(world: World, executor: ModelExecutor) -> None:
    agent = await world.started()
    await world.orchestrator.run_with(custom_executor(), task("t1"), FRAMEWORK)
    await executor.keep_subscribed(agent)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))


async def test_an_executor_that_subscribes_again_is_handed_nothing_twice(world: World) -> None:
    executor = ModelExecutor()
    await _running(world, executor)
    await world.crash()
    agent = await world.started()
    assert [
        each.executor_info.executor_id.value for each in world.orchestrator.registrations[-1].executors
    ] == ["e1"]
    assert world.orchestrator.registrations[-1].tasks[0].executor_id == mesos.ExecutorID(value="e1")
    await executor.keep_subscribed(agent)
    await executor.say(agent, "t1", State.TASK_FINISHED)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1] == "TASK_FINISHED")
    assert executor.launched == ["t1"] and len(world.host.launched) == 1
    await executor.stop()


async def test_what_it_said_while_the_agent_was_away_is_told_in_order(world: World) -> None:
    executor = ModelExecutor()
    await _running(world, executor)
    agent = world.agent
    assert agent is not None
    await world.crash()
    with contextlib.suppress(Exception):
        await executor.say(agent, "t1", State.TASK_RUNNING, message="halfway")
    with contextlib.suppress(Exception):
        await executor.say(agent, "t1", State.TASK_FINISHED)
    agent = await world.started()
    await executor.keep_subscribed(agent)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1] == "TASK_FINISHED")
    assert world.orchestrator.states("t1") == ["TASK_RUNNING", "TASK_RUNNING", "TASK_FINISHED"]
    await world.orchestrator.until(lambda: not executor.updates)
    await executor.stop()


async def test_an_acknowledgement_that_the_executor_did_not_hear_is_said_again(world: World) -> None:
    executor = ModelExecutor()
    await _running(world, executor)
    await world.orchestrator.until(lambda: not executor.updates)
    agent = world.agent
    assert agent is not None
    status = await executor.say(agent, "t1", State.TASK_RUNNING)
    await world.orchestrator.until(lambda: not executor.updates)
    assert isinstance(status.uuid, bytes)
    executor.updates[status.uuid] = status  # as if it had not heard
    await world.crash()
    agent = await world.started()
    await executor.keep_subscribed(agent)
    await world.orchestrator.until(lambda: not executor.updates)
    assert world.orchestrator.states("t1") == ["TASK_RUNNING"] * 2
    await executor.stop()


async def test_a_task_that_was_never_read_is_handed_over_at_the_next_subscription(world: World) -> None:
    executor = ModelExecutor()
    await _running(world, executor)
    executor.disconnect()
    await asyncio.sleep(0)
    await world.orchestrator.run_with(custom_executor(), task("t2"), FRAMEWORK, starts=False)
    await world.orchestrator.until(lambda: world.agent is not None and len(world.agent.tasks) == 2)
    await world.crash()
    agent = await world.started()
    await executor.keep_subscribed(agent)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t2"))
    assert executor.launched == ["t1", "t2"]
    await executor.stop()


async def test_a_kill_while_the_executor_is_away_reaches_it_later(world: World) -> None:
    executor = ModelExecutor()
    await _running(world, executor)
    executor.disconnect()
    await world.orchestrator.kill_task("t1")
    await world.orchestrator.until(
        lambda: world.agent is not None and world.agent.tasks.records[0].kill is not None
    )
    await asyncio.sleep(0.02)
    await world.crash()
    agent = await world.started()
    await executor.keep_subscribed(agent)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1] == "TASK_KILLED")
    await executor.stop()


async def test_an_executor_that_ended_while_the_agent_was_dead_is_told(world: World) -> None:
    executor = ModelExecutor()
    await _running(world, executor)
    await world.crash()
    world.host.end(world.host.running[0], 0)
    await world.started()
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1] == "TASK_FAILED")
    assert world.host.containers == {}
    await executor.stop()


async def test_an_executor_that_does_not_come_back_after_the_agent_did_is_ended(world: World) -> None:
    world.executors = ExecutorLimits(reregistration_timeout=0.05)
    executor = ModelExecutor()
    await _running(world, executor)
    await world.crash()
    await world.started()
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1] == "TASK_FAILED")
    assert world.orchestrator.statuses("t1")[-1].reason is Reason.REASON_EXECUTOR_REREGISTRATION_TIMEOUT
    assert world.host.containers == {}
    await executor.stop()


async def test_the_tasks_of_an_executor_are_told_when_its_volume_is_in_trouble_after_a_restart(
    world: World,
) -> None:
    world.tasks = replace(world.tasks, volume_patience=0.03)
    executor = ModelExecutor()
    agent = await world.started()
    holder = custom_executor(resources=[disk("v1", "/data")])
    await world.orchestrator.run_with(holder, task("t1"), FRAMEWORK)
    await executor.keep_subscribed(agent)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    await world.orchestrator.until(lambda: not executor.updates)
    await world.crash()
    world.manager.failure = "the array is on fire"
    agent = await world.started()
    await executor.keep_subscribed(agent)
    await world.orchestrator.until(lambda: len(world.orchestrator.statuses("t1")) == 2)
    status = world.orchestrator.statuses("t1")[-1]
    assert status.state is State.TASK_RUNNING and "the array is on fire" in str(status.message)
    assert status.source is mesos.TaskStatusSource.SOURCE_AGENT
    world.manager.failure = None
    await world.orchestrator.until(lambda: len(world.orchestrator.statuses("t1")) == 3)
    await executor.say(agent, "t1", State.TASK_FINISHED)
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    acknowledged = {each.acknowledged.uuid for each in executor.said(wire.EventType.ACKNOWLEDGED)}  # type: ignore[union-attr]
    own = {each.uuid for each in world.orchestrator.statuses("t1") if each.source is SOURCE_EXECUTOR}
    assert acknowledged == own, "it hears of what it said itself, and of nothing else"
    await executor.stop()


async def test_after_a_boot_of_the_host_an_executor_is_not_started_again(world: World) -> None:
    executor = ModelExecutor()
    await _running(world, executor)
    await world.crash()
    world.host.vanish(world.host.running[0])
    world.boot_id = "another boot"
    await world.started()
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    assert len(world.host.launched) == 1
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1] == "TASK_FAILED")
    assert "nobody saw" in str(world.orchestrator.statuses("t1")[-1].message)
    await executor.stop()


STORIES = {
    "finished": (True, False, "TASK_FINISHED"),
    "killed": (False, False, "TASK_KILLED"),
    "executor killed": (False, True, "TASK_FAILED"),
}


@pytest.mark.parametrize("story", STORIES)
async def test_dying_at_any_write_leads_to_the_same_end(tmp_path: Path, story: str) -> None:
    finishes, executor_ends, end = STORIES[story]
    for writes in range(MAX_WRITES):
        world = World(tmp_path / str(writes))
        executor = ModelExecutor()
        executor.finishes_at_once = finishes
        try:
            died = await _dies_after(world, executor, writes, executor_ends)
            await _comes_to_its_end(world, executor, executor_ends, end)
        finally:
            await executor.stop()
            await world.close()
        if not died:
            return
    pytest.fail("the story goes on writing")


async def _dies_after(world: World, executor: ModelExecutor, writes: int, executor_ends: bool) -> bool:
    """Run the story on a store that dies after `writes` writes; False when it came to its end alive."""
    try:
        agent = await world.start(dies_after=writes)
    except StoreFailed:  # while it starts
        await world.crash()
        return True
    assert world.store is not None
    store = world.store
    ready = asyncio.create_task(_subscribes(world, executor))
    try:
        await world.orchestrator.until(lambda: agent.link.connected or store.died.is_set())
        if not store.died.is_set():
            await world.orchestrator.run_with(custom_executor(), task("t1"), FRAMEWORK)
            await world.orchestrator.until(lambda: len(agent.tasks) or store.died.is_set())
        await _acts(world, executor, executor_ends, store.died)
        await world.orchestrator.until(
            lambda: store.died.is_set() or (len(agent.tasks) == 0 and len(agent.executors) == 0)
        )
        await asyncio.sleep(0.01)
        return store.died.is_set()
    finally:
        ready.cancel()
        await asyncio.gather(ready, return_exceptions=True)
        await world.crash()
        await executor.stop()


async def _subscribes(world: World, executor: ModelExecutor) -> None:
    while not world.host.running:  # noqa: ASYNC110 - a process that is not there yet
        await asyncio.sleep(0.002)
    assert world.agent is not None
    with contextlib.suppress(UnknownExecutor, StoreError):
        await executor.subscribe(world.agent)


async def _acts(world: World, executor: ModelExecutor, executor_ends: bool, died: asyncio.Event) -> None:
    """What a user does to the running task, and to the executor when the task is over."""

    def states() -> list[str]:
        return world.orchestrator.states("t1")

    await world.orchestrator.until(lambda: "TASK_RUNNING" in states() or died.is_set())
    if died.is_set():
        return
    if executor_ends:
        world.host.end(world.host.running[0], 1)
        return
    if not executor.finishes_at_once:
        await world.orchestrator.kill_task("t1")
    await world.orchestrator.until(lambda: {"TASK_KILLED", "TASK_FINISHED"} & set(states()) or died.is_set())
    if not died.is_set():
        world.host.end(world.host.running[0], 0)


async def _comes_to_its_end(world: World, executor: ModelExecutor, executor_ends: bool, end: str) -> None:
    """What the orchestrator of that task does: send what never arrived, kill what it wants dead."""
    agent = await world.started()
    told_end = end in world.orchestrator.states("t1")
    known = {each.task_id.value for each in world.orchestrator.registrations[-1].tasks}
    if "t1" not in known and not told_end:
        assert world.host.launched == [], "what was started is never forgotten"
        await world.orchestrator.run_with(custom_executor(), task("t1"), FRAMEWORK)
        await world.orchestrator.until(lambda: world.host.running)
    if world.host.running:
        await executor.keep_subscribed(agent)
    if not told_end and world.host.running:
        await _acts(world, executor, executor_ends, asyncio.Event())
    for container in world.host.running:
        world.host.end(container, 0)
    await world.orchestrator.until(lambda: end in world.orchestrator.states("t1"))
    await world.orchestrator.until(lambda: len(agent.tasks) == 0 and len(agent.executors) == 0)
    assert len(world.host.launched) == 1, "the executor was started once"
    assert executor.launched in ([], ["t1"]), "the task was handed over once"
    assert world.host.containers == {}, "no container is left"
    told = [s for s in world.orchestrator.states("t1") if s != "TASK_RUNNING"]
    assert told == [end], "one end is told, always the same status"
    assert not executor.said(wire.EventType.ERROR)
