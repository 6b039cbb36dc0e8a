"""A machine with its surroundings, stepped by hand: what crash tests and stories are played on.

Instructions are carried out one at a time, so that a test may stop after any of them. What survives
a stop is `disk` (the checkpoint) and `plugin`; memory, calls in flight and sessions do not.
"""

from __future__ import annotations

import random
import uuid
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any

from api.model.ids import SeededIds
from provider import records
from provider.attempts import Instant
from provider.calls import Outcome, PluginError
from provider.events import (
    Acknowledge,
    ActOnHost,
    AnswerPublish,
    CallDone,
    CallFailed,
    CallPlugin,
    Event,
    ExamineMounts,
    HostAction,
    Instruction,
    Persist,
    PluginReady,
    ProfilesChanged,
    RefreshDue,
    ReportState,
    SendStatus,
    SendUnknownOperation,
    Subscribed,
    Tick,
    WipeContents,
)
from provider.machine import Machine
from provider.records import Checkpoint, OperationRecord, Profile
from provider.starts import Kind
from provider.volume import VolumeCapability
from tests.provider.model_plugin import ModelPlugin

PROVIDER = "provider-1"
VENDOR = "org.apache.mesos.rp.local.storage.local"
DEFAULT = Profile("default", VolumeCapability(fs_type="ext4"))
BLOCK = Profile("block", VolumeCapability(block=True))


class Stopped(Exception):
    """The process died here."""


@dataclass
class Disk:
    """A checkpoint kept as the changes say."""

    checkpoint: Checkpoint = field(default_factory=Checkpoint)

    def write(self, changes: tuple[records.Change, ...]) -> None:
        for change in changes:
            self.checkpoint = self._apply(change)

    def _apply(self, change: records.Change) -> Checkpoint:
        held = self.checkpoint
        match change:
            case records.SaveOperation(record):
                kept = {r.uuid: r for r in held.operations} | {record.uuid: record}
                return replace(held, operations=tuple(kept.values()))
            case records.SaveAcknowledged(record):
                every = {r.uuid: r for r in (*held.operations, *held.remembered)} | {record.uuid: record}
                return replace(
                    held,
                    operations=tuple(r for r in every.values() if r.acknowledged is None),
                    remembered=tuple(r for r in every.values() if r.acknowledged is not None),
                )
            case records.ForgetOperation(gone):
                return replace(
                    held,
                    operations=tuple(r for r in held.operations if r.uuid != gone),
                    remembered=tuple(r for r in held.remembered if r.uuid != gone),
                )
            case records.SaveVolume(volume):
                volumes = {v.id: v for v in held.volumes} | {volume.id: volume}
                return replace(held, volumes=tuple(volumes.values()))
            case records.ForgetVolume(name):
                return replace(held, volumes=tuple(v for v in held.volumes if v.id != name))
            case records.SaveHolders(name, users, readers):
                return replace(
                    held, holders={**held.holders, name: users}, readers={**held.readers, name: readers}
                )
            case records.SaveDivisible(resources):
                return replace(held, divisible=resources)
            case records.SaveCapacity(available):
                return replace(held, available=dict(available))
            case records.SaveLearned(learned):
                return replace(held, learned=learned)
            case records.SaveDisk(resource, count):
                others = tuple((r, c) for r, c in held.disks if r != resource)
                return replace(held, disks=(*others, (resource, count)) if count else others)
            case records.SaveProfile(profile):
                profiles = {p.name: p for p in held.profiles} | {profile.name: profile}
                return replace(held, profiles=tuple(profiles.values()))
            case records.SaveProfilesInForce(names):
                return replace(held, profiles_in_force=names)
            case records.SaveWithheld(ids):
                return replace(held, withheld=ids)
            case records.SaveProviderId(name):
                return replace(held, provider_id=name)
            case records.SavePluginName(name):
                return replace(held, plugin_name=name)
            case records.SaveBase(resources):
                return replace(held, base=resources)


