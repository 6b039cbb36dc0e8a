"""A container's standard input as a fifo that its shim holds open: written here, by whichever agent lives.

No pipe is kept open between writes, so nothing here stands in the way of an end of file.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from agent.containerizer.interface import ContainerizerError, Who


class FifoInput:
    """Implements interface.ContainerInput."""

    def __init__(self, container_id: str, path: Path, end: Callable[[], None]) -> None:
        """`end` tells the shim to let go of its end."""
        self._container_id = container_id
        self._path = path
        self._end = end
        self._turn = asyncio.Lock()

    async def write(self, data: bytes) -> None:
        async with self._turn:
            fd = self._open()
            try:
                rest = memoryview(data)
                while rest:
                    try:
                        rest = rest[os.write(fd, rest) :]
                    except BlockingIOError:
                        await _writable(fd)
            except BrokenPipeError:
                raise self._unread() from None
            finally:
                os.close(fd)

    async def close(self) -> None:
        async with self._turn:
            self._end()
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            raise ContainerizerError(
                f"the input of container {self._container_id} is closed", Who.REQUEST
            ) from None
        except OSError:  # nobody has it open for reading
            raise self._unread() from None

    def _unread(self) -> ContainerizerError:
        return ContainerizerError(
            f"container {self._container_id} has ended or reads its input no more", Who.REQUEST
        )


async def _writable(fd: int) -> None:
    """Return when the pipe takes more, or has lost its reader."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_writer(fd, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_writer(fd)
