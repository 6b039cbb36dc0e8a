"""The table of served fields is complete and true to the messages; refused fields are refused by name."""

from collections import Counter

import pytest

from api.wire.codec import decode
from api.wire.message import Message
from api.wire.schema import fields_of
from api.wire.served import MAX_REFUSALS, SERVED, refusals
from api.wire.v1 import agent, executor, master, mesos, resource_provider, scheduler

ROOTS: tuple[type[Message], ...] = (
    scheduler.Call,
    scheduler.Event,
    resource_provider.Call,
    resource_provider.Event,
    master.Call,
    master.Response,
    master.Event,
    agent.Call,
    agent.Response,
    executor.Call,
    executor.Event,
)


def reachable() -> set[type[Message]]:
    """Every message that a served field leads to."""
    found: set[type[Message]] = set()
    pending = list(ROOTS)
    while pending:
        message = pending.pop()
        if message in found:
            continue
        found.add(message)
        served = SERVED[message].served_names() if message in SERVED else []
        shapes = fields_of(message)
        pending.extend(
            shape.type
            for shape in (shapes[name] for name in served if name in shapes)
            if issubclass(shape.type, Message)
        )
    return found


def test_every_message_that_can_be_reached_is_in_the_table_and_no_other() -> None:
    assert {each.__doc__ for each in reachable()} == {each.__doc__ for each in SERVED}


@pytest.mark.parametrize("message", SERVED, ids=lambda each: str(each.__doc__))
def test_every_field_is_in_the_table_once_and_no_other(message: type[Message]) -> None:
    assert Counter(SERVED[message].names()) == Counter(fields_of(message).keys())


def test_every_exception_says_why() -> None:
    for fields in SERVED.values():
        for why in (*fields.ignored, *fields.refused):
            assert len(why.split()) >= 3


LAUNCH = b"""{"type": "ACCEPT", "accept": {"offer_ids": [{"value": "o"}], "operations": [
    {"type": "LAUNCH", "launch": {"task_infos": [
        {"name": "t", "task_id": {"value": "t"}, "agent_id": {"value": "a"}, "command": {"value": "true" %b}
         %b}]}}]}}"""


def test_a_plain_launch_is_not_refused() -> None:
    assert refusals(decode(scheduler.Call, LAUNCH % (b"", b""))) == []


@pytest.mark.parametrize(
    ("command", "task", "path"),
    [
        (b"", b', "container": {"type": "MESOS", "tty_info": {}}', "container.tty_info: "),
        (b"", b', "container": {"type": "MESOS", "volumes": [{"container_path": "v", "mode": "RW",'
         b' "source": {"type": "SECRET", "secret": {}}}]}', "container.volumes[0].source.secret: "),
        (b"", b', "executor": {"executor_id": {"value": "e"}, "container": {"type": "MESOS",'
         b' "tty_info": {}}}', "executor.container.tty_info: "),
        (b', "environment": {"variables": [{"name": "n", "value": "1"}, {"name": "s", "secret": {'
         b'"reference": {"name": "r"}}}]}', b"", "command.environment.variables[1].secret.reference: "),
    ],
)  # fmt: skip
def test_what_is_not_served_is_refused_with_its_path(command: bytes, task: bytes, path: str) -> None:
    (line,) = refusals(decode(scheduler.Call, LAUNCH % (command, task)))
    assert line.startswith(f"accept.operations[0].launch.task_infos[0].{path}")


def test_what_asks_for_nothing_is_let_through() -> None:
    docker = (
        b', "container": {"type": "DOCKER", "docker": {"image": "i", "privileged": false, "parameters": []}}'
    )
    assert refusals(decode(scheduler.Call, LAUNCH % (b"", docker))) == []
    privileged = docker.replace(b"false", b"true")
    assert len(refusals(decode(scheduler.Call, LAUNCH % (b"", privileged)))) == 1


def test_ignored_fields_are_not_looked_into() -> None:
    request = scheduler.CallRequest(
        requests=[mesos.Request(resources=[mesos.Resource(name="cpus", type=mesos.ValueType.SCALAR)])]
    )
    assert refusals(scheduler.Call(type=scheduler.CallType.REQUEST, request=request)) == []


def test_the_list_of_refusals_is_bounded() -> None:
    named = b', "container": {"type": "MESOS", "tty_info": {}}'
    call = decode(scheduler.Call, LAUNCH % (b"", named))
    assert call.accept
    call.accept.operations *= 100
    assert len(refusals(call)) == MAX_REFUSALS
