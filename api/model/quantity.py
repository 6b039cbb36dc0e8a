"""Quantities: fixed point with three decimals, and sizes in bytes.

A quantity is held as an int of milli-units, so that sums are exact and compare exactly. Floats
live only on the wire. Nothing here knows what is counted.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction

from api.model.errors import InvalidRequest

MILLI = 1000
MB = 2**20  # the unit of `mem` and `disk` in the v1 API

# The largest quantity, in milli-units, that survives the way through a float unchanged. What is
# larger is refused where it comes in.
MAX_MILLI = 2**51 - 1

# CSI counts bytes in an int64; a larger size is refused.
MAX_SIZE_BYTES = 2**63 - 1


class InvalidQuantity(InvalidRequest, ValueError):
    """The number or text is no quantity; the message says what would be."""


def to_milli(value: float) -> int:
    """`value` units as milli-units, rounded to the nearest, half away from zero.

    Raises InvalidQuantity for NaN, infinities, negative values and more than MAX_MILLI.
    """
    if not math.isfinite(value):
        raise InvalidQuantity(f"{value} is not a quantity: give a finite number")
    if value < 0:
        raise InvalidQuantity(f"{value} is negative: give zero or more")
    scaled = value * MILLI
    if scaled > MAX_MILLI:
        raise InvalidQuantity(f"{value} is too large: at most {MAX_MILLI // MILLI} can be counted exactly")
    whole = math.floor(scaled)
    return whole + 1 if scaled - whole >= 0.5 else whole


def from_milli(milli: int) -> float:
    """Milli-units as units."""
    return milli / MILLI


def format_milli(milli: int) -> str:
    """Milli-units as text in units, without trailing zeros: 1500 is "1.5"."""
    if milli < 0:
        return "-" + format_milli(-milli)
    whole, rest = divmod(milli, MILLI)
    return f"{whole}.{rest:03d}".rstrip("0") if rest else str(whole)


_UNITS: dict[str, int] = {
    "": 1,
    "b": 1,
    **{f"{prefix}ib": 1024**power for power, prefix in enumerate("kmgtpe", start=1)},
    **{f"{prefix}b": 1000**power for power, prefix in enumerate("kmgtpe", start=1)},
}
_SIZE = re.compile(r"([0-9]{1,30}(?:\.[0-9]{1,30})?)\s*([A-Za-z]{0,3})", re.ASCII)
_BINARY = (("EiB", 2**60), ("PiB", 2**50), ("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))


def parse_size(text: str) -> int:
    """Bytes from "512MiB", "1.5TiB" (powers of 1024), "10GB" (powers of 1000) or "1048576".

    A fraction of a byte rounds up. Units may be in either case. Raises InvalidQuantity for anything
    else, negative sizes included, and for more than MAX_SIZE_BYTES.
    """
    match = _SIZE.fullmatch(text.strip())
    unit = _UNITS.get(match[2].lower()) if match else None
    if match is None or unit is None:
        raise InvalidQuantity(
            f"{text[:60]!r} is not a size: write for example 512MiB, 1.5TiB, 10GB, or bytes"
        )
    size = math.ceil(Fraction(match[1]) * unit)
    if size > MAX_SIZE_BYTES:
        raise InvalidQuantity(
            f"{text[:60]!r} is too large: at most {format_size(MAX_SIZE_BYTES)} can be asked for"
        )
    return size


def format_size(size: int) -> str:
    """Bytes for people: the largest binary unit that fits, at most two decimals: "1.5TiB", "900B"."""
    for name, unit in _BINARY:
        if size >= unit:
            return f"{size / unit:.2f}".rstrip("0").rstrip(".") + name
    return f"{size}B"


def bytes_to_mb_up(size: int) -> int:
    """Whole MB that hold `size` bytes: a volume is charged for what it may fill."""
    return -(-size // MB)


def bytes_to_mb_down(size: int) -> int:
    """Whole MB within `size` bytes: a pool never offers what it lacks."""
    return size // MB


def mb_milli_to_bytes(milli: int) -> int:
    """Bytes in a `disk` or `mem` quantity of milli-MB; a fraction of a byte is cut off."""
    return milli * MB // MILLI
