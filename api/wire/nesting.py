"""Messages within messages, and how deep they may go. Structs and classes only; no bytes here."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from api.wire.errors import InvalidMessage
from api.wire.message import Message
from api.wire.schema import MAX_CLASSES, fields_of

MAX_NESTING: Final = 64
"""Messages within messages; a deeper document is refused. The deepest that has a use is under 20."""


def messages_within(message: type[Message]) -> frozenset[type[Message]]:
    """Every class of message that can stand somewhere in this one, itself only when it can hold itself."""
    return _within(message)


@lru_cache(maxsize=MAX_CLASSES)
def _within(message: type[Message]) -> frozenset[type[Message]]:
    found: set[type[Message]] = set()
    pending = [message]
    while pending:
        for shape in fields_of(pending.pop()).values():
            if issubclass(shape.type, Message) and shape.type not in found:
                found.add(shape.type)
                pending.append(shape.type)
    return frozenset(found)


@lru_cache(maxsize=MAX_CLASSES)
def may_nest(message: type[Message]) -> bool:
    """Whether a message in it (ContainerID, by `parent`) can hold itself, so that nothing else bounds it."""
    return any(each in _within(each) for each in _within(message) | {message})


def refuse_nesting(message: Message) -> None:
    """Raises `InvalidMessage` when messages stand within one another more than `MAX_NESTING` deep."""
    if any(depth > MAX_NESTING for depth, _ in _inner(message)):
        raise InvalidMessage("", f"more than {MAX_NESTING} messages within one another")


def _inner(message: Message) -> Iterator[tuple[int, Message]]:
    """Every message within the message with its depth; iterative, so that depth cannot hurt."""
    pending: list[tuple[int, object]] = [(0, message)]
    while pending:
        depth, value = pending.pop()
        if isinstance(value, Message):
            yield depth, value
            pending.extend((depth + 1, getattr(value, name)) for name in value.__struct_fields__)
        elif isinstance(value, list):
            pending.extend((depth, each) for each in value)
        elif isinstance(value, dict):
            pending.extend((depth, each) for each in value.values())
