"""The operator API: volumes by raw JSON, what there is, and the pages that are no calls."""

from __future__ import annotations

import json

import pytest

from api.wire.v1 import mesos
from tests.orchestrator_api.cluster import ApiCluster, Json, until
from tests.orchestrator_api.test_scheduler import cpus, disk_of, is_mount, launch, tell_task

DATA = {"name": "data", "profile": "default", "size_bytes": 2**30}


async def volume(cluster: ApiCluster, name: str = "data") -> Json | None:
    found = (await cluster.operator("GET_VOLUMES", get_volumes={"name": name})).get("volumes", [])
    return found[0] if found else None


async def provisioned(cluster: ApiCluster) -> Json:
    await cluster.join()
    await cluster.operator("PROVISION_VOLUME", provision_volume=DATA)
    await until(lambda: str(cluster.orchestrator.provisioning.volumes["data"].state) == "AVAILABLE")
    found = await volume(cluster)
    assert found is not None
    return found


async def test_a_volume_is_provisioned_listed_and_destroyed(cluster: ApiCluster) -> None:
    await cluster.join()
    status, text = await cluster.post("/api/v1", {"type": "PROVISION_VOLUME", "provision_volume": DATA})
    assert status == 202
    accepted = json.loads(text)["provision_volume"]
    assert accepted["volume"]["name"] == "data"
    assert accepted["operation_id"]
    await until(lambda: str(cluster.orchestrator.provisioning.volumes["data"].state) == "AVAILABLE")
    found = await volume(cluster)
    assert found is not None
    assert (found["state"], found["size_bytes"], found["role"]) == ("VOLUME_AVAILABLE", 2**30, "default")
    assert found["resource"]["disk"]["persistence"]["id"] == "data"
    status, text = await cluster.post(
        "/api/v1", {"type": "DEPROVISION_VOLUME", "deprovision_volume": {"name": "data"}}
    )
    assert (status, json.loads(text)["deprovision_volume"]["volume"]["name"]) == (202, "data")
    await until(lambda: not cluster.orchestrator.provisioning.volumes)
    assert await volume(cluster) is None


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"profile": "nope"}, 400, "default"),
        ({"size_bytes": 0}, 400, "size"),
        ({"size_bytes": -1}, 400, "size"),
        ({"size_bytes": 2**60}, 409, "MiB"),
        ({"size_bytes": "1"}, 400, "size_bytes"),
        ({"size_bytes": 10**30}, 400, "size_bytes"),
        ({"name": ""}, 400, ""),
        ({"name": "../x"}, 400, ""),
        ({"name": "x" * 10_000}, 400, ""),
        ({"name": "é\n"}, 400, ""),
        ({"role": "*"}, 400, "role"),
        ({"profile": "p" * 300}, 400, "profile"),
        ({"agent_id": {"value": "nobody"}}, 409, ""),
    ],
)
async def test_a_bad_volume_is_refused_and_nothing_changes(
    cluster: ApiCluster, change: Json, status: int, words: str
) -> None:
    await cluster.join()
    before = cluster.agent.totals
    body = {"type": "PROVISION_VOLUME", "provision_volume": {**DATA, **change}}
    got, text = await cluster.post("/api/v1", body)
    assert (got, words in text, text.count("\n")) == (status, True, 1), text
    assert cluster.agent.totals == before
    assert not cluster.orchestrator.provisioning.volumes
    assert not cluster.orchestrator.ledger.operations


async def test_a_name_is_good_for_one_volume(cluster: ApiCluster) -> None:
    await provisioned(cluster)
    same = {"type": "PROVISION_VOLUME", "provision_volume": DATA}
    assert (await cluster.post("/api/v1", same))[0] == 202
    other = {"type": "PROVISION_VOLUME", "provision_volume": {**DATA, "size_bytes": 2**31}}
    assert (await cluster.post("/api/v1", other))[0] == 409
    gone = {"type": "DEPROVISION_VOLUME", "deprovision_volume": {"name": "other"}}
    assert (await cluster.post("/api/v1", gone))[0] == 404


async def test_what_there_is_is_shown(cluster: ApiCluster) -> None:
    await provisioned(cluster)
    scheduler = await cluster.subscribe("default")
    await scheduler.stream.wait("OFFERS")
    (agent,) = (await cluster.operator("GET_AGENTS"))["agents"]
    assert (agent["active"], agent["pid"]) == (True, "slave(1)@127.0.0.1:5051")
    assert {r["name"] for r in agent["total_resources"]} == {"cpus", "mem", "disk"}
    assert agent["offered_resources"], "all of it is on offer"
    (framework,) = (await cluster.operator("GET_FRAMEWORKS"))["frameworks"]
    assert framework["framework_info"]["id"]["value"] == scheduler.framework_id
    assert len(framework["offers"]) == len(scheduler.stream.of_type("OFFERS"))
    operations = (await cluster.operator("GET_OPERATIONS"))["operations"]
    assert [each["info"]["type"] for each in operations] == ["CREATE_DISK", "RESERVE", "CREATE"]
    assert {each["latest_status"]["state"] for each in operations} == {"OPERATION_FINISHED"}
    (provider,) = (await cluster.operator("GET_RESOURCE_PROVIDERS"))["resource_providers"]
    assert (provider["connected"], provider["resource_provider_info"]["name"]) == (True, "pool")
    (profile,) = (await cluster.operator("GET_PROFILES"))["profiles"]
    mb = 2**20
    assert (profile["name"], profile["available"]) == ("default", True)
    assert profile["total_bytes"] == 10_000 * mb
    assert profile["free_bytes"] == (10_000 - 1024) * mb, "what is only on offer can be had"
    (role,) = (await cluster.operator("GET_ROLES"))["roles"]
    assert (role["name"], role["weight"]) == ("default", 1.0)
    state = await cluster.operator("GET_STATE")
    assert [each["name"] for each in state["get_volumes"]["volumes"]] == ["data"]
    assert state["get_agents"]["agents"] == [agent]
    assert state["get_operations"]["operations"] == operations


