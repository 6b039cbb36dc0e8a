"""Protobuf's numbers as bytes, for the generated writers and the fragments. No messages here."""

import struct
from typing import Final

UINT64: Final = 2**64 - 1
SHORTER_THAN: Final = 1024
"""Lengths below this are looked up, longer ones made."""

DOUBLE: Final = struct.Struct("<d").pack


def varint(number: int) -> bytes:
    """A whole number, seven bits a byte, low ones first; a negative one as its 64 bits (ten bytes)."""
    number &= UINT64
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


SHORT: Final = tuple(varint(number) for number in range(SHORTER_THAN))
