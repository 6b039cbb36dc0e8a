"""The provider's machine: events in, instructions out.

Theory of operation. `handle` takes one event and returns what has to be done about it, in order. The
first instruction, if anything durable changed, is one `Persist` with all the changes: what an event
brings about becomes durable as a whole or not at all, and before anything that depends on it is
done. The machine never waits: answers come back as events. After a crash a new machine is made from
the checkpoint, `resume` gives the instructions to go on with, and from there on it is the ordinary
way again.

No I/O, no clock, no randomness of its own. It must not import messages, stubs or tables.

Without a plugin (`Kind.HOST`) it is the machine of a host's own resources: CREATE and DESTROY are
then actions on the host's directories, and there are no disks to be made.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from api.model.disk import SourceType
from api.model.ids import IdSource
from api.model.operation import (
    Create,
    CreateDisk,
    Destroy,
    DestroyDisk,
    OperationEvent,
    resources_of,
    speculative_conversion,
)
from api.model.resources import Conversion, Resource, Resources
from provider.attempts import Attempt, Attempts, Instant, Turn
from provider.capacity import CapacityReading
from provider.disks import Disks
from provider.driver import VolumeDriver, held_by
from provider.events import (
    Acknowledge,
    AnswerPublish,
    ApplyOperation,
    CallDone,
    CallFailed,
    Configure,
    Disconnected,
    Event,
    Instruction,
    MakeVolume,
    PluginReady,
    ProfilesChanged,
    Publish,
    PublishedVolume,
    Reconcile,
    RefreshDue,
    RefuseOperation,
    RemoveVolume,
    SendUnknownOperation,
    Subscribed,
    Tick,
    Unpublish,
)
from provider.operations import Operations
from provider.records import Checkpoint, OperationRecord, Profile, SaveBase, SaveProviderId
from provider.totals import Totals
from provider.wipes import Wipes

if TYPE_CHECKING:
    import random  # noqa: TID251 - only its type


TOLD_FAILURES = frozenset({1, 4, 16, 64, 256})
"""Numbers of failed attempts of one call at which its operation's owner is told what stands in the way."""


class Kind(enum.Enum):
    """Whose resources the machine looks after."""

    PLUGIN = "plugin"
    """A CSI plugin's pools and disks, under a provider id."""
    HOST = "host"
    """A host's own resources, which have no provider id."""


