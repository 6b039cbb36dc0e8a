"""Habits of schedulers and tools that exist: how they write what they send, and what they count on."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from tests.orchestrator_api.cluster import ApiCluster, Json
from tests.orchestrator_api.test_scheduler import cpus, is_pool, launch

SCHEDULER = "/api/v1/scheduler"
JSON = {"Content-Type": "application/json"}


def subscription(**info: object) -> Json:
    info = {"user": "me", "name": "s", "roles": ["r"], **info}
    return {"type": "SUBSCRIBE", "subscribe": {"framework_info": info}}


async def exchange(cluster: ApiCluster, request: bytes, until: bytes) -> bytes:
    """Bytes as they are sent, and what came back up to (and with) `until`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", cluster.port)
    try:
        writer.write(request)
        async with asyncio.timeout(10):
            return await reader.readuntil(until)
    finally:
        writer.close()


async def test_the_version_is_three_integers(cluster: ApiCluster) -> None:
    async with cluster.client.get("/version") as response:
        assert re.fullmatch(r"\d+\.\d+\.\d+", (await response.json())["version"])


async def test_a_client_that_says_nothing_of_what_it_accepts_gets_json(cluster: ApiCluster) -> None:
    body = json.dumps(subscription()).encode()
    head = b"POST /api/v1/scheduler HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    request = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    answer = await exchange(cluster, request, b'"SUBSCRIBED"')
    assert b" 200 OK" in answer and b"application/json" in answer


