"""GET_RESOURCE_PROVIDERS and MARK_RESOURCE_PROVIDER_GONE over HTTP, and what the orchestrator hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from msgspec import UNSET

from agent import schema
from agent.operator_api import OperatorApi
from agent.operator_calls import OperatorCalls
from agent.providers.api import ProviderApi
from agent.providers.calls import ProviderCalls
from agent.providers.manager_metrics import ManagerMetrics
from api.wire.v1 import link, mesos
from api.wire.v1 import resource_provider as rp
from provider.manager.manager import ResourceProviderManager
from provider.session import InProcessSession
from tests.agent.model_containerizer import ModelContainerizer
from tests.agent.model_orchestrator import Told
from tests.agent.world import World
from tests.provider.contract.hosts import apply, pool_of, state, subscription


@dataclass
class Site:
    world: World
    manager: ResourceProviderManager
    client: aiohttp.ClientSession
    url: str

    async def call(self, type_: str, **content: Any) -> tuple[int, Any]:
        async with self.client.post(self.url, json={"type": type_, **content}) as response:
            text = await response.text()
            return response.status, await response.json() if text.startswith("{") else text

    async def mark_gone(self, provider: str) -> tuple[int, Any]:
        asked = {"resource_provider_id": {"value": provider}}
        return await self.call("MARK_RESOURCE_PROVIDER_GONE", mark_resource_provider_gone=asked)

    async def shown(self) -> dict[str, tuple[bool, int]]:
        """Name -> whether it is here, and how many resources it has."""
        status, answer = await self.call("GET_RESOURCE_PROVIDERS")
        assert status == 200
        return {
            each["resource_provider_info"]["name"]: (
                each["connected"],
                len(each.get("total_resources", [])),
            )
            for each in answer["get_resource_providers"].get("resource_providers", [])
        }

    async def provider(self, name: str, size: int | None = None) -> tuple[InProcessSession, str]:
        session = InProcessSession(self.manager.accept)
        await session.connect()
        await session.send(subscription(name))
        provider = (await session.receive()).subscribed.provider_id.value
        if size is not None:
            await session.send(state(provider, pool_of(provider, size)))
        return session, provider

    def gone(self) -> list[tuple[str, bool]]:
        """What the orchestrator was told of providers that left: (id, whether for good)."""
        told = [m.provider_disconnected for m in self.world.orchestrator.messages]
        return [(t.resource_provider_id.value, t.gone is True) for t in told if t is not UNSET]


@pytest.fixture
async def site(world: World) -> AsyncIterator[Site]:
    agent = await world.started()
    manager = ResourceProviderManager(
        world.store,
        schema.registry,
        world.ids,
        agent.providers,
        world.failure.fail,  # type: ignore[arg-type]
    )
    await manager.start()
    world.providers.connect(world.own, manager)
    calls = OperatorCalls(agent, ModelContainerizer(world.host), world.files, "0.1.0")
    groups = [ProviderCalls(agent.providers, manager)]
    api = OperatorApi(
        agent,
        calls,
        world.edge,
        ProviderApi(manager, world.ids),
        groups,
        "127.0.0.1",
        0,
        pages=world.pages,
        metrics=[ManagerMetrics(manager)],
    )
    await api.start()
    try:
        async with aiohttp.ClientSession() as client:
            yield Site(world, manager, client, f"http://127.0.0.1:{api.port}/api/v1")
    finally:
        await api.stop()
        await manager.stop()


async def test_providers_are_shown_whether_they_are_here_or_not(site: Site) -> None:
    assert await site.shown() == {}
    await site.provider("full", 5)
    await site.provider("silent")
    session, _ = await site.provider("away", 5)
    await session.close()
    assert await site.shown() == {"full": (True, 1), "silent": (True, 0), "away": (False, 0)}


async def test_a_provider_that_has_resources_is_not_removed_and_the_operator_is_told_what_to_do(
    site: Site,
) -> None:
    session, provider = await site.provider("full", 5)
    status, text = await site.mark_gone(provider)
    assert status == 500 and "destroy its disks" in text
    assert await site.shown() == {"full": (True, 1)}
    await session.send(state(provider))
    assert await site.mark_gone(provider) == (200, "")
    assert (await session.receive()).type is rp.EventType.TEARDOWN
    assert await site.shown() == {}
    await site.world.orchestrator.until(lambda: (provider, True) in site.gone())


async def test_an_unknown_provider_is_not_found_and_a_repeat_is_answered_as_the_first(site: Site) -> None:
    status, text = await site.mark_gone("nobody")
    assert status == 404 and "ever admitted" in text
    session, provider = await site.provider("away", 5)
    await session.close()
    assert await site.mark_gone(provider) == (200, "")
    assert await site.mark_gone(provider) == (200, "")
    assert (await site.call("MARK_RESOURCE_PROVIDER_GONE"))[0] == 400


async def test_an_orchestrator_that_missed_a_removal_is_told_at_the_next_registration(site: Site) -> None:
    session, provider = await site.provider("away", 5)
    await session.close()
    await site.mark_gone(provider)
    await site.world.orchestrator.until(lambda: (provider, True) in site.gone())
    site.world.orchestrator.messages.clear()
    await site.world.orchestrator.drop()
    await site.world.orchestrator.until(lambda: (provider, True) in site.gone())


async def test_an_operation_for_a_provider_that_is_not_here_is_answered(site: Site) -> None:
    session, away = await site.provider("away", 5)
    await session.close()
    session, removed = await site.provider("removed", 5)
    await session.close()
    await site.mark_gone(removed)
    said = {}
    for number, provider in enumerate((away, removed, "nobody")):
        message = link.OrchestratorMessageApplyOperation(
            resource_provider_id=mesos.ResourceProviderID(value=provider), operation=apply(number)
        )
        await site.world.orchestrator.say(Told.APPLY_OPERATION, apply_operation=message)
        said[provider] = apply(number).operation_uuid.value

    def answers() -> dict[bytes, str]:
        updates = [m.update_operation_status for m in site.world.orchestrator.messages]
        found = [u.update for u in updates if u is not UNSET]
        assert all(u.status.message and u.status.uuid is UNSET for u in found)
        return {u.operation_uuid.value: u.status.state.value for u in found}

    await site.world.orchestrator.until(lambda: len(answers()) == 3)
    assert answers() == {
        said[away]: "OPERATION_RECOVERING",
        said[removed]: "OPERATION_GONE_BY_OPERATOR",
        said["nobody"]: "OPERATION_DROPPED",
    }


async def test_the_numbers_of_providers_are_for_prometheus(site: Site) -> None:
    session, _ = await site.provider("away", 5)
    await session.close()
    await site.provider("here")
    async with site.client.get(f"{site.url.removesuffix('/api/v1')}/metrics") as response:
        text = await response.text()
    for line in (
        'providers{standing="subscribed"} 1.0',
        'providers{standing="away"} 1.0',
        "subscribe_events_total 2.0",
    ):
        assert f"orlop_resource_provider_manager_{line}" in text


async def test_providers_that_are_other_programs_subscribe_at_the_agents_endpoint(site: Site) -> None:
    url = f"{site.url}/resource_provider/"
    info = {"type": "org.example", "name": "outside"}
    call = {"type": "SUBSCRIBE", "subscribe": {"resource_provider_info": info}}
    agent = site.world.agent
    assert agent is not None
    agent.recovered = False
    async with site.client.post(url, json=call) as response:
        assert response.status == 503 and "recovering" in await response.text()
    agent.recovered = True
    async with site.client.post(url, json=call) as response:
        assert response.status == 200
        assert await site.shown() == {"outside": (True, 0)}
    async with site.client.get(url) as response:
        assert response.status == 405
    while await site.shown() != {"outside": (False, 0)}:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
