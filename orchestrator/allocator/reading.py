"""Resources read as holdings, so that what is alike is one kind, and one holding. Decides nothing."""

from __future__ import annotations

from typing import Protocol
from weakref import WeakValueDictionary

from api.model.resource import Identity, Resource
from api.model.resources import EMPTY, Resources
from api.model.values import Scalar
from orchestrator.allocator.holdings import NOTHING, Amounts, Holding, Kind, add_amount
from orchestrator.allocator.names import Names

OwnKinds = WeakValueDictionary[tuple[Identity, int], Kind]

# Readings of resources that are kept for when the same is read again; when full it starts anew.
MAX_READINGS = 4096


class Owner(Protocol):
    """Who has kinds of its own. `own`: None while it has none, as most agents."""

    own: OwnKinds | None


class Kinds:
    """Finds the kind of a resource, so that equal resources have one kind.

    Kinds without a disk are alike everywhere and shared by all agents, and so are holdings of nothing else;
    those with one are described by their own agent's totals and live in that agent's `own` table.
    """

    def __init__(self, names: Names) -> None:
        self.names = names
        self._plain: WeakValueDictionary[tuple[Identity, int], Kind] = WeakValueDictionary()
        self._known: WeakValueDictionary[object, Holding] = WeakValueDictionary()
        self._read: dict[Resources, Holding] = {}

    def read(self, resources: Resources, owner: Owner, describe: bool = False) -> Holding:
        """The resources as amounts; with `describe`, what they say of disks replaces what was known."""
        may_be_known = not resources.counted
        if may_be_known and (known := self._read.get(resources)) is not None:
            return known
        amounts: Amounts = {}
        others = []
        is_plain = True
        for resource in resources:
            if not isinstance(resource.value, Scalar):
                others.append(resource.with_allocation(None))
                continue
            kind = self._kind(resource, owner, describe)
            is_plain = is_plain and resource.disk is None and not resource.shared
            add_amount(amounts, kind, 1 if kind.is_counted else resource.milli)
        found = Holding(amounts, Resources(others) if others else EMPTY)
        if not is_plain or not may_be_known:
            return found
        if len(self._read) >= MAX_READINGS:
            self._read.clear()
        found = self._read[resources] = self.one(found)
        return found

    def one(self, holding: Holding) -> Holding:
        """The one object for all holdings that are like this one."""
        if not holding:
            return NOTHING
        key = (frozenset(holding.amounts.items()), holding.others)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = holding
        return known

    def _kind(self, resource: Resource, owner: Owner, describe: bool) -> Kind:
        identity = resource.identity
        if identity.allocated_to is not None:
            identity = identity._replace(allocated_to=None)
        key = (identity, resource.milli if resource.is_counted else 1)
        table = self._plain
        if resource.disk is not None or resource.shared:
            if owner.own is None:
                owner.own = WeakValueDictionary()
            table = owner.own
        kind = table.get(key)
        if kind is None:
            kind = table[key] = Kind(resource, self.names)
        elif describe and table is not self._plain:
            kind.describe(resource, self.names)
        return kind
