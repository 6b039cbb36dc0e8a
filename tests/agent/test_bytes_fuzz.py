"""Whatever bytes an agent is sent, in whatever media type: an answer that says what is wrong, never a 500.

Calls of all three APIs are made up from the messages, and then spoilt. A run repeats from its seed.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from api.wire.content import JSON, MEDIA_TYPES, PROTOBUF, encode
from api.wire.http_rules import RECORDIO
from api.wire.message import Message
from api.wire.recordio import encode_record
from api.wire.v1 import agent, executor, resource_provider
from tests.compatibility.agent_site import AgentSite, agent_site
from tests.wire.fuzzing import spoilt
from tests.wire.generated import made_up

CALLS = 200

APIS: tuple[tuple[str, type[Message], list[str]], ...] = (
    ("/api/v1", agent.Call, list(agent.CallType)),
    ("/api/v1/executor", executor.Call, list(executor.CallType)),
    ("/api/v1/resource_provider", resource_provider.Call, list(resource_provider.CallType)),
)
ACCEPTS = (None, "*/*", JSON, PROTOBUF, RECORDIO, "text/html")

WAITS = ("WAIT_CONTAINER", "WAIT_NESTED_CONTAINER")
"""Answered when a container ends: not asked for here."""

NO_FAULT = range(200, 500)
SAID = (501, 503)


async def send(site: AgentSite, rng: Random) -> None:
    path, kind, types = rng.choice(APIS)
    media_type = rng.choice(MEDIA_TYPES)
    call = made_up(rng, kind, rng.choice((0.05, 0.2, 0.5)))
    call.type = rng.choice([each for each in types if each not in WAITS])  # type: ignore[attr-defined]
    data = encode(call, media_type)
    if rng.random() < 0.5:
        data = spoilt(rng, data, media_type)
    headers = {"Content-Type": media_type}
    if rng.random() < 0.1:
        headers = {"Content-Type": RECORDIO, "Message-Content-Type": media_type}
        data = spoilt(rng, encode_record(data), media_type)
    if (accept := rng.choice(ACCEPTS)) is not None:
        headers["Accept"] = accept
    if rng.random() < 0.3:
        headers["Mesos-Stream-Id"] = "stream"
    async with site.client.post(f"{site.url}{path}", data=data, headers=headers) as response:
        if response.status == 200:
            return  # perhaps a stream, which goes on until it is closed
        text = await response.read()
        assert response.status in NO_FAULT or response.status in SAID, (
            f"{response.status} {text[:300]!r} {data!r}"
        )


@pytest.mark.parametrize("seed", range(2))
async def test_no_bytes_are_answered_with_an_internal_error(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    async with agent_site(tmp_path) as site:
        for number in range(CALLS):
            try:
                await send(site, rng)
            except AssertionError as error:
                raise AssertionError(f"seed {seed}, call {number}") from error
        health = encode(agent.Call(type=agent.CallType.GET_HEALTH), PROTOBUF)
        async with site.client.post(
            f"{site.url}/api/v1", data=health, headers={"Content-Type": PROTOBUF}
        ) as response:
            assert await response.json() == {"type": "GET_HEALTH", "get_health": {"healthy": True}}