class Machine:
    """The state of one provider. Not safe for concurrent use: events come one after the other."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        *,
        kind: Kind,
        vendor: str,
        mount_root: str,
        boot_id: str,
        ids: IdSource,
        random: random.Random,
    ) -> None:
        self.kind = kind
        self.provider_id = checkpoint.provider_id
        self.profiles: Mapping[str, Profile] = {p.name: p for p in checkpoint.profiles}
        self.version = ids.uuid()
        self.totals = Totals(vendor, checkpoint)
        self.operations = Operations(self.totals, ids, self._start, self.renew)
        self.operations.load(checkpoint.operations)
        self.driver = VolumeDriver(checkpoint, attempts := Attempts(random), mount_root, boot_id)
        self.attempts = attempts
        self.disks = Disks(
            self,
            self.totals,
            self.driver,
            attempts,
            lambda name: self.profiles.get(name),
            checkpoint.profiles,
        )
        self.capacity = CapacityReading(self, self.totals, self.driver, attempts, vendor)
        self._ids = ids
        self._resuming = False
        self._wipes = Wipes(self, self.driver)
        self._handlers: Mapping[type[Any], Callable[[Turn, Any], None]] = {
            Subscribed: self._subscribed,
            Disconnected: lambda turn, event: self.operations.streams.pause(),
            ApplyOperation: self.operations.accept,
            RefuseOperation: self._refuse,
            Acknowledge: self.operations.acknowledge,
            Reconcile: self._reconcile,
            Configure: self._configure,
            Publish: self._publish,
            Unpublish: self._unpublish,
            PluginReady: self._ready,
            ProfilesChanged: self._profiles_changed,
            RefreshDue: lambda turn, event: self.capacity.refresh(turn),
            CallDone: self._call_done,
            CallFailed: self._call_failed,
            Tick: lambda turn, event: None,
        }

    def resume(self, at: Instant) -> list[Instruction]:
        """What to go on with after the checkpoint was read; nothing for an empty one."""
        turn = Turn(at)
        self._resuming = True
        self.operations.resume(turn)
        self._resuming = False
        return self._close(turn)

    def handle(self, event: Event, at: Instant) -> list[Instruction]:
        """What `event` brings about."""
        turn = Turn(at)
        self._handlers[type(event)](turn, event)
        return self._close(turn)

    def _close(self, turn: Turn) -> list[Instruction]:
        self.attempts.fire(turn)
        self.operations.send_due(turn)
        return turn.instructions()

    def next_due(self) -> float | None:
        """When a `Tick` has something to do (monotonic seconds), or None."""
        times = (self.attempts.next_due(), self.operations.streams.next_due())
        return min((t for t in times if t is not None), default=None)

    # Session

    def _subscribed(self, turn: Turn, event: Subscribed) -> None:
        if event.provider_id is not None and event.provider_id != self.provider_id:
            assert self.provider_id is None, f"this provider is {self.provider_id}, not {event.provider_id}"
            self.provider_id = event.provider_id
            turn.persist(SaveProviderId(event.provider_id))
            self.settle(turn)
        self.renew(turn)
        self.operations.streams.resume(turn.at.monotonic)

    def _reconcile(self, turn: Turn, event: Reconcile) -> None:
        if event.operations:
            self.operations.reconcile(turn, event.operations)
        else:
            self.operations.streams.resume(turn.at.monotonic)
            turn.report(urgent=True)

    def _configure(self, turn: Turn, event: Configure) -> None:
        before, after = Resources(event.base), Resources(event.wanted)
        turn.persist(*self.totals.apply(Conversion(before - after, after - before)))
        turn.persist(SaveBase(tuple(after)))
        self.renew(turn)

    def renew(self, turn: Turn) -> None:
        """Totals are not what others may assume: a new resource version, reported at once."""
        self.version = self._ids.uuid()
        turn.report(urgent=True)

    def settle(self, turn: Turn, *, outside: bool = False) -> None:
        """Bring the pools in line with the capacity. `outside`: it changed outside of operations."""
        if self.provider_id is None:
            return
        changes = self.totals.settle(self.provider_id, self.operations.held())
        if changes:
            turn.persist(*changes)
            if outside:
                self.renew(turn)
            else:
                turn.report(urgent=False)

    # Plugin

    def _ready(self, turn: Turn, event: PluginReady) -> None:
        self.driver.ready(turn, event.facts)
        self.disks.ready(turn)
        self.capacity.refresh(turn)
        turn.report(urgent=False)

    def _profiles_changed(self, turn: Turn, event: ProfilesChanged) -> None:
        self.profiles = dict(event.profiles)
        self.totals.set_profiles(self.profiles)
        self.settle(turn, outside=True)
        self.capacity.refresh(turn)
        turn.report(urgent=False)

    def _call_done(self, turn: Turn, event: CallDone) -> None:
        attempt = self.attempts.take(event.call)
        if attempt is not None:
            attempt.done(turn, event.result)

    def _call_failed(self, turn: Turn, event: CallFailed) -> None:
        attempt = self.attempts.take(event.call)
        if attempt is not None:
            attempt.failed(turn, attempt, event)
            if attempt.failures in TOLD_FAILURES:
                turn.report(urgent=False)

    def trouble_of(self, record: OperationRecord) -> str | None:
        """What stands in the way of a pending operation: the last answer to a call that is being repeated."""
        about = [f"CreateVolume {record.uuid}"]
        about += [f"of volume {key}" for r in resources_of(record.operation) if (key := volume_key(r))]
        for what, answer in self.attempts.troubles().items():
            if what.endswith(tuple(about)):
                return f"{what} is being repeated: {answer}"
        return None

    # Operations

    def _refuse(self, turn: Turn, event: RefuseOperation) -> None:
        turn.act(SendUnknownOperation(event.uuid, event.message))
        self.renew(turn)  # it may have been taken for done already

    def finish(self, turn: Turn, uuid: UUID, converted: tuple[Resource, ...]) -> None:
        """An operation was done."""
        self.operations.finish(turn, uuid, converted)

    def end(self, turn: Turn, uuid: UUID, how: OperationEvent, message: str) -> None:
        """An operation was not done."""
        self.operations.end(turn, uuid, how, message)

    def _start(self, turn: Turn, record: OperationRecord) -> None:
        operation = record.operation
        match operation:
            case CreateDisk() | DestroyDisk() if self.kind is Kind.HOST:
                message = (
                    f"{operation.type}: the agent's own disks are no provider's: use a RAW disk on offer"
                )
                self.end(turn, record.uuid, OperationEvent.FAIL, message)
            case CreateDisk():
                self.capacity.disturb()
                self.disks.create(turn, record, resumed=self._resuming)
            case DestroyDisk():
                self.capacity.disturb()
                self.disks.destroy(turn, record)
            case Create():
                self._create(turn, record, operation)
            case Destroy():
                self._destroy(turn, record, operation)
            case _:
                self.convert(turn, record)

    def convert(self, turn: Turn, record: OperationRecord) -> None:
        """A speculative operation was done: what it does to totals is known."""
        operation = record.operation
        assert not isinstance(operation, CreateDisk | DestroyDisk)
        self.finish(turn, record.uuid, tuple(speculative_conversion(operation).converted))
        if self.kind is Kind.PLUGIN:
            self.settle(turn)

    def _create(self, turn: Turn, record: OperationRecord, operation: Create) -> None:
        taken = next((v for v in operation.volumes if self.totals.is_named(v)), None)
        if taken is not None:
            message = f"{taken}: that persistence id is in use for role {taken.role!r}: choose another"
            self.end(turn, record.uuid, OperationEvent.FAIL, message)
        elif self.kind is Kind.PLUGIN:
            self.convert(turn, record)
        else:
            self._act_on_all(turn, record, operation.volumes, MakeVolume)

    def _destroy(self, turn: Turn, record: OperationRecord, operation: Destroy) -> None:
        keys = [volume_key(volume) for volume in operation.volumes]
        users = held_by(keys, self.driver.holders)
        if users is not None:
            self.end(turn, record.uuid, OperationEvent.FAIL, f"the volume is {users}")
        elif self.kind is Kind.HOST:
            self._act_on_all(turn, record, operation.volumes, RemoveVolume)
        else:
            self._wipes.begin(turn, record, keys)

    def _act_on_all(
        self,
        turn: Turn,
        record: OperationRecord,
        volumes: tuple[Resource, ...],
        action: type[MakeVolume] | type[RemoveVolume],
    ) -> None:
        """Carry `action` out on one volume after the other; the first failure fails the operation."""
        remaining = list(volumes)

        def next_one(later: Turn, _: Any = None) -> None:
            if not remaining:
                self.convert(later, record)
                return
            volume = remaining.pop(0).with_allocation(None)
            self.attempts.act(later, action(volume), f"{record.operation.type} of {volume}", next_one, failed)

        def failed(later: Turn, attempt: Attempt, failure: CallFailed) -> None:
            self.end(later, record.uuid, OperationEvent.FAIL, f"{attempt.about}: {failure.message}")

        next_one(turn)

    # Publishing

    def _publish(self, turn: Turn, event: Publish) -> None:
        if self.kind is Kind.HOST:
            self._hold_own(turn, event)
            return
        ids = tuple(dict.fromkeys(key for r in event.resources if (key := volume_key(r))))
        self.driver.publish(turn, event, ids)

    def _unpublish(self, turn: Turn, event: Unpublish) -> None:
        self.driver.unpublish(turn, event.user)
        if event.request is not None:
            turn.act(AnswerPublish(event.request))

    def _hold_own(self, turn: Turn, event: Publish) -> None:
        """Volumes on the host's own disks are usable as they are; only who uses them is noted."""
        keys = list(dict.fromkeys(volume_key(r) for r in event.resources))
        destroyed = {
            volume_key(v)
            for r in self.operations.active()
            if isinstance(r.operation, Destroy)
            for v in r.operation.volumes
        }
        lost = next((k for k in keys if k in destroyed), None)
        if lost is not None:
            turn.act(AnswerPublish(event.request, message=f"volume {lost!r} is being destroyed"))
            return
        for key in keys:
            self.driver.hold(turn, key, event.user)
        turn.act(AnswerPublish(event.request, tuple(PublishedVolume(k, "", False) for k in keys)))

    def validate_state(self) -> None:
        """Raises AssertionError when an invariant is broken. Cheap enough for every step of a test."""
        self.totals.validate()
        self.operations.validate()
        self.driver.validate(tracked=self.kind is Kind.PLUGIN)
        self.disks.validate()
        if self.kind is Kind.PLUGIN:
            self._validate_disks()

    def _validate_disks(self) -> None:
        disks = {r.disk.source.id: r for r in self.totals.disks if r.disk and r.disk.source}
        busy = {str(r.uuid) for r in self.operations.active()}
        for volume in self.driver.volumes.values():
            made = volume.id in disks or volume.operation in busy
            assert made, f"volume {volume.id} exists and nobody is told"
        for disk in disks.values():
            assert disk.disk is not None and disk.disk.source is not None
            known = disk.disk.source.id in self.driver.volumes
            assert known or disk.disk.source.type is SourceType.RAW, f"{disk} has no volume"
        assert len(disks) == len(self.totals.disks), "two disks are one volume"


def volume_key(resource: Resource) -> str:
    """What a volume is called among holders: the plugin's id, or the role and the persistence id."""
    disk = resource.disk
    if disk is None:
        return ""
    if disk.source is not None and disk.source.id is not None:
        return disk.source.id
    return f"{resource.role}#{disk.persistence.id}" if disk.persistence is not None else ""
