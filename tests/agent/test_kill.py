"""Ending tasks: on request, before they start, with their framework, by their memory limit."""

from __future__ import annotations

import asyncio

from api.wire.v1 import link, mesos
from tests.agent.model_orchestrator import Told
from tests.agent.world import FRAMEWORK, World, disk, scalar, task

Reason = mesos.TaskStatusReason


async def running(world: World, task_id: str = "t1", framework: mesos.FrameworkInfo = FRAMEWORK) -> str:
    """Launch a task that does not end by itself; returns its container's id."""
    before = set(world.host.running)
    await world.orchestrator.run_task(task(task_id), framework)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states(task_id))
    (container_id,) = set(world.host.running) - before
    return container_id


async def test_a_killed_task_is_told_as_killed(world: World) -> None:
    await world.started()
    await running(world)
    await world.orchestrator.kill_task("t1")
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1] == "TASK_KILLED")
    assert "SIGTERM" in str(world.orchestrator.statuses("t1")[-1].message)


async def test_the_grace_period_of_the_kill_goes_before_the_tasks_own(world: World) -> None:
    world.host.ignores_term = True
    await world.started()
    container_id = await running(world)
    container = world.host.containers[container_id]
    await world.orchestrator.kill_task("t1", grace=9)
    await world.orchestrator.until(lambda: container.kills == [9.0])
    await world.orchestrator.kill_task("t1", grace=0.05)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1] == "TASK_KILLED")
    assert container.kills == [9.0, 0.05]
    assert "SIGKILL" in str(world.orchestrator.statuses("t1")[-1].message)


async def test_schedulers_that_know_the_killing_state_are_told_of_it(world: World) -> None:
    world.host.ignores_term = True
    capability = mesos.FrameworkInfoCapability(type=mesos.FrameworkInfoCapabilityType.TASK_KILLING_STATE)
    framework = mesos.FrameworkInfo(
        user="root", name="x", id=mesos.FrameworkID(value="fw"), capabilities=[capability]
    )
    await world.started()
    await running(world, framework=framework)
    await world.orchestrator.kill_task("t1", grace=0.05)
    await world.orchestrator.until(
        lambda: world.orchestrator.states("t1") == ["TASK_RUNNING", "TASK_KILLING", "TASK_KILLED"]
    )


async def test_a_task_killed_while_its_volumes_are_published_never_starts(world: World) -> None:
    world.manager.slow.clear()
    agent = await world.started()
    await world.orchestrator.run_task(task("t1", "sleep 9", [disk("v1", "/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: len(agent.tasks) == 1)
    await world.orchestrator.kill_task("t1")
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_KILLED"])
    assert world.orchestrator.statuses("t1")[0].reason is Reason.REASON_TASK_KILLED_DURING_LAUNCH
    world.manager.slow.set()
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    assert world.host.launched == []
    assert world.manager.held == {}


async def test_a_kill_right_behind_its_launch_ends_the_task(world: World) -> None:
    agent = await world.started()
    await world.orchestrator.run_task(task("t1"), FRAMEWORK)
    await world.orchestrator.kill_task("t1")
    await world.orchestrator.until(lambda: "TASK_KILLED" in world.orchestrator.states("t1"))
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    assert world.host.running == []


async def test_a_kill_survives_a_crash(world: World) -> None:
    world.host.ignores_term = True
    await world.started()
    container_id = await running(world)
    await world.orchestrator.kill_task("t1", grace=0.3)
    container = world.host.containers[container_id]
    await world.orchestrator.until(lambda: container.kills)
    await world.crash()
    await world.started()
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1] == "TASK_KILLED")


async def test_only_the_tasks_of_a_removed_framework_are_killed(world: World) -> None:
    await world.started()
    await running(world, "mine")
    other = mesos.FrameworkInfo(user="root", name="other", id=mesos.FrameworkID(value="other"))
    survivor = await running(world, "theirs", other)
    await world.orchestrator.say(
        Told.SHUTDOWN_FRAMEWORK,
        shutdown_framework=link.OrchestratorMessageShutdownFramework(
            framework_id=mesos.FrameworkID(value="fw")
        ),
    )
    await world.orchestrator.until(lambda: world.orchestrator.states("mine")[-1] == "TASK_KILLED")
    assert world.orchestrator.statuses("mine")[-1].reason is Reason.REASON_FRAMEWORK_REMOVED
    assert world.host.running == [survivor]


async def test_a_task_that_exceeds_its_memory_is_told_so(world: World) -> None:
    await world.started()
    await world.orchestrator.run_task(task("t1", resources=[scalar("mem", 32)]), FRAMEWORK)
    await world.orchestrator.until(lambda: world.host.running)
    world.host.end(world.host.running[0], 137, 9, oom=True)
    await world.orchestrator.until(lambda: "TASK_FAILED" in world.orchestrator.states("t1"))
    status = world.orchestrator.statuses("t1")[-1]
    assert status.reason is Reason.REASON_CONTAINER_LIMITATION_MEMORY
    assert status.message.startswith("the command exceeded its memory limit")
    assert isinstance(status.limitation, mesos.TaskResourceLimitation)
    assert [r.name for r in status.limitation.resources] == ["mem"]


async def test_killing_an_unknown_task_is_answered(world: World) -> None:
    await world.started()
    await world.orchestrator.kill_task("nobody")
    await world.orchestrator.until(lambda: world.orchestrator.states("nobody") == ["TASK_GONE"])
    assert world.orchestrator.statuses("nobody")[0].reason is Reason.REASON_TASK_UNKNOWN


async def test_a_repeated_launch_runs_once(world: World) -> None:
    agent = await world.started()
    await running(world)
    await world.orchestrator.run_task(task("t1"), FRAMEWORK)
    await asyncio.sleep(0.05)
    assert len(world.host.launched) == 1
    assert len(agent.tasks) == 1


async def test_an_agent_that_is_shut_down_ends_its_tasks_and_tells_of_it_later(world: World) -> None:
    agent = await world.started()
    await world.orchestrator.run_task(task("t1", "sleep 9", [disk("v1", "/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    world.orchestrator.reachable = False
    await world.orchestrator.drop()
    await agent.end_containers()
    assert (world.host.containers, world.manager.held) == ({}, {})
    await world.crash()
    world.orchestrator.reachable = True
    await world.started()
    await world.orchestrator.until(lambda: "TASK_KILLED" in world.orchestrator.states("t1"))
