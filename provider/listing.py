"""What the plugin lists, held against what is known here: volumes withheld, admitted, and lost.

A volume that the plugin lists and no record knows may be somebody's data: after a lost work directory it is.
So it is withheld, and shown, until a rule or an operator admits it; then it is a pre-existing disk (RAW with
an id). A volume that is known and no longer listed is reported as lost; it stays what it was, and the report
ends when it is listed again.

A list is a moment's answer among creations and deletions. What a creation under way may have made is its
own, so an unknown volume is withheld only when it was listed while nothing was being made, or is listed
again after all that was under way then has ended. A known one is lost when two lists in a row lack it.

Pure. It must not: create or delete, or count capacity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Protocol
from uuid import UUID

from api.model.operation import CreateDisk
from api.model.resources import Conversion, Resource, Resources
from provider.adoption import Admissions
from provider.attempts import Attempt, Attempts, Turn
from provider.calls import CreatedVolume, ListVolumes
from provider.driver import VolumeDriver
from provider.events import AdmitVolume, CallFailed
from provider.notices import Notice, NoticeKind
from provider.operations import Operations
from provider.records import Checkpoint, SaveWithheld
from provider.totals import Totals
from provider.volume import VolumeState

LIST_SECONDS = 120.0
"""How long after one list the next is asked for."""

AGAIN_SECONDS = 5.0
"""How long after a list that left something open, once, the next is asked for."""

MAX_WITHHELD = 20_000
"""Volumes that are withheld by name; a plugin that lists more of them is shown with so many."""


class Host(Protocol):
    """What this room asks of the machine."""

    operations: Operations
    provider_id: str | None

    def renew(self, turn: Turn) -> None: ...


@dataclass(frozen=True, slots=True)
class _Question:
    """What was so when a list was asked for: the ids known, what was being made, the last operation."""

    known: frozenset[str]
    making: frozenset[UUID]
    sequence: int


class Listing:
    """The plugin's volumes, as one provider knows them: `withheld` and `lost` by id."""

    def __init__(
        self,
        host: Host,
        checkpoint: Checkpoint,
        totals: Totals,
        driver: VolumeDriver,
        attempts: Attempts,
        admissions: Admissions,
    ) -> None:
        self._host = host
        self._totals = totals
        self._driver = driver
        self._attempts = attempts
        self._admissions = admissions
        self.withheld: dict[str, CreatedVolume] = {}
        self.lost: set[str] = set()
        self.problem: str | None = None
        """Why the plugin's volumes could not be listed, for people."""
        self._remembered = frozenset(checkpoint.withheld)
        self._suspects: dict[str, frozenset[UUID]] = {}
        self._missing: frozenset[str] = frozenset()
        self._question: _Question | None = None
        self._due: float | None = None
        self._hurries = self._was_open = False

    # When

    def ready(self, turn: Turn) -> None:
        """The plugin is up, perhaps anew: it may have forgotten something."""
        self.refresh(turn)

    def subscribed(self, turn: Turn) -> None:
        """The provider has its id: disks can be let in."""
        self._admit(turn)

    def next_due(self) -> float | None:
        """When the next list is to be asked for soon, because one left something open (monotonic seconds)."""
        return self._due if self._hurries and self._question is None and self._can_list else None

    def fire(self, turn: Turn) -> None:
        """Ask when it is due."""
        due = self.next_due()
        if due is not None and due <= turn.at.monotonic:
            self.refresh(turn)

    def refresh_due(self, turn: Turn) -> None:
        """Time has passed: ask when the last list is old."""
        if self._due is not None and self._due <= turn.at.monotonic:
            self.refresh(turn)

    @property
    def _can_list(self) -> bool:
        return self._driver.facts is not None and self._driver.facts.capabilities.list_volumes

    def admit(self, turn: Turn, event: AdmitVolume) -> None:
        """An operator names a volume: it is let in once it is known to be there."""
        if event.source_id in self._known():
            turn.report(urgent=False)
            return
        self._admissions.want(event.source_id, event.size_bytes)
        if self._driver.facts is not None and not self._can_list:
            self._take_at_its_word(turn, event)
        elif event.source_id in self.withheld:
            self._admit(turn)
        else:
            self.refresh(turn)

    def _take_at_its_word(self, turn: Turn, event: AdmitVolume) -> None:
        """Nobody can look: whether it exists shows when it is taken into use."""
        volume = CreatedVolume(event.source_id, 0)
        if self._host.provider_id is not None and self._admissions.is_wanted(volume):
            self._admissions.admit(turn, (volume,), self._host.provider_id)
            self._host.renew(turn)

    # A list

    def refresh(self, turn: Turn) -> None:
        """Ask now, unless the plugin cannot tell, or was asked already."""
        if not self._can_list or self._question is not None:
            return
        question = _Question(frozenset(self._known()), self._making(), self._host.operations.sequence)
        self._question = question
        self._attempts.call(
            turn,
            ListVolumes(),
            "ListVolumes",
            lambda later, found: self._listed(later, question, found),
            self._failed,
        )

    def _failed(self, turn: Turn, attempt: Attempt, failure: CallFailed) -> None:
        self._question = None
        self._hurries, self._due = False, turn.at.monotonic + LIST_SECONDS
        problem = f"the plugin's volumes cannot be listed: ListVolumes: {failure.code}: {failure.message}"
        if problem != self.problem:
            self.problem = problem
            turn.report(urgent=False)

    def _listed(self, turn: Turn, question: _Question, volumes: tuple[CreatedVolume, ...]) -> None:
        self._question, self.problem = None, None
        lost_before = self.lost
        listed = {volume.id: volume for volume in volumes}
        known = self._known()
        unknown = {i: v for i, v in listed.items() if i not in known and i not in question.known}
        self._judge_unknown(question, unknown)
        self._judge_missing(question, known, listed)
        self._renew(turn, listed)
        self._admit(turn)
        self._schedule(turn)
        if self.withheld.keys() != self._remembered:
            self._persist(turn)
        if self.lost != lost_before:
            turn.report(urgent=False)

    def _judge_unknown(self, question: _Question, unknown: Mapping[str, CreatedVolume]) -> None:
        making = self._making()
        at_rest = not question.making and not making and question.sequence == self._host.operations.sequence
        foreign = [i for i in sorted(unknown) if at_rest or self._is_foreign(i, making)]
        self._suspects = {i: self._suspects.get(i, making) for i in unknown.keys() - set(foreign)}
        self.withheld = {volume_id: unknown[volume_id] for volume_id in foreign[:MAX_WITHHELD]}

    def _is_foreign(self, volume_id: str, making: frozenset[UUID]) -> bool:
        """Whether none of the creations under way can have made it."""
        if any(str(uuid) in volume_id or uuid.hex in volume_id for uuid in making):
            return False  # some plugins call a volume what they were asked to call it
        if volume_id in self.withheld or volume_id in self._remembered:
            return True
        suspected_of = self._suspects.get(volume_id)
        return suspected_of is not None and not suspected_of & making

    def _judge_missing(
        self, question: _Question, known: frozenset[str], listed: Mapping[str, CreatedVolume]
    ) -> None:
        expected = {i for i in known & question.known if not self._is_going(i)}
        missing = frozenset(expected - listed.keys())
        self.lost = {i for i in missing if i in self._missing or i in self.lost}
        self._missing = missing

    def _is_going(self, volume_id: str) -> bool:
        volume = self._driver.volumes.get(volume_id)
        return volume is not None and volume.state in (VolumeState.DELETING, VolumeState.DELETED)

    def _schedule(self, turn: Turn) -> None:
        """Again soon when something is open that was not open the last time, else at the usual time."""
        is_open = bool(self._suspects) or bool(self._missing - self.lost)
        self._hurries = is_open and not self._was_open
        self._was_open = is_open
        self._due = turn.at.monotonic + (AGAIN_SECONDS if self._hurries else LIST_SECONDS)

    # What is done about it

    def _renew(self, turn: Turn, listed: Mapping[str, CreatedVolume]) -> None:
        """Pre-existing disks are what the list says now, unless something is being done with them."""
        gone, new = [], []
        for volume_id, disk in self._pre_existing():
            volume = listed.get(volume_id)
            if volume is None or self._totals.is_apart(disk) or self._host.operations.takes(disk):
                continue
            renewed = self._admissions.renewed(disk, volume)
            if renewed is not None:
                gone.append(disk)
                new.append(renewed)
        if gone:
            turn.persist(*self._totals.apply(Conversion(Resources(gone), Resources(new))))
            self._host.renew(turn)

    def _admit(self, turn: Turn) -> None:
        provider_id = self._host.provider_id
        if provider_id is None:
            return
        admitted = [
            volume
            for _, volume in sorted(self.withheld.items())
            if self._admissions.is_wanted(volume, by_rule=self._is_reached(volume))
        ]
        if not admitted:
            return
        for volume in admitted:
            del self.withheld[volume.id]
        self._admissions.admit(turn, admitted, provider_id)
        self._persist(turn)
        self._host.renew(turn)

    def _is_reached(self, volume: CreatedVolume) -> bool:
        """Whether this node may reach it: one storage may list the volumes of many nodes."""
        facts = self._driver.facts
        if facts is None or not facts.capabilities.topology or not volume.places:
            return True
        here = {key.lower(): value for key, value in facts.topology.items()}
        return any(
            all(here.get(key.lower(), value) == value for key, value in place.items())
            for place in volume.places
        )

    def _persist(self, turn: Turn) -> None:
        """What was found to be somebody else's stays so over a restart, whatever is under way then."""
        self._remembered = frozenset(self.withheld)
        turn.persist(SaveWithheld(tuple(sorted(self.withheld))))
        turn.report(urgent=False)

    def foreign(self) -> set[str]:
        """Ids of volumes that were there already: no creation of this provider has made them."""
        return {*self.withheld, *self._remembered, *(volume_id for volume_id, _ in self._pre_existing())}

    def _known(self) -> frozenset[str]:
        return frozenset((*self._driver.volumes, *(volume_id for volume_id, _ in self._pre_existing())))

    def _pre_existing(self) -> Iterator[tuple[str, Resource]]:
        """Disks that were let in and not taken into use."""
        for disk in self._totals.pre_existing:
            assert disk.disk is not None and disk.disk.source is not None and disk.disk.source.id is not None
            if disk.disk.source.id not in self._driver.volumes:
                yield disk.disk.source.id, disk

    def _making(self) -> frozenset[UUID]:
        active = self._host.operations.active()
        return frozenset(record.uuid for record in active if isinstance(record.operation, CreateDisk))

    def notices(self) -> Iterable[Notice]:
        """See `notices.NoticeSource`."""
        for volume_id, volume in self.withheld.items():
            size = self._admissions.size_of(volume)
            how = "" if size else " --size SIZE, because the plugin does not tell its size"
            where = (
                "" if self._is_reached(volume) else ", where this node does not reach it as the plugin says"
            )
            text = (
                f"the plugin has it{where} and nothing here knows it, so it is not on offer: "
                f"`orlop volume adopt {quote(volume_id)}`{how} lets it in, with --name as a volume of yours"
            )
            yield Notice(volume_id, NoticeKind.WITHHELD, text, size)
        given_up = self.lost - self._known() if self.lost else frozenset()
        for volume_id in self.lost - given_up:
            known = self._driver.volumes.get(volume_id)
            yield Notice(
                volume_id,
                NoticeKind.LOST,
                "it is a disk here, and the plugin lists it no more: look at the plugin and its storage; "
                "when it is back this notice goes; a disk that is given up can be destroyed as usual",
                0 if known is None else known.capacity_bytes,
            )
