"""What is tried with every call, and the request that tries it: the columns of the table.

Requests only; what should come back is in `expected`, who is asked in `orchestrator_site` and `agent_site`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from api.wire import codec
from api.wire.content import JSON, PROTOBUF, MediaType, encode
from api.wire.fragments import field_number
from api.wire.message import Message
from api.wire.varint import varint

Document = dict[str, Any]


class Column(StrEnum):
    """In the order of the table."""

    VALID = "valid"
    NO_PAYLOAD = "no payload"
    MALFORMED = "malformed"
    WRONG_TYPE = "wrong type"
    UNKNOWN = "unknown"
    UNSUBSCRIBED = "unsubscribed"
    NO_STREAM = "no stream id"
    WRONG_STREAM = "wrong stream id"
    NO_CONTENT_TYPE = "no Content-Type"
    CONTENT_TYPE = "other Content-Type"
    ACCEPT = "other Accept"
    METHOD = "GET"


ABOUT = {
    Column.VALID: "the call is carried out",
    Column.NO_PAYLOAD: "the field that is named as the type is missing",
    Column.MALFORMED: "the body is cut off, or is no message",
    Column.WRONG_TYPE: "a field has another type than it should",
    Column.UNKNOWN: "what the call is about (framework, agent, container, …) is not known",
    Column.UNSUBSCRIBED: "its sender is known, and has no open stream",
    Column.NO_STREAM: "without Mesos-Stream-Id",
    Column.WRONG_STREAM: "with a Mesos-Stream-Id that is not the sender's; SUBSCRIBE: with any",
    Column.NO_CONTENT_TYPE: "without Content-Type",
    Column.CONTENT_TYPE: "Content-Type: text/plain",
    Column.ACCEPT: "Accept: text/plain",
    Column.METHOD: "GET in place of POST",
}

COMMON_COLUMNS = {
    Column.MALFORMED,
    Column.WRONG_TYPE,
    Column.NO_CONTENT_TYPE,
    Column.CONTENT_TYPE,
    Column.ACCEPT,
    Column.METHOD,
}
"""Those in which a call need not be about anything."""

STREAM_ID = "Mesos-Stream-Id"


@dataclass(frozen=True)
class Sent:
    """One request."""

    body: bytes
    headers: dict[str, str]
    method: str = "POST"


@dataclass(frozen=True)
class Call:
    """A call as a document, and the stream that it goes with. `kind`: the class of its message."""

    kind: type[Message]
    document: Document
    stream_id: str | None = None
    more: dict[str, str] = field(default_factory=dict)

    def sent(self, media_type: MediaType, accept: str | None = None) -> Sent:
        headers = {"Content-Type": media_type, "Accept": accept or media_type, **self.more}
        if self.stream_id is not None:
            headers[STREAM_ID] = self.stream_id
        return Sent(self.encoded(media_type), headers)

    def encoded(self, media_type: MediaType) -> bytes:
        text = json.dumps(self.document).encode()
        return text if media_type == JSON else encode(codec.decode(self.kind, text), PROTOBUF)


UNKNOWN_TYPE, NO_TYPE, NEW_TYPE = "UNKNOWN", "(no type)", "(a type that nobody knows)"


def with_type(call: Call, named: str, media_type: MediaType) -> Sent:
    """The request with another type: the one called UNKNOWN, none, or one of a later version of the API."""
    others = {name: value for name, value in call.document.items() if name != "type"}
    changed = Call(
        call.kind, {**others, "type": UNKNOWN_TYPE} if named == UNKNOWN_TYPE else others, call.stream_id
    )
    sent = changed.sent(media_type)
    if named != NEW_TYPE:
        return sent
    if media_type == JSON:
        return Sent(json.dumps({**others, "type": "NO_SUCH_CALL"}).encode(), sent.headers)
    return Sent(sent.body + bytes([field_number(call.kind, "type") << 3]) + varint(999), sent.headers)


def without_payload(call: Call) -> Call:
    field_name = str(call.document["type"]).lower()
    document = {name: value for name, value in call.document.items() if name != field_name}
    return Call(call.kind, document, call.stream_id, call.more)


def spoilt(column: Column, call: Call, media_type: MediaType) -> Sent:
    """The request of a column that is refused whatever the call is about."""
    sent = call.sent(media_type)
    headers = dict(sent.headers)
    match column:
        case Column.MALFORMED:
            return Sent(_cut_off(sent.body, media_type), headers)
        case Column.WRONG_TYPE:
            return Sent(_of_wrong_type(call, media_type), headers)
        case Column.NO_CONTENT_TYPE:
            del headers["Content-Type"]
            return Sent(sent.body, headers)
        case Column.CONTENT_TYPE:
            return Sent(sent.body, {**headers, "Content-Type": "text/plain"})
        case Column.ACCEPT:
            return Sent(sent.body, {**headers, "Accept": "text/plain"})
        case Column.METHOD:
            return Sent(b"", headers, "GET")
    raise AssertionError(f"{column} depends on who is asked")


def _cut_off(body: bytes, media_type: MediaType) -> bytes:
    """In protobuf: a further field that announces more bytes than there are."""
    return body[:-1] if media_type == JSON else body + b"\x0a\x7f"


def _of_wrong_type(call: Call, media_type: MediaType) -> bytes:
    """In JSON the payload is a number (without one: the type is). In protobuf a type that is a text is a
    field that nobody knows, and no type remains."""
    if media_type == JSON:
        name = str(call.document["type"]).lower()
        return json.dumps({**call.document, name if name in call.document else "type": 7}).encode()
    tag = field_number(call.kind, "type") << 3 | 2
    others = {name: value for name, value in call.document.items() if name != "type"}
    rest = encode(codec.decode(call.kind, json.dumps(others).encode()), PROTOBUF)
    return bytes([tag, 4]) + b"TEXT" + rest
