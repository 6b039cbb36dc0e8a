"""A planted bug in any part of the algebra breaks a law: the laws are worth something.

Each bug replaces one implementing function by a plausible mistake. The laws then run over the same
generated samples as ever; at least one must fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.model import resources as resources_room
from api.model import tallies, values
from api.model.disk import Disk, DiskSource
from api.model.errors import OrlopError
from api.model.resource import Identity, Resource
from api.model.resources import Resources
from api.model.values import Items, Ranges, Scalar
from tests.model.laws import LAWS, Law
from tests.model.samples import resources

listed = st.lists(resources, min_size=2, max_size=8)  # an empty sample shows no bug

Triple = tuple[list[Resource], list[Resource], list[Resource]]

SAMPLES = 250


@pytest.fixture(scope="module")
def samples() -> list[Triple]:
    """The same generated triples for every bug, drawn while there is none."""
    drawn: list[Triple] = []

    @settings(
        max_examples=SAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.tuples(listed, listed, listed))
    def draw(triple: Triple) -> None:
        drawn.append(triple)

    draw()
    return drawn


def holds(law: Law, samples: list[Triple]) -> bool:
    """Whether the law holds for all samples, built anew by whatever implementation is in place."""
    try:
        for triple in samples:
            a, b, c = (Resources([replace(resource) for resource in one]) for one in triple)
            law(a, b, c)
    except (AssertionError, OrlopError, KeyError, pytest.fail.Exception):
        return False
    return True


def unmerged(ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Merges what overlaps and forgets what touches."""
    merged: list[tuple[int, int]] = []
    for lo, hi in sorted(ranges):
        if merged and lo <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], hi))
        else:
            merged.append((lo, hi))
    return tuple(merged)


def shortened(ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Takes the end of the later range, also when the earlier one reaches further."""
    merged: list[tuple[int, int]] = []
    for lo, hi in sorted(ranges):
        if merged and lo <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], hi)
        else:
            merged.append((lo, hi))
    return tuple(merged)


def without_tails(
    left: tuple[tuple[int, int], ...], right: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int], ...]:
    """Drops a range as soon as anything of it is taken."""
    return tuple((lo, hi) for lo, hi in left if not any(a <= hi and lo <= b for a, b in right))


def forget_all(counted: dict[Resource, int], resource: Resource, count: int) -> None:
    """Forgets every copy when one is taken."""
    counted.pop(resource, None)


def first_role(identity: Identity) -> str:
    return identity.reservations[0].role if identity.reservations else "*"


def with_pushed_below(resource: Resource, reservation: Any) -> Resource:
    return replace(resource, reservations=(reservation, *resource.reservations))


def with_first_popped(resource: Resource) -> Resource:
    return replace(resource, reservations=resource.reservations[1:])


def ignoring_reservations(resource: Resource) -> None:
    identity = Identity(
        resource.name,
        resource.value.kind,
        resource.reservations[:1],
        resource.disk,
        resource.provider_id,
        resource.shared,
        resource.revocable,
        resource.allocated_to,
    )
    object.__setattr__(resource, "identity", identity)
    object.__setattr__(resource, "_is_counted", resource.shared or resource.is_indivisible)
    object.__setattr__(resource, "_hash", hash((identity, resource.value)))


BUGS: dict[str, tuple[Any, str, Callable[..., Any] | property]] = {
    "scalars: addition keeps the larger": (Scalar, "plus", lambda a, b: max(a, b, key=lambda s: s.milli)),
    "scalars: addition loses thousandths": (
        Scalar,
        "plus",
        lambda a, b: Scalar((a.milli + b.milli) // 10 * 10),
    ),
    "scalars: subtraction does not floor": (Scalar, "minus", lambda a, b: Scalar(abs(a.milli - b.milli))),
    "scalars: too much taken takes nothing": (
        Scalar,
        "minus",
        lambda a, b: Scalar(a.milli - b.milli) if a.milli >= b.milli else a,
    ),
    "scalars: containing means more than": (Scalar, "covers", lambda a, b: a.milli > b.milli),
    "scalars: containing rounds to units": (
        Scalar,
        "covers",
        lambda a, b: a.milli // 1000 >= b.milli // 1000,
    ),
    "ranges: neighbours stay apart": (values, "_normalised", unmerged),
    "ranges: merging shortens": (values, "_normalised", shortened),
    "ranges: subtraction drops what it touches": (values, "_difference", without_tails),
    "ranges: containing means overlapping": (
        Ranges,
        "covers",
        lambda a, b: a.ranges[0][0] <= b.ranges[-1][1] and b.ranges[0][0] <= a.ranges[-1][1],
    ),
    "sets: addition intersects": (Items, "plus", lambda a, b: Items(tuple(set(a.items) & set(b.items)))),
    "sets: subtraction is symmetric": (
        Items,
        "minus",
        lambda a, b: Items(tuple(set(a.items) ^ set(b.items))),
    ),
    "sets: containing is reversed": (Items, "covers", lambda a, b: set(b.items) >= set(a.items)),
    "sets: containing counts only": (Items, "covers", lambda a, b: len(a.items) >= len(b.items)),
    "reservations: pushed below the others": (Resource, "push_reservation", with_pushed_below),
    "reservations: the first is popped": (Resource, "pop_reservation", with_first_popped),
    "reservations: the first is in force": (Identity, "role", property(first_role)),
    "reservations: only the first tells apart": (Resource, "__post_init__", ignoring_reservations),
    "reservations: inherited upwards": (
        resources_room,
        "is_under",
        lambda role, above: role == above or above.startswith(role + "/"),
    ),
    "indivisible disks: none is": (Disk, "is_indivisible", property(lambda disk: False)),
    "indivisible disks: persistence forgotten": (
        Disk,
        "is_indivisible",
        property(lambda disk: disk.source is not None and disk.source.is_indivisible),
    ),
    "indivisible disks: BLOCK and RAW forgotten": (
        DiskSource,
        "is_indivisible",
        property(lambda source: source.type == "MOUNT"),
    ),
    "indivisible disks: taking one takes its twin": (tallies, "put_count", forget_all),
    "shared: merged like amounts": (
        Resource,
        "is_counted",
        property(lambda r: r.is_indivisible and not r.shared),
    ),
}


def test_without_a_bug_every_law_holds_on_the_same_samples(samples: list[Triple]) -> None:
    assert [law.__name__ for law in LAWS if not holds(law, samples)] == []


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_breaks_a_law(bug: str, samples: list[Triple], monkeypatch: pytest.MonkeyPatch) -> None:
    target, name, mistake = BUGS[bug]
    monkeypatch.setattr(target, name, mistake)
    assert not all(holds(law, samples) for law in LAWS), f"no law notices: {bug}"