class World:
    """One provider's machine, its disk, its plugin and its owner (who acknowledges what it is told)."""

    def __init__(
        self,
        plugin: ModelPlugin,
        profiles: tuple[Profile, ...] = (DEFAULT,),
        seed: int = 1,
        acknowledge: bool = True,
        admit: tuple[str, ...] = (),
    ) -> None:
        self.admit = admit
        self.learns = True
        self.plugin = plugin
        self.profiles = profiles
        self.disk = Disk()
        self.random = random.Random(seed)
        self.ids = SeededIds(self.random)
        self.now = 0.0
        self.boot = "boot-1"
        self.acknowledge = acknowledge
        self.told: dict[uuid.UUID, list[OperationRecord]] = {}
        self.unknown: list[uuid.UUID] = []
        self.answers: dict[uuid.UUID, AnswerPublish] = {}
        self.reports = 0
        self.done = 0
        self.stop_after: int | None = None
        self.starts = 0

    def start(self, *, plugin_up: bool = True) -> None:
        """A process comes up: machine from the checkpoint, session, profiles, plugin (unless it is late)."""
        self.starts += 1
        self.queue: deque[Instruction] = deque()
        self.machine = Machine(
            self.disk.checkpoint,
            kind=Kind.PLUGIN,
            vendor=VENDOR,
            mount_root="/run/volumes",
            boot_id=self.boot,
            ids=self.ids,
            random=self.random,
            admit=self.admit,
            learns=self.learns,
        )
        self.queue.extend(self.machine.resume(Instant(self.now, self.now)))
        self.feed(ProfilesChanged({p.name: p for p in self.profiles}))
        self.feed(Subscribed(PROVIDER))
        if plugin_up:
            self.feed(PluginReady(self.plugin.facts))

    def feed(self, *events: Event) -> None:
        """Events come in; nothing is carried out yet."""
        for event in events:
            self.queue.extend(self.machine.handle(event, Instant(self.now, self.now)))
            self.machine.validate_state()

    def run(self, seconds: float = 4000.0) -> None:
        """Carry out everything, letting time pass when there is nothing else to do."""
        end = self.now + seconds
        while self.now <= end:
            while self.queue:
                self._step(self.queue.popleft())
            due = self.machine.next_due()
            if due is None or due > end:
                return
            self.now = max(self.now, due)
            self.feed(Tick())

    def apply(self, *events: Event) -> None:
        self.feed(*events)
        self.run()

    def refresh(self) -> None:
        self.apply(RefreshDue())

    def last(self, operation: uuid.UUID) -> OperationRecord:
        """What the owner was told last."""
        return self.told[operation][-1]

    @property
    def totals(self) -> list[str]:
        """What the provider owns, for people."""
        return sorted(str(r) for r in self.machine.totals.all())

    def _step(self, instruction: Instruction) -> None:
        self._carry_out(instruction)
        self.done += 1
        if self.done == self.stop_after:
            raise Stopped

    def _carry_out(self, instruction: Instruction) -> None:
        match instruction:
            case Persist(changes):
                self.disk.write(changes)
            case CallPlugin(call, request):
                self._call(call, request)
            case ActOnHost(call, action):
                self.feed(CallDone(call, self._act(action)))
            case SendStatus(record, status):
                self.told.setdefault(record.uuid, []).append(record)
                if status is not None and self.acknowledge:
                    self.feed(Acknowledge(record.uuid, status))
            case SendUnknownOperation(name):
                self.unknown.append(name)
            case AnswerPublish(request=request):
                self.answers[request] = instruction
            case ReportState():
                self.reports += 1

    def _call(self, call: int, request: Any) -> None:
        try:
            result = self.plugin.answer(request)
        except PluginError as error:
            self.feed(CallFailed(call, error.outcome, error.code, error.message))
        else:
            # An answer that comes and a process that dies before it is noted differ for the stop only.
            self.done += 1
            if self.done == self.stop_after:
                raise Stopped
            self.feed(CallDone(call, result))

    def _act(self, action: HostAction) -> Any:
        if isinstance(action, ExamineMounts):
            return self.plugin.examine(action.mounts)
        assert isinstance(action, WipeContents)
        self._wipe(action.path)
        return None

    def _wipe(self, path: str) -> None:
        volume = next(v for v in self.plugin.volumes.values() if v.published == path)
        volume.data.clear()


def unknown_outcome(code: str = "UNAVAILABLE") -> PluginError:
    error = PluginError(code, "lost")
    assert error.outcome is not Outcome.REFUSED
    return error
