"""The storage local resource provider: a CSI plugin's pools and disks, on one host.

It glues: the machine decides, the executor carries out, and this room knows the plugin, the session
with the manager and the profiles file; what a call needs on the host beside the plugin's own part is
`on_host`'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from api.model.clock import Clock
from api.model.ids import IdSource
from api.model.resource import Reservation
from api.wire.errors import WireError
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider import calls, events, messages
from provider.calls import Request
from provider.checkpoint import ProviderTables
from provider.default_reservations import defaults_to_wire, kept_defaults
from provider.executor import Executor
from provider.local_storage.host_files import HostFiles
from provider.local_storage.on_host import VolumesOnHost
from provider.local_storage.profile_watch import ProfileWatch
from provider.machine import Machine
from provider.observer import Observer
from provider.plugins.service import PluginService, PluginStatus
from provider.profile_source import ProfileSource
from provider.profiles import Identity
from provider.records import Checkpoint, Profile, SaveProviderId
from provider.renaming import renaming
from provider.session import CallRefused, ProviderSession, Refusal, SessionClosed
from provider.starts import Kind
from provider.status_stream import Resend
from store.port import Store

if TYPE_CHECKING:
    import random  # noqa: TID251 - only its type

log = logging.getLogger(__name__)

TYPE = "org.apache.mesos.rp.local.storage"

FIRST_RECONNECT = 0.1
MAX_RECONNECT = 10.0
"""Seconds before the session is opened again, at first and at most; each wait is drawn at random below."""


@dataclass(frozen=True, slots=True)
class LocalStorageConfig:
    """What an operator decides about a storage provider.

    `mount_root`: absolute; volumes are published below it, and the plugin's container shares it with the
    host. `boot_id` must change when the mounts of an earlier run are gone (a reboot, a new mount namespace).
    `refresh_seconds`: how often the capacity is read anew. `profile_seconds`: how often the profiles' source
    is looked at. `resend`: when statuses that nobody acknowledges are sent again. `plugin_name`: by
    default the provider's. `admit`: patterns of ids of volumes that were there before, and are let in.
    `default_reservations`: how all of it is reserved that no operation has reserved otherwise; fixed once the
    provider has its id. `learns`: whether it is learned which pools draw on the same capacity.
    """

    name: str
    plugin_type: str
    mount_root: str
    boot_id: str
    type: str = TYPE
    refresh_seconds: float = 10.0
    profile_seconds: float = 1.0
    attributes: tuple[mesos.Attribute, ...] = ()
    resend: Resend = field(default_factory=Resend)
    plugin_name: str = ""
    admit: tuple[str, ...] = ()
    default_reservations: tuple[Reservation, ...] = ()
    learns: bool = True

    @property
    def vendor(self) -> str:
        """What the pools' `source.vendor` says."""
        return f"{self.plugin_type}.{self.plugin_name or self.name}"


@dataclass(frozen=True, slots=True)
class LocalStorageParts:
    """What a storage provider is made of.

    `plugin` makes the plugin's service, given what to call when the plugin is up and when its status
    changes.
    """

    store: Store
    tables: ProviderTables
    session: ProviderSession
    plugin: Callable[[Callable[[calls.PluginFacts], None], Callable[[PluginStatus], None]], PluginService]
    files: HostFiles
    profiles: ProfileSource
    clock: Clock
    ids: IdSource
    random: random.Random
    failed: Callable[[BaseException], None] = field(repr=False)
    observer: Observer | None = None


class NewProviderId(Exception):
    """The host gave this provider another id: it has to be started again, and then has it."""


