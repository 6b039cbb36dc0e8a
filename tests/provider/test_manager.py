"""The manager's side of the provider protocol: admission, routing, publishing that can be awaited."""

from __future__ import annotations

import asyncio
import random
import uuid

import pytest
from msgspec import UNSET
from sqlalchemy import MetaData

from api.model.ids import SeededIds
from api.wire.convert import resources_to_wire, uuid_to_wire
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider.manager import publishing
from provider.manager.manager import PublishFailed, ResourceProviderManager
from provider.manager.registry import RegistryTables
from provider.session import QUEUE_LIMIT, InProcessSession, SessionClosed
from store.sqlite import SqliteStore
from tests.provider.cluster import LocalHost
from tests.provider.resources import op, persistent, pool

OK = rp.CallUpdatePublishResourcesStatusStatus.OK


class Host:
    """A manager on a real store, restarted at will."""

    def __init__(self, tmp_path) -> None:
        self.path = tmp_path / "agent.sqlite"
        self.ids = SeededIds(random.Random(3))
        self.failures: list[BaseException] = []

    async def start(self) -> None:
        metadata = MetaData()
        tables = RegistryTables(metadata)
        self.store = SqliteStore.open(self.path, metadata, 1)
        self.heard = LocalHost()
        self.manager = ResourceProviderManager(self.store, tables, self.ids, self.heard, self.failures.append)
        await self.manager.start()

    async def stop(self) -> None:
        await self.manager.stop()
        await self.store.close()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def subscribe(self, name="local", known=None, type_="storage"):
        session = InProcessSession(self.manager.accept)
        await session.connect()
        info = mesos.ResourceProviderInfo(type=type_, name=name)
        if known is not None:
            info.id = mesos.ResourceProviderID(value=known)
        await session.send(
            rp.Call(type=rp.CallType.SUBSCRIBE, subscribe=rp.CallSubscribe(resource_provider_info=info))
        )
        event = await session.receive()
        assert event.type is rp.EventType.SUBSCRIBED
        return session, event.subscribed.provider_id.value


@pytest.fixture
async def host(tmp_path):
    made = Host(tmp_path)
    await made.start()
    yield made
    await made.stop()
    assert not made.failures


def state(provider_id):
    disk = resources_to_wire([pool(10)])[0]
    disk.provider_id = mesos.ResourceProviderID(value=provider_id)
    return rp.Call(
        type=rp.CallType.UPDATE_STATE,
        update_state=rp.CallUpdateState(resources=[disk], resource_version_uuid=uuid_to_wire(op(1))),
    )


def disk_of(provider_id):
    disk = resources_to_wire([persistent(pool(10), "data")])[0]
    disk.provider_id = mesos.ResourceProviderID(value=provider_id)
    return disk


def answer(uuid, status=OK, **rest):
    return rp.Call(
        type=rp.CallType.UPDATE_PUBLISH_RESOURCES_STATUS,
        update_publish_resources_status=rp.CallUpdatePublishResourcesStatus(uuid=uuid, status=status, **rest),
    )


async def test_a_provider_keeps_its_id_through_restarts_of_either_side(host):
    session, first = await host.subscribe()
    await session.close()
    _, again = await host.subscribe(known=first)
    assert again == first
    await host.restart()
    _, later = await host.subscribe(known=first)
    assert later == first


async def test_a_provider_that_was_admitted_but_never_learned_its_id_gets_it_back(host):
    session, first = await host.subscribe()
    await session.close()
    await asyncio.sleep(0)
    await host.restart()
    _, again = await host.subscribe()
    assert again == first
    _, other = await host.subscribe(name="other")
    assert other != first


async def test_an_id_that_was_never_given_is_refused_with_words(host):
    with pytest.raises(SessionClosed, match="never admitted"):
        await host.subscribe(known=str(uuid.uuid4()))


async def test_an_id_of_another_provider_is_refused_with_words(host):
    session, first = await host.subscribe()
    await session.close()
    with pytest.raises(SessionClosed, match=r"storage\.local"):
        await host.subscribe(name="thief", known=first)


async def test_a_second_provider_of_the_same_name_is_refused(host):
    await host.subscribe()
    with pytest.raises(SessionClosed, match="subscribed already"):
        await host.subscribe()


async def test_subscribing_anew_ends_the_older_session(host):
    old, first = await host.subscribe()
    _, again = await host.subscribe(known=first)
    assert again == first
    with pytest.raises(SessionClosed, match="anew"):
        await old.receive()
    assert host.manager.subscribed == [first]


