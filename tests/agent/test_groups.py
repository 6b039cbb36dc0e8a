"""Task groups of executors that the agent plays: nested, ended together, found again after a crash."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from agent.containerizer.interface import Bind, LaunchError, Who
from api.wire.v1 import link, mesos
from store.port import StoreFailed
from tests.agent.world import FRAMEWORK, World, default_executor, disk, task

Reason = mesos.TaskStatusReason
MAX_WRITES = 60
"""More than any of the stories below writes; a story that never ends is a fault."""


def states(world: World, *names: str) -> list[str]:
    """The last state of each of these tasks."""
    return [(world.orchestrator.states(name) or ["nothing"])[-1] for name in names]


async def run_group(world: World, *tasks: mesos.TaskInfo, starts: bool = True) -> None:
    await world.orchestrator.run_group(default_executor(), list(tasks), FRAMEWORK, starts=starts)


def leave_output(sandbox: str, text: str) -> None:
    Path(sandbox, "stdout").write_text(text)


async def over(world: World) -> None:
    """Nothing is left of it."""
    assert world.agent is not None
    agent = world.agent
    await world.orchestrator.until(lambda: len(agent.tasks) == 0 and len(agent.executors) == 0)
    assert world.host.containers == {} and world.manager.held == {}


async def test_the_tasks_of_a_group_live_in_one_container_and_share_its_sandbox(world: World) -> None:
    await world.started()
    await run_group(world, task("a"), task("b"))
    await world.orchestrator.until(lambda: states(world, "a", "b") == ["TASK_RUNNING"] * 2)
    root = world.host.containers[world.host.launched[0]].spec
    inner = [world.host.containers[each].spec for each in world.host.launched[1:]]
    assert [each.parent for each in inner] == [root.id] * 2
    assert [each.joins for each in inner] == ["network"] * 2
    group = Path(root.sandbox).parent
    assert sorted(Path(each.sandbox).relative_to(group).as_posix() for each in inner) == [
        "tasks/a",
        "tasks/b",
    ]
    assert not Path(root.sandbox).is_relative_to(group / "tasks"), "what tasks have is out of its reach"
    status = world.orchestrator.statuses("a")[-1]
    assert status.executor_id == mesos.ExecutorID(value="e1")


@pytest.mark.needs("root")
async def test_the_sandbox_of_a_group_is_the_agents_and_those_of_its_tasks_are_their_users(
    world: World,
) -> None:
    await world.started()
    executor, info = default_executor(), task("a")
    executor.command = mesos.CommandInfo(user="12345:12345")
    info.command = mesos.CommandInfo(value="sleep 9", user="12345:12345")
    await world.orchestrator.run_group(executor, [info], FRAMEWORK)
    await world.orchestrator.until(lambda: states(world, "a") == ["TASK_RUNNING"])
    root, inner = (Path(world.host.containers[each].spec.sandbox) for each in world.host.launched)
    assert inner.stat().st_uid == 12_345
    group = root.parent
    assert {place.stat().st_uid for place in (root, group, group / "tasks")} == {os.geteuid()}


def of_the_group(name: str, target: str, mode: mesos.VolumeMode = mesos.VolumeMode.RW) -> mesos.ContainerInfo:
    """A volume that is `name` in the sandbox of the group."""
    inner = mesos.VolumeSourceSandboxPath(type=mesos.VolumeSourceSandboxPathType.PARENT, path=name)
    source = mesos.VolumeSource(type=mesos.VolumeSourceType.SANDBOX_PATH, sandbox_path=inner)
    volume = mesos.Volume(container_path=target, mode=mode, source=source)
    return mesos.ContainerInfo(type=mesos.ContainerInfoType.MESOS, volumes=[volume])


async def test_the_disk_of_a_groups_executor_is_what_its_tasks_find_in_the_sandbox_of_the_group(
    world: World, tmp_path: Path
) -> None:
    (tmp_path / "of-the-host").mkdir()
    await world.started()
    executor, a, b, c = default_executor(), task("a"), task("b"), task("c")
    executor.resources = [disk("v1", "data")]
    executor.container = mesos.ContainerInfo(
        type=mesos.ContainerInfoType.MESOS,
        volumes=[
            mesos.Volume(
                container_path="seen", mode=mesos.VolumeMode.RO, host_path=str(tmp_path / "of-the-host")
            )
        ],
    )
    a.container = of_the_group("data", "mine")
    b.container = of_the_group("data", "/theirs", mesos.VolumeMode.RO)
    c.container = of_the_group("seen", "seen")
    await world.orchestrator.run_group(executor, [a, b, c], FRAMEWORK)
    await world.orchestrator.until(lambda: states(world, "a", "b", "c") == ["TASK_RUNNING"] * 3)
    root, *inner = (world.host.containers[each].spec for each in world.host.launched)
    assert root.binds == (), "it has no use for them"
    found = {each.labels["orlop.task"]: each.binds for each in inner}
    assert found == {
        "a": (Bind("/mnt/v1", "mine"),),
        "b": (Bind("/mnt/v1", "/theirs", read_only=True),),
        "c": (Bind(str(tmp_path / "of-the-host"), "seen", read_only=True, propagation="private"),),
    }
    assert len(world.manager.held) == 1, "its executor holds it, and lives as long as they do"


async def test_what_is_above_a_volume_of_the_executor_is_refused(world: World) -> None:
    await world.started()
    executor, info = default_executor(), task("a")
    executor.resources = [disk("v1", "deep/data")]
    info.container = of_the_group("deep", "mine")
    await world.orchestrator.run_group(executor, [info], FRAMEWORK)
    await world.orchestrator.until(lambda: states(world, "a") == ["TASK_FAILED"])
    assert "path of one name" in str(world.orchestrator.statuses("a")[-1].message)
    await over(world)


async def test_a_group_whose_tasks_all_finish_leaves_nothing_behind(world: World) -> None:
    await world.started()
    await run_group(world, task("a", "exit 0", [disk("v1", "/data")]), task("b", "exit 0"))
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    assert states(world, "a", "b") == ["TASK_FINISHED"] * 2
    await over(world)


@pytest.mark.parametrize(("command", "end"), [("exit 7", "TASK_FAILED"), ("sleep 9", "TASK_KILLED")])
async def test_a_task_that_fails_or_is_killed_takes_its_group_with_it(
    world: World, command: str, end: str
) -> None:
    await world.started()
    await run_group(world, task("a", command), task("b"), task("c", "exit 0"))
    await world.orchestrator.until(lambda: states(world, "b", "c") == ["TASK_RUNNING", "TASK_FINISHED"])
    if end == "TASK_KILLED":
        await world.orchestrator.kill_task("a")
    await world.orchestrator.until(lambda: states(world, "a", "b") == [end, "TASK_KILLED"])
    assert f"task a of its group ended as {end}" in str(world.orchestrator.statuses("b")[-1].message)
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    await over(world)


async def test_a_task_that_finishes_leaves_the_others_alone(world: World) -> None:
    await world.started()
    await run_group(world, task("a", "exit 0"), task("b"))
    await world.orchestrator.until(lambda: states(world, "a", "b") == ["TASK_FINISHED", "TASK_RUNNING"])
    await asyncio.sleep(0.05)
    assert states(world, "b") == ["TASK_RUNNING"] and world.orchestrator.exited() == []


async def test_groups_of_one_executor_end_apart_from_each_other(world: World) -> None:
    await world.started()
    await run_group(world, task("a"))
    await world.orchestrator.until(lambda: states(world, "a") == ["TASK_RUNNING"])
    await run_group(world, task("b", "exit 7"), task("c"), starts=False)
    await world.orchestrator.until(lambda: states(world, "b", "c") == ["TASK_FAILED", "TASK_KILLED"])
    assert states(world, "a") == ["TASK_RUNNING"] and world.orchestrator.exited() == []
    await world.orchestrator.kill_task("a")
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    await over(world)


async def test_a_task_of_a_group_that_cannot_run_ends_the_group(world: World) -> None:
    await world.started()
    wrong = task("a")
    wrong.command = mesos.CommandInfo(value="")
    await run_group(world, wrong, task("b"))
    await world.orchestrator.until(lambda: states(world, "a", "b") == ["TASK_ERROR", "TASK_KILLED"])
    await over(world)


async def test_a_group_whose_root_cannot_be_started_is_told_why(world: World) -> None:
    await world.started()
    world.host.refusal = LaunchError("no memory", Who.OPERATOR)
    await run_group(world, task("a"), task("b"))
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    messages = [str(world.orchestrator.statuses(name)[-1].message) for name in ("a", "b")]
    assert any("its executor cannot be started: no memory" in each for each in messages), messages
    await over(world)


async def test_a_group_whose_root_dies_fails(world: World) -> None:
    await world.started()
    await run_group(world, task("a", resources=[disk("v1", "/data")]), task("b"))
    await world.orchestrator.until(lambda: states(world, "a", "b") == ["TASK_RUNNING"] * 2)
    world.host.end(world.host.launched[0], 137, 9)
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    assert set(states(world, "a", "b")) <= {"TASK_FAILED", "TASK_KILLED"}
    await over(world)


async def test_an_executor_that_is_shut_down_ends_its_groups(world: World) -> None:
    await world.started()
    await run_group(world, task("a"), task("b"))
    await world.orchestrator.until(lambda: states(world, "a", "b") == ["TASK_RUNNING"] * 2)
    shutdown = link.OrchestratorMessageShutdownExecutor(
        framework_id=mesos.FrameworkID(value="fw"), executor_id=mesos.ExecutorID(value="e1")
    )
    await world.orchestrator.say(link.OrchestratorMessageType.SHUTDOWN_EXECUTOR, shutdown_executor=shutdown)
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    assert "shut down on request" in str(world.orchestrator.statuses("a")[-1].message)
    await over(world)


async def test_a_group_is_taken_whole_or_not_at_all(world: World) -> None:
    await world.started()
    await world.orchestrator.run_task(task("a"), FRAMEWORK)
    await world.orchestrator.until(lambda: states(world, "a") == ["TASK_RUNNING"])
    await run_group(world, task("b"), task("a"))
    await world.orchestrator.until(lambda: states(world, "b") == ["TASK_LOST"])
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    assert states(world, "a") == ["TASK_RUNNING"] and len(world.host.launched) == 1


async def test_a_group_goes_on_while_the_agent_is_away(world: World) -> None:
    await world.started()
    await run_group(world, task("a"), task("b"))
    await world.orchestrator.until(lambda: states(world, "a", "b") == ["TASK_RUNNING"] * 2)
    await world.crash()
    assert len(world.host.running) == 3
    world.host.end(world.host.launched[1], 5)
    await world.started()
    await world.orchestrator.until(lambda: set(states(world, "a", "b")) == {"TASK_FAILED", "TASK_KILLED"})
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    assert len(world.host.launched) == 3
    await over(world)


async def test_after_a_boot_of_the_host_a_group_is_not_started_again(world: World) -> None:
    await world.started()
    await run_group(world, task("a"), task("b"))
    await world.orchestrator.until(lambda: states(world, "a", "b") == ["TASK_RUNNING"] * 2)
    await world.crash()
    for container in list(world.host.containers):
        world.host.vanish(container)
    world.boot_id = "another boot"
    await world.started()
    await world.orchestrator.until(lambda: states(world, "a", "b") == ["TASK_LOST"] * 2)
    assert len(world.host.launched) == 3
    await over(world)


STORIES = {
    "finished": ("exit 0", False, ["TASK_FINISHED", "TASK_FINISHED"]),
    "failed": ("exit 7", False, ["TASK_FAILED", "TASK_KILLED"]),
    "killed": ("sleep 9", True, ["TASK_KILLED", "TASK_KILLED"]),
}


@pytest.mark.parametrize("story", STORIES)
async def test_dying_at_any_write_leads_to_the_same_end(tmp_path: Path, story: str) -> None:
    for writes in range(MAX_WRITES):
        world = World(tmp_path / str(writes))
        try:
            died = await _dies_after(world, writes, story)
            await _comes_to_its_end(world, story)
        finally:
            await world.close()
        if not died:
            return
    pytest.fail("the story goes on writing")


def _group(story: str) -> list[mesos.TaskInfo]:
    second = "exit 0" if story == "finished" else "sleep 9"
    return [task("a", STORIES[story][0], [disk("v1", "/data")]), task("b", second)]


async def _dies_after(world: World, writes: int, story: str) -> bool:
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
            await run_group(world, *_group(story))
            await world.orchestrator.until(lambda: len(agent.tasks) or store.died.is_set())
        if STORIES[story][1] and not store.died.is_set():
            await world.orchestrator.until(
                lambda: "TASK_RUNNING" in world.orchestrator.states("a") or store.died.is_set()
            )
            if not store.died.is_set():
                await world.orchestrator.kill_task("a")
        await world.orchestrator.until(
            lambda: store.died.is_set() or (len(agent.tasks) == 0 and len(agent.executors) == 0)
        )
        await asyncio.sleep(0.01)
        return store.died.is_set()
    finally:
        await world.crash()


async def _comes_to_its_end(world: World, story: str) -> None:
    """What the orchestrator of that group does: send what never arrived, kill what it wants dead."""
    await world.started()
    ends = STORIES[story][2]
    known = {each.task_id.value for each in world.orchestrator.registrations[-1].tasks}
    told = [end in world.orchestrator.states(name) for name, end in zip("ab", ends, strict=True)]
    if not known and not any(told):
        assert world.host.launched == [], "what was started is never forgotten"
        await run_group(world, *_group(story))
    if STORIES[story][1] and not told[0]:
        await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("a"))
        await world.orchestrator.kill_task("a")
    await world.orchestrator.until(lambda: states(world, "a", "b") == ends)
    await over(world)
    assert len(world.host.launched) == len(set(world.host.launched)) <= 3, "each was started once"
    for name, end in zip("ab", ends, strict=True):
        steps = [s for s in world.orchestrator.states(name) if s not in ("TASK_RUNNING", "TASK_GONE")]
        assert steps == [end], "one end is told, always the same status"


async def test_the_sandbox_of_a_groups_task_can_be_read_for_as_long_as_it_is_kept(world: World) -> None:
    await world.started()
    await run_group(world, task("a"), task("b"))
    await world.orchestrator.until(lambda: states(world, "a", "b") == ["TASK_RUNNING"] * 2)
    status = world.orchestrator.statuses("a")[-1]
    run = status.container_status.container_id.value  # type: ignore[union-attr]
    inner = next(each.spec for each in world.host.containers.values() if each.spec.id == run)
    leave_output(inner.sandbox, "of a")
    paths = (
        "/frameworks/fw/tasks/a/stdout",
        f"/frameworks/fw/tasks/a/runs/{run}/stdout",
        "/frameworks/fw/executors/e1/tasks/a/stdout",
    )
    assert [world.files.read(path, 0, None).data for path in paths] == [b"of a"] * 3
    await world.orchestrator.kill_task("a")
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    await over(world)
    assert [world.files.read(path, 0, None).data for path in paths] == [b"of a"] * 3
