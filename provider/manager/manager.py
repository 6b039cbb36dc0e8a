"""The resource provider manager: the server side of the provider protocol.

Its host is the agent for local providers. It admits providers, keeps their ids, routes operations and
their statuses, and turns publishing into something that can be awaited. It owns no resource, keeps
no operation and decides about none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
from msgspec import UNSET

from api.model.ids import IdSource
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider.manager.publishing import PublishFailed, Publishing
from provider.manager.registry import Admitted, RegistryTables
from provider.session import Pipe, SessionClosed
from store.port import Store, StoreError

log = logging.getLogger(__name__)

MAX_PROVIDERS = 100
"""Providers that can be admitted; more are refused with a message."""

__all__ = ["ManagerHost", "PublishFailed", "ResourceProviderManager"]


class ManagerHost(Protocol):
    """What the manager tells its host. None of these waits."""

    def provider_updated(self, info: mesos.ResourceProviderInfo, state: rp.CallUpdateState) -> None:
        """UPDATE_STATE of a provider; `info` has its id."""

    def operation_status(self, provider_id: str, update: rp.CallUpdateOperationStatus) -> None:
        """UPDATE_OPERATION_STATUS of a provider. It is repeated until it is acknowledged."""

    def provider_disconnected(self, provider_id: str, message: str = "") -> None:
        """A provider that had subscribed has gone."""


@dataclass(slots=True)
class _Session:
    """A provider's session. `info` has its id once it is subscribed."""

    pipe: Pipe
    info: mesos.ResourceProviderInfo | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class ResourceProviderManager:
    """All providers of one host. `failed` is called when the registry cannot be written."""

    def __init__(
        self,
        store: Store,
        tables: RegistryTables,
        ids: IdSource,
        host: ManagerHost,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._store = store
        self._tables = tables
        self._ids = ids
        self._host = host
        self._failed = failed
        self._admitted: dict[str, Admitted] = {}
        self._sessions: dict[str, _Session] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._publishing = Publishing(ids, self._send_to, lambda: sorted(self._admitted))

    async def start(self) -> None:
        """Read the registry. Providers connect afterwards. Raises StoreError."""
        self._admitted = {each.id: each for each in self._store.read(self._tables.load)}

    async def stop(self) -> None:
        """Close every session; nothing is lost by it."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def accept(self, pipe: Pipe) -> None:
        """A provider connects; it is served until its session ends."""
        task = asyncio.get_running_loop().create_task(self._serve(_Session(pipe)), name="provider-session")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def subscribed(self) -> list[str]:
        """The ids of the providers that are here now, sorted."""
        return sorted(self._sessions)

    # From the host to providers

    def apply_operation(self, provider_id: str, operation: rp.EventApplyOperation) -> None:
        """Nothing happens when the provider is not here: it is sent again after its next report."""
        self._send(provider_id, rp.Event(type=rp.EventType.APPLY_OPERATION, apply_operation=operation))

    def acknowledge(self, provider_id: str, acknowledgement: rp.EventAcknowledgeOperationStatus) -> None:
        """Nothing happens when the provider is not here: it will send that status again."""
        self._send(
            provider_id,
            rp.Event(
                type=rp.EventType.ACKNOWLEDGE_OPERATION_STATUS, acknowledge_operation_status=acknowledgement
            ),
        )

    def reconcile(self, provider_id: str, operation_uuids: Sequence[mesos.UUID]) -> None:
        """Nothing happens when the provider is not here: its next report answers."""
        if not operation_uuids:
            return
        asked = rp.EventReconcileOperations(operation_uuids=list(operation_uuids))
        self._send(provider_id, rp.Event(type=rp.EventType.RECONCILE_OPERATIONS, reconcile_operations=asked))

    def ask_for_reports(self) -> None:
        """Have each provider that is here report its state now, and send every unacknowledged status again.

        It is asked by RECONCILE_OPERATIONS that names no operation.
        """
        asked = rp.EventReconcileOperations()
        for provider_id in self.subscribed:
            self._send(
                provider_id, rp.Event(type=rp.EventType.RECONCILE_OPERATIONS, reconcile_operations=asked)
            )

    async def publish(
        self, resources: Sequence[mesos.Resource], user: str, readonly: bool = False
    ) -> list[rp.CallUpdatePublishResourcesStatusPublishedVolume]:
        """Make the disks usable here and hold them for `user`, durably, until `unpublish`.

        Idempotent. Raises PublishFailed; `unpublish` should follow then, as some may be held.
        """
        return await self._publishing.publish(resources, user, readonly)

    async def unpublish(self, user: str) -> None:
        """Release all that `user` holds at every provider. Idempotent. Raises PublishFailed: call again."""
        await self._publishing.unpublish(user)

    def _send(self, provider_id: str, event: rp.Event) -> None:
        if not self._send_to(provider_id, event):
            log.info("provider %s is not subscribed: %s is not sent", provider_id, event.type)

    def _send_to(self, provider_id: str, event: rp.Event) -> bool:
        session = self._sessions.get(provider_id)
        if session is None:
            return False
        try:
            session.pipe.send_event(event)
        except SessionClosed:
            return False
        return True

    # From providers to the host

    async def _serve(self, session: _Session) -> None:
        reason = "the manager stops"
        try:
            while True:
                await self._handle(session, await session.pipe.next_call())
        except SessionClosed as error:
            reason = str(error)
        except StoreError as error:
            reason = str(error)
            self._failed(error)
        finally:
            session.pipe.close(reason)
            self._ended(session, reason)

    def _ended(self, session: _Session, reason: str) -> None:
        if session.info is None or session.info.id is UNSET:
            return
        provider_id = session.info.id.value
        if self._sessions.get(provider_id) is session:
            del self._sessions[provider_id]
            self._publishing.disconnected(provider_id, reason)
            self._host.provider_disconnected(provider_id, reason)

    async def _handle(self, session: _Session, call: rp.Call) -> None:
        if call.type is rp.CallType.SUBSCRIBE and call.subscribe is not UNSET:
            await self._subscribe(session, call.subscribe.resource_provider_info)
            return
        info = session.info
        if info is None or info.id is UNSET:
            raise SessionClosed(f"{call.type} before SUBSCRIBE: subscribe first")
        if call.type is rp.CallType.UPDATE_STATE and call.update_state is not UNSET:
            self._check_owner(info.id.value, call.update_state)
            self._host.provider_updated(info, call.update_state)
        elif call.type is rp.CallType.UPDATE_OPERATION_STATUS and call.update_operation_status is not UNSET:
            self._host.operation_status(info.id.value, call.update_operation_status)
        elif (
            call.type is rp.CallType.UPDATE_PUBLISH_RESOURCES_STATUS
            and call.update_publish_resources_status is not UNSET
        ):
            self._publishing.answered(info.id.value, call.update_publish_resources_status)
        else:
            raise SessionClosed(f"a call of type {call.type} without its content is not understood")

    def _check_owner(self, provider_id: str, state: rp.CallUpdateState) -> None:
        for resource in state.resources:
            if resource.provider_id is UNSET or resource.provider_id.value != provider_id:
                raise SessionClosed(
                    f"UPDATE_STATE holds a resource that is not provider {provider_id}'s: set its provider_id"
                )

    # Admission

    async def _subscribe(self, session: _Session, info: mesos.ResourceProviderInfo) -> None:
        provider_id = self._known(info) if info.id is UNSET else self._returning(info.id.value, info)
        if provider_id is None:
            provider_id = str(self._ids.uuid())
            admitted = Admitted(provider_id, info.type, info.name)
            await self._store.write(self._tables.admit(admitted))
            self._admitted[provider_id] = admitted
        named = msgspec.structs.replace(info, id=mesos.ResourceProviderID(value=provider_id))
        previous = self._sessions.pop(provider_id, None)
        if previous is not None and previous is not session:
            previous.pipe.close("the provider has subscribed anew")
            self._publishing.disconnected(provider_id, "the provider has subscribed anew")
        session.info = named
        self._sessions[provider_id] = session
        subscribed = rp.EventSubscribed(provider_id=mesos.ResourceProviderID(value=provider_id))
        session.pipe.send_event(rp.Event(type=rp.EventType.SUBSCRIBED, subscribed=subscribed))
        self._publishing.connected()

    def _known(self, info: mesos.ResourceProviderInfo) -> str | None:
        """The id of a provider that says none: its old one, if it has one and is not here."""
        for admitted in self._admitted.values():
            if (admitted.type, admitted.name) == (info.type, info.name):
                if admitted.id in self._sessions:
                    raise SessionClosed(
                        f"a provider {info.type}.{info.name} is subscribed already: choose another name"
                    )
                return admitted.id
        if len(self._admitted) >= MAX_PROVIDERS:
            raise SessionClosed(f"{MAX_PROVIDERS} providers are admitted already")
        return None

    def _returning(self, provider_id: str, info: mesos.ResourceProviderInfo) -> str:
        admitted = self._admitted.get(provider_id)
        if admitted is None:
            raise SessionClosed(
                f"provider id {provider_id!r} was never admitted here: subscribe without an id"
            )
        if (admitted.type, admitted.name) != (info.type, info.name):
            raise SessionClosed(
                f"provider id {provider_id!r} is {admitted.type}.{admitted.name}, "
                f"not {info.type}.{info.name}: subscribe without an id"
            )
        return provider_id