async def test_a_client_that_waits_to_be_told_to_go_on_is_told(cluster: ApiCluster) -> None:
    """As curl does with long bodies: it sends them when it was told to, or a second later."""
    head = b"POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 22\r\n"
    answer = await exchange(cluster, head + b"Expect: 100-continue\r\n\r\n", b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 100 ")


@pytest.mark.parametrize("accept", ["application/json, text/event-stream;q=0.5", "*/*", "application/*", ""])
async def test_lists_and_ranges_of_what_is_accepted_are_understood(cluster: ApiCluster, accept: str) -> None:
    status, _ = await cluster.post("/api/v1", {"type": "GET_HEALTH"}, {"Accept": accept})
    assert status == 200


async def test_nulls_names_of_former_versions_and_what_nobody_knows_are_let_through(
    cluster: ApiCluster,
) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    agent = {"value": str(cluster.agent.agent_id)}
    named = {"task_id": {"value": "t"}, "agent_id": agent, "slave_id": agent, "kill_policy": None}
    assert (await scheduler.call("KILL", named))[0] == 202
    assert (await scheduler.call("RECONCILE", {"tasks": [{**named, "state": "TASK_RUNNING"}]}))[0] == 202
    assert (await scheduler.call("DECLINE", {}))[0] == 202
    assert (await scheduler.call("DECLINE", {"offer_ids": None, "filters": None}))[0] == 202
    assert (await scheduler.call("REVIVE", None, **{"X-Other": "1"}))[0] == 202


async def test_one_value_stands_for_a_list_of_one(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    call = launch(offer, [cpus(1)])
    call["offer_ids"], call["operations"] = call["offer_ids"][0], call["operations"][0]
    assert (await scheduler.call("ACCEPT", call))[0] == 202
    assert "task-1" in {key[1] for key in cluster.orchestrator.state.tasks}


@pytest.mark.parametrize("with_allocation", [True, False])
async def test_offered_resources_say_their_role_and_come_back_with_it_or_without(
    cluster: ApiCluster, with_allocation: bool
) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    found = next(resource for resource in offer["resources"] if resource["name"] == "cpus")
    assert found["allocation_info"] == offer["allocation_info"] == {"role": "test"}
    wanted = found if with_allocation else {k: v for k, v in found.items() if k != "allocation_info"}
    assert (await scheduler.call("ACCEPT", launch(offer, [wanted])))[0] == 202
    assert cluster.orchestrator.state.tasks


@pytest.mark.parametrize("field", [None, {"value": ""}])
async def test_a_framework_without_an_id_may_say_so_by_an_empty_one(
    cluster: ApiCluster, field: object
) -> None:
    call = {**subscription(id=field), "framework_id": field}
    stream = await cluster.open(SCHEDULER, call)
    assert len((await stream.wait("SUBSCRIBED"))["framework_id"]["value"]) > 1


async def test_a_framework_is_told_which_orchestrator_it_has_subscribed_to(cluster: ApiCluster) -> None:
    scheduler = await cluster.subscribe()
    told = (await scheduler.stream.wait("SUBSCRIBED"))["master_info"]
    assert told == (await cluster.operator("GET_MASTER"))["master_info"]
    assert told["pid"] == f"master@127.0.0.1:{cluster.port}"


async def test_a_subscription_that_asks_for_force_takes_the_place_of_the_former_one(
    cluster: ApiCluster,
) -> None:
    first = await cluster.subscribe()
    again = await cluster.subscribe(framework_id=first.framework_id, more={"force": True})
    await first.stream.wait_ended()
    assert (await again.call("REVIVE"))[0] == 202


async def test_a_framework_comes_back_in_other_roles_and_is_offered_nothing_in_those_it_left(
    cluster: ApiCluster,
) -> None:
    await cluster.join()
    first = await cluster.subscribe(role="one")
    await first.offer(is_pool)
    again = await cluster.subscribe(role="two", framework_id=first.framework_id)
    offer = await again.offer(is_pool)
    assert offer["allocation_info"] == {"role": "two"}
    assert {each.role for each in cluster.orchestrator.offers.outstanding()} == {"two"}


async def test_operators_are_answered_in_the_field_that_is_named_as_their_call(cluster: ApiCluster) -> None:
    await cluster.join()
    for call in (
        "GET_HEALTH",
        "GET_STATE",
        "GET_AGENTS",
        "GET_ROLES",
        "GET_WEIGHTS",
        "GET_QUOTA",
        "GET_MASTER",
    ):
        status, text = await cluster.post("/api/v1/operator/", {"type": call})
        assert (status, set(json.loads(text))) == (200, {"type", call.lower()}), call


async def test_a_framework_that_does_not_know_reservations_in_layers_sees_and_says_them_as_it_always_did(
    cluster: ApiCluster,
) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe(role="test")
    offer = await scheduler.offer(is_pool)
    assert {resource["role"] for resource in offer["resources"]} == {"*"}
    assert not any("reservations" in resource for resource in offer["resources"])
    pool = next(resource for resource in offer["resources"] if is_pool(resource))
    reserved = {**pool, "role": "test", "reservation": {"principal": "me"}, "scalar": {"value": 4000}}
    operation = {"type": "RESERVE", "id": {"value": "op-1"}, "reserve": {"resources": [reserved]}}
    call = {"offer_ids": [offer["id"]], "operations": [operation], "filters": {"refuse_seconds": 0}}
    assert (await scheduler.call("ACCEPT", call))[0] == 202
    told = (await scheduler.stream.wait("UPDATE_OPERATION_STATUS"))["status"]
    assert told["state"] == "OPERATION_FINISHED", told
    again = await scheduler.offer(lambda resource: resource["role"] == "test")
    found = next(resource for resource in again["resources"] if resource["role"] == "test")
    assert (found["reservation"], found["scalar"]) == ({"principal": "me"}, {"value": 4000.0})
    made = {**found, "allocation_info": {"role": "test"}}
    create = {"source": made, "target_type": "MOUNT"}
    operation = {"type": "CREATE_DISK", "id": {"value": "op-2"}, "create_disk": create}
    call = {"offer_ids": [again["id"]], "operations": [operation]}
    assert (await scheduler.call("ACCEPT", call))[0] == 202
    told = (
        await scheduler.stream.wait(
            "UPDATE_OPERATION_STATUS", lambda body: body["status"]["operation_id"] == {"value": "op-2"}
        )
    )["status"]
    (disk,) = told["converted_resources"]
    assert (disk["role"], "reservations" in disk) == ("test", False)


async def test_a_framework_that_knows_reservations_in_layers_is_told_them_so(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe(capabilities=[{"type": "RESERVATION_REFINEMENT"}])
    offer = await scheduler.offer(is_pool)
    assert not any("role" in resource for resource in offer["resources"])


async def test_operators_see_reservations_in_both_forms(cluster: ApiCluster) -> None:
    await cluster.join()
    reservation = {"type": "DYNAMIC", "role": "eng", "principal": "ann"}
    wanted = {**cpus(1), "reservations": [reservation]}
    reserve = {"agent_id": {"value": str(cluster.agent.agent_id)}, "resources": [wanted]}
    status, text = await cluster.post("/api/v1", {"type": "RESERVE_RESOURCES", "reserve_resources": reserve})
    assert status == 202, text
    (agent,) = (await cluster.operator("GET_AGENTS"))["agents"]
    shown = {
        resource["role"]: resource for resource in agent["total_resources"] if resource["name"] == "cpus"
    }
    assert set(shown) == {"*", "eng"}
    assert shown["eng"]["reservations"] == [reservation]
    assert shown["eng"]["reservation"] == {"principal": "ann"}
    unreserve = {**reserve, "resources": [shown["eng"]]}
    status, text = await cluster.post(
        "/api/v1", {"type": "UNRESERVE_RESOURCES", "unreserve_resources": unreserve}
    )
    assert status == 202, text
