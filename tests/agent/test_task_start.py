"""What a task needs before it runs: told while it takes long, told apart when it cannot be had."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET

from agent.containerizer.interface import LaunchError, Progress, Who
from agent.fetch.uris import FetchFailed
from agent.tasks import progress as progress_room
from agent.tasks.progress import TaskProgress
from api.wire.codec import encode
from api.wire.v1 import link, mesos
from tests.agent.model_containerizer import ModelContainerizer
from tests.agent.world import FRAMEWORK, World, disk, scalar, task

Reason = mesos.TaskStatusReason
FAILED = Reason.REASON_CONTAINER_LAUNCH_FAILED


class SlowFetcher:
    """Says how far it is, and is done when it is told to be."""

    def __init__(self) -> None:
        self.done = asyncio.Event()
        self.failure: FetchFailed | None = None
        self.sandboxes: list[Path] = []

    async def fetch(
        self, command: mesos.CommandInfo, sandbox: Path, owner: tuple[int, int] | None, progress: Progress
    ) -> None:
        self.sandboxes.append(sandbox)
        progress("fetching http://x/y: 3 MB")
        await self.done.wait()
        if self.failure is not None:
            raise self.failure


def with_uri(task_id: str = "t1") -> mesos.TaskInfo:
    info = task(task_id)
    info.command = mesos.CommandInfo(value="sleep 9", uris=[mesos.CommandInfoURI(value="http://x/y")])
    return info


def told_once(world: World) -> list[tuple[str, str]]:
    """(state, message) of the statuses without a uuid."""
    updates = [message.update_task_status for message in world.orchestrator.messages]
    return [
        (update.status.state.value, str(update.status.message))
        for update in updates
        if isinstance(update, link.AgentMessageUpdateTaskStatus) and update.status.uuid is UNSET
    ]


async def the_end(world: World, info: mesos.TaskInfo) -> mesos.TaskStatus:
    """The one status of a task that never runs."""
    await world.orchestrator.run_task(info, FRAMEWORK)
    await world.orchestrator.until(lambda: world.orchestrator.states(info.task_id.value))
    (status,) = world.orchestrator.statuses(info.task_id.value)
    return status


async def test_a_slow_publication_is_told_while_it_lasts(world: World) -> None:
    world.manager.slow.clear()
    await world.started()
    await world.orchestrator.run_task(task("t1", "sleep 9", [disk("v1", "/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: told_once(world) == [("TASK_STAGING", "publishing volume v1")])
    await asyncio.sleep(1.2)
    assert len(told_once(world)) == 1, "what has not changed is not said again"
    world.manager.slow.set()
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))


async def test_what_a_publication_waits_for_is_told(world: World) -> None:
    world.manager.slow.clear()
    world.manager.waits_for = "waiting for provider local, for 60 s at most: its disk was pulled out"
    await world.started()
    await world.orchestrator.run_task(task("t1", "sleep 9", [disk("v1", "/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: told_once(world) == [("TASK_STAGING", world.manager.waits_for)])
    world.manager.slow.set()
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))


async def test_a_step_within_a_step_leaves_nothing_to_be_told_afterwards(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_room, "PATIENCE", 0.01)
    told: list[str] = []
    progress = TaskProgress(world, lambda: ())  # type: ignore[arg-type]
    monkeypatch.setattr(progress, "_records", lambda: ("record",))
    monkeypatch.setattr(progress, "_tell", lambda record, text: told.append(text))
    with progress.step("starting its container"):
        with progress.step("publishing"):
            await asyncio.sleep(0)
        assert not progress.said
        async with asyncio.timeout(5):
            while told != ["starting its container"]:  # noqa: ASYNC110 - there is nothing to wait on
                await asyncio.sleep(0.005)
    progress.say("this is over")
    await asyncio.sleep(0.1)
    assert told == ["starting its container"]


async def test_a_pull_is_told_as_the_runtime_tells_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    launch = ModelContainerizer.launch

    async def slow(self: ModelContainerizer, spec: Any, progress: Progress | None = None) -> Any:
        assert progress is not None
        progress("pulling image web: 3 of 7 layers")
        await asyncio.sleep(1.2)
        return await launch(self, spec, progress)

    monkeypatch.setattr(ModelContainerizer, "launch", slow)
    await world.started()
    await world.orchestrator.run_task(task("t1"), FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    assert told_once(world) == [("TASK_STARTING", "pulling image web: 3 of 7 layers")]


async def test_a_task_killed_while_its_image_is_pulled_never_starts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling = asyncio.Event()

    async def stuck(self: ModelContainerizer, spec: Any, progress: Progress | None = None) -> Any:
        assert progress is not None
        progress("pulling image web: 0 of 7 layers")
        pulling.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(ModelContainerizer, "launch", stuck)
    agent = await world.started()
    await world.orchestrator.run_task(task("t1", "sleep 9", [disk("v1", "/data")]), FRAMEWORK)
    await asyncio.wait_for(pulling.wait(), 5)
    await world.orchestrator.kill_task("t1")
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_KILLED"])
    assert world.orchestrator.statuses("t1")[0].reason is Reason.REASON_TASK_KILLED_DURING_LAUNCH
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    assert world.manager.held == {}


async def test_a_task_killed_while_its_start_is_taken_up_again_never_starts(world: World) -> None:
    world.host.refusal = LaunchError("the runtime timed out: it may have acted", Who.RETRY)
    agent = await world.started()
    await world.orchestrator.run_task(task("t1", "sleep 9", [disk("v1", "/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: agent.tasks.records and agent.tasks.records[0].boot_id)
    await world.crash()
    world.host.refusal = None
    world.manager.slow.clear()
    agent = await world.started()
    await world.orchestrator.kill_task("t1")
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_KILLED"])
    world.manager.slow.set()
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    assert (world.host.launched, world.manager.held) == ([], {})


async def test_files_are_fetched_before_the_start_and_told_while_they_are(world: World) -> None:
    world.fetcher = fetcher = SlowFetcher()
    await world.started()
    await world.orchestrator.run_task(with_uri(), FRAMEWORK)
    await world.orchestrator.until(lambda: ("TASK_STAGING", "fetching http://x/y: 3 MB") in told_once(world))
    assert world.host.launched == []
    fetcher.done.set()
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    assert str(fetcher.sandboxes[0]) == world.host.containers[world.host.running[0]].spec.sandbox


async def test_a_task_killed_while_its_files_are_fetched_never_starts(world: World) -> None:
    world.fetcher = fetcher = SlowFetcher()
    agent = await world.started()
    await world.orchestrator.run_task(with_uri(), FRAMEWORK)
    await world.orchestrator.until(lambda: fetcher.sandboxes)
    await world.orchestrator.kill_task("t1")
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_KILLED"])
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    assert world.host.launched == []


async def test_fetching_goes_on_after_a_restart_and_is_not_repeated_once_it_was_done(world: World) -> None:
    world.fetcher = fetcher = SlowFetcher()
    await world.started()
    await world.orchestrator.run_task(with_uri(), FRAMEWORK)
    await world.orchestrator.until(lambda: fetcher.sandboxes)
    await world.crash()
    fetcher.done.set()
    await world.started()
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    await world.crash()
    await world.started()
    await asyncio.sleep(0.1)
    assert len(fetcher.sandboxes) == 2


async def test_what_cannot_be_fetched_fails_the_task_with_its_reason(world: World) -> None:
    world.fetcher = fetcher = SlowFetcher()
    fetcher.done.set()
    fetcher.failure = FetchFailed("http://x/y answered 404: mend the URI")
    await world.started()
    status = await the_end(world, with_uri())
    assert (status.state, status.reason) == (mesos.TaskState.TASK_FAILED, FAILED)
    assert status.message == "its files cannot be fetched: http://x/y answered 404: mend the URI"


@pytest.mark.parametrize(
    ("about", "reason", "words"),
    [
        ("image", FAILED, "the image cannot be had: "),
        ("volume", FAILED, "a volume cannot be had: "),
        ("network", FAILED, "the network cannot be had: "),
        ("limits", FAILED, "the limits cannot be set: "),
        ("command", Reason.REASON_COMMAND_EXECUTOR_FAILED, "the command cannot be run: "),
        ("other", FAILED, "it is like this"),
    ],
)
async def test_troubles_of_a_launch_are_told_apart(
    world: World, about: Any, reason: mesos.TaskStatusReason, words: str
) -> None:
    world.host.refusal = LaunchError("it is like this", Who.REQUEST, about)
    await world.started()
    status = await the_end(world, task("t1"))
    assert (status.state, status.reason) == (mesos.TaskState.TASK_FAILED, reason)
    assert str(status.message).startswith(words)
    assert str(status.message).endswith("it is like this")


async def test_an_unknown_user_is_named(world: World) -> None:
    await world.started()
    info = task("t1")
    info.command = mesos.CommandInfo(value="id", user="nobody-of-this-name")
    status = await the_end(world, info)
    assert (status.state, status.reason) == (mesos.TaskState.TASK_FAILED, FAILED)
    assert "its user cannot be used: there is no user 'nobody-of-this-name'" in str(status.message)
    assert world.host.launched == []


async def test_volumes_of_the_container_are_bound(world: World, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    await world.started()
    info = task("t1")
    info.container = mesos.ContainerInfo(
        type=mesos.ContainerInfoType.MESOS,
        volumes=[
            mesos.Volume(container_path="/a", host_path=str(tmp_path / "there"), mode=mesos.VolumeMode.RO),
            mesos.Volume(container_path="cache", host_path="scratch", mode=mesos.VolumeMode.RW),
        ],
    )
    await world.orchestrator.run_task(info, FRAMEWORK)
    await world.orchestrator.until(lambda: world.host.running)
    spec = world.host.containers[world.host.running[0]].spec
    assert [(b.source, b.target, b.read_only) for b in spec.binds] == [
        (str(tmp_path / "there"), "/a", True),
        (f"{spec.sandbox}/scratch", "cache", False),
    ]


async def test_a_volume_that_is_not_there_fails_the_task_and_leaves_nothing(world: World) -> None:
    agent = await world.started()
    info = task("t1", resources=[disk("v1", "/data")])
    missing = mesos.Volume(container_path="/a", host_path="/no/such/place", mode=mesos.VolumeMode.RW)
    info.container = mesos.ContainerInfo(type=mesos.ContainerInfoType.MESOS, volumes=[missing])
    status = await the_end(world, info)
    assert (status.state, status.reason) == (mesos.TaskState.TASK_FAILED, FAILED)
    assert "a volume cannot be had: volume '/a': /no/such/place on the agent's host" in str(status.message)
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    assert world.manager.held == {}


async def test_limits_may_be_above_what_is_asked_for_or_none(world: World) -> None:
    await world.started()
    info = task("t1", resources=[scalar("cpus", 0.1), scalar("mem", 32)])
    info.limits = {
        "cpus": mesos.ValueScalar(value=2.0),
        "mem": mesos.ValueScalar(value=1.7e308),
        "pids": mesos.ValueScalar(value=64.0),
    }
    await world.orchestrator.run_task(info, FRAMEWORK)
    await world.orchestrator.until(lambda: world.host.running)
    spec = world.host.containers[world.host.running[0]].spec
    assert (spec.limits.cpu_milli, spec.limits.memory_bytes, spec.processes) == (2000, None, 64)


async def test_secrets_reach_the_command_and_nothing_else(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    agent = await world.started()
    secret = mesos.Secret(type=mesos.SecretType.VALUE, value=mesos.SecretValue(data=b"hunter2"))
    variable = mesos.EnvironmentVariable(
        name="TOKEN", type=mesos.EnvironmentVariableType.SECRET, secret=secret
    )
    info = task("t1")
    info.command = mesos.CommandInfo(value="exit 3", environment=mesos.Environment(variables=[variable]))
    await world.orchestrator.run_task(info, FRAMEWORK)
    await world.orchestrator.until(lambda: world.host.launched)
    shown = b"".join(encode(each) for each in agent.tasks.report())
    await world.orchestrator.until(lambda: "TASK_FAILED" in world.orchestrator.states("t1"))
    shown += b"".join(encode(each) for each in world.orchestrator.statuses("t1"))
    assert b"hunter2" not in shown
    assert b"aHVudGVyMg" not in shown, "nor in base64"
    assert "hunter2" not in caplog.text


async def test_a_running_task_whose_volume_is_in_trouble_after_a_restart_goes_on(world: World) -> None:
    await world.started()
    await world.orchestrator.run_task(task("t1", "sleep 9", [disk("v1", "/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    await world.crash()
    published = len(world.manager.story)
    await world.started()
    await world.orchestrator.until(lambda: len(world.manager.story) > published)
    assert world.manager.story[-1][0] == "publish", "it is looked at again"
    await world.crash()
    world.manager.failure = "the device is gone"
    await world.started()
    await asyncio.sleep(0.05)
    assert len(world.host.running) == 1
