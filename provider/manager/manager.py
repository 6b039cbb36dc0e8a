"""The resource provider manager: the server side of the provider protocol.

Its host is the agent for local providers. It admits providers, keeps their ids, routes operations and
their statuses, and turns publishing into something that can be awaited. It owns no resource, keeps
no operation and decides about none; it knows no transport: a session is a `Pipe`.
"""

from __future__ import annotations

import asyncio
import enum
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
from msgspec import UNSET

from api.model.ids import IdSource
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider.manager import tally
from provider.manager.absences import AWAY, Absences
from provider.manager.admission import ProviderInUse, check_removable, judge
from provider.manager.publishing import PublishedVolume, PublishFailed, Publishing, Told
from provider.manager.registry import Admitted, Registry, RegistryTables
from provider.manager.reports import Pages
from provider.manager.silence import Silence
from provider.manager.validation import missing_content, owner_problem
from provider.session import CallRefused, Pipe, SessionClosed
from store.port import Store, StoreError

log = logging.getLogger(__name__)

__all__ = [
    "ManagerHost",
    "ProviderInUse",
    "PublishFailed",
    "ResourceProviderManager",
    "Undeliverable",
    "UnknownProvider",
]


class Undeliverable(enum.Enum):
    """Why an operation cannot be handed to its provider."""

    AWAY = "away"
    """It is not here now; nobody knows whether it has the operation."""
    REMOVED = "removed"
    """It was removed for good."""
    SILENT = "silent"
    """It is connected and got the operation, and has said nothing since; it may be about it."""
    NEVER_ADMITTED = "never admitted"
    """There has never been one, so it never had the operation."""


class ManagerHost(Protocol):
    """What the manager tells its host. None of these waits."""

    def provider_updated(self, info: mesos.ResourceProviderInfo, state: rp.CallUpdateState) -> None:
        """UPDATE_STATE of a provider, whole; `info` has its id."""

    def operation_status(self, provider_id: str, update: rp.CallUpdateOperationStatus) -> None:
        """UPDATE_OPERATION_STATUS of a provider. It is repeated until it is acknowledged."""

    def provider_disconnected(self, provider_id: str, message: str = "", *, gone: bool = False) -> None:
        """A provider that had subscribed has left; `gone`: it was removed for good. Both are said again with
        every `ask_for_reports`, as long as they are so.
        """

    def operation_undeliverable(self, provider_id: str, operation: mesos.UUID, why: Undeliverable) -> None:
        """An operation could not be handed to its provider, or it could not be asked for it."""


class UnknownProvider(Exception):
    """No provider of this id was admitted here; the message says so."""


