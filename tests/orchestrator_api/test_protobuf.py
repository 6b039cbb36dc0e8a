"""Both media types at the orchestrator's edge, with the official protobuf runtime as the client."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from google.protobuf.message import Message as RuntimeMessage

from api.wire.content import JSON, PROTOBUF, MediaType, decode
from api.wire.message import Message
from api.wire.recordio import RecordDecoder
from api.wire.v1 import master, scheduler
from tests.orchestrator_api.cluster import WAIT_SECONDS, ApiCluster, until
from tests.orchestrator_api.test_operator import provisioned
from tests.wire.official import runtime_class

SPOKEN = {"Content-Type": PROTOBUF, "Accept": PROTOBUF}
CALL: Any = runtime_class(scheduler.Call)
OPERATOR_CALL: Any = runtime_class(master.Call)

Shown = master.CallType


class Stream:
    """A stream of records in protobuf."""

    def __init__(self, response: aiohttp.ClientResponse, event: type[Message]) -> None:
        self.response = response
        self._event: Any = runtime_class(event)
        self._decoder = RecordDecoder()
        self._records: list[bytes] = []

    async def next(self) -> Any:
        async with asyncio.timeout(WAIT_SECONDS):
            while not self._records:
                chunk, _ = await self.response.content.readchunk()
                assert chunk, "the stream ended"
                self._records += self._decoder.feed(chunk)
        return self._event.FromString(self._records.pop(0))

    async def until(self, field: str) -> Any:
        """The first event that has this field."""
        while not (event := await self.next()).HasField(field):
            pass
        return getattr(event, field)


async def opened(cluster: ApiCluster, path: str, call: RuntimeMessage, event: type[Message]) -> Stream:
    response = await cluster.client.post(path, data=call.SerializeToString(), headers=SPOKEN)
    assert response.status == 200, await response.text()
    assert response.headers["Content-Type"] == PROTOBUF
    return Stream(response, event)


async def post(cluster: ApiCluster, path: str, call: RuntimeMessage, **headers: str) -> tuple[int, bytes]:
    sent = {**SPOKEN, **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with cluster.client.post(path, data=call.SerializeToString(), headers=sent) as response:
        return response.status, await response.read()


def name_of(message: Any, field: str) -> str:
    """The name of the enum's value that the field has."""
    name: str = (
        message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number[getattr(message, field)].name
    )
    return name


async def test_a_scheduler_goes_its_whole_way_in_protobuf(cluster: ApiCluster) -> None:
    await cluster.join()
    subscribe = CALL(type="SUBSCRIBE")
    info = subscribe.subscribe.framework_info
    info.user, info.name, info.roles[:] = "me", "scheduler", ["rôle"]
    stream = await opened(cluster, "/api/v1/scheduler", subscribe, scheduler.Event)
    ids = {"framework_id": (await stream.next()).subscribed.framework_id}
    assert name_of(await stream.next(), "type") == "HEARTBEAT"
    offer = (await stream.until("offers")).offers[0]
    pool = next(each for each in offer.resources if each.disk.HasField("source"))
    assert pool.allocation_info.role == "rôle"

    accept = CALL(type="ACCEPT", **ids)
    accept.accept.offer_ids.append(offer.id)
    operation = accept.accept.operations.add(type="CREATE_DISK")
    operation.id.value = "op-1"
    operation.create_disk.source.CopyFrom(pool)
    operation.create_disk.source.scalar.value = 4000
    operation.create_disk.target_type = 2  # MOUNT
    sent = {"Mesos_Stream_Id": stream.response.headers["Mesos-Stream-Id"]}
    assert await post(cluster, "/api/v1/scheduler", accept, **sent) == (202, b"")
    status = (await stream.until("update_operation_status")).status
    assert name_of(status, "state") == "OPERATION_FINISHED"
    assert status.converted_resources[0].scalar.value == 4000

    acknowledge = CALL(type="ACKNOWLEDGE_OPERATION_STATUS", **ids)
    acknowledged = acknowledge.acknowledge_operation_status
    acknowledged.agent_id.CopyFrom(status.agent_id)
    acknowledged.resource_provider_id.CopyFrom(status.resource_provider_id)
    acknowledged.uuid = status.uuid.value
    acknowledged.operation_id.CopyFrom(status.operation_id)
    assert await post(cluster, "/api/v1/scheduler", acknowledge, **sent) == (202, b"")
    await until(lambda: not cluster.agent.ended)
    assert (await post(cluster, "/api/v1/scheduler", CALL(type="REVIVE", **ids)))[0] == 400  # no stream id
    stream.response.close()


