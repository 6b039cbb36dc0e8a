"""How schedulers are offered what there is, over HTTP: filters, roles, capabilities, constraints, bounds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from api.model.resources import Resource, Resources, Scalar
from api.wire.fault_domain import fault_domain
from api.wire.v1 import mesos
from orchestrator import offers
from orchestrator.daemon import OrchestratorConfig
from tests.orchestrator.scripted import ScriptedAgent, pool
from tests.orchestrator_api.cluster import ApiCluster, Json, Scheduler, running, until

A_WHILE = 0.3
"""Longer than a triggered run takes, and shorter than a batch's interval."""

QUICK = OrchestratorConfig(allocation_interval=0.2)

MULTI_ROLE: Json = {"capabilities": [{"type": "MULTI_ROLE"}]}


class Host(ScriptedAgent):
    """An agent without a storage provider."""

    def __init__(self, hostname: str = "host-1", **own: float) -> None:
        super().__init__()
        self.hostname = hostname
        amounts = own or {"cpus": 4, "mem": 4096}
        self.own = Resources([Resource(name, Scalar(int(amount * 1000))) for name, amount in amounts.items()])

    def report_provider(self) -> None:
        """There is none."""


def offers_to(scheduler: Scheduler) -> list[Json]:
    return [offer for event in scheduler.stream.of_type("OFFERS") for offer in event["offers"]]


def hosts_offered(scheduler: Scheduler) -> list[str]:
    return sorted(offer["hostname"] for offer in offers_to(scheduler))


def rescinded(scheduler: Scheduler) -> list[Json]:
    return [event["offer_id"] for event in scheduler.stream.of_type("RESCIND")]


async def back(host: Host, cluster: ApiCluster) -> None:
    """Its link is lost, and made anew."""
    cluster.orchestrator.agents.disconnected(str(host.agent_id), host)
    await host.join(cluster.orchestrator)


async def decline(scheduler: Scheduler, *declined: Json, seconds: float) -> None:
    body = {"offer_ids": [each["id"] for each in declined], "filters": {"refuse_seconds": seconds}}
    assert (await scheduler.call("DECLINE", body))[0] == 202


