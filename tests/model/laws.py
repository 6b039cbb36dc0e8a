"""The laws of the resource algebra, as plain functions over any three samples.

Each takes collections a, b, c and asserts. They state what the algebra must be, through its public
face only; how samples are made, and how a law is run, is elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from api.model.resources import (
    EMPTY,
    Conversion,
    Items,
    NotContained,
    Ranges,
    Reservation,
    Resource,
    Resources,
    Scalar,
)

Law = Callable[[Resources, Resources, Resources], None]


def addition_commutes(a: Resources, b: Resources, c: Resources) -> None:
    assert a + b == b + a
    assert list(a + b) == list(b + a)
    assert hash(a + b) == hash(b + a)


def addition_associates(a: Resources, b: Resources, c: Resources) -> None:
    assert (a + b) + c == a + (b + c) == Resources.total([a, b, c])


def nothing_is_neutral(a: Resources, b: Resources, c: Resources) -> None:
    assert a + EMPTY == EMPTY + a == a - EMPTY == a
    assert EMPTY - a == EMPTY
    assert (a - a).is_empty


def what_was_added_can_be_taken_back(a: Resources, b: Resources, c: Resources) -> None:
    fresh = a.filter(is_amount) + (a.filter(is_set) - b)  # sets overlap, amounts do not
    assert fresh + b - b == fresh


def a_sum_contains_its_parts(a: Resources, b: Resources, c: Resources) -> None:
    assert (a + b).contains(a) and (a + b) >= b and a <= a + b


def containment_is_a_partial_order(a: Resources, b: Resources, c: Resources) -> None:
    assert a >= a
    for left, right in ((a, b), (a + b, a), (a + b, b), (a - b, a)):
        assert not (left >= right and right >= left) or left == right
    for top, middle, bottom in ((a, b, c), (a + b, a, a - c), (a, a - b, a - b - c)):
        assert not (top >= middle and middle >= bottom) or top >= bottom


def containing_means_that_nothing_is_missing(a: Resources, b: Resources, c: Resources) -> None:
    for wanted in (b, a + b, a - b, a):
        assert a.contains(wanted) == (wanted - a).is_empty


def subtraction_floors(a: Resources, b: Resources, c: Resources) -> None:
    assert a - b <= a
    assert (a - b) + b >= a
    assert a - (a + b) == EMPTY
    assert all(milli >= 0 for milli in (a - b).quantities().values())


def subtracting_a_sum_is_subtracting_each(a: Resources, b: Resources, c: Resources) -> None:
    assert a - (b + c) == a - b - c == a - c - b


def quantities_add_up(a: Resources, b: Resources, c: Resources) -> None:
    a, b = a.filter(is_not_shared), b.filter(is_not_shared)
    for name in ("cpus", "mem", "disk"):
        assert (a + b).scalar_milli(name) == a.scalar_milli(name) + b.scalar_milli(name)
        assert a.scalar_milli(name) == sum(resource.milli for resource in a if resource.name == name)


def how_it_was_built_does_not_matter(a: Resources, b: Resources, c: Resources) -> None:
    again = Resources(reversed(list(a)))
    assert again == a and list(again) == list(a) and hash(again) == hash(a) and str(again) == str(a)
    assert all(not resource.value.is_empty for resource in a)


def pieces_make_the_whole_again(a: Resources, b: Resources, c: Resources) -> None:
    for resource in a:
        if is_counted(resource) or len(values := cut(resource)) < 2:
            continue
        first, second = (Resources([resource.with_value(value)]) for value in values)
        whole = Resources([resource])
        assert first + second == whole and len(first + second) == 1
        assert whole - first == second and whole - second == first
        if is_set(resource):
            assert not first.contains(second) and not second.contains(first)


def a_part_of_a_set_adds_nothing_to_it(a: Resources, b: Resources, c: Resources) -> None:
    for resource in a.filter(is_set):
        whole = Resources([resource])
        for part in (Resources([resource.with_value(value)]) for value in parts(resource)):
            assert whole.contains(part) and whole + part == part + whole == whole
            assert (whole - part) + part == whole and not (whole - part).contains(part)


def a_thousandth_more_is_too_much(a: Resources, b: Resources, c: Resources) -> None:
    for resource in a:
        if is_amount(resource) and not is_counted(resource):
            more = Resources([resource.with_value(Scalar(resource.milli + 1))])
            assert not Resources([resource]).contains(more)
            assert (more - Resources([resource])).quantities() == {resource.name: 1}


def indivisible_disks_never_split(a: Resources, b: Resources, c: Resources) -> None:
    for disk in a.filter(is_whole):
        part = disk.with_value(Scalar(disk.milli // 2))
        assert not Resources([disk]).contains(Resources([part]))
        assert Resources([disk]) - Resources([part]) == Resources([disk])
        assert Resources([part, part]) != Resources([disk])
        assert not Resources([part, part]).contains(Resources([disk]))
        assert Resources([disk, disk]).count(disk) == 2
        assert not Resources([disk]).contains(Resources([disk, disk]))
        assert Resources([disk, disk]) - Resources([disk]) == Resources([disk])


def shared_resources_are_counted(a: Resources, b: Resources, c: Resources) -> None:
    for volume in a.filter(lambda resource: resource.shared):
        once, twice = Resources([volume]), Resources([volume, volume])
        assert twice - once == once and twice != once and not once.contains(twice)
        assert (a + once).count(volume) == a.count(volume) + 1
        assert (a + once).quantities() == a.quantities()


def what_differs_in_one_trait_never_merges(a: Resources, b: Resources, c: Resources) -> None:
    for resource in a:
        for other in variants(resource):
            assert not Resources([resource]).contains(Resources([other]))
            assert len(Resources([resource, other])) == 2


def conversions_conserve_quantities(a: Resources, b: Resources, c: Resources) -> None:
    reserved = b.push_reservation(Reservation("ops", principal="new"))
    converted = (a + b).apply(Conversion(b, reserved))
    assert converted == (a + b) - b + reserved
    without = a.filter(is_not_shared) + b.filter(is_not_shared)
    moved = b.filter(is_not_shared)
    after = without.apply(Conversion(moved, moved.push_reservation(Reservation("ops"))))
    assert after.quantities() == without.quantities()


def conversions_need_all_that_they_consume(a: Resources, b: Resources, c: Resources) -> None:
    if a.contains(b):
        assert a.apply(Conversion(b, c)) == a - b + c
        return
    with pytest.raises(NotContained) as refusal:
        a.apply(Conversion(b, c))
    assert refusal.value.missing == b - a


def reservations_form_a_stack(a: Resources, b: Resources, c: Resources) -> None:
    outer, inner = Reservation("eng", principal="outer"), Reservation("eng/storage", principal="inner")
    for resource in a:
        pushed = resource.push_reservation(outer)
        assert pushed.role == "eng" and pushed.is_reserved
        assert pushed.pop_reservation() == resource
        assert pushed.push_reservation(inner).role == "eng/storage"
        assert pushed.push_reservation(inner).pop_reservation() == pushed
    assert a.push_reservation(inner).pop_reservation() == a
    assert a.push_reservation(inner).reserved_to("eng/storage") == a.push_reservation(inner)


def reservations_part_the_whole(a: Resources, b: Resources, c: Resources) -> None:
    assert a.reserved() + a.unreserved() == a
    assert Resources.total(a.reserved_to(role) for role in a.roles()) == a.reserved()
    assert Resources.total(a.of_provider(owner) for owner in a.provider_ids()) == a
    assert all(not resource.is_reserved for resource in a.unreserved())


def reservations_are_inherited_downwards(a: Resources, b: Resources, c: Resources) -> None:
    above, below, aside = (a.reserved_to(role) for role in ("eng", "eng/storage", "ops"))
    assert a.allocatable_to("eng/storage") == a.unreserved() + above + below
    assert a.allocatable_to("eng") == a.unreserved() + above
    assert a.allocatable_to("ops") == a.unreserved() + aside
    assert a.allocatable_to("*") == a.unreserved()


def allocation_is_a_stamp(a: Resources, b: Resources, c: Resources) -> None:
    bare = a.unallocated()
    assert all(resource.allocated_to is None for resource in bare)
    assert bare.allocated("ops").unallocated() == bare
    assert bare.allocated("ops").quantities() == bare.quantities()
    assert bare.is_empty or not bare.contains(bare.allocated("ops"))


def is_set(resource: Resource) -> bool:
    return not isinstance(resource.value, Scalar)


def is_amount(resource: Resource) -> bool:
    return isinstance(resource.value, Scalar)


def is_whole(resource: Resource) -> bool:
    """What may never be split, said independently of the implementation."""
    if resource.disk is None:
        return False
    source = resource.disk.source
    return resource.disk.persistence is not None or (
        source is not None
        and (source.type in ("MOUNT", "BLOCK") or (source.type == "RAW" and bool(source.id)))
    )


def is_counted(resource: Resource) -> bool:
    return resource.shared or is_whole(resource)


def is_not_shared(resource: Resource) -> bool:
    return not resource.shared


def cut(resource: Resource) -> list[Scalar] | list[Ranges] | list[Items]:
    """The value in two pieces where it has two; ranges between neighbours, so that pieces touch."""
    match resource.value:
        case Scalar(milli) if milli > 1:
            return [Scalar(milli // 2), Scalar(milli - milli // 2)]
        case Ranges(((lo, hi), *rest)) if lo < hi:
            return [Ranges(((lo, lo),)), Ranges(((lo + 1, hi), *rest))]
        case Items((first, *rest)) if rest:
            return [Items((first,)), Items(tuple(rest))]
        case Scalar() | Ranges() | Items() as whole:
            return [whole]  # type: ignore[return-value]


def parts(resource: Resource) -> list[Ranges] | list[Items]:
    """Single members of a set: of each range the middle one, of names each."""
    match resource.value:
        case Ranges(ranges):
            return [Ranges((((lo + hi) // 2, (lo + hi) // 2),)) for lo, hi in ranges]
        case Items(names):
            return [Items((name,)) for name in names]
        case Scalar():
            return []


def variants(resource: Resource) -> list[Resource]:
    """The same with one trait changed: each is another resource that never merges with it."""
    return [
        replace(resource, provider_id="other provider"),
        replace(resource, revocable=not resource.revocable),
        resource.with_allocation("another role"),
        resource.push_reservation(Reservation("another role")),
    ]


LAWS: tuple[Law, ...] = (
    addition_commutes,
    addition_associates,
    nothing_is_neutral,
    what_was_added_can_be_taken_back,
    a_sum_contains_its_parts,
    containment_is_a_partial_order,
    containing_means_that_nothing_is_missing,
    subtraction_floors,
    subtracting_a_sum_is_subtracting_each,
    quantities_add_up,
    how_it_was_built_does_not_matter,
    pieces_make_the_whole_again,
    a_part_of_a_set_adds_nothing_to_it,
    a_thousandth_more_is_too_much,
    indivisible_disks_never_split,
    shared_resources_are_counted,
    what_differs_in_one_trait_never_merges,
    conversions_conserve_quantities,
    conversions_need_all_that_they_consume,
    reservations_form_a_stack,
    reservations_part_the_whole,
    reservations_are_inherited_downwards,
    allocation_is_a_stamp,
)
