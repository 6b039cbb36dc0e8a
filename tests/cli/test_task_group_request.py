"""A group from a file, and how it is cut out of an offer."""

from __future__ import annotations

import json

import pytest

from api.wire.v1 import mesos
from cli.task_group_request import GroupRequest, InvalidGroup, cut, launched, read_group

MEM = 32 * 2**20


def scalar(name: str, value: float, role: str = "") -> mesos.Resource:
    made = mesos.Resource(name=name, type=mesos.ValueType.SCALAR, scalar=mesos.ValueScalar(value=value))
    if role:
        made.reservations = [mesos.ResourceReservationInfo(role=role)]
    return made


def group(*tasks: dict[str, object]) -> GroupRequest:
    read = read_group(json.dumps({"tasks": tasks}).encode(), 0.1, MEM)
    return GroupRequest("g", read, "default", 1.0)


def test_tasks_that_name_no_amounts_get_those_of_the_command_line() -> None:
    request = group({"command": {"value": "true"}}, {"name": "b", "command": {"value": "false"}})
    assert [task.name for task in request.tasks] == ["task-1", "b"]
    assert request.scalars == {"cpus": 210, "mem": 96_000}


def test_each_task_gets_pieces_of_its_own_reserved_ones_first() -> None:
    amounts = {"resources": [{"name": "cpus", "type": "SCALAR", "scalar": {"value": 1.0}}]}
    request = group({"name": "a", **amounts}, {"name": "b", **amounts})
    offered = [scalar("cpus", 2.0), scalar("cpus", 0.51, "default"), scalar("mem", 64)]
    pieces = cut(request, offered)
    assert pieces is not None
    found = [
        [(piece.name, piece.scalar.value, bool(piece.reservations)) for piece in each] for each in pieces
    ]
    assert found == [
        [("cpus", 0.01, True), ("mem", 32.0, False)],
        [("cpus", 0.5, True), ("cpus", 0.5, False)],
        [("cpus", 1.0, False)],
    ]
    assert cut(request, offered[:1]) is None


def test_ids_are_made_for_the_launch_and_the_agent_plays_the_executor() -> None:
    request = group({"name": "a"}, {"name": "b", "task_id": {"value": "a"}})
    offer = mesos.Offer(
        id=mesos.OfferID(value="o"),
        framework_id=mesos.FrameworkID(value="f"),
        agent_id=mesos.AgentID(value="agent"),
        hostname="h",
        resources=[scalar("cpus", 1), scalar("mem", 1024)],
    )
    pieces = cut(request, offer.resources)
    assert pieces is not None
    operation, tasks = launched(request, "group-1", offer, pieces)
    assert [task.task_id.value for task in tasks] == ["group-1-1", "group-1-2"]
    assert {task.agent_id.value for task in tasks} == {"agent"}
    executor = operation.launch_group.executor  # type: ignore[union-attr]
    assert executor.type is mesos.ExecutorInfoType.DEFAULT and executor.resources == pieces[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff", "no JSON"),
        (b"{}", "expecting"),
        (b'{"tasks": []}', "expecting"),
        (b'{"tasks": [1]}', "expecting"),
        (b'{"tasks": [{"command": 3}]}', "command"),
        (b'{"tasks": [{"name": "a"}, {"name": "a"}]}', "two tasks are named 'a'"),
        (b'{"tasks": [{"resources": [{"name": "gpus", "type": "SCALAR", "scalar": {"value": 1}}]}]}', "gpus"),
    ],
)
def test_what_is_no_group_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(InvalidGroup, match=words):
        read_group(content, 0.1, MEM)
