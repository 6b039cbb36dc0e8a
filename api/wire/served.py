"""Refuses what this server does not do, by name, instead of ignoring it silently.

What that is stands in the tables of `served_vocabulary`, `served_streams`, `served_operator` and
`served_agent`; nothing is decided here.
"""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from msgspec import UNSET

from api.wire.message import Message
from api.wire.schema import default_of, fields_of
from api.wire.served_agent import SERVED_AGENT
from api.wire.served_fields import Table
from api.wire.served_operator import SERVED_OPERATOR
from api.wire.served_streams import SERVED_STREAMS
from api.wire.served_vocabulary import SERVED_VOCABULARY

SERVED: Final[Table] = MappingProxyType(
    {**SERVED_VOCABULARY, **SERVED_STREAMS, **SERVED_OPERATOR, **SERVED_AGENT}
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
    fields = SERVED.get(type(message))
    if fields is None:
        return
    served = fields.served_names()
    for name, shape in fields_of(type(message)).items():
        value = getattr(message, name)
        if value is UNSET or value is False or value == default_of(shape):
            continue
        inner = f"{path}.{name}" if path else name
        why = fields.refusal(name)
        if why is not None:
            yield f"{inner}: {why}"
        elif name not in served:
            continue
        elif isinstance(value, Message):
            yield from _refusals(value, inner)
        elif isinstance(value, list):
            for index, element in enumerate(value):
                if isinstance(element, Message):
                    yield from _refusals(element, f"{inner}[{index}]")
        elif isinstance(value, dict):
            for key, element in value.items():
                if isinstance(element, Message):
                    yield from _refusals(element, f"{inner}[{key!r}]")
