"""Refuses what this server does not do, by name, instead of ignoring it silently.

What that is stands in the tables of `served_vocabulary`, `served_streams`, `served_operator`,
`served_agent` and `served_host`; nothing is decided here.
"""

from collections.abc import Iterator
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from msgspec import UNSET

from api.wire.message import Message
from api.wire.schema import MAX_CLASSES, default_of, fields_of
from api.wire.served_agent import SERVED_AGENT
from api.wire.served_fields import Table
from api.wire.served_host import SERVED_HOST
from api.wire.served_operator import SERVED_OPERATOR
from api.wire.served_streams import SERVED_STREAMS
from api.wire.served_vocabulary import SERVED_VOCABULARY

SERVED: Final[Table] = MappingProxyType(
    {**SERVED_VOCABULARY, **SERVED_STREAMS, **SERVED_OPERATOR, **SERVED_AGENT, **SERVED_HOST}
)
"""What is done with each field of each message that can reach this server or leave it."""

MAX_REFUSALS: Final = 20
"""How many an answer lists; a message with more of them has made its point."""


def refusals(message: Message) -> list[str]:
    """One line for each refused field that the message sets: its path, and why it is refused.

    A field that is set to its default, to false, or to nothing asks for nothing, and is let through. Empty
    when the message asks for nothing that is not done here.
    """
    found: list[str] = []
    for line in _refusals(message, ""):
        found.append(line)
        if len(found) == MAX_REFUSALS:
            break
    return found


def _refusals(message: Message, path: str) -> Iterator[str]:
    for name, why, default in _looked_at(type(message)):
        value = getattr(message, name)
        if value is UNSET or value is False or value == default:
            continue
        inner = f"{path}.{name}" if path else name
        if why is not None:
            yield f"{inner}: {why}"
        elif isinstance(value, Message):
            yield from _refusals(value, inner)
        elif isinstance(value, list):
            for index, element in enumerate(value):
                yield from _refusals(element, f"{inner}[{index}]")
        elif isinstance(value, dict):
            for key, element in value.items():
                yield from _refusals(element, f"{inner}[{key!r}]")


@lru_cache(maxsize=MAX_CLASSES)
def _looked_at(message: type[Message]) -> tuple[tuple[str, str | None, object], ...]:
    """The fields of a message that are refused, or may hold some: name, why, what an absent one reads as."""
    fields = SERVED.get(message)
    if fields is None:
        return ()
    served, found = frozenset(fields.served_names()), []
    for name, shape in fields_of(message).items():
        why = fields.refusal(name)
        if why is not None or (name in served and _is_message(shape.type)):
            found.append((name, why, default_of(shape)))
    return tuple(found)


def _is_message(type_: object) -> bool:
    return isinstance(type_, type) and issubclass(type_, Message)