class LocalStorageProvider:
    """One provider. `start` and `stop` as services have them; a stop loses nothing."""

    def __init__(self, config: LocalStorageConfig, parts: LocalStorageParts) -> None:
        self.config = config
        self._parts = parts
        self._tasks: list[asyncio.Task[None]] = []
        self._connected = False
        self._removed: str | None = None
        self._subscribes_anew = False
        self._wire = messages.WireResources()
        self.plugin = parts.plugin(self._plugin_ready, self._plugin_changed)
        identity = Identity(config.type, config.name, config.plugin_type)
        self.profiles = ProfileWatch(
            parts.profiles, identity, config.profile_seconds, self._profiles_changed, self._report
        )

    @property
    def machine(self) -> Machine:
        """The machine, for those who look (metrics, checks). Known after `start`."""
        return self._executor.machine

    async def start(self) -> None:
        """Recover and begin. Raises StoreError, and InvalidProfiles when no profiles are known yet."""
        parts = self._parts
        checkpoint = await self._checkpoint()
        machine = Machine(
            checkpoint,
            kind=Kind.PLUGIN,
            vendor=self.config.vendor,
            mount_root=self.config.mount_root,
            boot_id=self.config.boot_id,
            ids=parts.ids,
            random=parts.random,
            admit=self.config.admit,
            resend=self.config.resend,
            learns=self.config.learns,
        )
        self._on_host = VolumesOnHost(self.plugin.call, parts.files, machine.driver.paths)
        self._executor = Executor(
            machine, parts.store, parts.tables, parts.clock, self, parts.failed, parts.observer
        )
        self._executor.start()
        self._find_secrets()
        await self.profiles.first(known=bool(checkpoint.profiles))
        self.plugin.known_as = lambda: machine.plugin_name
        await self.plugin.start()
        self._begin(self.plugin.watch(), "plugin")
        self._begin(self._stay_connected(), "session")
        self._begin(self._refresh(), "refresh")
        self._begin(self.profiles.run(), "profiles")

    async def _checkpoint(self) -> Checkpoint:
        """What is durable, all of it under the id that this provider has now."""
        store, tables = self._parts.store, self._parts.tables
        known = store.read(tables.load)
        changes = renaming(known)
        if changes:
            log.warning("provider %s: what it has takes its new id", self.config.name)
        changes += kept_defaults(self.config.name, self.config.default_reservations, known)
        if not changes:
            return known
        await store.write(*tables.changes(changes))
        del known  # two copies of very many volumes would make the process larger for good
        return store.read(tables.load)

    async def stop(self) -> None:
        """Let go of everything; the plugin's container goes on running."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._parts.session.close()
        await self._executor.stop()
        await self.plugin.stop()

    def _begin(self, work: Any, name: str) -> None:
        task = asyncio.create_task(work, name=f"{self.config.name}-{name}")
        self._tasks.append(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """None of these ends by itself: without one of them the provider would seem to work and not do so."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("provider %s cannot go on", self.config.name, exc_info=error)
            self._parts.failed(error)

    # Profiles and the plugin

    def _profiles_changed(self, found: Mapping[str, Profile]) -> None:
        self._executor.feed(events.ProfilesChanged(found))
        self._find_secrets()

    def _find_secrets(self) -> None:
        self.plugin.secrets.of_profiles(self.machine.known_profiles.secrets)

    def _report(self) -> None:
        self._executor.report()

    def _plugin_ready(self, facts: calls.PluginFacts) -> None:
        log.info("plugin %s %s is up", facts.name, facts.vendor_version)
        self._executor.feed(events.PluginReady(facts, self.plugin.config.running))

    def _plugin_changed(self, status: PluginStatus) -> None:
        self._executor.report()

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(self.config.refresh_seconds)
            self._executor.feed(events.RefreshDue())

    # The session

    def info(self) -> mesos.ResourceProviderInfo:
        """This provider as it subscribes, with its id once it has one."""
        known = None if self._subscribes_anew else self.machine.provider_id
        return mesos.ResourceProviderInfo(
            id=UNSET if known is None else mesos.ResourceProviderID(value=known),
            type=self.config.type,
            name=self.config.name,
            attributes=list(self.config.attributes),
            default_reservations=defaults_to_wire(self.config.default_reservations),
            storage=mesos.ResourceProviderInfoStorage(
                plugin=mesos.CSIPluginInfo(
                    type=self.config.plugin_type, name=self.config.plugin_name or self.config.name
                )
            ),
        )

    @property
    def removed(self) -> str | None:
        """Why this provider has stopped for good, for those who look; None while it serves."""
        return self._removed

    async def _stay_connected(self) -> None:
        """Until it is removed: what it has stays as it is then, and nothing of it is on offer."""
        wait = FIRST_RECONNECT
        while True:
            try:
                await self._parts.session.connect()
                subscribe = rp.CallSubscribe(resource_provider_info=self.info())
                await self._parts.session.send(rp.Call(type=rp.CallType.SUBSCRIBE, subscribe=subscribe))
                while True:
                    event = await self._parts.session.receive()
                    await self._check_id(event)
                    await self._executor.in_turn(partial(self._received, event))
                    wait = FIRST_RECONNECT
            except SessionClosed as error:
                log.warning("provider %s: its session ended: %s", self.config.name, error)
            except CallRefused as refusal:
                self._refused(refusal)
            self._connected = False
            self._executor.feed(events.Disconnected())
            if self._removed is not None:
                return
            await asyncio.sleep(wait * self._parts.random.random())
            wait = min(MAX_RECONNECT, wait * 2)

    async def _check_id(self, event: rp.Event) -> None:
        """An id other than the one it had is written, and taken on by a new life. Raises NewProviderId."""
        known = self.machine.provider_id
        given = None if event.subscribed is UNSET else event.subscribed.provider_id.value
        if known is not None and given is not None and given != known:
            save = SaveProviderId(given)
            await self._parts.store.write(*self._parts.tables.changes([save]))
            raise NewProviderId(
                f"provider {self.config.name} was not known to its host any more as {known}, and is {given} "
                "now: it starts anew, with all it has"
            )

    def _refused(self, refusal: CallRefused) -> None:
        """SUBSCRIBE was refused. The host that has forgotten this provider is given it as a new one: its own
        checkpoint knows what each volume is and whose, so all of it is kept, under the new id.
        """
        log.error("provider %s is refused: %s", self.config.name, refusal)
        if refusal.why is Refusal.REMOVED:
            self._stop_for_good(str(refusal))
        elif refusal.why is Refusal.UNKNOWN_ID:
            self._subscribes_anew = True

    def _stop_for_good(self, reason: str) -> None:
        self._removed = reason
        log.error(
            "provider %s has stopped for good: %s. Its volumes and its plugin are left as they are; remove "
            "its configuration, or move its database away to serve the plugin's volumes as a new provider",
            self.config.name,
            reason,
        )

    def _received(self, event: rp.Event) -> None:
        try:
            self._take(event)
        except WireError as error:
            log.error("provider %s: an event of type %s is refused: %s", self.config.name, event.type, error)

    def _take(self, event: rp.Event) -> None:
        if event.subscribed is not UNSET:
            self._connected = True
            self._executor.feed(events.Subscribed(event.subscribed.provider_id.value))
        elif event.apply_operation is not UNSET:
            self._apply(event.apply_operation)
        elif event.acknowledge_operation_status is not UNSET:
            self._executor.feed(messages.acknowledge_in(event.acknowledge_operation_status))
        elif event.reconcile_operations is not UNSET:
            self._executor.feed(messages.reconcile_in(event.reconcile_operations))
        elif event.admit_volume is not UNSET:
            self._executor.feed(messages.admit_in(event.admit_volume))
        elif event.retry_operation is not UNSET:
            self.plugin.hurry()
            self._executor.feed(messages.retry_in(event.retry_operation))
        elif event.abandon_operation is not UNSET:
            self._executor.feed(messages.abandon_in(event.abandon_operation))
        elif event.publish_resources is not UNSET:
            self._executor.feed(messages.publish_in(event.publish_resources))
        elif event.unpublish_resources is not UNSET:
            self._executor.feed(messages.unpublish_in(event.unpublish_resources))
        elif event.check_at_rest is not UNSET:
            self._executor.feed(messages.check_at_rest_in(event.check_at_rest))
        elif event.type is rp.EventType.TEARDOWN:
            self._stop_for_good("the provider was removed for good by an operator")
        elif event.type is not rp.EventType.HEARTBEAT:
            log.warning("provider %s: an event of type %s is ignored", self.config.name, event.type)

    def _apply(self, message: rp.EventApplyOperation) -> None:
        try:
            self._executor.feed(messages.apply_in(message))
        except WireError as error:
            # Not an operation that any provider could apply: nothing is remembered, as nothing can follow.
            refusal = events.RefuseOperation(messages.uuid_of(message), str(error))
            self._executor.feed(refusal)

    # What the executor asks (`provider.executor.Edge`)

    async def call_plugin(self, request: Request[Any]) -> Any:
        """See `Edge.call_plugin`. Waits for a plugin that is not up, and for the call's turn."""
        return await self._on_host.call(request)

    async def act(self, action: events.HostAction) -> Any:
        """See `Edge.act`."""
        return await self._on_host.act(action)

    async def send(
        self, instruction: events.SendStatus | events.SendUnknownOperation | events.AnswerPublish
    ) -> None:
        """See `Edge.send`."""
        known = self.machine.provider_id
        kind = rp.CallType
        match instruction:
            case events.SendStatus(record, status):
                update = messages.status_out(record, status, known)
                call = rp.Call(type=kind.UPDATE_OPERATION_STATUS, update_operation_status=update)
            case events.SendUnknownOperation(uuid, message):
                update = messages.unknown_out(uuid, known, message)
                call = rp.Call(type=kind.UPDATE_OPERATION_STATUS, update_operation_status=update)
            case events.AnswerPublish():
                answer = messages.answer_out(instruction, known)
                call = rp.Call(
                    type=kind.UPDATE_PUBLISH_RESOURCES_STATUS, update_publish_resources_status=answer
                )
        await self._send(call)

    def snapshot(self) -> rp.CallUpdateState:
        """See `Edge.snapshot`."""
        status = self.plugin.status
        problems = (self.profiles.problem, self.machine.listing.problem)
        if any(problems):
            status = replace(status, message="; ".join(each for each in (status.message, *problems) if each))
        return messages.state_out(self.machine, self._wire, status)

    async def report(self, snapshot: Any) -> None:
        """See `Edge.report`."""
        await self._send(rp.Call(type=rp.CallType.UPDATE_STATE, update_state=snapshot))

    async def _send(self, call: rp.Call) -> None:
        known = self.machine.provider_id
        if not self._connected or known is None:
            return
        named = msgspec.structs.replace(call, resource_provider_id=mesos.ResourceProviderID(value=known))
        try:
            await self._parts.session.send(named)
        except SessionClosed:
            self._connected = False
        except CallRefused as refusal:
            log.error("provider %s: a call of type %s is refused: %s", self.config.name, call.type, refusal)
