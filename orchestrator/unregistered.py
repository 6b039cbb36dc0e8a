"""Connections at the agents' port that are not registered yet: how many may be silent, how much all may say.

Anybody may dial that port, and a first message may be large. Who goes on beyond the bounds is not read until
others are through; who says nothing makes room for who comes. Must not: know what is said, or a clock.
"""

from __future__ import annotations

from collections import deque
from typing import Final, Protocol

SILENT_LIMIT: Final = 4_096
"""Connections that have not said all of their REGISTER; a further one takes the place of the oldest, whose
agent dials again. Agents say it at once."""

BYTES_LIMIT: Final = 256 * 2**20
"""Of all that agents have said which are not registered yet; beyond it nothing more is read of them until
others are registered, or closed for having been too slow. One read each may go beyond it."""


class Stranger(Protocol):
    """One of these connections."""

    def hold(self) -> None:
        """Nothing is read of it."""

    def go_on(self) -> None:
        """It is read again; its time to register begins anew."""

    def drop(self, reason: str) -> None:
        """End it."""


class Unregistered:
    """All of them, of one port or one leadership."""

    def __init__(self, silent_limit: int = SILENT_LIMIT, bytes_limit: int = BYTES_LIMIT) -> None:
        self._silent_limit, self._bytes_limit = silent_limit, bytes_limit
        self._silent: dict[Stranger, None] = {}
        self._said: dict[Stranger, int] = {}
        self._held: deque[Stranger] = deque()
        self.bytes = 0

    def opened(self, stranger: Stranger) -> None:
        """It has just been accepted."""
        self._silent[stranger] = None
        self._said[stranger] = 0
        if len(self._silent) > self._silent_limit:
            oldest = next(iter(self._silent))
            self.over(oldest)
            oldest.drop("too many connections say nothing: others come first")
        if self.bytes > self._bytes_limit:
            self._hold(stranger)

    def said(self, stranger: Stranger, size: int) -> None:
        """So many bytes more, which are kept until it is registered."""
        if stranger in self._said:
            self._said[stranger] += size
            self.bytes += size
            if self.bytes > self._bytes_limit and stranger in self._silent:
                self._hold(stranger)

    def complete(self, stranger: Stranger) -> None:
        """It has said its REGISTER: its turn comes."""
        self._silent.pop(stranger, None)

    def over(self, stranger: Stranger) -> None:
        """It is registered, or closed."""
        self._silent.pop(stranger, None)
        self.bytes -= self._said.pop(stranger, 0)
        while self._held and self.bytes <= self._bytes_limit:
            held = self._held.popleft()
            if held in self._silent:
                held.go_on()

    def _hold(self, stranger: Stranger) -> None:
        self._held.append(stranger)
        stranger.hold()
