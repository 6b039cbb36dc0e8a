"""How many elements a request may hold in its lists: bounded alike in both media types.

JSON's side; what the protobuf runtime has parsed is looked at in `parsed`. No message is understood here.
"""

from typing import Final

import msgspec

from api.wire.errors import InvalidMessage

MAX_ELEMENTS: Final = 250_000
"""Elements of all lists and maps of a message together; more are refused. An element may be two bytes long,
and is hundreds in memory: a body of a few MB could hold up everybody else."""

MAX_FIELDS: Final = 200
"""An object of more members counts as a map: no message has as many fields."""


def excess() -> InvalidMessage:
    """What a message is refused with that has too many elements."""
    return InvalidMessage("", f"the message has more than {MAX_ELEMENTS} elements in its lists")


def refuse_excess_of_json(data: bytes) -> None:
    """Raises InvalidMessage when there are too many elements; nothing when the document cannot be read."""
    if data.count(b",") < MAX_ELEMENTS:  # between as many there is one comma less
        return
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return  # who reads it in earnest says what is wrong with it
    pending = [document] if isinstance(document, dict | list) else []
    elements = 0
    while pending:
        each = pending.pop()
        values = each.values() if isinstance(each, dict) else each
        elements += len(each) if isinstance(each, list) or len(each) > MAX_FIELDS else 0
        if elements > MAX_ELEMENTS:
            raise excess()
        pending.extend(value for value in values if isinstance(value, dict | list))
