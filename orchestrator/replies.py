"""What an API answers, in values: the HTTP edge turns them into responses.

Data types only; no sockets, no decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from api.wire.content import JSON, MediaType
from api.wire.http_rules import Accepted, Head, Rejection
from api.wire.message import Message
from api.wire.v1 import master
from orchestrator.assembly import Body
from orchestrator.compression import Version

if TYPE_CHECKING:
    from aiohttp import web

C = TypeVar("C", bound=Message)


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer: a message, which the edge encodes as its client wants it, or nothing."""

    status: int
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class Encoded:
    """A complete answer that was encoded where it was made. An empty body has no content type."""

    status: int
    body: bytes = b""
    content_type: MediaType = JSON


@dataclass(frozen=True, slots=True)
class Bulk:
    """A complete answer that is long, in chunks that others may be sent as well.

    `version`: what it is, and the moment that it shows; two answers of the same version are the same. None:
    it is not made for several. `headers`: besides those of every answer.
    """

    status: int
    body: Body
    content_type: MediaType
    version: Version | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Served(Protocol):
    """An answer that sends itself."""

    async def serve(self, request: web.BaseRequest, headers: Mapping[str, str]) -> web.StreamResponse:
        """Answer the request, until either side ends it."""

    def finish(self) -> None:
        """End it after what waits."""


@dataclass(frozen=True, slots=True)
class OpenStream:
    """An answer of 200 that goes on: `ended` is called once, when the stream is over."""

    stream: Served
    headers: Mapping[str, str] = field(default_factory=dict)
    ended: Callable[[], None] = lambda: None


Reply = Answer | Encoded | Bulk | OpenStream | Rejection


def told(kind: master.ResponseType, message: Message, status: int = 200) -> Answer:
    """A master.Response that holds `message` in the field named as its type, in lower case."""
    answer = master.Response(type=kind)
    setattr(answer, kind.lower(), message)
    return Answer(status, answer)


class Api(Protocol[C]):
    """One API: `read` looks at a call without carrying it out, `answer` carries it out.

    `media_type`: what the answer, or each record of it, has to be made of. `answer` may raise an
    `OrlopError`, whose `http_status` and text are then the answer.
    """

    name: str

    def read(self, head: Head, body: bytes) -> Accepted[C] | Rejection: ...

    async def answer(self, call: C, stream_id: str | None, media_type: MediaType) -> Reply: ...
