"""Streams: the operator's events, heartbeats, slow and lost subscribers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from api.wire.codec import decode
from api.wire.recordio import encode_record
from api.wire.v1 import master
from orchestrator import streams
from orchestrator.streams import RecordStream, Streams, TooManySubscribers
from tests.orchestrator_api.cluster import ApiCluster, EventReader, running, until
from tests.orchestrator_api.test_operator import DATA
from tests.orchestrator_api.test_scheduler import cpus, is_pool, launch


async def watch(cluster: ApiCluster) -> EventReader:
    stream = await cluster.open("/api/v1", {"type": "SUBSCRIBE"})
    await stream.wait("SUBSCRIBED")
    return stream


async def test_a_snapshot_and_a_heartbeat_come_first(cluster: ApiCluster) -> None:
    await cluster.join()
    stream = await watch(cluster)
    await until(lambda: len(stream.records) >= 2)
    assert [event["type"] for event in stream.events[:2]] == ["SUBSCRIBED", "HEARTBEAT"]
    subscribed = stream.of_type("SUBSCRIBED")[0]
    assert subscribed["heartbeat_interval_seconds"] == 15.0
    assert len(subscribed["get_state"]["get_agents"]["agents"]) == 1
    assert "Mesos-Stream-Id" not in stream.response.headers


async def test_a_volume_is_followed_from_its_first_step_to_its_end(cluster: ApiCluster) -> None:
    await cluster.join()
    stream = await watch(cluster)
    await cluster.operator("PROVISION_VOLUME", provision_volume=DATA)
    await stream.wait("VOLUME_UPDATED", lambda body: body["volume"]["state"] == "VOLUME_AVAILABLE")
    assert stream.of_type("VOLUME_UPDATED")[0]["volume"]["state"] == "VOLUME_CREATING"
    finished = [
        body["operation"]["info"]["type"]
        for body in stream.of_type("OPERATION_UPDATED")
        if body["operation"]["latest_status"]["state"] == "OPERATION_FINISHED"
    ]
    assert finished == ["CREATE_DISK", "RESERVE", "CREATE"]
    await cluster.operator("DEPROVISION_VOLUME", deprovision_volume={"name": "data"})
    await stream.wait("VOLUME_UPDATED", lambda body: body.get("removed"))
    for record in stream.records:
        decode(master.Event, record)


async def test_agents_come_and_go_with_their_resources(cluster: ApiCluster) -> None:
    stream = await watch(cluster)
    await cluster.join()
    added = await stream.wait("AGENT_ADDED")
    assert {each["name"] for each in added["agent"]["total_resources"]} == {"cpus", "mem"}
    reported = await stream.wait("PROVIDER_UPDATED")
    assert reported["provider"]["resource_provider_info"]["name"] == "pool"
    agent_id = str(cluster.agent.agent_id)
    session = cluster.orchestrator.agent_sessions.get(agent_id)
    assert session is not None
    cluster.orchestrator.agents.disconnected(agent_id, session)
    assert (await stream.wait("AGENT_REMOVED"))["agent_id"]["value"] == agent_id
    await cluster.join()
    await until(lambda: len(stream.of_type("AGENT_ADDED")) == 2)


async def test_frameworks_and_tasks_are_told_of(cluster: ApiCluster) -> None:
    await cluster.join()
    first, second = await watch(cluster), await watch(cluster)
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    await scheduler.call("ACCEPT", launch(offer, [cpus(1)]))
    for stream in (first, second):
        await stream.wait("FRAMEWORK_ADDED")
        assert (await stream.wait("FRAMEWORK_UPDATED"))["framework"]["active"] is True
        assert (await stream.wait("TASK_ADDED"))["task"]["task_id"] == {"value": "task-1"}
    await scheduler.call("TEARDOWN")
    removed = await first.wait("FRAMEWORK_REMOVED")
    assert removed["framework_info"]["id"]["value"] == scheduler.framework_id
    (shown,) = (await cluster.operator("GET_FRAMEWORKS"))["completed_frameworks"]
    assert shown["active"] is False


async def test_heartbeats_go_on(tmp_path: Path) -> None:
    async with running(tmp_path, heartbeat_interval=0.1) as cluster:
        stream = await watch(cluster)
        scheduler = await cluster.subscribe()
        for reader in (stream, scheduler.stream):
            await until(lambda reader=reader: len(reader.of_type("HEARTBEAT")) >= 3)  # type: ignore[misc]


async def test_a_subscriber_that_leaves_is_forgotten(cluster: ApiCluster) -> None:
    stream = await watch(cluster)
    other = await watch(cluster)
    await stream.close()
    await cluster.join()
    await other.wait("AGENT_ADDED")
    async with cluster.client.get("/metrics") as response:
        assert response.status == 200
    await until_metric(cluster, "orlop_streams 1.0")


async def until_metric(cluster: ApiCluster, line: str) -> None:
    async with asyncio.timeout(5):
        while True:
            async with cluster.client.get("/metrics") as response:
                if line in (await response.text()).splitlines():
                    return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def serving(opened: Streams) -> AsyncIterator[tuple[int, list[RecordStream]]]:
    """A server that answers every request with a new stream: its port, and the streams."""
    made: list[RecordStream] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        stream = opened.open(b"{}", 15.0)
        made.append(stream)
        try:
            return await stream.serve(request, {})
        finally:
            opened.forget(stream)

    application = web.Application()
    application.router.add_get("/", handle)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sweeping = asyncio.ensure_future(opened.run())
    try:
        yield runner.addresses[0][1], made
    finally:
        opened.close()
        sweeping.cancel()
        await runner.cleanup()


async def test_a_subscriber_that_does_not_read_is_cut_off_and_the_others_go_on() -> None:
    opened = Streams()
    async with serving(opened) as (port, made):
        _, deaf = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        deaf.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await until(lambda: made)
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as response:
            reader = EventReader(response)
            slow, quick = made
            record = encode_record(b'{"type":"BIG","padding":"' + b"x" * 2**20 + b'"}')
            for count in range(1, 100):
                slow.push(record)
                quick.push(record)
                await until(lambda count=count: len(reader.records) == count)  # type: ignore[misc]
                if slow.is_over:
                    break
            assert slow.is_over
            await until(lambda: len(opened) == 1)
            assert not quick.is_over
            await reader.close()
            await until(lambda: len(opened) == 0)
        deaf.close()


async def test_records_that_wait_together_leave_as_chunks_of_their_own() -> None:
    opened = Streams()
    async with (
        serving(opened) as (port, made),
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/") as response,
    ):
        reader = EventReader(response)
        for number in range(100):
            made[0].push(encode_record(b"%d" % number))
        await until(lambda: len(reader.records) == 100)
        assert reader.chunks == [encode_record(record) for record in reader.records]
        made[0].finish()
        await reader.wait_ended()


async def test_streams_end_when_the_server_does_and_none_is_opened_any_more(cluster: ApiCluster) -> None:
    stream = await watch(cluster)
    scheduler = await cluster.subscribe(failover_timeout=0.0)
    async with asyncio.timeout(5):
        await cluster.stop_serving()
    await stream.wait_ended()
    await scheduler.stream.wait_ended()
    assert scheduler.stream.of_type("ERROR") == [], "it may subscribe again"
    await asyncio.sleep(0.05)
    assert scheduler.framework_id in cluster.orchestrator.state.frameworks, "it is not the one that left"
    opened = Streams()
    opened.close()
    with pytest.raises(TooManySubscribers):
        opened.open(b"{}", 15.0)


def test_a_subscriber_beyond_the_limit_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SUBSCRIBERS_LIMIT", 1)
    opened = Streams()
    first = opened.open(b"{}", 15.0)
    with pytest.raises(TooManySubscribers, match="later"):
        opened.open(b"{}", 15.0)
    opened.forget(first)
    opened.open(b"{}", 15.0)


async def test_an_agent_that_was_lost_and_is_given_up_is_not_added_again(cluster: ApiCluster) -> None:
    await cluster.join()
    stream = await watch(cluster)
    agent_id = str(cluster.agent.agent_id)
    session = cluster.orchestrator.agent_sessions.get(agent_id)
    assert session is not None
    cluster.orchestrator.agents.disconnected(agent_id, session)
    await stream.wait("AGENT_REMOVED")
    assert (await cluster.post("/api/v1", mark_gone(agent_id)))[0] == 200
    await stream.wait("PROVIDER_UPDATED", lambda body: body.get("removed"))
    await cluster.subscribe()  # something that is told after all of that
    await stream.wait("FRAMEWORK_ADDED")
    assert stream.of_type("AGENT_ADDED") == []
    assert len(stream.of_type("AGENT_REMOVED")) == 1


def mark_gone(agent_id: str) -> dict[str, object]:
    return {"type": "MARK_AGENT_GONE", "mark_agent_gone": {"agent_id": {"value": agent_id}}}


async def test_an_event_that_cannot_be_told_ends_streams_and_nothing_else(
    cluster: ApiCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(view: object, task: object) -> None:
        raise RuntimeError("it cannot be encoded")

    await cluster.join()
    stream = await watch(cluster)
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    with monkeypatch.context() as for_now:
        for_now.setattr("orchestrator.event_messages.task_added", broken)
        assert await scheduler.call("ACCEPT", launch(offer, [cpus(1)])) == (202, "")
        await stream.wait_ended()
    again = await watch(cluster)
    (task,) = again.of_type("SUBSCRIBED")[0]["get_state"]["get_tasks"]["tasks"]
    assert task["task_id"]["value"] == "task-1"
    assert stream.of_type("TASK_ADDED") == []
