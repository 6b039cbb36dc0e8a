"""Who leads is found out, and found again: several addresses, redirects, streams that end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from msgspec import UNSET

from api.wire.codec import encode
from api.wire.recordio import DEFAULT_MAX_RECORD_BYTES, encode_record
from api.wire.v1 import mesos, scheduler
from client import FrameworkEnded, OperatorClient, Refused, SchedulerClient, Unreachable
from client.operations import framework_info
from e2e.harness.cluster import free_ports
from tests.orchestrator_api.cluster import ApiCluster, running

STEP_SECONDS = 30.0
Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def serving(answer: Answer, port: int = 0) -> AsyncIterator[str]:
    runner = web.ServerRunner(web.Server(answer, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def standby(leader: str) -> Answer:
    """Knows who leads."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        location = f"//{leader.partition('//')[2]}{request.path}"
        return web.Response(status=307, headers={"Location": location})

    return answer


def nobody() -> str:
    return f"http://127.0.0.1:{free_ports(1)[0]}"


async def test_the_first_address_that_answers_is_used(cluster: ApiCluster) -> None:
    async with OperatorClient(f"{nobody()}, {nobody()},{cluster.url}/") as client:
        assert await client.healthy()
        assert client.url == cluster.url
        assert await client.healthy()


async def test_when_nobody_answers_at_any_address_the_caller_is_told() -> None:
    async with OperatorClient(f"{nobody()},{nobody()}") as client:
        with pytest.raises(Unreachable):
            await client.healthy()


async def test_a_standby_leads_to_the_leader_and_when_that_dies_the_list_to_the_next(
    cluster: ApiCluster,
) -> None:
    leader = nobody()
    async with serving(standby(cluster.url)) as other, OperatorClient(f"{leader},{other}") as client:
        assert await client.healthy()
        assert client.url == cluster.url
        port = cluster.port
        await cluster.stop()
        asked = asyncio.create_task(client.healthy())  # the standby still believes in it
        await asyncio.wait([asked], timeout=0.1)
        await cluster.start(port)
        assert await asked


async def test_who_cannot_serve_yet_is_asked_again_elsewhere(cluster: ApiCluster) -> None:
    async def recovering(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=503, text="recovering")

    async with serving(recovering) as first, OperatorClient(f"{first},{cluster.url}") as client:
        assert await client.healthy()
        assert client.url == cluster.url


async def test_a_framework_keeps_its_id_over_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as cluster:
        ids = []
        info = framework_info("test", "test")
        async with (
            asyncio.timeout(STEP_SECONDS),
            SchedulerClient(f"{nobody()},{cluster.url}", info) as client,
            contextlib.aclosing(client.events()) as events,
        ):
            async for event in events:
                if event.subscribed is not UNSET:
                    ids.append(client.framework_id)
                    port = cluster.port
                    if len(ids) == 2:
                        break
                    await cluster.stop()
                    with pytest.raises((Unreachable, Refused)):
                        await client.revive()
                    await cluster.start(port)
        assert ids[0] == ids[1]
        (known,) = cluster.orchestrator.state.frameworks
        assert known == ids[0]


async def test_a_scheduler_whose_place_is_taken_is_told_so_and_does_not_come_back(
    cluster: ApiCluster,
) -> None:
    info = framework_info("test", "test")
    async with asyncio.timeout(STEP_SECONDS), SchedulerClient(cluster.url, info) as client:
        with pytest.raises(FrameworkEnded):
            async for event in client.events():
                if event.subscribed is not UNSET:
                    info.id = event.subscribed.framework_id
                    await cluster.subscribe("test", info.id.value)


async def test_a_stream_that_falls_silent_is_lost(cluster: ApiCluster) -> None:
    """The server says how often it speaks; three times that long without a word is too long."""
    subscribed = scheduler.Event(
        type=scheduler.EventType.SUBSCRIBED,
        subscribed=scheduler.EventSubscribed(
            framework_id=mesos.FrameworkID(value="f"), heartbeat_interval_seconds=0.05
        ),
    )

    async def silent(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Mesos-Stream-Id": "s"})
        await response.prepare(request)
        await response.write(encode_record(encode(subscribed)))
        await asyncio.sleep(STEP_SECONDS)
        return response

    info = framework_info("test", "test")
    async with (
        serving(silent) as url,
        asyncio.timeout(STEP_SECONDS),
        SchedulerClient(url, info, give_up_seconds=0.0) as client,
    ):
        with pytest.raises(Unreachable, match="nothing was heard"):
            async for _ in client.events():
                pass


async def test_operators_events_go_on_with_a_new_snapshot(tmp_path: Path) -> None:
    async with running(tmp_path) as cluster, OperatorClient(cluster.url) as client:
        snapshots = 0
        async with (
            asyncio.timeout(STEP_SECONDS),
            contextlib.aclosing(client.events(reconnect=True)) as events,
        ):
            async for event in events:
                if event.subscribed is not UNSET:
                    snapshots += 1
                    if snapshots == 2:
                        break
                    port = cluster.port
                    await cluster.stop()
                    await cluster.start(port)


async def test_operators_events_end_with_the_stream_unless_asked_to_go_on(tmp_path: Path) -> None:
    async with running(tmp_path) as cluster, OperatorClient(cluster.url) as client:
        with pytest.raises(Unreachable):
            async for event in client.events():
                if event.subscribed is not UNSET:
                    port = cluster.port
                    await cluster.stop()
                    await cluster.start(port)


async def test_a_state_that_is_longer_than_other_records_is_read() -> None:
    """Of a hundred thousand tasks and more, at once: here by its length alone."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"%d\n" % (2 * DEFAULT_MAX_RECORD_BYTES))
        await asyncio.sleep(0.2)
        return response

    async with serving(answer) as url, OperatorClient(url) as client:
        with pytest.raises(Unreachable, match="within a record"):
            await anext(client.events())
