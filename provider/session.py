"""A provider's session with its manager: calls one way, events the other.

The client side of the resource provider protocol. Here it runs in the process of the manager's
host, through two bounded queues; another transport implements the same port. No message is
understood here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from api.wire.v1 import resource_provider as rp

QUEUE_LIMIT = 1000
"""Messages on their way in one direction. A provider that sends more waits; a provider that is sent more
than it takes has its session closed, and comes back with everything reconciled."""


class SessionClosed(Exception):
    """There is no session (any more); the message says why, if the other side said so. Connect again."""


class ProviderSession(Protocol):
    """One session at a time; `connect` again after SessionClosed."""

    async def connect(self) -> None:
        """Open it. Raises SessionClosed when the manager does not take it."""

    async def send(self, call: rp.Call) -> None:
        """Hand over a call; calls arrive in order. Raises SessionClosed: it may or may not have arrived."""

    async def receive(self) -> rp.Event:
        """The next event. Raises SessionClosed."""

    async def close(self) -> None:
        """End the session; without one nothing happens."""


class Pipe:
    """Both directions of a session within one process."""

    def __init__(self) -> None:
        self._calls: asyncio.Queue[rp.Call | None] = asyncio.Queue(QUEUE_LIMIT)
        self._events: asyncio.Queue[rp.Event | None] = asyncio.Queue(QUEUE_LIMIT)
        self._closed: str | None = None

    def close(self, reason: str) -> None:
        """End it for both sides; what is on its way is lost, as on any connection."""
        if self._closed is None:
            self._closed = reason
            for queue in (self._calls, self._events):
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)  # wakes who waits for something to come

    def _check(self) -> None:
        if self._closed is not None:
            raise SessionClosed(self._closed)

    # The provider's end

    async def send_call(self, call: rp.Call) -> None:
        """Raises SessionClosed."""
        self._check()
        await self._calls.put(call)
        self._check()

    async def next_event(self) -> rp.Event:
        """Raises SessionClosed."""
        self._check()
        event = await self._events.get()
        self._check()
        assert event is not None
        return event

    # The manager's end

    async def next_call(self) -> rp.Call:
        """Raises SessionClosed."""
        self._check()
        call = await self._calls.get()
        self._check()
        assert call is not None
        return call

    def send_event(self, event: rp.Event) -> None:
        """Never waits. Raises SessionClosed, also when the provider has fallen behind too far."""
        if self._events.full():
            self.close(f"the provider has left {QUEUE_LIMIT} events unread")
        self._check()
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
        await self._connected.send_call(call)

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
