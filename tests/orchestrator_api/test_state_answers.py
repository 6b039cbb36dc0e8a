"""Answers that show state, as clients get them: both media types, gzip, filters; and subscribers that lag."""

from __future__ import annotations

import asyncio
import gzip

import aiohttp

from api.wire.content import JSON, PROTOBUF, decode
from api.wire.recordio import encode_record
from api.wire.v1 import master, mesos
from orchestrator import streams
from orchestrator.streams import Batch, CutOff, RecordStream, Streams
from tests.orchestrator_api.cluster import ApiCluster, EventReader, until
from tests.orchestrator_api.test_events import serving, until_metric, watch
from tests.orchestrator_api.test_operator import provisioned
from tests.orchestrator_api.test_scheduler import cpus, create_disk, is_pool, launch, tell_task

HEADERS = {"Content-Type": "application/json"}


async def raw(cluster: ApiCluster, call_type: str, **headers: str) -> tuple[aiohttp.ClientResponse, bytes]:
    """An answer as it travels."""
    async with (
        aiohttp.ClientSession(cluster.url, auto_decompress=False) as session,
        session.post(
            "/api/v1",
            data=b'{"type":"%b"}' % call_type.encode(),
            headers={**HEADERS, "Accept-Encoding": "identity", **headers},
        ) as response,
    ):
        return response, await response.read()


async def test_state_is_the_same_in_both_media_types(cluster: ApiCluster) -> None:
    await provisioned(cluster)
    await cluster.subscribe()
    for call_type in ("GET_STATE", "GET_AGENTS", "GET_OPERATIONS", "GET_RESOURCE_PROVIDERS", "GET_PROFILES"):
        for _ in range(20):  # an offer may be made between the two
            _, in_json = await raw(cluster, call_type)
            response, in_protobuf = await raw(cluster, call_type, Accept=PROTOBUF)
            there = decode(master.Response, in_json, JSON)
            found = decode(master.Response, in_protobuf, PROTOBUF)
            if found == there:
                break
        assert found == there
        assert response.headers["Content-Type"] == PROTOBUF


