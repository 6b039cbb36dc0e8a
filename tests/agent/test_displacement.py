"""Which tasks have to go when a host has less than before."""

from __future__ import annotations

from agent.host.displacement import displaced
from api.model.resource import Reservation, Resource
from api.model.resources import Resources
from api.model.values import Ranges, Scalar

ENG = (Reservation("eng"),)


def cpus(units: float, reservations: tuple[Reservation, ...] = (), role: str | None = None) -> Resource:
    return Resource("cpus", Scalar.of(units), reservations, allocated_to=role)


def held(*resources: Resource) -> Resources:
    return Resources(resources)


def test_who_came_first_stays() -> None:
    totals = held(cpus(2))
    tasks = [
        ("a", held(cpus(1, role="eng"))),
        ("b", held(cpus(1.5))),
        ("c", held(cpus(0.5))),
        ("d", held(cpus(1))),
    ]
    out = displaced(totals, tasks)
    assert [key for key, _ in out] == ["b", "d"]
    assert str(out[0][1]) == str(held(cpus(0.5)))


def test_what_is_reserved_is_there_for_whom_it_is_reserved() -> None:
    totals = held(cpus(1, ENG))
    assert [key for key, _ in displaced(totals, [("any", held(cpus(1))), ("eng", held(cpus(1, ENG)))])] == [
        "any"
    ]


def test_disks_of_providers_are_not_the_agents_affair() -> None:
    disk = Resource("disk", Scalar.of(100), provider_id="p")
    assert displaced(held(cpus(1)), [("a", held(cpus(1), disk))]) == []


def test_of_ports_each_counts() -> None:
    totals = held(Resource("ports", Ranges(((1, 10),))))
    tasks = [(str(port), held(Resource("ports", Ranges(((port, port),))))) for port in (5, 5, 11)]
    assert [key for key, _ in displaced(totals, tasks)] == ["5", "11"]
