"""Answers put together from what is encoded already, in both media types, without joining it.

A body is a list of chunks: a copy of tens of megabytes, only to have them in one piece, takes longer than
to send them. Pure: it knows field names and numbers, and no entity.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from api.wire.content import JSON, MediaType
from api.wire.fragments import field_number, protobuf_head
from api.wire.message import Message

Pieces = list[bytes]
"""Parts of a repeated field: elements as `joined` makes them, in order."""

MORE = 0x80
"""Of a byte of a number in protobuf: another one follows."""

SMALL_BYTES = 16 * 1024
"""Chunks below it are joined with their neighbours, so that few are sent."""


@dataclass(frozen=True, slots=True)
class Body:
    """An encoded message in chunks. `length`: of all of them, in bytes."""

    chunks: tuple[bytes, ...] = field(repr=False)
    length: int

    @staticmethod
    def of(chunks: Iterable[bytes]) -> Body:
        """The chunks with the small ones joined."""
        kept: list[bytes] = []
        small: list[bytes] = []
        size = 0
        for chunk in chunks:
            if len(chunk) >= SMALL_BYTES:
                kept += [b"".join(small), chunk] if small else [chunk]
                small, size = [], 0
                continue
            small.append(chunk)
            size += len(chunk)
            if size >= SMALL_BYTES:
                kept.append(b"".join(small))
                small, size = [], 0
        if small:
            kept.append(b"".join(small))
        return Body(tuple(kept), sum(map(len, kept)))

    def whole(self) -> bytes:
        """In one piece: for what is small."""
        return b"".join(self.chunks)


@dataclass(frozen=True, slots=True)
class Repeated:
    """A repeated field, as pieces of its elements."""

    name: str
    pieces: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Single:
    """A field that holds one message."""

    name: str
    body: Sequence[bytes]


def framed(answer: type[Message], field: str, element: bytes, media_type: MediaType) -> bytes:
    """An encoded message as an element of a repeated field of `answer`, for `joined`."""
    if media_type == JSON:
        return element
    return protobuf_head(field_number(answer, field), len(element)) + element


def unframed(element: bytes, media_type: MediaType) -> bytes:
    """The encoded message that `framed` was given."""
    if media_type == JSON:
        return element
    end = 0
    for _ in ("tag", "length"):
        while element[end] & MORE:
            end += 1
        end += 1
    return element[end:]


def joined(elements: Iterable[bytes], media_type: MediaType) -> bytes:
    """Elements, as `framed` makes them, in one piece of their field.

    In JSON it begins with the comma that parts it from the piece before it.
    """
    return b",".join((b"", *elements)) if media_type == JSON else b"".join(elements)


def piece(answer: type[Message], field: str, messages: Iterable[bytes], media_type: MediaType) -> bytes:
    """The same of encoded messages."""
    return joined((framed(answer, field, each, media_type) for each in messages), media_type)


def extended(
    encoded: bytes, answer: type[Message], fields: Iterable[Repeated | Single], media_type: MediaType
) -> list[bytes]:
    """`encoded`, a message of class `answer`, with further fields; repeated ones only with elements."""
    present = [each for each in fields if isinstance(each, Single) or each.pieces]
    if media_type == JSON:
        return _json(encoded, present)
    chunks = [encoded]
    for each in present:
        if isinstance(each, Repeated):
            chunks += each.pieces
        else:
            number = field_number(answer, each.name)
            chunks += (protobuf_head(number, sum(map(len, each.body))), *each.body)
    return chunks


def _json(encoded: bytes, fields: Sequence[Repeated | Single]) -> list[bytes]:
    if not fields:
        return [encoded]
    chunks = [encoded[:-1]]
    separator = b"" if encoded == b"{}" else b","
    for each in fields:
        chunks.append(b'%b"%b":' % (separator, each.name.encode()))
        separator = b","
        if isinstance(each, Single):
            chunks += each.body
            continue
        chunks.append(b"[")  # and the first piece without its comma
        chunks += (each.pieces[0][1:], *each.pieces[1:], b"]")
    chunks.append(b"}")
    return chunks
