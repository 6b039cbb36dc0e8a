"""Messages put together from parts that are encoded already, in either media type.

A part is a whole encoded message. In protobuf a field may be written anywhere and a message is the sum of its
parts, so a field is appended; in JSON it is put before the last brace. Nothing is decoded here, and nothing
checked: who puts parts together knows what they are.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from api.wire.content import JSON, MediaType
from api.wire.message import Message
from api.wire.varint import SHORT, SHORTER_THAN, varint

LENGTH_DELIMITED = 2


def field_number(message: type[Message], name: str) -> int:
    """The number of the message's field of that name."""
    return _numbers()[message][name]


def protobuf_head(number: int, length: int) -> bytes:
    """What stands before a message, a string or bytes of that length in the field of that number."""
    tag = varint(number << 3 | LENGTH_DELIMITED)
    return tag + (SHORT[length] if length < SHORTER_THAN else varint(length))


def protobuf_field(number: int, encoded: bytes) -> bytes:
    """The field of that number, holding an encoded message."""
    return protobuf_head(number, len(encoded)) + encoded


def empty(media_type: MediaType) -> bytes:
    """A message of which nothing is set."""
    return b"{}" if media_type == JSON else b""


def with_field(
    message: type[Message], encoded: bytes, name: str, value: bytes, media_type: MediaType
) -> bytes:
    """`encoded`, of class `message`, with one more field that holds a message."""
    if media_type == JSON:
        return b'%b"%b":%b}' % (_open(encoded), name.encode(), value)
    return encoded + protobuf_field(field_number(message, name), value)


def with_elements(
    message: type[Message], encoded: bytes, name: str, elements: Sequence[bytes], media_type: MediaType
) -> bytes:
    """`encoded`, of class `message`, with one more repeated field of messages; not when it is empty."""
    if not elements:
        return encoded
    if media_type == JSON:
        return b'%b"%b":[%b]}' % (_open(encoded), name.encode(), b",".join(elements))
    number = field_number(message, name)
    return encoded + b"".join([protobuf_field(number, element) for element in elements])


@cache
def _numbers() -> Mapping[type[Message], Mapping[str, int]]:
    """Loaded when first needed, as `content` does with all of protobuf."""
    from api.wire.v1.protobuf_writers import FIELD_NUMBERS

    return FIELD_NUMBERS


def _open(encoded: bytes) -> bytes:
    """A JSON object, ready for one more member."""
    return encoded[:-1] if encoded == b"{}" else encoded[:-1] + b","
