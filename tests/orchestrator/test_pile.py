"""What one ACCEPT takes out of its offers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.model.disk import Disk, Persistence
from api.model.resource import Reservation, Resource, scalar
from api.model.resources import Resources
from orchestrator.offers import Offer
from orchestrator.pile import NotOffered, Pile

VOLUME = replace(
    scalar("disk", 1000_000),
    disk=Disk(persistence=Persistence("data")),
    reservations=(Reservation("r"),),
    shared=True,
)


def pile(*resources: Resource) -> Pile:
    return Pile([Offer("o", "f", "r", "a", Resources(resources), None)])


def test_what_was_taken_is_not_there_for_the_next() -> None:
    made = pile(scalar("cpus", 2000))
    made.take(Resources([scalar("cpus", 1500)]))
    with pytest.raises(NotOffered, match="cpus"):
        made.take(Resources([scalar("cpus", 1000)]))
    assert made.left == Resources([scalar("cpus", 500)])


def test_a_shared_volume_is_there_for_each_task_of_a_group() -> None:
    made = pile(scalar("cpus", 2000), VOLUME)
    made.take(Resources([scalar("cpus", 500), VOLUME, VOLUME]))
    made.take(Resources([scalar("cpus", 500), VOLUME]))
    assert made.left == Resources([scalar("cpus", 1000), VOLUME])


def test_a_shared_volume_that_was_not_offered_is_refused_with_the_rest() -> None:
    made = pile(scalar("cpus", 2000))
    with pytest.raises(NotOffered):
        made.take(Resources([scalar("cpus", 500), VOLUME]))
    assert made.left == Resources([scalar("cpus", 2000)])
