"""The agent's end of the mother of the shims: orders go in, each is answered once.

Holds no container: when the mother is killed, orders that were under way have no answer, and the next
order starts another mother.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import marshal
import os
from pathlib import Path
from typing import Any

ANSWER_TIMEOUT = 30.0
"""Seconds for a shim to answer. After that the outcome is unknown and the caller repeats."""

ORDERS_PER_CPU = 4
"""Starts at the same time. With more of them none is quicker, and those that have started are told of late:
the agent is still busy with the starts of the others, which wait here instead, in their order.
"""

CLOSE_TIMEOUT = 5.0
"""Seconds for a mother that gets no more orders to leave; then she is killed, which ends no container."""

NO_ANSWER = ""

_PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])
_BOOT = "import sys; sys.path.append(sys.argv[1]); from agent.containerizer.shim.main import main; main()"


class ShimMother:
    """Started when it is first needed, and again after it has died."""

    def __init__(self, python: str) -> None:
        self._python = python
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._waiting: dict[str, tuple[asyncio.subprocess.Process, asyncio.Future[str]]] = {}
        self._tickets = itertools.count(1)
        self._starting = asyncio.Lock()
        self._turns = asyncio.Semaphore(ORDERS_PER_CPU * (os.cpu_count() or 1))

    async def order(self, order: dict[str, Any]) -> str:
        """The shim's words without its id; NO_ANSWER when it is unknown what came of the order."""
        async with self._turns:
            return await self._order(order)

    async def _order(self, order: dict[str, Any]) -> str:
        ticket = str(next(self._tickets))  # ids of containers come back, and late answers with them
        content = marshal.dumps({**order, "ticket": ticket})
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                process = await self._running()
                self._waiting[ticket] = process, answer
                assert process.stdin is not None
                process.stdin.write(len(content).to_bytes(4, "big") + content)
                await process.stdin.drain()
                return await answer
        except (TimeoutError, ConnectionError):
            return NO_ANSWER
        finally:
            self._waiting.pop(ticket, None)

    async def close(self) -> None:
        """Let go of her; orders that are under way lose their answers. The shims go on."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None and self._reader is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _running(self) -> asyncio.subprocess.Process:
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                self._process = await self._start()
                self._reader = asyncio.get_running_loop().create_task(self._read(self._process))
            return self._process

    async def _start(self) -> asyncio.subprocess.Process:
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
        return await asyncio.create_subprocess_exec(
            self._python,
            *("-I", "-S", "-c", _BOOT, _PACKAGE_ROOT),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env=kept,
        )

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """Hand out the answers. Her end is that of all that were not given."""
        assert process.stdout is not None
        while line := await process.stdout.readline():
            ticket, _, words = line.decode("utf-8", "replace").rstrip("\n").partition(" ")
            self._tell(ticket, NO_ANSWER if words == "gone" else words)
        await process.wait()
        for ticket, (owner, _) in list(self._waiting.items()):
            if owner is process:
                self._tell(ticket, NO_ANSWER)

    def _tell(self, ticket: str, words: str) -> None:
        _, answer = self._waiting.get(ticket, (None, None))
        if answer is not None and not answer.done():
            answer.set_result(words)
