"""A task's output, copied from its sandbox as it grows. It reads through the agent's public API alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from msgspec import UNSET

from api.wire.v1 import mesos
from client.agent import AgentClient
from client.errors import Refused, Unreachable

POLL_SECONDS: Final = 0.1
LONGEST_POLL_SECONDS: Final = 0.5
"""Quiet files are looked at after a pause that grows by half up to this."""
PATIENCE_SECONDS: Final = 20.0
"""How long the last output is waited for when the agent is away (restarting); then it is left behind."""

Write = Callable[[bytes], None]


def path_of(framework_id: str, task_id: str, container_id: str, file: str) -> str:
    """The name under which agents serve a file of the sandbox of one run of a task."""
    framework, task, container = (quote(each, safe="") for each in (framework_id, task_id, container_id))
    return f"/frameworks/{framework}/tasks/{task}/runs/{container}/{file}"


def container_of(status: mesos.TaskStatus) -> str | None:
    """The container that a task's update speaks of; None when it never had one."""
    container = status.container_status
    if container is UNSET or container.container_id is UNSET:
        return None
    return container.container_id.value


class SandboxFile:
    """One growing file. Invariant: what is before `offset` has been written out, once."""

    def __init__(self, client: AgentClient, path: str, write: Write) -> None:
        self._client = client
        self._path = path
        self._write = write
        self._offset = 0

    async def copy(self) -> bool:
        """Write out what is new; whether there was any. A file that is not there yet is empty.

        Raises Unreachable; Refused for anything but a missing file.
        """
        copied = False
        while True:
            try:
                data, size = await self._client.read_file(self._path, self._offset)
            except Refused as error:
                if error.status == 404:
                    return copied
                raise
            if not data:
                # Shorter than what was read: the oldest output was dropped, go on from what there is.
                self._offset = min(self._offset, size)
                return copied
            self._write(data)
            self._offset += len(data)
            copied = True


async def follow(files: list[SandboxFile], ended: asyncio.Event) -> None:
    """Copy all files until `ended` is set and all there was has been copied."""
    loop = asyncio.get_running_loop()
    pause = POLL_SECONDS
    give_up: float | None = None
    while True:
        last_round = ended.is_set()
        try:
            copied = [await file.copy() for file in files]
        except Unreachable:
            # The agent may be restarting; its tasks and their sandboxes are not.
            if last_round:
                give_up = give_up or loop.time() + PATIENCE_SECONDS
                if loop.time() >= give_up:
                    raise
            copied, last_round = [], False
        if last_round:
            return
        pause = POLL_SECONDS if any(copied) else min(pause * 1.5, LONGEST_POLL_SECONDS)
        try:
            async with asyncio.timeout(pause):
                await ended.wait()
            if give_up is not None:
                await asyncio.sleep(pause)
        except TimeoutError:
            pass
