"""`orlop container run`: launch on an agent, show the output, end with the exit status.

It talks to the agent alone, and goes on when that is started anew meanwhile: the container runs on, and a
launch that is said again starts nothing twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterable, AsyncIterator
from typing import Final

from msgspec import UNSET

from api.model.ids import RandomIds
from api.wire.v1 import agent as wire
from cli.agent_choice import Place, one_agent
from cli.container_exit import exit_status, explanation
from cli.container_request import ContainerRequest
from cli.containers import operators_path, patiently, wait_patiently, write_to
from cli.failures import NOT_RUN, CommandFailed
from cli.options import Output
from cli.output import print_json
from cli.progress import ProgressLine
from cli.sandbox import SandboxFile, Write, follow
from cli.standard_input import pieces
from client.agent import AgentClient
from client.containers import ContainerClient, WindowSize, path_of
from client.errors import ClientError, Refused

LOOK_SECONDS: Final = 1.0
"""Between looks at what a launch waits for."""
KILL_GRACE_SECONDS: Final = 5.0
"""Between SIGTERM and SIGKILL when the command is interrupted."""


async def run(place: Place, output: Output, request: ContainerRequest, *, detach: bool, keep: bool) -> int:
    """Run the container; the exit status for the caller. Raises CommandFailed when it could not be."""
    agent = await one_agent(place)
    name = request.name or f"run-{RandomIds().uuid().hex[:8]}"
    async with ContainerClient(agent.url) as client:
        await client.answers()  # one that is not there from the start is not waited for
        try:
            await _launched(client, request.as_call(name), name)
        except Refused as error:
            raise CommandFailed(str(error), NOT_RUN) from error
        if detach:
            print_json({"container_id": name}) if output is Output.JSON else print(name)
            return 0
        ended = await _attached(client, agent.url, name, output, stdin=request.stdin)
        if not keep:
            with contextlib.suppress(ClientError):  # somebody else has removed it, or the agent went just now
                await client.remove(name)
    status = exit_status(ended)
    if output is Output.JSON:
        print_json({"container_id": name, "exit_status": status, "exit": ended})
    if (why := explanation(ended)) is not None:
        print(f"orlop: container {name}: {why}", file=sys.stderr)
    return status


async def _launched(client: ContainerClient, call: wire.CallLaunchContainer, name: str) -> None:
    """Launch it, and show meanwhile what that waits for. An interruption gives it up."""
    launching = asyncio.create_task(patiently(lambda: client.launch(call)))
    try:
        with ProgressLine(f"launching {name}") as progress:
            while not (await asyncio.wait((launching,), timeout=LOOK_SECONDS))[0]:
                progress.say(await _doing(client, name))
        await launching
    except asyncio.CancelledError:
        with contextlib.suppress(ClientError):
            await client.kill(name)
            await client.wait(name)
            await client.remove(name)
        raise
    finally:
        launching.cancel()
        await asyncio.gather(launching, return_exceptions=True)


async def _doing(client: ContainerClient, name: str) -> str:
    """What the launch waits for, in words."""
    with contextlib.suppress(ClientError):
        for each in await client.list():
            if path_of(each.container_id) == name and each.message is not UNSET:
                return each.message
    return f"launching {name}"


async def _attached(
    client: ContainerClient, url: str, name: str, output: Output, *, stdin: bool
) -> wire.ResponseWaitContainer:
    """Show what it prints until it has ended; how it did. An interruption ends it, and removes it."""
    waiting = asyncio.create_task(wait_patiently(client, name))
    ended = asyncio.Event()
    waiting.add_done_callback(lambda _: ended.set())
    writers = {"stdout": _printed(output), "stderr": write_to("stderr")}
    try:
        async with AgentClient(url) as files, _input(client, name, stdin):
            copies = [
                SandboxFile(files, f"{operators_path(name)}/{stream}", write)
                for stream, write in writers.items()
            ]
            await follow(copies, ended)
        return await waiting
    except asyncio.CancelledError:
        with contextlib.suppress(ClientError):
            await client.kill(name, grace_seconds=KILL_GRACE_SECONDS)
            await client.wait(name)
            await client.remove(name)
        raise
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


def _printed(output: Output) -> Write:
    return write_to("stderr" if output is Output.JSON else "stdout")


@contextlib.asynccontextmanager
async def _input(client: ContainerClient, name: str, wanted: bool) -> AsyncIterator[None]:
    """Hand our standard input on, as long as the context lasts and there is any."""
    if not wanted:
        yield
        return
    async with handing_on(client, name):
        yield


@contextlib.asynccontextmanager
async def handing_on(
    client: ContainerClient, path: str, typed: AsyncIterable[bytes | WindowSize] | None = None
) -> AsyncIterator[None]:
    """Standard input, or what is `typed`, goes to the container's while the context lasts; its end closes
    that."""

    async def hand_on() -> None:
        try:
            await client.send_input(path, pieces() if typed is None else typed)
        except ClientError:  # it reads no more: that is its business
            if typed is not None:  # but a terminal where nobody can type could not even be interrupted
                with contextlib.suppress(ClientError):
                    await client.kill(path)

    job = asyncio.create_task(hand_on())
    try:
        yield
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
