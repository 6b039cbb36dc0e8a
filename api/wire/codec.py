"""Messages to bytes and back: JSON for the HTTP APIs (`protobuf` is their other form), msgpack for the
link and for databases.

JSON as the v1 APIs have it: snake_case names, enums by name, bytes as base64, whole numbers as numbers, pure
ASCII. Reading is strict first and fast; a document that fails is normalised (`api.wire.normalise`) and tried
once more. Unknown fields are ignored. No I/O; limits on the length of bodies and records belong to who reads
them.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Final, TypeVar

import msgspec

from api.wire.errors import InvalidMessage, MalformedDocument
from api.wire.message import UINT64_MAX, Message
from api.wire.nesting import MAX_NESTING, may_nest, messages_within, refuse_nesting
from api.wire.normalise import normalise
from api.wire.schema import MAX_CLASSES, fields_of

M = TypeVar("M", bound=Message)

NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
ESCAPE: Final = b"\\u00"
"""How an ASCII letter begins that a client has escaped: names of fields may be spelled so."""

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
    for needs_care, take_care in _cares(message):
        if needs_care(data):
            take_care(result)
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


Care = tuple[Callable[[bytes], bool], Callable[[Message], None]]


@lru_cache(maxsize=MAX_CLASSES)
def _cares(message: type[Message]) -> tuple[Care, ...]:
    """What the decoder cannot bound by itself in this message: a quick look at the bytes, which never misses,
    and the slow look at what was decoded."""
    cares: list[Care] = []
    unsigned = _unsigned_fields(message)
    if unsigned:
        cares.append((partial(_may_exceed_uint64, unsigned), _refuse_excess))
    if may_nest(message):
        cares.append((_may_nest, refuse_nesting))
    return tuple(cares)


def _unsigned_fields(message: type[Message]) -> tuple[bytes, ...]:
    """The keys under which 64-bit whole numbers without a sign may stand in it."""
    shapes = (shape for each in messages_within(message) | {message} for shape in fields_of(each).values())
    names = {shape.name for shape in shapes if shape.type is int and shape.maximum == UINT64_MAX}
    return tuple(b'"%b"' % name.encode() for name in sorted(names))


def _may_exceed_uint64(unsigned: tuple[bytes, ...], data: bytes) -> bool:
    """Whether 20 digits stand in a row somewhere, as every larger number has them. Faster than a regex."""
    if ESCAPE not in data and not any(name in data for name in unsigned):
        return False
    return b"0" * 20 in data.translate(DIGITS_AS_ZEROS)


def _may_nest(data: bytes) -> bool:
    """Whether the only message that can hold itself (ContainerID, by `parent`) might do so too often."""
    return data.count(b'"parent"') + data.count(ESCAPE) > MAX_NESTING


def _refuse_excess(message: Message) -> None:
    """64-bit whole numbers above what 64 bits hold."""
    for path, value in _leaves(message):
        if isinstance(value, int) and value > UINT64_MAX:
            raise InvalidMessage(path, f"a number up to {UINT64_MAX} is expected here")


def _leaves(message: Message) -> Iterator[tuple[str, object]]:
    """Every value within the message with its path; iterative, so that depth cannot hurt."""
    pending: list[tuple[str, object]] = [("", message)]
    while pending:
        path, value = pending.pop()
        yield path, value
        if isinstance(value, Message):
            prefix = f"{path}." if path else ""
            pending.extend((f"{prefix}{name}", getattr(value, name)) for name in value.__struct_fields__)
        elif isinstance(value, list):
            pending.extend((f"{path}[{index}]", each) for index, each in enumerate(value))
        elif isinstance(value, dict):
            pending.extend((f"{path}[{key!r}]", each) for key, each in value.items())
