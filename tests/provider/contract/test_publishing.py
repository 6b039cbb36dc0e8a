"""Publishing that can be awaited; the same in the process and over HTTP."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import UNSET, structs

from api.wire.convert import resources_to_wire, uuid_to_wire
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider.manager import publishing
from provider.manager.manager import PublishFailed
from provider.session import CallRefused
from tests.provider.contract.hosts import FAILED, Host, answer, disk_of, state
from tests.provider.resources import op, pool


async def test_publishing_waits_for_the_answer_of_the_provider(host: Host) -> None:
    session, provider = await host.subscribe()
    waiting = asyncio.create_task(host.manager.publish([disk_of(provider)], "task-1", readonly=True))
    asked = (await session.receive()).publish_resources
    assert asked.user == "task-1" and asked.readonly is True
    there = rp.CallUpdatePublishResourcesStatusPublishedVolume(source_id="v", path="/x")
    await session.send(answer(provider, uuid_to_wire(op(99))))  # nobody asked that
    await session.send(answer(provider, asked.uuid, published=[there]))
    mine = mesos.ResourceProviderID(value=provider)
    assert await waiting == [structs.replace(there, provider_id=mine)]


async def test_a_provider_says_where_its_own_disks_are_and_no_others(host: Host) -> None:
    session, provider = await host.subscribe()
    waiting = asyncio.create_task(host.manager.publish([disk_of(provider)], "task-1"))
    asked = (await session.receive()).publish_resources
    other = mesos.ResourceProviderID(value="another")
    there = rp.CallUpdatePublishResourcesStatusPublishedVolume(source_id="v", path="/x", provider_id=other)
    with pytest.raises(CallRefused, match="publishes its own"):
        await session.send(answer(provider, asked.uuid, published=[there]))
    assert not waiting.done()
    await session.send(answer(provider, asked.uuid, FAILED, message="mistaken"))
    with pytest.raises(PublishFailed, match="mistaken"):
        await waiting


async def test_a_refusal_carries_the_providers_words(host: Host) -> None:
    session, provider = await host.subscribe()
    waiting = asyncio.create_task(host.manager.publish([disk_of(provider)], "task-1"))
    asked = (await session.receive()).publish_resources
    await session.send(answer(provider, asked.uuid, FAILED, message="no such slot"))
    with pytest.raises(PublishFailed, match="no such slot"):
        await waiting


async def test_a_provider_cannot_answer_for_another(host: Host) -> None:
    session, provider = await host.subscribe()
    thief, other = await host.subscribe("other")
    waiting = asyncio.create_task(host.manager.publish([disk_of(provider)], "task-1"))
    asked = (await session.receive()).publish_resources
    await thief.send(answer(other, asked.uuid))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    await session.send(answer(provider, asked.uuid))
    assert await waiting == []


async def test_what_was_asked_of_a_provider_that_goes_fails(host: Host) -> None:
    session, provider = await host.subscribe()
    waiting = asyncio.create_task(host.manager.publish([disk_of(provider)], "task-1"))
    await session.receive()
    await session.close()
    with pytest.raises(PublishFailed, match="has gone"):
        await waiting


async def test_what_was_asked_of_a_provider_that_is_removed_fails(host: Host) -> None:
    session, provider = await host.subscribe()
    await session.send(state(provider))
    waiting = asyncio.create_task(host.manager.publish([disk_of(provider)], "task-1"))
    await session.receive()
    await host.manager.remove(provider)
    with pytest.raises(PublishFailed, match="removed for good"):
        await waiting
    with pytest.raises(PublishFailed, match="removed for good"):
        await host.manager.publish([disk_of(provider)], "task-2")
    await host.manager.unpublish("task-1", [provider])  # nothing is held there any more


async def test_who_waits_for_a_provider_that_is_removed_meanwhile_is_told(host: Host) -> None:
    session, provider = await host.subscribe()
    await host.left(session, provider)
    waiting = asyncio.create_task(host.manager.publish([disk_of(provider)], "task-1"))
    await asyncio.sleep(0.01)
    await host.manager.remove(provider)
    with pytest.raises(PublishFailed, match="removed for good"):
        await waiting


async def test_who_waits_for_a_provider_is_told_so_and_why_it_is_away(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "SUBSCRIPTION_WAIT", 0.05)
    session, provider = await host.subscribe("ssd")
    await host.left(session, provider)
    told: list[str] = []
    with pytest.raises(PublishFailed, match=r"storage\.ssd.*not been here.*it is not here: start it"):
        await host.manager.publish([disk_of(provider)], "task-1", told=told.append)
    host.manager.absences.explain("storage", "ssd", "its disk was pulled out")
    with pytest.raises(PublishFailed, match="its disk was pulled out"):
        await host.manager.publish([disk_of(provider)], "task-1", told=told.append)
    assert [text.split(".")[-1] for text in told] == [
        "05 s at most: it is not here: start it",
        "05 s at most: its disk was pulled out",
    ]


async def test_publishing_waits_for_a_provider_that_is_not_there_yet(host: Host) -> None:
    session, provider = await host.subscribe()
    await host.left(session, provider)
    waiting = asyncio.create_task(host.manager.unpublish("task-1", [provider]))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    back, _ = await host.subscribe(known=provider)
    asked = (await back.receive()).unpublish_resources
    assert asked.user == "task-1"
    await back.send(answer(provider, asked.uuid))
    await waiting


async def test_a_provider_that_is_away_holds_up_no_other(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "SUBSCRIPTION_WAIT", 0.05)
    session, away = await host.subscribe("away")
    await host.left(session, away)
    here, provider = await host.subscribe("here")
    waiting = asyncio.create_task(host.manager.unpublish("task-1", [away, provider]))
    asked = (await here.receive()).unpublish_resources
    await here.send(answer(provider, asked.uuid))
    with pytest.raises(PublishFailed, match=r"storage\.away.*start it"):
        await waiting
    only_here = asyncio.create_task(host.manager.unpublish("task-2", [provider]))
    await here.send(answer(provider, (await here.receive()).unpublish_resources.uuid))
    await only_here


async def test_a_provider_that_was_never_there_cannot_publish(host: Host) -> None:
    with pytest.raises(PublishFailed, match="never admitted"):
        await host.manager.publish([disk_of("nobody")], "task-1")


async def test_a_resource_without_provider_cannot_be_published(host: Host) -> None:
    (disk,) = resources_to_wire([pool(1)])
    disk.provider_id = UNSET
    with pytest.raises(PublishFailed, match="no provider"):
        await host.manager.publish([disk], "task-1")
