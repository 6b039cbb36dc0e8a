"""Asking the plugin how much is left: when, for which profile, and what an answer is held against.

One reading at a time, GetCapacity for every profile in force. While volumes are made or deleted there are
fewer readings, and an answer means less; what it means is reckoned in `accounts`. A profile's own limit, and
the capacity of a plugin that tells none, come from what the operator wrote. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Protocol

from provider.accounts import Accounts
from provider.attempts import Attempt, Attempts, Turn
from provider.calls import GetCapacity, Outcome
from provider.driver import VolumeDriver
from provider.events import CallFailed
from provider.learner import Learner
from provider.operations import Operations
from provider.plausibility import LARGEST_POOL
from provider.records import Profile
from provider.totals import Totals

QUICK_REPEATS = 3
"""How often a capacity that was not answered is asked for again at once; then the next reading has to do."""

BUSY_SECONDS = 60.0
"""How long there may be no reading because volumes are always being made or deleted."""


class Host(Protocol):
    """What this room asks of the machine."""

    operations: Operations

    @property
    def profiles(self) -> Mapping[str, Profile]: ...

    def settle(self, turn: Turn, *, outside: bool = False) -> None: ...


class CapacityReading:
    """Readings of one provider. `problems`: profiles that have no pool, or an old one, and why."""

    def __init__(
        self, host: Host, totals: Totals, driver: VolumeDriver, attempts: Attempts, learner: Learner
    ) -> None:
        self._host = host
        self._learner = learner
        self._said: dict[str, int] = {}
        self._totals = totals
        self._driver = driver
        self._attempts = attempts
        self._open: set[str] | None = None
        self._asked = float("-inf")
        self._read: frozenset[str] = frozenset()
        """The profiles of the last reading: a new one does not wait for what is under way."""
        self._again = False
        self.problems: dict[str, str] = {}

    @property
    def _accounts(self) -> Accounts:
        return self._totals.accounts

    def refresh(self, turn: Turn) -> None:
        """Ask, unless the plugin is not up, the last reading is not over, or it is busy and one is recent."""
        facts = self._driver.facts
        if facts is None:
            return
        if self._open is not None:
            self._again = True
            return
        busy = self._host.operations.under_way.changes_capacity and self._host.profiles.keys() <= self._read
        if busy and turn.at.monotonic - self._asked < BUSY_SECONDS:
            return
        self._asked = turn.at.monotonic
        self._accounts.asked()
        self._open = set(self._host.profiles)
        self._read = frozenset(self._open)
        self._said = {}
        self._learner.begin(turn.at.monotonic)
        self.problems = {name: why for name, why in self.problems.items() if name in self._open}
        for name in sorted(self._open):
            profile = self._host.profiles[name]
            if facts.capabilities.get_capacity:
                self._ask(turn, profile)
            else:
                self._untold(turn, profile)
        if not self._host.profiles:
            self._close(turn)

    def next_due(self) -> float | None:
        """When another reading would tell more (monotonic seconds)."""
        if self._open is not None or self._driver.facts is None:
            return None
        if self._host.operations.under_way.changes_capacity:
            return None
        return self._accounts.next_due()

    def fire(self, turn: Turn) -> None:
        """Read again when that is due."""
        due = self.next_due()
        if due is not None and due <= turn.at.monotonic:
            self.refresh(turn)

    def _ask(self, turn: Turn, profile: Profile) -> None:
        asked = turn.at.monotonic
        request = GetCapacity(profile.capability, profile.parameters, self._topology())
        about = f"GetCapacity for profile {profile.name}"
        self._attempts.call(
            turn, request, about, partial(self._told, profile, asked), partial(self._failed, profile)
        )

    def _topology(self) -> Mapping[str, str]:
        facts = self._driver.facts
        return facts.topology if facts is not None and facts.capabilities.topology else {}

    def _told(self, profile: Profile, asked: float, turn: Turn, size: int) -> None:
        size = min(size, LARGEST_POOL)
        self.problems.pop(profile.name, None)
        if size <= 0:
            self.problems[profile.name] = "the plugin has no capacity for it"
        if profile.name in self._host.profiles:
            self._said[profile.name] = max(0, size)
            under_way = self._host.operations.under_way
            self._accounts.read(
                profile.name,
                max(0, size),
                asked,
                turn.at.monotonic,
                making=under_way.making,
                deleting=under_way.deleting,
            )
            if profile.name not in self._accounts.available:
                self.problems[profile.name] = (
                    "the plugin's answer may be older than what was made or deleted last: it is asked again"
                )
            elif profile.limit_bytes is not None:
                self._accounts.limit(profile.name, profile.limit_bytes - self._used(profile.name))
        self._answered(turn, profile.name)

    def _failed(self, profile: Profile, turn: Turn, attempt: Attempt, failure: CallFailed) -> None:
        if failure.outcome is not Outcome.REFUSED and attempt.failures < QUICK_REPEATS:
            self._attempts.repeat(attempt, failure, turn.at.monotonic)
            return
        self.problems[profile.name] = f"GetCapacity: {failure.code}: {failure.message}"
        if failure.outcome is Outcome.REFUSED and profile.name in self._host.profiles:
            self._accounts.fix(profile.name, 0)
        self._answered(turn, profile.name)

    def _untold(self, turn: Turn, profile: Profile) -> None:
        """The plugin cannot tell: the operator's word is all there is."""
        if profile.limit_bytes is None:
            self.problems[profile.name] = (
                "the plugin does not tell its capacity (GET_CAPACITY): write how much volumes of this "
                'profile may take together, as capacity = "100GiB", into the profile'
            )
        else:
            self.problems.pop(profile.name, None)
            self._accounts.fix(profile.name, profile.limit_bytes - self._used(profile.name))
        self._answered(turn, profile.name)

    def _used(self, name: str) -> int:
        """Bytes of the pool that volumes take: of the profile, and of those declared to share with it."""
        groups = self._accounts.groups
        sizes: dict[str, int] = {}
        for volume in self._driver.volumes.values():
            if volume.profile is not None:
                sizes[volume.profile] = sizes.get(volume.profile, 0) + volume.capacity_bytes
        return groups.taken({peer: sizes.get(peer, 0) for peer in groups.peers(name)}, name)

    def _answered(self, turn: Turn, name: str) -> None:
        assert self._open is not None
        self._open.discard(name)
        if not self._open:
            self._close(turn)

    def _close(self, turn: Turn) -> None:
        self._open = None
        self._learner.end(turn, self._said)
        turn.persist(*self._totals.counted())
        self._host.settle(turn, outside=True)
        if self._again:
            self._again = False
            self.refresh(turn)
