"""`orlop container exec`, `orlop task exec`: a command in the midst of a running container.

It is a session, which lives as long as its connection. Input, output and exit status are passed on.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable
from typing import Final

from api.model.ids import RandomIds
from api.wire.v1 import agent as wire
from cli.agent_choice import Found, Place, find_container, find_task
from cli.container_exit import exit_status, explanation
from cli.container_request import command_of
from cli.container_run import handing_on
from cli.containers import write_to
from cli.failures import NOT_RUN, USAGE, CommandFailed
from client.containers import ContainerClient, container_id_of
from client.errors import ClientError, Refused

STDOUT: Final = wire.ProcessIODataType.STDOUT


async def in_container(place: Place, wanted: str, command: list[str]) -> int:
    """The exit status of the command in that container. Raises CommandFailed, ClientError."""
    return await _run(await _found(find_container(place, wanted)), command)


async def in_task(place: Place, wanted: str, command: list[str]) -> int:
    """The exit status of the command in that task's container. Raises CommandFailed, ClientError."""
    return await _run(await _found(find_task(place, wanted)), command)


async def _found(search: Awaitable[Found]) -> Found:
    try:
        return await search
    except CommandFailed as error:
        raise CommandFailed(str(error), NOT_RUN) from error


async def _run(found: Found, command: list[str]) -> int:
    if command[:1] == ["--"]:  # options of what is run may follow an id without it
        command = command[1:]
    if not command:
        raise CommandFailed("say what to run after --", USAGE)
    path = f"{found.path}.exec-{RandomIds().uuid().hex[:8]}"
    asked = wire.CallLaunchNestedContainerSession(
        container_id=container_id_of(path), command=command_of(tuple(command))
    )
    async with ContainerClient(found.agent.url) as client:
        try:
            ended = await _session(client, path, asked)
        except Refused as error:
            raise CommandFailed(str(error), NOT_RUN) from error
        with contextlib.suppress(ClientError):  # the agent removes it as well, a little later
            await client.remove(path)
    if (why := explanation(ended)) is not None:
        print(f"orlop: in container {found.path}: {why}", file=sys.stderr)
    return exit_status(ended)


async def _session(
    client: ContainerClient, path: str, asked: wire.CallLaunchNestedContainerSession
) -> wire.ResponseWaitContainer:
    """Run it; how it ended. Raises Refused, Unreachable (and then it is ended by its agent)."""
    write = {True: write_to("stdout"), False: write_to("stderr")}
    async with client.session(asked) as messages:
        waiting = asyncio.create_task(client.wait(path))
        try:
            async with handing_on(client, path):
                async for message in messages:
                    if isinstance(message.data, wire.ProcessIOData) and isinstance(message.data.data, bytes):
                        write[message.data.type is STDOUT](message.data.data)
            return await waiting
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
