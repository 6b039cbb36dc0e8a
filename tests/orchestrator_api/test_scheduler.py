"""A scheduler's whole way through the API, in raw JSON."""

from __future__ import annotations

import asyncio
import base64

from api.wire.v1 import link, mesos
from tests.orchestrator_api.cluster import ApiCluster, Json, Scheduler, until


def is_pool(resource: Json) -> bool:
    source = resource.get("disk", {}).get("source", {})
    return source.get("type") == "RAW" and "id" not in source


def is_mount(resource: Json) -> bool:
    return bool(resource.get("disk", {}).get("source", {}).get("type") == "MOUNT")


def disk_of(offer: Json, which: object = is_pool) -> Json:
    found: Json = next(resource for resource in offer["resources"] if which(resource))  # type: ignore[operator]
    return found


def create_disk(offer: Json, mb: float, operation_id: str = "op-1") -> Json:
    source = {**disk_of(offer), "scalar": {"value": mb}}
    operation = {
        "type": "CREATE_DISK",
        "id": {"value": operation_id},
        "create_disk": {"source": source, "target_type": "MOUNT"},
    }
    return {"offer_ids": [offer["id"]], "operations": [operation], "filters": {"refuse_seconds": 0}}


def launch(offer: Json, resources: list[Json], **more: object) -> Json:
    task = {
        "name": "t",
        "task_id": {"value": "task-1"},
        "agent_id": offer["agent_id"],
        "resources": resources,
        "command": {"value": "true"},
        **more,
    }
    operation = {"type": "LAUNCH", "launch": {"task_infos": [task]}}
    return {"offer_ids": [offer["id"]], "operations": [operation], "filters": {"refuse_seconds": 0}}


def cpus(amount: float) -> Json:
    return {"name": "cpus", "type": "SCALAR", "scalar": {"value": amount}}


async def made_disk(cluster: ApiCluster) -> tuple[Scheduler, Json]:
    """A scheduler, and the status of its CREATE_DISK."""
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    assert await scheduler.call("ACCEPT", create_disk(offer, 4000)) == (202, "")
    body = await scheduler.stream.wait("UPDATE_OPERATION_STATUS")
    return scheduler, body["status"]


async def test_a_disk_is_made_acknowledged_offered_and_destroyed(cluster: ApiCluster) -> None:
    scheduler, status = await made_disk(cluster)
    assert status["state"] == "OPERATION_FINISHED"
    assert status["operation_id"] == {"value": "op-1"}
    assert is_mount(status["converted_resources"][0])
    acknowledge = {
        "agent_id": status["agent_id"],
        "resource_provider_id": status["resource_provider_id"],
        "uuid": status["uuid"]["value"],
        "operation_id": status["operation_id"],
    }
    assert cluster.agent.ended
    assert await scheduler.call("ACKNOWLEDGE_OPERATION_STATUS", acknowledge) == (202, "")
    await until(lambda: not cluster.agent.ended)
    offer = await scheduler.offer(is_mount)
    assert disk_of(offer, is_mount)["scalar"]["value"] == 4000
    assert disk_of(offer, is_mount)["allocation_info"] == {"role": "test"}
    destroy = {
        "type": "DESTROY_DISK",
        "id": {"value": "op-2"},
        "destroy_disk": {"source": disk_of(offer, is_mount)},
    }
    before = cluster.agent.totals
    accepted = await scheduler.call("ACCEPT", {"offer_ids": [offer["id"]], "operations": [destroy]})
    assert accepted == (202, ""), accepted[1]
    done = await scheduler.stream.wait(
        "UPDATE_OPERATION_STATUS", lambda body: body["status"]["operation_id"]["value"] == "op-2"
    )
    assert done["status"]["state"] == "OPERATION_FINISHED"
    assert cluster.agent.totals != before


async def test_the_first_records_are_subscribed_and_a_heartbeat_each_a_chunk_of_ascii(
    cluster: ApiCluster,
) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe(role="rôle")
    await scheduler.stream.wait("OFFERS")
    assert [event["type"] for event in scheduler.stream.events[:2]] == ["SUBSCRIBED", "HEARTBEAT"]
    assert scheduler.stream.of_type("SUBSCRIBED")[0]["heartbeat_interval_seconds"] == 15.0
    framed = [b"%d\n%b" % (len(record), record) for record in scheduler.stream.records]
    assert scheduler.stream.chunks == framed
    assert all(record.isascii() and b"\n" not in record for record in scheduler.stream.records)
    assert scheduler.stream.response.headers["Transfer-Encoding"] == "chunked"


