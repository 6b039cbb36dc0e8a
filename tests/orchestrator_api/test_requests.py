"""Requests that are wrong, too large or too slow: each gets a clear answer, and nothing changes."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path

import pytest

from orchestrator.http import HttpLimits
from tests.orchestrator_api.cluster import ApiCluster, Json, running

JSON = {"Content-Type": "application/json"}
SCHEDULER, OPERATOR = "/api/v1/scheduler", "/api/v1"
BEGINNING = (
    b"POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
)
REVIVE = {"type": "REVIVE", "framework_id": {"value": "nobody"}}


async def answer(
    cluster: ApiCluster, method: str, path: str, body: bytes, headers: dict[str, str]
) -> tuple[int, str]:
    skip = ["Content-Type"]
    async with cluster.client.request(
        method, path, data=body or None, headers=headers, skip_auto_headers=skip
    ) as response:
        text = await response.text()
        assert text.count("\n") <= 1, "an answer is one line"
        return response.status, text


@pytest.mark.parametrize("path", [SCHEDULER, OPERATOR])
@pytest.mark.parametrize(
    ("method", "body", "headers", "status", "words"),
    [
        ("GET", b"", {}, 405, "POST"),
        ("PUT", b"{}", JSON, 405, "POST"),
        ("POST", b'{"type": "REVIVE"}', {}, 400, "Content-Type"),
        ("POST", b"", {}, 400, "Content-Type"),
        ("POST", b"<xml/>", {"Content-Type": "application/xml"}, 415, "application/json"),
        ("POST", b"{", JSON, 400, "parse"),
        ("POST", b"", JSON, 400, "parse"),
        ("POST", b"\xff\xfe", JSON, 400, "parse"),
        ("POST", b"[" * 100_000, JSON, 400, "parse"),
        ("POST", b'{"type":' + b'{"a":' * 50_000, JSON, 400, "parse"),
        ("POST", b"[]", JSON, 400, "object"),
        ("POST", b"{}", JSON, 400, "type"),
        ("POST", b'{"type": "NO_SUCH_CALL"}', JSON, 400, "type"),
        ("POST", b'{"type": "UNKNOWN"}', JSON, 501, "UNKNOWN"),
        ("POST", b'{"type": "SUBSCRIBE"}', {**JSON, "Accept": "application/xml"}, None, ""),
    ],
)
async def test_a_bad_request_is_answered_in_words(
    cluster: ApiCluster,
    path: str,
    method: str,
    body: bytes,
    headers: dict[str, str],
    status: int | None,
    words: str,
) -> None:
    if status is None:
        status, words = (400, "subscribe") if path == SCHEDULER else (406, "Accept")
    got, text = await answer(cluster, method, path, body, headers)
    assert (got, words in text) == (status, True), text


@pytest.mark.parametrize("path", ["/", "/nothing", "/api", "/api/v2", "/api/v1x", "/metrics/x"])
async def test_a_path_that_is_not_served_is_not_found(cluster: ApiCluster, path: str) -> None:
    assert (await cluster.post(path, {"type": "GET_HEALTH"}))[0] == 404


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/", "/api/v1/operator", "/api/v1/operator/"])
async def test_longer_paths_are_those_they_begin_with(cluster: ApiCluster, path: str) -> None:
    assert (await cluster.post(path, {"type": "GET_HEALTH"}))[0] == 200
    assert (await cluster.post("/api/v1/scheduler/x/", REVIVE))[0] == 400


async def test_who_may_call_is_checked_in_the_order_that_clients_know(cluster: ApiCluster) -> None:
    assert (await cluster.post(SCHEDULER, {"type": "REVIVE"}))[0] == 400
    status, text = await cluster.post(SCHEDULER, REVIVE)
    assert (status, "not known" in text) == (400, True)
    scheduler = await cluster.subscribe()
    call = {"type": "REVIVE", "framework_id": {"value": scheduler.framework_id}}
    status, text = await cluster.post(SCHEDULER, call)
    assert (status, "Mesos-Stream-Id" in text) == (400, True)
    assert (await cluster.post(SCHEDULER, call, {"Mesos-Stream-Id": "other"}))[0] == 400
    stream_id = {"Mesos-Stream-Id": scheduler.stream.stream_id}
    assert (await cluster.post(SCHEDULER, call, stream_id)) == (202, "")
    info = {"user": "me", "name": "s", "roles": ["r"]}
    subscribe: Json = {"type": "SUBSCRIBE", "subscribe": {"framework_info": info}}
    assert (await cluster.post(SCHEDULER, subscribe, stream_id))[0] == 400
    subscribe["framework_id"] = {"value": "other than in info"}
    assert (await cluster.post(SCHEDULER, subscribe))[0] == 400


@pytest.mark.parametrize("call_type", ["SHUTDOWN", "MESSAGE"])
async def test_scheduler_calls_need_what_they_are_about(cluster: ApiCluster, call_type: str) -> None:
    status, text = await cluster.post(SCHEDULER, {"type": call_type})
    assert (status, f"'{call_type.lower()}'" in text) == (400, True)


@pytest.mark.parametrize("call_type", ["READ_FILE", "SET_LOGGING_LEVEL", "LIST_FILES", "GET_METRICS"])
async def test_operator_calls_need_what_they_are_about(cluster: ApiCluster, call_type: str) -> None:
    status, text = await cluster.post(OPERATOR, {"type": call_type})
    assert (status, f"'{call_type.lower()}'" in text) == (400, True)


async def test_clients_in_the_wild_are_understood(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    assert (await scheduler.call("DECLINE", {"offer_ids": None, "filters": None}))[0] == 202
    kill = {"task_id": {"value": "t"}, "agent_id": {"value": "a"}, "slave_id": {"value": "a"}}
    assert (await scheduler.call("KILL", kill, Accept="text/html, application/json"))[0] == 202
    call = json.dumps({"type": "REVIVE", "framework_id": {"value": scheduler.framework_id}}).encode()

    async def chunks():  # type: ignore[no-untyped-def]
        yield call[:10]
        yield call[10:]

    headers = {**JSON, "Mesos-Stream-Id": scheduler.stream.stream_id}
    async with cluster.client.post(SCHEDULER, data=chunks(), headers=headers) as response:
        assert response.status == 202


@pytest.mark.parametrize("chunked", [False, True])
async def test_ten_megabytes_of_garbage_are_refused_without_being_kept(
    cluster: ApiCluster, chunked: bool
) -> None:
    garbage = b"\0garbage" * (10 * 2**20 // 8)

    async def chunks():  # type: ignore[no-untyped-def]
        for start in range(0, len(garbage), 65536):
            yield garbage[start : start + 65536]

    async with cluster.client.post(OPERATOR, data=chunks() if chunked else garbage, headers=JSON) as response:
        assert response.status == 413
        assert str(8 * 2**20) in await response.text()


async def test_a_packed_body_counts_by_what_it_unpacks_to(cluster: ApiCluster) -> None:
    headers = {**JSON, "Content-Encoding": "gzip"}
    bomb = gzip.compress(b" " * (64 * 2**20))
    async with cluster.client.post(OPERATOR, data=bomb, headers=headers) as response:
        assert response.status in (400, 413)


async def test_a_body_that_does_not_arrive_in_time_is_given_up(tmp_path: Path) -> None:
    async with running(tmp_path, HttpLimits(body_seconds=0.2)) as cluster:
        reader, writer = await asyncio.open_connection("127.0.0.1", cluster.port)
        writer.write(BEGINNING)
        async with asyncio.timeout(5):
            assert b" 408 " in await reader.readline()
        writer.close()


async def test_requests_beyond_the_limit_are_told_to_come_again(tmp_path: Path) -> None:
    async with running(tmp_path, HttpLimits(max_in_flight=1)) as cluster:
        _, writer = await asyncio.open_connection("127.0.0.1", cluster.port)
        head = (
            "POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
        )
        writer.write(head.encode())
        await writer.drain()
        await asyncio.sleep(0.1)
        status, text = await cluster.post(OPERATOR, {"type": "GET_HEALTH"})
        assert (status, "try again" in text) == (503, True)
        writer.close()
        await asyncio.sleep(0.1)
        assert (await cluster.post(OPERATOR, {"type": "GET_HEALTH"}))[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        {"offer_ids": [{"value": "o"}], "operations": [{"type": "RESERVE"}] * 1001},
        {"offer_ids": [{"value": "o"}] * 10_001},
        {"operations": [{"type": "CREATE_DISK", "id": {"value": "x" * 256}}]},
        {"operations": [{"type": "CREATE_DISK", "id": {"value": "a\0b"}}]},
        {"operations": [{"type": "LAUNCH_GROUP", "launch_group": {
            "executor": {"executor_id": {"value": "e"}}, "task_group": {}}}]},
    ],
)  # fmt: skip
async def test_calls_that_ask_for_too_much_or_for_what_is_not_served_are_refused_whole(
    cluster: ApiCluster, body: Json
) -> None:
    scheduler = await cluster.subscribe()
    assert (await scheduler.call("ACCEPT", body))[0] == 400


@pytest.mark.parametrize("value", ["x" * 256, "a\0b"])
@pytest.mark.parametrize(("call", "name"), [("KILL", "task_id"), ("SHUTDOWN", "executor_id")])
async def test_ids_that_no_registry_can_keep_are_refused(
    cluster: ApiCluster, call: str, name: str, value: str
) -> None:
    scheduler = await cluster.subscribe()
    status, text = await scheduler.call(call, {name: {"value": value}, "agent_id": {"value": "a"}})
    assert status == 400 and f"{call.lower()}.{name}" in text


async def test_a_name_that_is_too_long_is_refused_on_the_stream(cluster: ApiCluster) -> None:
    info = {"user": "me", "name": "n" * 100_000, "roles": ["r"]}
    stream = await cluster.open(SCHEDULER, {"type": "SUBSCRIBE", "subscribe": {"framework_info": info}})
    assert "longer than" in (await stream.wait("ERROR"))["message"]
    await stream.wait_ended()
    assert not cluster.orchestrator.state.frameworks


@pytest.mark.parametrize("framework_id", ["..", "a/b", "a\nb", "\x00"])
async def test_a_framework_id_that_cannot_name_a_folder_is_refused_on_the_stream(
    cluster: ApiCluster, framework_id: str
) -> None:
    info = {"user": "me", "name": "x", "roles": ["test"], "id": {"value": framework_id}}
    call = {"type": "SUBSCRIBE", "framework_id": info["id"], "subscribe": {"framework_info": info}}
    stream = await cluster.open(SCHEDULER, call)
    assert "cannot name a folder" in (await stream.wait("ERROR"))["message"]
