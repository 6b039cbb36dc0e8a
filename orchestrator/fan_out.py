"""Events on their way to many subscribers: each encoded once for each media type, and framed once for all
who are sent the same.

Who subscribes is first told what there is, a snapshot that takes a while to make; what happens meanwhile is
kept for it, and of that what the snapshot does not show yet follows. So nothing is left out and nothing is
told twice. It knows no event, and opens no socket.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from api.wire.content import MediaType
from orchestrator.streams import Batch, CutOff, RecordStream
from orchestrator.subjects import Filter, Subjects

SLICE_SECONDS = 0.002
"""Of the event loop's time for handing events to subscribers; then others have their turn."""

KEPT_LIMIT = 100_000
"""Events that are kept for a subscriber whose snapshot is being made; beyond it the subscriber is cut off,
and comes back for another one."""

LOOK_AT = 16
"""Subscribers between two looks at the clock."""


@dataclass(slots=True)
class Event:
    """`moment`: of the change that it tells of. `records`: encoded and framed, for each media type in use."""

    moment: int
    subjects: Subjects
    records: dict[MediaType, bytes]


@dataclass(slots=True)
class Subscriber:
    """`shown`: the moment of its snapshot, None until it has one; until then events are `kept`."""

    stream: RecordStream
    filter: Filter | None
    shown: int | None = None
    kept: list[Event] = field(default_factory=list)

    def keep(self, events: Sequence[Event]) -> None:
        """For when it has been shown what there is; too many end it."""
        if self.stream.is_over:
            self.kept.clear()
        elif len(self.kept) + len(events) > KEPT_LIMIT:
            self.kept.clear()
            self.stream.cut(CutOff.OVERRUN, f"more than {KEPT_LIMIT} events came while its snapshot was made")
        else:
            self.kept += events

    def wants(self, event: Event) -> bool:
        assert self.shown is not None
        return event.moment > self.shown and (self.filter is None or self.filter.admits(event.subjects))


class FanOut:
    """The subscribers of one stream of events."""

    def __init__(self) -> None:
        self._subscribers: dict[RecordStream, Subscriber] = {}
        self._media_types: Counter[MediaType] = Counter()

    def __len__(self) -> int:
        return len(self._subscribers)

    @property
    def media_types(self) -> tuple[MediaType, ...]:
        """Those that somebody wants events in."""
        return tuple(self._media_types)

    def add(self, stream: RecordStream, wanted: Filter | None = None) -> None:
        """A subscriber that is about to be shown what there is: from here on, events are kept for it."""
        self._subscribers[stream] = Subscriber(stream, wanted)
        self._media_types[stream.media_type] += 1

    def show(self, stream: RecordStream, moment: int) -> None:
        """Its snapshot is of that moment, and in the stream: what happened since follows.

        Nothing happens when it has gone meanwhile.
        """
        subscriber = self._subscribers.get(stream)
        if subscriber is not None:
            kept, subscriber.kept = subscriber.kept, []
            subscriber.shown = moment
            _send_apart(subscriber, kept)

    def remove(self, stream: RecordStream) -> None:
        if self._subscribers.pop(stream, None) is not None:
            self._media_types[stream.media_type] -= 1
            self._media_types += Counter()  # drops those that are zero

    def cut_all(self, why: CutOff, reason: str) -> None:
        """What was to be told is lost: they must come back for a snapshot."""
        for stream in tuple(self._subscribers):
            stream.cut(why, reason)

    async def deliver(self, events: Sequence[Event]) -> None:
        """Hand events to all who want them, in order. One delivery at a time."""
        batches: dict[MediaType, Batch] = {}
        clock = asyncio.get_running_loop().time
        until = clock() + SLICE_SECONDS
        first = min(event.moment for event in events)
        for index, subscriber in enumerate(tuple(self._subscribers.values())):
            if index % LOOK_AT == 0 and clock() >= until:
                await asyncio.sleep(0)
                until = clock() + SLICE_SECONDS
            if subscriber.shown is None:
                subscriber.keep(events)
            elif subscriber.filter is not None or subscriber.shown >= first:
                _send_apart(subscriber, events)
            else:
                stream = subscriber.stream
                batch = batches.get(stream.media_type)
                if batch is None:
                    batch = batches[stream.media_type] = _batch(events, stream.media_type)
                stream.send(batch)


def _batch(events: Sequence[Event], media_type: MediaType) -> Batch:
    return Batch([event.records[media_type] for event in events])


def _send_apart(subscriber: Subscriber, events: Sequence[Event]) -> None:
    wanted = [event for event in events if subscriber.wants(event)]
    if wanted:
        subscriber.stream.send(_batch(wanted, subscriber.stream.media_type))