async def test_a_task_is_launched_updated_acknowledged_and_killed(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    assert (await scheduler.call("ACCEPT", launch(offer, [cpus(1)])))[0] == 202
    run = next(m.run_task for m in cluster.agent.received if m.type is link.OrchestratorMessageType.RUN_TASK)
    assert isinstance(run, link.OrchestratorMessageRunTask)
    tell_task(cluster, scheduler.framework_id, mesos.TaskState.TASK_RUNNING)
    update = (await scheduler.stream.wait("UPDATE"))["status"]
    assert (update["task_id"], update["state"]) == ({"value": "task-1"}, "TASK_RUNNING")
    acknowledge = {"agent_id": offer["agent_id"], "task_id": update["task_id"], "uuid": update["uuid"]}
    assert (await scheduler.call("ACKNOWLEDGE", acknowledge))[0] == 202
    assert (await scheduler.call("KILL", {"task_id": update["task_id"]}))[0] == 202
    sent = [str(message.type) for message in cluster.agent.received]
    assert sent[-2:] == ["ACKNOWLEDGE_TASK_STATUS", "KILL_TASK"]
    assert (await scheduler.call("RECONCILE", {"tasks": []}))[0] == 202
    again = await scheduler.stream.wait("UPDATE", lambda body: "uuid" not in body["status"])
    assert again["status"]["reason"] == "REASON_RECONCILIATION"


def tell_task(
    cluster: ApiCluster,
    framework_id: str,
    state: mesos.TaskState,
    uuid: bytes = b"0123456789abcdef",
    latest: mesos.TaskState | None = None,
) -> None:
    """`latest`: how the task is by now, when that is not what the status tells."""
    status = mesos.TaskStatus(
        task_id=mesos.TaskID(value="task-1"),
        state=state,
        agent_id=mesos.AgentID(value=str(cluster.agent.agent_id)),
        uuid=uuid,
    )
    told = link.AgentMessageUpdateTaskStatus(
        framework_id=mesos.FrameworkID(value=framework_id), status=status, latest_state=latest or state
    )
    cluster.agent.tell(
        link.AgentMessage(type=link.AgentMessageType.UPDATE_TASK_STATUS, update_task_status=told)
    )


async def test_fields_of_a_task_that_are_not_served_are_named_by_task_error(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    volume = {"container_path": "x", "mode": "RW", "source": {"type": "SECRET", "secret": {}}}
    container = {"type": "MESOS", "tty_info": {}, "volumes": [volume]}
    call = launch(offer, [cpus(1)], container=container)
    assert (await scheduler.call("ACCEPT", call))[0] == 202
    status = (await scheduler.stream.wait("UPDATE"))["status"]
    assert status["state"] == "TASK_ERROR"
    assert "container.tty_info: " in status["message"]
    assert "container.volumes[0].source.secret: " in status["message"]


async def test_an_offer_that_has_gone_drops_what_was_to_be_done_with_it(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    assert (await scheduler.call("DECLINE", {"offer_ids": [offer["id"]]}))[0] == 202
    before = cluster.agent.totals
    assert (await scheduler.call("ACCEPT", create_disk(offer, 4000)))[0] == 202
    status = (await scheduler.stream.wait("UPDATE_OPERATION_STATUS"))["status"]
    assert status["state"] == "OPERATION_ERROR"
    assert "no longer valid" in status["message"]
    assert cluster.agent.totals == before
    assert not cluster.orchestrator.ledger.operations


async def test_what_was_not_offered_cannot_be_used(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    assert (await scheduler.call("ACCEPT", create_disk(offer, 999_999)))[0] == 202
    status = (await scheduler.stream.wait("UPDATE_OPERATION_STATUS"))["status"]
    assert status["state"] == "OPERATION_ERROR"
    assert "not in the accepted offers" in status["message"]
    assert not cluster.orchestrator.ledger.operations


async def test_suppressing_stops_offers_and_reviving_brings_them_back(cluster: ApiCluster) -> None:
    scheduler = await cluster.subscribe()
    assert (await scheduler.call("SUPPRESS"))[0] == 202
    await cluster.join()
    await asyncio.sleep(0.1)
    assert scheduler.stream.of_type("OFFERS") == []
    assert (await scheduler.call("REVIVE"))[0] == 202
    async with asyncio.timeout(0.8):  # at once, not with the next second's allocation
        await scheduler.stream.wait("OFFERS")


async def test_operations_are_reconciled_by_name_and_all_together(cluster: ApiCluster) -> None:
    scheduler, status = await made_disk(cluster)
    agent_id = status["agent_id"]
    named = [
        {"operation_id": {"value": "op-1"}},
        {"operation_id": {"value": "u-1"}, "agent_id": agent_id},
        {"operation_id": {"value": "u-2"}, "agent_id": {"value": "nobody"}},
        {"operation_id": {"value": "u-3"}},
    ]
    assert (await scheduler.call("RECONCILE_OPERATIONS", {"operations": named}))[0] == 202
    await scheduler.stream.wait("UPDATE_OPERATION_STATUS", lambda body: _id(body) == "u-3")
    answers = scheduler.stream.of_type("UPDATE_OPERATION_STATUS")[1:]
    told = [(_id(body), body["status"]["state"]) for body in answers]
    assert told == [
        ("op-1", "OPERATION_FINISHED"),
        ("u-1", "OPERATION_UNKNOWN"),
        ("u-2", "OPERATION_UNKNOWN"),
        ("u-3", "OPERATION_UNKNOWN"),
    ]
    assert not any("uuid" in body["status"] for body in answers), "they need no acknowledgement"
    assert (await scheduler.call("RECONCILE_OPERATIONS", {"operations": []}))[0] == 202
    await until(lambda: len(scheduler.stream.of_type("UPDATE_OPERATION_STATUS")) == 6)
    assert _id(scheduler.stream.of_type("UPDATE_OPERATION_STATUS")[-1]) == "op-1"


def _id(body: Json) -> object:
    return body["status"]["operation_id"]["value"]


async def test_a_second_subscription_takes_the_place_of_the_first(cluster: ApiCluster) -> None:
    first = await cluster.subscribe()
    second = await cluster.subscribe(framework_id=first.framework_id)
    assert "took its place" in (await first.stream.wait("ERROR"))["message"]
    await first.stream.wait_ended()
    assert (await first.call("REVIVE"))[0] == 400
    assert (await second.call("REVIVE"))[0] == 202
    assert cluster.orchestrator.state.frameworks[first.framework_id].connected


async def test_a_framework_that_leaves_is_noticed_and_may_come_back(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    await scheduler.offer(is_pool)
    framework = cluster.orchestrator.state.frameworks[scheduler.framework_id]
    await scheduler.stream.close()
    await until(lambda: not framework.connected)
    assert not cluster.orchestrator.offers.outstanding()
    status, text = await scheduler.call("REVIVE")
    assert (status, "SUBSCRIBE first" in text) == (403, True)
    again = await cluster.subscribe(framework_id=scheduler.framework_id)
    await again.offer(is_pool)


async def test_a_teardown_ends_the_stream_and_the_framework_is_refused_by_an_error(
    cluster: ApiCluster,
) -> None:
    scheduler = await cluster.subscribe()
    assert (await scheduler.call("TEARDOWN"))[0] == 202
    await scheduler.stream.wait_ended()
    assert scheduler.stream.of_type("ERROR") == []
    info = {"user": "me", "name": "s", "roles": ["r"], "id": {"value": scheduler.framework_id}}
    body = {"type": "SUBSCRIBE", "framework_id": info["id"], "subscribe": {"framework_info": info}}
    refused = await cluster.open("/api/v1/scheduler", body)
    assert refused.response.status == 200
    assert "removed" in (await refused.wait("ERROR"))["message"]
    await refused.wait_ended()


async def test_a_uuid_that_is_not_16_bytes_is_refused(cluster: ApiCluster) -> None:
    scheduler = await cluster.subscribe()
    uuid = base64.b64encode(b"short").decode()
    body = {"agent_id": {"value": "a"}, "task_id": {"value": "t"}, "uuid": uuid}
    status, text = await scheduler.call("ACKNOWLEDGE", body)
    assert (status, "16 bytes" in text) == (400, True)


async def test_a_launch_without_tasks_to_launch_is_an_invalid_call(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    call = {"offer_ids": [offer["id"]], "operations": [{"type": "LAUNCH"}]}
    status, text = await scheduler.call("ACCEPT", call)
    assert (status, "accept.operations[0].launch" in text) == (400, True)
    assert (await scheduler.call("ACCEPT", launch(offer, [cpus(1)])))[0] == 202
    assert not scheduler.stream.of_type("UPDATE"), "the offer still stood"


async def test_a_launch_with_an_operation_id_is_refused_by_task_error(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    call = launch(await scheduler.offer(is_pool), [cpus(1)])
    call["operations"][0]["id"] = {"value": "op-1"}
    assert (await scheduler.call("ACCEPT", call))[0] == 202
    status = (await scheduler.stream.wait("UPDATE"))["status"]
    assert (status["state"], "operation id" in status["message"]) == ("TASK_ERROR", True)


async def test_an_offer_to_one_role_cannot_be_reserved_for_another(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe(role="test")
    for number, (role, state) in enumerate((("other", "OPERATION_ERROR"), ("test", "OPERATION_FINISHED"))):
        offer = await scheduler.offer(is_pool)
        wanted = {**disk_of(offer), "reservations": [{"type": "DYNAMIC", "role": role}]}
        operation = {
            "type": "RESERVE", "id": {"value": f"op-{number}"}, "reserve": {"resources": [wanted]},
        }  # fmt: skip
        call = {"offer_ids": [offer["id"]], "operations": [operation], "filters": {"refuse_seconds": 0}}
        scheduler.stream.records.clear()
        assert (await scheduler.call("ACCEPT", call))[0] == 202
        told = (await scheduler.stream.wait("UPDATE_OPERATION_STATUS"))["status"]
        assert told["state"] == state, told
