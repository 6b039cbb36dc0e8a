"""What a container's RLimitInfo comes to, and what of it can never be."""

from __future__ import annotations

import pytest
from msgspec import UNSET

from agent.commands import InvalidTask
from agent.containerizer.interface import ResourceLimit
from agent.rlimits import rlimits_of
from api.wire.v1 import mesos
from tests.agent.world import FRAMEWORK, World, task

Type = mesos.RLimitInfoRLimitType
Reason = mesos.TaskStatusReason


def container(*rlimits: mesos.RLimitInfoRLimit) -> mesos.ContainerInfo:
    info = mesos.RLimitInfo(rlimits=list(rlimits))
    return mesos.ContainerInfo(type=mesos.ContainerInfoType.MESOS, rlimit_info=info)


def test_a_limit_without_amounts_is_lifted() -> None:
    asked = container(
        mesos.RLimitInfoRLimit(type=Type.RLMT_NOFILE, soft=10, hard=20),
        mesos.RLimitInfoRLimit(type=Type.RLMT_CORE),
    )
    assert rlimits_of(asked) == (ResourceLimit("nofile", 10, 20), ResourceLimit("core", None, None))
    assert rlimits_of(UNSET) == ()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (mesos.RLimitInfoRLimit(soft=1, hard=1), "none of the limits"),
        (mesos.RLimitInfoRLimit(type=Type.UNKNOWN, soft=1, hard=1), "none of the limits"),
        (mesos.RLimitInfoRLimit(type=Type.RLMT_AS, soft=1), "both soft and hard"),
        (mesos.RLimitInfoRLimit(type=Type.RLMT_AS, hard=1), "both soft and hard"),
    ],
)
def test_half_a_limit_is_refused(wrong: mesos.RLimitInfoRLimit, words: str) -> None:
    with pytest.raises(InvalidTask, match=words):
        rlimits_of(container(wrong))


async def test_a_task_is_given_its_limits_and_one_that_makes_no_sense_is_an_error(world: World) -> None:
    await world.started()
    good, bad = task("good"), task("bad")
    good.container = container(mesos.RLimitInfoRLimit(type=Type.RLMT_NOFILE, soft=10, hard=20))
    bad.container = container(mesos.RLimitInfoRLimit(type=Type.RLMT_NOFILE, soft=20, hard=10))
    for info in (good, bad):
        await world.orchestrator.run_task(info, FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("good"))
    await world.orchestrator.until(lambda: "TASK_ERROR" in world.orchestrator.states("bad"))
    (running,) = world.host.containers.values()
    assert running.spec.rlimits == (ResourceLimit("nofile", 10, 20),)
    status = world.orchestrator.statuses("bad")[-1]
    assert status.reason is Reason.REASON_TASK_INVALID and "'nofile'" in str(status.message)
