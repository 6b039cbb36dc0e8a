"""How many calls a plugin gets at once, learned from how it answers. Pure: no I/O, no clock of its own.

Theory of operation. The limit begins at its maximum. What says that the plugin has more than it can do
halves it, or takes a tenth off when answers only became slow; each good answer while the limit is what
holds calls back adds one in so many as the limit is, so that a whole round of them raises it by one. Within
one round it is lowered once: calls that were let in before the last lowering tell nothing new.

    RESOURCE_EXHAUSTED, UNAVAILABLE     too many
    ABORTED, DEADLINE_EXCEEDED          too many when several volumes meet it; else it is that volume's own
    slow                                by several times what this kind of call took at its fastest

Two things keep bad volumes from holding up the others. A call that is under way for very long counts no
more against the learned limit; against the maximum it does. And a volume whose last call was not answered
in time is a suspect, as is a kind of call that several volumes got no answer to: suspects have places of
their own, half as many as the limit, and do not lower it further. So even if as many calls hang as may be
under way at all, others wait for no longer than one deadline, once.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

LOWERED = 0.5
SLOWED = 0.9
"""What the limit is multiplied by when there were too many calls, and when answers became slow."""

SEVERAL = 2
"""Volumes that must meet the same trouble within a round before it is taken for the plugin's."""

SLOW_SECONDS = 1.0
SLOW_FACTOR = 4.0
"""Answers that take longer than both, on average and against the fastest of their kind, are slow."""

RECENT = 0.2
"""The weight of one answer in the average of its kind."""

DRIFT = 1.01
"""With each answer the fastest of its kind fades by this much: a plugin that became slower for good is taken
for what it is after some hundred answers."""

STALL_SECONDS = 10.0
"""A call that takes longer counts no more against the learned limit."""

MAX_SUSPECTS = 10_000
"""Volumes remembered as suspects; beyond it the oldest is forgotten, and is an ordinary one again."""

OVERLOAD = frozenset({"RESOURCE_EXHAUSTED", "UNAVAILABLE"})
OF_A_VOLUME = frozenset({"ABORTED", "DEADLINE_EXCEEDED"})


@dataclass(slots=True, eq=False)
class Place:
    """A call under way. `subject`: the volume, or what else it is about. `kind`: its name in CSI."""

    subject: str
    kind: str
    began: float
    round: int
    suspect: bool


class _Pace:
    """How long one kind of call takes, in seconds."""

    __slots__ = ("fastest", "recent")

    def __init__(self, seconds: float) -> None:
        self.fastest = self.recent = seconds

    def is_slow_after(self, seconds: float) -> bool:
        self.recent += RECENT * (seconds - self.recent)
        self.fastest = min(seconds, self.fastest * DRIFT)
        return self.recent > SLOW_SECONDS and self.recent > SLOW_FACTOR * self.fastest


