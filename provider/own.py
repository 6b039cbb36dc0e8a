"""An agent's own resources, as a provider without an id: same machine, same versions, same streams.

There is no plugin and no session: operations come by the methods that the manager has as well, reports
and statuses go to the host directly. CREATE makes a directory on the agent's disk, DESTROY removes it
with its data; cpus, mem and the like are reserved and unreserved. It starts no task and mounts nothing.

The agent builds one beside its manager, on tables of its own in the agent's database:

    own = OwnResources(OwnConfig(resources), OwnParts(store, ProviderTables(metadata, "own"), ...))
    providers.connect(own, manager)          # and `own` among the agent's services

Who uses a persistent volume is told by `hold` before a task starts and `release` after it ended, so
that DESTROY of a volume in use is refused with the names of its users.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import UNSET

from api.model.clock import Clock
from api.model.ids import IdSource
from api.model.operation import Create
from api.model.resources import Resource, Resources
from api.wire.convert import resource_list_from_wire
from api.wire.errors import WireError
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider import events, messages
from provider.calls import PluginError, Request
from provider.checkpoint import ProviderTables
from provider.executor import Executor
from provider.machine import Machine
from provider.observer import Observer
from provider.records import Checkpoint
from provider.starts import Kind
from provider.status_stream import Resend
from store.port import Store

if TYPE_CHECKING:
    import random  # noqa: TID251 - only its type

log = logging.getLogger(__name__)

MAKING_SECONDS: Final = 0.02
"""Between looks whether a volume that a task waits for was made; it is a directory, so that it is soon."""

OWN = ""
"""The provider id by which the host is told of its own resources' statuses."""


class OwnVolumes(Protocol):
    """Directories of persistent volumes on the agent's own disk. Repeatable; synchronous, run in a thread."""

    def make(self, role: str, persistence_id: str) -> str:
        """The directory of a new volume, which exists afterwards. Repeatable. Raises OSError, also when there
        are data in it: they are of a volume that nobody knows any more."""

    def destroy(self, role: str, persistence_id: str) -> None:
        """Remove the volume with its data; one that is not there is fine. Raises OSError."""


class OwnHost(Protocol):
    """Whom the reports and statuses are for: the same object that the manager tells."""

    def provider_updated(self, info: mesos.ResourceProviderInfo | None, state: rp.CallUpdateState) -> None:
        """All resources and operations; `info` is None, as there is no provider id."""

    def operation_status(self, provider_id: str, update: rp.CallUpdateOperationStatus) -> None:
        """A status; `provider_id` is OWN."""


@dataclass(frozen=True, slots=True)
class OwnConfig:
    """What this host has, as configured: cpus, mem, disk, ports, …, statically reserved or not.

    `resend`: when statuses that nobody acknowledges are sent again.
    """

    resources: tuple[Resource, ...]
    resend: Resend = field(default_factory=Resend)


@dataclass(frozen=True, slots=True)
class OwnParts:
    """What it is made of. `failed`: the store failed, so the host must end."""

    store: Store
    tables: ProviderTables
    host: OwnHost
    volumes: OwnVolumes
    clock: Clock
    ids: IdSource
    random: random.Random
    failed: Callable[[BaseException], None] = field(repr=False)
    observer: Observer | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """What a host has when it is configured with other resources: `base` before the reservations and volumes
    that were made on it, `totals` with them. `kept` is not configured any more and stays nevertheless: it is
    reserved, or operations are about to take it."""

    base: Resources
    totals: Resources
    kept: Resources


def _is_same(one: Resource, other: Resource) -> bool:
    """Whether both are the same persistent volume."""
    disks = one.disk, other.disk
    ids = [disk.persistence.id for disk in disks if disk is not None and disk.persistence is not None]
    return len(ids) == 2 and ids[0] == ids[1] and one.role == other.role


def _unreserved(resources: Resources) -> Resources:
    return Resources(dataclasses.replace(resource, reservations=()) for resource in resources)