async def test_what_was_declined_is_kept_away_and_more_breaks_through_at_once(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    await decline(scheduler, offer, seconds=1000)
    await asyncio.sleep(1.3)  # a batch has run
    assert len(offers_to(scheduler)) == 1
    cluster.agent.totals = Resources([pool(20_000)])
    cluster.agent.report_provider()
    async with asyncio.timeout(0.8):
        await until(lambda: len(offers_to(scheduler)) == 2)


async def test_what_was_declined_is_kept_away_when_its_agent_registers_again_but_not_as_another(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, config=QUICK) as cluster:
        host = Host()
        await host.join(cluster.orchestrator)
        scheduler = await cluster.subscribe()
        await decline(scheduler, await scheduler.offer(), seconds=1000)
        await back(host, cluster)
        other = await cluster.subscribe("other")
        offer = await other.offer()
        assert len(offers_to(scheduler)) == 1, "it goes to who has not refused it"
        await decline(other, offer, seconds=1000)
        host.attributes = [
            mesos.Attribute(name="rack", type=mesos.ValueType.TEXT, text=mesos.ValueText(value="r1"))
        ]
        await back(host, cluster)
        await until(lambda: len(offers_to(scheduler)) + len(offers_to(other)) == 3)


async def test_what_was_declined_without_a_filter_is_offered_again_with_the_next_batch(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, config=QUICK) as cluster:
        await Host().join(cluster.orchestrator)
        scheduler = await cluster.subscribe()
        await decline(scheduler, await scheduler.offer(), seconds=0)
        await until(lambda: len(offers_to(scheduler)) == 2)
        assert (await scheduler.call("DECLINE", {"offer_ids": [offers_to(scheduler)[1]["id"]]}))[0] == 202
        await asyncio.sleep(0.6)
        assert len(offers_to(scheduler)) == 2, "without a word about filters it is one of five seconds"


async def test_roles_are_suppressed_and_revived_one_by_one(tmp_path: Path) -> None:
    async with running(tmp_path, config=QUICK) as cluster:
        scheduler = await cluster.subscribe(roles=["a", "b"], more={"suppressed_roles": ["a"]}, **MULTI_ROLE)
        await Host().join(cluster.orchestrator)
        first = await scheduler.offer()
        assert first["allocation_info"] == {"role": "b"}
        assert (await scheduler.call("SUPPRESS", {"roles": ["b"]}))[0] == 202
        await decline(scheduler, first, seconds=0)
        await asyncio.sleep(0.6)
        assert len(offers_to(scheduler)) == 1
        assert (await scheduler.call("REVIVE", {"roles": ["a"]}))[0] == 202
        await until(lambda: len(offers_to(scheduler)) == 2)
        assert offers_to(scheduler)[1]["allocation_info"] == {"role": "a"}


@pytest.mark.parametrize("call_type", ["SUPPRESS", "REVIVE"])
async def test_a_role_that_is_none_of_the_frameworks_is_refused(cluster: ApiCluster, call_type: str) -> None:
    scheduler = await cluster.subscribe()
    status, text = await scheduler.call(call_type, {"roles": ["other"]})
    assert (status, "none of the framework's: test" in text) == (400, True)


@pytest.mark.parametrize(
    ("more", "info", "why"),
    [
        ({"suppressed_roles": ["other"]}, {}, "none of the framework's"),
        ({"suppressed_roles": ["other"]}, {"roles": [f"r{at}" for at in range(99)]}, "framework's: r0, r1"),
        ({}, {"offer_filters": {"other": {}}}, "none of the framework's"),
        ({"offer_constraints": {"role_constraints": {"other": {}}}}, {}, "none of the framework's"),
        ({"offer_constraints": {"role_constraints": {"test": {}}}}, {}, "at least one group"),
        ({}, {"offer_filters": {"test": {"min_allocatable_resources": {
            "quantities": [{"quantities": {"cpus": {"value": -1}}}]}}}}, "min_allocatable_resources"),
    ],
)  # fmt: skip
async def test_a_subscription_that_contradicts_itself_is_refused_on_the_stream(
    cluster: ApiCluster, more: Json, info: Json, why: str
) -> None:
    described = {"user": "me", "name": "s", "roles": ["test"], **info}
    call = {"type": "SUBSCRIBE", "subscribe": {"framework_info": described, **more}}
    stream = await cluster.open("/api/v1/scheduler", call)
    assert why in (await stream.wait("ERROR"))["message"]
    await stream.wait_ended()


def described(scheduler: Scheduler, **info: object) -> Json:
    return {
        "framework_info": {
            "id": {"value": scheduler.framework_id},
            "user": "me",
            "name": "scheduler",
            "failover_timeout": 60.0,
            **info,
        }
    }


async def test_a_framework_changes_its_roles_and_loses_the_offers_of_those_it_left(tmp_path: Path) -> None:
    async with running(tmp_path, config=QUICK) as cluster:
        await Host().join(cluster.orchestrator)
        scheduler = await cluster.subscribe(roles=["a"], **MULTI_ROLE)
        old = await scheduler.offer()
        update = described(scheduler, roles=["b"], **MULTI_ROLE)
        assert await scheduler.call("UPDATE_FRAMEWORK", update) == (200, "")
        await until(lambda: rescinded(scheduler) == [old["id"]])
        await until(lambda: len(offers_to(scheduler)) == 2)
        assert offers_to(scheduler)[1]["allocation_info"] == {"role": "b"}
        (shown,) = (await cluster.operator("GET_FRAMEWORKS"))["frameworks"]
        assert shown["framework_info"]["roles"] == ["b"]


async def test_an_update_that_cannot_be_changes_nothing(cluster: ApiCluster) -> None:
    scheduler = await cluster.subscribe()
    for update, why in (
        (described(scheduler, roles=["test"]) | {"suppressed_roles": ["x"]}, "none of the framework's"),
        (described(scheduler, roles=["test"], user="another"), "framework_info.user cannot be changed"),
        (described(scheduler, roles=["test"], principal="p"), "framework_info.principal cannot"),
        (described(scheduler, roles=["/"]), "empty component"),
        (described(scheduler, id={"value": "x"}), "differs from 'framework_id'"),
        (None, "expecting 'update_framework'"),
    ):
        status, text = await scheduler.call("UPDATE_FRAMEWORK", update)
        assert (status, why in text) == (400, True), text
    (shown,) = (await cluster.operator("GET_FRAMEWORKS"))["frameworks"]
    assert shown["framework_info"]["roles"] == ["test"]


def at_least(**amounts: float) -> Json:
    quantities = {name: {"value": amount} for name, amount in amounts.items()}
    least = {"quantities": [{"quantities": quantities}] if amounts else []}
    return {"offer_filters": {"test": {"min_allocatable_resources": least}}}


@pytest.mark.parametrize(
    ("own", "needs", "offered"),
    [
        ({"cpus": 4, "mem": 64}, at_least(cpus=4, mem=65), False),
        ({"cpus": 4, "mem": 64}, at_least(cpus=4, mem=64), True),
        ({"cpus": 0.001}, {}, False),
        ({"cpus": 0.001}, at_least(), True),
    ],
)
async def test_a_framework_says_what_is_worth_an_offer_to_it(
    cluster: ApiCluster, own: dict[str, float], needs: Json, offered: bool
) -> None:
    await Host(**own).join(cluster.orchestrator)
    scheduler = await cluster.subscribe(**needs)
    await asyncio.sleep(A_WHILE)
    assert bool(offers_to(scheduler)) is offered


def capable(*names: str) -> Json:
    return {"capabilities": [{"type": name} for name in names]}


async def test_gpus_are_for_those_who_know_them(tmp_path: Path) -> None:
    for keep, unaware in ((True, []), (False, ["host-1"])):
        folder = tmp_path / str(keep)
        folder.mkdir()
        async with running(folder, config=OrchestratorConfig(filter_gpu_resources=keep)) as cluster:
            await Host(cpus=4, gpus=1).join(cluster.orchestrator)
            scheduler = await cluster.subscribe()
            await asyncio.sleep(A_WHILE)
            assert hosts_offered(scheduler) == unaware
            aware = await cluster.subscribe(**capable("GPU_RESOURCES"))
            await asyncio.sleep(A_WHILE)
            assert hosts_offered(aware) == ([] if unaware else ["host-1"])


async def test_a_framework_of_many_roles_is_offered_no_agent_that_knows_one(cluster: ApiCluster) -> None:
    agent = Host()
    agent.can.remove(mesos.AgentInfoCapabilityType.MULTI_ROLE)
    await agent.join(cluster.orchestrator)
    many = await cluster.subscribe(**MULTI_ROLE)
    await asyncio.sleep(A_WHILE)
    assert hosts_offered(many) == []
    assert (await (await cluster.subscribe()).offer())["hostname"] == "host-1"


async def test_remote_agents_are_for_those_who_know_regions_and_offers_say_where_they_are(
    tmp_path: Path,
) -> None:
    config = OrchestratorConfig(domain=fault_domain("europe", "a"))
    async with running(tmp_path, config=config) as cluster:
        for hostname, domain in (
            ("near", fault_domain("europe", "b")),
            ("far", fault_domain("asia", "a")),
            ("somewhere", None),
        ):
            agent = Host(hostname)
            agent.domain = domain
            await agent.join(cluster.orchestrator)
        unaware = await cluster.subscribe()
        await until(lambda: hosts_offered(unaware) == ["near", "somewhere"])
        aware = await cluster.subscribe(**capable("REGION_AWARE"))
        far = await aware.offer()
        assert (far["hostname"], far["domain"]["fault_domain"]["region"]["name"]) == ("far", "asia")
        leader = (await cluster.operator("GET_MASTER"))["master_info"]
        assert leader["domain"]["fault_domain"]["zone"] == {"name": "a"}


def only(hostname: str) -> Json:
    constraint = {
        "selector": {"pseudoattribute_type": "HOSTNAME"},
        "predicate": {"text_equals": {"value": hostname}},
    }
    groups = [{"attribute_constraints": [constraint]}]
    return {"offer_constraints": {"role_constraints": {"test": {"groups": groups}}}}


async def test_constraints_keep_agents_away_also_those_that_come_later(tmp_path: Path) -> None:
    async with running(tmp_path, config=QUICK) as cluster:
        await Host("one").join(cluster.orchestrator)
        scheduler = await cluster.subscribe(more=only("two"))
        await asyncio.sleep(A_WHILE)
        assert hosts_offered(scheduler) == []
        for late in ("two", "three"):
            await Host(late).join(cluster.orchestrator)
        await asyncio.sleep(A_WHILE)
        assert hosts_offered(scheduler) == ["two"]
        (shown,) = (await cluster.operator("GET_FRAMEWORKS"))["frameworks"]
        assert "test" in shown["offer_constraints"]["role_constraints"]
        update = {**described(scheduler, roles=["test"]), **only("three")}
        assert (await scheduler.call("UPDATE_FRAMEWORK", update))[0] == 200
        await until(lambda: hosts_offered(scheduler) == ["three", "two"])
        update = described(scheduler, roles=["test"])
        assert (await scheduler.call("UPDATE_FRAMEWORK", update))[0] == 200
        await until(lambda: hosts_offered(scheduler) == ["one", "three", "two"])


async def test_after_a_restart_constraints_are_those_of_the_next_subscription(tmp_path: Path) -> None:
    async with running(tmp_path, config=QUICK) as cluster:
        hosts = [Host(name) for name in ("one", "two")]
        for host in hosts:
            await host.join(cluster.orchestrator)
        first = await cluster.subscribe(more=only("two"))
        await until(lambda: hosts_offered(first) == ["two"])
    async with running(tmp_path, config=QUICK) as cluster:
        for host in hosts:
            again = Host(host.hostname)
            again.agent_id = host.agent_id
            await again.join(cluster.orchestrator)
        await asyncio.sleep(A_WHILE)
        assert not cluster.orchestrator.offers.outstanding()  # nobody is subscribed
        second = await cluster.subscribe(framework_id=first.framework_id, more=only("two"))
        await asyncio.sleep(A_WHILE)
        assert hosts_offered(second) == ["two"]
        third = await cluster.subscribe(framework_id=first.framework_id)
        await until(lambda: hosts_offered(third) == ["one", "two"])


async def test_a_regular_expression_that_needs_memory_is_refused_with_what_is_served(
    cluster: ApiCluster,
) -> None:
    more = only("x")
    (group,) = more["offer_constraints"]["role_constraints"]["test"]["groups"]
    group["attribute_constraints"][0]["predicate"] = {"text_matches": {"regex": r"(a)\1"}}
    info = {"user": "me", "name": "s", "roles": ["test"]}
    call = {"type": "SUBSCRIBE", "subscribe": {"framework_info": info, **more}}
    stream = await cluster.open("/api/v1/scheduler", call)
    assert "are served" in (await stream.wait("ERROR"))["message"]


async def test_only_whitelisted_hosts_are_offered(tmp_path: Path) -> None:
    async with running(tmp_path, config=QUICK) as cluster:
        cluster.orchestrator.allocator.set_whitelist(frozenset({"two"}))
        for hostname in ("one", "two"):
            await Host(hostname).join(cluster.orchestrator)
        scheduler = await cluster.subscribe()
        await asyncio.sleep(A_WHILE)
        assert hosts_offered(scheduler) == ["two"]
        cluster.orchestrator.allocator.set_whitelist(None)
        await until(lambda: hosts_offered(scheduler) == ["one", "two"])


async def test_a_framework_that_does_not_answer_gets_so_many_offers_and_the_rest_goes_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offers, "EVENT_OFFERS_LIMIT", 3)
    config = OrchestratorConfig(allocation_interval=0.2, outstanding_offers=4)
    async with running(tmp_path, config=config) as cluster:
        for number in range(6):
            await Host(f"host-{number}").join(cluster.orchestrator)
        silent = await cluster.subscribe("silent")
        await until(lambda: len(offers_to(silent)) == 4)
        sizes = [len(event["offers"]) for event in silent.stream.of_type("OFFERS")]
        assert max(sizes) <= 3
        await asyncio.sleep(A_WHILE)
        assert len(offers_to(silent)) == 4
        assert "orlop_frameworks_full 1.0" in await page(cluster)
        other = await cluster.subscribe("other")
        await until(lambda: len(offers_to(other)) == 2)
        await decline(silent, *offers_to(silent)[:2], seconds=1000)
        await until(lambda: len(offers_to(other)) == 4)
        assert "orlop_frameworks_full 0.0" in await page(cluster)


