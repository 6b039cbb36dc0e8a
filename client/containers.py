"""An agent's containers: launched, watched, ended, and their streams. Works without an orchestrator.

A container is named by its path: its id, or the ids from the outermost container inwards, with dots between.
It holds no state but connections. Methods raise Unreachable or Refused (client.errors).
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Final

from msgspec import UNSET

from api.wire import codec
from api.wire.errors import WireError
from api.wire.recordio import encode_record
from api.wire.v1 import agent, mesos
from client.errors import Refused
from client.transport import JSON, Stream, Transport

PATH: Final = "/api/v1"
RECORDIO: Final = "application/recordio"
AGENT_OPTION: Final = "--agent-url"
LAUNCH_SECONDS: Final = 3600.0
"""For a container to be launched, its image pulled included; the same call again goes on with it."""
WAIT_SECONDS: Final = 24 * 3600.0
"""For one WAIT call to be answered; whoever waits longer asks again."""
SILENCE_SECONDS: Final = 45.0
"""Without even a heartbeat on an output stream; then its connection counts as lost."""

T, IO = agent.CallType, agent.ProcessIO


@dataclass(frozen=True, slots=True)
class WindowSize:
    """Of a terminal, in characters."""

    rows: int
    columns: int


def container_id_of(path: str) -> mesos.ContainerID:
    """The id with its parents."""
    found: mesos.ContainerID | None = None
    for value in path.split("."):
        found = mesos.ContainerID(value=value, parent=UNSET if found is None else found)
    assert found is not None, "a split text has at least one part"
    return found


def path_of(container_id: mesos.ContainerID) -> str:
    """The path of an id with its parents."""
    values = [container_id.value]
    while container_id.parent is not UNSET:
        container_id = container_id.parent
        values.append(container_id.value)
    return ".".join(reversed(values))


class ContainerClient:
    """For tools that run containers on one agent. An asynchronous context manager, or call `close`."""

    def __init__(self, url: str) -> None:
        self._transport = Transport(url, AGENT_OPTION)

    async def __aenter__(self) -> ContainerClient:
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._transport.close()

    async def answers(self) -> None:
        """Return once it does. Raises Unreachable soon when nothing is there."""
        await self._transport.post(PATH, codec.encode(agent.Call(type=T.GET_HEALTH)))

    async def launch(self, asked: agent.CallLaunchContainer) -> bool:
        """Start a container, once. True: it was started; False: the same call has started it before."""
        call = agent.Call(type=T.LAUNCH_CONTAINER, launch_container=asked)
        answer = await self._transport.post(PATH, codec.encode(call), seconds=LAUNCH_SECONDS)
        return answer.status == 200

    async def wait(self, path: str) -> agent.ResponseWaitContainer:
        """How it ended, once it has. Refused (404): it is not known, or was removed."""
        wanted = agent.CallWaitContainer(container_id=container_id_of(path))
        call = agent.Call(type=T.WAIT_CONTAINER, wait_container=wanted)
        answer = await self._transport.post(PATH, codec.encode(call), seconds=WAIT_SECONDS)
        response = _decoded(answer.body)
        if response.wait_container is UNSET:
            raise Refused(200, "the answer lacks wait_container: is this an agent?")
        return response.wait_container

    async def kill(self, path: str, signal: int | None = None, grace_seconds: float | None = None) -> None:
        """Send a signal; or SIGTERM and after the grace period SIGKILL, which without one is at once."""
        wanted = agent.CallKillContainer(container_id=container_id_of(path))
        if signal is not None:
            wanted.signal = signal
        elif grace_seconds is not None:
            wanted.grace_period = mesos.DurationInfo(nanoseconds=int(grace_seconds * 1e9))
        call = agent.Call(type=T.KILL_CONTAINER, kill_container=wanted)
        await self._transport.post(PATH, codec.encode(call))

    async def remove(self, path: str) -> None:
        """Forget one that has ended, with what was nested in it. Refused (400) while it runs."""
        wanted = agent.CallRemoveContainer(container_id=container_id_of(path))
        call = agent.Call(type=T.REMOVE_CONTAINER, remove_container=wanted)
        await self._transport.post(PATH, codec.encode(call))

    async def list(self) -> list[agent.ResponseGetContainersContainer]:
        """All containers of the agent, operators' ended ones too."""
        wanted = agent.CallGetContainers(show_nested=True, show_standalone=True, show_ended=True)
        call = agent.Call(type=T.GET_CONTAINERS, get_containers=wanted)
        response = _decoded((await self._transport.post(PATH, codec.encode(call))).body)
        return [] if response.get_containers is UNSET else response.get_containers.containers

    def session(
        self, asked: agent.CallLaunchNestedContainerSession
    ) -> contextlib.AbstractAsyncContextManager[AsyncGenerator[agent.ProcessIO, None]]:
        """A nested container that lives as long as the context; what it prints."""
        call = agent.Call(type=T.LAUNCH_NESTED_CONTAINER_SESSION, launch_nested_container_session=asked)
        return self._output(call)

    def attach_output(
        self, path: str
    ) -> contextlib.AbstractAsyncContextManager[AsyncGenerator[agent.ProcessIO, None]]:
        """What a container prints from now on."""
        wanted = agent.CallAttachContainerOutput(container_id=container_id_of(path))
        return self._output(agent.Call(type=T.ATTACH_CONTAINER_OUTPUT, attach_container_output=wanted))

    async def send_input(self, path: str, pieces: AsyncIterable[bytes | WindowSize]) -> None:
        """Hand pieces to a container's standard input; an empty one closes it. A size is that of its terminal
        from now on. Refused: it reads no more."""

        async def records() -> AsyncIterator[bytes]:
            first = agent.CallAttachContainerInput(
                type=agent.CallAttachContainerInputType.CONTAINER_ID, container_id=container_id_of(path)
            )
            yield _input(first)
            async for piece in pieces:
                yield _input(_piece(piece))

        headers = {"Content-Type": RECORDIO, "Message-Content-Type": JSON}
        await self._transport.post(PATH, records(), headers, seconds=None)

    @contextlib.asynccontextmanager
    async def _output(self, call: agent.Call) -> AsyncIterator[AsyncGenerator[agent.ProcessIO, None]]:
        headers = {"Accept": RECORDIO, "Message-Accept": JSON}
        async with self._transport.stream(PATH, codec.encode(call), headers) as stream:
            yield _messages(stream)


