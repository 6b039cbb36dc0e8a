"""Tasks whose end their framework has acknowledged, while their volumes are still held."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence

from agent.tasks.record import TaskRecord
from api.wire.v1 import mesos
from tests.agent.world import FRAMEWORK, World, disk, task

NAME = "cleaned up"


async def hold_its_volumes_back(world: World) -> asyncio.Event:
    """Run a task to its acknowledged end; its volumes are given back once the event is set."""
    stuck, release = asyncio.Event(), world.manager.unpublish

    async def unpublish(user: str, providers: Sequence[str]) -> None:
        await stuck.wait()
        await release(user, providers)

    world.manager.unpublish = unpublish  # type: ignore[method-assign]
    agent = await world.started()
    await world.orchestrator.run_task(task(NAME, "exit 0", [disk("v1", "/data")]), FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_FINISHED" in world.orchestrator.states(NAME))
    await world.orchestrator.until(lambda: not any(record.statuses for record in agent.tasks.records))
    await asyncio.sleep(0.01)  # the acknowledgement is being written
    return stuck


async def test_an_acknowledged_end_is_reported_as_the_end_by_the_next_life_of_the_agent(
    world: World,
) -> None:
    stuck = await hold_its_volumes_back(world)
    await world.crash()
    agent = await world.started()
    (reported,) = world.orchestrator.registrations[-1].tasks
    assert (reported.state, reported.statuses) == (mesos.TaskState.TASK_FINISHED, [])
    stuck.set()
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    assert world.orchestrator.states(NAME)[-1:] == ["TASK_FINISHED"]


async def test_nothing_of_a_task_that_an_earlier_life_had_acknowledged_stays_in_memory(
    world: World,
) -> None:
    stuck = await hold_its_volumes_back(world)
    await world.crash()
    agent = await world.started()
    stuck.set()
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    await asyncio.sleep(0.01)
    gc.collect()
    kept = [each for each in gc.get_objects() if isinstance(each, TaskRecord)]
    assert [record.key for record in kept if record.info.name == NAME] == []


async def test_another_task_of_a_name_that_is_still_cleaned_up_is_dropped_with_the_reason(
    world: World,
) -> None:
    stuck = await hold_its_volumes_back(world)
    await world.orchestrator.run_task(task(NAME, "exit 0"), FRAMEWORK)
    await world.orchestrator.until(lambda: world.orchestrator.states(NAME)[-1] == "TASK_LOST")
    stuck.set()
