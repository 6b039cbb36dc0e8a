"""What was learned of how pools draw on each other: evidence by pair of profiles, and what follows from it.

Evidence is an interval. A volume of `name` was made, and the pool of `other` moved by so much, give or take
what cannot be told apart from rounding and unrest; so a byte of `name` takes between `low` and `high` bytes
of that pool. Every further observation narrows the interval. One that does not fit into it takes all that
was known of the pair away, and twice as many are needed the next time.

Less careful than "they share at 1:1" is only what is strong:

    apart       seen from both sides, often enough, on a good part of both pools, and neither ever moved
    shared      seen from one side often enough that the interval is narrow, and nothing from the other speaks
                against it; the other side's rate is the inverse
    dear        a byte takes more than one: believed sooner, as that is the careful direction

It must not: know a plugin, a sweep or an operation. Pure; whole millionths, rounded towards less capacity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MILLIONTHS = 1_000_000

OBSERVATIONS_NEEDED = 4
"""Observations, each with another volume, before a pair counts as known. Doubled with every contradiction."""

MAX_CONTRADICTIONS = 3
"""A pair that was contradicted more often is not learned any more: an operator declares it."""

DEAR_OBSERVATIONS = 2
"""Observations before a rate that is dearer than 1:1 counts."""

STILL = 100_000
"""Millionths. A pool that moved by less than this part of what was made, for all that can be told, did not
move. It may be as coarse, as both sides have to: of two pools that share, one takes at least its size."""

NARROW = 125_000
"""Millionths. How wide an interval may be, as a part of the rate, to be taken for the rate. What is taken is
reckoned at its upper end."""

SPAN_NEEDED = 10_000
"""Millionths of its own pool that volumes of a profile must have moved, before others stand apart from it."""

FINEST = 8
"""An observation counts when its error is at most one part in so many of what was made."""

MAX_PAIRS = 8192
"""Ordered pairs of which evidence is kept. Beyond it what was learned of profiles that are not there any more
is forgotten; of more, nothing is learned, and they share as before."""

FOREVER = MILLIONTHS * 10**9
"""A rate that has no upper bound yet."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rate:
    """Millionths of a byte of another pool that a byte of a profile takes, by `count` observations.

    `span`: the largest part of its own pool that was moved in one of them, in millionths.
    """

    low: int
    high: int
    count: int
    span: int


@dataclass(frozen=True, slots=True)
class Learned:
    """All that is kept. `basis`: what was learned of, in a few words. Of rates the pair is ordered: whose
    volumes, whose pool. Of contradictions it is sorted: how often, and what was seen last."""

    basis: str = ""
    rates: Mapping[Pair, Rate] = field(default_factory=dict)
    contradictions: Mapping[Pair, tuple[int, str]] = field(default_factory=dict)


NOTHING_LEARNED = Learned()


@dataclass(frozen=True, slots=True)
class Relation:
    """What is known of a pair: apart, or sharing at a rate between `low` and `high` (of the ordered pair)."""

    apart: bool
    low: int = 0
    high: int = 0
    count: int = 0


def unordered(name: str, other: str) -> Pair:
    return (name, other) if name < other else (other, name)


