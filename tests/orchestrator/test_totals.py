"""A provider's reckoned totals: carried along, they are what reckoning them anew would give."""

from __future__ import annotations

import random

import pytest

from api.model.disk import Disk, DiskSource, Persistence, SourceType
from api.model.resource import Reservation, Resource
from api.model.resources import Conversion, NotContained, Resources, Scalar
from orchestrator.allocator import converted_total
from orchestrator.totals import Totals, difference


def pool(profile: str, mb: int) -> Resource:
    source = DiskSource(SourceType.RAW, profile=profile, capacity_group="g")
    return Resource("disk", Scalar(mb * 1000), (), Disk(source), "p1")


def disk(name: str, mb: int = 10) -> Resource:
    return Resource("disk", Scalar(mb * 1000), (), Disk(DiskSource(SourceType.MOUNT, id=name)), "p1")


class Reckoned:
    """The same by the book: every conversion in flight on top of the base, each time anew."""

    def __init__(self) -> None:
        self.base = Resources()
        self.in_flight: dict[bytes, Conversion] = {}

    def view(self) -> Resources:
        view = self.base
        for conversion in self.in_flight.values():
            try:
                view = view.apply(conversion)
            except NotContained:
                continue
        return view


class Story:
    """Random operations on one provider, told to both."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.clever, self.plain = Totals(), Reckoned()
        self.made = 0
        self.report()

    def step(self) -> None:
        before = self.plain.view()
        change = self.draw.choice([self.begin, self.begin, self.finish, self.finish, self.cut, self.undo])()
        expected = difference(before, self.plain.view())
        assert self.clever.view.described_alike(self.plain.view())
        assert difference(change.consumed, change.converted) == expected
        if self.draw.random() < 0.05:
            self.report()

    def report(self) -> None:
        found = [pool("a", 300), pool("b", 300)]
        found += [disk(f"old{n}") for n in range(self.draw.randrange(5))]
        ended = [uuid for uuid in self.plain.in_flight if self.draw.random() < 0.5]
        self.clever.report(Resources(found), ended)
        self.plain.base = Resources(found)
        for uuid in ended:
            del self.plain.in_flight[uuid]

    def begin(self) -> Conversion:
        """RESERVE, CREATE or their inverses, of something that may be in use by another one already."""
        self.made += 1
        known = [r for r in (*self.plain.base, *self.plain.view()) if r.disk and not r.disk.is_pool]
        chosen = self.draw.choice(known) if known and self.draw.random() < 0.9 else disk("unknown")
        conversion = self.draw.choice([self.reserved, self.persistent])(chosen)
        uuid = b"%d" % self.made
        self.plain.in_flight[uuid] = conversion
        return self.clever.begin(uuid, conversion)

    def reserved(self, one: Resource) -> Conversion:
        other = one.pop_reservation() if one.is_reserved else one.push_reservation(Reservation("r"))
        return Conversion(Resources([one]), Resources([other]))

    def persistent(self, one: Resource) -> Conversion:
        assert one.disk is not None
        name = None if one.is_persistent else Persistence("n")
        return Conversion(Resources([one]), Resources([one.with_disk(Disk(one.disk.source, name))]))

    def finish(self) -> Conversion:
        if not self.plain.in_flight:
            return self.cut()
        uuid = self.draw.choice(list(self.plain.in_flight))
        return self.finished(uuid, self.plain.in_flight.pop(uuid))

    def cut(self) -> Conversion:
        """CREATE_DISK, which shows in totals when it has finished, or the inverse."""
        self.made += 1
        mb = self.draw.randrange(1, 40)
        there = [r for r in self.plain.base if r.disk and not r.disk.is_pool]
        source = Resource("disk", Scalar(mb * 1000), (), Disk(DiskSource(SourceType.RAW, profile="a")), "p1")
        conversion = Conversion(Resources([source]), Resources([disk(f"new{self.made}", mb)]))
        if there and self.draw.random() < 0.4:
            conversion = Conversion(Resources(there[:1]), Resources([source]))
        return self.finished(b"cut%d" % self.made, conversion)

    def finished(self, uuid: bytes, conversion: Conversion) -> Conversion:
        if self.plain.base.contains(conversion.consumed):
            consumed, converted = conversion.consumed, conversion.converted
            self.plain.base = converted_total(self.plain.base, consumed, converted)
        return self.clever.finish(uuid, conversion)

    def undo(self) -> Conversion:
        if not self.plain.in_flight:
            return self.begin()
        uuid = self.draw.choice(list(self.plain.in_flight))
        del self.plain.in_flight[uuid]
        return self.clever.undo(uuid)


@pytest.mark.parametrize("seed", range(100))
def test_totals_that_are_carried_along_are_those_reckoned_anew(seed: int) -> None:
    story = Story(seed)
    for _ in range(60):
        story.step()
