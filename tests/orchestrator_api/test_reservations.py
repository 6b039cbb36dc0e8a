"""Reservations and volumes by operator call: over HTTP, in raw JSON, as operators' tools send them."""

from __future__ import annotations

import json

import pytest

from api.model.resources import Resources, scalar
from api.wire.v1 import mesos
from tests.orchestrator_api.cluster import ApiCluster, Json, Scheduler, until
from tests.orchestrator_api.test_scheduler import cpus, launch, tell_task

ENG: Json = {"type": "DYNAMIC", "role": "eng", "principal": "ann", "labels": {"labels": [{"key": "k"}]}}
DEV: Json = {"type": "DYNAMIC", "role": "eng/dev"}


def amount(name: str, value: float, *stack: Json) -> Json:
    found: Json = {"name": name, "type": "SCALAR", "scalar": {"value": value}}
    return {**found, "reservations": list(stack)} if stack else found


def agent_id(cluster: ApiCluster) -> Json:
    return {"value": str(cluster.agent.agent_id)}


async def call(cluster: ApiCluster, kind: str, resources: list[Json], **more: object) -> tuple[int, str]:
    field = "volumes" if kind.endswith("VOLUMES") else "resources"
    body = {"agent_id": agent_id(cluster), field: resources, **more}
    return await cluster.post("/api/v1", {"type": kind, kind.lower(): body})


async def totals(cluster: ApiCluster) -> list[tuple[str, float, tuple[str, ...]]]:
    (agent,) = (await cluster.operator("GET_AGENTS"))["agents"]
    return sorted(
        (r["name"], r["scalar"]["value"], tuple(each["role"] for each in r.get("reservations", ())))
        for r in agent["total_resources"]
    )


async def states(cluster: ApiCluster) -> list[tuple[str, str]]:
    operations = (await cluster.operator("GET_OPERATIONS")).get("operations", [])
    return [(each["info"]["type"], each["latest_status"]["state"]) for each in operations]


async def test_an_operator_reserves_and_gives_back(cluster: ApiCluster) -> None:
    await cluster.join()
    assert await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 1, ENG), amount("mem", 96, ENG)]) == (
        202,
        "",
    )
    assert ("cpus", 1.0, ("eng",)) in await totals(cluster)
    assert ("cpus", 3.0, ()) in await totals(cluster)
    (done,) = (await cluster.operator("GET_OPERATIONS"))["operations"]
    assert done["info"]["type"] == "RESERVE" and "framework_id" not in done
    assert done["info"]["reserve"]["resources"][0]["reservations"] == [ENG]
    await until(lambda: cluster.agent.applied and not cluster.agent.ended)  # acknowledged with nobody's help
    assert await states(cluster) == [("RESERVE", "OPERATION_FINISHED")]
    assert await call(cluster, "UNRESERVE_RESOURCES", [amount("cpus", 0.5, ENG)]) == (202, "")
    assert ("cpus", 0.5, ("eng",)) in await totals(cluster)
    assert ("cpus", 3.5, ()) in await totals(cluster)


async def test_a_refined_reservation_is_offered_to_its_role_and_those_below_alone(
    cluster: ApiCluster,
) -> None:
    await cluster.join()
    assert (await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 2, ENG)]))[0] == 202
    assert (await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 1, ENG, DEV)]))[0] == 202
    leaf: Json = {"type": "DYNAMIC", "role": "eng/dev/ann"}
    assert (await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 0.5, ENG, DEV, leaf)]))[0] == 202
    assert [each for each in await totals(cluster) if each[0] == "cpus"] == [
        ("cpus", 0.5, ("eng", "eng/dev")),
        ("cpus", 0.5, ("eng", "eng/dev", "eng/dev/ann")),
        ("cpus", 1.0, ("eng",)),
        ("cpus", 2.0, ()),
    ]
    capable = cluster.orchestrator
    for role, wanted in (
        ("eng", {0, 1}),
        ("eng/dev", {0, 1, 2}),
        ("eng/dev/ann", {0, 1, 2, 3}),
        ("other", {0}),
    ):
        scheduler = await refining(cluster, role)
        offer = await scheduler.offer(lambda r: r["name"] == "cpus")
        depths = {len(r.get("reservations", ())) for r in offer["resources"] if r["name"] == "cpus"}
        assert depths == wanted, role
        await scheduler.call("TEARDOWN")
        await until(lambda: not capable.state.frameworks)


