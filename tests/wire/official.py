"""The messages as the official protobuf runtime has them: what other programs read and write."""

from __future__ import annotations

from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message as RuntimeMessage
from msgspec import UNSET

from api.wire.message import Message
from api.wire.protobuf import runtime_descriptor
from api.wire.schema import Label, fields_of


def runtime_class(message: type[Message]) -> type[RuntimeMessage]:
    return message_factory.GetMessageClass(runtime_descriptor(message))


def in_runtime(message: Message) -> RuntimeMessage:
    """The message as the official runtime has it, filled field by field."""
    filled = runtime_class(type(message))()
    fill(filled, message)
    return filled


def fill(filled: Any, message: Message) -> None:
    filled.SetInParent()
    for shape in fields_of(type(message)).values():
        value = getattr(message, shape.name)
        if value is UNSET:
            continue
        field = filled.DESCRIPTOR.fields_by_name[shape.name]
        target = getattr(filled, shape.name)
        if shape.label is Label.MAP:
            for key, each in value.items():
                if isinstance(each, Message):
                    fill(target[key], each)
                else:
                    target[key] = each
        elif shape.label is Label.REPEATED:
            for each in value:
                if isinstance(each, Message):
                    fill(target.add(), each)
                else:
                    target.append(of_enum(field, each))
        elif isinstance(value, Message):
            fill(target, value)
        elif not (shape.factory is not None and value == shape.factory()):
            setattr(filled, shape.name, of_enum(field, value))


def of_enum(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is None:
        return value
    return field.enum_type.values_by_name[str(value)].number
