"""The containers of agents: list them, read their output, end and remove them. Asks the agents themselves."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar
from urllib.parse import quote

from msgspec import UNSET

from api.wire.v1 import agent
from cli.agent_choice import Found, Place, agents_of, containers_of, find_container
from cli.container_exit import in_words
from cli.failures import CommandFailed
from cli.options import Output
from cli.output import print_json, print_table, size, text
from cli.sandbox import SandboxFile, follow
from client.agent import AgentClient
from client.containers import ContainerClient
from client.errors import Refused, Unreachable

T = TypeVar("T")

OPERATORS: Final = frozenset({"STANDALONE", "NESTED"})
RECONNECT_SECONDS: Final = 0.5
"""Between attempts to go on waiting at an agent that is away."""
PATIENCE_SECONDS: Final = 60.0
"""How long an agent may be away while a container is waited for; then the command fails."""


async def list_all(place: Place, output: Output) -> None:
    agents = await agents_of(place)
    found, silent = await containers_of(agents)
    if silent and len(silent) == len(agents) == 1:
        raise next(iter(silent.values()))
    if output is Output.JSON:
        documents = [{"agent_id": each.agent.name, "container": each.container} for each in found]
        print_json({"containers": documents})
    else:
        nothing = "No containers run where an agent answers." if silent else "No containers run."
        headers = ("ID", "AGENT", "KIND", "STATE", "EXIT", "PID", "CPU", "MEMORY", "OF", "WHAT")
        print_table(headers, map(_row, found), nothing)
    if silent:
        asked = "; ".join(f"agent {name}: {error}" for name, error in silent.items())
        raise CommandFailed(f"the containers of {len(silent)} of {len(agents)} agents are not shown: {asked}")


async def logs(place: Place, output: Output, wanted: str, following: bool) -> None:
    """Write the container's stdout and stderr to ours; with `following` until it ends."""
    found = await find_container(place, wanted)
    collected: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
    ended = asyncio.Event()
    async with AgentClient(found.agent.url) as files, ContainerClient(found.agent.url) as client:
        copies = [
            SandboxFile(
                files,
                f"{served_path(found)}/{name}",
                buffer.extend if output is Output.JSON else write_to(name),
            )
            for name, buffer in collected.items()
        ]
        watcher = asyncio.create_task(_set_when(ended, client, found.path))
        if not following:
            ended.set()
        try:
            await follow(copies, ended)
        finally:
            watcher.cancel()
    if output is Output.JSON:
        decoded = {name: buffer.decode(errors="replace") for name, buffer in collected.items()}
        print_json({"container_id": found.path} | decoded)


async def kill(place: Place, output: Output, wanted: str, signal: int | None, grace: float) -> None:
    found = await find_container(place, wanted)
    if found.container.state == "EXITED":
        raise CommandFailed(f"container {found.path} has ended: orlop container rm {found.path} removes it")
    async with ContainerClient(found.agent.url) as client:
        await client.kill(found.path, signal, grace)
    if output is Output.JSON:
        print_json({"container_id": found.path, "killing": True})
    else:
        print(f"container {found.path}: {'ending' if signal is None else f'signal {signal} sent'}")


async def remove(place: Place, output: Output, wanted: list[str], force: bool) -> None:
    removed = []
    for each in wanted:
        found = await find_container(place, each)
        if found.container.kind not in OPERATORS:
            raise CommandFailed(f"container {found.path} is removed by its agent when it ends: kill it")
        async with ContainerClient(found.agent.url) as client:
            if force and found.container.state != "EXITED":
                await client.kill(found.path)
                await client.wait(found.path)
            await client.remove(found.path)
        removed.append(found.path)
        if output is not Output.JSON:
            print(f"container {found.path}: removed")
    if output is Output.JSON:
        print_json({"removed": removed})


async def wait_patiently(client: ContainerClient, path: str) -> agent.ResponseWaitContainer:
    """How it ended, also when its agent is started anew meanwhile. Raises Refused, Unreachable."""
    return await patiently(lambda: client.wait(path))


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer, while its agent is away for PATIENCE_SECONDS at most in a row."""
    loop = asyncio.get_running_loop()
    away_since: float | None = None
    while True:
        asked_at = loop.time()
        try:
            return await ask()
        except Unreachable:
            if asked_at + 1 < loop.time():
                away_since = None  # it was there, and went while we waited
            away_since = away_since or loop.time()
            if loop.time() > away_since + PATIENCE_SECONDS:
                raise
        await asyncio.sleep(RECONNECT_SECONDS)


def served_path(found: Found) -> str:
    """Where READ_FILE has the output of a container. Raises CommandFailed for a plugin's."""
    if found.container.kind == "PLUGIN":
        raise CommandFailed(f"container {found.path} is a plugin's, whose output is not shown: orlop plugins")
    if found.container.kind in OPERATORS:
        return operators_path(found.path)
    framework = quote(text(found.container.framework_id), safe="")
    of_task = found.container.kind == "TASK" and found.container.task_id is not UNSET
    name = text(found.container.task_id if of_task else found.container.executor_id)
    kind = "tasks" if of_task else "executors"
    container_id = found.container.container_id.value
    return f"/frameworks/{framework}/{kind}/{quote(name, safe='')}/runs/{container_id}"


def operators_path(path: str) -> str:
    """Where READ_FILE has the output of an operator's container."""
    return "".join(f"/containers/{value}" for value in path.split("."))


def write_to(name: str) -> Callable[[bytes], None]:
    """Writes to our own stream of that name, at once."""
    stream = sys.stdout.buffer if name == "stdout" else sys.stderr.buffer

    def write(data: bytes) -> None:
        stream.write(data)
        stream.flush()

    return write


async def _set_when(ended: asyncio.Event, client: ContainerClient, path: str) -> None:
    """Once the container has ended, or is not known any more."""
    try:
        await wait_patiently(client, path)
    except (Refused, Unreachable):
        pass
    ended.set()


def _row(found: Found) -> tuple[str, ...]:
    each = found.container
    used = each.resource_statistics
    of = text(each.task_id)
    if of == "-":
        of = text(each.executor_id)
    return (
        found.path,
        found.agent.name,
        text(each.kind),
        text(each.state),
        "-" if each.exit is UNSET else in_words(each.exit),
        "-" if each.container_status is UNSET else text(each.container_status.executor_pid),
        "-" if used is UNSET else _cpu(used.cpus_user_time_secs, used.cpus_system_time_secs),
        "-" if used is UNSET else size(used.mem_total_bytes),
        of,
        " ".join(filter(None, (_or_empty(each.image), _or_empty(each.command)))) or "-",
    )


def _or_empty(value: object) -> str:
    shown = text(value)
    return "" if shown == "-" else shown


def _cpu(user: object, system: object) -> str:
    seconds = [each for each in (user, system) if isinstance(each, float | int)]
    return f"{sum(seconds):.1f}s" if seconds else "-"
