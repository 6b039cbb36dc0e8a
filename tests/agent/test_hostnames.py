"""The name that a task's container sees as its host's: as the task asks for it, or refused."""

from __future__ import annotations

from api.wire.v1 import mesos
from tests.agent.world import FRAMEWORK, World, task

Reason = mesos.TaskStatusReason


async def test_a_task_is_given_the_hostname_it_asks_for_or_refused_one_that_is_none(
    world: World,
) -> None:
    await world.started()
    good, bad, plain = task("good"), task("bad"), task("plain")
    good.container = mesos.ContainerInfo(type=mesos.ContainerInfoType.MESOS, hostname="db-1")
    bad.container = mesos.ContainerInfo(type=mesos.ContainerInfoType.MESOS, hostname="../db")
    for info in (good, bad, plain):
        await world.orchestrator.run_task(info, FRAMEWORK)
    for name in ("good", "plain"):
        await world.orchestrator.until(lambda name=name: "TASK_RUNNING" in world.orchestrator.states(name))
    await world.orchestrator.until(lambda: "TASK_ERROR" in world.orchestrator.states("bad"))
    assert {each.spec.hostname for each in world.host.containers.values()} == {"db-1", None}
    status = world.orchestrator.statuses("bad")[-1]
    assert status.reason is Reason.REASON_TASK_INVALID and "hostname" in str(status.message)
