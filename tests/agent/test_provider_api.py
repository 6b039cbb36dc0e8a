"""The resource provider API as a program sees it: statuses, headers, framing, limits. Sessions themselves are
tested by the contract suite (tests/provider/contract).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from agent.providers.api import ProviderApiLimits
from tests.provider.contract.hosts import HttpHost

JSON = {"Content-Type": "application/json"}
INFO = {"type": "org.example.rp", "name": "test"}
SUBSCRIBE = {"type": "SUBSCRIBE", "subscribe": {"resource_provider_info": INFO}}
VERSION = {"value": "AAAAAAAAAAAAAAAAAAAAAQ=="}
STATE = {"type": "UPDATE_STATE", "update_state": {"resource_version_uuid": VERSION}}


class Site(HttpHost):
    limits = ProviderApiLimits(
        heartbeat_seconds=0.1, stalled_seconds=0.3, max_body_bytes=50_000, max_streams=2, body_seconds=0.3
    )

    async def call(self, body: Any, **headers: str) -> tuple[int, str]:
        async with self.client.post(
            self.url, data=body if isinstance(body, bytes) else json.dumps(body), headers={**JSON, **headers}
        ) as response:
            return response.status, "" if response.status == 200 else await response.text()

    async def opened(self, name: str = "test") -> tuple[aiohttp.ClientResponse, dict[str, Any]]:
        """An open stream, and the headers and the id with which calls go with it."""
        call = {"type": "SUBSCRIBE", "subscribe": {"resource_provider_info": {**INFO, "name": name}}}
        response = await self.client.post(self.url, json=call)
        assert response.status == 200
        chunk, _ = await response.content.readchunk()
        length, _, record = chunk.partition(b"\n")
        assert int(length) == len(record)
        event = json.loads(record)
        assert event["type"] == "SUBSCRIBED"
        return response, event["subscribed"]["provider_id"]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    made = Site(tmp_path)
    await made.start()
    yield made
    await made.stop()
    assert not made.failures


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": ""}, SUBSCRIBE, 400),
        ({}, b"", 400),
        ({}, b"{", 400),
        ({}, b"[]", 400),
        ({}, {"type": "SUBSCRIBE"}, 400),
        ({}, {}, 400),
        ({}, {"type": "NO_SUCH_TYPE"}, 400),
        ({}, {"type": "SUBSCRIBE", "subscribe": {"resource_provider_info": {"type": "t"}}}, 400),
        ({"Content-Type": "text/plain"}, SUBSCRIBE, 415),
        ({"Content-Type": "application/x-protobuf"}, SUBSCRIBE, 400),
        ({"Content-Type": "application/x-protobuf"}, b"", 400),
        ({"Content-Type": "application/x-protobuf"}, b"\x08\x01", 400),
        ({"Content-Type": "application/protobuf"}, SUBSCRIBE, 415),
        ({"Accept": "text/html"}, SUBSCRIBE, 406),
        ({"Accept": "application/x-protobuf;q=0, text/*"}, SUBSCRIBE, 406),
        ({"Mesos-Stream-Id": "1"}, SUBSCRIBE, 400),
        ({}, STATE, 400),
        ({}, {"type": "UPDATE_STATE"}, 400),
        ({}, {"type": "UNKNOWN"}, 400),
        ({}, {**STATE, "resource_provider_id": {"value": "nobody"}}, 400),
        ({}, b"x" * 60_000, 413),
        ({}, b'{"type":"UPDATE_STATE\xff"}', 400),
        ({}, b"[" * 40_000, 400),
    ],
)
async def test_a_request_that_is_wrong_is_answered_with_its_status(
    site: Site, headers: dict[str, str], body: Any, status: int
) -> None:
    answered, text = await site.call(body, **headers)
    assert answered == status, text
    assert text.strip(), "the answer says what is wrong"
    assert site.manager.subscribed == []


async def test_only_post_is_served(site: Site) -> None:
    for method in ("GET", "PUT", "DELETE"):
        async with site.client.request(method, site.url) as response:
            assert (response.status, response.headers["Allow"]) == (405, "POST")


async def test_a_body_that_does_not_come_is_given_up(site: Site) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(2)

    async with site.client.post(site.url, data=slowly(), headers=JSON) as response:
        assert response.status == 408


async def test_the_stream_is_records_of_one_chunk_and_one_line_each(site: Site) -> None:
    response, _ = await site.opened()
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert response.headers["Mesos-Stream-Id"]
    for _ in range(3):
        chunk, _ = await response.content.readchunk()
        length, _, record = chunk.partition(b"\n")
        assert int(length) == len(record) and b"\n" not in record and record.isascii()
        assert json.loads(record) == {"type": "HEARTBEAT"}


async def test_calls_need_the_id_of_the_stream_and_of_the_provider(site: Site) -> None:
    response, provider = await site.opened()
    stream = response.headers["Mesos-Stream-Id"]
    call = {**STATE, "resource_provider_id": provider}
    assert await site.call(call, **{"Mesos-Stream-Id": stream}) == (202, "")
    for headers in ({}, {"Mesos-Stream-Id": "other"}):
        status, text = await site.call(call, **headers)
        assert status == 400 and "Mesos-Stream-Id" in text
    other, _ = await site.opened("other")
    status, text = await site.call(call, **{"Mesos-Stream-Id": other.headers["Mesos-Stream-Id"]})
    assert status == 400 and "another" not in text and "resource_provider_id" in text
    assert list(site.heard.states) == [provider["value"]]


async def test_an_unknown_type_is_not_implemented_once_everything_else_is_right(site: Site) -> None:
    response, provider = await site.opened()
    call = {"type": "UNKNOWN", "resource_provider_id": provider}
    assert (await site.call(call))[0] == 400
    headers = {"Mesos-Stream-Id": response.headers["Mesos-Stream-Id"]}
    assert (await site.call(call, **headers))[0] == 501


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"resources": [{"name": "disk", "type": "SCALAR"}]}, "resources[0]"),
        ({"resources": [{"name": "disk", "type": "SCALAR", "scalar": {"value": 1}}]}, "provider_id"),
        ({"resource_version_uuid": {"value": "AAAA"}}, "16 bytes"),
        ({"resource_version_uuid": None}, "resource_version_uuid"),
        (
            {
                "operations": [
                    {
                        "info": {"type": "RESERVE"},
                        "uuid": VERSION,
                        "latest_status": {"state": "OPERATION_PENDING"},
                    }
                ]
            },
            "reserve",
        ),
        ({"profiles": [{"name": ""}]}, "profiles[0].name"),
        ({"profiles": [{"name": "p"}, {"name": "p" * 201}]}, "profiles[1].name"),
        ({"profiles": [{"name": "p", "cost_ratio": 0}]}, "cost_ratio"),
    ],
)
async def test_a_state_that_cannot_be_read_is_refused_with_what_is_wrong(
    site: Site, content: dict[str, Any], words: str
) -> None:
    response, provider = await site.opened()
    headers = {"Mesos-Stream-Id": response.headers["Mesos-Stream-Id"]}
    call = {
        "type": "UPDATE_STATE",
        "resource_provider_id": provider,
        "update_state": {"resource_version_uuid": VERSION, **content},
    }
    status, text = await site.call(call, **headers)
    assert status == 400 and words in text, text
    assert not site.heard.states
    assert await site.call({**STATE, "resource_provider_id": provider}, **headers) == (202, "")


@pytest.mark.parametrize(
    "state", ["OPERATION_UNREACHABLE", "OPERATION_GONE_BY_OPERATOR", "OPERATION_UNKNOWN"]
)
async def test_a_state_that_only_others_can_know_is_refused(site: Site, state: str) -> None:
    response, provider = await site.opened()
    update = {"status": {"state": state, "resource_provider_id": provider}, "operation_uuid": VERSION}
    call = {
        "type": "UPDATE_OPERATION_STATUS",
        "resource_provider_id": provider,
        "update_operation_status": update,
    }
    status, text = await site.call(call, **{"Mesos-Stream-Id": response.headers["Mesos-Stream-Id"]})
    assert status == 400 and state in text


async def test_content_of_another_type_does_not_hide_what_is_wrong(site: Site) -> None:
    response, provider = await site.opened()
    headers = {"Mesos-Stream-Id": response.headers["Mesos-Stream-Id"]}
    calls: list[dict[str, Any]] = [
        {
            "type": "UPDATE_OPERATION_STATUS",
            "update_operation_status": {
                "status": {"state": "OPERATION_UNREACHABLE", "resource_provider_id": provider},
                "operation_uuid": VERSION,
            },
        },
        {
            "type": "UPDATE_PUBLISH_RESOURCES_STATUS",
            "update_publish_resources_status": {"uuid": {"value": "AAAA"}, "status": "OK"},
        },
    ]
    for call in calls:
        status, text = await site.call({**STATE, **call, "resource_provider_id": provider}, **headers)
        assert status == 400 and text.strip(), text


async def test_a_published_path_has_to_be_absolute(site: Site) -> None:
    response, provider = await site.opened()
    answer = {"uuid": VERSION, "status": "OK", "published": [{"source_id": "v", "path": "../etc"}]}
    call = {
        "type": "UPDATE_PUBLISH_RESOURCES_STATUS",
        "resource_provider_id": provider,
        "update_publish_resources_status": answer,
    }
    headers = {"Mesos-Stream-Id": response.headers["Mesos-Stream-Id"]}
    status, text = await site.call(call, **headers)
    assert status == 400 and "absolute path" in text
    answer["published"] = []
    assert (await site.call(call, **headers))[0] == 202  # nobody asked: ignored


async def test_more_streams_than_may_be_open_are_refused_for_now(site: Site) -> None:
    first, _ = await site.opened("one")
    await site.opened("two")
    three = {"type": "SUBSCRIBE", "subscribe": {"resource_provider_info": {**INFO, "name": "three"}}}
    assert (await site.call(three))[0] == 503
    first.close()
    await site.until(lambda: len(site.manager.subscribed) == 1)
    await site.opened("three")


async def test_a_provider_whose_connection_breaks_is_noticed(site: Site) -> None:
    response, provider = await site.opened()
    response.close()
    await site.until(lambda: site.heard.gone == [provider["value"]])


async def test_a_provider_that_reads_nothing_of_its_stream_is_cut_off(site: Site) -> None:
    """Its socket is open, and full: nothing but the clock can tell."""
    response, provider = await site.opened()
    assert response.connection is not None and response.connection.transport is not None
    response.connection.transport.pause_reading()
    for number in range(900):
        site.manager.apply_operation(provider["value"], _large(number))
    await site.until(lambda: site.heard.gone == [provider["value"]])
    response.close()


def _large(number: int) -> Any:
    from tests.provider.contract.hosts import apply

    operation = apply(number)
    operation.info.reserve.resources *= 400
    return operation


async def test_a_refusal_says_why_as_a_word_too(site: Site) -> None:
    call = {
        "type": "SUBSCRIBE",
        "subscribe": {"resource_provider_info": {**INFO, "id": {"value": "never"}}},
    }
    async with site.client.post(site.url, json=call) as response:
        assert (response.status, response.headers["Orlop-Refusal"]) == (400, "UNKNOWN_ID")


@pytest.mark.parametrize(
    "page",
    [
        {"resources": [{"name": "disk", "type": "SCALAR"}], "resource_version_uuid": VERSION, "more": True},
        {"resources": "none", "resource_version_uuid": VERSION, "more": True},
        b"{",
        b"x" * 60_000,
    ],
    ids=["a wrong resource", "not a list", "no JSON", "too long"],
)
async def test_a_page_that_is_refused_takes_its_state_with_it(site: Site, page: Any) -> None:
    response, provider = await site.opened()
    headers = {"Mesos-Stream-Id": response.headers["Mesos-Stream-Id"]}

    def call(**state: Any) -> dict[str, Any]:
        state = {"resource_version_uuid": VERSION, **state}
        return {"type": "UPDATE_STATE", "update_state": state, "resource_provider_id": provider}

    assert await site.call(call(more=True), **headers) == (202, "")
    wrong = page if isinstance(page, bytes) else call(**page)
    assert (await site.call(wrong, **headers))[0] in (400, 413)
    status, text = await site.call(call(), **headers)
    assert status == 400 and "an earlier page was refused" in text
    assert not site.heard.states
    assert await site.call(call(), **headers) == (202, "")
    assert list(site.heard.states) == [provider["value"]]


@pytest.mark.parametrize("unread", [b"{", b"x" * 60_000], ids=["no JSON", "too long"])
async def test_a_state_whose_first_page_could_not_be_read_is_not_taken_for_whole(
    site: Site, unread: bytes
) -> None:
    response, provider = await site.opened()
    headers = {"Mesos-Stream-Id": response.headers["Mesos-Stream-Id"]}

    def call(**state: Any) -> dict[str, Any]:
        state = {"resource_version_uuid": VERSION, **state}
        return {"type": "UPDATE_STATE", "update_state": state, "resource_provider_id": provider}

    assert (await site.call(unread, **headers))[0] in (400, 413)
    for page in (call(more=True), call()):
        status, text = await site.call(page, **headers)
        assert status == 400 and "an earlier page was refused" in text
    assert not site.heard.states
    assert await site.call(call(), **headers) == (202, "")
    assert list(site.heard.states) == [provider["value"]]
