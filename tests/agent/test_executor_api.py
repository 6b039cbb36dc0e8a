"""The executor API as a program sees it: statuses, framing, heartbeats, limits, connections that go."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from agent.executors import api as executor_api
from agent.executors.api import PATH, ExecutorApi, ExecutorApiLimits
from agent.executors.spec import MAX_DATA_BYTES
from api.wire import http_rules, reading
from api.wire.content import PROTOBUF
from api.wire.v1 import executor as wire
from store.port import StoreFailed
from tests.agent.world import FRAMEWORK, World, custom_executor, default_executor, task
from tests.wire.official import runtime_class

LIMITS = ExecutorApiLimits(
    heartbeat_seconds=0.2, stalled_seconds=1.0, max_body_bytes=3 * MAX_DATA_BYTES, body_seconds=0.3
)
ME = {"framework_id": {"value": "fw"}, "executor_id": {"value": "e1"}}
SUBSCRIBE = {**ME, "type": "SUBSCRIBE", "subscribe": {}}
UUID = base64.b64encode(b"0123456789abcdef").decode()


def update(task_id: str = "t1", state: str = "TASK_RUNNING", **more: Any) -> dict[str, Any]:
    status = {
        "task_id": {"value": task_id},
        "state": state,
        "uuid": UUID,
        "source": "SOURCE_EXECUTOR",
        **more,
    }
    return {**ME, "type": "UPDATE", "update": {"status": status}}


class Site:
    """The API of the agent of a world, on a port of its own."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def start(self) -> None:
        agent = await self.world.started()
        api = ExecutorApi(agent.executors, agent.link.send, LIMITS)
        app = web.Application()
        app.router.add_route("*", PATH, api.serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}{PATH}"
        self.client = aiohttp.ClientSession()

    async def stop(self) -> None:
        await self.client.close()
        await self.world.crash()
        await self._runner.cleanup()

    async def launch(self) -> None:
        await self.world.orchestrator.run_with(custom_executor(), task("t1"), FRAMEWORK)
        await self.world.orchestrator.until(lambda: self.world.host.running)

    async def call(self, body: Any, **headers: str) -> tuple[int, str]:
        data = body if isinstance(body, bytes) else json.dumps(body)
        given = {"Content-Type": "application/json", **headers}
        async with self.client.post(self.url, data=data, headers=given) as response:
            return response.status, "" if response.status == 200 else await response.text()

    async def subscribe(self) -> aiohttp.ClientResponse:
        response = await self.client.post(self.url, json=SUBSCRIBE)
        assert response.status == 200, await response.text()
        return response


async def next_event(stream: aiohttp.ClientResponse) -> Any:
    """The next event, which is one record in one chunk; an empty one at the end of the stream."""
    chunk, whole = await asyncio.wait_for(stream.content.readchunk(), 5)
    if not chunk:
        return {}
    length, _, record = chunk.partition(b"\n")
    assert whole and int(length) == len(record) and record.isascii()
    return json.loads(record)


@pytest.fixture
async def site(world: World) -> AsyncIterator[Site]:
    made = Site(world)
    await made.start()
    yield made
    await made.stop()


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": ""}, SUBSCRIBE, 400),
        ({}, b"", 400),
        ({}, b"{", 400),
        ({}, {}, 400),
        ({}, {"type": "SUBSCRIBE", "subscribe": {}}, 400),
        ({}, {**ME, "subscribe": {}}, 400),
        ({}, {**ME, "type": "SUBSCRIBE"}, 400),
        ({}, {**ME, "type": "UPDATE"}, 400),
        ({}, {**ME, "type": "MESSAGE"}, 400),
        ({}, {**ME, "type": "NO_SUCH_TYPE"}, 400),
        ({}, {**ME, "type": "UNKNOWN"}, 501),
        ({"Content-Type": "text/plain"}, SUBSCRIBE, 415),
        ({"Content-Type": "application/x-protobuf"}, SUBSCRIBE, 400),
        ({"Content-Type": "application/x-protobuf"}, b"", 400),
        ({"Content-Type": "application/protobuf"}, SUBSCRIBE, 415),
        ({"Accept": "text/html"}, SUBSCRIBE, 406),
        ({}, b"x" * (3 * MAX_DATA_BYTES + 1), 413),
        ({}, {**SUBSCRIBE, "executor_id": {"value": "e2"}}, 400),
        ({}, {**SUBSCRIBE, "framework_id": {"value": "other"}}, 400),
        ({}, {**update(), "executor_id": {"value": "e2"}}, 400),
        ({}, update(), 403),
        ({}, {**ME, "type": "MESSAGE", "message": {"data": "eA=="}}, 403),
        ({}, {**ME, "type": "HEARTBEAT"}, 202),
    ],
)
async def test_what_is_wrong_with_a_call_decides_its_status(
    site: Site, headers: dict[str, str], body: Any, status: int
) -> None:
    await site.launch()
    answered, words = await site.call(body, **headers)
    assert answered == status, words
    assert words.count("\n") <= 1


