"""Clients that go, fall silent, read nothing or are too many: what the calls on containers keep of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from agent.containers import calls, streams
from api.wire.recordio import encode_record
from tests.agent.containers.site import RECORDIO, Site, identified, sandbox_of, site_of
from tests.agent.world import World


@pytest.fixture
async def site(world: World) -> AsyncIterator[Site]:
    await world.started()
    async with site_of(world) as site:
        yield site


async def test_a_wait_whose_client_has_gone_holds_no_place(site: Site, monkeypatch: Any) -> None:
    monkeypatch.setattr(calls, "MAX_WAITERS", 1)
    monkeypatch.setattr(streams, "WAIT_PAUSE", 0.02)
    await site.launch("web")
    await site.launch("job", "exit 3")
    both = [asyncio.create_task(site.call("WAIT_CONTAINER", "web")) for _ in range(2)]
    (refused,), (waiting,) = await asyncio.wait(both, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    assert refused.result()[0] == 503
    waiting.cancel()
    async with asyncio.timeout(5):
        while (await site.call("WAIT_CONTAINER", "job"))[0] != 200:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.01)


async def test_a_wait_is_dropped_when_the_agent_stops(site: Site, world: World) -> None:
    await site.launch("web")
    waiting = asyncio.create_task(site.call("WAIT_CONTAINER", "web"))
    await asyncio.sleep(0.05)
    world.edge.streams.close()
    async with asyncio.timeout(5):
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await waiting


async def test_one_stream_too_many_is_told_to_come_again(site: Site, monkeypatch: Any) -> None:
    monkeypatch.setattr(streams, "MAX_STREAMS", 1)
    await site.launch("web")
    async with site.stream("ATTACH_CONTAINER_OUTPUT", "web") as output:
        assert output.response.status == 200
        assert (await site.call("ATTACH_CONTAINER_OUTPUT", "web"))[0] == 503
        assert (await site.send_input([named("web")]))[0] == 503


async def test_a_session_whose_client_reads_nothing_ends(site: Site, world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(streams, "STALLED_SECONDS", 0.3)
    await site.launch("web")
    content = {"container_id": identified("web.sh"), "command": {"value": "sleep 5"}}
    body = {"type": "LAUNCH_NESTED_CONTAINER_SESSION", "launch_nested_container_session": content}
    text = json.dumps(body).encode()
    head = "POST /api/v1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    length = f"Content-Length: {len(text)}\r\n"
    _, writer = await asyncio.open_connection("127.0.0.1", int(site.url.rpartition(":")[2]), limit=1)
    try:
        writer.write(f"{head}{length}\r\n".encode() + text)
        async with asyncio.timeout(5):
            while len(world.host.running) < 2:  # noqa: ASYNC110 - it has no event
                await asyncio.sleep(0.01)
        (sandbox_of(world, "web", "sh") / "stdout").write_bytes(b"x" * 20_000_000)
        async with asyncio.timeout(10):
            while len(world.host.running) > 1:  # noqa: ASYNC110 - it has no event
                await asyncio.sleep(0.01)
    finally:
        writer.close()


async def test_a_silent_client_is_told_that_the_container_has_ended(site: Site, world: World) -> None:
    await site.launch("web", stdin=True)
    sending = asyncio.create_task(silent(site))
    await asyncio.sleep(0.1)
    assert not sending.done()
    world.host.end(world.host.running[0], 0)
    async with asyncio.timeout(5):
        status, text = await sending
    assert (status, "has ended" in text) == (400, True)


async def test_input_that_never_says_whose_it_is_is_given_up(site: Site, monkeypatch: Any) -> None:
    monkeypatch.setattr(streams, "FIRST_RECORD_SECONDS", 0.1)
    monkeypatch.setattr(streams, "MAX_STREAMS", 1)
    async with asyncio.timeout(5):
        status, text = await sent(site)
    assert status == 408 and "CONTAINER_ID" in text
    await site.launch("web")
    async with site.stream("ATTACH_CONTAINER_OUTPUT", "web") as output:
        assert output.response.status == 200, "it holds no place any more"


async def test_a_silent_client_is_told_that_the_agent_stops(site: Site, world: World) -> None:
    await site.launch("web", stdin=True)
    sending = asyncio.create_task(silent(site))
    await asyncio.sleep(0.1)
    world.edge.streams.close()
    async with asyncio.timeout(5):
        assert (await sending)[0] == 503


async def test_the_end_of_input_is_answered_at_once(site: Site, world: World) -> None:
    await site.launch("web", stdin=True)
    async with asyncio.timeout(5):
        assert await silent(site, end_of_file()) == (200, "")
    assert world.host.containers[world.host.running[0]].input.closed


async def silent(site: Site, *records: dict[str, Any]) -> tuple[int, str]:
    """Name a container, send it these records, and then say nothing."""
    return await sent(site, named("web"), *records)


async def sent(site: Site, *records: dict[str, Any]) -> tuple[int, str]:
    """Send these records as input, and then say nothing."""

    async def body() -> AsyncIterator[bytes]:
        yield b""
        for record in records:
            yield encode_record(json.dumps(record).encode())
        await asyncio.sleep(60)

    async with site.session.post(f"{site.url}/api/v1", data=body(), headers=RECORDIO) as response:
        return response.status, await response.text()


def named(path: str) -> dict[str, Any]:
    content = {"type": "CONTAINER_ID", "container_id": identified(path)}
    return {"type": "ATTACH_CONTAINER_INPUT", "attach_container_input": content}


def end_of_file() -> dict[str, Any]:
    piece = {"type": "DATA", "data": {"type": "STDIN", "data": ""}}
    content = {"type": "PROCESS_IO", "process_io": piece}
    return {"type": "ATTACH_CONTAINER_INPUT", "attach_container_input": content}