async def refining(cluster: ApiCluster, role: str) -> Scheduler:
    """A framework that knows reservations with more than one layer."""
    info: Json = {"user": "me", "name": "s", "roles": [role]}
    info["capabilities"] = [{"type": "RESERVATION_REFINEMENT"}, {"type": "MULTI_ROLE"}]
    stream = await cluster.open(
        "/api/v1/scheduler", {"type": "SUBSCRIBE", "subscribe": {"framework_info": info}}
    )
    subscribed = await stream.wait("SUBSCRIBED")
    return Scheduler(cluster, stream, subscribed["framework_id"]["value"])


async def test_a_stack_is_exchanged_at_once(cluster: ApiCluster) -> None:
    await cluster.join()
    await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 1, ENG, DEV)], source=[amount("cpus", 1)])
    assert ("cpus", 1.0, ("eng", "eng/dev")) in await totals(cluster)
    other: Json = {"type": "DYNAMIC", "role": "ops"}
    source = [amount("cpus", 1, ENG, DEV)]
    assert (await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 1, other)], source=source))[0] == 202
    assert [each for each in await totals(cluster) if each[0] == "cpus"] == [
        ("cpus", 1, ("ops",)),
        ("cpus", 3, ()),
    ]


async def test_only_offers_that_hold_what_is_needed_are_rescinded(cluster: ApiCluster) -> None:
    await cluster.join()
    (agent,) = (await cluster.operator("GET_AGENTS"))["agents"]
    pools = [dict(r, reservations=[ENG]) for r in agent["total_resources"] if r["name"] == "disk"]
    assert (await call(cluster, "RESERVE_RESOURCES", pools))[0] == 202
    other = await cluster.subscribe("other")
    taken = await other.offer(lambda r: r["name"] == "cpus")
    owner = await cluster.subscribe("eng")
    kept = await owner.offer(lambda r: r["name"] == "disk")
    assert (await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 1, ENG)]))[0] == 202
    assert (await other.stream.wait("RESCIND"))["offer_id"] == taken["id"]
    assert not owner.stream.of_type("RESCIND")
    assert any(o.offer_id == kept["id"]["value"] for o in cluster.orchestrator.offers.outstanding())


async def test_what_a_task_uses_is_not_reserved_under_it(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe("test")
    offer = await scheduler.offer(lambda r: r["name"] == "cpus")
    await scheduler.call("ACCEPT", launch(offer, [cpus(3)]))
    status, text = await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 2, ENG)])
    assert (status, "task task-1" in text) == (409, True), text
    assert (await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 1, ENG)]))[0] == 202
    tell_task(cluster, scheduler.framework_id, mesos.TaskState.TASK_FINISHED)
    assert (await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 2, ENG)]))[0] == 202


async def test_a_volume_is_created_and_destroyed_by_name(cluster: ApiCluster) -> None:
    await cluster.join()
    cluster.agent.own = cluster.agent.own + Resources((scalar("disk", 500_000),))
    cluster.agent.report(cluster.agent.own, None)
    assert (await call(cluster, "RESERVE_RESOURCES", [amount("disk", 100, ENG)]))[0] == 202
    volume = {**amount("disk", 100, ENG), "disk": {"persistence": {"id": "v"}}}
    assert await call(cluster, "CREATE_VOLUMES", [volume]) == (202, "")
    assert (await call(cluster, "RESERVE_RESOURCES", [amount("disk", 100, ENG)]))[0] == 202
    status, text = await call(cluster, "CREATE_VOLUMES", [volume])
    assert (status, "choose another" in text) == (400, True), text
    assert await call(cluster, "DESTROY_VOLUMES", [volume]) == (202, "")
    assert (await call(cluster, "DESTROY_VOLUMES", [volume]))[0] == 409
    await until(lambda: len(cluster.agent.applied) == 4)
    types = [kind for kind, _ in await states(cluster)]
    assert types == ["RESERVE", "CREATE", "RESERVE", "DESTROY"]


