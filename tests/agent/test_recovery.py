"""An agent that died comes back to the same end, wherever it died."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from agent.containerizer.interface import ContainerSpec, LaunchError, Who
from agent.tasks.parts import TaskLimits
from agent.tasks.state import TaskPhase
from api.wire.v1 import mesos
from store.port import StoreFailed
from tests.agent.model_containerizer import ModelContainerizer
from tests.agent.world import FRAMEWORK, World, disk, task

MAX_WRITES = 30
"""More than any of the stories below writes; a story that never ends is a fault."""


async def test_a_task_that_exits_while_the_agent_is_dead_is_told_with_its_status(world: World) -> None:
    await world.started()
    await world.orchestrator.run_task(task("t1"), FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    await world.crash()
    world.host.end(world.host.running[0], 7)
    agent = await world.started()
    await world.orchestrator.until(lambda: "TASK_FAILED" in world.orchestrator.states("t1"))
    assert world.orchestrator.statuses("t1")[-1].message == "the command exited with status 7"
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    assert world.host.containers == {}


async def test_a_running_task_is_found_again_and_waited_for(world: World) -> None:
    await world.started()
    await world.orchestrator.run_task(task("t1"), FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    await world.crash()
    assert len(world.host.running) == 1, "containers go on while the agent is down"
    await world.started()
    assert world.orchestrator.registrations[-1].tasks[0].state is mesos.TaskState.TASK_RUNNING
    (container,) = world.host.containers.values()
    world.host.end(world.host.running[0], 0)
    await world.orchestrator.until(lambda: "TASK_FINISHED" in world.orchestrator.states("t1"))
    assert len(world.host.launched) == 1
    told = world.orchestrator.statuses("t1")[-1].container_status
    assert isinstance(told, mesos.ContainerStatus)
    assert told.executor_pid == container.pid


@pytest.mark.parametrize(
    ("refusal", "state"),
    [(None, mesos.TaskState.TASK_STAGING), ("no such program", mesos.TaskState.TASK_STARTING)],
)
async def test_a_task_that_never_ran_is_not_said_to_run_after_a_restart(
    world: World, refusal: str | None, state: mesos.TaskState
) -> None:
    """Its end is held back by a volume that cannot be released."""

    async def stuck(user: str, providers: Sequence[str]) -> None:
        await asyncio.Event().wait()

    world.tasks = dataclasses.replace(world.tasks, release_patience=60.0)
    world.manager.unpublish = stuck  # type: ignore[method-assign]
    if refusal is None:
        world.manager.failure = "the plugin is away"
    else:
        world.host.refusal = LaunchError(refusal, Who.REQUEST)
    agent = await world.started()
    await world.orchestrator.run_task(task("t1", "sleep 9", [disk("v1", "/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: agent.tasks.records and agent.tasks.records[0].terminal)
    await world.crash()
    await world.started()
    assert world.orchestrator.registrations[-1].tasks[0].state is state


@pytest.mark.parametrize(("aware", "state"), [(True, "TASK_GONE"), (False, "TASK_LOST")])
async def test_a_container_that_vanished_is_told_as_such(world: World, aware: bool, state: str) -> None:
    capability = mesos.FrameworkInfoCapability(type=mesos.FrameworkInfoCapabilityType.PARTITION_AWARE)
    framework = mesos.FrameworkInfo(
        user="root",
        name="x",
        id=mesos.FrameworkID(value="fw"),
        capabilities=[capability] if aware else [],
    )
    await world.started()
    await world.orchestrator.run_task(task("t1", "sleep 9", [disk("v1", "/data")]), framework)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    await world.crash()
    world.host.vanish(world.host.running[0])
    await world.started()
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1] == state)
    assert "nobody saw" in str(world.orchestrator.statuses("t1")[-1].message)
    await world.orchestrator.until(lambda: world.manager.held == {})


async def test_a_volume_that_is_in_trouble_after_a_restart_is_told_and_the_task_runs_on(world: World) -> None:
    world.tasks = dataclasses.replace(world.tasks, volume_patience=0.03)
    await world.started()
    await world.orchestrator.run_task(task("t1", "sleep 9", [disk("v1", "/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    await world.crash()
    world.manager.failure = "the array is on fire"
    await world.started()
    await world.orchestrator.until(lambda: len(world.orchestrator.statuses("t1")) == 2)
    status = world.orchestrator.statuses("t1")[-1]
    assert status.state is mesos.TaskState.TASK_RUNNING
    assert status.reason is mesos.TaskStatusReason.REASON_CONTAINER_UPDATE_FAILED
    assert status.message == "a volume is in trouble since the agent came back: the array is on fire"
    world.manager.failure = None
    await world.orchestrator.until(lambda: len(world.orchestrator.statuses("t1")) == 3)
    assert world.orchestrator.statuses("t1")[-1].message == "its volumes are in order again"
    assert world.manager.story[-1][0] == "publish", "they are held in its name again"
    world.host.end(world.host.running[0], 0)
    await world.orchestrator.until(lambda: "TASK_FINISHED" in world.orchestrator.states("t1"))


async def test_a_volume_that_is_late_for_a_moment_after_a_restart_is_no_news(world: World) -> None:
    await world.started()
    await world.orchestrator.run_task(task("t1", "sleep 9", [disk("v1", "/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    await world.crash()
    world.manager.failure = "its plugin has gone"
    await world.started()
    await asyncio.sleep(0.05)
    world.manager.failure = None
    await world.orchestrator.until(lambda: len(world.manager.story) == 2)
    world.host.end(world.host.running[0], 0)
    await world.orchestrator.until(lambda: "TASK_FINISHED" in world.orchestrator.states("t1"))
    assert world.orchestrator.states("t1") == ["TASK_RUNNING", "TASK_FINISHED"]


async def test_a_container_that_belongs_to_nothing_is_removed(world: World) -> None:
    orphan = ContainerSpec(id="orphan", argv=("/bin/sleep", "9"), sandbox="/tmp")
    await ModelContainerizer(world.host).launch(orphan)
    await world.started()
    await world.orchestrator.until(lambda: world.host.containers == {})


async def test_volumes_that_cannot_be_released_at_once_do_not_hold_back_the_news(world: World) -> None:
    agent = await world.started()
    stuck = asyncio.Event()
    release = world.manager.unpublish

    async def unpublish(user: str, providers: Sequence[str]) -> None:
        await stuck.wait()
        await release(user, providers)

    world.manager.unpublish = unpublish  # type: ignore[method-assign]
    await world.orchestrator.run_task(task("t1", "exit 0", [disk("v1", "/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_FINISHED" in world.orchestrator.states("t1"))
    assert len(agent.tasks) == 1, "it is not forgotten while it holds volumes"
    stuck.set()
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    assert world.manager.held == {}


UNHEALTHY = mesos.HealthCheck(
    type=mesos.HealthCheckType.COMMAND,
    command=mesos.CommandInfo(value="exit 1"),
    delay_seconds=0.0,
    interval_seconds=0.1,
    grace_period_seconds=0.0,
    consecutive_failures=2,
)
HURRIED = mesos.DurationInfo(nanoseconds=50_000_000)

STORIES: dict[str, tuple[mesos.TaskInfo, bool, str]] = {
    "success": (task("t1", "exit 0", [disk("v1", "/data")]), False, "TASK_FINISHED"),
    "failure": (task("t1", "exit 7", [disk("v1", "/data")]), False, "TASK_FAILED"),
    "kill": (task("t1", "sleep 9", [disk("v1", "/data")]), True, "TASK_KILLED"),
    "unhealthy": (replace(task("t1", "sleep 9"), health_check=UNHEALTHY), False, "TASK_KILLED"),
    "too late": (replace(task("t1", "sleep 9"), max_completion_time=HURRIED), False, "TASK_FAILED"),
}


@pytest.mark.parametrize("story", STORIES)
async def test_dying_at_any_write_leads_to_the_same_end(tmp_path: Path, story: str) -> None:
    info, killed, end = STORIES[story]
    for writes in range(MAX_WRITES):
        world = World(tmp_path / str(writes))
        try:
            died = await _dies_after(world, writes, info, killed)
            await _comes_to_its_end(world, info, killed, end)
        finally:
            await world.close()
        if not died:
            return
    pytest.fail("the story goes on writing")


async def _dies_after(world: World, writes: int, info: mesos.TaskInfo, killed: bool) -> bool:
    """Run the story on a store that dies after `writes` writes; False when it came to its end alive."""
    try:
        agent = await world.start(dies_after=writes)
    except StoreFailed:  # while it starts
        await world.crash()
        return True
    assert world.store is not None
    store = world.store
    try:
        await world.orchestrator.until(lambda: agent.link.connected or store.died.is_set())
        if not store.died.is_set():
            await world.orchestrator.run_task(info, FRAMEWORK)
            await world.orchestrator.until(lambda: len(agent.tasks) or store.died.is_set())
        if killed and not store.died.is_set():
            await world.orchestrator.until(
                lambda: "TASK_RUNNING" in world.orchestrator.states("t1") or store.died.is_set()
            )
            if not store.died.is_set():
                await world.orchestrator.kill_task("t1")
        await world.orchestrator.until(lambda: store.died.is_set() or len(agent.tasks) == 0)
        await asyncio.sleep(0.01)
        return store.died.is_set()
    finally:
        await world.crash()


async def _comes_to_its_end(world: World, info: mesos.TaskInfo, killed: bool, end: str) -> None:
    """What the orchestrator of that task does: send what never arrived, kill what it wants dead."""
    agent = await world.started()
    known = {t.task_id.value for t in world.orchestrator.registrations[-1].tasks}
    told_end = end in world.orchestrator.states("t1")
    if "t1" not in known and not told_end:
        assert world.host.launched == [], "a task that was started is never forgotten"
        await world.orchestrator.run_task(info, FRAMEWORK)
    if killed and not told_end:
        await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
        await world.orchestrator.kill_task("t1")
    await world.orchestrator.until(lambda: end in world.orchestrator.states("t1"))
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    tasks = [container for container in world.host.launched if container not in world.host.nested]
    assert len(tasks) == 1, "it ran once"
    assert world.host.containers == {}, "no container is left"
    assert world.manager.held == {}, "no volume is held"
    told = [s for s in world.orchestrator.states("t1") if s not in ("TASK_RUNNING", "TASK_GONE")]
    assert told == [end], "one end is told, always the same status"


async def test_a_task_whose_start_a_reboot_interrupted_is_not_started_a_second_time(world: World) -> None:
    world.host.refusal = LaunchError("the runtime timed out: it may have acted", Who.RETRY)
    world.tasks = TaskLimits(first_retry=1000.0, max_retry=1000.0)
    await world.started()
    await world.orchestrator.run_task(task("t1"), FRAMEWORK)
    await world.orchestrator.until(lambda: _phases(world) == [TaskPhase.STARTING])
    await world.crash()
    world.host.refusal = None
    world.boot_id = "another boot"
    await world.started()
    await world.orchestrator.until(lambda: "TASK_LOST" in world.orchestrator.states("t1"))
    assert world.host.launched == []


def _phases(world: World) -> list[TaskPhase]:
    assert world.agent is not None
    return [record.phase for record in world.agent.tasks.records]
