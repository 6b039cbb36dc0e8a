"""Calls under way: who waits for them, how often they failed, when they are repeated.

A call whose outcome is unknown is repeated, the same, until the plugin answers definitely. The
waits in between double from 0.1 s to 60 s, each drawn at random from its upper half, so that many
that failed together do not come back together. Pure: time is passed in, deadlines come out.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provider.calls import VOLUME_NAME_PREFIX, CreateVolume, Request
from provider.events import ActOnHost, CallFailed, CallPlugin, HostAction, Instruction, Persist, ReportState
from provider.records import Change, subject

if TYPE_CHECKING:
    import random  # noqa: TID251 - only its type

TOLD_FAILURES = 256
"""After 1, 4, 16, 64 and 256 failures of one call it is reported what stands in the way, then every 256."""

FIRST_WAIT = 0.1
"""Seconds before the first repeat, at most."""

MAX_WAIT = 60.0
"""Seconds between repeats at most; they go on for ever, because an unknown outcome stays unknown."""


@dataclass(frozen=True, slots=True)
class Instant:
    """When something is handled: `monotonic` seconds for deadlines, `epoch` seconds for people."""

    monotonic: float
    epoch: float


class Turn:
    """What one event brings about: changes to persist together, then instructions, in order."""

    def __init__(self, at: Instant) -> None:
        self.at = at
        self._changes: dict[tuple[str, object], Change] = {}
        self._instructions: list[Instruction] = []
        self._report: bool | None = None

    def persist(self, *changes: Change) -> None:
        """Changes that must be durable before any instruction of this turn is carried out."""
        for change in changes:
            self._changes[subject(change)] = change

    def act(self, instruction: Instruction) -> None:
        self._instructions.append(instruction)

    def report(self, *, urgent: bool) -> None:
        """UPDATE_STATE is due at the end of this turn."""
        self._report = urgent or bool(self._report)

    def instructions(self) -> list[Instruction]:
        """All of it, in the order in which it has to be carried out."""
        first: list[Instruction] = [Persist(tuple(self._changes.values()))] if self._changes else []
        last: list[Instruction] = [ReportState(self._report)] if self._report is not None else []
        return [*first, *self._instructions, *last]


@dataclass(slots=True)
class Attempt:
    """A call that was not answered definitely yet. `retry_at` is None while it is in flight.

    `subject`: the volume, or the operation, that the call is for. `since`, `latest`: when it was made first
    and failed last (monotonic seconds).
    """

    instruction: CallPlugin | ActOnHost
    about: str
    subject: str
    done: Callable[[Turn, Any], None]
    failed: Callable[[Turn, Attempt, CallFailed], None]
    failures: int = 0
    retry_at: float | None = None
    message: str = ""
    since: float = 0.0
    latest: float = 0.0

    @property
    def id(self) -> int:
        return self.instruction.call

    @property
    def is_told(self) -> bool:
        """Whether as many failures as there are now are worth a report."""
        return self.failures in (1, 4, 16, 64) or (self.failures > 0 and self.failures % TOLD_FAILURES == 0)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What stands in the way of something. `times`: calls made in vain; `since`, `latest`: epoch seconds."""

    message: str
    times: int
    since: float
    latest: float


