"""Quota, weights and roles by the operator API: what is refused, what is kept, and which offers go."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.orchestrator_api.cluster import ApiCluster, Json, running, until
from tests.orchestrator_api.test_reservations import DEV, ENG, amount, call, refining, reserve_by
from tests.orchestrator_api.test_scheduler import cpus, is_pool, launch

OPERATOR = "/api/v1"


def amounts(**written: float) -> Json:
    return {name: {"value": value} for name, value in written.items()}


def by_name(shown: Json) -> dict[str, float]:
    return {name: scalar["value"] for name, scalar in shown.items()}


def config(role: str, guarantees: Json | None = None, limits: Json | None = None) -> Json:
    return {"role": role, "guarantees": guarantees or {}, "limits": limits or {}}


async def update(cluster: ApiCluster, *configs: Json, force: bool = False) -> tuple[int, str]:
    call = {"type": "UPDATE_QUOTA", "update_quota": {"force": force, "quota_configs": list(configs)}}
    return await cluster.post(OPERATOR, call)


async def quotas(cluster: ApiCluster) -> dict[str, tuple[dict[str, float], dict[str, float]]]:
    status = (await cluster.operator("GET_QUOTA"))["status"]
    return {
        each["role"]: (by_name(each.get("guarantees", {})), by_name(each.get("limits", {})))
        for each in status.get("configs", [])
    }


async def roles(cluster: ApiCluster) -> dict[str, Json]:
    return {role["name"]: role for role in (await cluster.operator("GET_ROLES"))["roles"]}


async def test_quota_is_set_shown_and_removed(cluster: ApiCluster) -> None:
    await cluster.join()
    assert await quotas(cluster) == {}
    fast = {"disk[profile=default]": {"value": 2048}}
    answer = await update(
        cluster,
        config("eng", amounts(cpus=2, mem=1024, gpus=0), amounts(cpus=3.5, disk=5000)),
        config("ops/db", limits=fast),
    )
    assert answer == (200, "")
    assert await quotas(cluster) == {
        "eng": ({"cpus": 2, "mem": 1024}, {"cpus": 3.5, "disk": 5000}),
        "ops/db": ({}, {"disk[profile=default]": 2048}),
    }
    (info,) = (await cluster.operator("GET_QUOTA"))["status"]["infos"]
    assert info["role"] == "eng"
    assert {each["name"]: each["scalar"]["value"] for each in info["guarantee"]} == {"cpus": 2, "mem": 1024}
    assert await update(cluster, config("ops/db")) == (200, "")
    assert list(await quotas(cluster)) == ["eng"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (config("eng", amounts(cpus=5)), "the cluster has 4"),
        (config("eng", amounts(cpus=2), amounts(cpus=1)), "above its limit"),
        (config("*", limits=amounts(cpus=1)), "'*'"),
        (config("a//b", limits=amounts(cpus=1)), "empty component"),
        (config("eng/db", amounts(cpus=1)), "only roles at the top"),
        (config("eng", limits=amounts(cpus=-1)), "negative"),
        (config("eng", limits=amounts(cpus=2e12)), "largest"),
        (config("eng", limits=amounts(cpus=1e300)), "too large"),
        (config("eng", limits={"disk[profile=": {"value": 1}}), "cannot be counted"),
        (config("eng", limits=amounts(ports=1)), "ports"),
    ],
)
async def test_a_refusal_is_one_line_and_changes_no_role(
    cluster: ApiCluster, change: Json, words: str
) -> None:
    await cluster.join()
    status, text = await update(cluster, config("fine", limits=amounts(cpus=1)), change)
    assert (status, words in text, text.count("\n")) == (400, True, 1), text
    assert await quotas(cluster) == {}


async def test_of_very_many_reasons_a_refusal_names_the_first(cluster: ApiCluster) -> None:
    wrong = [config(f"r{at:03}/below", amounts(cpus=1)) for at in range(500)]
    status, text = await update(cluster, *wrong)
    assert (status, text.count("only roles at the top")) == (400, 20)
    assert text.rstrip().endswith("; and 480 more")


async def test_a_role_is_named_once_in_a_call(cluster: ApiCluster) -> None:
    status, text = await update(cluster, config("eng", limits=amounts(cpus=1)), config("eng"))
    assert (status, "twice" in text) == (400, True)


async def test_force_promises_more_than_there_is(cluster: ApiCluster) -> None:
    assert (await update(cluster, config("eng", amounts(cpus=5))))[0] == 400, "no agent is here"
    assert await update(cluster, config("eng", amounts(cpus=5)), force=True) == (200, "")
    assert await update(cluster, config("eng", amounts(cpus=4))) == (200, ""), "it is less than before"
    assert (await update(cluster, config("eng", amounts(cpus=5), amounts(cpus=4)), force=True))[0] == 400


async def test_a_limit_below_what_is_in_use_needs_force(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe("eng/db")
    offer = await scheduler.offer(lambda resource: resource["name"] == "cpus")
    assert (await scheduler.call("ACCEPT", launch(offer, [cpus(3)])))[0] == 202
    for role in ("eng", "eng/db"):
        status, text = await update(cluster, config(role, limits=amounts(cpus=2)))
        assert (status, "has 3 of cpus already" in text, "free 1" in text) == (400, True, True), text
    assert await update(cluster, config("eng", limits=amounts(cpus=3))) == (200, "")
    assert await update(cluster, config("eng", limits=amounts(cpus=2)), force=True) == (200, "")
    shown = await roles(cluster)
    assert by_name(shown["eng"]["consumed"])["cpus"] == 3, "what is only offered does not count"
    assert by_name(shown["eng"]["limits"]) == {"cpus": 2}


async def test_offers_beyond_a_new_limit_are_rescinded_and_no_others(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe("eng/db")
    offer = await scheduler.offer()
    assert await update(cluster, config("eng", limits=amounts(gpus=0))) == (200, "")
    assert await update(cluster, config("ops", limits=amounts(cpus=1))) == (200, "")
    assert not scheduler.stream.of_type("RESCIND")
    assert await update(cluster, config("eng", limits=amounts(cpus=1))) == (200, "")
    rescinded = await scheduler.stream.wait("RESCIND")
    assert rescinded["offer_id"] == offer["id"]


async def test_offers_of_others_are_rescinded_for_a_guarantee(cluster: ApiCluster) -> None:
    await cluster.join()
    others = await cluster.subscribe("ops")
    offer = await others.offer(is_pool)
    assert await update(cluster, config("eng", amounts(cpus=1))) == (200, "")
    assert (await others.stream.wait("RESCIND"))["offer_id"] == offer["id"]


async def test_quota_and_weights_survive_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as cluster:
        await update(cluster, config("eng", amounts(cpus=1), amounts(cpus=2, disk=100)), force=True)
        await update(cluster, config("gone", limits=amounts(cpus=2)))
        await update(cluster, config("gone"))
        weights = {"weight_infos": [{"role": "eng/db", "weight": 2.5}]}
        call = {"type": "UPDATE_WEIGHTS", "update_weights": weights}
        assert await cluster.post(OPERATOR, call) == (200, "")
    async with running(tmp_path) as cluster:
        assert await quotas(cluster) == {"eng": ({"cpus": 1}, {"cpus": 2, "disk": 100})}
        assert (await cluster.operator("GET_WEIGHTS"))["weight_infos"] == weights["weight_infos"]
        assert list(cluster.orchestrator.allocator.quotas) == ["eng"], "the allocator knows it, too"
        assert cluster.orchestrator.allocator.weight("eng/db") == 2500


# The calls from before UPDATE_QUOTA.


def guarantee(name: str, value: float, **more: object) -> Json:
    return {"name": name, "type": "SCALAR", "scalar": {"value": value}, **more}


async def set_quota(cluster: ApiCluster, role: str, *resources: Json, force: bool = False) -> tuple[int, str]:
    request = {"role": role, "guarantee": list(resources), "force": force}
    return await cluster.post(OPERATOR, {"type": "SET_QUOTA", "set_quota": {"quota_request": request}})


async def test_the_older_calls_set_and_remove(cluster: ApiCluster) -> None:
    await cluster.join()
    assert await set_quota(cluster, "eng", guarantee("cpus", 2), guarantee("mem", 512)) == (200, "")
    assert await quotas(cluster) == {"eng": ({"cpus": 2, "mem": 512}, {"cpus": 2, "mem": 512})}
    status, text = await set_quota(cluster, "eng", guarantee("cpus", 1))
    assert (status, "already" in text) == (400, True)
    status, text = await set_quota(cluster, "ops", guarantee("cpus", 3))
    assert (status, "the cluster has 4" in text) == (409, True)
    assert await set_quota(cluster, "ops", guarantee("cpus", 3), force=True) == (200, "")
    remove = {"type": "REMOVE_QUOTA", "remove_quota": {"role": "eng"}}
    assert await cluster.post(OPERATOR, remove) == (200, "")
    status, text = await cluster.post(OPERATOR, remove)
    assert (status, "no quota" in text) == (400, True)
    assert list(await quotas(cluster)) == ["ops"]


@pytest.mark.parametrize(
    "resources",
    [
        [],
        [guarantee("cpus", 1), guarantee("cpus", 1)],
        [guarantee("cpus", 1, revocable={})],
        [guarantee("cpus", 1, reservations=[{"type": "STATIC", "role": "eng"}])],
        [{"name": "ports", "type": "RANGES", "ranges": {"range": [{"begin": 1, "end": 2}]}}],
    ],
)
async def test_the_older_call_takes_plain_amounts_only(cluster: ApiCluster, resources: list[Json]) -> None:
    status, text = await set_quota(cluster, "eng", *resources)
    assert (status, text.count("\n")) == (400, 1)
    assert await quotas(cluster) == {}


# Weights and roles.


@pytest.mark.parametrize("weight", [0, -1, 1e-9, 1e12])
async def test_a_weight_that_means_nothing_is_refused_with_all_of_its_call(
    cluster: ApiCluster, weight: float
) -> None:
    weights = {"weight_infos": [{"role": "fine", "weight": 2}, {"role": "eng", "weight": weight}]}
    status, text = await cluster.post(OPERATOR, {"type": "UPDATE_WEIGHTS", "update_weights": weights})
    assert (status, "eng" in text) == (400, True)
    assert "weight_infos" not in (await cluster.operator("GET_WEIGHTS"))


async def test_the_tree_of_roles_is_shown_with_what_each_branch_has(cluster: ApiCluster) -> None:
    await cluster.join()
    volume = {"name": "data", "profile": "default", "size_bytes": 2**30, "role": "eng/store/fast"}
    await cluster.operator("PROVISION_VOLUME", provision_volume=volume)
    await until(lambda: str(cluster.orchestrator.provisioning.volumes["data"].state) == "AVAILABLE")
    scheduler = await cluster.subscribe("eng/web")
    offer = await scheduler.offer(lambda resource: resource["name"] == "cpus")
    assert (await scheduler.call("ACCEPT", launch(offer, [cpus(1)])))[0] == 202
    await update(cluster, config("eng", limits={"disk[profile=default]": {"value": 2048}}))
    shown = await roles(cluster)
    assert list(shown) == ["eng", "eng/store", "eng/store/fast", "eng/web"]
    assert by_name(shown["eng"]["reserved"]) == {"disk": 1024, "disk[profile=default]": 1024}
    assert shown["eng"]["reserved"] == shown["eng/store"]["reserved"]
    assert by_name(shown["eng"]["allocated"]) == {"cpus": 1}
    assert by_name(shown["eng"]["consumed"]) == {"cpus": 1, "disk": 1024, "disk[profile=default]": 1024}
    assert shown["eng/web"]["frameworks"] == [{"value": scheduler.framework_id}]
    assert "resources" not in shown["eng"], "these are what the role holds itself"


async def test_metrics_show_quota_of_roles(cluster: ApiCluster) -> None:
    await cluster.join()
    await update(cluster, config("eng", amounts(cpus=2), amounts(cpus=3)))
    async with cluster.client.get("/metrics") as response:
        page = await response.text()
    assert 'orlop_quota_guarantee{name="cpus",role="eng"} 2.0' in page
    assert 'orlop_quota_limit{name="cpus",role="eng"} 3.0' in page
    assert 'orlop_quota_consumed{name="cpus",role="eng"} 0.0' in page
    assert "orlop_quota_roles 1.0" in page


async def test_a_refined_reservation_is_within_the_limit_of_its_role(cluster: ApiCluster) -> None:
    await cluster.join()
    assert (await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 2, ENG)]))[0] == 202
    await update(cluster, config("eng/dev", limits=amounts(cpus=1)))
    scheduler = await refining(cluster, "eng/dev")
    await scheduler.offer(lambda resource: resource.get("reservations"))
    refused = await reserve_by(scheduler, 1, amount("cpus", 2, ENG, DEV))
    assert refused["state"] == "OPERATION_ERROR"
    assert "'eng/dev' would get 2 more of cpus, and its limit is 1" in refused["message"]
    assert (await reserve_by(scheduler, 2, amount("cpus", 1, ENG, DEV)))["state"] == "OPERATION_FINISHED"
    shown = await roles(cluster)
    assert by_name(shown["eng/dev"]["consumed"]) == {"cpus": 1}
    assert by_name(shown["eng"]["consumed"]) == {"cpus": 2}


async def test_what_was_offered_within_the_limit_can_be_reserved(cluster: ApiCluster) -> None:
    await cluster.join()
    await update(cluster, config("eng/dev", limits=amounts(cpus=1)))
    scheduler = await refining(cluster, "eng/dev")
    offer = await scheduler.offer(lambda resource: resource["name"] == "cpus")
    assert [r["scalar"]["value"] for r in offer["resources"] if r["name"] == "cpus"] == [1]
    assert (await reserve_by(scheduler, 1, amount("cpus", 1, DEV)))["state"] == "OPERATION_FINISHED"
    assert by_name((await roles(cluster))["eng/dev"]["consumed"]) == {"cpus": 1}


async def test_a_weight_of_one_is_no_weight_of_its_own(cluster: ApiCluster) -> None:
    for weight in (3, 1):
        named = {"weight_infos": [{"role": "eng", "weight": weight}]}
        status, text = await cluster.post(OPERATOR, {"type": "UPDATE_WEIGHTS", "update_weights": named})
        assert status == 200, text
    assert await cluster.operator("GET_WEIGHTS") == {}
    assert cluster.orchestrator.allocator.weight("eng") == 1000
