"""One cluster for each test."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.orchestrator_api.cluster import ApiCluster, running
from tests.orchestrator_api.freshness import check_that_nothing_shown_is_stale
from tests.orchestrator_api.page_freshness import check_that_no_part_is_stale, keep_parts
from tests.standby.beside import Beside


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[ApiCluster]:
    async with running(tmp_path) as made:
        await keep_parts(made)
        beside = Beside(made)
        following = asyncio.ensure_future(beside.follow())
        yield made
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
        if made.is_serving:
            await beside.check(made)
            await check_that_nothing_shown_is_stale(made)
            await check_that_no_part_is_stale(made)
