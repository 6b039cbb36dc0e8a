"""What a step is expected to come to, and how what it came to differs from that.

`expect` is the list of the offers that the step makes, in any order; or an object, which may also say status,
rescinds, withheld and shares. What it does not say is not compared. A name may be "anyof:a,b": any of those.

Must not: run anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from api.model.resources import Resources
from orchestrator.allocation_replay import values
from orchestrator.allocation_replay.amounts import Written, same, shown
from orchestrator.allocation_replay.values import BadValue

_ANY_OF = "anyof:"

SHARE_TOLERANCE = 0.0005
"""Shares are written with three decimals or so."""


@dataclass(frozen=True, slots=True)
class MadeOffer:
    """An offer that a step made."""

    framework: str
    role: str
    agent: str
    resources: Resources

    def document(self) -> dict[str, Any]:
        return {**self._names(), "resources": shown(self.resources)}

    def _names(self) -> dict[str, str]:
        return {"framework": self.framework, "role": self.role, "agent": self.agent}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step came to. withheld and shares: empty when nobody asks."""

    status: int
    offers: tuple[MadeOffer, ...]
    rescinds: tuple[Mapping[str, str], ...]
    withheld: tuple[Mapping[str, str], ...]
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ExpectedEntry:
    """Names (None: not compared) of one offer, rescinding or withholding; resources of an offer."""

    names: Mapping[str, frozenset[str]]
    resources: Written | None
    reason: str
    told: Any

    def allows(self, entry: Mapping[str, str]) -> bool:
        return all(entry.get(key) in allowed for key, allowed in self.names.items()) and (
            self.reason in entry.get("reason", "")
        )

    def allows_offer(self, offer: MadeOffer) -> bool:
        names = {"framework": offer.framework, "role": offer.role, "agent": offer.agent}
        return self.allows(names) and (self.resources is None or same(offer.resources, self.resources))


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be compared; None: that is not."""

    offers: tuple[ExpectedEntry, ...] | None = None
    status: int | None = None
    rescinds: tuple[ExpectedEntry, ...] | None = None
    withheld: tuple[ExpectedEntry, ...] | None = None
    shares: Mapping[str, float] | None = None

    def differences(self, outcome: Outcome) -> list[str]:
        """A line for each that is missing or too much; none when all is as expected.

        Of `withheld` only what is missing counts: a scenario names the reasons that it is about.
        """
        lines = []
        if self.status is not None and self.status != outcome.status:
            lines.append(f"status: expected {self.status}, was {outcome.status}")
        if self.offers is not None:
            lines += _compared(
                "offer", self.offers, outcome.offers, ExpectedEntry.allows_offer, MadeOffer.document
            )
        if self.rescinds is not None:
            lines += _compared("rescind", self.rescinds, outcome.rescinds, ExpectedEntry.allows, dict)
        if self.withheld is not None:
            lines += [
                f"missing withheld {json.dumps(entry.told)}"
                for entry in self.withheld
                if not any(entry.allows(told) for told in outcome.withheld)
            ]
        for role, share in (self.shares or {}).items():
            actual = outcome.shares.get(role, 0.0)
            if abs(actual - share) > SHARE_TOLERANCE:
                lines.append(f"share of {role}: expected {share:g}, was {actual:.6g}")
        return lines


def read_expected(value: object) -> Expected:
    """Raises BadValue."""
    if isinstance(value, list):
        return Expected(offers=values.entries(value, _offer))
    document = values.table(value)
    unknown = sorted(document.keys() - _READERS.keys())
    if unknown:
        raise BadValue(f"{unknown[0]!r} is not compared; {', '.join(_READERS)} are")
    return Expected(**{key: _READERS[key](each) for key, each in document.items()})


T = TypeVar("T")


def _compared(
    what: str,
    expected: Sequence[ExpectedEntry],
    actual: Sequence[T],
    allows: Callable[[ExpectedEntry, T], bool],
    document: Callable[[T], Mapping[str, Any]],
) -> list[str]:
    """Pairs them off, as many as can be; what is left on either side is a difference."""
    partner: dict[int, int] = {}  # of what was made -> of what was expected
    fits = [[at for at, made in enumerate(actual) if allows(entry, made)] for entry in expected]
    missing = [place for place in range(len(expected)) if not _paired(place, fits, partner)]
    lines = [f"missing {what} {json.dumps(expected[place].told)}" for place in missing]
    unexpected = [document(made) for at, made in enumerate(actual) if at not in partner]
    return lines + [f"unexpected {what} {json.dumps(made)}" for made in unexpected]


def _paired(first: int, fits: Sequence[Sequence[int]], partner: dict[int, int]) -> bool:
    """Finds the entry a partner, moving others to another of theirs when that is what it takes."""
    came_from: dict[int, tuple[int, int | None]] = {}  # of what was made -> (entry, what that had before)
    waiting: list[tuple[int, int | None]] = [(first, None)]
    while waiting:
        entry, had = waiting.pop()
        for at in fits[entry]:
            if at in came_from:
                continue
            came_from[at] = (entry, had)
            if at not in partner:
                place: int | None = at
                while place is not None:
                    partner[place], place = came_from[place]
                return True
            waiting.append((partner[at], at))
    return False


def _offer(value: object) -> ExpectedEntry:
    return _entry(value, ("framework", "role", "agent"), "resources")


def _rescind(value: object) -> ExpectedEntry:
    return _entry(value, ("framework", "agent"), None)


def _withheld(value: object) -> ExpectedEntry:
    return _entry(value, ("framework", "role", "agent"), "reason")


def _entry(value: object, names: Iterable[str], also: str | None) -> ExpectedEntry:
    document = values.table(value, "an entry")
    known = (*names, also) if also else tuple(names)
    unknown = sorted(document.keys() - set(known))
    if unknown:
        raise BadValue(f"{unknown[0]!r} is not compared; {', '.join(known)} are")
    chosen = {key: _alternatives(document[key]) for key in known if key in document and key != also}
    resources = values.resources(document["resources"]) if "resources" in document else None
    reason = values.name(document["reason"]) if "reason" in document else ""
    return ExpectedEntry(chosen, resources, reason, document)


def _alternatives(value: object) -> frozenset[str]:
    text = values.name(value)
    if not text.startswith(_ANY_OF):
        return frozenset({text})
    return frozenset(part.strip() for part in text.removeprefix(_ANY_OF).split(","))


def _shares(value: object) -> dict[str, float]:
    return {values.name(key): values.amount(each) / 1000 for key, each in values.table(value).items()}


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "offers": lambda value: values.entries(value, _offer),
    "status": values.whole(599),
    "rescinds": lambda value: values.entries(value, _rescind),
    "withheld": lambda value: values.entries(value, _withheld),
    "shares": _shares,
}
