"""Single values that the protobuf runtime has parsed, for the generated readers: what it does not refuse is
refused here. Which field it was is found out afterwards (`api.wire.protobuf`). No messages here."""

from typing import Any, Final

from api.wire.errors import InvalidMessage
from api.wire.message import DOUBLE_MAX

NOT_TEXT: Final = "text in UTF-8 is expected here"


def text(value: Any) -> str:
    """The runtime hands out the bytes of a proto2 string that is not UTF-8."""
    if type(value) is not str:
        raise InvalidMessage("", NOT_TEXT)
    return value


def finite(value: float) -> float:
    """An infinite number is the largest there is, as in JSON."""
    if -DOUBLE_MAX <= value <= DOUBLE_MAX:
        return value
    if value > 0:
        return DOUBLE_MAX
    raise InvalidMessage("", "a finite number is expected here")


def same(value: Any) -> Any:
    """What needs no look."""
    return value
