"""The one listener of a process: who answers now, and what is said while nobody does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from orchestrator.front import Front


class Handler:
    """Answers with its name, once it may."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.may = asyncio.Event()
        self.may.set()
        self.asked = asyncio.Event()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.set()
        await self.may.wait()
        return web.Response(text=self._name)


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    made = Front(lambda: {"stance": "recovering"})
    made.address, made.port = await made.start("127.0.0.1", 0)  # type: ignore[attr-defined]
    yield made
    await made.stop()


@pytest.fixture
async def client(front: Front) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{front.port}") as session:  # type: ignore[attr-defined]
        yield session


async def test_while_nobody_serves_every_call_is_answered_503_and_health_says_what_it_is(
    front: Front, client: aiohttp.ClientSession
) -> None:
    front.refuse("the orchestrator recovers: try again in a moment")
    for method, path in (("POST", "/api/v1"), ("POST", "/api/v1/scheduler"), ("GET", "/state")):
        async with client.request(method, path) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
            assert "recovers" in await answer.text()
    for path in ("/health", "/master/health"):
        async with client.get(path) as answer:
            assert (answer.status, await answer.json()) == (200, {"stance": "recovering"})


async def test_a_request_stays_with_whoever_it_was_given_to(
    front: Front, client: aiohttp.ClientSession
) -> None:
    old, new = Handler("old"), Handler("new")
    old.may.clear()
    front.serve(old)
    first = asyncio.create_task(client.get("/state"))
    await old.asked.wait()
    front.serve(new)
    async with client.get("/state") as answer:
        assert await answer.text() == "new"
    old.may.set()
    async with await first as answer:
        assert await answer.text() == "old"


async def test_a_leader_that_was_paused_past_its_lease_answers_nothing_that_came_meanwhile(
    front: Front, client: aiohttp.ClientSession
) -> None:
    over = False
    front.serve(Handler("leader"), lambda: over)
    async with client.get("/state") as answer:
        assert (answer.status, await answer.text()) == (200, "leader")
    over = True
    async with client.post("/api/v1") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert "leads no more" in await answer.text()
    front.serve(Handler("standby"))
    async with client.get("/state") as answer:
        assert await answer.text() == "standby"
