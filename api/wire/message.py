"""The base of every generated message, and the bounded number types its fields use.

Nothing here knows a particular message, a codec or the domain model.

Presence, as the generated classes express it:

- a required field has no default: building or decoding a message without it fails;
- an optional field is `UNSET` when it is absent, and then does not travel;
- an optional field with a default of its own reads as that default when it is absent, and travels always,
  as existing servers of this API do; whether it was present is not kept. Deprecated ones are `UNSET`
  instead: what they default to is said by whoever still reads them;
- repeated and map fields are empty when absent, and do not travel when empty.
"""

from typing import Annotated, Final

import msgspec

INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1
UINT64_MAX: Final = 2**64 - 1
DOUBLE_MAX: Final = 1.7976931348623157e308

Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
UInt32 = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
Int64 = Annotated[int, msgspec.Meta(ge=INT64_MIN, le=INT64_MAX)]
UInt64 = Annotated[int, msgspec.Meta(ge=0)]
"""The upper bound cannot be said to msgspec: messages with such a field look after it (`beyond_uint64`)."""
Double = Annotated[float, msgspec.Meta(ge=-DOUBLE_MAX, le=DOUBLE_MAX)]
"""Finite: the bounds also refuse NaN and the infinities."""


def beyond_uint64(field: str) -> ValueError:
    """What a message raises when it is made, by whatever, with a number that 64 bits do not hold."""
    return ValueError(f"{field}: a number up to {UINT64_MAX} is expected here")


class Message(msgspec.Struct, omit_defaults=True, repr_omit_defaults=True, gc=False):
    """A message as it travels.

    The garbage collector does not track messages: they are trees, and a great many of them live long. Do not
    build a cycle out of them.
    """