async def page(cluster: ApiCluster) -> str:
    async with cluster.client.get("/metrics") as response:
        return await response.text()


async def test_an_offer_that_nobody_answers_in_time_is_withdrawn_and_made_anew(tmp_path: Path) -> None:
    config = OrchestratorConfig(allocation_interval=0.2, offer_timeout=0.3)
    async with running(tmp_path, config=config) as cluster:
        await Host().join(cluster.orchestrator)
        scheduler = await cluster.subscribe()
        first = await scheduler.offer()
        await until(lambda: first["id"] in rescinded(scheduler))
        await until(lambda: len(offers_to(scheduler)) > 1)


async def test_pools_of_one_capacity_are_never_offered_beyond_it_whoever_gets_them(
    cluster: ApiCluster,
) -> None:
    cluster.agent.totals = Resources([pool(8000), pool(8000, "other")])
    await cluster.join()
    schedulers = [await cluster.subscribe(role) for role in ("a", "b")]
    first = await schedulers[0].offer(lambda resource: resource["name"] == "disk")
    await decline(schedulers[0], first, seconds=1000)
    await schedulers[1].offer(lambda resource: resource["name"] == "disk")
    await asyncio.sleep(1.3)
    outstanding = cluster.orchestrator.offers.outstanding()
    disks = [r.milli for offer in outstanding for r in offer.resources if r.name == "disk"]
    assert len(disks) >= 2, "both pools are on offer"
    assert sum(disks) <= 8000_000


