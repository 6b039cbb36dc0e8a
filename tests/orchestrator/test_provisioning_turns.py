"""Operators' volumes whose goal is turned while a step is under way, or waits to be tried again."""

from __future__ import annotations

import pytest

from api.wire.v1 import mesos, resource_provider
from orchestrator.volumes import VolumeState
from tests.orchestrator.scripted import ScriptedAgent
from tests.orchestrator.test_core import Cluster, cluster, provision, until

__all__ = ["cluster"]

Refusal = mesos.OperationState


class SlowAgent(ScriptedAgent):
    """Leaves operations of one kind waiting until it is told to go on."""

    def __init__(self, slow: str) -> None:
        super().__init__()
        self.slow = slow
        self.waiting: list[resource_provider.EventApplyOperation] = []

    def apply(self, call: resource_provider.EventApplyOperation) -> None:
        if str(call.info.type) == self.slow:
            self.waiting.append(call)
        else:
            super().apply(call)

    def go_on(self) -> None:
        self.slow = ""
        for call in self.waiting:
            self.apply(call)


@pytest.mark.parametrize("step", ["CREATE_DISK", "RESERVE", "CREATE"])
@pytest.mark.parametrize("state", [Refusal.OPERATION_FAILED, Refusal.OPERATION_DROPPED])
async def test_a_volume_destroyed_while_a_step_up_is_refused_goes(
    cluster: Cluster, step: str, state: mesos.OperationState
) -> None:
    agent = SlowAgent(step)
    await agent.join(cluster.orchestrator)
    before, rooms = agent.totals, cluster.orchestrator
    agent.refuse[step] = state
    await rooms.provisioning.provision(provision())
    await until(lambda: agent.waiting)
    await rooms.provisioning.deprovision("data")
    agent.go_on()
    await until(lambda: "data" not in rooms.provisioning.volumes)
    assert agent.totals == before


async def test_a_volume_destroyed_while_a_dropped_step_waits_leaves_nothing_held(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    rooms = cluster.orchestrator
    agent.refuse["RESERVE"] = mesos.OperationState.OPERATION_DROPPED
    await rooms.provisioning.provision(provision())
    volumes = rooms.provisioning.volumes
    await until(lambda: volumes["data"].attempts and volumes["data"].operation is None)
    await rooms.provisioning.deprovision("data")
    await until(lambda: not volumes)
    assert not rooms.allocator.agents[str(agent.agent_id)].held


async def test_a_stuck_volume_that_is_destroyed_again_leaves_nothing_held(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    rooms = cluster.orchestrator
    volumes = rooms.provisioning.volumes
    await rooms.provisioning.provision(provision())
    await until(lambda: volumes["data"].state is VolumeState.AVAILABLE)
    agent.refuse["DESTROY_DISK"] = mesos.OperationState.OPERATION_FAILED
    for _ in range(2):
        await rooms.provisioning.deprovision("data")
        await until(lambda: volumes["data"].state is VolumeState.NEEDS_OPERATOR)
    agent.refuse.clear()
    await rooms.provisioning.deprovision("data")
    await until(lambda: not volumes)
    assert not rooms.allocator.agents[str(agent.agent_id)].held
