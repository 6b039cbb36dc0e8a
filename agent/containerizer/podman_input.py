"""The standard input of Podman's containers, in a way that outlives the agent and Podman's service.

The container's monitor (conmon) holds the writing end of the pipe, and the kernel lets its owner open that
end once more: what is written there needs nobody in between, and whoever goes away meanwhile ends nothing.
Only the end of the file is conmon's to make: it lets go of its end when somebody who was attached leaves.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable

from agent.containerizer.interface import ContainerizerError, Who
from agent.containerizer.watch import Process


class PodmanInput:
    """Implements interface.ContainerInput. `monitor` is conmon; `end` makes it let go of its end."""

    def __init__(self, container_id: str, monitor: Process, end: Callable[[], Awaitable[None]]) -> None:
        self._container_id = container_id
        self._monitor = monitor
        self._end = end
        self._closed = False

    async def write(self, data: bytes) -> None:
        fd = self._open()
        try:
            while data:
                try:
                    data = data[os.write(fd, data) :]
                except BlockingIOError:
                    await _writable(fd)
        except BrokenPipeError as error:
            raise self._refusal("reads its input no more") from error
        finally:
            os.close(fd)

    async def close(self) -> None:
        if not self._closed and (fd := self._opened()) is not None:
            os.close(fd)
            await self._end()
        self._closed = True

    async def resize(self, rows: int, columns: int) -> None:
        raise self._refusal("has no terminal")

    def _open(self) -> int:
        fd = None if self._closed else self._opened()
        if fd is None:
            raise self._refusal("has no open input: it was closed, or the container has ended")
        return fd

    def _opened(self) -> int | None:
        return input_of(self._monitor.pid) if self._monitor.alive() else None

    def _refusal(self, what: str) -> ContainerizerError:
        return ContainerizerError(f"container {self._container_id} {what}", Who.REQUEST)


def input_of(monitor: int) -> int | None:
    """A writing end of the one pipe that this conmon writes to, its container's input; None: it has none."""
    directory = f"/proc/{monitor}/fd"
    try:
        names = os.listdir(directory)  # noqa: PTH208 - the kernel's own directory
    except OSError:
        return None
    for name in sorted(names, key=int):
        try:
            is_pipe = os.readlink(f"{directory}/{name}").startswith("pipe:[")  # noqa: PTH115
            if is_pipe and _is_write_only(f"/proc/{monitor}/fdinfo/{name}"):
                return os.open(f"{directory}/{name}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            continue  # closed meanwhile, or nobody reads it
    return None


def _is_write_only(path: str) -> bool:
    with open(path) as file:  # noqa: PTH123
        flags = next(line.split()[1] for line in file if line.startswith("flags:"))
    return int(flags, 8) & os.O_ACCMODE == os.O_WRONLY


async def _writable(fd: int) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_writer(fd, _set, ready)
    try:
        await ready
    finally:
        loop.remove_writer(fd)


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