SHOWN = [each for each in Shown if each.startswith("GET_") and each is not Shown.GET_METRICS]


async def answer(
    cluster: ApiCluster, kind: Shown, media_type: MediaType
) -> tuple[int, master.Response | None]:
    sent = {"Content-Type": PROTOBUF, "Accept": media_type}
    data = OPERATOR_CALL(type=str(kind)).SerializeToString()
    async with cluster.client.post("/api/v1", data=data, headers=sent) as response:
        body = await response.read()
        if response.status != 200:
            return response.status, None
        assert response.headers["Content-Type"] == media_type
        if media_type == PROTOBUF:
            runtime_class(master.Response).FromString(body)
        return 200, decode(master.Response, body, media_type)


async def test_what_operators_are_shown_is_the_same_in_both_media_types(cluster: ApiCluster) -> None:
    await provisioned(cluster)
    await cluster.subscribe()
    for kind in SHOWN:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:  # offers are made meanwhile: what changed between two looks proves nothing
                before, in_protobuf, after = [
                    await answer(cluster, kind, each) for each in (JSON, PROTOBUF, JSON)
                ]
                if before == after:
                    break
        assert before == in_protobuf, kind
        assert before[0] in (200, 501)


async def test_operators_hear_the_same_events_in_both_media_types(cluster: ApiCluster) -> None:
    await cluster.join()
    plain = await cluster.open("/api/v1", {"type": "SUBSCRIBE"})
    stream = await opened(cluster, "/api/v1", OPERATOR_CALL(type="SUBSCRIBE"), master.Event)
    first = await stream.next()
    assert first.subscribed.get_state.get_agents.agents[0].agent_info.id.value
    assert name_of(await stream.next(), "type") == "HEARTBEAT"
    framework = await cluster.subscribe()
    added = await stream.until("framework_added")
    heard = await plain.wait("FRAMEWORK_ADDED")
    assert added.framework.framework_info.id.value == framework.framework_id
    assert heard["framework"]["framework_info"]["id"]["value"] == framework.framework_id
    stream.response.close()


GET_HEALTH = OPERATOR_CALL(type="GET_HEALTH").SerializeToString()


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": PROTOBUF}, GET_HEALTH, 200),
        ({"Content-Type": JSON}, GET_HEALTH, 400),
        ({"Content-Type": PROTOBUF}, b'{"type":"GET_HEALTH"}', 400),
        ({"Content-Type": PROTOBUF}, b"", 400),
        ({"Content-Type": PROTOBUF}, b"\x08\xe7\x07", 400),
        ({"Content-Type": PROTOBUF}, OPERATOR_CALL(type="TEARDOWN").SerializeToString(), 400),
        ({"Content-Type": PROTOBUF}, OPERATOR_CALL(type="UNKNOWN").SerializeToString(), 501),
        ({"Content-Type": "application/protobuf"}, GET_HEALTH, 415),
        ({"Content-Type": PROTOBUF, "Accept": "text/html"}, GET_HEALTH, 406),
        ({"Content-Type": PROTOBUF, "Accept": "application/x-protobuf;q=0"}, GET_HEALTH, 406),
    ],
)
async def test_what_is_wrong_with_a_call_decides_its_status(
    cluster: ApiCluster, headers: dict[str, str], body: bytes, status: int
) -> None:
    async with cluster.client.post("/api/v1", data=body, headers={"Accept": "*/*", **headers}) as response:
        text = await response.text()
        assert response.status == status, text
        if status != 200:
            assert response.headers["Content-Type"].startswith("text/plain")
            assert text.count("\n") == 1
