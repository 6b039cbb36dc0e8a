"""What a leader shows, as a standby was told it: the same kinds in the same order, and the same answers.

It is as the leader's was at one moment, always: what is told is put here in steps, and while that is done no
answer is made of it. Entities are JSON as the leader has it; what is asked for in protobuf is made of that
when it is first asked for. No clock and no socket.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from api.wire import codec
from api.wire.content import JSON, MediaType, encode
from api.wire.message import Message
from api.wire.v1 import master
from orchestrator.buckets import Buckets
from orchestrator.following.records import Document, Part, key_of
from orchestrator.shown_answers import KINDS, ShownAnswers

T = master.CallType

MOMENTS_KEPT: Final = 64
"""Of the past, of which it is still known how long they were the present: an answer may be on its way."""


@dataclass(frozen=True, slots=True)
class Known:
    """The body of an answer as JSON, and until when everything is known that shows in it."""

    body: bytes
    until: float


class Replica:
    """Of one leader's state. Times are seconds of whoever's clock tells them here."""

    def __init__(self, epoch: int, moment: int) -> None:
        """`moment`: grows with what changes here, and goes on from the replica before it."""
        self.epoch = epoch
        self.moment = moment
        self.until = 0.0
        """Everything that was true up to then is in it."""
        self.bytes = 0
        """Of all entities and documents."""
        self.is_partial = True
        """Whether some of a moment is here and some is not: nothing is shown until it is all here."""
        self.documents: dict[T, Known] = {}
        self._past: deque[tuple[int, float]] = deque(maxlen=MOMENTS_KEPT)
        self.kinds: dict[str, Buckets[bytes, bytes]] = {
            name: Buckets(kind.answer, kind.field, _shown_as(kind.entity)) for name, kind in KINDS.items()
        }
        self._answers = ShownAnswers(self.kinds)

    # What is told.

    def put(self, parts: Sequence[Part]) -> Iterator[None]:
        """Change what changed, in steps. Kinds that are not known here are left out. `is_partial` until
        `complete`."""
        if parts and not self.is_partial:
            self._past.append((self.moment, self.until))
            self.moment += 1
        self.is_partial = True
        for part in parts:
            kind = self.kinds.get(part.kind)
            if kind is None:
                continue
            for key in part.removed:
                self._remove(kind, bytes(key))
            yield
            for key, entity in zip(part.keys, part.entities, strict=True):
                self._put(kind, bytes(key), bytes(entity))
            yield

    def complete(self, until: float, documents: dict[str, Document]) -> None:
        """All is told; `until` when it was true."""
        self.is_partial = False
        self.until = until
        for name, document in documents.items():
            call = T.__members__.get(name)
            if call is None:
                continue
            last = self.documents.get(call)
            if document.body:
                body = bytes(document.body[0])
            elif last is not None:
                body = last.body
            else:
                continue
            self.bytes += len(body) - (len(last.body) if last is not None else 0)
            self.documents[call] = Known(body, until - document.age)

    # What is shown.

    def was_true_until(self, moment: int) -> float:
        """Until when what was shown at that moment was all there was."""
        if moment == self.moment:
            return self.until
        return next((until for past, until in self._past if past == moment), 0.0)

    def steps(self, call: T, media_type: MediaType) -> Iterator[None]:
        """See `StateView.steps`."""
        while True:
            while self.is_partial:
                yield
            yield from self._answers.steps(call, media_type)
            if not self.is_partial:
                return

    def body(self, call: T, media_type: MediaType) -> list[bytes]:
        """See `StateView.body`."""
        return self._answers.body(call, media_type)

    def volume(self, name: str, media_type: MediaType) -> list[bytes]:
        """GET_VOLUMES with a name. Not while it is partial."""
        return self._answers.only(T.GET_VOLUMES, key_of(name), media_type)

    # Within.

    def _put(self, kind: Buckets[bytes, bytes], key: bytes, entity: bytes) -> None:
        self.bytes += len(entity) - len(kind.get(key) or b"")
        kind.put(key, entity)

    def _remove(self, kind: Buckets[bytes, bytes], key: bytes) -> None:
        self.bytes -= len(kind.get(key) or b"")
        kind.remove(key)


def _shown_as(entity: type[Message]) -> Callable[[bytes, MediaType], bytes]:
    def shown(told: bytes, media_type: MediaType) -> bytes:
        return told if media_type == JSON else encode(codec.decode(entity, told), media_type)

    return shown