class Attempts:
    """All calls under way of one provider, by id."""

    def __init__(self, random: random.Random) -> None:
        self._random = random
        self._attempts: dict[int, Attempt] = {}
        self._by_subject: dict[str, dict[int, Attempt]] = {}
        self._at = Instant(0.0, 0.0)
        self._timers: list[tuple[float, int]] = []
        self._last = 0

    def call(
        self,
        turn: Turn,
        request: Request[Any],
        about: str,
        done: Callable[[Turn, Any], None],
        failed: Callable[[Turn, Attempt, CallFailed], None],
    ) -> Attempt:
        """Send `request`; `about` names what it is for, in messages."""
        instruction = CallPlugin(self._next(), request)
        return self._start(turn, Attempt(instruction, about, _subject(request), done, failed))

    def act(
        self,
        turn: Turn,
        action: HostAction,
        about: str,
        done: Callable[[Turn, Any], None],
        failed: Callable[[Turn, Attempt, CallFailed], None],
    ) -> Attempt:
        """Carry out `action` on the host."""
        return self._start(turn, Attempt(ActOnHost(self._next(), action), about, "", done, failed))

    def repeat(self, attempt: Attempt, failure: CallFailed, now: float) -> None:
        """Send the same again after a wait; `failure` is what it ended with this time."""
        attempt.failures += 1
        attempt.latest = now
        attempt.message = f"{failure.code}: {failure.message}" if failure.message else failure.code
        ceiling = min(MAX_WAIT, FIRST_WAIT * 2.0 ** min(attempt.failures - 1, 30))
        attempt.retry_at = now + ceiling * (0.5 + self._random.random() / 2)
        self._keep(attempt)
        heapq.heappush(self._timers, (attempt.retry_at, attempt.id))

    def take(self, call: int) -> Attempt | None:
        """The attempt that an answer belongs to, which is no longer under way; None for a stale answer."""
        attempt = self._attempts.get(call)
        if attempt is None or attempt.retry_at is not None:
            return None
        self._drop(attempt)
        return attempt

    def withdraw(self, attempt: Attempt) -> bool:
        """Give up waiting to repeat. False, and nothing happens, while the call is in flight."""
        if attempt.retry_at is None:
            return False
        self._drop(attempt)
        return True

    def resemble(self, attempt: Attempt, before: Attempt) -> None:
        """It is the same call again, which was withdrawn: what is known of it goes on to count."""
        if attempt.about == before.about:
            attempt.failures, attempt.message = before.failures, before.message
            attempt.since, attempt.latest = before.since, before.latest

    def forget(self, attempt: Attempt) -> None:
        """Nobody waits for this any more: it is not repeated, and an answer to it is stale."""
        self._drop(attempt)

    def hurry(self, turn: Turn, subjects: Iterable[str]) -> None:
        """Repeat now what waits to be repeated for these volumes and operations."""
        for each in subjects:
            for attempt in self._by_subject.get(each, {}).values():
                if attempt.retry_at is not None:
                    attempt.retry_at = turn.at.monotonic
                    heapq.heappush(self._timers, (attempt.retry_at, attempt.id))

    def fire(self, turn: Turn) -> None:
        """Send again what is due."""
        self._at = turn.at
        while self._timers and self._timers[0][0] <= turn.at.monotonic:
            due, call = heapq.heappop(self._timers)
            attempt = self._attempts.get(call)
            if attempt is not None and attempt.retry_at == due:
                attempt.retry_at = None
                turn.act(attempt.instruction)

    def next_due(self) -> float | None:
        """When `fire` has something to do next (monotonic seconds)."""
        while self._timers:
            due, call = self._timers[0]
            attempt = self._attempts.get(call)
            if attempt is not None and attempt.retry_at == due:
                return due
            heapq.heappop(self._timers)
        return None

    def trouble_of(self, subjects: Iterable[str]) -> Trouble | None:
        """What goes on failing for these volumes and operations: the call that failed most often."""
        worst: Attempt | None = None
        for each in subjects:
            for attempt in self._by_subject.get(each, {}).values():
                if attempt.failures > (0 if worst is None else worst.failures):
                    worst = attempt
        if worst is None:
            return None
        message = f"{worst.about} is being repeated: {worst.message}"
        return Trouble(message, worst.failures, self._epoch(worst.since), self._epoch(worst.latest))

    def validate(self) -> None:
        """Raises AssertionError when two calls are under way for one volume, or for one creation."""
        for each, attempts in self._by_subject.items():
            assert len(attempts) == 1, f"{each}: {', '.join(a.about for a in attempts.values())} at once"

    @property
    def at(self) -> Instant:
        """When something was handled last."""
        return self._at

    def _epoch(self, monotonic: float) -> float:
        return self._at.epoch - (self._at.monotonic - monotonic)

    def _next(self) -> int:
        self._last += 1
        return self._last

    def _start(self, turn: Turn, attempt: Attempt) -> Attempt:
        attempt.since = turn.at.monotonic
        self._keep(attempt)
        turn.act(attempt.instruction)
        return attempt

    def _keep(self, attempt: Attempt) -> None:
        self._attempts[attempt.id] = attempt
        if attempt.subject:
            self._by_subject.setdefault(attempt.subject, {})[attempt.id] = attempt

    def _drop(self, attempt: Attempt) -> None:
        if self._attempts.pop(attempt.id, None) is None:
            return
        of_subject = self._by_subject.get(attempt.subject)
        if of_subject is not None:
            del of_subject[attempt.id]
            if not of_subject:
                del self._by_subject[attempt.subject]


def _subject(request: Request[Any]) -> str:
    """The operation or the volume that a request is for; "" for those that are for neither."""
    if isinstance(request, CreateVolume):
        return request.name.removeprefix(VOLUME_NAME_PREFIX)
    return str(getattr(request, "volume_id", ""))