def set_quota(role: str, cpus: float) -> Json:
    config = {"role": role, "guarantees": {"cpus": {"value": cpus}}}
    return {"update_quota": {"quota_configs": [config]}}


async def test_after_a_restart_quota_waits_for_most_agents_before_anything_is_offered(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, config=QUICK) as cluster:
        agents = [Host(f"host-{number}") for number in range(5)]
        for agent in agents:
            await agent.join(cluster.orchestrator)
        assert (await cluster.post("/api/v1", {"type": "UPDATE_QUOTA", **set_quota("eng", 1)}))[0] == 200
        await cluster.stop()
        await cluster.start()
        for agent in agents[:3]:
            await agent.join(cluster.orchestrator)
        scheduler = await cluster.subscribe("eng")
        await asyncio.sleep(A_WHILE)
        assert offers_to(scheduler) == []
        said = (await cluster.operator("GET_MASTER"))["offers_paused"]
        assert "until 1 more agents are back" in said
        assert "orlop_offers_paused 1.0" in await page(cluster)
        await agents[3].join(cluster.orchestrator)
        await until(lambda: len(offers_to(scheduler)) >= 4)
        assert "offers_paused" not in await cluster.operator("GET_MASTER")


async def test_without_quota_nothing_is_waited_for_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as cluster:
        agents = [Host(f"host-{number}") for number in range(5)]
        for agent in agents:
            await agent.join(cluster.orchestrator)
        await cluster.stop()
        await cluster.start()
        await agents[0].join(cluster.orchestrator)
        assert (await (await cluster.subscribe()).offer())["hostname"] == "host-0"
