"""Texts of settings that say how offers are made, as values. Nothing is read or built here.

Each parser raises ValueError, saying what is right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from api.model.quantity import MB, MILLI, parse_size, to_milli

ANYTHING: Final = "any"
IN_MB: Final = frozenset({"mem", "disk"})
NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")

Alternatives = tuple[Mapping[str, int], ...]


def least_offer(text: str) -> Alternatives:
    """`cpus=0.01|mem=32MiB`: alternatives of amounts, in milli-units by name; `any`: none is needed."""
    if text.strip() == ANYTHING:
        return ()
    return tuple(_amounts(alternative) for alternative in text.split("|"))


def _amounts(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in text.split(","):
        name, separator, amount = (each.strip() for each in part.partition("="))
        if not separator or not NAME.fullmatch(name) or name in found:
            raise ValueError(
                f"{part.strip()!r} is not NAME=AMOUNT, or is there twice: as in 'cpus=0.1,mem=64MiB'"
            )
        found[name] = parse_size(amount) * MILLI // MB if name in IN_MB else to_milli(_number(amount))
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None


def names(text: str) -> frozenset[str]:
    """`gpus,licences`: names of resources."""
    found = [each.strip() for each in text.split(",") if each.strip()]
    for name in found:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a resource")
    return frozenset(found)


def a_share(text: str) -> float:
    """A part of a whole: `0.8`, or `80%`."""
    value = _number(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    if not 0 <= value <= 1:
        raise ValueError(f"{text!r} is not a share: 0 to 1, or 0% to 100%")
    return value


def a_fault_domain(text: str) -> tuple[str, str]:
    """`REGION/ZONE`."""
    region, _, zone = (each.strip() for each in text.partition("/"))
    if not region or not zone or "/" in zone:
        raise ValueError(f"{text!r} is not REGION/ZONE, as in 'europe/a'")
    return region, zone
