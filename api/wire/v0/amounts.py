"""Resources as version-0 documents write them: an object with a number or a text for each name.

    {"cpus": 4.0, "gpus": 0, "mem": 1024.0, "disk": 0, "ports": "[31000-31009, 31500-31500]"}

Pure. All scalars of a name add up, whatever disk or reservation they have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.model.quantity import from_milli
from api.model.resource import Resource
from api.model.resource_sum import merged
from api.model.resources import Resources
from api.model.values import Items, Ranges
from api.wire.convert import in_both_forms, resources_to_wire
from api.wire.v1 import mesos

ALWAYS = ("cpus", "gpus", "mem", "disk")
"""Names that stand in every object, with 0 where there is nothing."""

MERGED_AT = 200
"""Ranges of one name that are kept before they are put together."""

Amounts = dict[str, float | str]


class Sum:
    """Resources added up by name: of very many collections, one at a time."""

    def __init__(self) -> None:
        self._milli: dict[str, int] = {}
        self._ranges: dict[str, _Pile] = {}
        self._items: dict[str, set[str]] = {}

    def add(self, resources: Resources) -> None:
        """Count these, too."""
        amounts = resources.quantities()
        for name, milli in amounts.items():
            self._milli[name] = self._milli.get(name, 0) + milli
        for identity, value in merged(resources):
            if isinstance(value, Ranges):
                self._ranges.setdefault(identity.name, _Pile()).add(value)
            elif isinstance(value, Items):
                self._items.setdefault(identity.name, set()).update(value.items)

    @property
    def milli(self) -> Mapping[str, int]:
        """The scalars so far, in milli-units."""
        return self._milli

    def shown(self) -> Amounts:
        """All of them, as an object."""
        found: Amounts = {name: from_milli(self._milli.get(name, 0)) for name in ALWAYS}
        found |= {name: from_milli(milli) for name, milli in self._milli.items()}
        found |= {name: _ranges(pile.merged.ranges) for name, pile in self._ranges.items()}
        return found | {name: _set(items) for name, items in self._items.items()}


class _Pile:
    """Ranges put together now and then, so that no single step takes long."""

    def __init__(self) -> None:
        self._ranges: list[tuple[int, int]] = []
        self._enough = MERGED_AT

    def add(self, value: Ranges) -> None:
        self._ranges += value.ranges
        if len(self._ranges) >= self._enough:
            self._ranges = list(self.merged.ranges)
            self._enough = max(MERGED_AT, 2 * len(self._ranges))

    @property
    def merged(self) -> Ranges:
        return Ranges(tuple(self._ranges))


def amounts(resources: Iterable[Resource]) -> Amounts:
    """Of one collection."""
    total = Sum()
    total.add(resources if isinstance(resources, Resources) else Resources(resources))
    return total.shown()


def split(total: Resources) -> dict[str, object]:
    """What an agent has: all of it, what is reserved by role, and the rest; each also in full."""
    unreserved = total.unreserved()
    reserved = {role: total.reserved_to(role) for role in total.roles()}
    return {
        "resources": amounts(total),
        "reserved_resources": {role: amounts(part) for role, part in reserved.items()},
        "unreserved_resources": amounts(unreserved),
        "reserved_resources_full": {role: in_full(part) for role, part in reserved.items()},
        "unreserved_resources_full": in_full(unreserved),
    }


def in_full(resources: Iterable[Resource]) -> list[mesos.Resource]:
    """One by one, each with its role and reservation in both forms as far as the older one can say it."""
    return [in_both_forms(each) for each in resources_to_wire(resources)]


def attributes(described: Iterable[mesos.Attribute]) -> Amounts:
    """Numbers as numbers, everything else as text."""
    found: Amounts = {}
    for each in described:
        if each.scalar:
            found[each.name] = each.scalar.value
        elif each.text:
            found[each.name] = each.text.value
        elif each.ranges:
            found[each.name] = _ranges([(part.begin, part.end) for part in each.ranges.range])
        elif each.set:
            found[each.name] = _set(each.set.item)
    return found


def _ranges(ranges: Iterable[tuple[int, int]]) -> str:
    merged = Ranges(tuple(ranges)).ranges
    return "[" + ", ".join(f"{lo}-{hi}" for lo, hi in merged) + "]"


def _set(items: Iterable[str]) -> str:
    return "{" + ", ".join(sorted(items)) + "}"
