"""The laws of the resource algebra hold for generated samples, and values agree with plain sets."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.model.resources import Items, Ranges, Resource, Resources, Scalar
from tests.model.laws import LAWS, Law
from tests.model.samples import LAWFUL, collections, item_sets, port_ranges, resources


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_law_holds(law: Law) -> None:
    @LAWFUL
    @given(collections, collections, collections)
    def run(a: Resources, b: Resources, c: Resources) -> None:
        law(a, b, c)

    run()


def integers(value: Ranges) -> set[int]:
    return {number for lo, hi in value.ranges for number in range(lo, hi + 1)}


@LAWFUL
@given(port_ranges(), port_ranges())
def test_ranges_behave_like_sets_of_integers(left: Ranges, right: Ranges) -> None:
    assert integers(left.plus(right)) == integers(left) | integers(right)
    assert integers(left.minus(right)) == integers(left) - integers(right)
    assert left.covers(right) == (integers(left) >= integers(right))
    assert (left == right) == (integers(left) == integers(right))


@LAWFUL
@given(item_sets, item_sets)
def test_items_behave_like_sets_of_names(left: Items, right: Items) -> None:
    assert set(left.plus(right).items) == set(left.items) | set(right.items)
    assert set(left.minus(right).items) == set(left.items) - set(right.items)
    assert left.covers(right) == (set(left.items) >= set(right.items))


def atoms(listed: list[Resource]) -> Counter[tuple[object, ...]]:
    """A second, dumb implementation: every milli-unit, integer, name and whole thing by itself."""
    found: Counter[tuple[object, ...]] = Counter()
    for resource in listed:
        if resource.is_counted:
            found[resource, "whole"] += 1
            continue
        match resource.value:
            case Scalar(milli):
                found[resource.identity, "milli"] += milli
            case Ranges():
                found |= Counter((resource.identity, n) for n in integers(resource.value))
            case Items(names):
                found |= Counter((resource.identity, n) for n in names)
    return found


@LAWFUL
@given(st.lists(resources, max_size=8), st.lists(resources, max_size=8))
def test_collections_agree_with_counting_atoms(left: list[Resource], right: list[Resource]) -> None:
    a, b = Resources(left), Resources(right)
    assert atoms(list(a + b)) == atoms(left + right)
    assert atoms(list(a - b)) == atoms(left) - atoms(right)
    assert a.contains(b) == (atoms(left) >= atoms(right))
