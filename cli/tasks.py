"""Tasks of any framework: list them, read their output, end them. Talks to the public APIs alone."""

from __future__ import annotations

import asyncio
import sys
from typing import Final

from msgspec import UNSET

from api.wire.v1 import master, mesos
from cli.failures import CommandFailed
from cli.options import Output
from cli.output import print_json, print_table, resources, text
from cli.sandbox import SandboxFile, Write, container_of, follow, path_of
from cli.task_outcome import TERMINAL
from client.agent import AgentClient, address
from client.operator import OperatorClient

STATE_POLL_SECONDS: Final = 1.0


async def list_all(url: str, output: Output) -> None:
    async with OperatorClient(url) as client:
        found = await client.tasks()
    tasks = _all(found)
    if output is Output.JSON:
        print_json({"tasks": tasks})
        return
    rows = (
        (
            task.task_id.value,
            task.name,
            text(task.state).removeprefix("TASK_"),
            task.agent_id.value,
            task.framework_id.value,
            text(task.executor_id),
            resources(task.resources),
            text(task.statuses[-1].message) if task.statuses else "-",
        )
        for task in tasks
    )
    headers = ("ID", "NAME", "STATE", "AGENT", "FRAMEWORK", "EXECUTOR", "RESOURCES", "MESSAGE")
    print_table(headers, rows, "No tasks are known. Run one: orlop task run -- COMMAND")


async def logs(url: str, output: Output, task_id: str, following: bool) -> None:
    """Write the task's stdout and stderr to ours; with `following` until it ends."""
    async with OperatorClient(url) as client:
        task = await _find(client, task_id)
        container_id = _container_id(task)
        collected: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        ended = asyncio.Event()
        if not following or task.state in TERMINAL:
            ended.set()
        watcher = asyncio.create_task(_watch(client, task.task_id.value, ended))
        async with AgentClient(await _agent_url(client, task)) as agent:
            files = [
                SandboxFile(
                    agent,
                    path_of(task.framework_id.value, task.task_id.value, container_id, name),
                    buffer.extend if output is Output.JSON else _write_to(name),
                )
                for name, buffer in collected.items()
            ]
            try:
                await follow(files, ended)
            finally:
                watcher.cancel()
    if output is Output.JSON:
        print_json(
            {"task_id": task.task_id.value}
            | {name: buffer.decode(errors="replace") for name, buffer in collected.items()}
        )


async def kill(url: str, output: Output, task_id: str) -> None:
    """End the task: SIGTERM, and SIGKILL after its grace period. One of an agent that is away ends later."""
    async with OperatorClient(url) as client:
        task = await _find(client, task_id)
        if task.state in TERMINAL:
            raise CommandFailed(f"task {task.task_id.value} has ended already: {text(task.state)}")
        await client.kill_task(task.framework_id.value, task.task_id.value)
    if output is Output.JSON:
        print_json({"task_id": task.task_id.value, "killing": True})
    else:
        print(f"task {task.task_id.value}: ending")


def _container_id(task: mesos.Task) -> str:
    for status in reversed(task.statuses):
        container_id = container_of(status)
        if container_id is not None:
            return container_id
    raise CommandFailed(f"task {task.task_id.value} has no container yet; try again when it has started")


def _write_to(name: str) -> Write:
    stream = sys.stdout.buffer if name == "stdout" else sys.stderr.buffer

    def write(data: bytes) -> None:
        stream.write(data)
        stream.flush()

    return write


async def _watch(client: OperatorClient, task_id: str, ended: asyncio.Event) -> None:
    """Set `ended` once the task is known to have ended, or is not known any more."""
    while not ended.is_set():
        await asyncio.sleep(STATE_POLL_SECONDS)
        states = [task.state for task in _all(await client.tasks()) if task.task_id.value == task_id]
        if not states or states[0] in TERMINAL:
            ended.set()


async def _find(client: OperatorClient, wanted: str) -> mesos.Task:
    """The one task that `wanted` is, or is the beginning of."""
    tasks = _all(await client.tasks())
    exact = [task for task in tasks if task.task_id.value == wanted]
    found = exact or [task for task in tasks if task.task_id.value.startswith(wanted)]
    if len(found) != 1:
        problem = f"{len(found)} tasks have an id that begins with" if found else "no task has the id"
        raise CommandFailed(f"{problem} {wanted}; see them all: orlop task list")
    return found[0]


async def _agent_url(client: OperatorClient, task: mesos.Task) -> str:
    for agent in (await client.agents()).agents:
        if agent.agent_info.id is not UNSET and agent.agent_info.id == task.agent_id:
            return address(agent)
    raise CommandFailed(
        f"agent {task.agent_id.value} is not registered now: see orlop agents, try again later"
    )


def _all(found: master.ResponseGetTasks) -> list[mesos.Task]:
    return [*found.tasks, *found.unreachable_tasks, *found.completed_tasks]