async def test_what_is_shown_follows_what_changes(cluster: ApiCluster) -> None:
    await provisioned(cluster)
    before = (await cluster.operator("GET_AGENTS"))["agents"][0]
    session = cluster.orchestrator.agent_sessions.get(str(cluster.agent.agent_id))
    assert session is not None
    cluster.orchestrator.agents.disconnected(str(cluster.agent.agent_id), session)
    after = (await cluster.operator("GET_AGENTS"))["agents"][0]
    assert (before["active"], after["active"]) == (True, False)
    (profile,) = (await cluster.operator("GET_PROFILES"))["profiles"]
    assert profile["available"] is False
    (provider,) = (await cluster.operator("GET_RESOURCE_PROVIDERS"))["resource_providers"]
    assert provider["connected"] is False


async def test_a_volume_names_the_tasks_that_use_it_and_is_not_destroyed_under_them(
    cluster: ApiCluster,
) -> None:
    data = await provisioned(cluster)
    assert "users" not in data
    scheduler = await cluster.subscribe("default")
    offer = await scheduler.offer(is_mount)
    disk = disk_of(offer, is_mount)
    disk["disk"]["volume"] = {"container_path": "/data", "mode": "RW"}
    assert await scheduler.call("ACCEPT", launch(offer, [cpus(1), disk])) == (202, "")
    used = await volume(cluster)
    assert used is not None
    assert used["users"] == ["task-1"]
    (task,) = (await cluster.operator("GET_TASKS"))["tasks"]
    assert (task["task_id"], task["state"]) == ({"value": "task-1"}, "TASK_STAGING")
    destroy = {"type": "DEPROVISION_VOLUME", "deprovision_volume": {"name": "data"}}
    status, text = await cluster.post("/api/v1", destroy)
    assert (status, "task-1" in text) == (409, True)
    tell_task(cluster, scheduler.framework_id, mesos.TaskState.TASK_FINISHED)
    update = (await scheduler.stream.wait("UPDATE"))["status"]
    free = await volume(cluster)
    assert free is not None
    assert "users" not in free
    acknowledge = {"agent_id": offer["agent_id"], "task_id": update["task_id"], "uuid": update["uuid"]}
    await scheduler.call("ACKNOWLEDGE", acknowledge)
    (ended,) = (await cluster.operator("GET_TASKS"))["completed_tasks"]
    assert ended["state"] == "TASK_FINISHED"
    assert (await cluster.post("/api/v1", destroy))[0] == 202


async def test_an_empty_cluster_is_shown_as_such(cluster: ApiCluster) -> None:
    for call in ("AGENTS", "FRAMEWORKS", "TASKS", "OPERATIONS", "VOLUMES", "PROFILES", "ROLES"):
        assert await cluster.operator(f"GET_{call}") == {}
    assert await cluster.operator("GET_HEALTH") == {"healthy": True}
    assert (await cluster.operator("GET_VERSION"))["version_info"] == {
        "version": "1.11.0",
        "product": "orlop",
        "product_version": "0.1.0",
    }
    master = (await cluster.operator("GET_MASTER"))["master_info"]
    assert (master["hostname"], master["port"]) == ("127.0.0.1", cluster.port)


async def test_an_operator_tears_a_framework_down(cluster: ApiCluster) -> None:
    scheduler = await cluster.subscribe()
    body: Json = {"type": "TEARDOWN", "teardown": {"framework_id": {"value": scheduler.framework_id}}}
    assert await cluster.post("/api/v1", body) == (200, "")
    assert "removed" in (await scheduler.stream.wait("ERROR"))["message"]
    await scheduler.stream.wait_ended()
    assert (await cluster.post("/api/v1", body))[0] == 400


async def test_the_pages_for_tools(cluster: ApiCluster) -> None:
    await provisioned(cluster)
    async with cluster.client.get("/health") as response:
        assert response.status == 200
    async with cluster.client.get("/version") as response:
        assert (await response.json())["version"] == "1.11.0"
    async with cluster.client.get("/redirect", allow_redirects=False) as response:
        assert response.headers["Location"] == f"//127.0.0.1:{cluster.port}"
    async with cluster.client.get("/metrics") as response:
        lines = (await response.text()).splitlines()
    assert 'orlop_volumes{state="AVAILABLE"} 1.0' in lines
    assert 'orlop_agents{connected="true"} 1.0' in lines
    assert 'orlop_operations_ended_total{state="OPERATION_FINISHED",type="CREATE_DISK"} 1.0' in lines
    assert 'orlop_api_requests_total{api="operator",status="202",type="PROVISION_VOLUME"} 1.0' in lines
    async with cluster.client.post("/health") as response:
        assert response.status == 405
