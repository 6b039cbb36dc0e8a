"""Whatever bytes are sent, in whatever media type: an answer that says what is wrong, and never a 500.

Calls are made up from the messages, and then spoilt. A run repeats from its seed, which a failure names.
"""

from __future__ import annotations

from random import Random

import pytest

from api.wire.content import JSON, MEDIA_TYPES, PROTOBUF, encode
from api.wire.message import Message
from api.wire.v1 import master, scheduler
from tests.orchestrator_api.cluster import ApiCluster
from tests.wire.fuzzing import spoilt
from tests.wire.generated import made_up

CALLS = 250

APIS: tuple[tuple[str, type[Message]], ...] = (
    ("/api/v1/scheduler", scheduler.Call),
    ("/api/v1", master.Call),
)
ACCEPTS = (None, "*/*", JSON, PROTOBUF, f"{PROTOBUF}, {JSON};q=0", "text/html", "a;b;;q=x,,")

ANSWERS = frozenset({200, 202, 400, 403, 404, 406, 409, 415, 501})


async def send(cluster: ApiCluster, rng: Random, framework_id: str, stream_id: str) -> None:
    path, kind = rng.choice(APIS)
    media_type = rng.choice(MEDIA_TYPES)
    call = made_up(rng, kind, rng.choice((0.05, 0.2, 0.5)))
    assert isinstance(call, scheduler.Call | master.Call)
    call.type = rng.choice(list(scheduler.CallType if kind is scheduler.Call else master.CallType))  # type: ignore[assignment]
    if isinstance(call, scheduler.Call) and call.framework_id and rng.random() < 0.7:
        call.framework_id.value = framework_id
    data = encode(call, media_type)
    if rng.random() < 0.5:
        data = spoilt(rng, data, media_type)
    headers = {"Content-Type": media_type}
    if (accept := rng.choice(ACCEPTS)) is not None:
        headers["Accept"] = accept
    if rng.random() < 0.6:
        headers["Mesos-Stream-Id"] = stream_id
    async with cluster.client.post(path, data=data, headers=headers) as response:
        if response.headers.get("Cache-Control") == "no-store":
            return  # a stream, which goes on until it is closed
        text = await response.read()
        assert response.status in ANSWERS, f"{response.status} {text[:500]!r} to {data!r}"
        if response.status >= 400:
            assert text.strip() and text.count(b"\n") == 1


@pytest.mark.parametrize("seed", range(2))
async def test_no_bytes_are_answered_with_an_internal_error(cluster: ApiCluster, seed: int) -> None:
    await cluster.join()
    rng = Random(seed)
    framework = await cluster.subscribe()
    for number in range(CALLS):
        try:
            await send(cluster, rng, framework.framework_id, framework.stream.stream_id)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, call {number}") from error
        if framework.stream.ended:  # torn down, or another took its place
            framework = await cluster.subscribe()
    assert not cluster.orchestrator.failed.done()
    assert await cluster.operator("GET_HEALTH") == {"healthy": True}
