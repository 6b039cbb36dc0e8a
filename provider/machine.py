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

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from api.model.disk import SourceType
from api.model.ids import IdSource
from api.model.operation import (
    OperationEvent,
)
from api.model.resources import Conversion, Resource, Resources
from provider.accounts import LAG_SECONDS
from provider.adoption import Admissions
from provider.attempts import Attempts, Instant, Turn
from provider.capacity import CapacityReading
from provider.dead_mounts import DeadMounts
from provider.deletions import Deletions
from provider.disks import Disks
from provider.driver import VolumeDriver
from provider.events import (
    AbandonOperation,
    Acknowledge,
    AdmitVolume,
    ApplyOperation,
    CallDone,
    CallFailed,
    CallPlugin,
    CheckAtRest,
    Configure,
    Disconnected,
    Event,
    Instruction,
    PluginReady,
    ProfilesChanged,
    Publish,
    Reconcile,
    RefreshDue,
    RefuseOperation,
    RetryOperation,
    SendUnknownOperation,
    Subscribed,
    Tick,
    Unpublish,
)
from provider.interventions import Interventions
from provider.known_profiles import KnownProfiles
from provider.learner import Learner
from provider.listing import Listing
from provider.notices import Notice, NoticeSource, told
from provider.operations import Operations
from provider.publications import Publications
from provider.records import Checkpoint, OperationRecord, Profile, SaveBase, SavePluginName, SaveProviderId
from provider.starts import Kind, Starts
from provider.status_stream import Resend
from provider.stuck import Stuck
from provider.totals import Totals
from provider.troubles import Troubles

