"""What a body or a record is made of: one port for both media types of the v1 APIs.

An edge takes the media type from the request (`api.wire.http_rules`) and passes it on to here; nobody else
tells JSON and protobuf apart. What belongs to one of them alone is in `codec` and `protobuf`. The latter is
loaded when it is first needed: it takes 40 MB and a tenth of a second, and most clusters speak JSON alone.
"""

from functools import cache
from types import ModuleType
from typing import Final, Literal, TypeVar

from api.wire import codec
from api.wire.elements import refuse_excess_of_json
from api.wire.message import Message

M = TypeVar("M", bound=Message)

MediaType = Literal["application/json", "application/x-protobuf"]

JSON: Final = "application/json"
PROTOBUF: Final = "application/x-protobuf"

MEDIA_TYPES: Final[tuple[MediaType, ...]] = (JSON, PROTOBUF)
"""In the order in which they are preferred when a client takes both."""


def encode(message: Message, media_type: MediaType) -> bytes:
    """The message as this media type has it."""
    if media_type == JSON:
        return codec.encode(message)
    encoded: bytes = _protobuf().encode(message)
    return encoded


def decode(message: type[M], data: bytes, media_type: MediaType) -> M:
    """The message that `data` holds. Raises `MalformedDocument` or `InvalidMessage`: the sender must change
    what it sends. For requests: what has more than MAX_ELEMENTS in its lists is refused."""
    if media_type == JSON:
        refuse_excess_of_json(data)
        return codec.decode(message, data)
    decoded: M = _protobuf().decode(message, data)
    return decoded


def speaks_protobuf() -> bool:
    """Whether what reads and writes protobuf is loaded."""
    return _protobuf.cache_info().currsize > 0


def make_ready_for_protobuf(*requests: type[Message]) -> None:
    """Load it now, with what reads these requests, which takes a tenth of a second."""
    _protobuf().make_ready(*requests)


@cache
def _protobuf() -> ModuleType:
    from api.wire import protobuf

    return protobuf
