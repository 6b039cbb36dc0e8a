"""Messages of every kind, made up: any struct that the .proto files allow. Same seed, same messages."""

from __future__ import annotations

import random
from enum import StrEnum
from typing import Any

from msgspec import UNSET

from api.wire.message import DOUBLE_MAX, Message
from api.wire.protobuf import runtime_descriptor
from api.wire.schema import FieldShape, Label, default_of, fields_of
from api.wire.v1.protobuf_writers import WRITERS

DEPTH = 4
"""Messages within messages; deeper, only what is required is set."""

CLASSES = sorted(WRITERS, key=lambda each: (each.__module__, each.__name__))

LETTERS = 'aZ09_-/."\\\n\x00\x7f\x80é\u2028\ufffe\U0001d11e'
LENGTHS = [0, 1, 2, 5, 127, 128, 1023, 1024, 3000]
WEIGHTS = [4, 6, 6, 6, 1, 1, 1, 1, 1]
REALS = [0.0, -0.0, 1.0, 0.001, -1.5, 5e-324, DOUBLE_MAX, -DOUBLE_MAX, 5.0, 2.0**63]
WHOLE = [0, 1, -1, 5, 63, 64, 127, 128, 1023, 1024, 5051, 2**31 - 1, 2**32, 2**53 + 1]


def made_up(rng: random.Random, message: type[Message], density: float = 0.5, depth: int = 0) -> Message:
    """Any message of the class. `density`: how likely it is that a field is set that need not be."""
    values = {shape.name: _field(rng, shape, density, depth) for shape in fields_of(message).values()}
    for oneof in runtime_descriptor(message).oneofs:
        names = [field.name for field in oneof.fields if values[field.name] is not UNSET]
        values.update(dict.fromkeys(names, UNSET) | {name: values[name] for name in names[-1:]})
    return message(**values)


def _field(rng: random.Random, shape: FieldShape, density: float, depth: int) -> Any:
    if shape.label is not Label.REQUIRED and (depth >= DEPTH or rng.random() >= density):
        return default_of(shape)
    if shape.label is Label.REPEATED:
        return [_value(rng, shape, density, depth) for _ in range(rng.choice([0, 1, 1, 2, 3]))]
    if shape.label is Label.MAP:
        return {_text(rng): _value(rng, shape, density, depth) for _ in range(rng.choice([0, 1, 2]))}
    return _value(rng, shape, density, depth)


def _value(rng: random.Random, shape: FieldShape, density: float, depth: int) -> Any:
    if issubclass(shape.type, Message):
        return made_up(rng, shape.type, density * 0.7, depth + 1)
    if issubclass(shape.type, StrEnum):
        return rng.choice(list(shape.type))
    if shape.type is int:
        known = [number for number in WHOLE if shape.minimum <= number <= shape.maximum]
        return rng.choice([*known, shape.minimum, shape.maximum, rng.randint(shape.minimum, shape.maximum)])
    if shape.type is float:
        return rng.choice([*REALS, rng.uniform(-1e9, 1e9)])
    if shape.type is bool:
        return rng.random() < 0.5
    return rng.randbytes(_length(rng)) if shape.type is bytes else _text(rng)


def _text(rng: random.Random) -> str:
    return "".join(rng.choices(LETTERS, k=_length(rng)))


def _length(rng: random.Random) -> int:
    return rng.choices(LENGTHS, WEIGHTS)[0]
