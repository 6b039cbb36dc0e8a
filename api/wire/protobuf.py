"""Messages to protobuf and back, for the HTTP APIs.

Structs are the only form inside. Writing puts the bytes together directly (generated, `api.wire.v1`): that
takes no longer than to fill the runtime's messages and have them serialized. Reading leaves the bytes to the
official runtime (upb), which knows all that proto2 allows in them, and makes structs of what it found.

What the runtime does not refuse is refused here: required fields that are missing, text that is not UTF-8,
numbers that are not finite, messages within themselves without end. An infinite number is read as the
largest there is, as in JSON. No I/O but the descriptors, which are part of this package and read once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, TypeVar

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import DecodeError
from google.protobuf.message import Message as RuntimeMessage

from api.wire.errors import InvalidMessage, MalformedDocument
from api.wire.message import DOUBLE_MAX, Message
from api.wire.nesting import may_nest, refuse_nesting
from api.wire.schema import MAX_CLASSES, FieldShape, fields_of
from api.wire.v1.protobuf_writers import PROTO_NAMES, WRITERS

M = TypeVar("M", bound=Message)

MAX_ELEMENTS: Final = 500_000
"""Elements of all lists and maps of a message together; more are refused. An element may be two bytes long,
and is hundreds in memory: a body of a few MB could hold up everybody else."""

MAX_DEPTH: Final = 100
"""Of the runtime: it calls messages that are nested deeper unreadable."""

Convert = Callable[[Any, "_Budget"], Any]


def encode(message: Message) -> bytes:
    """The message's fields, by number. What is unset, empty, or a default of its own does not travel."""
    return WRITERS[type(message)](message)


def decode(message: type[M], data: bytes) -> M:
    """The message that `data` holds. Unknown fields and unknown values of enums are ignored.

    Raises `MalformedDocument` (not protobuf, or nested beyond what can be read) or `InvalidMessage`
    (protobuf, but not this message: names the field). In both cases the sender must change what it sends.
    """
    reader = _reader(message)
    try:
        parsed = reader.runtime.FromString(data)
    except DecodeError as error:
        raise MalformedDocument("the body cannot be read as protobuf: it is cut off, or is none") from error
    if not parsed.IsInitialized():
        missing: list[str] = parsed.FindInitializationErrors()  # type: ignore[attr-defined]
        raise InvalidMessage(missing[0] if missing else "", "this field is required: set it")
    result: M = reader.read(parsed, _Budget(MAX_ELEMENTS))
    if may_nest(message) and len(data) > MAX_DEPTH:
        refuse_nesting(result)
    return result


def unchecked(message: type[Message], data: bytes) -> Any:
    """The runtime's own message, whatever is missing or wrong in it; None when the bytes are no protobuf."""
    try:
        return _reader(message).runtime.FromString(data)
    except DecodeError:
        return None


@dataclass(slots=True)
class _Budget:
    """How many elements a message may still have."""

    left: int

    def take(self, elements: int) -> None:
        self.left -= elements
        if self.left < 0:
            raise InvalidMessage("", f"the message has more than {MAX_ELEMENTS} elements in its lists")


class _Reader:
    """Reads the runtime's messages of one type."""

    def __init__(self, message: type[Message]) -> None:
        descriptor = runtime_descriptor(message)
        self._message: Final = message
        self.runtime: Final = message_factory.GetMessageClass(descriptor)
        self._descriptor = descriptor
        self._fields: Mapping[int, tuple[str, Convert]] | None = None

    def read(self, parsed: RuntimeMessage, budget: _Budget) -> Any:
        """The struct. Raises InvalidMessage, with the path from here."""
        fields = self._fields or self._known()
        values = {}
        name = ""
        try:
            for descriptor, value in parsed.ListFields():
                name, convert = fields[descriptor.number]
                values[name] = convert(value, budget)
        except InvalidMessage as error:
            raise _within(name, error) from None
        return self._message(**values)

    def _known(self) -> Mapping[int, tuple[str, Convert]]:
        """Made when first needed: messages may hold themselves."""
        shapes = fields_of(self._message)
        self._fields = {
            each.number: (each.name, _convert(each, shapes[each.name])) for each in self._descriptor.fields
        }
        return self._fields


@lru_cache(maxsize=MAX_CLASSES)
def _reader(message: type[Message]) -> _Reader:
    return _Reader(message)


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


def _convert(field: FieldDescriptor, shape: FieldShape) -> Convert:
    """What makes a struct's value of the runtime's."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return _mapped(_single(field.message_type.fields_by_name["value"], shape))
    single = _single(field, shape)
    return _repeated(single) if field.is_repeated else single


def _single(field: FieldDescriptor, shape: FieldShape) -> Convert:
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        assert issubclass(shape.type, Message)
        return _reader(shape.type).read
    if field.type == FieldDescriptor.TYPE_ENUM:
        assert field.enum_type is not None and issubclass(shape.type, StrEnum)
        return _named({each.number: shape.type(each.name) for each in field.enum_type.values})
    if field.type == FieldDescriptor.TYPE_STRING:
        return _text
    if field.type == FieldDescriptor.TYPE_DOUBLE:
        return _finite
    return _as_it_is


def _as_it_is(value: Any, budget: _Budget) -> Any:
    return value


def _text(value: Any, budget: _Budget) -> str:
    """The runtime hands out the bytes of a proto2 string that is not UTF-8."""
    if type(value) is not str:
        raise InvalidMessage("", "text in UTF-8 is expected here")
    return value


def _finite(value: float, budget: _Budget) -> float:
    if -DOUBLE_MAX <= value <= DOUBLE_MAX:
        return value
    if value > 0:
        return DOUBLE_MAX
    raise InvalidMessage("", "a finite number is expected here")


def _named(names: Mapping[int, Any]) -> Convert:
    def convert(value: int, budget: _Budget) -> Any:
        return names[value]

    return convert


def _repeated(single: Convert) -> Convert:
    def convert(values: Any, budget: _Budget) -> list[Any]:
        budget.take(len(values))
        read: list[Any] = []
        try:
            for value in values:
                read.append(single(value, budget))  # noqa: PERF401 - its length tells where it stopped
        except InvalidMessage as error:
            raise _within(f"[{len(read)}]", error) from None
        return read

    return convert


def _mapped(single: Convert) -> Convert:
    def convert(values: Any, budget: _Budget) -> dict[str, Any]:
        budget.take(len(values))
        read: dict[str, Any] = {}
        for key, value in values.items():
            try:
                read[_text(key, budget)] = single(value, budget)
            except InvalidMessage as error:
                raise _within(f"[{key!r}]", error) from None
        return read

    return convert


def _within(name: str, error: InvalidMessage) -> InvalidMessage:
    separator = "." if error.path and not error.path.startswith("[") else ""
    return InvalidMessage(f"{name}{separator}{error.path}", error.reason)
