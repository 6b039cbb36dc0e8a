"""Hosts of a manager for the contract suite: one that providers reach in the process, one over HTTP.

Both are restarted at will on the same database. What a test does with a provider goes through
`ProviderSession` alone, so that it cannot tell which transport it has.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import aiohttp
from aiohttp import web
from sqlalchemy import MetaData

from agent.providers.api import PATH, ProviderApi, ProviderApiLimits
from api.model.ids import SeededIds
from api.wire.content import JSON, PROTOBUF, MediaType
from api.wire.convert import resources_to_wire, uuid_to_wire
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider.manager.manager import ResourceProviderManager
from provider.manager.registry import RegistryTables
from provider.session import InProcessSession, ProviderSession
from store.sqlite import SqliteStore
from tests.provider.cluster import LocalHost
from tests.provider.contract.http_session import HttpSession
from tests.provider.resources import op, persistent, pool

OK = rp.CallUpdatePublishResourcesStatusStatus.OK
FAILED = rp.CallUpdatePublishResourcesStatusStatus.FAILED


class Host:
    """A manager on a real store. This one's providers are in its process."""

    def __init__(self, tmp_path: Path) -> None:
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

    def session(self) -> ProviderSession:
        return InProcessSession(self.manager.accept)

    async def subscribe(
        self, name: str = "local", known: str | None = None, type_: str = "storage"
    ) -> tuple[ProviderSession, str]:
        """A session that has subscribed, and the provider's id."""
        session = self.session()
        await session.connect()
        await session.send(subscription(name, known, type_))
        event = await session.receive()
        assert event.type is rp.EventType.SUBSCRIBED
        return session, event.subscribed.provider_id.value

    async def left(self, session: ProviderSession, provider: str) -> None:
        """The provider ends its session, and the manager knows it."""
        await session.close()
        await self.until(lambda: provider not in self.manager.subscribed)

    async def until(self, condition) -> None:  # type: ignore[no-untyped-def]
        async with asyncio.timeout(10.0):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.01)


class HttpHost(Host):
    """Its providers are other programs, as far as it knows."""

    limits = ProviderApiLimits(heartbeat_seconds=0.2, stalled_seconds=5.0)
    media_type: MediaType = JSON

    async def start(self) -> None:
        await super().start()
        self.api = ProviderApi(self.manager, self.ids, self.limits)
        app = web.Application(client_max_size=2**23)
        app.router.add_route("*", PATH, self.api.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}{PATH}"
        self.client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))

    async def stop(self) -> None:
        self.api.close()
        await self.client.close()
        await self._runner.cleanup()
        await super().stop()

    def session(self) -> HttpSession:
        return HttpSession(self.url, self.client, self.media_type)


class ProtobufHost(HttpHost):
    """The same, and they speak protobuf."""

    media_type = PROTOBUF


def subscription(name: str = "local", known: str | None = None, type_: str = "storage") -> rp.Call:
    info = mesos.ResourceProviderInfo(type=type_, name=name)
    if known is not None:
        info.id = mesos.ResourceProviderID(value=known)
    return rp.Call(type=rp.CallType.SUBSCRIBE, subscribe=rp.CallSubscribe(resource_provider_info=info))


def state(provider: str, *resources: mesos.Resource, version: int = 1, **rest: object) -> rp.Call:
    content = rp.CallUpdateState(
        resources=list(resources), resource_version_uuid=uuid_to_wire(op(version)), **rest
    )
    return rp.Call(
        type=rp.CallType.UPDATE_STATE,
        resource_provider_id=mesos.ResourceProviderID(value=provider),
        update_state=content,
    )


def pool_of(provider: str, size: int = 10) -> mesos.Resource:
    (resource,) = resources_to_wire([pool(size)])
    resource.provider_id = mesos.ResourceProviderID(value=provider)
    return resource


def disk_of(provider: str) -> mesos.Resource:
    (resource,) = resources_to_wire([persistent(pool(10), "data")])
    resource.provider_id = mesos.ResourceProviderID(value=provider)
    return resource


def status_of(
    provider: str, number: int, state: mesos.OperationState, named: str | None = None, **rest: object
) -> rp.Call:
    status = mesos.OperationStatus(
        state=state, resource_provider_id=mesos.ResourceProviderID(value=named or provider), **rest
    )
    return rp.Call(
        type=rp.CallType.UPDATE_OPERATION_STATUS,
        resource_provider_id=mesos.ResourceProviderID(value=provider),
        update_operation_status=rp.CallUpdateOperationStatus(
            status=status, operation_uuid=uuid_to_wire(op(number))
        ),
    )


def answer(
    provider: str, uuid: mesos.UUID, status: rp.CallUpdatePublishResourcesStatusStatus = OK, **rest: object
) -> rp.Call:
    return rp.Call(
        type=rp.CallType.UPDATE_PUBLISH_RESOURCES_STATUS,
        resource_provider_id=mesos.ResourceProviderID(value=provider),
        update_publish_resources_status=rp.CallUpdatePublishResourcesStatus(uuid=uuid, status=status, **rest),
    )


def apply(number: int) -> rp.EventApplyOperation:
    (resource,) = resources_to_wire([pool(1)])
    info = mesos.OfferOperation(
        type=mesos.OfferOperationType.RESERVE, reserve=mesos.OfferOperationReserve(resources=[resource])
    )
    return rp.EventApplyOperation(
        info=info, operation_uuid=uuid_to_wire(op(number)), resource_version_uuid=uuid_to_wire(op(1))
    )