async def test_a_report_reaches_the_host_with_the_providers_id(host):
    session, provider = await host.subscribe()
    await session.send(state(provider))
    await host.heard.until(lambda: provider in host.heard.states)
    await session.close()
    await host.heard.until(lambda: host.heard.gone == [provider])


async def test_a_report_of_somebody_elses_resources_ends_the_session(host):
    session, _ = await host.subscribe()
    await session.send(state("somebody"))
    with pytest.raises(SessionClosed, match="provider_id"):
        await session.receive()
    assert not host.heard.states


async def test_a_call_before_subscribing_is_refused(host):
    session = InProcessSession(host.manager.accept)
    await session.connect()
    await session.send(state("p"))
    with pytest.raises(SessionClosed, match="subscribe first"):
        await session.receive()


async def test_operations_reach_their_provider_and_are_lost_without_one(host):
    session, provider = await host.subscribe()
    ack = rp.EventAcknowledgeOperationStatus(
        status_uuid=uuid_to_wire(op(1)), operation_uuid=uuid_to_wire(op(2))
    )
    host.manager.acknowledge("nobody", ack)
    host.manager.acknowledge(provider, ack)
    assert (await session.receive()).acknowledge_operation_status == ack
    host.manager.reconcile(provider, [uuid_to_wire(op(3))])
    assert (await session.receive()).reconcile_operations.operation_uuids == [uuid_to_wire(op(3))]
    host.manager.ask_for_reports()
    asked = await session.receive()
    assert asked.type is rp.EventType.RECONCILE_OPERATIONS and not asked.reconcile_operations.operation_uuids


async def test_publishing_waits_for_the_answer_of_the_provider(host):
    session, provider = await host.subscribe()
    waiting = asyncio.create_task(host.manager.publish([disk_of(provider)], "task-1", readonly=True))
    asked = (await session.receive()).publish_resources
    assert asked.user == "task-1" and asked.readonly is True
    there = rp.CallUpdatePublishResourcesStatusPublishedVolume(source_id="v", path="/x")
    await session.send(answer(uuid_to_wire(op(99))))
    await session.send(answer(asked.uuid, published=[there]))
    assert await waiting == [there]


async def test_a_refusal_carries_the_providers_words(host):
    session, provider = await host.subscribe()
    waiting = asyncio.create_task(host.manager.publish([disk_of(provider)], "task-1"))
    asked = (await session.receive()).publish_resources
    failed = rp.CallUpdatePublishResourcesStatusStatus.FAILED
    await session.send(answer(asked.uuid, failed, message="no such slot"))
    with pytest.raises(PublishFailed, match="no such slot"):
        await waiting


async def test_what_was_asked_of_a_provider_that_goes_fails(host):
    session, provider = await host.subscribe()
    waiting = asyncio.create_task(host.manager.publish([disk_of(provider)], "task-1"))
    await session.receive()
    await session.close()
    with pytest.raises(PublishFailed, match="has gone"):
        await waiting


async def test_publishing_waits_for_a_provider_that_is_not_there_yet(host):
    session, provider = await host.subscribe()
    await session.close()
    await host.heard.until(lambda: host.manager.subscribed == [])
    waiting = asyncio.create_task(host.manager.unpublish("task-1"))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    back, _ = await host.subscribe(known=provider)
    asked = (await back.receive()).unpublish_resources
    assert asked.user == "task-1"
    await back.send(answer(asked.uuid))
    await waiting


async def test_a_provider_that_stays_away_fails_the_question(host, monkeypatch):
    monkeypatch.setattr(publishing, "SUBSCRIPTION_WAIT", 0.01)
    with pytest.raises(PublishFailed, match="not there"):
        await host.manager.publish([disk_of("nobody")], "task-1")


async def test_a_resource_without_provider_cannot_be_published(host):
    disk = resources_to_wire([pool(1)])[0]
    disk.provider_id = UNSET
    with pytest.raises(PublishFailed, match="no provider"):
        await host.manager.publish([disk], "task-1")


async def test_a_provider_that_reads_nothing_is_cut_off(host):
    session, provider = await host.subscribe()
    for number in range(QUEUE_LIMIT + 1):
        host.manager.reconcile(provider, [uuid_to_wire(op(number))])
    with pytest.raises(SessionClosed, match="unread"):
        await session.receive()
    await host.heard.until(lambda: host.manager.subscribed == [])
