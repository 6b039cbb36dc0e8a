"""What a collection of resources is made of, two tables, and how they are added to and taken from in place.

The tables are the caller's, who must not share them before he is done. What a resource means is not looked at
here: equal identities and equal resources are the same, and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.model.resource import Identity, Resource
from api.model.values import Value

Divisible = dict[Identity, Value]
"""By all but the value: values of one identity merge. None is empty."""

Counted = dict[Resource, int]
"""How often each indivisible one is there; more than nought."""


def plus(left: Any, right: Any) -> Value:
    """Both of one kind, which equal identities guarantee."""
    result: Value = left.plus(right)
    return result


def minus(left: Any, right: Any) -> Value:
    """The same; floors."""
    result: Value = left.minus(right)
    return result


def covers(left: Any, right: Any) -> bool:
    """Whether all of `right` is in `left`."""
    result: bool = left.covers(right)
    return result


def merge(divisible: Divisible, identity: Identity, value: Value) -> None:
    """Add so much of `identity`."""
    held = divisible.get(identity)
    divisible[identity] = value if held is None else plus(held, value)


def put_count(counted: Counted, resource: Resource, count: int) -> None:
    """Have it so often; nought or less: not at all."""
    counted[resource] = count
    if count <= 0:
        del counted[resource]


def take_from(
    divisible: Divisible, counted: Counted, less: Mapping[Identity, Value], fewer: Mapping[Resource, int]
) -> None:
    """Take `less` and `fewer` out; what is not there takes nothing more."""
    for identity, value in less.items():
        held = divisible.get(identity)
        if held is not None:
            divisible[identity] = minus(held, value)
            if divisible[identity].is_empty:
                del divisible[identity]
    shorter = counted if len(counted) < len(fewer) else fewer
    for resource in [resource for resource in shorter if resource in counted]:
        put_count(counted, resource, counted[resource] - fewer.get(resource, 0))


def add_into(
    divisible: Divisible, counted: Counted, more: Mapping[Identity, Value], others: Mapping[Resource, int]
) -> None:
    """Put `more` and `others` in."""
    for identity, value in more.items():
        merge(divisible, identity, value)
    for resource, count in others.items():
        counted[resource] = counted.get(resource, 0) + count
