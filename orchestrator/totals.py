"""One provider's totals as the orchestrator reckons them between two reports.

Pure bookkeeping: what is converted, and when, is decided by `operations`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from api.model.resources import Conversion, NotContained, Resources
from orchestrator.allocator import converted_total


class Totals:
    """One provider's totals as the orchestrator reckons them between two reports.

    base: what was last reported, with the conversions that finished since.
    Invariant: `view` is `base` with every conversion in flight applied, in the order they were
    begun, as far as each still fits: what does not fit, the provider will drop.

    Providers may have very many disks. So the view is carried along from conversion to conversion, and
    every change says what it did to it: the small part that is different now.
    """

    def __init__(self) -> None:
        self.base = Resources()
        self._in_flight: dict[bytes, Conversion] = {}
        self._misfits: set[bytes] = set()
        """Those in flight that did not fit when the view was reckoned."""
        self._view: Resources | None = None

    @property
    def view(self) -> Resources:
        if self._view is None:
            view = self.base
            self._misfits.clear()
            for uuid, conversion in self._in_flight.items():
                try:
                    view = view.apply(conversion)
                except NotContained:
                    self._misfits.add(uuid)
            self._view = view
        return self._view

    def report(self, base: Resources, ended: Iterable[bytes]) -> None:
        """The provider restated its totals; what ended before that is in them already."""
        self.base = base
        for uuid in ended:
            self._in_flight.pop(uuid, None)
        self._view = None

    def begin(self, uuid: bytes, conversion: Conversion) -> Conversion:
        """A speculative operation was accepted: show its result before it is confirmed."""
        before = self.view
        known = uuid in self._in_flight
        self._in_flight[uuid] = conversion
        if known:
            self._view = None
            return difference(before, self.view)
        try:
            self._view = before.apply(conversion)
        except NotContained:
            self._misfits.add(uuid)
            return NO_CHANGE
        return Conversion(conversion.consumed, conversion.converted.described_as_in(before))

    def finish(self, uuid: bytes, conversion: Conversion) -> Conversion:
        """An operation finished after the last report. Lost or foreign totals are left alone.

        A disk cut from one pool takes capacity from that pool's group: its siblings shrink, too.
        """
        before = self.view
        assumed = None if uuid in self._misfits else self._in_flight.get(uuid)
        self._in_flight.pop(uuid, None)
        contained = self.base.contains(conversion.consumed)
        is_base = before is self.base
        if contained:
            self.base = converted_total(self.base, conversion.consumed, conversion.converted)
        if contained and not self._misfits and self._is_apart(conversion):
            if assumed == conversion:
                return NO_CHANGE
            if assumed is None and is_base:
                self._view = self.base
                return _exchanged(before, self._view, conversion)
            if assumed is None:
                self._view = converted_total(before, conversion.consumed, conversion.converted)
                return _exchanged(before, self._view, conversion)
        self._view = None
        return difference(before, self.view)

    def undo(self, uuid: bytes) -> Conversion:
        """A speculative operation did not happen."""
        before = self.view
        if self._in_flight.pop(uuid, None) is None:
            return NO_CHANGE
        self._view = None
        return difference(before, self.view)

    def _is_apart(self, conversion: Conversion) -> bool:
        """Whether no conversion in flight touches what this one does, so that their order does not matter.

        Those that divide (pools, amounts) count as touching one another.
        """
        mine = {resource for part in _parts(conversion) for resource in part.counted}
        divides = any(part.divisible for part in _parts(conversion))
        for other in self._in_flight.values():
            for part in _parts(other):
                if (divides and part.divisible) or not mine.isdisjoint(part.counted):
                    return False
        return True


NO_CHANGE: Final = Conversion(Resources(), Resources())


def difference(before: Resources, after: Resources) -> Conversion:
    """What became of `before`: what is gone, and what is new."""
    return Conversion(before - after, after - before)


def _exchanged(before: Resources, after: Resources, conversion: Conversion) -> Conversion:
    """What `conversion` made of `before`; with siblings of its pools that shrank, too."""
    divided = difference(before.divisible, after.divisible)
    return Conversion(
        divided.consumed + conversion.consumed.counted,
        divided.converted + conversion.converted.counted.described_as_in(before),
    )


def _parts(conversion: Conversion) -> tuple[Resources, Resources]:
    return conversion.consumed, conversion.converted
