"""`orlop container run` and how it ended: from words to the call, and from the answer to an exit status."""

from __future__ import annotations

import pytest

from api.wire.codec import encode
from api.wire.v1 import agent, mesos
from cli.container_exit import exit_status, explanation, in_words
from cli.container_request import ContainerRequest, HostPath, parse_variable, parse_volume
from client.containers import container_id_of, path_of

Wait = agent.ResponseWaitContainer
OUT_OF_MEMORY = mesos.TaskStatusReason.REASON_CONTAINER_LIMITATION_MEMORY


def test_a_plain_command_asks_for_nothing_else() -> None:
    call = ContainerRequest(command=("sh", "-c", "exit 3")).as_call("a")
    assert encode(call) == (
        b'{"container_id":{"value":"a"},"command":{"value":"sh","shell":false,'
        b'"arguments":["sh","-c","exit 3"]}}'
    )


def test_everything_that_is_asked_for_is_in_the_call() -> None:
    request = ContainerRequest(
        command=(),
        image="busybox",
        cpus=0.5,
        mem_bytes=64 * 2**20,
        disk_bytes=2**20,
        environment=(("A", "b=c"),),
        volumes=(HostPath("/data", "/in", read_only=True),),
        user="nobody",
        stdin=True,
    )
    call = request.as_call("a")
    amounts = [(each.name, each.scalar.value) for each in call.resources]  # type: ignore[union-attr]
    assert amounts == [("cpus", 0.5), ("mem", 64.0), ("disk", 1.0)]
    assert isinstance(call.command, mesos.CommandInfo) and isinstance(call.container, mesos.ContainerInfo)
    assert (call.command.user, call.command.arguments, call.stdin) == ("nobody", [], True)
    assert b'"docker":{"name":"busybox"}' in encode(call.container)
    (volume,) = call.container.volumes
    assert (volume.host_path, volume.container_path, volume.mode) == ("/data", "/in", mesos.VolumeMode.RO)


@pytest.mark.parametrize("text", ["nothing", "=x", ""])
def test_a_variable_needs_a_name_and_a_value(text: str) -> None:
    with pytest.raises(ValueError, match="NAME=VALUE"):
        parse_variable(text)


@pytest.mark.parametrize("text", ["/a", "a:/b", "/a:b", "/a:/b:rx", "/a:/b:ro:z"])
def test_a_volume_has_two_absolute_paths(text: str) -> None:
    with pytest.raises(ValueError, match="is not /HOST:/PATH"):
        parse_volume(text)


@pytest.mark.parametrize(
    ("ended", "status", "words"),
    [
        (Wait(exit_status=0), 0, "0"),
        (Wait(exit_status=3 << 8), 3, "3"),
        (Wait(exit_status=9), 137, "signal 9"),
        (Wait(message="nobody saw it"), 125, "lost"),
        (
            Wait(exit_status=9, reason=mesos.TaskStatusReason.REASON_CONTAINER_LIMITATION_MEMORY),
            137,
            "memory",
        ),
    ],
)
def test_how_it_ended_is_an_exit_status(ended: Wait, status: int, words: str) -> None:
    assert (exit_status(ended), in_words(ended)) == (status, words)
    assert (explanation(ended) is not None) == (words in ("lost", "memory"))


def test_paths_of_nested_containers_are_read_as_they_are_written() -> None:
    assert path_of(container_id_of("a.b.c")) == "a.b.c"
