"""Operators' volumes and reservations obey the quota of their role, and of the roles above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from api.model.disk import Disk
from api.model.resource import Reservation
from api.model.resources import Resource, Resources, Scalar
from api.wire.convert import resources_to_wire
from api.wire.v1 import master, mesos, resource_provider
from orchestrator.allocator import Quota
from orchestrator.quota import Quotas
from orchestrator.quota_claims import KeptForOthers, QuotaExceeded
from orchestrator.volumes import VolumeState
from tests.orchestrator.scripted import ScriptedAgent, pool
from tests.orchestrator.test_adoption import adopt, joined
from tests.orchestrator.test_core import Cluster, cluster, provision, subscribe, until

__all__ = ["cluster"]

GIB = 1024 * 1000
PROFILE = "disk[profile=default]"
WITHHELD = resource_provider.VolumeNoticeKind.WITHHELD


async def limit(cluster: Cluster, role: str, amounts: Mapping[str, int], *, force: bool = False) -> None:
    await cluster.orchestrator.quotas.update({role: Quota(limits=amounts)}, force=force)


async def guarantee(cluster: Cluster, role: str, amounts: Mapping[str, int]) -> None:
    await cluster.orchestrator.quotas.update({role: Quota(guarantees=amounts)}, force=False)


async def made(cluster: Cluster, name: str = "data", mb: int = 1024, role: str = "default") -> None:
    await cluster.orchestrator.provisioning.provision(provision(name, mb, role=role))
    await available(cluster, name)


async def available(cluster: Cluster, name: str = "data") -> None:
    await until(lambda: cluster.orchestrator.provisioning.volumes[name].state is VolumeState.AVAILABLE)


async def refused(cluster: Cluster, name: str = "more", mb: int = 1024, role: str = "default") -> str:
    before = cluster.orchestrator.allocator.capacity()
    with pytest.raises(QuotaExceeded) as raised:
        await cluster.orchestrator.provisioning.provision(provision(name, mb, role=role))
    assert name not in cluster.orchestrator.provisioning.volumes
    assert cluster.orchestrator.allocator.capacity() == before
    assert raised.value.http_status == 409
    return str(raised.value)


def dear(mb: int, cost_milli: int) -> Resource:
    """A pool of which each MB takes more than that of the capacity behind it."""
    plain = pool(mb)
    assert plain.disk is not None and plain.disk.source is not None
    return replace(plain, disk=Disk(replace(plain.disk.source, cost_milli=cost_milli)))


async def test_volumes_up_to_the_limit_are_made_and_a_further_one_is_refused(cluster: Cluster) -> None:
    await ScriptedAgent().join(cluster.orchestrator)
    await limit(cluster, "default", {"disk": 2 * GIB})
    await made(cluster, "one")
    words = await refused(cluster, mb=1025)
    assert "1025MiB more of disk" in words and "its limit is 2GiB" in words and "1GiB is reserved" in words
    assert "free 1MiB" in words and "orlop quota set default --limit 'disk=2049MiB'" in words
    await made(cluster, "two")
    await limit(cluster, "default", {"disk": 3 * GIB})
    await made(cluster, "three")


@pytest.mark.parametrize("name", ["disk", PROFILE])
async def test_the_limit_of_every_role_above_counts_all_below_it(cluster: Cluster, name: str) -> None:
    await ScriptedAgent().join(cluster.orchestrator)
    await limit(cluster, "eng", {name: 2 * GIB})
    await limit(cluster, "eng/db", {name: 9 * GIB})
    await made(cluster, "one", role="eng/web")
    await made(cluster, "two", role="eng/db/x")
    words = await refused(cluster, role="eng/db")
    assert "the limit of role 'eng', which it is part of, is 2GiB" in words
    await made(cluster, "other", role="engine")


async def test_other_profiles_do_not_count_in_a_profiles_limit(cluster: Cluster) -> None:
    await ScriptedAgent().join(cluster.orchestrator)
    await limit(cluster, "default", {"disk[profile=fast]": 0, "cpus": 0})
    await made(cluster)


async def test_a_volume_that_was_destroyed_counts_no_more(cluster: Cluster) -> None:
    await ScriptedAgent().join(cluster.orchestrator)
    await limit(cluster, "default", {"disk": GIB})
    await made(cluster)
    await refused(cluster)
    await cluster.orchestrator.provisioning.deprovision("data")
    await until(lambda: not cluster.orchestrator.provisioning.volumes)
    await made(cluster)


async def test_a_volume_counts_with_its_size_also_while_it_is_made_of_a_dear_pool(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    agent.totals = Resources([dear(10_000, 1500)])
    await agent.join(cluster.orchestrator)
    await limit(cluster, "default", {"disk": 3 * GIB})
    agent.busy = True
    for name in ("one", "two", "three"):
        await cluster.orchestrator.provisioning.provision(provision(name))
    await refused(cluster, mb=1)
    agent.busy = False
    agent.work_off()
    for name in ("one", "two", "three"):
        await available(cluster, name)
    assert cluster.orchestrator.quotas.consumed(("default",)) == {
        "default": {"disk": 3 * GIB, PROFILE: 3 * GIB}
    }


async def test_what_is_between_two_steps_counts_for_its_role(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    agent.refuse["RESERVE"] = mesos.OperationState.OPERATION_DROPPED
    await agent.join(cluster.orchestrator)
    await cluster.orchestrator.provisioning.provision(provision())
    record = cluster.orchestrator.provisioning.volumes["data"]
    await until(lambda: record.attempts > 0 and record.operation is None)
    assert cluster.orchestrator.quotas.consumed(("default",))["default"]["disk"] == GIB
    agent.refuse.clear()
    await available(cluster)
    assert cluster.orchestrator.quotas.consumed(("default",))["default"]["disk"] == GIB


async def test_an_expansion_beyond_the_limit_is_refused_and_the_volume_stays(cluster: Cluster) -> None:
    await ScriptedAgent().join(cluster.orchestrator)
    await limit(cluster, "default", {PROFILE: 2 * GIB})
    await made(cluster)
    with pytest.raises(QuotaExceeded, match="1025MiB more"):
        call = master.CallExpandVolume(name="data", size_bytes=2049 * 2**20)
        await cluster.orchestrator.expansion.expand(call)
    assert cluster.orchestrator.provisioning.volumes["data"].state is VolumeState.AVAILABLE
    await cluster.orchestrator.expansion.expand(master.CallExpandVolume(name="data", size_bytes=2 * 2**30))
    await available(cluster)
    await refused(cluster, mb=1)


async def test_an_adopted_volume_counts_with_its_profile(cluster: Cluster) -> None:
    await joined(cluster)
    await limit(cluster, "default", {PROFILE: 63_000})
    with pytest.raises(QuotaExceeded, match="64MiB more"):
        await cluster.orchestrator.adoptions.adopt(adopt())
    assert not cluster.orchestrator.provisioning.volumes
    await limit(cluster, "default", {PROFILE: 64_000, "disk": 64_000})
    await cluster.orchestrator.adoptions.adopt(adopt())
    await available(cluster)
    await refused(cluster, mb=1)


async def test_volumes_of_agents_that_are_not_back_yet_count(cluster: Cluster) -> None:
    first, second = ScriptedAgent(), ScriptedAgent()
    await first.join(cluster.orchestrator)
    await limit(cluster, "default", {"disk": GIB})
    await made(cluster)
    await cluster.crash()
    await second.join(cluster.orchestrator)
    await refused(cluster, mb=1)
    await first.join(cluster.orchestrator)
    await refused(cluster, mb=1)


async def test_a_volume_that_waits_to_be_let_in_counts(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    agent.last_report.update_state.notices = [
        resource_provider.VolumeNotice(source_id="old", kind=WITHHELD, message="", size_bytes=64 * 2**20)
    ]
    agent.tell_report(agent.last_report)
    await limit(cluster, "default", {"disk": 64_000})
    await cluster.orchestrator.adoptions.adopt(adopt())
    assert "64MiB is reserved or in use" in await refused(cluster, mb=1)


async def test_a_volume_that_is_lost_for_good_counts_no_more(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    await limit(cluster, "default", {"disk": GIB})
    await made(cluster)
    agent.leave(gone=True)
    other = ScriptedAgent()
    await other.join(cluster.orchestrator)
    await made(cluster, "more")


async def test_a_limit_that_is_lowered_by_force_takes_nothing_away(cluster: Cluster) -> None:
    await ScriptedAgent().join(cluster.orchestrator)
    await made(cluster)
    await limit(cluster, "default", {"disk": 1000}, force=True)
    assert "1GiB is reserved" in await refused(cluster, mb=1)
    await cluster.orchestrator.provisioning.provision(provision())  # the same again is no further volume
    await cluster.orchestrator.provisioning.deprovision("data")
    await until(lambda: not cluster.orchestrator.provisioning.volumes)


# Guarantees of others.


async def test_what_is_kept_for_a_guarantee_is_not_given_away(cluster: Cluster) -> None:
    await ScriptedAgent().join(cluster.orchestrator)
    await guarantee(cluster, "eng", {"disk": 9_000_000})
    with pytest.raises(KeptForOthers) as raised:
        await cluster.orchestrator.provisioning.provision(provision(mb=1001))
    words = str(raised.value)
    assert "1001MiB of disk for role 'default' is free" in words and "all except 1000MiB" in words
    assert "eng lacks 9000MiB" in words and raised.value.http_status == 409
    await made(cluster, "fits", mb=1000)
    await made(cluster, "mine", mb=9000, role="eng/db")


async def test_a_guarantee_that_is_met_keeps_nothing(cluster: Cluster) -> None:
    await ScriptedAgent().join(cluster.orchestrator)
    await guarantee(cluster, "eng", {PROFILE: 1_000_000})
    await made(cluster, "mine", mb=1000, role="eng")
    await made(cluster, "rest", mb=9000)


async def test_offers_to_others_do_not_count_as_taken(cluster: Cluster) -> None:
    await ScriptedAgent().join(cluster.orchestrator)
    _, session = await subscribe(cluster.orchestrator, ["web"])
    await until(session.offers)
    await made(cluster, mb=4000)
    await guarantee(cluster, "eng", {"disk": 5_000_000})
    await made(cluster, "fits", mb=1000)
    with pytest.raises(KeptForOthers):
        await cluster.orchestrator.provisioning.provision(provision("more", mb=1))


# Operators' reservations.


def reserve(role: str, *resources: Resource) -> mesos.OfferOperation:
    return mesos.OfferOperation(
        type=mesos.OfferOperationType.RESERVE,
        reserve=mesos.OfferOperationReserve(
            resources=resources_to_wire(
                r.push_reservation(Reservation(role, dynamic=True)) for r in resources
            )
        ),
    )


async def test_where_there_is_plenty_offers_are_not_added_up(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ScriptedAgent().join(cluster.orchestrator)
    await guarantee(cluster, "kept", {"disk": GIB, PROFILE: GIB})
    await limit(cluster, "default", {"disk": 2 * GIB})
    counted = []
    offered = Quotas.offered
    monkeypatch.setattr(Quotas, "offered", lambda *given: counted.append(1) or offered(*given))
    await made(cluster, "one")
    assert not counted
    await refused(cluster, mb=1025)
    assert counted


async def test_an_operators_reservation_is_within_the_limit(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    await limit(cluster, "eng", {"cpus": 3000})
    await limit(cluster, "eng/db", {"cpus": 1000})
    cpus = Resource("cpus", Scalar(2000))
    rooms = cluster.orchestrator
    await rooms.reservations.carry_out(str(agent.agent_id), reserve("eng", cpus))
    with pytest.raises(QuotaExceeded, match="of which 2 is reserved"):
        await rooms.reservations.carry_out(str(agent.agent_id), reserve("eng", cpus))
    mine = cpus.push_reservation(Reservation("eng", dynamic=True))
    with pytest.raises(QuotaExceeded, match="'eng/db' would get 2 more"):
        await rooms.reservations.carry_out(str(agent.agent_id), reserve("eng/db", mine))
    await rooms.reservations.carry_out(str(agent.agent_id), reserve("eng/db", mine.with_value(Scalar(1000))))
    consumed = rooms.quotas.consumed(("eng", "eng/db"))
    assert (consumed["eng"]["cpus"], consumed["eng/db"]["cpus"]) == (2000, 1000)
