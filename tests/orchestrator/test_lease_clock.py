"""The lease when the database's clock is set: nobody waits for a time that was, or is led by two."""

from __future__ import annotations

import random

from api.model.ids import SeededIds
from orchestrator import schema
from orchestrator.lease import Candidate, Deposed, Lease
from tests.simulation.loop import VirtualLoop
from tests.simulation.simstore import SimDisk, SimStore


class SharedStore(SimStore):
    """As of a database that others may write to as well."""

    @property
    def shared(self) -> bool:
        return True


class Database:
    """One database, and its clock."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0
        self.disk = SimDisk(schema.metadata, lambda: self.time)

    def candidate(self, name: str) -> Lease:
        rng = random.Random(name)
        who = Candidate(name, f"{name}:5050", f"{name}:5060")
        return Lease(SharedStore(self.disk, rng), who, SeededIds(rng), ttl=6.0)


async def story(set_back: float) -> tuple[int | None, bool]:
    """The epoch that another takes after the clock was set back, and whether the first is deposed then."""
    database = Database()
    first, second = database.candidate("first"), database.candidate("second")
    assert await first.take() == 1
    database.time -= set_back
    epoch = await second.take()
    try:
        await first.renew(1)
    except Deposed:
        return epoch, True
    return epoch, False


def played(set_back: float) -> tuple[int | None, bool]:
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(story(set_back))
    finally:
        loop.bury()


def test_a_lease_of_before_the_clock_was_set_back_by_an_hour_has_ended() -> None:
    assert played(3600.0) == (2, True)


def test_a_lease_lasts_while_the_clock_is_set_back_by_less_than_any_lease() -> None:
    assert played(10.0) == (None, False)


def test_a_lease_whose_time_came_early_by_the_clock_can_be_taken_and_its_holder_is_deposed() -> None:
    assert played(-10.0) == (2, True)
