"""What the orchestrator and the host see of an agent's tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from api.wire.v1 import mesos
from tests.agent.world import FRAMEWORK, World, disk, scalar, task


async def test_a_task_runs_and_its_exit_is_told(world: World) -> None:
    await world.started()
    await world.orchestrator.run_task(task("t1", "exit 0"), FRAMEWORK)
    await world.orchestrator.until(
        lambda: world.orchestrator.states("t1") == ["TASK_RUNNING", "TASK_FINISHED"]
    )


async def test_a_failing_command_is_told_with_its_exit_status(world: World) -> None:
    await world.started()
    await world.orchestrator.run_task(task("t1", "exit 7"), FRAMEWORK)
    await world.orchestrator.until(lambda: len(world.orchestrator.statuses("t1")) == 2)
    status = world.orchestrator.statuses("t1")[1]
    assert status.state is mesos.TaskState.TASK_FAILED
    assert status.message == "the command exited with status 7"
    assert status.reason is mesos.TaskStatusReason.REASON_COMMAND_EXECUTOR_FAILED
    assert status.source is mesos.TaskStatusSource.SOURCE_EXECUTOR
    assert isinstance(status.uuid, bytes) and len(status.uuid) == 16


async def test_an_acknowledged_end_leaves_nothing_behind(world: World) -> None:
    agent = await world.started()
    await world.orchestrator.run_task(task("t1", "exit 0", [disk("v1", "/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_FINISHED" in world.orchestrator.states("t1"))
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    assert world.host.containers == {}
    assert world.manager.held == {}
    await world.crash()
    assert len((await world.started()).tasks) == 0


async def test_volumes_are_published_before_the_start_and_given_back_after_the_end(world: World) -> None:
    await world.started()
    info = task("t1", "sleep 9", [disk("v1", "/data"), disk("v2", "cache", mesos.VolumeMode.RO)])
    await world.orchestrator.run_task(info, FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    (container_id,) = world.host.running
    binds = world.host.containers[container_id].spec.binds
    assert [(b.source, b.target, b.read_only) for b in binds] == [
        ("/mnt/v1", "/data", False),
        ("/mnt/v2", "cache", True),
    ]
    assert world.manager.held == {f"task t1 (container {container_id})": {"v1", "v2"}}
    world.host.end(container_id, 0)
    await world.orchestrator.until(lambda: "TASK_FINISHED" in world.orchestrator.states("t1"))
    assert world.manager.held == {}, "the volumes are free when the owner hears of the end"


async def test_a_volume_that_cannot_be_published_fails_the_task_with_the_plugins_words(world: World) -> None:
    world.manager.failure = "NodeStage: INTERNAL: mkfs.ext4 said no"
    await world.started()
    await world.orchestrator.run_task(task("t1", "exit 0", [disk("v1", "/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_FAILED"])
    assert "mkfs.ext4 said no" in str(world.orchestrator.statuses("t1")[0].message)
    assert world.host.launched == []


async def test_limits_come_from_the_tasks_resources(world: World) -> None:
    await world.started()
    info = task("t1", resources=[scalar("cpus", 0.25), scalar("mem", 32)])
    await world.orchestrator.run_task(info, FRAMEWORK)
    await world.orchestrator.until(lambda: world.host.running)
    limits = world.host.containers[world.host.running[0]].spec.limits
    assert (limits.cpu_milli, limits.memory_bytes) == (250, 32 * 2**20)


async def test_an_end_is_not_told_by_any_way_while_its_volumes_are_held(world: World) -> None:
    world.tasks = replace(world.tasks, release_patience=60.0)
    agent = await world.started()
    stuck = asyncio.Event()
    release = world.manager.unpublish

    async def unpublish(user: str, providers: Sequence[str]) -> None:
        await stuck.wait()
        await release(user, providers)

    world.manager.unpublish = unpublish  # type: ignore[method-assign]
    world.orchestrator.acknowledges = False
    await world.orchestrator.run_task(task("t1", "exit 0", [disk("v1", "/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: agent.tasks.records and agent.tasks.records[0].terminal)
    await world.orchestrator.drop()
    await world.orchestrator.until(lambda: len(world.orchestrator.registrations) == 2)
    (told,) = world.orchestrator.registrations[-1].tasks
    assert told.state is mesos.TaskState.TASK_RUNNING
    assert [status.state.value for status in told.statuses] == ["TASK_RUNNING"]
    stuck.set()
    world.orchestrator.acknowledges = True
    await world.orchestrator.drop()
    await world.orchestrator.until(lambda: "TASK_FINISHED" in world.orchestrator.states("t1"))
    updates = [m.update_task_status for m in world.orchestrator.messages]
    first = next(update for update in updates if update is not UNSET)
    assert first.latest_state is mesos.TaskState.TASK_RUNNING


async def test_a_task_that_the_agent_stumbles_over_fails_alone(world: World) -> None:
    agent = await world.started()
    broken = disk("v1", "/data")
    assert broken.disk is not UNSET
    broken.disk.persistence = mesos.ResourceDiskInfoPersistence(id="data")
    broken.provider_id = UNSET
    broken.scalar = UNSET
    await world.orchestrator.run_task(task("t1", "exit 0", [broken]), FRAMEWORK)
    await world.orchestrator.run_task(task("t2", "exit 0"), FRAMEWORK)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_FAILED"])
    await world.orchestrator.until(lambda: "TASK_FINISHED" in world.orchestrator.states("t2"))
    assert "report it" in str(world.orchestrator.statuses("t1")[0].message)
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"command": UNSET}, "no command"),
        ({"command": mesos.CommandInfo(value="")}, "command is empty"),
        ({"max_completion_time": mesos.DurationInfo(nanoseconds=-1)}, "max_completion_time"),
        ({"limits": {"mem": mesos.ValueScalar(value=-1.0)}}, "mem must be positive"),
        ({"limits": {"gpus": mesos.ValueScalar(value=1.0)}}, "cannot be limited"),
    ],
)
async def test_what_cannot_be_done_is_refused_by_name(
    world: World, change: dict[str, Any], words: str
) -> None:
    await world.started()
    info = msgspec.structs.replace(task("t1"), **change)
    await world.orchestrator.run_task(info, FRAMEWORK)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_ERROR"])
    status = world.orchestrator.statuses("t1")[0]
    assert status.reason is mesos.TaskStatusReason.REASON_TASK_INVALID
    assert words in str(status.message)


async def test_a_command_without_a_shell_gets_its_arguments_as_they_are(world: World) -> None:
    await world.started()
    variables = [mesos.EnvironmentVariable(name="GREETING", value="hello world")]
    info = task("t1")
    info.command = mesos.CommandInfo(
        shell=False,
        value="/bin/sleep",
        arguments=["sleep", "$HOME; 9"],
        environment=mesos.Environment(variables=variables),
    )
    await world.orchestrator.run_task(info, FRAMEWORK)
    await world.orchestrator.until(lambda: world.host.running)
    spec = world.host.containers[world.host.running[0]].spec
    assert spec.argv == ("/bin/sleep", "$HOME; 9")
    assert spec.environment["GREETING"] == "hello world"
    assert spec.environment["MESOS_TASK_ID"] == "t1"
    assert spec.environment["MESOS_SANDBOX"] == spec.sandbox
