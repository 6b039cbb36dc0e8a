"""A host whose store fails while the plugin is brought up: the provider says so instead of waiting."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from provider.plugins.containers import PluginContainer
from provider.plugins.service import PluginService
from store.port import StoreFailed
from tests.provider.cluster import Cluster
from tests.provider.test_plugin_service import Containers, Story


class Forgetful(Containers):
    """Containers of a host that cannot write down any more what it starts."""

    async def launch(self, container: PluginContainer) -> None:
        raise StoreFailed("the disk is full")


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="orl-"))
    yield made
    shutil.rmtree(made)


async def test_a_plugin_service_that_cannot_go_on_says_why_and_stops_like_any_other(folder: Path) -> None:
    story = Story(folder)
    story.containers = Forgetful()
    service = story.service()
    await service.start()
    async with asyncio.timeout(5):
        with pytest.raises(StoreFailed, match="the disk is full"):
            await service.watch()
    await service.stop()


async def test_watching_a_plugin_service_ends_in_peace_when_it_is_stopped(folder: Path) -> None:
    service = Story(folder).service()
    await service.start()
    await service.ready()
    watching = asyncio.create_task(service.watch())
    await asyncio.sleep(0)
    await service.stop()
    await watching


async def test_a_provider_whose_plugin_nobody_looks_after_any_more_ends_its_host(folder: Path) -> None:
    story = Story(folder)
    story.containers = Forgetful()

    def parts(clock, random):
        def service(on_ready, on_status):
            return PluginService(
                story.config, story.containers, story.client, clock, random, on_ready, on_status
            )

        return story.client, service

    cluster = Cluster(folder, parts)
    await cluster.start()
    try:
        async with asyncio.timeout(5):
            while not cluster.failures:  # noqa: ASYNC110 - a list has no events
                await asyncio.sleep(0.005)
        assert isinstance(cluster.failures.pop(), StoreFailed)
    finally:
        await cluster.stop()
