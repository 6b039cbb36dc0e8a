"""`orlop container exec`, `orlop task exec`: a command in the midst of a running container.

It is a session, which lives as long as its connection. Input, output and exit status are passed on; with a
terminal of its own, our own is lent to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable
from typing import Final

from api.model.ids import RandomIds
from api.wire.v1 import agent as wire
from api.wire.v1 import mesos
from cli.agent_choice import Found, Place, find_container, find_task
from cli.container_exit import exit_status, explanation
from cli.container_request import command_of
from cli.container_run import handing_on
from cli.containers import write_to
from cli.failures import NOT_RUN, USAGE, CommandFailed
from cli.terminal import LentTerminal
from client.containers import ContainerClient, container_id_of, terminal_of
from client.errors import ClientError, Refused

STDOUT: Final = wire.ProcessIODataType.STDOUT


async def in_container(place: Place, wanted: str, command: list[str], *, terminal: bool = False) -> int:
    """The exit status of the command in that container. Raises CommandFailed, ClientError."""
    return await _run(await _found(find_container(place, wanted)), command, terminal)


async def in_task(place: Place, wanted: str, command: list[str], *, terminal: bool = False) -> int:
    """The exit status of the command in that task's container. Raises CommandFailed, ClientError."""
    return await _run(await _found(find_task(place, wanted)), command, terminal)


async def _found(search: Awaitable[Found]) -> Found:
    try:
        return await search
    except CommandFailed as error:
        raise CommandFailed(str(error), NOT_RUN) from error


async def _run(found: Found, command: list[str], terminal: bool) -> int:
    if command[:1] == ["--"]:  # options of what is run may follow an id without it
        command = command[1:]
    if not command:
        raise CommandFailed("say what to run after --", USAGE)
    path = f"{found.path}.exec-{RandomIds().uuid().hex[:8]}"
    asked = wire.CallLaunchNestedContainerSession(container_id=container_id_of(path))
    with _lent(terminal) as ours:
        variables: tuple[tuple[str, str], ...] = ()
        if ours is not None:
            variables = (("TERM", os.environ.get("TERM", "dumb")),)
            kind, tty_info = mesos.ContainerInfoType.MESOS, terminal_of(ours.size())
            asked.container = mesos.ContainerInfo(type=kind, tty_info=tty_info)
        asked.command = command_of(tuple(command), variables)
        ended = await _ended(found, path, asked, ours)
    if (why := explanation(ended)) is not None:
        print(f"orlop: in container {found.path}: {why}", file=sys.stderr)
    return exit_status(ended)


def _lent(wanted: bool) -> contextlib.AbstractContextManager[LentTerminal | None]:
    """Our terminal, where the command is to have one. Raises CommandFailed: we have none."""
    return LentTerminal() if wanted else contextlib.nullcontext()


async def _ended(
    found: Found, path: str, asked: wire.CallLaunchNestedContainerSession, ours: LentTerminal | None
) -> wire.ResponseWaitContainer:
    """Run it, and forget it; how it ended. Raises CommandFailed, ClientError."""
    async with ContainerClient(found.agent.url) as client:
        try:
            ended = await _session(client, path, asked, ours)
        except Refused as error:
            raise CommandFailed(str(error), NOT_RUN) from error
        with contextlib.suppress(ClientError):  # the agent removes it as well, a little later
            await client.remove(path)
    return ended


async def _session(
    client: ContainerClient,
    path: str,
    asked: wire.CallLaunchNestedContainerSession,
    ours: LentTerminal | None,
) -> wire.ResponseWaitContainer:
    """Run it; how it ended. Raises Refused, Unreachable (and then it is ended by its agent)."""
    write = {True: write_to("stdout"), False: write_to("stderr")}
    async with client.session(asked) as messages:
        waiting = asyncio.create_task(client.wait(path))
        try:
            async with handing_on(client, path, None if ours is None else ours.pieces()):
                async for message in messages:
                    if isinstance(message.data, wire.ProcessIOData) and isinstance(message.data.data, bytes):
                        write[message.data.type is STDOUT](message.data.data)
            return await waiting
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
