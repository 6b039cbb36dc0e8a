"""The way to the orchestrator, as a port: whole frames in, whole frames out.

No message is understood here, and nothing is retried: `agent.link` does both. `link_stream`
implements it over TCP; a simulation brings its own in memory.
"""

from __future__ import annotations

from typing import Protocol


class ConnectionLost(Exception):
    """There is no connection (any more). The link tries again; nobody else has to act."""


class Connection(Protocol):
    """One established connection. `send` and `receive` may be awaited at the same time."""

    async def send(self, *frames: bytes) -> None:
        """Hand the frames over; returns when the transport will take more. Raises ConnectionLost."""

    async def receive(self) -> bytes:
        """The next whole frame. Raises ConnectionLost."""

    async def close(self) -> None:
        """Let go; idempotent, never raises. Whoever awaits `receive` gets ConnectionLost."""


class Connector(Protocol):
    """Where connections come from. The addresses belong to the implementation."""

    @property
    def several(self) -> bool:
        """Whether there is another orchestrator to ask when one does not answer."""

    async def connect(self) -> Connection:
        """A fresh connection: to the leader that was named, else to the next address.

        Raises ConnectionLost when nobody answers.
        """

    def redirected(self, leader: str) -> None:
        """An orchestrator named the leader, as HOST:PORT: it is dialled next. Raises ValueError."""
