"""Where the share of an operator's volume comes from: within its role's quota, then a place that has room.

It only puts the two together. Must not: decide either, write, send, or wait.
"""

from __future__ import annotations

from collections.abc import Mapping

from api.model.clock import Clock
from api.model.resource import Resource
from orchestrator.adoptable import Adoptable
from orchestrator.allocator import Allocator
from orchestrator.offers import Offers
from orchestrator.placement import Placement, make_room, place
from orchestrator.quota_claims import QuotaClaims
from orchestrator.state import ClusterState
from orchestrator.volumes import VolumeRecord

Volumes = Mapping[str, VolumeRecord]
"""All that there are, by name."""


class VolumePlaces:
    """Shares for operators' volumes, free at the moment of the answer; offers in the way are rescinded."""

    def __init__(
        self,
        state: ClusterState,
        allocator: Allocator,
        offers: Offers,
        adoptable: Adoptable,
        claims: QuotaClaims,
        clock: Clock,
    ) -> None:
        self._state = state
        self._allocator = allocator
        self._offers = offers
        self._adoptable = adoptable
        self._claims = claims
        self._clock = clock

    def check(self, record: VolumeRecord, volumes: Volumes) -> None:
        """Whether quota lets the whole volume be made or taken. Raises QuotaExceeded, KeptForOthers."""
        self._claims.check_new(record, volumes.values())

    def place(self, record: VolumeRecord, volumes: Volumes) -> Placement:
        """The share for a whole volume. Raises as `check`, `placement.place`, `Adoptable.place`."""
        self.check(record, volumes)
        if record.source_id is not None:
            return self._adoptable.place(record)
        return place(record, self._state, self._allocator, self._offers, self._clock.now())

    def more(self, record: VolumeRecord, milli: int, volumes: Volumes) -> Resource:
        """`milli` milli-MB more for a volume that stands. Raises as `check` and `placement.make_room`."""
        self._claims.check_more(record, milli, volumes.values())
        return make_room(record, milli, self._state, self._allocator, self._offers)
