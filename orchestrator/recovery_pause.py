"""Nothing is offered for a while after a restart when there is quota: first the agents must be back.

The first agents to return would look like the whole cluster: guarantees that the others could meet would seem
to be in need of them, and reservations and use that nobody has reported yet would not count against a limit.
Operators' volumes do not wait: they name what they take.

Begun once, at recovery. Once over, it stays over. Must not: offer, or know a clock.
"""

from __future__ import annotations

from typing import Final

DEFAULT_SHARE: Final = 0.8
DEFAULT_SECONDS: Final = 600.0


class RecoveryPause:
    """`share`: of the agents that were admitted, 0 to 1. `seconds`: after which it ends in any case."""

    def __init__(self, share: float = DEFAULT_SHARE, seconds: float = DEFAULT_SECONDS) -> None:
        self._share = share
        self._seconds = seconds
        self._awaited: set[str] = set()
        self._missing = 0
        self._until: float | None = None

    def begin(self, agents: set[str], now: float) -> None:
        """Wait for a share of these agents (rounded down). Called only when there is quota to keep."""
        self._awaited = set(agents)
        self._missing = int(len(agents) * self._share)
        if self._missing > 0:
            self._until = now + self._seconds

    def agent_is_back(self, agent_id: str) -> None:
        """It has registered, and said what it has of its own."""
        if agent_id in self._awaited:
            self._awaited.remove(agent_id)
            self._missing -= 1

    def cancel(self) -> None:
        """There is no quota any more."""
        self._until = None

    def is_on(self, now: float) -> bool:
        if self._until is not None and (self._missing <= 0 or now >= self._until):
            self._until = None
        return self._until is not None

    def reason(self, now: float) -> str | None:
        """Why nothing is offered, for people; None when that is over."""
        if not self.is_on(now) or self._until is None:
            return None
        return (
            f"nothing is offered after the orchestrator's start until {self._missing} more agents are back, "
            f"or {self._until - now:.0f} s have passed: there is quota to keep"
        )
