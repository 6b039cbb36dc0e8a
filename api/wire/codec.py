"""Messages to bytes and back: JSON for the HTTP APIs (`protobuf` is their other form), msgpack for the
link and for databases.

JSON as the v1 APIs have it: snake_case names, enums by name, bytes as base64, whole numbers as numbers, pure
ASCII. Reading is strict first and fast; a document that fails is normalised (`api.wire.normalise`) and tried
once more. Unknown fields are ignored. No I/O; limits on the length of bodies and records belong to who reads
them.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeVar

import msgspec

from api.wire.errors import InvalidMessage, MalformedDocument
from api.wire.message import Message
from api.wire.nesting import MAX_NESTING, may_nest, refuse_nesting
from api.wire.normalise import normalise
from api.wire.schema import MAX_CLASSES

M = TypeVar("M", bound=Message)

WRITER: Final = msgspec.json.Encoder()

NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
SHORTEST_DEEP_BYTES: Final = MAX_NESTING * len('{"value":"","parent":}')
"""A shorter document, once it was read, cannot hold messages within themselves too deep."""


def encode(message: Message) -> bytes:
    """The message as one line of ASCII JSON. Unset fields and empty lists do not appear; defaults do."""
    data = WRITER.encode(message)
    if data.isascii():
        return data
    return NOT_ASCII.sub(_escaped, data.decode()).encode("ascii")


def decode(message: type[M], data: bytes) -> M:
    """The message that the JSON document holds.

    Raises `MalformedDocument` (not JSON, or nested beyond what can be read) or `InvalidMessage` (JSON, but
    not this message: names the field). In both cases the sender must change what it sends.
    """
    try:
        result: M = READERS[message](data)
    except msgspec.ValidationError:
        return _decode_unusual(message, data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(error) from error
    return result


def encode_msgpack(message: Message) -> bytes:
    """The message as msgpack: the same fields and names as in JSON, with bytes as bytes."""
    return msgspec.msgpack.encode(message)


def decode_msgpack(message: type[M], data: bytes) -> M:
    """The message that `encode_msgpack` wrote; nothing is mended.

    Raises `MalformedDocument` or `InvalidMessage`: the other side runs another version, or is not one of us.
    """
    try:
        result: M = _msgpack_decoder(message).decode(data)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(error) from error
    return result


class _Readers(dict[type[Message], Callable[[bytes], Any]]):
    """What reads each class, made when it is first asked for.

    A cache, as functools has them, and bounded by the number of classes. To look into a dict takes a third of
    the time of theirs, which shows in short messages.
    """

    def __missing__(self, message: type[Message]) -> Callable[[bytes], Any]:
        read = self[message] = _json_reader(message)
        return read


READERS: Final = _Readers()


def make_ready(*messages: type[Message]) -> None:
    """Make now what reads these in JSON, which takes some 10 ms for one that can hold much; else it would be
    made, and all others wait, when the first one comes."""
    for message in messages:
        READERS[message]


def _json_reader(message: type[M]) -> Callable[[bytes], M]:
    """What reads the class strictly. Raises as msgspec does, and InvalidMessage for what is too deep."""
    read = msgspec.json.Decoder(message).decode
    if not may_nest(message):
        return read

    def read_bounded(data: bytes) -> M:
        result: M = read(data)
        if len(data) > SHORTEST_DEEP_BYTES and _may_be_deep(data):
            refuse_nesting(result)
        return result

    return read_bounded


@lru_cache(maxsize=MAX_CLASSES)
def _msgpack_decoder(message: type[M]) -> msgspec.msgpack.Decoder[M]:
    return msgspec.msgpack.Decoder(message)


def _decode_unusual(message: type[M], data: bytes) -> M:
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(error) from error
    try:
        return msgspec.convert(normalise(message, document), message)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error


def _malformed(error: Exception) -> MalformedDocument:
    if isinstance(error, RecursionError):
        return MalformedDocument("the document is nested too deeply")
    return MalformedDocument(f"the document cannot be read: {error}")


def _invalid(error: msgspec.ValidationError) -> InvalidMessage:
    reason, _, path = str(error).partition(" - at `$")
    return InvalidMessage(path.strip(".`"), reason)


def _escaped(match: re.Match[str]) -> str:
    """A character as JSON escapes it: one \\u, or two (a surrogate pair) beyond the first 65536."""
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[index : index + 2].hex()}" for index in range(0, len(units), 2))


def _may_be_deep(data: bytes) -> bool:
    """Whether the only message that can hold itself (ContainerID, by `parent`) might do so too often."""
    return data.count(b'parent"') + data.count(b"\\u00") > MAX_NESTING