class Concurrency:
    """The limit of one plugin and the calls that are under way. Invariant: 1 <= limit <= maximum.

    Times are monotonic seconds and never go back.
    """

    def __init__(self, maximum: int) -> None:
        if maximum < 1:
            raise ValueError(f"{maximum} concurrent calls: at least one is needed")
        self.maximum = maximum
        self._limit = float(maximum)
        self._round = 0
        self._lowered_in = -1
        self._good = 0
        self._met: dict[tuple[str, str], set[str]] = {}
        self._paces: dict[str, _Pace] = {}
        self._suspects: OrderedDict[str, None] = OrderedDict()
        self._suspect_kinds: set[str] = set()
        self._fresh: OrderedDict[Place, None] = OrderedDict()
        self._stalled: set[Place] = set()
        self._suspicious: set[Place] = set()

    @property
    def limit(self) -> int:
        """Calls that may be under way now, beside those that stall and those on suspects."""
        return int(self._limit)

    @property
    def in_flight(self) -> int:
        """Calls under way, all of them."""
        return len(self._fresh) + len(self._stalled) + len(self._suspicious)

    def resize(self, maximum: int) -> None:
        """Another maximum; a limit that was at the old one goes along. Calls under way are left alone."""
        if maximum < 1:
            raise ValueError(f"{maximum} concurrent calls: at least one is needed")
        at_maximum = self._limit >= self.maximum
        self.maximum = maximum
        self._limit = float(maximum) if at_maximum else min(self._limit, float(maximum))

    def is_suspect(self, subject: str, kind: str) -> bool:
        """The last call on this subject, or of this kind on several, was not answered in time."""
        return subject in self._suspects or kind in self._suspect_kinds

    def has_room(self, now: float, *, suspect: bool) -> bool:
        """Whether another call may begin."""
        self._let_stall(now)
        if self.in_flight >= self.maximum:
            return False
        if suspect:
            return len(self._suspicious) < max(1, self.limit // 2)
        return len(self._fresh) < self.limit

    def next_room(self) -> float | None:
        """When there may be room though no call has ended: the oldest that counts stalls then."""
        oldest = next(iter(self._fresh), None)
        return None if oldest is None else oldest.began + STALL_SECONDS

    def begin(self, subject: str, kind: str, now: float) -> Place:
        """A call begins; who asks has asked `has_room` before."""
        suspect = self.is_suspect(subject, kind)
        place = Place(subject, kind, now, self._round, suspect)
        if suspect:
            self._suspicious.add(place)
        else:
            self._fresh[place] = None
        return place

    def abandon(self, place: Place) -> None:
        """The call was not made after all, or was given up: it says nothing about the plugin."""
        if place.suspect:
            self._suspicious.remove(place)
        elif place in self._stalled:
            self._stalled.remove(place)
        else:
            del self._fresh[place]

    def end(self, place: Place, code: str, now: float) -> None:
        """The call ended with this gRPC code ("OK" for an answer)."""
        was_full = len(self._fresh) >= self.limit
        self.abandon(place)
        self._mark(place, code)
        if code in OVERLOAD:
            self._lower(place, LOWERED)
        elif code in OF_A_VOLUME:
            if not place.suspect and self._several_meet(code, place):
                self._lower(place, LOWERED)
        elif code == "OK":
            if self._is_slow(place.kind, max(0.0, now - place.began)):
                self._lower(place, SLOWED)
            else:
                self._praise(was_full)

    def _let_stall(self, now: float) -> None:
        while self._fresh:
            oldest = next(iter(self._fresh))
            if oldest.began + STALL_SECONDS > now:
                return
            del self._fresh[oldest]
            self._stalled.add(oldest)

    def _mark(self, place: Place, code: str) -> None:
        if code == "DEADLINE_EXCEEDED":
            self._suspects[place.subject] = None
            self._suspects.move_to_end(place.subject)
            if len(self._suspects) > MAX_SUSPECTS:
                self._suspects.popitem(last=False)
        else:
            self._suspects.pop(place.subject, None)
            if code == "OK":
                self._suspect_kinds.discard(place.kind)

    def _several_meet(self, code: str, place: Place) -> bool:
        met = self._met.setdefault((code, place.kind), set())
        met.add(place.subject)
        several = len(met) >= SEVERAL
        if several and code == "DEADLINE_EXCEEDED":
            self._suspect_kinds.add(place.kind)
        return several

    def _is_slow(self, kind: str, seconds: float) -> bool:
        pace = self._paces.get(kind)
        if pace is None:
            pace = self._paces[kind] = _Pace(seconds)
        return pace.is_slow_after(seconds)

    def _lower(self, place: Place, factor: float) -> None:
        if place.round <= self._lowered_in:
            return
        self._limit = max(1.0, self._limit * factor)
        self._lowered_in = self._round
        self._next_round()

    def _praise(self, was_full: bool) -> None:
        if was_full:
            self._limit = min(float(self.maximum), self._limit + 1.0 / max(1.0, self._limit))
        self._good += 1
        if self._good >= self.limit:
            self._next_round()

    def _next_round(self) -> None:
        self._round += 1
        self._good = 0
        self._met.clear()
