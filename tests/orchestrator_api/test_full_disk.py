"""A registry whose disk is full: nothing is accepted meanwhile, it is seen, and nothing is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.orchestrator_api.cluster import running, until
from tests.orchestrator_api.test_restored_registry import volume
from tests.store.test_sqlite import fill, small_disk


@pytest.mark.needs("mount")
async def test_writes_that_wait_for_room_are_seen_and_go_on_when_there_is_some(tmp_path: Path) -> None:
    with small_disk(tmp_path):
        async with running(tmp_path) as cluster:
            await cluster.join()
            assert "writes_waiting" not in await cluster.operator("GET_MASTER")
            filler = fill(tmp_path)
            made = asyncio.ensure_future(volume(cluster, "data"))
            await until(lambda: cluster.orchestrator.journal.waits)
            assert "full" in (await cluster.operator("GET_MASTER"))["writes_waiting"]
            async with cluster.client.get("/metrics") as response:
                assert "orlop_registry_writes_waiting 1.0" in await response.text()
            assert not made.done()
            filler.unlink()
            await made
            assert "writes_waiting" not in await cluster.operator("GET_MASTER")
