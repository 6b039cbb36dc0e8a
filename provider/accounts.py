"""How much each pool has left, never more than there can be, for a plugin that is slow to notice.

What creations took and deletions gave back is counted as they end. What the plugin says of its capacity may
be old by `lag_seconds`, so it does not replace the count; it bounds it. Of an answer to a question asked at
T, whatever ended after T minus the lag may or may not be in it already, and so may what is under way. Hence

    low  = said - taken since then - what is being deleted      there is at least so much
    high = said + given back since then + what is being made    there is at most so much

A count above `high` is wrong (somebody else uses the same capacity): it falls to `low` at once. A count
below `low` may rise to it, once a second answer, a while later, allows the same: a capacity that jumps up
for a moment makes no pool larger. In between the count stands: the ended operations know better than an
old answer. At rest for longer than the lag, low and high are what the plugin says.

Units: bytes by profile; monotonic seconds. Pure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from provider.groups import Groups, Sizes

LAG_SECONDS = 30.0
"""How long a plugin may go on answering a capacity that was true before a creation or deletion."""

CONFIRM_SECONDS = 3.0
"""A capacity that is larger than what was counted is believed when it is still there so much later."""

ANSWER_SECONDS = 120.0
"""For how long before its answer a question may have been asked; what ended before is no longer kept. An
older answer is not used."""


@dataclass(slots=True)
class _Second:
    """What ended within one second."""

    second: int
    taken: dict[str, int] = field(default_factory=dict)
    given: dict[str, int] = field(default_factory=dict)


class Accounts:
    """The counts of one provider. `available`: bytes by profile; a profile without a count has no pool.

    `fresh`: nothing was made or deleted in an earlier life, so that the first answers are not in doubt.
    """

    def __init__(
        self, groups: Groups, available: Mapping[str, int], *, fresh: bool, lag_seconds: float = LAG_SECONDS
    ) -> None:
        self.groups = groups
        self.available = dict(available)
        self._lag = lag_seconds
        self._began: float | None = None
        self._fresh = fresh
        self._history: deque[_Second] = deque()
        self._rising: dict[str, tuple[int, float]] = {}
        self._owed: dict[str, int] = {}
        """What was taken beyond a count of nothing, and is not given back; the plugin's word settles it."""
        self._doubtful_until: float | None = None
        self.made: dict[str, int] = {}
        """Bytes of volumes made since the start, less those deleted."""
        self.changes = 0
        """How often something was made, grown or deleted since the start."""
        self.unmeasured = 0
        """How often something was deleted since the start that was never counted here."""

    def begin(self, now: float) -> None:
        """Told once, before anything else: what an earlier life did last, and when, is not known."""
        self._began = None if self._fresh else now

    def set_groups(self, groups: Groups, names: Mapping[str, object]) -> None:
        """Profiles that can be asked for from now on; the others have no count any more."""
        self.groups = groups
        for name in [name for name in self.available if name not in names]:
            del self.available[name]
            self._rising.pop(name, None)
            self._owed.pop(name, None)

    def room(self, name: str, promised: Sizes) -> int:
        """How many bytes may still be promised of `name`, so that all that is promised can be made.

        `promised`: bytes by profile. Whichever is made first, none of the others must lack room then: so it
        is the least room of all pools that something is promised of, and of this one.
        """
        if name not in self.available:
            return 0
        groups = self.groups
        rooms = [
            (self.available[m] * groups.cost_milli(m) - groups.units(promised, m)) // groups.cost_at(name, m)
            for m in groups.members(name)
            if m in self.available and (m == name or promised.get(m))
        ]
        return min(rooms)

    def take(self, name: str, size: int, now: float) -> None:
        """A volume was made, or grew."""
        sizes = {name: size}
        for member in self.groups.members(name):
            lost = self.groups.taken(sizes, member)
            if member in self.available:
                left = self.available[member] - lost
                self.available[member] = max(0, left)
                if left < 0:
                    self._owed[member] = self._owed.get(member, 0) - left
            if member in self._rising:
                least, since = self._rising[member]
                self._rising[member] = (max(0, least - lost), since)
        taken = self._second(now).taken
        taken[name] = taken.get(name, 0) + size
        self.made[name] = self.made.get(name, 0) + size
        self.changes += 1

    def give(self, name: str, size: int, now: float) -> None:
        """A volume was deleted."""
        for member in self.groups.members(name):
            if member in self.available:
                back = self.groups.given({name: size}, member)
                paid = min(back, self._owed.get(member, 0))
                if paid:
                    self._owed[member] -= paid
                self.available[member] += back - paid
        given = self._second(now).given
        given[name] = given.get(name, 0) + size
        self.made[name] = self.made.get(name, 0) - size
        self.changes += 1

    def pass_by(self, name: str, size: int, now: float) -> None:
        """A volume was made and deleted again, and never counted. An answer of meanwhile lacks its room."""
        self.changes += 1
        given = self._second(now).given
        given[name] = given.get(name, 0) + size

    def pass_unmeasured(self, now: float) -> None:
        """A volume that was never counted was deleted: how an answer changes by that, nobody knows."""
        self._second(now)
        self.changes += 1
        self.unmeasured += 1

    def is_rested(self, now: float) -> bool:
        """Whether an answer to a question of now holds all that was ever made or deleted."""
        if self._began is not None and now < self._began + self._lag:
            return False
        return not self._history or self._history[-1].second + 1 <= now - self._lag

    def read(self, name: str, said: int, asked: float, now: float, *, making: Sizes, deleting: Sizes) -> None:
        """The plugin answered that `said` bytes are left for `name`, to a question of `asked`."""
        if now - asked > ANSWER_SECONDS:
            return
        since = asked - self._lag
        taken, given = self._ended_after(since)
        doubtful = self._began is not None and asked < self._began + self._lag
        groups = self.groups
        low = max(0, said - groups.taken(taken, name) - groups.taken(deleting, name))
        high = said + groups.taken(given, name) + groups.taken(making, name)
        counted = self.available.get(name)
        if doubtful and self._began is not None:
            self._doubt(self._began, now)
        if counted is None:
            if not doubtful:
                self.available[name] = low
        elif counted > high:
            self.available[name] = low
            self._rising.pop(name, None)
            self._owed.pop(name, None)
        elif low > counted and not doubtful:
            self._rise(name, low, now)
        else:
            self._rising.pop(name, None)
        if said > self.available.get(name, 0) and self._history:
            self._doubt(self._history[-1].second + 1.0, now)

    def limit(self, name: str, most: int) -> None:
        """No more than `most` is left for `name`, whatever the plugin says; that makes a count of none."""
        self.available[name] = min(max(0, most), self.available.get(name, most))

    def fix(self, name: str, size: int) -> None:
        """So much is left for `name`: not the plugin's word, but an operator's."""
        self._owed.pop(name, None)
        self.available[name] = max(0, size)

    def next_due(self) -> float | None:
        """When another answer would tell more (monotonic seconds); None when nothing is open."""
        times = [since + CONFIRM_SECONDS for _, since in self._rising.values()]
        if self._doubtful_until is not None:
            times.append(self._doubtful_until)
        return min(times, default=None)

    def asked(self) -> None:
        """Answers are on their way: what they leave open is found out anew."""
        self._doubtful_until = None

    def _rise(self, name: str, low: int, now: float) -> None:
        least, since = self._rising.get(name, (low, now))
        least = min(least, low)
        if now < since + CONFIRM_SECONDS:
            self._rising[name] = (least, since)
            return
        self._rising.pop(name, None)
        self.available[name] = max(self.available[name], least)
        self._owed.pop(name, None)

    def _doubt(self, ended: float, now: float) -> None:
        """An answer given after `ended` and the lag is without doubt."""
        until = ended + self._lag
        if until > now:
            self._doubtful_until = max(until, self._doubtful_until or until)

    def _second(self, now: float) -> _Second:
        while self._history and self._history[0].second < now - self._lag - ANSWER_SECONDS - 1:
            self._history.popleft()
        if not self._history or self._history[-1].second != int(now):
            self._history.append(_Second(int(now)))
        return self._history[-1]

    def _ended_after(self, since: float) -> tuple[dict[str, int], dict[str, int]]:
        """What was taken and given back after `since`, or perhaps within the same second."""
        taken: dict[str, int] = {}
        given: dict[str, int] = {}
        for each in reversed(self._history):
            if each.second + 1 <= since:
                break
            for sizes, found in ((each.taken, taken), (each.given, given)):
                for name, size in sizes.items():
                    found[name] = found.get(name, 0) + size
        return taken, given
