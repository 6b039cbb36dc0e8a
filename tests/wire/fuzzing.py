"""Bytes that are almost right, for the codec and for RecordIO, from a seeded generator.

    python -m tests.wire.fuzzing [--seconds 60] [--seed 1]

A valid message is taken apart and put together wrong. What is read from it must be a message that travels and
comes back as itself, or an error that says what is wrong; nothing else may come of it.
"""

from __future__ import annotations

import argparse
import sys
import time
from random import Random

from agent.providers.pages import page_in
from api.wire.content import JSON, MEDIA_TYPES, PROTOBUF, MediaType, decode, encode
from api.wire.errors import InvalidMessage, RecordError, WireError
from api.wire.message import Message
from api.wire.recordio import RecordDecoder, encode_record
from api.wire.v1 import agent, executor, master, mesos, resource_provider, scheduler
from tests.wire.generated import CLASSES, made_up
from tests.wire.official import runtime_class

CALLS: tuple[type[Message], ...] = (
    scheduler.Call,
    master.Call,
    agent.Call,
    executor.Call,
    resource_provider.Call,
    mesos.Resource,
    mesos.TaskInfo,
)
"""What strangers send, and what is in it: tried more often than the rest."""

PIECES: dict[MediaType, tuple[bytes, ...]] = {
    JSON: (
        b"null", b"[]", b"{}", b'""', b"[[[[", b"}", b",", b":", b"1e999", b"-1", b"18446744073709551616",
        b'"\\ud800"', b"\\u0000", b"\xff", b"\xed\xa0\x80", b"NaN", b"true", b'"parent":{"value":"x"}',
        b'"Infinity"', b"1.5", b" " * 50, b"\n",
    ),
    PROTOBUF: (
        b"\x00", b"\xff" * 10, b"\x0a\x00", b"\x0a\x02\xff\xfe", b"\x08" + b"\xff" * 9 + b"\x01",
        b"\x0b", b"\x0c", b"\x0b\x0c", b"\x0a\xff\xff\xff\xff\x0f", b"\x12\x02\x12\x00",
        b"\x09" + b"\x00" * 6 + b"\xf0\x7f", b"\x09" + b"\x00" * 6 + b"\xf8\x7f", b"\x10\xe7\x07",
        b"\x82\x7d\x01\x41", b"\x07", b"\x80\x01",
    ),
}  # fmt: skip
"""What trips decoders."""

MAX_RECORD_BYTES = 2_000


def spoilt(rng: Random, data: bytes, media_type: MediaType) -> bytes:
    """The bytes with a few mistakes in them; now and then none."""
    spoiling = bytearray(data)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 5))):
        at = rng.randrange(len(spoiling) + 1)
        match rng.randrange(6):
            case 0:
                spoiling[at:at] = rng.choice(PIECES[media_type])
            case 1:
                del spoiling[at : at + rng.choice((1, 1, 2, 10))]
            case 2:
                spoiling[at : at + 1] = bytes((rng.randrange(256),))
            case 3:
                del spoiling[at:]
            case 4:
                end = at + rng.randrange(30)
                spoiling[at:at] = spoiling[at:end] * rng.choice((1, 1, 3))
            case _:
                spoiling[at : at + 4] = rng.choice(PIECES[media_type])
    return bytes(spoiling)


def try_message(rng: Random) -> None:
    """A message, in one media type, with mistakes. Raises AssertionError."""
    kind = rng.choice(CALLS if rng.random() < 0.6 else CLASSES)
    media_type = rng.choice(MEDIA_TYPES)
    data = spoilt(rng, encode(made_up(rng, kind, rng.random()), media_type), media_type)
    try:
        found = decode(kind, data, media_type)
    except WireError as error:
        assert str(error).strip() and len(str(error)) < 5_000
        if media_type == PROTOBUF and isinstance(error, InvalidMessage) and "elements" not in error.reason:
            assert error.path or "within one another" in error.reason, error
    else:
        assert decode(kind, encode(found, JSON), JSON) == found
        if media_type == PROTOBUF:  # in JSON several fields of a oneof may be set
            written = encode(found, PROTOBUF)
            assert decode(kind, written, PROTOBUF) == found
            assert runtime_class(kind).FromString(written).IsInitialized()
    if kind is resource_provider.Call:
        page_in(data, media_type)


def try_records(rng: Random) -> None:
    """A stream of records with mistakes, whole and in pieces. Raises AssertionError."""
    records = [rng.randbytes(rng.choice((0, 1, 9, 10, 200))) for _ in range(rng.randrange(6))]
    stream = spoilt(rng, b"".join(map(encode_record, records)), PROTOBUF)
    whole, failed = read_records([stream])
    edges = sorted(rng.randrange(len(stream) + 1) for _ in range(rng.randrange(8)))
    pieces = [stream[a:b] for a, b in zip([0, *edges], [*edges, len(stream)], strict=True)]
    cut, failed_too = read_records(pieces)
    assert failed == failed_too
    assert whole == cut or (failed and not whole), (whole, cut)


def read_records(pieces: list[bytes]) -> tuple[list[bytes], bool]:
    """The records, and whether the stream broke before its end."""
    decoder = RecordDecoder(MAX_RECORD_BYTES)
    found: list[bytes] = []
    for piece in pieces:
        try:
            found += decoder.feed(piece)
        except RecordError as error:
            assert str(error).strip()
            for again in (b"", b"0\n"):
                try:
                    decoder.feed(again)
                except RecordError:
                    continue
                raise AssertionError("a stream that broke goes on") from error
            return found, True
    return found, False


def play(seed: int) -> None:
    """One round: the same seed, the same bytes."""
    rng = Random(seed)
    for _ in range(20):
        try_message(rng)
    try_records(rng)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.wire.fuzzing", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    seed, end = given.seed, time.monotonic() + given.seconds
    while time.monotonic() < end:
        try:
            play(seed)
        except BaseException:
            print(f"seed {seed}", file=sys.stderr)
            raise
        seed += 1
    print(f"seeds {given.seed} to {seed - 1}: nothing found")


if __name__ == "__main__":
    main()