class Rates:
    """The evidence of one provider. `changed` is set by whatever has to be persisted."""

    def __init__(self, learned: Learned = NOTHING_LEARNED) -> None:
        self._basis = learned.basis
        self._rates = dict(learned.rates)
        self._contradictions = dict(learned.contradictions)
        self.changed = False

    def learned(self) -> Learned:
        """As it is persisted."""
        return Learned(self._basis, dict(self._rates), dict(self._contradictions))

    def begin(self, basis: str) -> bool:
        """Learn of `basis` from here on. Whether there was anything to be forgotten, of another one."""
        if basis == self._basis:
            return False
        known = bool(self._rates or self._contradictions)
        self._basis = basis
        if known:
            self.changed = True
            self._rates.clear()
            self._contradictions.clear()
        return known

    def observe(self, name: str, other: str, moved: int, pool: int, error: int, span: int) -> str | None:
        """`moved` bytes of `name` were made, and `other` lost `pool` bytes, give or take `error`.

        What was known of them is gone when this does not fit to it: then why.
        """
        if moved <= 0 or error * FINEST > moved:
            return None
        low = max(0, (pool - error) * MILLIONTHS // moved)
        high = -(-(pool + error) * MILLIONTHS // moved)
        known = self._rates.get((name, other))
        if known is None and self.is_full:
            return None
        count, longest = 1, span
        if known is not None:
            low, high = max(low, known.low), min(high, known.high)
            count, longest = known.count + 1, max(span, known.span)
        if low > high or high < 0:
            seen = f"{moved} bytes of {name} took {pool} of {other}"
            return self.contradict(name, other, f"{seen}, and it was otherwise before")
        self.changed = True
        self._rates[name, other] = Rate(low, high, count, longest)
        return None

    def contradict(self, name: str, other: str, why: str) -> str:
        """What was known of the pair is not so. Returns `why`."""
        pair = unordered(name, other)
        times = self._contradictions.get(pair, (0, ""))[0]
        self._contradictions[pair] = (times + 1, why)
        self._rates.pop((name, other), None)
        self._rates.pop((other, name), None)
        self.changed = True
        return why

    def exhausted(self, name: str, why: str) -> bool:
        """The plugin had no room for `name`, though it was counted as there. Whether anything was known that
        may have been wrong."""
        pairs = {unordered(*pair) for pair in self._rates if name in pair}
        doubtful = [pair for pair in sorted(pairs) if self.relation(*pair) is not None]
        for pair in doubtful:
            self.contradict(*pair, why)
        return bool(doubtful)

    @property
    def is_full(self) -> bool:
        """Whether nothing is learned of further pairs."""
        return len(self._rates) >= MAX_PAIRS

    def forget(self, names: Mapping[str, object]) -> None:
        """Profiles that are no more among `names` are not known here any more."""
        for pair in [pair for pair in self._rates if not (pair[0] in names and pair[1] in names)]:
            del self._rates[pair]
            self.changed = True
        for pair in [p for p in self._contradictions if not (p[0] in names and p[1] in names)]:
            del self._contradictions[pair]
            self.changed = True

    # What follows

    def relation(self, name: str, other: str) -> Relation | None:
        """What is known of volumes of `name` and the pool of `other`; None while it is not."""
        there, back = self._rates.get((name, other)), self._rates.get((other, name))
        needed = self._needed(name, other)
        if (there is None and back is None) or needed is None:
            return None
        seen = max(each.count for each in (there, back) if each is not None)
        if there is not None and back is not None and _still(there, needed) and _still(back, needed):
            return Relation(True, count=min(there.count, back.count))
        if seen < needed:
            return None
        low, high = (there.low, there.high) if there is not None else (0, FOREVER)
        if back is not None:
            low = max(low, MILLIONTHS * MILLIONTHS // back.high if back.high else FOREVER)
            high = min(high, -(-MILLIONTHS * MILLIONTHS // back.low) if back.low else FOREVER)
        if 0 < low <= high and (high - low) * MILLIONTHS <= NARROW * high:
            return Relation(False, low, high, seen)
        return None

    def dear(self, name: str, other: str) -> int:
        """Millionths of `other` that a byte of `name` takes at least, for all that is seen; 0 for nothing."""
        rate = self._rates.get((name, other))
        if rate is None or rate.count < DEAR_OBSERVATIONS or rate.low <= MILLIONTHS + STILL:
            return 0
        return rate.high

    def contradiction(self, name: str, other: str) -> str:
        """What was seen last that did not fit; "" for nothing."""
        return self._contradictions.get(unordered(name, other), (0, ""))[1]

    def is_given_up(self, name: str, other: str) -> bool:
        """Whether nothing is learned of the pair any more."""
        return self._needed(name, other) is None

    def _needed(self, name: str, other: str) -> int | None:
        times = self._contradictions.get(unordered(name, other), (0, ""))[0]
        return None if times > MAX_CONTRADICTIONS else OBSERVATIONS_NEEDED << times


def _still(rate: Rate, needed: int) -> bool:
    return rate.count >= needed and rate.low == 0 and rate.high <= STILL and rate.span >= SPAN_NEEDED
