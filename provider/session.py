"""A provider's session with its manager: calls one way, events the other.

Both ends of the resource provider protocol, without a transport: a `Pipe` is one session as the manager
sees it, `ProviderSession` is what a provider has of it. In the process of the manager's host the two are
joined directly; over HTTP `agent.providers.api` holds the pipe. No message is understood here.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable
from typing import Protocol

from api.wire.v1 import resource_provider as rp

QUEUE_LIMIT = 1000
"""Events on their way to one provider. One that leaves more unread has its session closed, and comes back
with everything reconciled."""


class SessionClosed(Exception):
    """There is no session (any more); the message says why, if the other side said so. Connect again."""


class Refusal(enum.StrEnum):
    """Why a call is not taken, as far as its sender can act on it."""

    INVALID = "INVALID"
    """The call itself is wrong: the provider has to be mended."""
    UNKNOWN_ID = "UNKNOWN_ID"
    """No provider was ever given this id here. Subscribing without an id gives a new one."""
    MISMATCH = "MISMATCH"
    """The id was given to a provider of another type or name."""
    REMOVED = "REMOVED"
    """An operator has removed the provider for good: it must not come back under this id."""
    TAKEN = "TAKEN"
    """A provider of this type and name is here already."""
    FULL = "FULL"
    """As many providers as may be are admitted."""


class CallRefused(Exception):
    """The manager does not take a call; the message says why, and what to do. A SUBSCRIBE that is refused
    leaves no session behind; any other call is as if it had not been sent.
    """

    def __init__(self, message: str, why: Refusal = Refusal.INVALID) -> None:
        super().__init__(message)
        self.why = why


class ProviderSession(Protocol):
    """One session at a time; `connect` again after SessionClosed."""

    async def connect(self) -> None:
        """Open it. Raises SessionClosed when the manager does not take it."""

    async def send(self, call: rp.Call) -> None:
        """Hand over a call; calls arrive in order. Raises CallRefused, and SessionClosed: then it may or
        may not have arrived.
        """

    async def receive(self) -> rp.Event:
        """The next event. Raises SessionClosed."""

    async def close(self) -> None:
        """End the session; without one nothing happens."""


class Pipe:
    """One session. `heartbeat_seconds`: how often its transport sends a HEARTBEAT, if it does."""

    def __init__(self, heartbeat_seconds: float | None = None) -> None:
        self.heartbeat_seconds = heartbeat_seconds
        self._events: asyncio.Queue[rp.Event | None] = asyncio.Queue(QUEUE_LIMIT + 1)  # and its end
        self._closed: str | None = None
        self._take: Callable[[rp.Call], Awaitable[None]] | None = None
        self._ended: Callable[[str], None] = lambda reason: None

    @property
    def is_closed(self) -> bool:
        return self._closed is not None

    def close(self, reason: str) -> None:
        """End it for both sides; what is on its way is lost, as on any connection."""
        if self._closed is None:
            while not self._events.empty():
                self._events.get_nowait()
            self.finish(reason)

    def finish(self, reason: str) -> None:
        """End it; what was sent before can still be read."""
        if self._closed is None:
            self._closed = reason
            self._events.put_nowait(None)
            self._ended(reason)

    def check(self) -> None:
        """Raises SessionClosed."""
        if self._closed is not None:
            raise SessionClosed(self._closed)

    # The provider's end

    async def call(self, call: rp.Call) -> None:
        """Hand a call to the manager; returns when it has taken it. Raises CallRefused, SessionClosed."""
        self.check()
        assert self._take is not None, "the manager has not accepted this session"
        await self._take(call)

    async def next_event(self) -> rp.Event:
        """Raises SessionClosed."""
        event = await self._events.get()
        if event is None:
            self._events.put_nowait(None)  # whoever asks again is told the same
            self.check()
            raise AssertionError("an end without a reason")
        return event

    # The manager's end

    def serve(self, take: Callable[[rp.Call], Awaitable[None]], ended: Callable[[str], None]) -> None:
        """`take` is given every call, and raises CallRefused; `ended` is told once why the session ended."""
        self._take, self._ended = take, ended

    def send_event(self, event: rp.Event) -> None:
        """Never waits. Raises SessionClosed, also when the provider has fallen behind too far."""
        if self._closed is None and self._events.qsize() >= QUEUE_LIMIT:
            self.close(f"the provider has left {QUEUE_LIMIT} events unread")
        self.check()
        self._events.put_nowait(event)


class InProcessSession:
    """A `ProviderSession` with a manager in the same process; `accept` is the manager's."""

    def __init__(self, accept: Callable[[Pipe], None]) -> None:
        self._accept = accept
        self._pipe: Pipe | None = None

    async def connect(self) -> None:
        """See `ProviderSession.connect`."""
        await self.close()
        self._pipe = Pipe()
        self._accept(self._pipe)

    async def send(self, call: rp.Call) -> None:
        """See `ProviderSession.send`."""
        await self._connected.call(call)

    async def receive(self) -> rp.Event:
        """See `ProviderSession.receive`."""
        return await self._connected.next_event()

    async def close(self) -> None:
        """See `ProviderSession.close`."""
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.close("the provider closed its session")

    @property
    def _connected(self) -> Pipe:
        if self._pipe is None:
            raise SessionClosed("not connected")
        return self._pipe
