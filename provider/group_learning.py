"""Learns which pools draw on the same capacity, from what the plugin says of all of them at quiet times.

A sweep is one GetCapacity for every profile, while nothing is made, grown or deleted, and longer after the
last of these than an answer may be old. Two sweeps with nothing in between are settled when they say the
same; by how much they differ all the same is a pool's unrest. Between two settled sweeps the operations say
exactly how much was made of which profile. When that was one profile alone, and its own pool moved by just
so much, every other pool tells whether it shares, and at which rate (`learned_rates`).

Nothing is learned from a plugin whose capacity does not move, moves late, or is used by others meanwhile: its
own pool then does not do what was expected. What a plugin says may be rounded, to what all its answers have
in common at most; that, its unrest, and what the own pool was off by is the error of an observation.

It asks nothing: it is told of the readings that there are anyway. Pure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd

from provider.learned_rates import MILLIONTHS, Rates

QUIET_PAIRS = 3
"""Settled pairs of sweeps before anything is learned: until then nobody knows how restless the pools are."""

UNREST_KEPT = 16
"""Settled pairs of sweeps whose unrest counts."""

OWN_PART = 20
"""A pool may move by one part in so many more or less than was made of it, as plugins need some too."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """`said`: bytes by profile. `made`: bytes of volumes by profile, less those deleted, since the start.
    `changes`: how many volumes were made, grown or deleted since the start."""

    said: Mapping[str, int]
    made: Mapping[str, int]
    changes: int

    def since(self, other: Sweep) -> dict[str, int]:
        """What was made since `other`, by profile."""
        names = {*self.made, *other.made}
        found = {name: self.made.get(name, 0) - other.made.get(name, 0) for name in sorted(names)}
        return {name: size for name, size in found.items() if size}


class GroupLearning:
    """Learning of one provider, into `rates`."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self._last: Sweep | None = None
        self._settled: Sweep | None = None
        self._anchor: Sweep | None = None
        """A settled sweep since which only one profile was made of."""
        self._granule = 0
        """Bytes: what all that the plugin ever said is a multiple of."""
        self._unrest: dict[str, deque[int]] = {}
        self._pairs = 0
        self.contradictions: list[str] = []
        """What was found wrong since somebody took it from here."""

    def interrupt(self) -> None:
        """Something was done to the capacity whose size nobody knows: what was before is no measure."""
        self._last = self._settled = self._anchor = None

    def take(self, sweep: Sweep) -> None:
        """Another sweep, of a quiet time."""
        self._granule = gcd(self._granule, *sweep.said.values())
        last, self._last = self._last, sweep
        if last is None or last.changes != sweep.changes or last.said.keys() != sweep.said.keys():
            return
        if not self._is_calm(last, sweep):
            self._settled = self._anchor = None  # somebody else, or later than it may be
            return
        self._pairs += 1
        before, self._settled = self._settled, sweep
        if self._anchor is None or self._anchor.said.keys() != sweep.said.keys():
            self._anchor = sweep
        elif before is not None and before.changes != sweep.changes:
            self._compare(before, sweep)

    def _is_calm(self, last: Sweep, sweep: Sweep) -> bool:
        """Whether no pool moved by more than it does by itself; what it moved is its unrest from now on."""
        calm = True
        for name, size in sweep.said.items():
            moved = abs(size - last.said[name])
            kept = self._unrest.setdefault(name, deque(maxlen=UNREST_KEPT))
            if self._pairs >= QUIET_PAIRS and moved > 2 * max(kept, default=0):
                calm = False
            kept.append(moved)
        return calm

    def error(self, name: str) -> int:
        """Bytes that what the plugin says of a pool may be off by, between two sweeps."""
        return self._granule + 2 * max(self._unrest.get(name, ()), default=0)

    def _compare(self, before: Sweep, sweep: Sweep) -> None:
        assert self._anchor is not None
        if len(self._anchor.since(sweep)) != 1:
            self._anchor = before
        made = sweep.since(self._anchor)
        if len(made) != 1:
            self._check(before, sweep)
            self._anchor = sweep
            return
        ((name, size),) = made.items()
        if name not in sweep.said or not self._is_expected(name, size, sweep):
            self._anchor = sweep
        elif self._pairs >= QUIET_PAIRS:
            self._observe(name, size, self._anchor, sweep)

    def _is_expected(self, name: str, size: int, sweep: Sweep) -> bool:
        """Whether the pool of `name` lost what was made of it, and that is more than chance."""
        assert self._anchor is not None
        lost = self._anchor.said[name] - sweep.said[name]
        error = self.error(name)
        return 2 * error < abs(size) and abs(lost - size) <= error + abs(size) // OWN_PART

    def _observe(self, name: str, size: int, anchor: Sweep, sweep: Sweep) -> None:
        way = 1 if size > 0 else -1
        moved = size * way
        own = (anchor.said[name] - sweep.said[name]) * way
        span = moved * MILLIONTHS // max(1, anchor.said[name], sweep.said[name])
        for other in sorted(sweep.said):
            if other == name:
                continue
            pool = (anchor.said[other] - sweep.said[other]) * way
            error = self.error(other) + abs(own - moved) * max(1, -(-abs(pool) // moved))
            wrong = self.rates.observe(name, other, moved, pool, error, span)
            if wrong is not None:
                self.contradictions.append(wrong)

    def _check(self, before: Sweep, sweep: Sweep) -> None:
        """Volumes of several profiles: nothing to learn, but a pool that lost more than all that is known of
        it can explain shows that some of that is wrong."""
        made = sweep.since(before)
        for other, size in sweep.said.items():
            known = {name: self.rates.relation(name, other) for name in made if name != other}
            if not known or None in known.values():
                continue
            most, slack = made.get(other, 0), self.error(other)
            for name, relation in known.items():
                assert relation is not None
                rate = relation.high if made[name] > 0 else relation.low
                most += -(-made[name] * rate // MILLIONTHS)
            slack += sum(map(abs, made.values())) // OWN_PART
            lost = before.said[other] - size
            if lost > most + slack:
                why = f"{other} lost {lost} bytes, and no more than {most} of it is explained"
                self.contradictions += [self.rates.contradict(name, other, why) for name in sorted(known)]
