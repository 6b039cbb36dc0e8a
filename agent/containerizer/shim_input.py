"""A container's standard input: a pipe of which its shim holds the writing end, written to by any agent.

The kernel lets the shim's owner open that end once more, so agents come and go without anybody in between.
No end is kept open between writes, so nothing here stands in the way of an end of file.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from pathlib import Path

from agent.containerizer.interface import ContainerizerError, Who
from agent.containerizer.shim import records
from agent.containerizer.shim_order import intent_of
from agent.containerizer.watch import Process
from agent.containerizer.wellformed import MAX_TERMINAL_SIDE


class ShimInput:
    """Implements interface.ContainerInput. `tell` asks the shim for something: see `shim.control`."""

    def __init__(
        self, container_id: str, directory: Path, shim: Process | None, tell: Callable[[str], None]
    ) -> None:
        self._container_id = container_id
        self._directory = directory
        self._shim = shim
        self._tell = tell
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
                raise self._refusal("reads its input no more") from None
            finally:
                os.close(fd)

    async def close(self) -> None:
        async with self._turn:
            self._tell("eof\n")
            (self._directory / records.INPUT).unlink(missing_ok=True)

    async def resize(self, rows: int, columns: int) -> None:
        if not intent_of(self._directory)["terminal"]:
            raise self._refusal("has no terminal")
        if not 0 <= min(rows, columns) <= max(rows, columns) <= MAX_TERMINAL_SIDE:
            raise self._refusal(f"cannot have a terminal of {rows} rows and {columns} columns")
        self._tell(f"window {rows} {columns}\n")

    def _open(self) -> int:
        record = records.read(str(self._directory), records.INPUT)
        if record is None:
            raise self._refusal("has no open input: it was closed")
        try:
            fd = os.open(f"/proc/{self._pid()}/fd/{record['fd']}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            raise self._refusal("has ended, or its input was closed") from None
        # A shim that let go of the pipe meanwhile may have another file under that number.
        status = os.fstat(fd)
        if not stat.S_ISFIFO(status.st_mode) or status.st_ino != int(record["inode"]):
            os.close(fd)
            raise self._refusal("has no open input: it was closed")
        return fd

    def _pid(self) -> int:
        if self._shim is None or not self._shim.alive():
            raise self._refusal("has ended")
        return self._shim.pid

    def _refusal(self, what: str) -> ContainerizerError:
        return ContainerizerError(f"container {self._container_id} {what}", Who.REQUEST)


async def _writable(fd: int) -> None:
    """Return when the pipe takes more, or has lost its reader."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_writer(fd, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_writer(fd)