if TYPE_CHECKING:
    import random  # noqa: TID251 - only its type


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
        admit: tuple[str, ...] = (),
        lag_seconds: float = LAG_SECONDS,
        learns: bool = True,
        resend: Resend = Resend(),
    ) -> None:
        self.kind = kind
        self.provider_id = checkpoint.provider_id
        self._plugin_name = checkpoint.plugin_name
        self.known_profiles = KnownProfiles(checkpoint)
        self.version = ids.uuid()
        self.totals = Totals(vendor, checkpoint, lag_seconds, learns=learns)
        self.operations = Operations(self.totals, ids, self._start, self.renew, resend)
        self.operations.load(checkpoint.operations, checkpoint.remembered)
        self.driver = VolumeDriver(checkpoint, attempts := Attempts(random), mount_root, boot_id)
        self.attempts = attempts
        admissions = Admissions(self.totals, vendor, admit)
        self.disks = Disks(
            self,
            self.totals,
            self.driver,
            attempts,
            self.known_profiles,
            lambda: self.listing.foreign(),
            admissions.sizes,
        )
        self.learner = Learner(self, self.totals, learns=learns)
        self.capacity = CapacityReading(self, self.totals, self.driver, attempts, self.learner)
        self._ids = ids
        deletions = Deletions(self, self.totals, self.driver, self.known_profiles)
        self._starts = Starts(self, kind, self.totals, self.driver, self.disks, deletions, attempts)
        self.troubles = Troubles(kind, self.operations, attempts, self.driver, self.disks)
        interventions = Interventions(self.operations, self._starts, attempts, self.troubles)
        self.listing = Listing(self, checkpoint, self.totals, self.driver, attempts, admissions)
        self._mounts, self._stuck = DeadMounts(self.driver, attempts), Stuck(self.driver, attempts)
        self.notice_sources: list[NoticeSource] = [self.listing, interventions, self._mounts, self._stuck]
        """Rooms that find out about volumes; what they say is gathered for the report."""
        publications = Publications(kind, self.driver, self.operations)
        self._handlers: Mapping[type[Any], Callable[[Turn, Any], None]] = {
            Subscribed: self._subscribed,
            Disconnected: lambda turn, event: self.operations.streams.pause(),
            ApplyOperation: self.operations.accept,
            RefuseOperation: self._refuse,
            Acknowledge: self.operations.acknowledge,
            Reconcile: self._reconcile,
            RetryOperation: interventions.retry,
            AbandonOperation: interventions.abandon,
            Configure: self._configure,
            Publish: publications.publish,
            Unpublish: publications.unpublish,
            CheckAtRest: publications.check_at_rest,
            PluginReady: self._ready,
            ProfilesChanged: self._profiles_changed,
            RefreshDue: self._refresh_due,
            AdmitVolume: self.listing.admit,
            CallDone: self._call_done,
            CallFailed: self._call_failed,
            Tick: lambda turn, event: None,
        }

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """Those that can be asked for, by name."""
        return self.known_profiles.in_force

    def resume(self, at: Instant) -> list[Instruction]:
        """What to go on with after the checkpoint was read; nothing for an empty one."""
        turn = Turn(at)
        self.totals.now = at.monotonic
        self.totals.accounts.begin(at.monotonic)
        self._starts.resuming = True
        self.operations.resume(turn)
        self._starts.resuming = False
        return self._close(turn)

    def handle(self, event: Event, at: Instant) -> list[Instruction]:
        """What `event` brings about."""
        turn = Turn(at)
        self.totals.now = at.monotonic
        self._handlers[type(event)](turn, event)
        return self._close(turn)

    def _close(self, turn: Turn) -> list[Instruction]:
        self.attempts.fire(turn)
        self.capacity.fire(turn)
        self.listing.fire(turn)
        self.operations.send_due(turn)
        return turn.instructions()

    def next_due(self) -> float | None:
        """When a `Tick` has something to do (monotonic seconds), or None."""
        times = (
            self.attempts.next_due(),
            self.capacity.next_due(),
            self.listing.next_due(),
            self.operations.streams.next_due(),
        )
        return min((t for t in times if t is not None), default=None)

    # Session

    def _subscribed(self, turn: Turn, event: Subscribed) -> None:
        if event.provider_id is not None and event.provider_id != self.provider_id:
            assert self.provider_id is None, f"this provider is {self.provider_id}, not {event.provider_id}"
            self.provider_id = event.provider_id
            turn.persist(SaveProviderId(event.provider_id))
            self.settle(turn)
        self.renew(turn)
        self.listing.subscribed(turn)
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
        changes = self.totals.settle(self.provider_id, self.operations.under_way.held)
        if changes:
            turn.persist(*changes)
            if outside:
                self.renew(turn)
            else:
                turn.report(urgent=False)

    # Plugin

    def _refresh_due(self, turn: Turn, event: RefreshDue) -> None:
        self.capacity.refresh(turn)
        self.listing.refresh_due(turn)
        self._mounts.released(turn)
        self._mounts.look_if_due(turn)
        self._stuck.look(turn)

    @property
    def plugin_name(self) -> str | None:
        """What the plugin is called that looks after the volumes here; None while there are none."""
        return self._plugin_name if self.driver.volumes else None

    def _ready(self, turn: Turn, event: PluginReady) -> None:
        if event.facts.name != self._plugin_name:
            self._plugin_name = event.facts.name
            turn.persist(SavePluginName(event.facts.name))
        self.driver.ready(turn, event.facts)
        self.disks.ready(turn)
        self._starts.growth.ready(turn)
        self._mounts.look(turn)
        self.learner.ready(turn, event.facts, event.running)
        self.capacity.refresh(turn)
        self.listing.ready(turn)
        turn.report(urgent=False)

    def _profiles_changed(self, turn: Turn, event: ProfilesChanged) -> None:
        turn.persist(*self.known_profiles.take(event.profiles))
        self.totals.set_profiles(self.profiles)
        self.settle(turn, outside=True)
        self.capacity.refresh(turn)
        turn.report(urgent=False)

    def _call_done(self, turn: Turn, event: CallDone) -> None:
        attempt = self.attempts.take(event.call)
        if attempt is not None:
            attempt.done(turn, event.result)
            if attempt.failures:
                turn.report(urgent=False)  # what was told to stand in the way does so no more

    def _call_failed(self, turn: Turn, event: CallFailed) -> None:
        attempt = self.attempts.take(event.call)
        if attempt is not None:
            if isinstance(attempt.instruction, CallPlugin):
                self.learner.refused(turn, attempt.instruction.request, event.code, event.message)
            attempt.failed(turn, attempt, event)
            if attempt.is_told:
                turn.report(urgent=False)

    def notices(self) -> tuple[list[Notice], int]:
        """Volumes that are not as they should be, the worst first; and how many there are in all."""
        return told(self.notice_sources)

    # Operations

    def _refuse(self, turn: Turn, event: RefuseOperation) -> None:
        turn.act(SendUnknownOperation(event.uuid, event.message))
        self.renew(turn)  # it may have been taken for done already

    def finish(self, turn: Turn, uuid: UUID, converted: tuple[Resource, ...]) -> None:
        """An operation was done."""
        self.operations.finish(turn, uuid, converted)

    def place(self, turn: Turn, uuid: UUID, topology: Mapping[str, str]) -> Mapping[str, str]:
        """From where the volume of a creation has to be reachable: as it was when that was first said."""
        return self.operations.place(turn, uuid, topology)

    def end(self, turn: Turn, uuid: UUID, how: OperationEvent, message: str) -> None:
        """An operation was not done."""
        self.operations.end(turn, uuid, how, message)

    def is_abandoned(self, uuid: UUID) -> bool:
        """Whether an operator gave the operation up."""
        return self.operations.is_abandoned(uuid)

    def _start(self, turn: Turn, record: OperationRecord) -> None:
        self._starts.start(turn, record)

    def validate_state(self) -> None:
        """Raises AssertionError when an invariant is broken. Cheap enough for every step of a test."""
        self.totals.validate()
        self.operations.validate()
        self.attempts.validate()
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
