"""What the protobuf runtime has parsed, walked through: for limits, and to say where something is wrong.

The long way, for messages that are large or refused; others are read by generated code.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from api.wire.elements import MAX_ELEMENTS, excess
from api.wire.errors import InvalidMessage
from api.wire.values_read import finite, text

SHORTEST_ELEMENT_BYTES: Final = 2

MAX_LOOKED_AT: Final = 5_000
"""Fields, or elements of one, among which a wrong value is looked for; beyond them it is refused unnamed."""


def refuse_excess(parsed: Any) -> None:
    """Raises InvalidMessage as soon as there are too many elements."""
    elements = 0
    pending = [parsed]
    while pending:
        for field, value in pending.pop().ListFields():
            if field.is_repeated:
                elements += len(value)
                if elements > MAX_ELEMENTS:
                    raise excess()
            inner = field.message_type
            if inner is not None and not _is_map(field) and _may_repeat(inner):
                pending.extend(value if field.is_repeated else (value,))


@cache  # bounded by the number of classes
def _may_repeat(message: Descriptor) -> bool:
    """Whether a list or a map may be anywhere in such a message. Most messages are without, at the end of
    each branch; they need not be looked at."""
    seen = {message}
    pending = [message]
    while pending:
        for field in pending.pop().fields:
            if field.is_repeated:
                return True
            inner = field.message_type
            if inner is not None and inner not in seen:
                seen.add(inner)
                pending.append(inner)
    return False


def where_refused(parsed: Any) -> str:
    """The path of a value that cannot be read; empty when it is not found soon."""
    here = ""
    try:
        for looked_at, (path, field, value) in enumerate(_fields(parsed)):
            here = path
            if looked_at > MAX_LOOKED_AT:
                return ""
            for inner, single, each in _single_values(path, field, value):
                here = inner
                if single.type == FieldDescriptor.TYPE_STRING:
                    text(each)
                elif single.type == FieldDescriptor.TYPE_DOUBLE:
                    finite(each)
    except (InvalidMessage, UnicodeDecodeError):
        return here
    return ""


def _fields(parsed: Any) -> Iterator[tuple[str, FieldDescriptor, Any]]:
    """The fields that are set, of all messages within; iterative, so that depth cannot hurt."""
    pending = [("", parsed)]
    while pending:
        prefix, message = pending.pop()
        for field, value in message.ListFields():
            path = f"{prefix}.{field.name}" if prefix else field.name
            yield path, field, value
            pending.extend(
                (inner, each)
                for inner, single, each in _single_values(path, field, value)
                if single.type == FieldDescriptor.TYPE_MESSAGE
            )


def _single_values(
    path: str, field: FieldDescriptor, value: Any
) -> Iterator[tuple[str, FieldDescriptor, Any]]:
    """The first elements of a list, keys and values of a map, or the value itself."""
    entry = field.message_type
    if entry is not None and _is_map(field):
        for key in islice(value, MAX_LOOKED_AT):
            yield path, entry.fields_by_name["key"], key
            yield f"{path}[{key!r}]", entry.fields_by_name["value"], value[key]
    elif field.is_repeated:
        for index, each in enumerate(islice(value, MAX_LOOKED_AT)):
            yield f"{path}[{index}]", field, each
    else:
        yield path, field, value


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry
