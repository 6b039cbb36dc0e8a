"""Messages to bytes and back: JSON for the HTTP APIs, msgpack for the link and for databases.

JSON as the v1 APIs have it: snake_case names, enums by name, bytes as base64, whole numbers as numbers, pure
ASCII. Reading is strict first and fast; a document that fails is normalised (`api.wire.normalise`) and tried
once more. Unknown fields are ignored. No I/O; limits on the length of bodies and records belong to who reads
them.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, TypeVar

import msgspec

from api.wire.errors import InvalidMessage, MalformedDocument
from api.wire.message import UINT64_MAX, Message
from api.wire.normalise import MAX_NESTING, normalise
from api.wire.schema import MAX_CLASSES

M = TypeVar("M", bound=Message)

NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
DIGITS_AS_ZEROS: Final = bytes(ord("0") if chr(code).isdigit() and code < 128 else 0 for code in range(256))


def encode(message: Message) -> bytes:
    """The message as one line of ASCII JSON. Unset fields and empty lists do not appear; defaults do."""
    data = msgspec.json.encode(message)
    if data.isascii():
        return data
    return NOT_ASCII.sub(_escaped, data.decode()).encode("ascii")


def decode(message: type[M], data: bytes) -> M:
    """The message that the JSON document holds.

    Raises `MalformedDocument` (not JSON, or nested beyond what can be read) or `InvalidMessage` (JSON, but
    not this message: names the field). In both cases the sender must change what it sends.
    """
    try:
        result: M = _json_decoder(message).decode(data)
    except msgspec.ValidationError:
        return _decode_unusual(message, data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(error) from error
    if _may_exceed_uint64(data) or _may_nest(data):
        _refuse_excess(result)
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


@lru_cache(maxsize=MAX_CLASSES)
def _json_decoder(message: type[M]) -> msgspec.json.Decoder[M]:
    return msgspec.json.Decoder(message)


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


def _may_exceed_uint64(data: bytes) -> bool:
    """Whether 20 digits stand in a row somewhere, as every larger number has them. Faster than a regex."""
    return b"0" * 20 in data.translate(DIGITS_AS_ZEROS)


def _may_nest(data: bytes) -> bool:
    """Whether the only message that can hold itself (ContainerID, by `parent`) might do so too often."""
    return data.count(b'"parent"') + data.count(b"\\u00") > MAX_NESTING


def _refuse_excess(message: Message) -> None:
    """What the decoder cannot bound by itself: 64-bit whole numbers above, and messages within themselves."""
    for path, depth, value in _leaves(message):
        if depth > MAX_NESTING:
            raise InvalidMessage("", f"more than {MAX_NESTING} messages within one another")
        if isinstance(value, int) and value > UINT64_MAX:
            raise InvalidMessage(path, f"a number up to {UINT64_MAX} is expected here")


def _leaves(message: Message) -> Iterator[tuple[str, int, object]]:
    """Every value within the message with its path and depth; iterative, so that depth cannot hurt."""
    pending: list[tuple[str, int, object]] = [("", 0, message)]
    while pending:
        path, depth, value = pending.pop()
        yield path, depth, value
        if isinstance(value, Message):
            prefix = f"{path}." if path else ""
            pending.extend(
                (f"{prefix}{name}", depth + 1, getattr(value, name)) for name in value.__struct_fields__
            )
        elif isinstance(value, list):
            pending.extend((f"{path}[{index}]", depth, each) for index, each in enumerate(value))
        elif isinstance(value, dict):
            pending.extend((f"{path}[{key!r}]", depth, each) for key, each in value.items())
