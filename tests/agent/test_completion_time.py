"""Tasks that may take only so long, and tasks that are ended for what they take."""

from __future__ import annotations

import asyncio

from api.wire.v1 import mesos
from tests.agent.world import FRAMEWORK, World, scalar, task

Reason = mesos.TaskStatusReason


def hurried(seconds: float, grace: float | None = None) -> mesos.TaskInfo:
    info = task("t1")
    info.max_completion_time = mesos.DurationInfo(nanoseconds=int(seconds * 1e9))
    if grace is not None:
        info.kill_policy = mesos.KillPolicy(grace_period=mesos.DurationInfo(nanoseconds=int(grace * 1e9)))
    return info


async def test_a_task_that_takes_too_long_fails_and_says_so(world: World) -> None:
    await world.started()
    await world.orchestrator.run_task(hurried(0.2), FRAMEWORK)
    await world.orchestrator.until(lambda: world.host.running)
    container = world.host.containers[world.host.running[0]]
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1:] == ["TASK_FAILED"])
    status = world.orchestrator.statuses("t1")[-1]
    assert status.reason is Reason.REASON_MAX_COMPLETION_TIME_REACHED
    assert "within its max_completion_time of 0.2 s" in str(status.message)
    assert container.kills == [0.0], "without grace, unless it has a kill policy"


async def test_the_tasks_own_kill_policy_is_kept(world: World) -> None:
    world.host.ignores_term = True
    await world.started()
    await world.orchestrator.run_task(hurried(0.1, grace=0.2), FRAMEWORK)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1:] == ["TASK_FAILED"])
    assert "SIGKILL" in str(world.orchestrator.statuses("t1")[-1].message)


async def test_a_task_in_time_is_not_touched(world: World) -> None:
    await world.started()
    await world.orchestrator.run_task(hurried(0.3), FRAMEWORK)
    await world.orchestrator.until(lambda: world.host.running)
    world.host.end(world.host.running[0], 0)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1:] == ["TASK_FINISHED"])


async def test_time_goes_on_while_the_agent_is_down(world: World) -> None:
    await world.started()
    await world.orchestrator.run_task(hurried(0.5), FRAMEWORK)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_RUNNING"])
    await world.crash()
    await asyncio.sleep(0.5)
    started = asyncio.get_running_loop().time()
    await world.started()
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1] == "TASK_FAILED")
    assert asyncio.get_running_loop().time() - started < 0.5, "it is not counted anew"


async def test_a_task_that_fills_its_disk_fails_for_that(world: World) -> None:
    agent = await world.started()
    await world.orchestrator.run_task(task("t1", resources=[scalar("disk", 16)]), FRAMEWORK)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_RUNNING"])
    agent.tasks.limit(
        agent.tasks.records[0], "the sandbox holds 17 MB", Reason.REASON_CONTAINER_LIMITATION_DISK
    )
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1] == "TASK_FAILED")
    status = world.orchestrator.statuses("t1")[-1]
    assert status.reason is Reason.REASON_CONTAINER_LIMITATION_DISK
    assert status.source is mesos.TaskStatusSource.SOURCE_AGENT
    assert isinstance(status.limitation, mesos.TaskResourceLimitation)
    assert [each.name for each in status.limitation.resources] == ["disk"]
