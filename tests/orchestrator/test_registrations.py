"""Registrations by the thousand: each in its turn, and no more work for one than it needs."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from api.model.resource import scalar
from api.model.resources import Resources
from api.wire.codec import encode_msgpack
from api.wire.errors import WireError
from api.wire.registration import read_first
from api.wire.v1 import link, mesos
from orchestrator.admissions import SLICE_SECONDS, Admissions
from orchestrator.reports import Multiples, Reports
from orchestrator.state import ChangeKind, ClusterState, StateChange, Task
from tests.orchestrator.scripted import ScriptedAgent
from tests.orchestrator.test_core import Cluster, cluster

__all__ = ["cluster"]


def task(name: str = "one") -> mesos.Task:
    cpus = mesos.Resource(
        name="cpus",
        type=mesos.ValueType.SCALAR,
        scalar=mesos.ValueScalar(value=0.5),
        allocation_info=mesos.ResourceAllocationInfo(role="web"),
    )
    return mesos.Task(
        name=name,
        task_id=mesos.TaskID(value=name),
        framework_id=mesos.FrameworkID(value="framework"),
        agent_id=mesos.AgentID(value="agent"),
        state=mesos.TaskState.TASK_RUNNING,
        resources=[cpus],
        user="nobody",
    )


async def test_between_registrations_that_take_long_others_have_their_turn() -> None:
    loop, story, admissions = asyncio.get_running_loop(), [], Admissions()

    def work(name: str) -> None:
        story.append(name)
        until = loop.time() + SLICE_SECONDS
        while loop.time() < until:
            pass

    for name in ("first", "second"):
        admissions.add(lambda name=name: work(name))  # type: ignore[misc]
    loop.call_soon(story.append, "another")
    while len(admissions):  # noqa: ASYNC110 - it waits for nobody
        await asyncio.sleep(0)
    assert story == ["first", "another", "second"]


def test_tasks_of_a_registration_are_read_when_they_are_asked_for() -> None:
    register = link.AgentMessageRegister(
        agent_info=mesos.AgentInfo(hostname="host"), version="1", tasks=[task("one"), task("two")]
    )
    message = link.AgentMessage(type=link.AgentMessageType.REGISTER, register=register)
    call = read_first(encode_msgpack(message))
    assert call is not None
    assert all(isinstance(each, msgspec.Raw) for each in call.tasks)
    one, two = (Reports().task(each) for each in call.tasks)
    assert (one.head.name, one.role, one.resources) == ("one", "web", Resources((scalar("cpus", 500),)))
    shown = Task(
        "framework", "two", "agent", two.role, "two", two.head.state, two.resources, reported=two.raw
    )
    assert shown.message == task("two")


def test_what_is_no_registration_is_told_apart_from_what_cannot_be_read() -> None:
    assert read_first(encode_msgpack(link.AgentMessage(type=link.AgentMessageType.HEARTBEAT))) is None
    with pytest.raises(WireError):
        read_first(b"\xc1")


def test_tasks_that_hold_the_same_share_one_reading_and_their_sum_is_right() -> None:
    reports, multiples = Reports(), Multiples()
    read = [reports.task(task(str(number))).resources for number in range(10)]
    assert all(each is read[0] for each in read)
    assert multiples.total(read) == Resources((scalar("cpus", 5_000),)) == multiples.total(list(read))
    assert multiples.total([*read, Resources((scalar("mem", 1),))]).scalar_milli("cpus") == 5_000


async def test_an_agent_that_is_back_as_it_was_needs_no_write(cluster: Cluster) -> None:
    agent, rooms = ScriptedAgent(), cluster.orchestrator
    await agent.join(rooms)
    info = rooms.registrar.agents[str(agent.agent_id)]
    changed = msgspec.structs.replace(info, hostname="elsewhere")
    assert rooms.registrar.admit_agent(info, 1.0) is None
    assert rooms.registrar.admit_agent(changed, 1.0) is not None


def test_who_listens_for_single_changes_is_told_of_each_task_that_is_new() -> None:
    state, told, together = ClusterState(), list[StateChange](), []
    state.listen(told.append)
    state.listen(lambda change: None, of=(Task,), added=lambda tasks: together.append(len(tasks)))
    running = mesos.TaskState.TASK_RUNNING
    state.add_tasks([Task("f", str(each), "a", "web", "n", running, Resources()) for each in range(3)])
    assert [change.kind for change in told] == [ChangeKind.TASK_ADDED] * 3
    assert together == [3]
