"""What operations under way take, kept as running sums: nothing here goes through all of them.

Which operations are under way is said by `operations`; this room only counts. Pure.
"""

from __future__ import annotations

from uuid import UUID

from api.model.operation import DestroyDisk, Operation, is_speculative
from api.model.quantity import mb_milli_to_bytes
from api.model.resources import Reservation, Resources
from provider.totals import is_pool, pool_profile


class UnderWay:
    """The sums, by profile.

    held: milli-MB of common pools (those that no operation has reserved) that are consumed.
    making: bytes of pools, reserved ones too, that become volumes or parts of them.
    deleting: bytes of disks that are given back.
    """

    def __init__(self, defaults: tuple[Reservation, ...] = ()) -> None:
        """`defaults`: as what no operation has reserved is reserved."""
        self._defaults = defaults
        self.held: dict[str, int] = {}
        self.making: dict[str, int] = {}
        self.deleting: dict[str, int] = {}
        self._changing: set[UUID] = set()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnderWay) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def changes_capacity(self) -> bool:
        """Whether something is being made, grown or deleted."""
        return bool(self._changing)

    def begin(self, uuid: UUID, operation: Operation, consumed: Resources) -> None:
        """`operation` is under way and takes `consumed` out of totals."""
        if not is_speculative(operation):
            self._changing.add(uuid)
        self._count(operation, consumed, 1)

    def end(self, uuid: UUID, operation: Operation, consumed: Resources) -> None:
        """It is no longer; `consumed` is what it was begun with."""
        self._changing.discard(uuid)
        self._count(operation, consumed, -1)

    def _count(self, operation: Operation, consumed: Resources, sign: int) -> None:
        for resource in consumed:
            if resource.disk is None or resource.disk.source is None:
                continue
            profile, size = pool_profile(resource), mb_milli_to_bytes(resource.milli)
            if not is_pool(resource):
                if isinstance(operation, DestroyDisk):
                    _add(self.deleting, profile, sign * size)
                continue
            if resource.reservations == self._defaults:
                _add(self.held, profile, sign * resource.milli)
            if not is_speculative(operation):
                _add(self.making, profile, sign * size)


def _add(sums: dict[str, int], name: str, size: int) -> None:
    left = sums.get(name, 0) + size
    if left:
        sums[name] = left
    else:
        sums.pop(name, None)
