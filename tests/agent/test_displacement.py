"""Which tasks have to go when a host has less than before."""

from __future__ import annotations

from agent.host.displacement import Displacement, displaced
from api.model.disk import Disk, Persistence
from api.model.resource import Reservation, Resource
from api.model.resources import Resources
from api.model.values import Ranges, Scalar
from api.wire.v1 import mesos
from tests.agent.world import FRAMEWORK, World, task

ENG = (Reservation("eng"),)


class Own:
    """The agent's own resources, as an operator configures them."""

    def __init__(self, units: float) -> None:
        self.units = units

    def expected(self) -> Resources:
        return held(cpus(self.units), Resource("mem", Scalar.of(4096)))


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


def test_who_shares_a_volume_takes_it_from_nobody() -> None:
    volume = Resource("disk", Scalar.of(64), ENG, Disk(persistence=Persistence("v")), shared=True)
    totals = held(cpus(2), volume)
    tasks = [(name, held(cpus(1), volume)) for name in ("a", "b", "c")]
    assert [(key, str(missing)) for key, missing in displaced(totals, tasks)] == [("c", str(held(cpus(1))))]
    assert [key for key, _ in displaced(held(cpus(2)), tasks)] == ["a", "b", "c"], "it is there no more"


def wanting(name: str, units: float) -> mesos.TaskInfo:
    info = task(name)
    value = mesos.ValueScalar(value=units)
    info.resources = [mesos.Resource(name="cpus", type=mesos.ValueType.SCALAR, scalar=value)]
    return info


async def test_a_launch_that_was_on_its_way_when_the_host_got_less_is_ended_and_told_why(
    world: World,
) -> None:
    agent, own, there = await world.started(), Own(4), world.orchestrator
    displacement = Displacement(own, agent.tasks, agent.executors)
    await displacement.start()
    for name in ("first", "second"):
        await there.run_task(wanting(name, 1), FRAMEWORK)
        await there.until(lambda name=name: "TASK_RUNNING" in there.states(name))
    own.units = 1.5
    assert [record.info.task_id.value for record, _ in displacement.losers(own.expected())] == ["second"]
    displacement.shrunk()
    await there.until(lambda: "TASK_KILLED" in there.states("second"))
    await there.run_task(wanting("third", 1), FRAMEWORK)  # accepted before the orchestrator knew
    await there.run_task(wanting("small", 0.5), FRAMEWORK)
    await there.until(lambda: "TASK_KILLED" in there.states("third"))
    last = there.statuses("third")[-1]
    assert last.reason is mesos.TaskStatusReason.REASON_CONTAINER_PREEMPTED
    assert "configured with less" in last.message and "cpus:0.5" in last.message
    await there.until(lambda: "TASK_RUNNING" in there.states("small"))
    assert "TASK_KILLED" not in there.states("first")
    await displacement.stop()
