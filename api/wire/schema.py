"""What fields a message class has, in a form that code can walk.

Read from the generated classes, one class at a time, when first asked. No values pass through here.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Annotated, Final, Union, get_args, get_origin

import msgspec

from api.wire.message import INT64_MAX, INT64_MIN, UINT64_MAX, Message

MAX_CLASSES: Final = 2048
"""More than there are; a cache that small forgets, and asks again."""


class Label(Enum):
    """How often a field occurs."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    REPEATED = "repeated"
    MAP = "map"


ValueType = type[Message] | type[StrEnum] | type[bool] | type[int] | type[float] | type[str] | type[bytes]


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One field: its label, and the type of its value (of each element, of each value of a map)."""

    name: str
    label: Label
    type: ValueType
    minimum: int = INT64_MIN
    maximum: int = INT64_MAX
    """Bounds of a whole number; without meaning for other types."""
    names: tuple[str, ...] = ()
    """Of an enum's values; empty for other types."""
    factory: Callable[[], object] | None = None
    """Makes the value of an absent field, when it has one of its own."""


@lru_cache(maxsize=MAX_CLASSES)
def fields_of(message: type[Message]) -> Mapping[str, FieldShape]:
    """Every field of the class by its name, in the order of the .proto file."""
    return types.MappingProxyType({info.name: _shape(info) for info in msgspec.structs.fields(message)})


def _shape(info: msgspec.structs.FieldInfo) -> FieldShape:
    label = Label.REQUIRED if info.required else Label.OPTIONAL
    hint = info.type
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(option for option in get_args(hint) if option is not msgspec.UnsetType)
    if get_origin(hint) is list:
        label, hint = Label.REPEATED, get_args(hint)[0]
    elif get_origin(hint) is dict:
        label, hint = Label.MAP, get_args(hint)[1]
    factory = None if info.default_factory is msgspec.NODEFAULT else info.default_factory
    if get_origin(hint) is not Annotated:
        names = tuple(str(each) for each in hint) if issubclass(hint, StrEnum) else ()
        return FieldShape(info.name, label, hint, names=names, factory=factory)
    value_type, meta = get_args(hint)
    if value_type is float:
        return FieldShape(info.name, label, float, factory=factory)
    maximum = UINT64_MAX if meta.le is None else meta.le
    return FieldShape(info.name, label, int, meta.ge, maximum, factory=factory)


def default_of(shape: FieldShape) -> object:
    """What an absent field reads as: `UNSET`, empty, or a default of its own."""
    return msgspec.UNSET if shape.factory is None else shape.factory()
