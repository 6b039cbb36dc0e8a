"""Makes an unusual but understandable document strict, or says exactly what is wrong with it.

The second try of the codec: clients in the wild write `null` for what is unset, a lone value for a repeated
field, names of enums that a newer API has, base64 without its padding, `5.0` for 5. Nothing here reads bytes,
and nothing is guessed: what has no single meaning is refused with its path.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from api.wire.errors import InvalidMessage
from api.wire.message import DOUBLE_MAX, Message
from api.wire.nesting import MAX_NESTING
from api.wire.schema import FieldShape, Label, fields_of

MAX_EXACT_FLOAT: Final = 2**53
"""Up to here a float written where a whole number is expected means exactly one number."""

INFINITY: Final = "Infinity"
"""How clients write that something is without a limit; it is read as the largest number there is."""

BASE64: Final = re.compile(r"[A-Za-z0-9+/]*={0,2}")


def normalise(message: type[Message], document: object) -> dict[str, object]:
    """The document as the strict decoder wants it: only known fields, each of the right type.

    `document` is parsed JSON: dict, list, str, int, float, bool, None. Raises `InvalidMessage`.
    """
    return _message(message, document, "", 0)


def _message(message: type[Message], document: object, path: str, depth: int) -> dict[str, object]:
    if not isinstance(document, dict):
        raise InvalidMessage(path, f"an object is expected here, not {_named(document)}")
    if depth > MAX_NESTING:
        raise InvalidMessage(path, f"more than {MAX_NESTING} messages within one another")
    result: dict[str, object] = {}
    for name, shape in fields_of(message).items():
        value = document.get(name)
        if value is not None:
            _field(result, shape, value, f"{path}.{name}" if path else name, depth)
        elif shape.label is Label.REQUIRED:
            raise InvalidMessage(f"{path}.{name}" if path else name, "this field is required: set it")
    return result


def _field(result: dict[str, object], shape: FieldShape, value: object, path: str, depth: int) -> None:
    if shape.label is Label.MAP:
        result[shape.name] = _map(shape, value, path, depth)
    elif shape.label is Label.REPEATED:
        elements = value if isinstance(value, list) else [value]
        result[shape.name] = [
            _value(shape, element, f"{path}[{index}]", depth)
            for index, element in enumerate(elements)
            if not _is_unknown_name(shape, element)
        ]
    elif shape.label is Label.REQUIRED or not _is_unknown_name(shape, value):
        result[shape.name] = _value(shape, value, path, depth)


def _map(shape: FieldShape, value: object, path: str, depth: int) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InvalidMessage(path, f"an object of names and values is expected here, not {_named(value)}")
    return {
        key: _value(shape, element, f"{path}[{key!r}]", depth)
        for key, element in value.items()
        if element is not None and not _is_unknown_name(shape, element)
    }


def _is_unknown_name(shape: FieldShape, value: object) -> bool:
    """Whether this is the name of an enum's value that this version does not have."""
    return bool(shape.names) and isinstance(value, str) and value not in shape.names


def _value(shape: FieldShape, value: object, path: str, depth: int) -> object:
    if issubclass(shape.type, Message):
        return _message(shape.type, value, path, depth + 1)
    if shape.names:
        return _enum(shape, value, path)
    return SCALARS[shape.type](shape, value, path)


def _enum(shape: FieldShape, value: object, path: str) -> str:
    if isinstance(value, str) and value in shape.names:
        return value
    names = ", ".join(shape.names)
    raise InvalidMessage(path, f"one of these names is expected here, not {_named(value)}: {names}")


def _whole(shape: FieldShape, value: object, path: str) -> int:
    if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_EXACT_FLOAT:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidMessage(path, f"a whole number without quotes is expected here, not {_named(value)}")
    if not shape.minimum <= value <= shape.maximum:
        raise InvalidMessage(path, f"a number from {shape.minimum} to {shape.maximum} is expected here")
    return value


def _real(shape: FieldShape, value: object, path: str) -> float:
    if value == INFINITY:
        return DOUBLE_MAX
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidMessage(path, f"a number without quotes is expected here, not {_named(value)}")
    if not abs(value) <= DOUBLE_MAX:
        raise InvalidMessage(path, "a finite number is expected here")
    return float(value)


def _text(shape: FieldShape, value: object, path: str) -> str:
    if not isinstance(value, str):
        raise InvalidMessage(path, f"a string is expected here, not {_named(value)}")
    return value


def _truth(shape: FieldShape, value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidMessage(path, f"true or false is expected here, not {_named(value)}")
    return value


def _base64(shape: FieldShape, value: object, path: str) -> str:
    if not isinstance(value, str) or not BASE64.fullmatch(value) or len(value.rstrip("=")) % 4 == 1:
        raise InvalidMessage(path, f"base64 (A-Z a-z 0-9 + / =) is expected here, not {_named(value)}")
    digits = value.rstrip("=")
    return digits + "=" * (-len(digits) % 4)


SCALARS: Final[Mapping[type, Callable[[FieldShape, object, str], object]]] = {
    bool: _truth,
    bytes: _base64,
    float: _real,
    int: _whole,
    str: _text,
}

MAX_SHOWN: Final = 40
"""Characters of a wrong value that an error shows."""


def _named(value: object) -> str:
    """How an error names what stood in a place."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        shown = value if len(value) <= MAX_SHOWN else value[:MAX_SHOWN] + "…"
        return f"the string {shown!r}"
    return "a number"