def planned(machine: Machine, base: Resources, resources: Sequence[Resource]) -> Planned:
    """What the host of `machine` would have with `resources` instead of `base`. What is reserved or made
    persistent stays."""
    wanted = Resources(resources)
    kept = machine.totals.missing(base - wanted, machine.operations.taken)
    if kept:
        wanted = wanted - _unreserved(kept.reserved()) + kept  # it takes its room from what is free
    return Planned(wanted, machine.totals.all() - (base - wanted) + (wanted - base), kept)


def planned_start(
    store: Store, tables: ProviderTables, ids: IdSource, rng: random.Random, resources: Sequence[Resource]
) -> Planned:
    """What a host whose agent does not run would have after a start with these. Changes nothing."""
    checkpoint = store.read(tables.load)
    return planned(_machine(checkpoint, ids, rng, Resend()), Resources(checkpoint.base or ()), resources)


def _machine(checkpoint: Checkpoint, ids: IdSource, rng: random.Random, resend: Resend) -> Machine:
    return Machine(
        checkpoint,
        kind=Kind.HOST,
        vendor="",
        mount_root="",
        boot_id="",
        ids=ids,
        random=rng,
        resend=resend,
    )


class OwnResources:
    """The provider without an id. A service (`start`, `stop`) and an operation sink, as the manager is."""

    def __init__(self, config: OwnConfig, parts: OwnParts) -> None:
        self._config = config
        self._wire = messages.WireResources()
        self._parts = parts

    @property
    def machine(self) -> Machine:
        """For those who look. Known after `start`."""
        return self._executor.machine

    def totals(self) -> Resources:
        """All of them, as they are reserved now. Known after `start`."""
        return self._executor.machine.totals.all()

    def expected(self) -> Resources:
        """The same when the operations under way have succeeded, as tasks may have been launched on that."""
        return self._executor.machine.operations.expected

    def has_volume(self, role: str, persistence_id: str) -> bool:
        """Whether a persistent volume of that name is known, or being made. Known after `start`."""
        return self._executor.machine.totals.has_name(role, persistence_id)

    async def start(self) -> None:
        """Recover, take the configuration in, report.

        What is reserved or made persistent stays, also when the host is configured with less than that.
        Raises StoreError.
        """
        parts = self._parts
        checkpoint = parts.store.read(parts.tables.load)
        machine = _machine(checkpoint, parts.ids, parts.random, self._config.resend)
        self._executor = Executor(
            machine, parts.store, parts.tables, parts.clock, self, parts.failed, parts.observer
        )
        self._base = Resources(checkpoint.base or ())
        self._executor.start()
        self._configure(self.plan(self._config.resources))
        self.ask_for_reports()

    def plan(self, resources: Sequence[Resource]) -> Planned:
        """What the host would have with these. What is reserved or made persistent stays."""
        return planned(self._executor.machine, self._base, resources)

    async def configure(self, resources: Sequence[Resource]) -> Planned:
        """The host has these from now on; durable when this returns. Raises StoreFailed."""
        planned = self.plan(resources)
        self._configure(planned)
        await self._parts.store.write(
            lambda _: None
        )  # in order: what was submitted before it is durable, too
        return planned

    def _configure(self, planned: Planned) -> None:
        if planned.kept:
            log.warning(
                "this host is configured with less than is reserved on it: %s stays for that", planned.kept
            )
        if planned.base != self._base:
            self._executor.feed(events.Configure(tuple(self._base), tuple(planned.base)))
            self._base = planned.base

    async def stop(self) -> None:
        """Stop; nothing is lost."""
        await self._executor.stop()

    # The same as the manager's, for operations without a provider id

    def apply_operation(self, provider_id: str, operation: rp.EventApplyOperation) -> None:
        """Apply it once, however often it is said."""
        try:
            event: events.Event = messages.apply_in(operation)
        except WireError as error:
            event = events.RefuseOperation(messages.uuid_of(operation), str(error))
        self._executor.feed(event)

    def acknowledge(self, provider_id: str, acknowledgement: rp.EventAcknowledgeOperationStatus) -> None:
        """That status has arrived for good."""
        self._executor.feed(messages.acknowledge_in(acknowledgement))

    def reconcile(self, provider_id: str, operation_uuids: Sequence[mesos.UUID]) -> None:
        """Say again how these operations stand."""
        content = rp.EventReconcileOperations(operation_uuids=list(operation_uuids))
        if operation_uuids:
            self._executor.feed(messages.reconcile_in(content))

    def intervene(self, provider_id: str, operation: mesos.UUID, event: rp.Event) -> None:
        """What an operator wants of an operation that is stuck."""
        if event.retry_operation is not UNSET:
            self._executor.feed(messages.retry_in(event.retry_operation))
        elif event.abandon_operation is not UNSET:
            self._executor.feed(messages.abandon_in(event.abandon_operation))

    def ask_for_reports(self) -> None:
        """Report the state now, and every unacknowledged status."""
        self._executor.feed(events.Reconcile(()))

    # Who uses volumes

    async def lacking(self, resources: Sequence[mesos.Resource]) -> str | None:
        """The first persistent volume among `resources` that is not here, in words; None when all are. Waits
        for those that operations under way are making: what is in their directories before may be data of
        somebody else."""
        wanted = [r for r in resource_list_from_wire(resources) if r.is_persistent]
        names = [(r.role, r.disk.persistence.id) for r in wanted if r.disk and r.disk.persistence]
        while True:
            if not self._is_making(wanted):
                absent = (name for name in names if not self.has_volume(*name))
                return next((f"{name!r} of role {role!r}" for role, name in absent), None)
            await asyncio.sleep(MAKING_SECONDS)

    def _is_making(self, wanted: Sequence[Resource]) -> bool:
        operations = [record.operation for record in self._executor.machine.operations.pending()]
        made = [volume for each in operations if isinstance(each, Create) for volume in each.volumes]
        return any(_is_same(volume, each) for volume in made for each in wanted)

    def hold(self, resources: Sequence[mesos.Resource], user: str) -> None:
        """`user` uses the persistent volumes among `resources` from now on. Idempotent."""
        volumes = tuple(r for r in resource_list_from_wire(resources) if r.is_persistent)
        if volumes:
            self._executor.feed(events.Publish(self._parts.ids.uuid(), volumes, user))

    def release(self, user: str) -> None:
        """`user` uses nothing any more. Idempotent."""
        self._executor.feed(events.Unpublish(user))

    # What the executor asks (`provider.executor.Edge`)

    async def call_plugin(self, request: Request[Any]) -> Any:
        """See `Edge.call_plugin`: there is no plugin."""
        raise PluginError("UNIMPLEMENTED", f"{type(request).__name__}: the host has no plugin")

    async def act(self, action: events.HostAction) -> None:
        """See `Edge.act`. Raises OSError."""
        assert isinstance(action, events.MakeVolume | events.RemoveVolume)
        resource = action.resource
        assert resource.disk is not None and resource.disk.persistence is not None
        if resource.disk.source is not None:
            raise OSError(f"{resource}: persistent volumes are made on the agent's root disk only")
        role, name = resource.role, resource.disk.persistence.id
        volumes = self._parts.volumes
        loop = asyncio.get_running_loop()
        if isinstance(action, events.MakeVolume):
            await loop.run_in_executor(None, lambda: volumes.make(role, name))
        else:
            await loop.run_in_executor(None, lambda: volumes.destroy(role, name))

    async def send(
        self, instruction: events.SendStatus | events.SendUnknownOperation | events.AnswerPublish
    ) -> None:
        """See `Edge.send`."""
        match instruction:
            case events.SendStatus(record, status):
                self._parts.host.operation_status(OWN, messages.status_out(record, status, None))
            case events.SendUnknownOperation(uuid, message):
                self._parts.host.operation_status(OWN, messages.unknown_out(uuid, None, message))
            case events.AnswerPublish(message=message):
                if message is not None:
                    log.warning("a volume that is used is not held: %s", message)

    def snapshot(self) -> rp.CallUpdateState:
        """See `Edge.snapshot`."""
        return messages.state_out(self.machine, self._wire)

    async def report(self, snapshot: Any) -> None:
        """See `Edge.report`."""
        self._parts.host.provider_updated(None, snapshot)
