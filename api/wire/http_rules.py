"""What the v1 HTTP edges check of a request, in which order, and what they answer when it fails.

Pure: header values and bytes in, a typed call or a rejection out. It reads no socket and knows no
handler. The order is that of existing servers of these APIs, because clients rely on it:

    leader, recovered (the edge's own: 307, 503) -> POST 405 -> Content-Type there 400 -> body within
    its limit 413 -> body can be read 400, of a known media type 415 -> `type` named 400, known 501 ->
    valid 400 -> Accept can be satisfied 406

Use: `check_head` before the body is read, `check_call` after. Both return a `Rejection` to send.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from msgspec import UNSET

from api.wire.content import JSON, MEDIA_TYPES, PROTOBUF, MediaType, decode
from api.wire.errors import WireError
from api.wire.message import Message

M = TypeVar("M", bound=Message)

RECORDIO: Final = "application/recordio"

EITHER: Final = f"{JSON} or {PROTOBUF}"

DEFAULT_MAX_BODY_BYTES: Final = 8 * 1024 * 1024
"""Of a request. A longer one is answered 413, and is not read to its end."""

MAX_MESSAGE_CHARACTERS: Final = 2_000
"""Of a rejection's text; what quotes the request is cut there."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a request says before its body. Values are the raw headers', None when they are absent.

    `content_length` is None for a chunked body; its reader then stops by itself beyond the limit.
    """

    method: str
    content_type: str | None = None
    accept: str | None = None
    content_length: int | None = None
    message_accept: str | None = None
    message_content_type: str | None = None
    cache_control: str | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """An answer that ends the request: status, a text for people, and headers that belong to it."""

    status: int
    message: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted(Generic[M]):
    """A call that may be handled. `media_type` is what its answer, or each record of it, is made of.

    `framed`: its answer is a stream, and the client has asked for it to be called one (RECORDIO).
    """

    call: M
    media_type: MediaType = JSON
    framed: bool = False


UNKNOWN_TYPE: Final = Rejection(501, "a call of type UNKNOWN is not implemented")


def check_head(head: Head, max_body_bytes: int = DEFAULT_MAX_BODY_BYTES) -> Rejection | None:
    """What is wrong with a request before its body is read; None when nothing is."""
    if head.method != "POST":
        return Rejection(405, f"expecting a POST, not a {head.method}", (("Allow", "POST"),))
    if head.content_type is None or not head.content_type.strip():
        return Rejection(400, "expecting 'Content-Type' to be present")
    if head.content_length is not None and head.content_length > max_body_bytes:
        return body_too_long(max_body_bytes)
    return None


def check_stream_head(head: Head) -> Rejection | None:
    """What is wrong with a request whose body is a stream of records; None when nothing is."""
    if head.method != "POST":
        return Rejection(405, f"expecting a POST, not a {head.method}", (("Allow", "POST"),))
    if head.message_content_type is None or not head.message_content_type.strip():
        return Rejection(400, f"expecting 'Message-Content-Type' beside 'Content-Type' of {RECORDIO}")
    if content_of(head.message_content_type) is None:
        shown = _short(head.message_content_type)
        return Rejection(415, f"expecting 'Message-Content-Type' of {EITHER}, not {shown}")
    return None


def body_too_long(max_body_bytes: int = DEFAULT_MAX_BODY_BYTES) -> Rejection:
    """The answer to a body that goes on beyond its limit. The connection is closed after it."""
    return Rejection(413, f"the body exceeds {max_body_bytes} bytes", (("Connection", "close"),))


def check_call(
    head: Head,
    body: bytes,
    message: type[M],
    validate: Callable[[M], str | None] = lambda call: None,
    checks_accept: Callable[[M], bool] = lambda call: True,
    *,
    unknown_type: bool = False,
    streams: Callable[[M], bool] = lambda call: False,
) -> Accepted[M] | Rejection:
    """The call that `body` holds.

    `validate` says what is wrong with a call that could be read, in words for its sender, or None;
    `checks_accept` says whether this call's answer has a body that the sender must be able to read.
    With `unknown_type` a call of type UNKNOWN passes: an API that checks more before the type answers it.
    `streams` says whether this call's answer is a stream of records, which may be accepted as such.
    """
    content = content_of(head.content_type)
    if content is None:
        return Rejection(415, f"expecting 'Content-Type' of {EITHER}, not {_short(head.content_type)}")
    try:
        call = decode(message, body, content)
    except WireError as error:
        return Rejection(400, f"failed to parse the body: {_cut(str(error))}")
    wrong = _check_type(call, unknown_type) or _check_validity(validate(call))
    if wrong is not None:
        return wrong
    if not checks_accept(call):
        return Accepted(call, answer_in(head.accept) or JSON)
    return _accepted(head, call, streams(call))


def _accepted(head: Head, call: M, is_stream: bool) -> Accepted[M] | Rejection:
    """A stream that is asked for as one says of what its records are to be made."""
    answer = answer_in(head.accept)
    if answer is not None:
        if head.message_accept is not None:
            return Rejection(406, f"'Message-Accept' belongs to an 'Accept' of {RECORDIO} alone")
        return Accepted(call, answer)
    if not is_stream or not accepts(head.accept, RECORDIO):
        return Rejection(406, f"expecting 'Accept' to allow {EITHER}")
    records = answer_in(head.message_accept)
    if records is None:
        return Rejection(406, f"expecting 'Message-Accept' to allow {EITHER}")
    return Accepted(call, records, framed=True)


def answer_in(accept: str | None) -> MediaType | None:
    """Of what an answer is made that such a header asks for: JSON when it may be; None: it cannot be."""
    return next((each for each in MEDIA_TYPES if accepts(accept, each)), None)


def content_of(content_type: str | None) -> MediaType | None:
    """Of what a body with such a Content-Type is made; None when it is of neither media type."""
    named = media_type(content_type)
    return next((each for each in MEDIA_TYPES if named == each), None)


def accepts(accept: str | None, wanted: str) -> bool:
    """Whether an Accept header (RFC 9110, 12.5.1) allows a media type; its absence allows everything.

    The most specific range that matches decides; a quality of 0 forbids.
    """
    if accept is None or not accept.strip():
        return True
    qualities = dict(_ranges(accept))
    for media_range in (wanted, "application/*", "*/*"):
        if media_range in qualities:
            return qualities[media_range] > 0.0
    return False


def oldest_wanted(cache_control: str | None) -> float | None:
    """How old an answer may be, in seconds, for who sends such a Cache-Control (RFC 9111, 5.2.1); None: it
    does not say. What cannot be read is taken for the strictest."""
    wanted: list[float] = []
    for part in (cache_control or "").lower().split(","):
        name, _, value = (each.strip() for each in part.partition("="))
        if name in ("no-cache", "no-store"):
            wanted.append(0.0)
        elif name == "max-age":
            digits = value.strip('"')
            wanted.append(float(digits) if digits.isascii() and digits.isdigit() else 0.0)
    return min(wanted, default=None)


def media_type(content_type: str | None) -> str:
    """A Content-Type without its parameters, in lower case."""
    return (content_type or "").partition(";")[0].strip().lower()


def served_path(path: str, served: Iterable[str]) -> str | None:
    """Which of the `served` paths answers for `path`: the longest that it begins with, by segments.

    Existing clients call longer paths than are served (/api/v1/operator is /api/v1), and end them with
    a slash.
    """
    segments = path.rstrip("/")
    matching = [each for each in served if segments == each or segments.startswith(f"{each}/")]
    return max(matching, key=len, default=None)


def _check_type(call: Message, unknown_type: bool) -> Rejection | None:
    named = getattr(call, "type", UNSET)
    if named is UNSET:
        return Rejection(400, "expecting 'type' to be present and known")
    if named == "UNKNOWN" and not unknown_type:
        return UNKNOWN_TYPE
    return None


def _check_validity(wrong: str | None) -> Rejection | None:
    return None if wrong is None else Rejection(400, _cut(wrong))


def _ranges(accept: str) -> Iterable[tuple[str, float]]:
    for part in accept.split(","):
        name, *parameters = (each.strip().lower() for each in part.split(";"))
        yield name, _quality(parameters)


def _quality(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _short(text: str | None) -> str:
    return repr((text or "")[:100])


def _cut(text: str) -> str:
    return text if len(text) <= MAX_MESSAGE_CHARACTERS else text[: MAX_MESSAGE_CHARACTERS - 1] + "…"
