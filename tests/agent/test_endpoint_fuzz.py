"""Random requests to all endpoints of an agent: it answers, and goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

import pytest

from api.wire.v1 import agent, executor, resource_provider
from tests.compatibility.agent_site import agent_site
from tests.endpoint_fuzzing import Requests, check_log, fuzz

CALLS = {
    "/api/v1": agent.Call,
    "/api/v1/executor": executor.Call,
    "/api/v1/resource_provider": resource_provider.Call,
}
PAGES = ("/state", "/flags", "/containers", "/files/read", "/files/browse", "/monitor/statistics", "/health")
REQUESTS = 400


@pytest.mark.parametrize("seed", range(2))
async def test_no_request_makes_an_agent_fail(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    async with agent_site(tmp_path) as site:
        found = await fuzz(Requests(Random(seed), CALLS, PAGES), site.url, REQUESTS)
        assert {200, 400} <= set(found), found
        async with site.client.post(f"{site.url}/api/v1", json={"type": "GET_HEALTH"}) as response:
            assert response.status == 200
        with pytest.raises(TimeoutError):  # nothing that it could not live with
            await asyncio.wait_for(site.world.failure.wait(), 0)
    check_log(caplog.messages)
