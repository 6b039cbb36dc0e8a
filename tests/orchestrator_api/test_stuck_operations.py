"""RETRY_OPERATION, ABANDON_OPERATION and forced ends of volumes, by raw JSON."""

from __future__ import annotations

import json

import pytest

from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from tests.orchestrator_api.cluster import ApiCluster, Json, until
from tests.orchestrator_api.test_operator import provisioned
from tests.orchestrator_api.test_scheduler import create_disk, is_pool


async def stuck(cluster: ApiCluster) -> bytes:
    """A CREATE_DISK that its provider has and does not finish."""
    cluster.agent.busy = True
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    assert await scheduler.call("ACCEPT", create_disk(offer, 4000)) == (202, "")
    await until(lambda: cluster.agent.heard)
    (key,) = cluster.agent.heard
    return key


async def the_operation(cluster: ApiCluster) -> Json:
    (operation,) = (await cluster.operator("GET_OPERATIONS"))["operations"]
    found: Json = operation
    return found


async def test_a_stuck_operation_is_shown_with_its_trouble_and_tried_again(cluster: ApiCluster) -> None:
    key = await stuck(cluster)
    cluster.agent.troubles[key] = mesos.OperationTrouble(
        message="CreateVolume is being repeated: UNAVAILABLE", times=4, since=1.0, latest=9.0
    )
    cluster.agent.report_provider()
    await until(lambda: next(iter(cluster.orchestrator.ledger.operations.values())).trouble)
    operation = await the_operation(cluster)
    assert operation["trouble"]["times"] == 4 and operation["acknowledged"] is False
    assert "UNAVAILABLE" in operation["latest_status"]["message"]
    answer = await cluster.operator("RETRY_OPERATION", retry_operation={"operation_id": key.hex()[:8]})
    assert answer["operation"]["uuid"] == operation["uuid"] and answer["message"]
    assert cluster.agent.retried == [key]


async def test_an_operation_is_given_up_and_its_story_says_so(cluster: ApiCluster) -> None:
    key = await stuck(cluster)
    answer = await cluster.operator("ABANDON_OPERATION", abandon_operation={"operation_id": "op-1"})
    assert answer["operation"]["abandoned"] > 0 and cluster.agent.abandoned == [key]
    cluster.agent.fail(key, "abandoned by an operator: nothing was made")
    await until(lambda: next(iter(cluster.orchestrator.ledger.operations.values())).terminal)
    operation = await the_operation(cluster)
    states = [status["state"] for status in operation["statuses"]]
    assert states == ["OPERATION_PENDING", "OPERATION_FAILED"]
    assert operation["latest_status"]["message"] == "abandoned by an operator: nothing was made"


@pytest.mark.parametrize("call", ["RETRY_OPERATION", "ABANDON_OPERATION"])
@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (None, 400, "expecting"),
        ({"operation_id": ""}, 400, "1 to 255 characters"),
        ({"operation_id": "x" * 300}, 400, "1 to 255 characters"),
        ({"operation_id": "feed"}, 404, "orlop operations"),
        ({"operation_id": "no such"}, 404, "orlop operations"),
    ],
)
async def test_a_name_that_is_none_is_refused_with_what_to_do(
    cluster: ApiCluster, call: str, body: Json | None, status: int, words: str
) -> None:
    sent: Json = {"type": call}
    if body is not None:
        sent[call.lower()] = body
    answered, text = await cluster.post("/api/v1", sent)
    assert answered == status and words in text


@pytest.mark.parametrize("call", ["RETRY_OPERATION", "ABANDON_OPERATION"])
async def test_what_has_ended_stays_as_it_ended(cluster: ApiCluster, call: str) -> None:
    await stuck(cluster)
    cluster.agent.work_off()
    await until(lambda: next(iter(cluster.orchestrator.ledger.operations.values())).terminal)
    answered, text = await cluster.post("/api/v1", {"type": call, call.lower(): {"operation_id": "op-1"}})
    assert answered == 409 and "has ended as FINISHED" in text


async def test_a_volume_of_a_gone_provider_is_forgotten_by_force(cluster: ApiCluster) -> None:
    await provisioned(cluster)
    cluster.agent.leave(gone=True)
    volumes = cluster.orchestrator.provisioning.volumes
    await until(lambda: str(volumes["data"].state) == "NEEDS_OPERATOR")
    gentle = {"type": "DEPROVISION_VOLUME", "deprovision_volume": {"name": "data"}}
    answered, text = await cluster.post("/api/v1", gentle)
    assert answered == 409 and "orlop volume destroy --force data" in text
    forced = {"type": "DEPROVISION_VOLUME", "deprovision_volume": {"name": "data", "force": True}}
    answered, text = await cluster.post("/api/v1", forced)
    assert answered == 202
    assert json.loads(text)["deprovision_volume"]["volume"]["message"].startswith("forgotten")
    assert (await cluster.operator("GET_VOLUMES")).get("volumes", []) == []


async def test_a_healthy_volume_is_destroyed_by_force_like_any_other(cluster: ApiCluster) -> None:
    await provisioned(cluster)
    forced = {"name": "data", "force": True}
    body = await cluster.operator("DEPROVISION_VOLUME", deprovision_volume=forced)
    assert "message" not in body["volume"]
    await until(lambda: not cluster.orchestrator.provisioning.volumes)
    assert all(r.disk.is_pool for r in cluster.agent.totals if r.disk)


async def test_notices_of_a_provider_are_shown(cluster: ApiCluster) -> None:
    await cluster.join()
    provider = next(iter(cluster.orchestrator.state.providers()))
    report = cluster.agent.last_report
    report.update_state.notices = [
        rp.VolumeNotice(source_id="vol-1", kind=rp.VolumeNoticeKind.LOST, message="gone")
    ]
    report.update_state.notices_total = 7
    cluster.agent.tell_report(report)
    await until(lambda: provider.notices)
    (shown,) = (await cluster.operator("GET_RESOURCE_PROVIDERS"))["resource_providers"]
    assert shown["notices"] == [{"source_id": "vol-1", "kind": "LOST", "message": "gone"}]
    assert shown["notices_total"] == 7