async def test_only_a_post_is_taken(site: Site) -> None:
    async with site.client.get(site.url) as response:
        assert response.status == 405 and response.headers["Allow"] == "POST"


async def test_an_executor_that_the_agent_plays_is_nobodys_to_subscribe_as(site: Site) -> None:
    await site.world.orchestrator.run_group(default_executor(), [task("a")], FRAMEWORK)
    await site.world.orchestrator.until(lambda: "TASK_RUNNING" in site.world.orchestrator.states("a"))
    assert (await site.call(SUBSCRIBE))[0] == 400
    assert (await site.call(update("a", "TASK_FAILED")))[0] == 400
    assert site.world.orchestrator.states("a") == ["TASK_RUNNING"]


async def test_a_stream_begins_with_who_and_where_and_beats_when_it_is_idle(site: Site) -> None:
    await site.launch()
    stream = await site.subscribe()
    assert stream.headers["Transfer-Encoding"] == "chunked"
    subscribed, launch, beat, second = [await next_event(stream) for _ in range(4)]
    assert subscribed["subscribed"]["agent_info"]["id"] == {"value": "agent-1"}
    assert subscribed["subscribed"]["executor_info"]["executor_id"] == {"value": "e1"}
    assert subscribed["subscribed"]["framework_info"]["id"] == {"value": "fw"}
    assert launch["launch"]["task"]["task_id"] == {"value": "t1"}
    assert beat["type"] == second["type"] == "HEARTBEAT"
    stream.close()


async def test_an_update_is_taken_acknowledged_and_told(site: Site) -> None:
    await site.launch()
    stream = await site.subscribe()
    assert [(await next_event(stream))["type"] for _ in range(2)] == ["SUBSCRIBED", "LAUNCH"]
    assert await site.call(update(message="grüße")) == (202, "")
    while (event := await next_event(stream))["type"] != "ACKNOWLEDGED":
        assert event["type"] == "HEARTBEAT"
    assert event["acknowledged"] == {"task_id": {"value": "t1"}, "uuid": UUID}
    assert site.world.orchestrator.statuses("t1")[-1].message == "grüße"
    stream.close()


