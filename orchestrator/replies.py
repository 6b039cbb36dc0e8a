"""What an API answers, in values: the HTTP edge turns them into responses.

Data types only; no sockets, no decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from api.wire.http_rules import JSON, Accepted, Head, Rejection
from api.wire.message import Message
from orchestrator.streams import RecordStream

C = TypeVar("C", bound=Message)


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer. An empty body has no content type."""

    status: int
    body: bytes = b""
    content_type: str = JSON


@dataclass(frozen=True, slots=True)
class OpenStream:
    """An answer of 200 that goes on: `ended` is called once, when the stream is over."""

    stream: RecordStream
    headers: Mapping[str, str] = field(default_factory=dict)
    ended: Callable[[], None] = lambda: None


Reply = Answer | OpenStream | Rejection


class Api(Protocol[C]):
    """One API: `read` looks at a call without carrying it out, `answer` carries it out.

    `answer` may raise an `OrlopError`, whose `http_status` and text are then the answer.
    """

    name: str

    def read(self, head: Head, body: bytes) -> Accepted[C] | Rejection: ...

    async def answer(self, call: C, stream_id: str | None) -> Reply: ...
