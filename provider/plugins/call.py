"""One call to a plugin: begun in its place, which it gives back as soon as the plugin has answered.

Between an answer and the next call in that place the plugin has nothing to do, so nobody is woken in between:
the place is given back, and the next call begun, while the answer is still on its way to who waits for it.
Whether there is a place is decided in `slots`, what is sent in the client; nothing is repeated here.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable
from typing import Generic, TypeVar

from api.model.clock import Clock
from provider.calls import PluginClient, Request
from provider.plugins.concurrency import Place
from provider.plugins.methods import METHODS, subject_of
from provider.plugins.slots import CallSlots

T = TypeVar("T")


class Call(Generic[T]):
    """A call that is to be made. `gate` is open while the plugin takes calls."""

    def __init__(
        self, request: Request[T], client: PluginClient, slots: CallSlots, clock: Clock, gate: asyncio.Event
    ) -> None:
        self.method = METHODS[type(request)]
        self.began = clock.monotonic()
        """When it was asked for, then when it was made (monotonic seconds)."""
        self._request = request
        self._client = client
        self._slots = slots
        self._clock = clock
        self._gate = gate
        self._place: Place | None = None
        self._awaited: Awaitable[T] | None = None
        self._error: Exception | None = None

    async def made(self) -> None:
        """Returns when it was made, or cannot be. Waits for the plugin, and for a place."""
        subject = subject_of(self._request)
        while self._awaited is None and self._error is None:
            while not self._gate.is_set():
                await self._gate.wait()
            await self._slots.take(subject, self.method, self._begin)

    async def answer(self) -> T:
        """What the plugin answered. Raises PluginError."""
        if self._error is not None:
            raise self._error
        assert self._awaited is not None
        return await self._awaited

    def ended(self, code: str) -> None:
        """It ended with this gRPC code: its place is another's now, if it was not before."""
        place, self._place = self._place, None
        if place is not None:
            self._slots.give(place, code)

    def give_up(self) -> None:
        """Nobody waits for its answer any more, which says nothing about the plugin."""
        place, self._place = self._place, None
        if inspect.iscoroutine(self._awaited):
            self._awaited.close()
        if place is not None:
            self._slots.give_up(place)

    def _begin(self, place: Place) -> bool:
        if not self._gate.is_set():
            return False  # it went down meanwhile
        self.began = self._clock.monotonic()
        self._place = place
        try:
            self._awaited = self._client.call(self._request, self._answered)
        except Exception as error:  # whoever waits for this call is to have it, not who gave the place back
            self._error, self._place = error, None
        return self._error is None

    def _answered(self) -> None:
        self.ended("OK")
