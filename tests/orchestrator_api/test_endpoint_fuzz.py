"""Random requests to all endpoints of an orchestrator: it answers, and goes on."""

from __future__ import annotations

from random import Random

import pytest

from api.wire.v1 import master, scheduler
from tests.endpoint_fuzzing import Requests, check_log, fuzz
from tests.orchestrator_api.cluster import ApiCluster

CALLS = {"/api/v1": master.Call, "/api/v1/scheduler": scheduler.Call}
PAGES = (
    "/state",
    "/tasks",
    "/slaves",
    "/frameworks",
    "/roles",
    "/metrics/snapshot",
    "/files/read",
    "/redirect",
)
REQUESTS = 400


@pytest.mark.parametrize("seed", range(2))
async def test_no_request_makes_an_orchestrator_fail(
    cluster: ApiCluster, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    await cluster.join()
    found = await fuzz(Requests(Random(seed), CALLS, PAGES), cluster.url, REQUESTS)
    assert {200, 400} <= set(found), found
    assert not cluster.orchestrator.failed.done()
    assert (await cluster.post("/api/v1", {"type": "GET_STATE"}))[0] == 200
    check_log(caplog.messages)