async def _messages(stream: Stream) -> AsyncGenerator[agent.ProcessIO, None]:
    async for record in stream.records(SILENCE_SECONDS):
        try:
            yield codec.decode(IO, record)
        except WireError as error:
            raise Refused(200, f"the output cannot be read ({error}): is this an agent?") from error


def terminal_of(size: WindowSize) -> mesos.TTYInfo:
    """A terminal of that size."""
    return mesos.TTYInfo(window_size=mesos.TTYInfoWindowSize(rows=size.rows, columns=size.columns))


def _piece(piece: bytes | WindowSize) -> agent.CallAttachContainerInput:
    message = IO(type=agent.ProcessIOType.DATA)
    if isinstance(piece, WindowSize):
        kind = agent.ProcessIOControlType.TTY_INFO
        control = agent.ProcessIOControl(type=kind, tty_info=terminal_of(piece))
        message = IO(type=agent.ProcessIOType.CONTROL, control=control)
    else:
        message.data = agent.ProcessIOData(type=agent.ProcessIODataType.STDIN, data=piece)
    return agent.CallAttachContainerInput(
        type=agent.CallAttachContainerInputType.PROCESS_IO, process_io=message
    )


def _input(asked: agent.CallAttachContainerInput) -> bytes:
    call = agent.Call(type=T.ATTACH_CONTAINER_INPUT, attach_container_input=asked)
    return encode_record(codec.encode(call))


def _decoded(body: bytes) -> agent.Response:
    try:
        return codec.decode(agent.Response, body)
    except WireError as error:
        raise Refused(200, f"the answer cannot be read ({error}): is this an agent?") from error
