"""Custom executors: what they are handed, what is taken of what they say, how they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agent.containerizer.interface import LaunchError, Limits, Who
from agent.executors.conversation import NotSubscribed
from agent.executors.executors import UnknownExecutor
from agent.executors.spec import MAX_DATA_BYTES, ExecutorLimits
from agent.executors.state import ExecutorPhase, InvalidUpdate
from agent.executors.task import ExecutorTask, TooManyUpdates
from agent.tasks.state import TaskPhase
from api.wire.v1 import executor as wire
from api.wire.v1 import link, mesos
from tests.agent.model_executor import ModelExecutor, State
from tests.agent.world import FRAMEWORK, World, custom_executor, disk, scalar, task

Reason = mesos.TaskStatusReason


@pytest.fixture
async def executor(world: World) -> AsyncIterator[ModelExecutor]:
    """It is subscribed, and runs the task t1."""
    executor = ModelExecutor()
    agent = await world.started()
    await world.orchestrator.run_with(custom_executor(), task("t1"), FRAMEWORK)
    await executor.keep_subscribed(agent)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    try:
        yield executor
    finally:
        await executor.stop()


async def test_a_task_is_handed_to_its_executor_and_its_words_reach_the_scheduler(
    world: World, executor: ModelExecutor
) -> None:
    assert world.agent is not None
    assert [event.type for event in executor.events[:2]] == [wire.EventType.SUBSCRIBED, wire.EventType.LAUNCH]
    await executor.say(world.agent, "t1", State.TASK_FINISHED, data=b"result")
    await world.orchestrator.until(lambda: "TASK_FINISHED" in world.orchestrator.states("t1"))
    status = world.orchestrator.statuses("t1")[-1]
    assert status.data == b"result" and status.source is mesos.TaskStatusSource.SOURCE_EXECUTOR
    assert status.executor_id == mesos.ExecutorID(value="e1") and status.agent_id == mesos.AgentID(
        value="agent-1"
    )
    agent = world.agent
    await world.orchestrator.until(lambda: not executor.updates and len(agent.tasks) == 0)
    assert len(world.host.launched) == 1, "one container: the executor's"


async def test_the_environment_says_where_the_agent_is_and_who_the_executor_is(
    world: World, executor: ModelExecutor
) -> None:
    (container,) = world.host.containers.values()
    environment = container.spec.environment
    assert environment["MESOS_AGENT_ENDPOINT"].startswith("127.0.0.1:")
    assert environment["MESOS_FRAMEWORK_ID"] == "fw" and environment["MESOS_EXECUTOR_ID"] == "e1"
    assert environment["MESOS_DIRECTORY"] == environment["MESOS_SANDBOX"] == container.spec.sandbox
    assert environment["MESOS_CHECKPOINT"] == "1" and environment["MESOS_RECOVERY_TIMEOUT"] == "900secs"
    assert environment["MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD"] == "0.2secs"
    assert "MESOS_TASK_ID" not in environment


async def test_a_second_task_goes_to_the_same_executor(world: World, executor: ModelExecutor) -> None:
    await world.orchestrator.run_with(custom_executor(), task("t2"), FRAMEWORK, starts=False)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t2"))
    assert executor.launched == ["t1", "t2"] and len(world.host.launched) == 1


async def test_a_group_is_handed_over_as_one(world: World, executor: ModelExecutor) -> None:
    await world.orchestrator.run_group(custom_executor(), [task("a"), task("b")], FRAMEWORK, starts=False)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("b"))
    (event,) = executor.said(wire.EventType.LAUNCH_GROUP)
    assert [each.task_id.value for each in event.launch_group.task_group.tasks] == ["a", "b"]  # type: ignore[union-attr]


async def test_a_kill_is_passed_on_and_the_executors_answer_counts(
    world: World, executor: ModelExecutor
) -> None:
    await world.orchestrator.kill_task("t1", grace=7.0)
    await world.orchestrator.until(lambda: "TASK_KILLED" in world.orchestrator.states("t1"))
    (kill,) = executor.said(wire.EventType.KILL)
    assert kill.kill.kill_policy.grace_period.nanoseconds == 7_000_000_000  # type: ignore[union-attr]
    assert len(world.host.running) == 1, "the executor lives on"


async def test_a_task_that_is_killed_before_its_executor_is_there_is_never_handed_over(world: World) -> None:
    agent = await world.started()
    await world.orchestrator.run_with(custom_executor(), task("t1"), FRAMEWORK)
    await world.orchestrator.until(lambda: world.host.running)
    await world.orchestrator.kill_task("t1")
    await world.orchestrator.until(lambda: "TASK_KILLED" in world.orchestrator.states("t1"))
    assert world.orchestrator.statuses("t1")[-1].reason is Reason.REASON_TASK_KILLED_DURING_LAUNCH
    executor = ModelExecutor()
    await executor.keep_subscribed(agent)
    await world.orchestrator.until(executor.shut_down.is_set)
    assert executor.launched == []
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    assert world.host.containers == {}
    await executor.stop()


async def test_messages_go_both_ways(world: World, executor: ModelExecutor) -> None:
    assert world.agent is not None
    message = link.ExecutorMessage(
        framework_id=mesos.FrameworkID(value="fw"), executor_id=mesos.ExecutorID(value="e1"), data=b"down"
    )
    await world.orchestrator.say(link.OrchestratorMessageType.EXECUTOR_MESSAGE, executor_message=message)
    await world.orchestrator.until(lambda: executor.said(wire.EventType.MESSAGE))
    assert executor.said(wire.EventType.MESSAGE)[0].message == wire.EventMessage(data=b"down")
    call = executor.call(wire.CallType.MESSAGE, message=wire.CallMessage(data=b"up"))
    world.agent.link.send(world.agent.executors.said(call, b"up"))
    await world.orchestrator.until(
        lambda: any(
            isinstance(each.executor_message, link.ExecutorMessage) and each.executor_message.data == b"up"
            for each in world.orchestrator.messages
        )
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.TASK_STARTING, "cannot become TASK_STARTING"),
        (State.TASK_STAGING, "cannot become TASK_STAGING"),
    ],
)
async def test_a_state_that_goes_backwards_is_refused(
    world: World, executor: ModelExecutor, state: State, words: str
) -> None:
    assert world.agent is not None
    with pytest.raises(InvalidUpdate, match=words):
        await executor.say(world.agent, "t1", state)
    assert world.orchestrator.states("t1") == ["TASK_RUNNING"]


async def test_an_update_for_a_task_that_is_not_the_executors_is_refused_and_harms_nobody(
    world: World, executor: ModelExecutor
) -> None:
    assert world.agent is not None
    await world.orchestrator.run_task(task("other"), FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("other"))
    for name in ("other", "never"):
        with pytest.raises(InvalidUpdate, match="was not given a task"):
            await executor.say(world.agent, name, State.TASK_FAILED)
    assert world.orchestrator.states("other") == ["TASK_RUNNING"]


async def test_an_ended_task_has_ended(world: World, executor: ModelExecutor) -> None:
    assert world.agent is not None
    world.orchestrator.acknowledges = False
    await executor.say(world.agent, "t1", State.TASK_FINISHED)
    with pytest.raises(InvalidUpdate, match="has ended"):
        await executor.say(world.agent, "t1", State.TASK_FAILED)


async def test_an_update_without_its_own_uuid_or_too_long_is_refused(
    world: World, executor: ModelExecutor
) -> None:
    assert world.agent is not None
    bad = executor.status("t1", State.TASK_RUNNING)
    bad.uuid = b"short"
    with pytest.raises(InvalidUpdate, match="16 bytes"):
        await executor.send(world.agent, bad)
    foreign = executor.status("t1", State.TASK_RUNNING)
    foreign.source = mesos.TaskStatusSource.SOURCE_MASTER
    with pytest.raises(InvalidUpdate, match="SOURCE_EXECUTOR"):
        await executor.send(world.agent, foreign)
    with pytest.raises(InvalidUpdate, match="too long"):
        await executor.say(world.agent, "t1", State.TASK_RUNNING, data=b"x" * MAX_DATA_BYTES)


async def test_an_update_that_is_repeated_is_told_once(world: World, executor: ModelExecutor) -> None:
    assert world.agent is not None
    status = executor.status("t1", State.TASK_RUNNING)
    await executor.send(world.agent, status)
    await executor.send(world.agent, status)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_RUNNING"] * 2)
    await asyncio.sleep(0.02)
    await executor.send(world.agent, status)  # acknowledged by now
    await asyncio.sleep(0.02)
    assert world.orchestrator.states("t1") == ["TASK_RUNNING"] * 2


async def test_updates_wait_for_their_acknowledgements_in_bounded_number(
    world: World, executor: ModelExecutor
) -> None:
    assert world.agent is not None
    await world.orchestrator.until(lambda: not executor.updates)
    world.orchestrator.acknowledges = False
    for _ in range(world.executors.unacknowledged):
        await executor.say(world.agent, "t1", State.TASK_RUNNING)
    with pytest.raises(TooManyUpdates):
        await executor.say(world.agent, "t1", State.TASK_RUNNING)


async def test_the_uuids_of_one_executor_do_not_disturb_another(
    world: World, executor: ModelExecutor
) -> None:
    assert world.agent is not None
    world.orchestrator.acknowledges = False
    other = ModelExecutor("e2")
    await world.orchestrator.run_with(custom_executor("e2"), task("t2"), FRAMEWORK)
    await other.keep_subscribed(world.agent)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t2"))
    first = executor.status("t1", State.TASK_RUNNING)
    second = other.status("t2", State.TASK_RUNNING)
    first.uuid = second.uuid = b"the same for two"
    await executor.send(world.agent, first)
    await other.send(world.agent, second)
    world.orchestrator.acknowledges = True
    await other.stop()


async def test_whoever_is_not_subscribed_or_unknown_is_not_heard(
    world: World, executor: ModelExecutor
) -> None:
    assert world.agent is not None
    with pytest.raises(UnknownExecutor):
        await ModelExecutor("e9").subscribe(world.agent)
    with pytest.raises(UnknownExecutor):
        await ModelExecutor("e1", "another").subscribe(world.agent)
    executor.disconnect()
    await asyncio.sleep(0)
    with pytest.raises(NotSubscribed):
        await executor.say(world.agent, "t1", State.TASK_FAILED)


async def test_an_executor_that_ends_takes_its_tasks_with_it(world: World, executor: ModelExecutor) -> None:
    assert world.agent is not None
    world.host.end(world.host.running[0], 3)
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    await world.orchestrator.until(lambda: "TASK_FAILED" in world.orchestrator.states("t1"))
    status = world.orchestrator.statuses("t1")[-1]
    assert status.state is State.TASK_FAILED and status.reason is Reason.REASON_EXECUTOR_TERMINATED
    assert status.message == "the executor ended: it exited with status 3"
    exits = [message.executor_exited for message in world.orchestrator.messages if message.executor_exited]
    assert [each.status for each in exits] == [3 << 8]
    agent = world.agent
    assert world.host.containers == {} and len(agent.executors) == 0
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)


async def test_statuses_name_the_container_that_the_task_lives_in_whoever_says_how_it_is(
    world: World, executor: ModelExecutor
) -> None:
    (container,) = world.host.containers
    world.host.end(container, 1)
    await world.orchestrator.until(lambda: "TASK_FAILED" in world.orchestrator.states("t1"))
    by_executor, by_agent = world.orchestrator.statuses("t1")
    assert by_agent.source is mesos.TaskStatusSource.SOURCE_AGENT
    for status in (by_executor, by_agent):
        assert status.container_status.container_id == mesos.ContainerID(value=container)  # type: ignore[union-attr]


async def test_an_executor_that_never_subscribes_is_ended_and_its_tasks_are_told(world: World) -> None:
    world.executors = ExecutorLimits(registration_timeout=0.05)
    agent = await world.started()
    await world.orchestrator.run_with(custom_executor(), task("t1"), FRAMEWORK)
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    await world.orchestrator.until(lambda: "TASK_FAILED" in world.orchestrator.states("t1"))
    status = world.orchestrator.statuses("t1")[-1]
    assert status.state is State.TASK_FAILED
    assert status.reason is Reason.REASON_EXECUTOR_REGISTRATION_TIMEOUT
    assert status.message == "the executor did not subscribe within 0.05 s"
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    assert world.host.containers == {} and agent.executors.report() == []


async def test_an_executor_that_stays_away_is_ended(world: World) -> None:
    world.executors = ExecutorLimits(reregistration_timeout=0.05)
    executor = ModelExecutor()
    agent = await world.started()
    await world.orchestrator.run_with(custom_executor(), task("t1"), FRAMEWORK)
    await executor.keep_subscribed(agent)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    executor.disconnect()
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    await world.orchestrator.until(lambda: "TASK_FAILED" in world.orchestrator.states("t1"))
    assert world.orchestrator.statuses("t1")[-1].reason is Reason.REASON_EXECUTOR_REREGISTRATION_TIMEOUT
    assert world.host.containers == {}


async def test_an_executor_that_cannot_be_started_is_told_by_its_tasks(world: World) -> None:
    world.host.refusal = LaunchError("no such program", Who.REQUEST)
    await world.started()
    await world.orchestrator.run_with(custom_executor(), task("t1"), FRAMEWORK)
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    await world.orchestrator.until(lambda: "TASK_FAILED" in world.orchestrator.states("t1"))
    status = world.orchestrator.statuses("t1")[-1]
    assert status.reason is Reason.REASON_CONTAINER_LAUNCH_FAILED
    assert status.message == "its executor cannot be started: no such program"


async def test_an_executor_that_waits_for_its_image_says_so_and_can_be_ended(world: World) -> None:
    world.host.slow = "pulling image web: 0 of 7 layers"
    agent = await world.started()
    info = custom_executor(resources=[disk("v1", "/data")])
    await world.orchestrator.run_with(info, task("t1"), FRAMEWORK)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_STAGING"])
    assert world.orchestrator.statuses("t1")[0].message == "pulling image web: 0 of 7 layers"
    framework = link.OrchestratorMessageShutdownFramework(framework_id=mesos.FrameworkID(value="fw"))
    await world.orchestrator.say(
        link.OrchestratorMessageType.SHUTDOWN_FRAMEWORK, shutdown_framework=framework
    )
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    assert world.orchestrator.statuses("t1")[-1].reason is Reason.REASON_FRAMEWORK_REMOVED
    assert (world.host.launched, world.manager.held) == ([], {})


async def test_an_executor_that_is_shut_down_may_end_its_tasks_first(
    world: World, executor: ModelExecutor
) -> None:
    assert world.agent is not None
    shutdown = link.OrchestratorMessageShutdownExecutor(
        framework_id=mesos.FrameworkID(value="fw"), executor_id=mesos.ExecutorID(value="e1")
    )
    await world.orchestrator.say(link.OrchestratorMessageType.SHUTDOWN_EXECUTOR, shutdown_executor=shutdown)
    await world.orchestrator.until(executor.shut_down.is_set)
    await executor.say(world.agent, "t1", State.TASK_KILLED)
    world.host.end(world.host.running[0], 0)
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    assert world.orchestrator.states("t1")[-1] == "TASK_KILLED"


async def test_an_executor_that_ignores_its_shutdown_is_killed(world: World, executor: ModelExecutor) -> None:
    framework = link.OrchestratorMessageShutdownFramework(framework_id=mesos.FrameworkID(value="fw"))
    await world.orchestrator.say(
        link.OrchestratorMessageType.SHUTDOWN_FRAMEWORK, shutdown_framework=framework
    )
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    assert executor.shut_down.is_set() and world.host.containers == {}


async def test_a_task_for_an_executor_that_has_exited_is_dropped(world: World) -> None:
    await world.started()
    await world.orchestrator.run_with(custom_executor(), task("t1"), FRAMEWORK, starts=False)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_LOST"])
    status = world.orchestrator.statuses("t1")[-1]
    assert status.reason is Reason.REASON_EXECUTOR_TERMINATED and "launch another one" in str(status.message)
    assert world.host.launched == []


async def test_the_executors_volumes_are_published_for_it_and_given_back(world: World) -> None:
    executor = ModelExecutor()
    agent = await world.started()
    info = custom_executor(resources=[disk("v1", "/data")])
    await world.orchestrator.run_with(info, task("t1"), FRAMEWORK)
    await executor.keep_subscribed(agent)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    (container,) = world.host.containers.values()
    assert [bind.target for bind in container.spec.binds] == ["/data"]
    world.host.end(world.host.running[0], 0)
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    assert world.manager.held == {}
    await executor.stop()


async def test_a_subscription_replaces_an_earlier_one(world: World, executor: ModelExecutor) -> None:
    assert world.agent is not None
    await executor.subscribe(world.agent)
    await world.orchestrator.run_with(custom_executor(), task("t2"), FRAMEWORK, starts=False)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t2"))
    assert executor.launched == ["t1", "t2"]
    (record,) = world.agent.executors.records
    assert record.phase is ExecutorPhase.RUNNING


async def test_an_executor_may_use_what_its_live_tasks_were_given(world: World) -> None:
    executor = ModelExecutor()
    agent = await world.started()
    given = [scalar("cpus", 0.5), scalar("mem", 64)]
    first, second = task("t1", resources=given), task("t2", resources=given)
    await world.orchestrator.run_with(custom_executor(resources=[scalar("mem", 32)]), first, FRAMEWORK)
    await executor.keep_subscribed(agent)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    (container,) = world.host.containers.values()
    assert container.limits == Limits(cpu_milli=500, memory_bytes=96 * 2**20)
    await world.orchestrator.run_with(custom_executor(), second, FRAMEWORK, starts=False)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t2"))
    assert container.limits == Limits(cpu_milli=1000, memory_bytes=160 * 2**20)
    await executor.say(agent, "t1", State.TASK_FINISHED)
    await world.orchestrator.until(lambda: container.limits == Limits(500, 96 * 2**20))
    await executor.stop()


@pytest.mark.parametrize("wrong", ["a", "b"])
async def test_a_group_of_which_one_task_cannot_run_is_not_handed_over(
    world: World, executor: ModelExecutor, wrong: str
) -> None:
    tasks = [task(name, resources=[disk("v1", "/data")] if name == wrong else []) for name in ("a", "b")]
    await world.orchestrator.run_group(custom_executor(), tasks, FRAMEWORK, starts=False)
    right = "b" if wrong == "a" else "a"
    await world.orchestrator.until(lambda: "TASK_KILLED" in world.orchestrator.states(right))
    await world.orchestrator.until(lambda: world.orchestrator.states(wrong) == ["TASK_ERROR"])
    assert "relative path" in str(world.orchestrator.statuses(wrong)[-1].message)
    assert executor.launched == ["t1"]


async def test_a_task_finds_its_volumes_in_an_executor_that_ran_and_gives_them_back_while_it_runs_on(
    world: World, executor: ModelExecutor
) -> None:
    wanted = task("v", resources=[disk("v1", "data")])
    await world.orchestrator.run_with(custom_executor(), wanted, FRAMEWORK, starts=False)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("v"))
    ((_, target),) = world.late.brought
    assert target == "data" and len(world.manager.held) == 1
    assert world.agent is not None
    world.late.busy = True
    await executor.say(world.agent, "v", State.TASK_FINISHED)
    await world.orchestrator.until(lambda: "TASK_FINISHED" in world.orchestrator.states("v"))
    assert len(world.manager.held) == 1, "the executor has a file in it open"
    world.late.busy = False
    await world.orchestrator.until(lambda: world.manager.held == {})
    assert world.late.brought == {} and len(world.host.running) == 1


async def test_a_task_whose_volume_cannot_be_brought_fails_with_why_and_is_not_handed_over(
    world: World, executor: ModelExecutor
) -> None:
    world.late.refusal = "a link or a file called data is in the way: remove it"
    wanted = task("v", resources=[disk("v1", "data")])
    await world.orchestrator.run_with(custom_executor(), wanted, FRAMEWORK, starts=False)
    await world.orchestrator.until(lambda: world.orchestrator.states("v") == ["TASK_FAILED"])
    status = world.orchestrator.statuses("v")[-1]
    assert status.message == f"a volume cannot be had: {world.late.refusal}"
    assert status.reason is Reason.REASON_CONTAINER_LAUNCH_FAILED
    await world.orchestrator.until(lambda: world.manager.held == {})
    assert executor.launched == ["t1"]


async def test_a_task_that_wants_another_volume_at_the_same_place_does_not_take_the_firsts_away(
    world: World, executor: ModelExecutor
) -> None:
    assert world.agent is not None
    first, second = (task(name, resources=[disk(f"of-{name}", "data")]) for name in ("a", "b"))
    await world.orchestrator.run_with(custom_executor(), first, FRAMEWORK, starts=False)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("a"))
    there = dict(world.late.brought)
    world.late.refusal = "something else is mounted at data: choose another container_path"
    await world.orchestrator.run_with(custom_executor(), second, FRAMEWORK, starts=False)
    await world.orchestrator.until(lambda: world.orchestrator.states("b") == ["TASK_FAILED"])
    assert world.late.brought == there and len(world.manager.held) == 1
    await executor.say(world.agent, "a", State.TASK_FINISHED)
    await world.orchestrator.until(lambda: world.manager.held == {})
    assert world.late.brought == {}


async def test_volumes_of_an_executors_tasks_are_held_over_a_restart_and_go_with_the_executor(
    world: World, executor: ModelExecutor
) -> None:
    wanted = task("v", resources=[disk("v1", "data")])
    await world.orchestrator.run_with(custom_executor(), wanted, FRAMEWORK, starts=False)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("v"))
    await world.crash()
    agent = await world.started()
    await executor.keep_subscribed(agent)
    assert len(world.manager.held) == 1
    world.host.end(world.host.running[0], 0)
    await world.orchestrator.until(lambda: "TASK_FAILED" in world.orchestrator.states("v"))
    await world.orchestrator.until(lambda: world.manager.held == {})


async def test_volumes_that_a_former_life_brought_are_taken_away_before_anybody_else_may_have_them(
    world: World, executor: ModelExecutor
) -> None:
    wanted = task("v", resources=[disk("v1", "data")])
    await world.orchestrator.run_with(custom_executor(), wanted, FRAMEWORK, starts=False)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("v"))
    await world.crash()
    agent = await world.started()
    await executor.keep_subscribed(agent)
    world.manager.failure = "the plugin is being started"
    await executor.say(agent, "v", State.TASK_FINISHED)
    await world.orchestrator.until(lambda: "TASK_FINISHED" in world.orchestrator.states("v"))
    assert len(world.manager.held) == 1, "it is in the container, and nobody can say where on the host it is"
    world.manager.failure = None
    await world.orchestrator.until(lambda: world.manager.held == {})
    assert world.late.brought == {} and len(world.host.running) == 1


async def test_a_task_that_ends_after_a_crash_before_its_volumes_are_brought_again_leaves_none_behind(
    world: World, executor: ModelExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought, bring = asyncio.Event(), world.late.bring

    async def and_die(*given: Any) -> None:
        await bring(*given)
        brought.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(world.late, "bring", and_die)
    wanted = task("v", resources=[disk("v1", "data")])
    await world.orchestrator.run_with(custom_executor(), wanted, FRAMEWORK, starts=False)
    await brought.wait()
    await world.crash()
    world.manager.slow.clear()
    agent = await world.started()
    await executor.keep_subscribed(agent)
    run = agent.executors.find("fw", "e1")
    assert run is not None and len(world.late.brought) == 1
    (member,) = (each for each in run._members if each.record.info.task_id.value == "v")
    assert isinstance(member, ExecutorTask)
    await member.end(TaskPhase.KILLED, "it is not wanted any more", Reason.REASON_TASK_KILLED_DURING_LAUNCH)
    await world.orchestrator.until(lambda: "TASK_KILLED" in world.orchestrator.states("v"))
    assert len(world.manager.held) == 1
    world.manager.slow.set()
    await world.orchestrator.until(lambda: world.manager.held == {})
    assert world.late.brought == {} and len(world.host.running) == 1


async def test_an_update_that_is_repeated_while_its_acknowledgement_is_written_is_no_new_one(
    world: World, executor: ModelExecutor
) -> None:
    assert world.agent is not None
    await world.orchestrator.until(lambda: not executor.updates)
    world.orchestrator.acknowledges = False
    status = executor.status("t1", State.TASK_RUNNING)
    await executor.send(world.agent, status)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_RUNNING"] * 2)
    assert isinstance(status.uuid, bytes)
    acknowledged = link.OrchestratorMessageAcknowledgeTaskStatus(
        framework_id=mesos.FrameworkID(value="fw"), task_id=status.task_id, uuid=status.uuid
    )
    world.agent.tasks.acknowledge(acknowledged)
    await executor.send(world.agent, status)
    await asyncio.sleep(0.02)
    assert world.orchestrator.states("t1") == ["TASK_RUNNING"] * 2


async def test_an_acknowledgement_that_comes_while_the_executor_subscribes_is_told(
    world: World, executor: ModelExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.agent is not None
    await world.orchestrator.until(lambda: not executor.updates)
    world.orchestrator.acknowledges = False
    status = await executor.say(world.agent, "t1", State.TASK_RUNNING)
    executor.disconnect()
    run = world.agent.executors.find("fw", "e1")
    assert run is not None and isinstance(status.uuid, bytes)
    waits, go_on, subscribed = asyncio.Event(), asyncio.Event(), run.subscribed

    async def slowly() -> bool:
        waits.set()
        await go_on.wait()
        return await subscribed()

    monkeypatch.setattr(run, "subscribed", slowly)
    subscribing = asyncio.create_task(executor.subscribe(world.agent))
    await waits.wait()
    acknowledged = link.OrchestratorMessageAcknowledgeTaskStatus(
        framework_id=mesos.FrameworkID(value="fw"), task_id=status.task_id, uuid=status.uuid
    )
    world.agent.tasks.acknowledge(acknowledged)
    await asyncio.sleep(0.02)
    go_on.set()
    await subscribing
    await world.orchestrator.until(lambda: not executor.updates)


async def test_an_update_whose_sender_gave_up_is_no_new_one_when_it_comes_again(
    world: World, executor: ModelExecutor
) -> None:
    assert world.agent is not None
    status = executor.status("t1", State.TASK_RUNNING)
    sending = asyncio.create_task(executor.send(world.agent, status))
    for _ in range(3):
        await asyncio.sleep(0)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await executor.send(world.agent, status)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_RUNNING"] * 2)