async def test_gzip_is_sent_to_clients_that_ask_for_it(cluster: ApiCluster) -> None:
    await provisioned(cluster)
    plain, there = await raw(cluster, "GET_OPERATIONS")
    assert "Content-Encoding" not in plain.headers
    packed, body = await raw(cluster, "GET_OPERATIONS", **{"Accept-Encoding": "br;q=1, gzip;q=0.5"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(body) < len(there)
    assert gzip.decompress(body) == there


async def test_a_subscriber_that_names_a_framework_is_told_of_nothing_else(cluster: ApiCluster) -> None:
    await cluster.join()
    mine = await cluster.subscribe(more={"suppressed_roles": ["test"]})
    other = await cluster.subscribe()
    wanted = {"framework_ids": [{"value": mine.framework_id}]}
    stream = await cluster.open("/api/v1", {"type": "SUBSCRIBE", "subscribe": wanted})
    everything = await watch(cluster)
    state = (await stream.wait("SUBSCRIBED"))["get_state"]
    shown = state["get_frameworks"]["frameworks"]
    assert [each["framework_info"]["id"]["value"] for each in shown] == [mine.framework_id]
    assert state["get_agents"] == {}
    for scheduler in (other, mine):
        assert (await scheduler.call("REVIVE"))[0] == 202
        offer = await scheduler.offer(lambda resource: resource["name"] == "cpus")
        task = {"value": f"of-{scheduler.framework_id}"}
        assert await scheduler.call("ACCEPT", launch(offer, [cpus(0.1)], task_id=task)) == (202, "")
        await everything.wait("TASK_ADDED", lambda body, task=task: body["task"]["task_id"] == task)  # type: ignore[misc]
        assert (await scheduler.call("TEARDOWN" if scheduler is other else "SUPPRESS"))[0] == 202
    await stream.wait("TASK_ADDED")
    told = {body["task"]["framework_id"]["value"] for body in stream.of_type("TASK_ADDED")}
    assert told == {mine.framework_id}


async def test_a_subscriber_that_names_an_agent_is_told_of_it_and_its_volumes(cluster: ApiCluster) -> None:
    await provisioned(cluster)
    agent_id = cluster.agent.agent_id
    scheduler = await cluster.subscribe()
    found = {}
    for name, wanted in (("here", agent_id), ("elsewhere", "another")):
        call = {"type": "SUBSCRIBE", "subscribe": {"agent_ids": [{"value": wanted}]}}
        stream = await cluster.open("/api/v1", call)
        found[name] = (await stream.wait("SUBSCRIBED"))["get_state"]
    assert [each["name"] for each in found["here"]["get_volumes"]["volumes"]] == ["data"]
    assert len(found["here"]["get_agents"]["agents"]) == 1
    assert found["here"]["get_operations"]["operations"]
    assert not any(found["elsewhere"].values())
    assert scheduler.framework_id not in str(found["here"]["get_frameworks"])


async def test_that_an_outcome_was_acknowledged_is_told_and_shown(cluster: ApiCluster) -> None:
    await cluster.join()
    stream = await watch(cluster)
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    assert await scheduler.call("ACCEPT", create_disk(offer, 4000)) == (202, "")
    status = (await scheduler.stream.wait("UPDATE_OPERATION_STATUS"))["status"]
    seen = {
        "agent_id": offer["agent_id"],
        "operation_id": status["operation_id"],
        "uuid": status["uuid"]["value"],
    }
    assert await scheduler.call("ACKNOWLEDGE_OPERATION_STATUS", seen) == (202, "")
    await stream.wait("OPERATION_UPDATED", lambda body: body["operation"]["acknowledged"])
    operations = (await cluster.operator("GET_OPERATIONS"))["operations"]
    assert [each["acknowledged"] for each in operations] == [True]


async def test_a_filter_with_too_many_names_is_refused(cluster: ApiCluster) -> None:
    names = [{"value": f"f-{number}"} for number in range(1_001)]
    status, text = await cluster.post("/api/v1", {"type": "SUBSCRIBE", "subscribe": {"framework_ids": names}})
    assert status == 400
    assert "subscribe to everything" in text


async def stopped(port: int, made: list[RecordStream]) -> asyncio.StreamWriter:
    """A subscriber that reads nothing."""
    before = len(made)
    _, deaf = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    deaf.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await until(lambda: len(made) == before + 1)
    return deaf


async def test_what_waits_for_many_waits_once_and_those_who_do_not_read_are_cut_off() -> None:
    opened = Streams()
    async with serving(opened) as (port, made):
        deaf = [await stopped(port, made) for _ in range(3)]
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as response:
            reader = EventReader(response)
            await until(lambda: len(made) == 4)
            *slow, quick = made
            record = encode_record(b'{"padding":"' + b"x" * 2**20 + b'"}')
            for count in range(1, 100):
                batch = Batch([record])
                for stream in made:
                    stream.send(batch)
                if count == 20:
                    waiting = [{id(data) for data in stream._waiting} for stream in slow]
                    assert len(waiting[0] & waiting[1] & waiting[2]) > 5
                    assert opened.longest_waiting > 5 * 2**20
                await until(lambda count=count: len(reader.records) == count)  # type: ignore[misc]
                if all(stream.is_over for stream in slow):
                    break
            assert opened.cut_off[CutOff.SLOW] == 3
            assert not quick.is_over
            await reader.close()
        for writer in deaf:
            writer.close()


async def test_a_slow_subscriber_gets_all_that_waited_for_it() -> None:
    opened = Streams()
    async with serving(opened) as (port, made):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await until(lambda: made)
        records = [encode_record(b"%d" % number * 100_000) for number in range(100)]
        for record in records:
            made[0].send(Batch([record]))
        assert made[0].waiting_bytes
        made[0].finish()
        async with asyncio.timeout(30):
            answer = (await reader.read()).partition(b"\r\n\r\n")[2]
        assert answer == b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in records) + b"0\r\n\r\n"
        writer.close()


async def test_subscribers_of_http_1_0_are_sent_records_without_chunks() -> None:
    opened = Streams()
    async with serving(opened) as (port, made):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        await until(lambda: made)
        records = [encode_record(b"one"), encode_record(b"two"), encode_record(b"three")]
        made[0].push(records[0])
        made[0].send(Batch(records[1:]))
        made[0].finish()
        answer = (await reader.read()).partition(b"\r\n\r\n")[2]
        assert answer == b"".join(records)
        writer.close()


async def test_a_stream_that_ended_before_it_was_served_is_sent_whole() -> None:
    opened = Streams()
    stream = opened.open(b"{}", 15.0)
    stream.begin([b"abc", b"def"], 6)
    stream.send(Batch([encode_record(b"x")]))
    assert b"".join([*stream._begin, *stream._waiting]) == b"8\r\n6\nabcdef\r\n3\r\n1\nx\r\n"
    stream._unframe()
    assert b"".join([*stream._begin, *stream._waiting]) == b"6\nabcdef1\nx"


async def test_how_many_were_cut_off_is_measured(cluster: ApiCluster) -> None:
    await watch(cluster)
    for stream in tuple(cluster.server._streams._streams):
        stream.cut(CutOff.SLOW, f"more than {streams.WAITING_LIMIT_BYTES} bytes wait for it")
    await until_metric(cluster, 'orlop_streams_cut_total{why="slow"} 1.0')
    await until_metric(cluster, "orlop_streams_longest_waiting_bytes 0.0")


async def test_a_framework_may_be_named_as_an_agent_is(cluster: ApiCluster) -> None:
    await cluster.join()
    agent_id = str(cluster.agent.agent_id)
    await cluster.subscribe(framework_id=agent_id, more={"suppressed_roles": ["test"]})
    (framework,) = (await cluster.operator("GET_FRAMEWORKS"))["frameworks"]
    assert framework["framework_info"]["id"]["value"] == agent_id
    (agent,) = (await cluster.operator("GET_AGENTS"))["agents"]
    assert agent["agent_info"]["id"]["value"] == agent_id


async def test_why_a_provider_is_not_here_shows_in_its_volumes_also_when_it_is_said_late(
    cluster: ApiCluster,
) -> None:
    await provisioned(cluster)
    cluster.agent.leave("it was stopped")
    (volume,) = (await cluster.operator("GET_VOLUMES"))["volumes"]
    assert "it was stopped" in volume["message"]
    cluster.agent.leave("its plugin does not start")
    (volume,) = (await cluster.operator("GET_VOLUMES"))["volumes"]
    assert "its plugin does not start" in volume["message"]


async def test_the_status_that_tells_an_end_shows_also_when_the_end_was_known_before(
    cluster: ApiCluster,
) -> None:
    await cluster.join()
    stream = await watch(cluster)
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    assert await scheduler.call("ACCEPT", launch(offer, [cpus(1)])) == (202, "")
    running, finished = mesos.TaskState.TASK_RUNNING, mesos.TaskState.TASK_FINISHED
    tell_task(cluster, scheduler.framework_id, running, b"r" * 16, latest=finished)
    (task,) = (await cluster.operator("GET_TASKS"))["tasks"]
    assert [task["state"], *[each["state"] for each in task["statuses"]]] == [finished, running]
    tell_task(cluster, scheduler.framework_id, finished)
    (task,) = (await cluster.operator("GET_TASKS"))["tasks"]
    assert [each["state"] for each in task["statuses"]] == [running, finished]
    await stream.wait("TASK_UPDATED", lambda body: body["status"]["state"] == finished)


async def test_what_an_operation_makes_shows_in_its_provider(cluster: ApiCluster) -> None:
    await cluster.join()
    (before,) = (await cluster.operator("GET_RESOURCE_PROVIDERS"))["resource_providers"]
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    assert await scheduler.call("ACCEPT", create_disk(offer, 4000)) == (202, "")
    await scheduler.stream.wait("UPDATE_OPERATION_STATUS")
    (provider,) = (await cluster.operator("GET_RESOURCE_PROVIDERS"))["resource_providers"]
    assert provider["total_resources"] != before["total_resources"]
    assert "MOUNT" in [each["disk"]["source"]["type"] for each in provider["total_resources"]]
