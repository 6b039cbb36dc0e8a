"""Messages to protobuf and back, for the HTTP APIs.

Structs are the only form inside. Writing puts the bytes together directly (generated, `api.wire.v1`): that
takes no longer than to fill the runtime's messages and have them serialized. Reading leaves the bytes to the
official runtime (upb), which knows all that proto2 allows in them, and makes structs of what it found.

What the runtime does not refuse is refused here: required fields that are missing, text that is not UTF-8,
numbers that are not finite, messages within themselves without end. An infinite number is read as the
largest there is, as in JSON. No I/O but the descriptors, which are part of this package and read once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final, TypeVar

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import DecodeError

from api.wire.elements import MAX_ELEMENTS
from api.wire.errors import InvalidMessage, MalformedDocument
from api.wire.message import Message
from api.wire.nesting import may_nest, refuse_nesting
from api.wire.parsed import SHORTEST_ELEMENT_BYTES, refuse_excess, where_refused
from api.wire.v1.protobuf_readers import READERS
from api.wire.v1.protobuf_writers import PROTO_NAMES, WRITERS
from api.wire.values_read import NOT_TEXT

M = TypeVar("M", bound=Message)

MAX_DEPTH: Final = 100
"""Of the runtime: it calls messages that are nested deeper unreadable."""


def encode(message: Message) -> bytes:
    """The message's fields, by number. What is unset, empty, or a default of its own does not travel."""
    return WRITERS[type(message)](message)


def decode(message: type[M], data: bytes) -> M:
    """The message that `data` holds. Unknown fields and unknown values of enums are ignored.

    Raises `MalformedDocument` (not protobuf, or nested beyond what can be read) or `InvalidMessage`
    (protobuf, but not this message: names the field). In both cases the sender must change what it sends.
    """
    parse, read, nests = _reader(message)
    try:
        parsed = parse(data)
    except DecodeError as error:
        raise MalformedDocument("the body cannot be read as protobuf: it is cut off, or is none") from error
    if not parsed.IsInitialized():
        missing: list[str] = parsed.FindInitializationErrors()
        raise InvalidMessage(missing[0] if missing else "", "this field is required: set it")
    if len(data) > MAX_ELEMENTS * SHORTEST_ELEMENT_BYTES:
        refuse_excess(parsed)
    try:
        result: M = read(parsed)
    except InvalidMessage as error:
        raise InvalidMessage(where_refused(parsed), error.reason) from None
    except UnicodeDecodeError:  # a key of a map, which the runtime does not hand out at all
        raise InvalidMessage(where_refused(parsed), NOT_TEXT) from None
    if nests and len(data) > MAX_DEPTH:
        refuse_nesting(result)
    return result


def make_ready(*messages: type[Message]) -> None:
    """Make now what reads these; else it is made when the first one comes."""
    for message in messages:
        _reader(message)


def unchecked(message: type[Message], data: bytes) -> Any:
    """The runtime's own message, whatever is missing or wrong in it; None when the bytes are no protobuf."""
    try:
        return _reader(message)[0](data)
    except DecodeError:
        return None


@cache  # bounded by the number of classes; quicker than with a limit
def _reader(message: type[M]) -> tuple[Callable[[bytes], Any], Callable[[Any], M], bool]:
    """What parses the class, what makes a struct of that, and whether a message in it can hold itself."""
    runtime = message_factory.GetMessageClass(runtime_descriptor(message))
    return runtime.FromString, READERS[message], may_nest(message)


def runtime_descriptor(message: type[Message]) -> Descriptor:
    """How the official runtime describes the message."""
    return _pool().FindMessageTypeByName(PROTO_NAMES[message])


@lru_cache(maxsize=1)
def _pool() -> descriptor_pool.DescriptorPool:
    """The v1 messages in a pool of their own, so that no other user of the runtime is in the way."""
    pool = descriptor_pool.DescriptorPool()
    compiled = files("api.wire.v1").joinpath("descriptors.binpb").read_bytes()
    for file in FileDescriptorSet.FromString(compiled).file:
        pool.Add(file)
    return pool
