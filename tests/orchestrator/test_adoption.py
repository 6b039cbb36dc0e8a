"""Volumes that a plugin had already, adopted by name: step by step, and never deleted by a failure."""

from __future__ import annotations

import pytest

from api.model.disk import Disk, DiskSource, SourceType
from api.model.resource import Resource
from api.model.resources import Resources
from api.model.values import Scalar
from api.wire.v1 import link, master, mesos
from orchestrator.volume_requests import NoSuchVolume, VolumeConflict
from orchestrator.volumes import VolumeState
from tests.orchestrator.scripted import PROVIDER, ScriptedAgent
from tests.orchestrator.test_core import Cluster, cluster, until

__all__ = ["cluster"]

OLD = Resource("disk", Scalar(64_000), (), Disk(DiskSource(SourceType.RAW, id="old")), PROVIDER)


class Keeper(ScriptedAgent):
    """Its plugin has a volume "old", which is one of its disks once it was asked for."""

    def send(self, message: link.OrchestratorMessage) -> None:
        super().send(message)
        if isinstance(message.admit_volume, link.OrchestratorMessageAdmitVolume):
            assert message.admit_volume.volume.source_id == "old"
            self.totals = self.totals + Resources((OLD,))
            self.report_provider()


def adopt(name: str | None = "data", **more: object) -> master.CallAdoptVolume:
    call = master.CallAdoptVolume(source_id="old", profile="default", size_bytes=64 * 2**20, **more)
    if name is not None:
        call.name = name
    return call


async def joined(cluster: Cluster) -> Keeper:
    agent = Keeper()
    await agent.join(cluster.orchestrator)
    agent.totals = agent.totals + Resources((OLD,))
    agent.report_provider()
    return agent


async def test_an_admitted_volume_is_taken_up_the_ladder_by_name(cluster: Cluster) -> None:
    await joined(cluster)
    rooms = cluster.orchestrator
    record = await rooms.adoptions.adopt(adopt())
    assert record is not None
    await until(lambda: record.state is VolumeState.AVAILABLE)
    again = await rooms.adoptions.adopt(adopt())
    assert again is record
    with pytest.raises(VolumeConflict, match="'data' already"):
        await rooms.adoptions.adopt(adopt("other"))


async def test_a_step_that_fails_waits_for_the_operator_and_deletes_nothing(cluster: Cluster) -> None:
    agent = await joined(cluster)
    rooms = cluster.orchestrator
    agent.refuse["RESERVE"] = mesos.OperationState.OPERATION_FAILED
    record = await rooms.adoptions.adopt(adopt())
    assert record is not None
    await until(lambda: record.state is VolumeState.NEEDS_OPERATOR)
    assert "orlop volume adopt old --name data" in record.message
    applied = [m.apply_operation.operation.info.type for m in agent.received if m.apply_operation]
    assert mesos.OfferOperationType.DESTROY_DISK not in applied
    agent.refuse.clear()
    await rooms.adoptions.adopt(adopt())
    await until(lambda: record.state is VolumeState.AVAILABLE)


async def test_what_no_provider_withholds_is_refused(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    with pytest.raises(NoSuchVolume, match="orlop volume list"):
        await cluster.orchestrator.adoptions.adopt(adopt())
