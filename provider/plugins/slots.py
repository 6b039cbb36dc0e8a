"""Calls to one plugin wait here for their turn: in order, as many at once as `concurrency` allows.

Whoever waits says how its call begins, and is not woken to do so: the call begins while the one before gives
its place back, as the plugin has nothing to do in between. A wait may be cancelled and then leaves nothing
behind. What may begin is decided in `concurrency`; nothing is repeated.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from api.model.clock import Clock
from provider.plugins.concurrency import Concurrency, Place

Begin = Callable[[Place], bool]
"""Begins a call in its place, at once. False: it is not made after all, and the place is another's."""


@dataclass(slots=True)
class _Turn:
    came: asyncio.Future[None]
    subject: str
    kind: str
    begin: Begin


class CallSlots:
    """The places at one plugin. Calls on suspects wait in a line of their own.

    The lines have no bound of their own: who calls has at most one call for each volume and operation.
    """

    def __init__(self, maximum: int, clock: Clock) -> None:
        self._concurrency = Concurrency(maximum)
        self._clock = clock
        self._ordinary: deque[_Turn] = deque()
        self._suspects: deque[_Turn] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = 0.0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def in_flight(self) -> int:
        """Calls under way."""
        return self._concurrency.in_flight

    @property
    def limit(self) -> int:
        """Calls that may be under way at once just now."""
        return self._concurrency.limit

    @property
    def waiting(self) -> int:
        """Calls that wait for their turn."""
        return len(self._ordinary) + len(self._suspects)

    def resize(self, maximum: int) -> None:
        """Another maximum; calls under way are left alone."""
        self._concurrency.resize(maximum)
        self._admit()

    async def take(self, subject: str, kind: str, begin: Begin) -> None:
        """Returns once `begin` was called with a place for a call of `kind` about `subject`. Whoever got a
        place gives it back, also when cancelled while waiting here."""
        suspect = self._concurrency.is_suspect(subject, kind)
        queue = self._suspects if suspect else self._ordinary
        now = self._clock.monotonic()
        if not queue and self._concurrency.has_room(now, suspect=suspect):
            self._begin(subject, kind, begin, now)
            self._note_idle()
            return
        turn = _Turn(asyncio.get_running_loop().create_future(), subject, kind, begin)
        queue.append(turn)
        self._set_timer()
        await turn.came

    def give(self, place: Place, code: str) -> None:
        """The call ended with this gRPC code, "OK" for an answer."""
        self._concurrency.end(place, code, self._clock.monotonic())
        self._admit()

    def give_up(self, place: Place) -> None:
        """The call was not made after all."""
        self._concurrency.abandon(place)
        self._admit()

    async def idle(self) -> None:
        """Wait until no call is under way."""
        await self._idle.wait()

    def _begin(self, subject: str, kind: str, begin: Begin, now: float) -> None:
        place = self._concurrency.begin(subject, kind, now)
        if not begin(place):
            self._concurrency.abandon(place)

    def _admit(self) -> None:
        """Let in who may begin now."""
        if self.waiting:
            now = self._clock.monotonic()
            self._admit_from(self._ordinary, now, suspect=False)
            self._admit_from(self._suspects, now, suspect=True)
            self._set_timer()
        self._note_idle()

    def _note_idle(self) -> None:
        if self._concurrency.in_flight == 0:
            self._idle.set()
        else:
            self._idle.clear()

    def _admit_from(self, queue: deque[_Turn], now: float, *, suspect: bool) -> None:
        while queue:
            turn = queue[0]
            if turn.came.done():  # it was cancelled
                queue.popleft()
            elif not suspect and self._concurrency.is_suspect(turn.subject, turn.kind):
                self._suspects.append(queue.popleft())  # it became one while it waited
            elif self._concurrency.has_room(now, suspect=suspect):
                queue.popleft()
                turn.came.set_result(None)
                self._begin(turn.subject, turn.kind, turn.begin, now)
            else:
                return

    def _set_timer(self) -> None:
        """Who waits is let in as well when a call has taken so long that it counts no more. A timer that goes
        off too early does no harm, so it is moved only when it would be late."""
        due = self._concurrency.next_room() if self.waiting else None
        if due is None or (self._timer is not None and self._timer_due <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        delay = max(0.0, due - self._clock.monotonic())
        self._timer_due = due
        self._timer = asyncio.get_running_loop().call_later(delay, self._look_again)

    def _look_again(self) -> None:
        self._timer = None
        self._admit()
