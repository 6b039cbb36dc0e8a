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


def volume_of(name: str, path: str, **volume: object) -> dict[str, object]:
    return {"disk": {"persistence": {"id": name}, "volume": {"container_path": path, **volume}}}


def offered_volume(name: str, *, shared: bool = False) -> mesos.Resource:
    made = scalar("disk", 64, "default")
    made.disk = mesos.ResourceDiskInfo(persistence=mesos.ResourceDiskInfoPersistence(id=name))
    if shared:
        made.shared = mesos.ResourceSharedInfo()
    return made


def test_volumes_are_taken_whole_by_the_task_or_the_executor_that_names_them() -> None:
    text = {
        "executor": {"resources": [volume_of("common", "data")]},
        "tasks": [
            {"name": "a", "resources": [volume_of("own", "/own", mode="RO"), volume_of("seen", "seen")]},
            {"name": "b", "resources": [volume_of("seen", "seen")]},
        ],
    }
    request = GroupRequest("g", read_group(json.dumps(text).encode(), 0.1, MEM), "default", 1.0)
    assert request.volumes == ("common", "own", "seen")
    plain = [scalar("cpus", 1), scalar("mem", 1024)]
    volumes = [offered_volume("own"), offered_volume("common"), offered_volume("seen", shared=True)]
    pieces = cut(request, [*plain, *volumes])
    assert pieces is not None
    found = [
        [
            (piece.disk.persistence.id, piece.disk.volume.container_path, piece.disk.volume.mode.value)  # type: ignore[union-attr]
            for piece in each
            if piece.name == "disk" and piece.scalar == volumes[0].scalar
        ]
        for each in pieces
    ]
    assert found == [
        [("common", "data", "RW")],
        [("own", "/own", "RO"), ("seen", "seen", "RW")],
        [("seen", "seen", "RW")],
    ]
    assert [piece.scalar.value for piece in pieces[1] if piece.name == "cpus"] == [0.1]  # type: ignore[union-attr]
    assert cut(request, [*plain, *volumes[1:]]) is None


def test_a_volume_that_is_nobody_elses_goes_to_one_task() -> None:
    request = group(
        {"name": "a", "resources": [volume_of("v", "x")]}, {"name": "b", "resources": [volume_of("v", "x")]}
    )
    assert cut(request, [scalar("cpus", 1), scalar("mem", 1024), offered_volume("v")]) is None


def test_disk_for_a_sandbox_is_an_amount_like_others() -> None:
    request = group({"name": "a", "resources": [{"name": "disk", "type": "SCALAR", "scalar": {"value": 5}}]})
    pieces = cut(request, [scalar("cpus", 1), scalar("mem", 1024), scalar("disk", 100)])
    assert pieces is not None and [(piece.name, piece.scalar.value) for piece in pieces[1]] == [  # type: ignore[union-attr]
        ("disk", 5.0),
        ("cpus", 0.1),
        ("mem", 32.0),
    ]


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
        (b'{"executor": 1, "tasks": [{}]}', "is the group's"),
        (b'{"executor": {"command": {"value": "x"}}, "tasks": [{}]}', "the agent's own"),
        (b'{"tasks": [{"resources": [{"disk": {"persistence": {"id": "v"}}}]}]}', "disk.volume"),
        (b'{"tasks": [{"resources": [3]}]}', "list of resources"),
        (b'{"tasks": [{"resources": [{"name": "gpus", "type": "SCALAR", "scalar": {"value": 1}}]}]}', "gpus"),
    ],
)
def test_what_is_no_group_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(InvalidGroup, match=words):
        read_group(content, 0.1, MEM)