@dataclass(slots=True)
class _Session:
    """A provider's session. `info` has its id once it is subscribed; `state` is what it reported last."""

    pipe: Pipe
    info: mesos.ResourceProviderInfo | None = None
    state: rp.CallUpdateState | None = None
    pages: Pages = field(default_factory=Pages)


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
        self._ids = ids
        self._host = host
        self._failed = failed
        self._registry = Registry(store, tables)
        self._sessions: dict[str, _Session] = {}
        self._open: dict[Pipe, _Session] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._admission = asyncio.Lock()
        self._stopped = False
        self.absences = Absences(lambda: self.away, host.provider_disconnected)
        self.tally: Counter[str] = Counter()
        """How often things happened (`provider.manager.tally`), for those who look."""
        self._publishing = Publishing(ids, self._send_to, self._registry, self.absences)
        self._silence = Silence(
            lambda provider_id, operation: host.operation_undeliverable(
                provider_id, operation, Undeliverable.SILENT
            )
        )

    async def start(self) -> None:
        """Read the registry. Providers connect afterwards. Raises StoreError."""
        self._registry.load()
        self._stopped = False

    async def stop(self) -> None:
        """Close every session; nothing is lost by it."""
        self._stopped = True
        for pipe in list(self._open):
            pipe.finish("the manager stops")
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def accept(self, pipe: Pipe) -> None:
        """A provider connects; it is served until its session ends."""
        session = _Session(pipe)
        pipe.serve(lambda call: self._take(session, call), lambda reason: self._ended(session, reason))
        if self._stopped:
            pipe.close("the manager stops")
        else:
            self._open[pipe] = session

    @property
    def subscribed(self) -> list[str]:
        """The ids of the providers that are here now, sorted."""
        return sorted(self._sessions)

    @property
    def here(self) -> list[Admitted]:
        """The providers that are here now, by id."""
        return [self._registry.admitted[each] for each in self.subscribed]

    @property
    def away(self) -> list[Admitted]:
        """The providers that are admitted and not here now, by id."""
        admitted = self._registry.admitted
        return [admitted[each] for each in sorted(admitted) if each not in self._sessions]

    @property
    def removed(self) -> list[Admitted]:
        """The providers that were removed for good, oldest first."""
        return list(self._registry.removed.values())

    # From the host to providers

    def apply_operation(self, provider_id: str, operation: rp.EventApplyOperation) -> None:
        """Hand it over, or tell the host that it is undeliverable."""
        event = rp.Event(type=rp.EventType.APPLY_OPERATION, apply_operation=operation)
        if self._send_to(provider_id, event):
            self._silence.handed_over(provider_id, operation.operation_uuid)
        else:
            self._undeliverable(provider_id, operation.operation_uuid)

    def acknowledge(self, provider_id: str, acknowledgement: rp.EventAcknowledgeOperationStatus) -> None:
        """Nothing happens when the provider is not here: it will send that status again."""
        event = rp.Event(
            type=rp.EventType.ACKNOWLEDGE_OPERATION_STATUS, acknowledge_operation_status=acknowledgement
        )
        if not self._send_to(provider_id, event):
            log.debug("provider %s is not here: an acknowledgement waits for its repeat", provider_id)

    def reconcile(self, provider_id: str, operation_uuids: Sequence[mesos.UUID]) -> None:
        """Have it answer for these operations, or tell the host that it cannot be asked."""
        if not operation_uuids:
            return
        asked = rp.EventReconcileOperations(operation_uuids=list(operation_uuids))
        event = rp.Event(type=rp.EventType.RECONCILE_OPERATIONS, reconcile_operations=asked)
        if not self._send_to(provider_id, event):
            for operation in operation_uuids:
                self._undeliverable(provider_id, operation)

    def intervene(self, provider_id: str, operation: mesos.UUID, event: rp.Event) -> None:
        """An operator's RETRY_OPERATION or ABANDON_OPERATION: hand it over, or tell that it cannot be."""
        if not self._send_to(provider_id, event):
            self._undeliverable(provider_id, operation)

    def ask_for_reports(self) -> None:
        """Have each provider that is here report its state now, and send every unacknowledged status again;
        and tell the host again who is away, and who was removed.

        It is asked by RECONCILE_OPERATIONS that names no operation.
        """
        asked = rp.EventReconcileOperations()
        event = rp.Event(type=rp.EventType.RECONCILE_OPERATIONS, reconcile_operations=asked)
        for provider_id in self.subscribed:
            self._send_to(provider_id, event)
        for provider in self.away:
            self._host.provider_disconnected(provider.id, self.absences.why(provider, AWAY))
        for provider_id in self._registry.removed:
            self._host.provider_disconnected(provider_id, REMOVED, gone=True)

    async def publish(
        self, resources: Sequence[mesos.Resource], user: str, readonly: bool = False, told: Told | None = None
    ) -> list[PublishedVolume]:
        """Make the disks usable here and hold them for `user`, durably, until `unpublish`.

        `told` is told what is waited for. Idempotent. Raises PublishFailed; `unpublish` should follow then,
        as some may be held.
        """
        return await self._publishing.publish(resources, user, readonly, told)

    async def unpublish(self, user: str, providers: Sequence[str]) -> None:
        """Release all that `user` holds at these providers. Idempotent. Raises PublishFailed: call again."""
        await self._publishing.unpublish(user, providers)

    async def check_at_rest(self, provider_id: str) -> list[str]:
        """What is not at rest at a provider with the capability CHECK_AT_REST, in words; nothing: all is.

        Raises PublishFailed.
        """
        return await self._publishing.check_at_rest(provider_id)

    def send(self, provider_id: str, event: rp.Event) -> bool:
        """Send an event that needs no answer here. False when the provider is not here to get it."""
        return self._send_to(provider_id, event)

    def _send_to(self, provider_id: str, event: rp.Event) -> bool:
        session = self._sessions.get(provider_id)
        if session is None:
            return False
        try:
            session.pipe.send_event(event)
        except SessionClosed:
            return False
        return True

    def _undeliverable(self, provider_id: str, operation: mesos.UUID) -> None:
        why = Undeliverable.AWAY
        if provider_id in self._registry.removed:
            why = Undeliverable.REMOVED
        elif provider_id not in self._registry.admitted:
            why = Undeliverable.NEVER_ADMITTED
        self.tally[tally.UNDELIVERABLE] += 1
        log.info("operation %s cannot reach provider %s: %s", operation.value.hex(), provider_id, why.value)
        self._host.operation_undeliverable(provider_id, operation, why)

    # From providers to the host

    async def _take(self, session: _Session, call: rp.Call) -> None:
        """Raises CallRefused, SessionClosed."""
        try:
            await self._handle(session, call)
        except CallRefused:
            self.tally[tally.REFUSED] += 1
            raise

    async def _handle(self, session: _Session, call: rp.Call) -> None:
        if call.type is rp.CallType.SUBSCRIBE:
            await self._subscribed(session, call)
            return
        info = session.info
        if info is None or info.id is UNSET:
            raise CallRefused(f"{call.type} before SUBSCRIBE: subscribe first")
        self._silence.over(info.id.value)
        problem = owner_problem(call, info.id.value)
        if problem is not None:
            if call.update_state is not UNSET:
                session.pages.refused(
                    call.update_state.resource_version_uuid, more=call.update_state.more is True
                )
            raise CallRefused(problem)
        if call.update_state is not UNSET and call.type is rp.CallType.UPDATE_STATE:
            state = session.pages.add(call.update_state)
            if state is not None:
                session.state = state
                self._host.provider_updated(info, state)
        elif call.update_operation_status is not UNSET and call.type is rp.CallType.UPDATE_OPERATION_STATUS:
            self._host.operation_status(info.id.value, call.update_operation_status)
        elif (
            call.update_publish_resources_status is not UNSET
            and call.type is rp.CallType.UPDATE_PUBLISH_RESOURCES_STATUS
        ):
            self._publishing.answered(info.id.value, call.update_publish_resources_status)
        else:
            raise CallRefused(f"a call of type {call.type} is not understood")

    def page_refused(self, pipe: Pipe, version: mesos.UUID | None, *, more: bool) -> None:
        """A transport did not take an UPDATE_STATE, as it was wrong or too much: of its state nothing comes.
        `version` is None when it could not be read.
        """
        session = self._open.get(pipe)
        if session is not None:
            session.pages.refused(version, more=more)

    def _ended(self, session: _Session, reason: str) -> None:
        self._open.pop(session.pipe, None)
        if session.info is None or session.info.id is UNSET:
            return
        provider_id = session.info.id.value
        if self._sessions.get(provider_id) is session:
            del self._sessions[provider_id]
            self._silence.over(provider_id)
            self.tally[tally.DISCONNECTED] += 1
            why = self.absences.why(self._registry.admitted.get(provider_id), reason)
            self._publishing.disconnected(provider_id, why)
            self._host.provider_disconnected(provider_id, why)

    # Admission and removal

    async def _subscribed(self, session: _Session, call: rp.Call) -> None:
        missing = missing_content(call)
        try:
            if missing is not None or call.subscribe is UNSET:
                raise CallRefused(missing or "expecting 'subscribe' to be present")
            # A task of the manager's own: a provider that stops waiting must not leave half of an admission.
            await self._owned(self._subscribe(session, call.subscribe.resource_provider_info))
        except CallRefused as refusal:
            if session.info is None:
                session.pipe.close(str(refusal))
            raise

    async def _subscribe(self, session: _Session, info: mesos.ResourceProviderInfo) -> None:
        async with self._admission:
            session.pipe.check()
            admitted = judge(info, self._registry, lambda id_: self._sessions.get(id_) not in (None, session))
            if admitted is None:
                admitted = Admitted(str(self._ids.uuid()), info.type, info.name)
                await self._registry.admit(admitted)
                session.pipe.check()
            provider = mesos.ResourceProviderID(value=admitted.id)
            if session.info is not None and session.info.id != provider:
                raise CallRefused("this session is another provider's: open one for each provider")
            previous = self._sessions.get(admitted.id)
            if previous is not None and previous is not session:
                previous.pipe.close("the provider has subscribed anew")
            session.info = msgspec.structs.replace(info, id=provider)
            self._sessions[admitted.id] = session
            heartbeat = session.pipe.heartbeat_seconds
            subscribed = rp.EventSubscribed(
                provider_id=provider, heartbeat_interval_seconds=UNSET if heartbeat is None else heartbeat
            )
            session.pipe.send_event(rp.Event(type=rp.EventType.SUBSCRIBED, subscribed=subscribed))
            self.tally[tally.SUBSCRIBED] += 1
            self._publishing.connected()

    async def remove(self, provider_id: str) -> None:
        """Remove a provider for good: it cannot come back, and what it had is gone. Idempotent.

        Raises UnknownProvider, StoreError; and ProviderInUse while it is here and has resources, or has not
        said yet what it has.
        """
        await self._owned(self._remove(provider_id))

    async def _remove(self, provider_id: str) -> None:
        async with self._admission:
            if provider_id not in self._registry.removed:
                admitted = self._registry.admitted.get(provider_id)
                if admitted is None:
                    raise UnknownProvider(
                        f"no resource provider {provider_id!r} was ever admitted by this agent"
                    )
                session = self._sessions.get(provider_id)
                if session is not None:
                    check_removable(admitted, session.state)
                await self._registry.remove(admitted)
                log.warning("provider %s (%s) is removed for good", provider_id, admitted)
        self._send_to(provider_id, rp.Event(type=rp.EventType.TEARDOWN))
        session = self._sessions.get(provider_id)
        if session is not None:
            session.pipe.finish(REMOVED)
        self._publishing.connected()  # nobody needs to wait for it any more
        self._host.provider_disconnected(provider_id, REMOVED, gone=True)

    async def _owned(self, work: Coroutine[Any, Any, None]) -> None:
        """Carry `work` out to its end, also when nobody waits for it any more."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        await asyncio.shield(task)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), StoreError):
            self._failed(error)


REMOVED = "the provider was removed for good by an operator"