async def test_an_operators_named_volume_is_left_to_its_own_calls(cluster: ApiCluster) -> None:
    await cluster.join()
    data = {"name": "data", "profile": "default", "size_bytes": 2**30}
    await cluster.operator("PROVISION_VOLUME", provision_volume=data)
    await until(lambda: str(cluster.orchestrator.provisioning.volumes["data"].state) == "AVAILABLE")
    (volume,) = (await cluster.operator("GET_VOLUMES"))["volumes"]
    status, text = await call(cluster, "DESTROY_VOLUMES", [volume["resource"]])
    assert (status, "orlop volume destroy data" in text) == (409, True), text


@pytest.mark.parametrize(
    ("kind", "resources", "status", "words"),
    [
        ("RESERVE_RESOURCES", [], 400, "names no resources"),
        ("RESERVE_RESOURCES", [amount("cpus", 1)], 400, "add the reservation"),
        ("RESERVE_RESOURCES", [amount("cpus", 1, {**ENG, "type": "STATIC"})], 400, "dynamic"),
        ("RESERVE_RESOURCES", [amount("cpus", 1, {**ENG, "role": "*"})], 400, "reserved for '*'"),
        ("RESERVE_RESOURCES", [amount("cpus", 1, {**ENG, "role": "a b"})], 400, "role"),
        ("RESERVE_RESOURCES", [amount("cpus", 1, ENG, {**ENG})], 400, "below 'eng'"),
        ("RESERVE_RESOURCES", [amount("cpus", 5, ENG)], 409, "cpus"),
        ("RESERVE_RESOURCES", [amount("cpus", 1, ENG, DEV)], 409, "is missing"),
        ("UNRESERVE_RESOURCES", [amount("cpus", 1)], 400, "last reservation is dynamic"),
        ("UNRESERVE_RESOURCES", [amount("cpus", 1, ENG)], 409, "is missing"),
        ("CREATE_VOLUMES", [amount("disk", 1, ENG)], 400, "persistence id"),
        (
            "DESTROY_VOLUMES",
            [{**amount("disk", 1, ENG), "disk": {"persistence": {"id": "x"}}}],
            409,
            "missing",
        ),
        ("RESERVE_RESOURCES", [{"name": "cpus"}], 400, "type"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    cluster: ApiCluster, kind: str, resources: list[Json], status: int, words: str
) -> None:
    await cluster.join()
    before = await totals(cluster)
    got, text = await call(cluster, kind, resources)
    assert (got, words in text, text.count("\n")) == (status, True, 1), text
    assert await totals(cluster) == before and await states(cluster) == []


async def test_an_agent_that_is_not_there_is_told_from_one_that_never_was(cluster: ApiCluster) -> None:
    await cluster.join()
    resources = [amount("cpus", 1, ENG)]
    nobody = {"agent_id": {"value": "nobody"}, "resources": resources}
    body = {"type": "RESERVE_RESOURCES", "reserve_resources": nobody}
    status, text = await cluster.post("/api/v1", body)
    assert (status, "not known" in text) == (400, True)
    session = cluster.orchestrator.agent_sessions.get(str(cluster.agent.agent_id))
    assert session is not None
    cluster.orchestrator.agents.disconnected(str(cluster.agent.agent_id), session)
    assert (await call(cluster, "RESERVE_RESOURCES", resources))[0] == 409
    missing = {"type": "RESERVE_RESOURCES"}
    status, text = await cluster.post("/api/v1", missing)
    assert (status, "reserve_resources" in text) == (400, True)


async def test_what_was_accepted_is_carried_out_after_a_restart(cluster: ApiCluster) -> None:
    await cluster.join()
    cluster.agent.deaf = True
    assert (await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 1, ENG)]))[0] == 202
    await cluster.stop()
    await cluster.start()
    assert await states(cluster) == [("RESERVE", "OPERATION_RECOVERING")]
    cluster.agent.deaf = False
    await cluster.join()
    await until(lambda: cluster.agent.applied)
    assert ("cpus", 1.0, ("eng",)) in await totals(cluster)
    await until(lambda: not cluster.agent.ended)
    assert await states(cluster) == [("RESERVE", "OPERATION_FINISHED")]


