"""Brings what is learned of capacity groups in and out: which readings count, what the pools make of it.

A reading counts when it asked for every profile in force, nothing was being made or deleted from its first
question to its last answer, and what ended before was over for longer than an answer may be old. What was
learned is persisted as it is learned, for a cluster that is used learns slowly, and what was contradicted
must not be learned again after a restart. It is forgotten when the plugin calls itself otherwise, has another
version or is run otherwise, for then its capacity may be another; and when an operator switches learning off.

It must not: ask the plugin, or decide what an observation means (`group_learning`). Pure.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from provider.attempts import Turn
from provider.calls import ControllerExpand, CreateVolume, PluginFacts
from provider.group_learning import GroupLearning, Sweep
from provider.operations import Operations
from provider.records import Profile, SaveLearned
from provider.totals import Totals

log = logging.getLogger(__name__)

EXHAUSTED = "RESOURCE_EXHAUSTED"

MAX_NAMED = 8
"""Other profiles that a profile's note names at most, of each kind."""


class Host(Protocol):
    """What this room asks of the machine."""

    operations: Operations

    @property
    def profiles(self) -> Mapping[str, Profile]: ...

    def settle(self, turn: Turn, *, outside: bool = False) -> None: ...


class Source(enum.StrEnum):
    """Why a pool is taken to share, or not to."""

    DECLARED = "DECLARED"
    LEARNED = "LEARNED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Sharing:
    """A profile's capacity group as people see it. `source`: None for one that is alone and declared in none.
    `group`: None while it is not known."""

    source: Source | None
    group: str | None
    cost_milli: int
    note: str


class Learner:
    """What one provider learns; nothing, with `learns` false."""

    def __init__(self, host: Host, totals: Totals, *, learns: bool) -> None:
        self._host = host
        self._totals = totals
        self._learns = learns
        self._rates = totals.rates
        self._learning = GroupLearning(self._rates)
        self._asked: tuple[int, int] | None = None
        self._unmeasured = 0

    def ready(self, turn: Turn, facts: PluginFacts, running: str) -> None:
        """The plugin is up. `running`: how it is run; it changes when that does."""
        basis = f"{facts.name} {facts.vendor_version} {running}".strip() if self._learns else ""
        if self._rates.begin(basis):
            log.warning(
                "what was learned of the capacity groups of %s is forgotten: it was changed", facts.name
            )
        self._learning.interrupt()
        self._changed(turn)

    def begin(self, now: float) -> None:
        """A reading of all profiles begins."""
        self._asked = self._stamp(now) if self._learns and self._is_open() else None

    def end(self, turn: Turn, said: Mapping[str, int]) -> None:
        """It is over; `said`: what was answered, by profile."""
        accounts = self._totals.accounts
        if accounts.unmeasured != self._unmeasured:
            self._unmeasured = accounts.unmeasured
            self._learning.interrupt()
        if self._asked is None or self._asked != self._stamp(turn.at.monotonic):
            return
        if said.keys() != self._host.profiles.keys():
            return
        if self._rates.is_full:
            self._rates.forget(self._host.profiles)
        self._learning.take(Sweep(dict(said), dict(accounts.made), accounts.changes))
        self._tell()
        self._changed(turn)

    def refused(self, turn: Turn, request: Any, code: str, message: str) -> None:
        """A call was not done. No room where room was counted: what was learned of it may be wrong."""
        if code != EXHAUSTED or not isinstance(request, (CreateVolume, ControllerExpand)):
            return
        if request.profile is None:
            return
        why = f"the plugin had no room for {request.profile} though it was counted: {message[:200]}"
        if self._rates.exhausted(request.profile, why):
            self._learning.contradictions.append(why)
            self._learning.interrupt()
            self._tell()
            self._changed(turn)

    def _is_open(self) -> bool:
        profiles = self._host.profiles
        return len(profiles) > 1 and any(each.capacity_group is None for each in profiles.values())

    def _stamp(self, now: float) -> tuple[int, int] | None:
        operations, accounts = self._host.operations, self._totals.accounts
        if operations.under_way.changes_capacity or not accounts.is_rested(now):
            return None
        return operations.sequence, accounts.changes

    def _tell(self) -> None:
        for wrong in self._learning.contradictions:
            log.warning(
                "capacity groups: what was learned is not so, and those pools share at 1:1: %s", wrong
            )
        self._learning.contradictions.clear()

    def _changed(self, turn: Turn) -> None:
        if not self._rates.changed:
            return
        self._rates.changed = False
        turn.persist(SaveLearned(self._rates.learned()))
        self._totals.regroup()
        self._host.settle(turn, outside=True)
        turn.report(urgent=False)

    # For people

    def sharing(self, profile: Profile) -> Sharing:
        """How this profile's pool stands to the others, and how that is known."""
        groups, name = self._totals.accounts.groups, profile.name
        others = [each for each in sorted(self._host.profiles) if each != name]
        relations = {
            other: self._rates.relation(name, other)
            for other in others
            if profile.capacity_group is None or self._host.profiles[other].capacity_group is None
        }
        note = self._note(name, relations)
        if profile.capacity_group is not None:
            return Sharing(Source.DECLARED, profile.capacity_group, profile.cost_milli, note)
        if not others:
            return Sharing(None, None, profile.cost_milli, note)
        if None in relations.values():
            return Sharing(Source.UNKNOWN, None, profile.cost_milli, note)
        return Sharing(Source.LEARNED, groups.label(name), groups.cost_milli(name), note)

    def _note(self, name: str, relations: Mapping[str, Any]) -> str:
        shared = [f"{o} at {self._rate(r)}" for o, r in relations.items() if r is not None and not r.apart]
        apart = [o for o, r in relations.items() if r is not None and r.apart]
        open_ = [o for o, r in relations.items() if r is None]
        wrong = [w for o in relations if (w := self._rates.contradiction(name, o))]
        parts = [
            f"learned to share with {_named(shared)}" if shared else "",
            f"learned to stand apart from {_named(apart)}" if apart else "",
            f"taken to share with {_named(open_)} until that is known" if open_ else "",
            f"contradicted: {wrong[-1]}" if wrong else "",
        ]
        if not self._learns and open_:
            parts.append("learning is switched off")
        return "; ".join(part for part in parts if part)

    def _rate(self, relation: Any) -> str:
        return f"{(relation.low + relation.high) / 2_000_000:.3g}:1"


def _named(names: list[str]) -> str:
    rest = len(names) - MAX_NAMED
    return ", ".join(names[:MAX_NAMED]) + (f" and {rest} more" if rest > 0 else "")
