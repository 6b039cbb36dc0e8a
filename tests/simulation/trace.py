"""What happened in a run, line by line: printed on failure, compared to prove that a seed replays.

Messages are kept only where the story is to be drawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """`to`: "" when it is no message."""

    at: float
    who: str
    to: str
    what: str


class Trace:
    """Lines of (virtual time, who, what). `drawn`: events are kept, with the messages."""

    def __init__(self, now: Callable[[], float], *, drawn: bool = False) -> None:
        self._now = now
        self.events: list[Event] | None = [] if drawn else None
        self._hash = hashlib.sha256()
        self.lines: list[str] = []
        self.failure: str | None = None
        """The first invariant that was found broken."""
        self.on_failure: Callable[[], None] = lambda: None

    def note(self, who: str, what: str) -> None:
        """`what` must be the same in every run of one seed: no addresses, no order of sets."""
        line = f"{self._now():10.4f} {who:<14} {what}"
        self._hash.update(line.encode())
        self.lines.append(line)
        if self.events is not None:
            self.events.append(Event(self._now(), who, "", what))

    def arrow(self, sender: str, receiver: str, what: str) -> None:
        """A message is sent."""
        if self.events is not None:
            self.events.append(Event(self._now(), sender, receiver, what))

    def require(self, holds: object, what: str) -> None:
        """Note that an invariant is broken, from within any process; the run ends soon after."""
        if not holds and self.failure is None:
            self.failure = what
            self.note("BROKEN", what)
            self.on_failure()

    def digest(self) -> str:
        """Two runs with the same digest went the same way."""
        return self._hash.hexdigest()


class Broken(AssertionError):
    """An invariant does not hold."""