async def test_a_reservation_that_its_provider_refuses_is_taken_back(cluster: ApiCluster) -> None:
    await cluster.join()
    cluster.agent.refuse["RESERVE"] = mesos.OperationState.OPERATION_FAILED
    assert (await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 1, ENG)]))[0] == 202
    await until(lambda: cluster.agent.applied)
    assert [each for each in await totals(cluster) if each[0] == "cpus"] == [("cpus", 4.0, ())]
    (failed,) = (await cluster.operator("GET_OPERATIONS"))["operations"]
    assert failed["latest_status"]["message"] == "the script refuses"
    assert json.dumps(failed)


async def reserve_by(scheduler: Scheduler, number: int, wanted: Json, source: Json | None = None) -> Json:
    """The outcome of a framework's RESERVE out of its newest offer."""
    offer = scheduler.stream.of_type("OFFERS")[-1]["offers"][0]
    reserve = {"resources": [wanted], **({} if source is None else {"source": [source]})}
    operation = {"type": "RESERVE", "id": {"value": f"op-{number}"}, "reserve": reserve}
    accept = {"offer_ids": [offer["id"]], "operations": [operation], "filters": {"refuse_seconds": 0}}
    offers = len(scheduler.stream.of_type("OFFERS"))
    assert await scheduler.call("ACCEPT", accept) == (202, "")
    told = await scheduler.stream.wait(
        "UPDATE_OPERATION_STATUS", lambda body: body["status"]["operation_id"]["value"] == f"op-{number}"
    )
    await until(lambda: len(scheduler.stream.of_type("OFFERS")) > offers)
    status: Json = told["status"]
    return status


async def test_a_framework_refines_what_is_reserved_above_it_and_no_other_way(cluster: ApiCluster) -> None:
    await cluster.join()
    await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 2, ENG)])
    scheduler = await refining(cluster, "eng/dev")
    await scheduler.offer(lambda r: r.get("reservations"))
    done = await reserve_by(scheduler, 1, amount("cpus", 1, ENG, DEV))
    assert done["state"] == "OPERATION_FINISHED"
    assert ("cpus", 1.0, ("eng", "eng/dev")) in await totals(cluster)
    sideways = amount("cpus", 1, ENG, {**DEV, "role": "ops/dev"})
    below = amount("cpus", 1, ENG, DEV, {**DEV, "role": "eng/dev/ann"})
    for number, (wanted, words) in enumerate(((sideways, "below 'eng'"), (below, "offered to role")), 2):
        refused = await reserve_by(scheduler, number, wanted)
        assert refused["state"] == "OPERATION_ERROR" and words in refused["message"]
    moved = {**DEV, "labels": {"labels": [{"key": "moved"}]}}
    done = await reserve_by(scheduler, 4, amount("cpus", 1, ENG, moved), amount("cpus", 1, ENG, DEV))
    assert done["state"] == "OPERATION_FINISHED"
    (agent,) = (await cluster.operator("GET_AGENTS"))["agents"]
    assert [r["reservations"] for r in agent["total_resources"] if len(r.get("reservations", ())) > 1] == [
        [ENG, moved]
    ]


async def test_to_refine_takes_a_framework_that_knows_refined_reservations(cluster: ApiCluster) -> None:
    await cluster.join()
    await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 2, ENG)])
    scheduler = await cluster.subscribe("eng/dev")
    await scheduler.offer(lambda r: r["role"] == "eng")
    refused = await reserve_by(scheduler, 1, amount("cpus", 1, ENG, DEV))
    assert refused["state"] == "OPERATION_ERROR" and "RESERVATION_REFINEMENT" in refused["message"]
