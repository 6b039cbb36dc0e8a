"""Who is connected: the way from the rooms that decide to agents and frameworks.

Nothing is decided here, and nothing waits: a message to somebody who is not connected is not
sent, and every protocol above has its own way to repeat it.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from api.wire.v1 import link, scheduler

M = TypeVar("M", contravariant=True)
S = TypeVar("S")


class Session(Protocol[M]):
    """A live connection. `send` queues; when the peer is too slow the session closes itself."""

    def send(self, message: M) -> None: ...

    def close(self, reason: str) -> None: ...


class Sessions(Generic[S]):
    """At most one session for each peer; a later one takes the earlier one's place."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session[S]] = {}

    def open(self, peer: str, session: Session[S]) -> None:
        previous = self._sessions.get(peer)
        self._sessions[peer] = session
        if previous is not None and previous is not session:
            previous.close("another connection of the same peer took its place")

    def close(self, peer: str, reason: str) -> None:
        session = self._sessions.pop(peer, None)
        if session is not None:
            session.close(reason)

    def closed(self, peer: str, session: Session[S]) -> bool:
        """Forget a session that ended; False when another one has taken its place already."""
        if self._sessions.get(peer) is not session:
            return False
        del self._sessions[peer]
        return True

    def get(self, peer: str) -> Session[S] | None:
        return self._sessions.get(peer)

    def send(self, peer: str, message: S) -> bool:
        """Queue a message; False when the peer is not connected."""
        session = self._sessions.get(peer)
        if session is None:
            return False
        session.send(message)
        return True

    def peers(self) -> tuple[str, ...]:
        return tuple(self._sessions)


class AgentSessions(Sessions[link.OrchestratorMessage]):
    """Sessions of agents. Every message carries the epoch, so that a deposed leader is refused."""

    def __init__(self, epoch: int) -> None:
        super().__init__()
        self.epoch = epoch


FrameworkSessions = Sessions[scheduler.Event]