async def test_an_executor_may_speak_protobuf(site: Site) -> None:
    await site.launch()
    ids = {"framework_id": {"value": "fw"}, "executor_id": {"value": "e1"}}
    sent = {"Content-Type": PROTOBUF, "Accept": PROTOBUF}
    call_type = runtime_class(wire.Call)
    call = call_type(type="SUBSCRIBE", subscribe={}, **ids).SerializeToString()
    stream = await site.client.post(site.url, data=call, headers=sent)
    assert (stream.status, stream.headers["Content-Type"]) == (200, PROTOBUF)

    async def event() -> Any:
        chunk, whole = await asyncio.wait_for(stream.content.readchunk(), 5)
        length, _, record = chunk.partition(b"\n")
        assert whole and int(length) == len(record)
        return runtime_class(wire.Event).FromString(record)

    subscribed, launch, beat = [await event() for _ in range(3)]
    assert subscribed.subscribed.executor_info.executor_id.value == "e1"
    assert launch.launch.task.task_id.value == "t1"
    kinds = beat.DESCRIPTOR.fields_by_name["type"].enum_type.values_by_number
    assert kinds[beat.type].name == "HEARTBEAT"
    update = call_type(type="UPDATE", **ids)
    status = update.update.status
    status.task_id.value, status.uuid, status.message = "t1", b"0123456789abcdef", "grüße"
    status.state = status.DESCRIPTOR.fields_by_name["state"].enum_type.values_by_name["TASK_RUNNING"].number
    assert await site.call(update.SerializeToString(), **{"Content-Type": PROTOBUF}) == (202, "")
    while not (told := await event()).HasField("acknowledged"):
        assert kinds[told.type].name == "HEARTBEAT"
    assert told.acknowledged.uuid == b"0123456789abcdef"
    assert site.world.orchestrator.statuses("t1")[-1].message == "grüße"
    stream.close()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (update("t2"), "was not given a task"),
        (update(uuid="c2hvcnQ="), "16 bytes"),
        (update(executor_id={"value": "e2"}), "executor_id"),
        (update(source="SOURCE_AGENT"), "SOURCE_EXECUTOR"),
        (update(state="TASK_STAGING"), "cannot become TASK_STAGING"),
        (update(message="x" * MAX_DATA_BYTES), "too long"),
        (
            {
                **ME,
                "type": "MESSAGE",
                "message": {"data": base64.b64encode(b"x" * (MAX_DATA_BYTES + 1)).decode()},
            },
            "too long",
        ),
    ],
)
async def test_a_lie_is_refused_in_words_and_the_executor_goes_on(site: Site, body: Any, words: str) -> None:
    await site.launch()
    stream = await site.subscribe()
    assert [(await next_event(stream))["type"] for _ in range(2)] == ["SUBSCRIBED", "LAUNCH"]
    status, said = await site.call(body)
    assert status == 400 and words in said
    assert (await site.call(update()))[0] == 202
    await site.world.orchestrator.until(lambda: site.world.orchestrator.states("t1") == ["TASK_RUNNING"])
    stream.close()


async def test_a_first_subscription_that_names_tasks_is_refused(site: Site) -> None:
    await site.launch()
    known = {"unacknowledged_updates": [update()["update"]]}
    status, said = await site.call({**SUBSCRIBE, "subscribe": known})
    assert status == 400 and "was given no task yet" in said


async def test_a_connection_that_goes_is_noticed_and_the_next_one_serves(site: Site) -> None:
    await site.launch()
    (await site.subscribe()).close()
    for _ in range(100):
        if (await site.call(update()))[0] == 403:
            break
        await asyncio.sleep(0.05)
    else:
        pytest.fail("a connection that is gone still counts as subscribed")
    stream = await site.subscribe()
    assert (await next_event(stream))["type"] == "SUBSCRIBED"
    stream.close()


async def test_a_second_subscription_ends_the_first_stream(site: Site) -> None:
    await site.launch()
    first = await site.subscribe()
    second = await site.subscribe()
    while await next_event(first):
        pass
    assert (await next_event(second))["type"] == "SUBSCRIBED"
    second.close()


async def test_a_body_that_does_not_arrive_is_not_waited_for(site: Site) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(2.0)

    headers = {"Content-Type": "application/json"}
    async with site.client.post(site.url, data=body(), headers=headers) as response:
        assert response.status == 408


async def test_an_update_that_cannot_be_written_is_not_taken_and_the_agent_fails(site: Site) -> None:
    await site.launch()
    stream = await site.subscribe()
    assert [(await next_event(stream))["type"] for _ in range(2)] == ["SUBSCRIBED", "LAUNCH"]
    assert site.world.store is not None
    site.world.store.die()
    assert (await site.call(update()))[0] == 503
    with pytest.raises(StoreFailed):
        await asyncio.wait_for(site.world.failure.wait(), 5)
    stream.close()


async def test_a_long_call_is_read_beside_the_event_loop(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def check(*parts: Any, **options: Any) -> Any:
        threads.append(threading.get_ident())
        return http_rules.check_call(*parts, **options)

    await site.launch()
    monkeypatch.setattr(executor_api, "check_call", check)
    for short in (reading.SHORT_BYTES, 0):
        monkeypatch.setattr(reading, "SHORT_BYTES", short)
        assert (await site.call({**ME, "type": "HEARTBEAT"}))[0] == 202
    assert [thread == threading.get_ident() for thread in threads] == [True, False]
