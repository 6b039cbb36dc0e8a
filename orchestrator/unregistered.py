"""Connections at the agents' port that are not registered yet: how many may be silent, how much all may say.

Anybody may dial that port, and a first message may be large. Who goes on beyond the bounds is not read until
others are through, but for the oldest: all would wait for each other else. Who says nothing makes room for
who comes. Must not: know what is said, or a clock.
"""

from __future__ import annotations

from typing import Final, Protocol

SILENT_LIMIT: Final = 4_096
"""Connections that have not said all of their REGISTER; a further one takes the place of the oldest, whose
agent dials again. Agents say it at once."""

BYTES_LIMIT: Final = 256 * 2**20
"""Of all that agents have said which are not registered yet; beyond it nothing more is read of them until
others are registered, or closed for having been too slow. One read each may go beyond it, and the rest of
what the oldest has to say."""


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
        self._held: dict[Stranger, None] = {}
        self.bytes = 0

    def opened(self, stranger: Stranger) -> None:
        """It has just been accepted."""
        self._silent[stranger] = None
        self._said[stranger] = 0
        if len(self._silent) > self._silent_limit:
            oldest = self._oldest
            assert oldest is not None
            self.over(oldest)
            oldest.drop("too many connections say nothing: others come first")
        self._bound(stranger)

    def said(self, stranger: Stranger, size: int) -> None:
        """So many bytes more, which are kept until it is registered."""
        if stranger in self._said:
            self._said[stranger] += size
            self.bytes += size
            self._bound(stranger)

    def complete(self, stranger: Stranger) -> None:
        """It has said its REGISTER: its turn comes, and what it says then is not counted here."""
        self._silent.pop(stranger, None)
        self._release(stranger)
        self._let_go_on()

    def over(self, stranger: Stranger) -> None:
        """It is registered, or closed."""
        self._silent.pop(stranger, None)
        self._held.pop(stranger, None)
        self.bytes -= self._said.pop(stranger, 0)
        self._let_go_on()

    @property
    def _oldest(self) -> Stranger | None:
        """Of those that have not said all."""
        return next(iter(self._silent), None)

    def _bound(self, stranger: Stranger) -> None:
        is_too_much = self.bytes > self._bytes_limit
        if is_too_much and stranger in self._silent and stranger is not self._oldest:
            self._held[stranger] = None
            stranger.hold()

    def _let_go_on(self) -> None:
        while self._held and self.bytes <= self._bytes_limit:
            self._release(next(iter(self._held)))
        if (oldest := self._oldest) is not None:
            self._release(oldest)

    def _release(self, stranger: Stranger) -> None:
        if stranger in self._held:
            del self._held[stranger]
            stranger.go_on()
