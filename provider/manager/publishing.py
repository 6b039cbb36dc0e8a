"""Publishing as something that can be awaited: questions to providers, and their answers.

No volume is known here. A provider that is not there is waited for, a while: after a restart of the
host tasks come back before their providers do. One that was removed, or never admitted, is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from msgspec import UNSET, structs

from api.model.ids import IdSource
from api.wire.convert import uuid_from_wire, uuid_to_wire
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider.manager.absences import Absences
from provider.manager.registry import Registry

Told = Callable[[str], None]
"""Told what is waited for, in words."""

PublishedVolume = rp.CallUpdatePublishResourcesStatusPublishedVolume

SUBSCRIPTION_WAIT = 60.0
"""Seconds that a provider is waited for; then the question fails."""

PUBLISH_WAIT = 300.0
"""Seconds that an answer is waited for; then the question fails, and what it asked for may still happen."""


class PublishFailed(Exception):
    """Disks could not be published or released; the message is for whoever wanted to use them."""


class Publishing:
    """Questions under way. `send` says whether the provider is there; `registry` who may come; `absences` why
    one has not."""

    def __init__(
        self, ids: IdSource, send: Callable[[str, rp.Event], bool], registry: Registry, absences: Absences
    ) -> None:
        self._ids = ids
        self._send = send
        self._registry = registry
        self._absences = absences
        self._open: dict[UUID, tuple[str, asyncio.Future[rp.CallUpdatePublishResourcesStatus]]] = {}
        self._came = asyncio.Event()

    async def publish(
        self, resources: Sequence[mesos.Resource], user: str, readonly: bool, told: Told | None
    ) -> list[PublishedVolume]:
        """See `ResourceProviderManager.publish`."""
        by_provider: dict[str, list[mesos.Resource]] = {}
        for resource in resources:
            if resource.provider_id is UNSET:
                raise PublishFailed(f"a resource {resource.name!r} has no provider that could publish it")
            by_provider.setdefault(resource.provider_id.value, []).append(resource)

        def question(uuid: mesos.UUID, mine: list[mesos.Resource]) -> rp.Event:
            content = rp.EventPublishResources(uuid=uuid, resources=mine, user=user, readonly=readonly)
            return rp.Event(type=rp.EventType.PUBLISH_RESOURCES, publish_resources=content)

        published: list[PublishedVolume] = []
        for provider_id, mine in by_provider.items():
            ask = partial(question, mine=mine)
            answer = await self._ask(provider_id, ask, told)
            provider = mesos.ResourceProviderID(value=provider_id)
            published += [structs.replace(each, provider_id=provider) for each in answer.published]
        return published

    async def unpublish(self, user: str, providers: Sequence[str]) -> None:
        """See `ResourceProviderManager.unpublish`. A provider that is slow or away holds no other one up."""

        def question(uuid: mesos.UUID) -> rp.Event:
            content = rp.EventUnpublishResources(uuid=uuid, user=user)
            return rp.Event(type=rp.EventType.UNPUBLISH_RESOURCES, unpublish_resources=content)

        known = [each for each in dict.fromkeys(providers) if each in self._registry.admitted]
        asked = [self._ask(provider_id, question) for provider_id in known]
        for answer in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(answer, BaseException):
                raise answer

    async def check_at_rest(self, provider_id: str) -> list[str]:
        """See `ResourceProviderManager.check_at_rest`."""

        def question(uuid: mesos.UUID) -> rp.Event:
            return rp.Event(type=rp.EventType.CHECK_AT_REST, check_at_rest=rp.EventCheckAtRest(uuid=uuid))

        return (await self._ask(provider_id, question)).unsettled

    async def _ask(
        self, provider_id: str, question: Callable[[mesos.UUID], rp.Event], told: Told | None = None
    ) -> rp.CallUpdatePublishResourcesStatus:
        uuid = self._ids.uuid()
        answer: asyncio.Future[rp.CallUpdatePublishResourcesStatus] = (
            asyncio.get_running_loop().create_future()
        )
        self._open[uuid] = (provider_id, answer)
        try:
            await self._deliver(provider_id, question(uuid_to_wire(uuid)), told)
            async with asyncio.timeout(PUBLISH_WAIT):
                return await answer
        except TimeoutError:
            raise PublishFailed(
                f"provider {provider_id} ({self._registry.admitted.get(provider_id)}) is connected and has "
                f"not answered for {PUBLISH_WAIT:g} s: see its log, its plugin, and whether its process runs"
            ) from None
        finally:
            del self._open[uuid]

    async def _deliver(self, provider_id: str, event: rp.Event, told: Told | None) -> None:
        try:
            async with asyncio.timeout(SUBSCRIPTION_WAIT):
                while not self._send(provider_id, event):
                    self._check_known(provider_id)
                    if told is not None:
                        told(
                            f"waiting for provider {self._registry.admitted.get(provider_id)}, for "
                            f"{SUBSCRIPTION_WAIT:g} s at most: {self._why(provider_id)}"
                        )
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            raise PublishFailed(
                f"provider {provider_id} ({self._registry.admitted.get(provider_id)}) has not been here for "
                f"{SUBSCRIPTION_WAIT:g} s: {self._why(provider_id)}"
            ) from None

    def _why(self, provider_id: str) -> str:
        """Why a provider is not here, and what to do."""
        return self._absences.why(self._registry.admitted.get(provider_id), "it is not here: start it")

    def _check_known(self, provider_id: str) -> None:
        if provider_id in self._registry.removed:
            raise PublishFailed(f"provider {provider_id} was removed for good by an operator")
        if provider_id not in self._registry.admitted:
            raise PublishFailed(f"provider {provider_id} was never admitted on this host")

    def connected(self) -> None:
        """A provider has subscribed, or was removed: who waits for one looks again."""
        self._came.set()

    def disconnected(self, provider_id: str, reason: str) -> None:
        """A provider has gone: what it was asked will not be answered."""
        for asked, answer in self._open.values():
            if asked == provider_id and not answer.done():
                answer.set_exception(PublishFailed(f"provider {provider_id} has gone: {reason}"))

    def answered(self, provider_id: str, status: rp.CallUpdatePublishResourcesStatus) -> None:
        """An answer; one that nobody waits for any more is ignored."""
        asked, answer = self._open.get(uuid_from_wire(status.uuid), (None, None))
        if answer is None or asked != provider_id or answer.done():
            return
        if status.status is rp.CallUpdatePublishResourcesStatusStatus.OK:
            answer.set_result(status)
        else:
            message = "the provider gave no reason" if status.message is UNSET else status.message
            answer.set_exception(PublishFailed(message))
