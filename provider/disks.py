"""CREATE_DISK: volumes made from pools, and disks that were there before taken on.

A creation is named after its operation's UUID, so that repeating it finds the volume that an earlier,
lost answer was about. What each answer means:

- a volume: FINISHED with what the plugin made; a volume that is not as asked for is deleted again first;
- refused at the first attempt: FAILED, nothing was made;
- unknown or busy: the same call again, for as long as it takes, while the pool stays charged;
- refused at a repeat: this says nothing about the first attempt. A refusal that judges the request
  itself would have met the first attempt as well, so it counts. Any other is checked by listing:
  when the plugin, twice in a row, lists no volume that is not accounted for, nothing was made.
  Otherwise the creation stays pending, is repeated, and its message says what stands in the way.

Pure. Refusing the request because of its resources has been done before it comes here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from api.model.disk import Disk, DiskSource, SourceType
from api.model.operation import CreateDisk, OperationEvent
from api.model.quantity import MILLI, bytes_to_mb_up, mb_milli_to_bytes
from api.model.resources import Conversion, Resource, Resources, Scalar
from provider.attempts import Attempt, Attempts, Turn
from provider.calls import (
    CreatedVolume,
    CreateVolume,
    ListVolumes,
    Outcome,
    ValidateVolume,
    volume_name,
)
from provider.driver import Demand, VolumeDriver
from provider.events import CallFailed
from provider.known_profiles import KnownProfiles
from provider.plausibility import taken, told_size, unfit
from provider.records import OperationRecord, Profile
from provider.totals import Totals, is_pool, pool_profile
from provider.volume import Goal, Volume, VolumeState

JUDGES_THE_REQUEST = frozenset({"INVALID_ARGUMENT", "OUT_OF_RANGE", "UNIMPLEMENTED"})
"""Refusals that depend on nothing but the request, so that a repeat is refused like the first attempt."""

EMPTY_LISTS_NEEDED = 2
"""Listings without an unaccounted volume, each after a refused repeat, until nothing is held to be made."""


class Host(Protocol):
    """What this room asks of the machine."""

    def finish(self, turn: Turn, uuid: UUID, converted: tuple[Resource, ...]) -> None: ...

    def end(self, turn: Turn, uuid: UUID, how: OperationEvent, message: str) -> None: ...

    def settle(self, turn: Turn) -> None: ...

    def place(self, turn: Turn, uuid: UUID, topology: Mapping[str, str]) -> Mapping[str, str]: ...

    def renew(self, turn: Turn) -> None: ...

    def is_abandoned(self, uuid: UUID) -> bool: ...


@dataclass(slots=True)
class _Creation:
    """A CreateVolume that was not answered definitely. `repeated`: an earlier attempt may have done it."""

    record: OperationRecord
    profile: Profile
    size_bytes: int
    repeated: bool
    empty_lists: int = 0


class Disks:
    """Creations and deletions under way of one provider."""

    def __init__(
        self,
        host: Host,
        totals: Totals,
        driver: VolumeDriver,
        attempts: Attempts,
        profiles: KnownProfiles,
        foreign: Callable[[], Collection[str]],
        sizes: Mapping[str, int],
    ) -> None:
        self._host = host
        self._totals = totals
        self._driver = driver
        self._attempts = attempts
        self._profiles = profiles
        self._foreign = foreign
        self._sizes = sizes
        self._unsent: dict[UUID, _Creation] = {}
        self._imports: dict[UUID, Attempt] = {}
        self.discarded: dict[UUID, str] = {}
        """Volumes that were made and are deleted again, by the operation that then fails."""

    # CREATE_DISK

    def create(self, turn: Turn, record: OperationRecord, *, resumed: bool) -> None:
        """Begin, or with `resumed` go on with, a CREATE_DISK."""
        operation = record.operation
        assert isinstance(operation, CreateDisk)
        made = self._made_by(record) if resumed else None
        if made is not None:  # it came out otherwise, or was given up: it was to be deleted again
            self._discard(turn, record, made, None)
            return
        name = operation.target_profile or pool_profile(operation.source)
        # After a restart a creation may have been sent under a profile that is gone since: it goes on.
        profile = (self._profiles.known if resumed else self._profiles.in_force).get(name)
        problem = self._problem(operation, name, profile, record.uuid)
        if problem is not None or profile is None:
            self._host.end(turn, record.uuid, OperationEvent.FAIL, problem or f"no profile {name!r}")
            return
        if not is_pool(operation.source):
            self._import(turn, record, profile)
            return
        size = mb_milli_to_bytes(operation.source.milli)
        creation = _Creation(record, profile, size, repeated=resumed)
        if self._driver.facts is None:
            self._unsent[record.uuid] = creation
        else:
            self._send(turn, creation)

    def ready(self, turn: Turn) -> None:
        """The plugin is up: send what waited for it."""
        waiting, self._unsent = list(self._unsent.values()), {}
        for creation in waiting:
            self._send(turn, creation)

    def _made_by(self, record: OperationRecord) -> Volume | None:
        return next((v for v in self._driver.volumes.values() if v.operation == str(record.uuid)), None)

    def _problem(self, operation: CreateDisk, name: str, profile: Profile | None, uuid: UUID) -> str | None:
        if profile is None:
            return f"there is no profile {name!r} here: choose one that is on offer"
        wanted = SourceType.BLOCK if profile.capability.block else SourceType.MOUNT
        if operation.target_type is not wanted:
            return f"profile {name!r} makes {wanted} disks, not {operation.target_type}: ask for {wanted}"
        if mb_milli_to_bytes(operation.source.milli) <= 0:
            return "a disk of no size was asked for: ask for at least a byte"
        if not self._totals.promise(operation.target_name, uuid):
            target = operation.target
            return f"{target}: that persistence id is in use for role {target.role!r}: choose another"
        return None

    def _send(self, turn: Turn, creation: _Creation) -> None:
        facts = self._driver.facts
        assert facts is not None
        uuid = creation.record.uuid
        if not facts.capabilities.create_delete_volume:
            message = f"the plugin {facts.name} cannot create volumes: use a pre-existing disk"
            self._host.end(turn, uuid, OperationEvent.FAIL, message)
            return
        profile = creation.profile
        request = CreateVolume(
            volume_name(uuid),
            creation.size_bytes,
            profile.capability,
            profile.parameters,
            self._host.place(turn, uuid, facts.topology) if facts.capabilities.topology else {},
            profile.name,
        )
        self._attempts.call(
            turn,
            request,
            f"CreateVolume {uuid}",
            lambda later, volume: self._created(later, creation, volume),
            lambda later, attempt, failure: self._not_created(later, creation, attempt, failure),
        )

    def _created(self, turn: Turn, creation: _Creation, made: CreatedVolume) -> None:
        record, profile = creation.record, creation.profile
        others = taken(made.id, self._driver.volumes, self._foreign())
        if others is not None:
            self._host.end(turn, record.uuid, OperationEvent.FAIL, others)
            return
        problem = unfit(made, creation.size_bytes)
        facts = self._driver.facts
        if problem is not None and (facts is None or not facts.capabilities.list_volumes):
            # Whose it is cannot be known: what is wrong about the answer may be the id.
            text = (
                f"{problem}; volume {made.id!r} is not deleted, as the plugin cannot list its volumes and it "
                "may be somebody else's: delete it at the storage when it is nobody's"
            )
            self._host.end(turn, record.uuid, OperationEvent.FAIL, text)
            return
        volume = Volume(
            made.id,
            VolumeState.CREATED,
            told_size(made.capacity_bytes, creation.size_bytes),
            profile.capability,
            profile.name,
            {} if problem else dict(made.context),
            dict(profile.parameters),
            operation=str(record.uuid),
        )
        self._driver.add(turn, volume)
        if problem is not None or self._host.is_abandoned(record.uuid):
            self._discard(turn, record, volume, problem)
            return
        turn.persist(*self._totals.charge(profile.name, volume.capacity_bytes))
        operation = record.operation
        assert isinstance(operation, CreateDisk)
        self._host.finish(turn, record.uuid, (self._disk(operation, volume),))
        self._host.settle(turn)

    def _disk(self, operation: CreateDisk, volume: Volume) -> Resource:
        """The disk that a volume is: reserved like the pool that it was cut from, and as was asked for."""
        pool = operation.source
        assert pool.disk is not None and pool.disk.source is not None
        source = DiskSource(
            operation.target_type,
            root=self._driver.paths.target(volume.id) if operation.target_type is SourceType.MOUNT else None,
            id=volume.id,
            metadata=tuple(volume.context.items()),
            profile=volume.profile,
            vendor=pool.disk.source.vendor,
        )
        size = Scalar(bytes_to_mb_up(volume.capacity_bytes) * MILLI)
        reservations = (*pool.reservations, *operation.target_reservations)
        disk = Disk(source, operation.target_persistence)
        return Resource("disk", size, reservations, disk, pool.provider_id)

    def _discard(self, turn: Turn, record: OperationRecord, volume: Volume, problem: str | None) -> None:
        """Delete a volume that nobody is to have, and only then fail the operation."""
        message = "the volume that the plugin made is deleted again"
        if not self._host.is_abandoned(record.uuid):
            why = problem or f"it has {volume.capacity_bytes} bytes, and is not what was asked for"
            message = f"{message}: {why}"
        self.discarded[record.uuid] = volume.id

        def deleted(later: Turn) -> None:
            del self.discarded[record.uuid]
            if volume.profile is not None:
                self._totals.pass_by(volume.profile, volume.capacity_bytes)
            self._host.end(later, record.uuid, OperationEvent.FAIL, message)

        def refused(later: Turn, reason: str) -> None:
            del self.discarded[record.uuid]
            self._leave(later, record, volume)
            text = f"{message}; it could not be: {reason}; it is on offer as a disk with id {volume.id}"
            self._host.end(later, record.uuid, OperationEvent.FAIL, text)

        self._driver.demand(turn, volume.id, Demand(Goal.DELETED, deleted, refused))

    def _leave(self, turn: Turn, record: OperationRecord, volume: Volume) -> None:
        """A volume that nobody wants and that cannot be deleted: a disk that is there, free for anybody."""
        operation = record.operation
        assert isinstance(operation, CreateDisk) and volume.profile is not None
        disk = self._disk(operation, volume)
        assert disk.disk is not None and disk.disk.source is not None
        source = replace(disk.disk.source, type=SourceType.RAW, root=None, profile=None)
        free = replace(disk, reservations=self._totals.defaults, disk=Disk(source))
        turn.persist(*self._totals.charge(volume.profile, volume.capacity_bytes))
        turn.persist(*self._totals.apply(Conversion(Resources(), Resources((free,)))))
        self._host.renew(turn)
        self._host.settle(turn)

    def give_up_creation(self, turn: Turn, record: OperationRecord) -> None:
        """An operator abandoned a CREATE_DISK. What may have been made is waited for, and then deleted."""
        importing = self._imports.pop(record.uuid, None)
        unsent = self._unsent.get(record.uuid)
        if importing is not None:
            self._attempts.forget(importing)
            self._host.end(turn, record.uuid, OperationEvent.FAIL, "the disk is as it was")
        elif unsent is not None and not unsent.repeated:
            del self._unsent[record.uuid]
            self._host.end(turn, record.uuid, OperationEvent.FAIL, "nothing was made")

    def _not_created(self, turn: Turn, creation: _Creation, attempt: Attempt, failure: CallFailed) -> None:
        definite = not creation.repeated or failure.code in JUDGES_THE_REQUEST
        if failure.outcome is Outcome.REFUSED and definite:
            self._fail(turn, creation, failure)
            return
        facts = self._driver.facts
        if failure.outcome is not Outcome.REFUSED:
            creation.repeated, creation.empty_lists = True, 0
        elif failure.code != "ALREADY_EXISTS" and facts is not None and facts.capabilities.list_volumes:
            self._look(turn, creation, attempt, failure)
            return
        self._attempts.repeat(attempt, failure, turn.at.monotonic)

    def _fail(self, turn: Turn, creation: _Creation, failure: CallFailed) -> None:
        message = f"CreateVolume was refused: {failure.code}: {failure.message}"
        self._host.end(turn, creation.record.uuid, OperationEvent.FAIL, message)

    def _look(self, turn: Turn, creation: _Creation, attempt: Attempt, failure: CallFailed) -> None:
        """A repeat was refused: see whether an earlier attempt left a volume that nobody accounts for."""

        def listed(later: Turn, volumes: tuple[CreatedVolume, ...]) -> None:
            creation.empty_lists = 0 if self._unaccounted(volumes) else creation.empty_lists + 1
            if creation.empty_lists >= EMPTY_LISTS_NEEDED:
                self._fail(later, creation, failure)
            else:
                self._attempts.repeat(attempt, failure, later.at.monotonic)

        def not_listed(later: Turn, _: Attempt, __: CallFailed) -> None:
            self._attempts.repeat(attempt, failure, later.at.monotonic)

        self._attempts.call(turn, ListVolumes(), f"ListVolumes for {attempt.about}", listed, not_listed)

    def _unaccounted(self, volumes: tuple[CreatedVolume, ...]) -> list[str]:
        foreign = self._foreign()
        return [v.id for v in volumes if v.id not in self._driver.volumes and v.id not in foreign]

    # CREATE_DISK of a disk that was there before

    def _import(self, turn: Turn, record: OperationRecord, profile: Profile) -> None:
        """Ask the plugin whether the existing volume can be used as the profile says."""
        operation = record.operation
        assert isinstance(operation, CreateDisk) and operation.source.disk is not None
        source = operation.source.disk.source
        assert source is not None and source.id is not None
        context = {key: value or "" for key, value in source.metadata} or dict(profile.volume_context)
        size = self._sizes.get(source.id) or mb_milli_to_bytes(operation.source.milli)
        volume = Volume(
            source.id,
            VolumeState.CREATED,
            size,
            profile.capability,
            profile.name,
            context,
            dict(profile.parameters),
            used=True,  # nobody knows what is on it
        )

        def validated(later: Turn, problem: str | None) -> None:
            del self._imports[record.uuid]
            if problem is not None:
                text = f"volume {volume.id!r} does not fit profile {profile.name!r}: {problem}"
                self._host.end(later, record.uuid, OperationEvent.FAIL, text)
                return
            self._driver.add(later, volume)
            self._host.finish(later, record.uuid, (self._disk(operation, volume),))

        def failed(later: Turn, attempt: Attempt, failure: CallFailed) -> None:
            if self._cannot_be_asked(failure):
                validated(later, None)
            elif failure.outcome is Outcome.REFUSED:
                del self._imports[record.uuid]
                text = f"ValidateVolumeCapabilities was refused: {failure.code}: {failure.message}"
                self._host.end(later, record.uuid, OperationEvent.FAIL, text)
            else:
                self._attempts.repeat(attempt, failure, later.at.monotonic)

        request = ValidateVolume(volume.id, profile.capability, context, profile.parameters, profile.name)
        self._imports[record.uuid] = self._attempts.call(
            turn, request, f"ValidateVolumeCapabilities of {volume.id}", validated, failed
        )

    def _cannot_be_asked(self, failure: CallFailed) -> bool:
        """Whether nobody can say if a volume fits: a plugin for the node alone, or one without the call. Then
        whoever chose the profile is taken at their word; what does not fit shows when it is used."""
        facts = self._driver.facts
        return failure.code == "UNIMPLEMENTED" or (facts is not None and not facts.has_controller)

    def validate(self) -> None:
        """Raises AssertionError when a creation waits for a plugin that is up."""
        assert self._driver.facts is None or not self._unsent
