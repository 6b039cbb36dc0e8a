"""An agent that drains, or is removed for good: what its tasks are told, and what it says is in the way."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec import UNSET, UnsetType

from agent.draining import DrainParts
from api.wire.v1 import link, mesos
from provider.manager.publishing import PublishFailed
from tests.agent.model_executor import ModelExecutor
from tests.agent.model_orchestrator import Told
from tests.agent.test_executors import executor
from tests.agent.test_kill import running
from tests.agent.world import FRAMEWORK, World, custom_executor, default_executor, disk, task

__all__ = ["executor"]

Reason = mesos.TaskStatusReason
AWARE = mesos.FrameworkInfo(
    user="root",
    name="x",
    id=mesos.FrameworkID(value="fw"),
    capabilities=[mesos.FrameworkInfoCapability(type=mesos.FrameworkInfoCapabilityType.PARTITION_AWARE)],
)


def a_drain(
    number: int = 1, grace: float | None = None, *, mark_gone: bool = False
) -> link.OrchestratorMessageDrain:
    config = mesos.DrainConfig(mark_gone=mark_gone)
    if grace is not None:
        config.max_grace_period = mesos.DurationInfo(nanoseconds=int(grace * 1e9))
    return link.OrchestratorMessageDrain(uuid=mesos.UUID(value=bytes([number] * 16)), config=config)


async def order(world: World, drain: link.OrchestratorMessageDrain | UnsetType) -> None:
    world.orchestrator.drain = drain
    update = link.OrchestratorMessageUpdateDrain(drain=drain)
    await world.orchestrator.say(Told.UPDATE_DRAIN, update_drain=update)


def said(world: World, number: int = 1) -> list[tuple[int, list[str]]]:
    """What the agent said of a drain."""
    found = [each.drain_status for each in world.orchestrator.messages if each.drain_status is not UNSET]
    return [(each.tasks, each.waiting) for each in found if each.uuid.value == bytes([number] * 16)]


async def refused(user: str, providers: Sequence[str]) -> None:
    raise PublishFailed("the volume is busy")


async def until_empty(world: World, number: int = 1) -> None:
    await world.orchestrator.until(lambda: said(world, number)[-1:] == [(0, [])])


async def test_tasks_get_their_own_grace_but_no_more_than_the_drains_and_are_told_why(world: World) -> None:
    world.host.ignores_term = True
    await world.started()
    container = world.host.containers[await running(world)]
    await order(world, a_drain(grace=0.05))
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1] == "TASK_KILLED")
    status = world.orchestrator.statuses("t1")[-1]
    assert container.kills == [0.05]
    assert status.reason is Reason.REASON_AGENT_DRAINING
    assert "drained by an operator" in str(status.message)
    await until_empty(world)


@pytest.mark.parametrize(("framework", "state"), [(AWARE, "TASK_GONE_BY_OPERATOR"), (FRAMEWORK, "TASK_LOST")])
async def test_a_drain_that_ends_with_the_agent_gone_is_told_as_that(
    world: World, framework: mesos.FrameworkInfo, state: str
) -> None:
    await world.started()
    await running(world, framework=framework)
    await order(world, a_drain(mark_gone=True))
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1] == state)
    assert world.orchestrator.statuses("t1")[-1].reason is Reason.REASON_AGENT_DRAINING
    await until_empty(world)


async def test_no_task_is_taken_on_while_the_agent_drains_and_again_afterwards(world: World) -> None:
    await world.started()
    await order(world, a_drain())
    await until_empty(world)
    await world.orchestrator.run_task(task("late"), FRAMEWORK)
    await world.orchestrator.until(lambda: world.orchestrator.states("late") == ["TASK_LOST"])
    assert world.orchestrator.statuses("late")[-1].reason is Reason.REASON_AGENT_DRAINING
    await order(world, UNSET)
    await running(world, "later")


async def test_a_drain_is_gone_on_with_after_a_crash_without_an_orchestrator(world: World) -> None:
    world.host.ignores_term = True
    await world.started()
    await running(world)
    await order(world, a_drain(grace=60.0))
    await world.orchestrator.until(lambda: said(world))
    world.orchestrator.reachable = False
    await world.orchestrator.drop()
    await world.crash()
    world.host.ignores_term = False
    agent = await world.start()
    await world.orchestrator.until(lambda: not world.host.running)
    assert agent.draining.order is not None
    world.orchestrator.reachable = True
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1:] == ["TASK_KILLED"])
    await until_empty(world)


async def test_a_registration_without_a_drain_ends_it(world: World) -> None:
    await world.started()
    await order(world, a_drain())
    await until_empty(world)
    await world.crash()
    world.orchestrator.drain = UNSET
    agent = await world.started()
    assert agent.draining.order is None
    await world.crash()
    assert (await world.start()).draining.order is None
    await world.orchestrator.until(lambda: len(world.orchestrator.registrations) == 3)
    await running(world)


async def test_what_is_in_the_way_is_said_until_it_is_not(world: World) -> None:
    lines = ["volume v is PUBLISHED", "container c is an operator's"]

    async def at_rest() -> Sequence[str]:
        return lines[:1]

    world.drain = DrainParts(at_rest, lambda: lines[1:])
    await world.started()
    await order(world, a_drain())
    await world.orchestrator.until(lambda: said(world) == [(0, [*lines[1:], *lines[:1]])])
    lines.pop()
    await world.orchestrator.until(lambda: said(world)[-1] == (0, lines))
    lines.pop()
    await until_empty(world)


async def test_a_task_whose_volume_is_not_given_back_is_named(world: World) -> None:
    await world.started()
    await world.orchestrator.run_task(task("t1", "sleep 9", [disk("v1", "/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    world.manager.unpublish, unpublish = refused, world.manager.unpublish  # type: ignore[method-assign]
    await order(world, a_drain())
    named = (1, ["task t1 has ended, and its volumes are not given back yet"])
    await world.orchestrator.until(lambda: said(world)[-1:] == [named])
    world.manager.unpublish = unpublish  # type: ignore[method-assign]
    await until_empty(world)


async def test_a_custom_executor_ends_its_tasks_and_is_shut_down_when_they_are_over(
    world: World, executor: ModelExecutor
) -> None:
    await order(world, a_drain(mark_gone=True))
    await world.orchestrator.until(lambda: "TASK_LOST" in world.orchestrator.states("t1"))
    assert world.orchestrator.statuses("t1")[-1].reason is Reason.REASON_AGENT_DRAINING
    await world.orchestrator.until(lambda: world.orchestrator.exited() == ["e1"])
    await until_empty(world)


async def test_a_custom_executor_that_does_not_obey_is_ended_after_the_grace_period(world: World) -> None:
    agent = await world.started()
    stubborn = ModelExecutor()
    await world.orchestrator.run_with(custom_executor(), task("t1"), FRAMEWORK)
    await stubborn.keep_subscribed(agent)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    stubborn.deaf_to_kill = True
    await order(world, a_drain(grace=0.05))
    await world.orchestrator.until(lambda: "TASK_KILLED" in world.orchestrator.states("t1"))
    assert world.orchestrator.statuses("t1")[-1].reason is Reason.REASON_AGENT_DRAINING
    await until_empty(world)
    await stubborn.stop()


async def test_a_group_ends_with_its_own_tasks(world: World) -> None:
    await world.started()
    tasks = [task("a", "sleep 9"), task("b", "sleep 9")]
    await world.orchestrator.run_group(default_executor(), tasks, FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("b"))
    await order(world, a_drain())
    await until_empty(world)
    reasons = {world.orchestrator.statuses(each)[-1].reason for each in ("a", "b")}
    assert reasons == {Reason.REASON_AGENT_DRAINING}


async def test_an_agent_that_is_gone_ends_everything_then_its_plugins_and_stays_so(world: World) -> None:
    ended: list[int] = []

    async def end_plugins() -> None:
        ended.append(len(world.host.running))

    world.drain = DrainParts(end_plugins=end_plugins)
    agent = await world.started()
    await running(world, framework=AWARE)
    why = "removed for good by an operator"
    await world.orchestrator.say(Told.AGENT_GONE, agent_gone=link.OrchestratorMessageAgentGone(message=why))
    await world.orchestrator.until(lambda: agent.draining.left)
    assert ended == [0], "once, and nothing ran any more"
    await world.crash()
    world.orchestrator.refusal = link.OrchestratorMessageRefused(message=why, permanent=True, gone=True)
    agent = await world.start()
    await world.orchestrator.until(lambda: agent.link.last_error and agent.draining.left)
    assert ended == [0, 0]


async def test_an_agent_that_was_removed_while_it_was_away_is_told_when_it_comes_back(world: World) -> None:
    agent = await world.started()
    await running(world)
    refused = link.OrchestratorMessageRefused(message="removed for good", permanent=True, gone=True)
    world.orchestrator.refusal = refused
    await world.orchestrator.drop()
    await world.orchestrator.until(lambda: agent.draining.left)
    assert world.host.running == []
    (record,) = agent.tasks.records
    assert record.kill is not None and record.kill.reason is Reason.REASON_AGENT_REMOVED_BY_OPERATOR
