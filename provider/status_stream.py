"""Status streams: what an operation's owner is told, in order, again and again until acknowledged.

One stream per operation. Only its oldest unacknowledged status is in flight; the next goes out
when that one is acknowledged. Resends wait 10 s, doubling to 10 minutes, for ever: what is bounded
is the memory (statuses per stream) and the rate (resends per call of `due`).

Pure: `now` (monotonic seconds) is passed in and deadlines come out as data. It keeps no status
durable and sends nothing; it does not know what a status says.
"""

from __future__ import annotations

import enum
import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

FIRST_RESEND = 10.0
"""Seconds until a status that was not acknowledged is sent again."""

MAX_RESEND = 600.0
"""Seconds between resends at most: the interval doubles up to here."""

MAX_QUEUED = 16
"""Statuses that one stream may hold; an operation has one or two. More is a fault and raises."""

RESEND_BATCH = 200
"""Statuses that one call of `due` gives back; the rest is due at once again, so that the session breathes."""


@dataclass(frozen=True, slots=True)
class Resend:
    """When a status that was not acknowledged is sent again: after `first` seconds, doubling to `longest`."""

    first: float = FIRST_RESEND
    longest: float = MAX_RESEND

    def after(self, sends: int) -> float:
        """Seconds to wait after the `sends`-th sending (from 1) before the next."""
        return min(self.longest, self.first * 2.0 ** min(sends - 1, 30))


class Acknowledged(enum.Enum):
    """What an acknowledgement did."""

    NEXT = "next"
    """The head was acknowledged and another status is due now."""
    CLOSED = "closed"
    """The terminal status was acknowledged: the stream is gone, and so may be its operation."""
    WAITING = "waiting"
    """The head was acknowledged; the stream has nothing to send and waits for a terminal status."""
    STALE = "stale"
    """Not the status in flight (a repeat, or one acknowledged before): nothing changed."""


@dataclass(slots=True)
class _Stream:
    """Invariant: at most the first of `queue` has been sent; `closing` is the terminal status, if queued."""

    queue: list[UUID]
    terminal: UUID | None = None
    sends: int = 0
    due: float | None = None


class StatusStreams:
    """The streams of one provider, by operation UUID."""

    def __init__(self, resend: Resend = Resend()) -> None:
        self._resend = resend
        self._streams: dict[UUID, _Stream] = {}
        self._heap: list[tuple[float, int, UUID]] = []
        self._order = 0
        self._paused = True

    def __contains__(self, operation: UUID) -> bool:
        return operation in self._streams

    def __iter__(self) -> Iterator[UUID]:
        return iter(self._streams)

    def __len__(self) -> int:
        return len(self._streams)

    def append(self, operation: UUID, status: UUID, *, terminal: bool, now: float) -> None:
        """Queue a status. It is due now if it is the stream's first.

        Raises ValueError after a terminal status, and beyond MAX_QUEUED: both are faults of the caller.
        A status that is queued already is left as it is (a recovery may say it twice).
        """
        stream = self._streams.setdefault(operation, _Stream([]))
        if status in stream.queue:
            return
        if stream.terminal is not None:
            raise ValueError(f"operation {operation} has its terminal status {stream.terminal} already")
        if len(stream.queue) >= MAX_QUEUED:
            raise ValueError(f"operation {operation} has {MAX_QUEUED} unacknowledged statuses")
        stream.queue.append(status)
        stream.terminal = status if terminal else None
        if len(stream.queue) == 1:
            self._schedule(operation, stream, now)

    def pause(self) -> None:
        """The session is gone: nothing is due until `resume`."""
        self._paused = True

    def resume(self, now: float) -> None:
        """There is a session again: every head is due now, and the intervals start anew."""
        self._paused = False
        self._heap.clear()
        for operation, stream in self._streams.items():
            if stream.queue:
                stream.sends = 0
                self._schedule(operation, stream, now)

    def due(self, now: float) -> list[tuple[UUID, UUID]]:
        """The (operation, status) pairs to send now, oldest deadline first; each is rescheduled."""
        found: list[tuple[UUID, UUID]] = []
        while not self._paused and len(found) < RESEND_BATCH:
            head = self._head()
            if head is None or head[0] > now:
                break
            heapq.heappop(self._heap)
            operation = head[2]
            stream = self._streams[operation]
            stream.sends += 1
            self._schedule(operation, stream, now + self._resend.after(stream.sends))
            found.append((operation, stream.queue[0]))
        return found

    def next_due(self) -> float | None:
        """When `due` has something to give next (monotonic seconds), or None."""
        head = None if self._paused else self._head()
        return None if head is None else head[0]

    def resend(self, operation: UUID, now: float) -> None:
        """Someone asked: the head is due now. Without a stream nothing happens."""
        stream = self._streams.get(operation)
        if stream is not None and stream.queue:
            self._schedule(operation, stream, now)

    def acknowledge(self, operation: UUID, status: UUID, now: float) -> Acknowledged:
        """Take the acknowledgement of `status`; only the status in flight can be acknowledged."""
        stream = self._streams.get(operation)
        if stream is None or not stream.queue or stream.queue[0] != status:
            return Acknowledged.STALE
        stream.queue.pop(0)
        stream.sends, stream.due = 0, None
        if status == stream.terminal:
            del self._streams[operation]
            return Acknowledged.CLOSED
        if not stream.queue:
            return Acknowledged.WAITING
        self._schedule(operation, stream, now)
        return Acknowledged.NEXT

    def _schedule(self, operation: UUID, stream: _Stream, due: float) -> None:
        stream.due = due
        self._order += 1
        heapq.heappush(self._heap, (due, self._order, operation))

    def _head(self) -> tuple[float, int, UUID] | None:
        """The earliest entry that still holds; entries of moved or closed streams are thrown away."""
        while self._heap:
            due, _, operation = self._heap[0]
            stream = self._streams.get(operation)
            if stream is not None and stream.due == due:
                return self._heap[0]
            heapq.heappop(self._heap)
        return None
