"""The roles of a tree in the order in which a run asks them: depth first, siblings by their keys.

Read only; who stands where is `roster`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from heapq import merge

from orchestrator.allocator.clients import Client, Role
from orchestrator.allocator.sorter import Key, Sorter


def leaves(order: Sorter, asked: int) -> Iterator[Role]:
    """The roles with such clients, in order, without those that have spent what their limits allow."""
    for _, _, _, place in order.places():
        if place.reach & asked:
            if place.inner is None:
                yield place.role
            else:
                yield from leaves(place.inner, asked)


def all_leaves(order: Sorter, spent: Sorter | None, asked: int) -> Iterator[Role]:
    """The roles with such clients, in order."""
    places: Iterator[Key] | list[Key] = order.places()
    if spent:
        places = merge(order.places(), spent.places())
    for _, _, _, place in places:
        if place.reach & asked:
            if place.inner is None:
                yield place.role
            else:
                yield from all_leaves(place.inner, place.spent, asked)


def next_client(order: Sorter, asked: int) -> Client | None:
    """Who is next, where it is one of these and neither quota nor anything else stands between."""
    while places := order.places():
        place = places[0][3]
        if not place.reach & asked:
            return None
        if place.inner is None:
            role: Role = place.role
            client: Client = role.order.places()[0][3]
            is_free = client.bit & asked and not role.caps and not role.top.guarantees
            return client if is_free else None
        order = place.inner
    return None


def leaves_under(roles: Mapping[str, Role], paths: Iterable[str], asked: int) -> list[Role]:
    """The roles with such clients that are one of these, or below it, in order."""
    found: dict[Role, None] = {}
    for path in paths:
        role = roles.get(path)
        if role is not None and role.reach & asked:
            below = [role] if role.inner is None else all_leaves(role.inner, role.spent, asked)
            found.update(dict.fromkeys(below))
    return list(found) if len(found) < 2 else sorted(found, key=_rank)


def _rank(role: Role) -> list[tuple[int, int, str]]:
    """Where a role stands that may be offered something: its place in each order on the way from the top."""
    found = []
    for place in reversed(role.line):
        if place.home is not None:
            place.home.places()  # so that the keys are those of now
        assert place.key is not None, "who may be offered something stands in an order"
        found.append(place.key[:3])
    return found
