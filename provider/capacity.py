"""Reading the plugin's capacity and its list of volumes, when nothing is being created or deleted.

An answer counts only if no creation or deletion was under way at any moment between its question and
it; otherwise it is thrown away and the accounted sizes stand. What is on the list and unknown here
becomes a pre-existing disk (RAW with an id). Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from api.model.disk import Disk, DiskSource, SourceType
from api.model.quantity import MILLI, bytes_to_mb_up
from api.model.resources import Conversion, Resource, Resources, Scalar
from provider.attempts import Attempt, Attempts, Turn
from provider.calls import CreatedVolume, GetCapacity, ListVolumes, Outcome
from provider.driver import VolumeDriver
from provider.events import CallFailed
from provider.operations import Operations
from provider.records import Profile
from provider.totals import Totals

QUICK_REPEATS = 3
"""How often a capacity that was not answered is asked for again at once; then the next reading has to do."""


class Host(Protocol):
    """What this room asks of the machine."""

    operations: Operations
    provider_id: str | None

    @property
    def profiles(self) -> Mapping[str, Profile]: ...

    def settle(self, turn: Turn, *, outside: bool = False) -> None: ...

    def renew(self, turn: Turn) -> None: ...


class CapacityReading:
    """One reading at a time: GetCapacity for every profile, then ListVolumes."""

    def __init__(
        self, host: Host, totals: Totals, driver: VolumeDriver, attempts: Attempts, vendor: str
    ) -> None:
        self._host = host
        self._totals = totals
        self._driver = driver
        self._attempts = attempts
        self._vendor = vendor
        self._epoch = 0
        self._open: set[str] | None = None
        self._read: dict[str, int] = {}
        self._again = False
        self.problems: dict[str, str] = {}
        """Profiles that the plugin refuses, or whose capacity could not be read, and why."""

    def disturb(self) -> None:
        """Something is created or deleted from here on: a reading under way is worth nothing."""
        self._epoch += 1

    def refresh(self, turn: Turn) -> None:
        """Ask, unless the plugin is not up, something is under way, or the last reading is not over."""
        facts = self._driver.facts
        busy = self._host.operations.changes_capacity or self._driver.expansions.changes_capacity
        if facts is None or busy:
            return
        if self._open is not None:
            self._again = True
            return
        self._epoch += 1
        self._open = set(self._host.profiles)
        self._read = {}
        epoch = self._epoch
        for name in sorted(self._host.profiles):
            self._ask(turn, self._host.profiles[name], epoch, facts.capabilities.get_capacity)
        if not self._host.profiles:
            self._finish(turn, epoch)

    def _ask(self, turn: Turn, profile: Profile, epoch: int, able: bool) -> None:
        if not able:
            self.problems[profile.name] = "the plugin does not tell its capacity"
            self._answered(turn, profile.name, 0, epoch)
            return

        def read(later: Turn, size: int) -> None:
            self.problems.pop(profile.name, None)
            if size <= 0:
                self.problems[profile.name] = "the plugin has no capacity for it"
            self._answered(later, profile.name, max(0, size), epoch)

        def failed(later: Turn, attempt: Attempt, failure: CallFailed) -> None:
            if failure.outcome is not Outcome.REFUSED and attempt.failures < QUICK_REPEATS:
                self._attempts.repeat(attempt, failure, later.at.monotonic)
                return
            self.problems[profile.name] = f"GetCapacity: {failure.code}: {failure.message}"
            last = self._totals.available.get(profile.name, 0)
            self._answered(later, profile.name, 0 if failure.outcome is Outcome.REFUSED else last, epoch)

        request = GetCapacity(profile.capability, profile.parameters)
        self._attempts.call(turn, request, f"GetCapacity for profile {profile.name}", read, failed)

    def _answered(self, turn: Turn, name: str, size: int, epoch: int) -> None:
        self._read[name] = size
        assert self._open is not None
        self._open.discard(name)
        if not self._open:
            self._finish(turn, epoch)

    def _finish(self, turn: Turn, epoch: int) -> None:
        facts = self._driver.facts
        if facts is not None and facts.capabilities.list_volumes and epoch == self._epoch:
            self._attempts.call(
                turn,
                ListVolumes(),
                "ListVolumes",
                lambda later, volumes: self._close(later, epoch, volumes),
                lambda later, attempt, failure: self._close(later, epoch, None),
            )
        else:
            self._close(turn, epoch, None)

    def _close(self, turn: Turn, epoch: int, volumes: tuple[CreatedVolume, ...] | None) -> None:
        self._open = None
        if epoch == self._epoch:
            known = {n: s for n, s in self._read.items() if n in self._host.profiles}
            turn.persist(*self._totals.set_available(known))
            self._host.settle(turn, outside=True)
            if volumes is not None:
                self._take_list(turn, volumes)
        if self._again:
            self._again = False
            self.refresh(turn)

    def _take_list(self, turn: Turn, volumes: tuple[CreatedVolume, ...]) -> None:
        """Make the pre-existing disks what the list says; converted ones stay although they are missing."""
        if self._host.provider_id is None:
            return
        listed = {v.id: v for v in volumes if v.id not in self._driver.volumes and v.capacity_bytes > 0}
        gone, kept = [], set()
        for disk in self._totals.disks:
            source = disk.disk.source if disk.disk is not None else None
            if source is None or source.type is not SourceType.RAW or source.id in self._driver.volumes:
                continue
            there = listed.get(source.id or "")
            if there is not None and (disk.is_reserved or disk == self._disk(there)):
                kept.add(there.id)
            elif not disk.is_reserved:
                gone.append(disk)
        new = [self._disk(v) for i, v in sorted(listed.items()) if i not in kept]
        if gone or new:
            turn.persist(*self._totals.apply(Conversion(Resources(gone), Resources(new))))
            self._host.renew(turn)

    def _disk(self, volume: CreatedVolume) -> Resource:
        source = DiskSource(
            SourceType.RAW, id=volume.id, metadata=tuple(volume.context.items()), vendor=self._vendor
        )
        size = Scalar(bytes_to_mb_up(volume.capacity_bytes) * MILLI)
        return Resource("disk", size, (), Disk(source), self._host.provider_id)
