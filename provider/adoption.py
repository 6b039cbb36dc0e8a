"""Letting in volumes that the plugin had already: by a rule, or because an operator named them.

An admitted volume is a pre-existing disk: RAW with its id, without a profile, durable in the totals. Which
volumes there are to admit is found out by `listing`; taking one into use is CREATE_DISK (`disks`). Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from api.model.disk import Disk, DiskSource, SourceType
from api.model.quantity import MILLI, bytes_to_mb_up
from api.model.resources import Conversion, Resource, Resources, Scalar
from provider.attempts import Turn
from provider.calls import CreatedVolume
from provider.plausibility import LARGEST_VOLUME
from provider.totals import Totals

MAX_WANTED = 1000
"""Ids that an operator named and no list has shown yet; beyond it the oldest is forgotten. Not durable: who
named one sees that it is not there, and names it again."""


class Admissions:
    """Who is let in. `patterns`: of ids that need no operator, as shells match file names."""

    def __init__(self, totals: Totals, vendor: str, patterns: tuple[str, ...]) -> None:
        self._totals = totals
        self._vendor = vendor
        self._patterns = patterns
        self._wanted: dict[str, int] = {}
        self.sizes: dict[str, int] = {}
        """Exact bytes of pre-existing disks, as far as a list or an operator has told them."""

    def want(self, source_id: str, size_bytes: int) -> None:
        """An operator named a volume, and its size in case the plugin does not tell it (else 0)."""
        self._wanted.pop(source_id, None)
        self._wanted[source_id] = size_bytes
        while len(self._wanted) > MAX_WANTED:
            del self._wanted[next(iter(self._wanted))]

    def size_of(self, volume: CreatedVolume) -> int:
        """Its bytes: the plugin's word, else the operator's; 0 when nobody said."""
        return volume.capacity_bytes or self._wanted.get(volume.id, 0)

    def is_wanted(self, volume: CreatedVolume, *, by_rule: bool = True) -> bool:
        """Whether it is to be let in and can be: a disk has a size. `by_rule`: without having been named."""
        named = volume.id in self._wanted
        named = named or (by_rule and any(fnmatchcase(volume.id, p) for p in self._patterns))
        return named and 0 < self.size_of(volume) <= LARGEST_VOLUME

    def admit(self, turn: Turn, volumes: Iterable[CreatedVolume], provider_id: str) -> None:
        """They are disks of this provider from now on."""
        disks = Resources(self._disk(volume, provider_id) for volume in volumes)
        turn.persist(*self._totals.apply(Conversion(Resources(), disks)))

    def renewed(self, disk: Resource, volume: CreatedVolume) -> Resource | None:
        """A pre-existing disk as the list shows it now; None when that is as it is known.

        The plugin may describe a volume otherwise after it was upgraded, and it may have been made larger.
        """
        assert disk.provider_id is not None
        if volume.capacity_bytes <= 0:
            return None
        self.sizes[volume.id] = volume.capacity_bytes
        now = self._disk(volume, disk.provider_id)
        return None if now == disk else now

    def _disk(self, volume: CreatedVolume, provider_id: str) -> Resource:
        size = self.sizes[volume.id] = self.size_of(volume)
        self._wanted.pop(volume.id, None)
        source = DiskSource(
            SourceType.RAW, id=volume.id, metadata=_labels(volume.context), vendor=self._vendor
        )
        milli = bytes_to_mb_up(size) * MILLI
        return Resource("disk", Scalar(milli), self._totals.defaults, Disk(source), provider_id)


def _labels(context: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(context.items())
