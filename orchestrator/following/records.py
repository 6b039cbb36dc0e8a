"""What a leader tells a follower: records, and how they are written and read.

One answer: a head, parts, an end, each a JSON document framed as a record. What the parts say holds for the
moment of the end; without an end nothing of it does. Entities travel as they are shown, and keys are what
their leader makes them: who follows compares them, and knows nothing else about them. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from api.wire.errors import MalformedDocument
from api.wire.recordio import encode_record


class Head(msgspec.Struct, frozen=True):
    """epoch: the leader's. follower: its name for who asked; number: of this answer, both for the next
    question. whole: it begins anew, nothing of what was told before holds on."""

    epoch: int
    follower: str
    number: int
    whole: bool


class Part(msgspec.Struct, frozen=True):
    """Of one kind: first these keys are removed, then those entities are put, new ones behind all others."""

    kind: str
    removed: list[msgspec.Raw] = []
    keys: list[msgspec.Raw] = []
    entities: list[msgspec.Raw] = []


class Document(msgspec.Struct, frozen=True):
    """An answer that is not made of entities: the body of the call's response; none: as it was told last.
    age: seconds between its moment and the question."""

    age: float
    body: list[msgspec.Raw] = []


class End(msgspec.Struct, frozen=True):
    """documents: by the type of their call."""

    documents: dict[str, Document] = {}


class Record(msgspec.Struct, frozen=True):
    """One of these."""

    head: Head | None = None
    part: Part | None = None
    end: End | None = None


_READER = msgspec.json.Decoder(Record)
_WRITER = msgspec.json.Encoder()


def head_record(head: Head) -> bytes:
    return encode_record(b'{"head":%b}' % _WRITER.encode(head))


def part_record(
    kind: str, removed: Sequence[object], keys: Sequence[object], entities: Sequence[bytes]
) -> bytes:
    """`removed`, `keys`: as the kind has them; `entities`: JSON, as many as keys."""
    return encode_record(
        b'{"part":{"kind":"%b","removed":%b,"keys":%b,"entities":[%b]}}'
        % (kind.encode(), _WRITER.encode(removed), _WRITER.encode(keys), b",".join(entities))
    )


def end_record(end: End) -> bytes:
    return encode_record(b'{"end":%b}' % _WRITER.encode(end))


def key_of(key: object) -> bytes:
    """A key as it travels."""
    return _WRITER.encode(key)


def read(record: bytes) -> Record:
    """Raises MalformedDocument: who is asked runs another version, or is no orchestrator."""
    try:
        found = _READER.decode(record)
    except msgspec.DecodeError as error:
        raise MalformedDocument(f"this is no record for followers: {error}") from error
    if found.part is not None and len(found.part.keys) != len(found.part.entities):
        raise MalformedDocument("a record for followers has not as many entities as keys")
    return found
