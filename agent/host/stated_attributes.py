"""What an operator tells frameworks of a host: attributes, as text.

It must not: detect anything, or know what attributes mean.
"""

from __future__ import annotations

import re
from typing import Final

from api.model.quantity import MILLI, to_milli
from api.wire.v1 import mesos

_RANGE: Final = re.compile(r"\s*(\d+)\s*-\s*(\d+)\s*")


def stated_attributes(text: str) -> tuple[mesos.Attribute, ...]:
    """`rack:r7;cores:16;slots:[1-4,9-9];kinds:{ssd,nvme}`: text, a number, ranges, a set.

    Raises ValueError, saying what is right.
    """
    found = []
    for part in filter(None, (each.strip() for each in text.split(";"))):
        name, separator, value = (each.strip() for each in part.partition(":"))
        if not separator or not name or not value:
            raise ValueError(f"{part!r} is not NAME:VALUE, as in 'rack:r7;cores:16'")
        found.append(_attribute(name, value))
    return tuple(found)


def _attribute(name: str, value: str) -> mesos.Attribute:
    inner = value[1:-1]
    if value.startswith("[") and value.endswith("]"):
        pairs = [_RANGE.fullmatch(each) for each in inner.split(",")]
        ranges = [mesos.ValueRange(begin=int(each[1]), end=int(each[2])) for each in pairs if each]
        if len(ranges) < len(pairs) or any(each.begin > each.end for each in ranges):
            raise ValueError(f"{value!r} are not ranges, as in '[1-4,9-9]'")
        return mesos.Attribute(name=name, type=mesos.ValueType.RANGES, ranges=mesos.ValueRanges(range=ranges))
    if value.startswith("{") and value.endswith("}"):
        items = [each.strip() for each in inner.split(",") if each.strip()]
        return mesos.Attribute(name=name, type=mesos.ValueType.SET, set=mesos.ValueSet(item=items))
    try:
        number = to_milli(float(value)) / MILLI
    except ValueError:
        text = mesos.ValueText(value=value)
        return mesos.Attribute(name=name, type=mesos.ValueType.TEXT, text=text)
    return mesos.Attribute(name=name, type=mesos.ValueType.SCALAR, scalar=mesos.ValueScalar(value=number))
