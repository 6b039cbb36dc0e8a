"""Calls that block (disk, ioctl, mount) as a port: run elsewhere, awaited here.

The plugin's composition root passes `Threads`. Nothing else in this plugin may start a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

T = TypeVar("T")

THREAD_LIMIT = 16
"""Blocking calls under way at once; more wait their turn. A hung unmount holds one until it returns. The
agent gives the plugin as many calls at once: more would wait here, and slow down those under way."""


class BlockingCalls(Protocol):
    """Runs a blocking function without blocking the event loop."""

    async def call(self, function: Callable[..., T], *arguments: object) -> T:
        """The function's result, or its exception."""


class Threads:
    """A bounded pool of threads."""

    def __init__(self, limit: int = THREAD_LIMIT) -> None:
        self._pool = ThreadPoolExecutor(limit, thread_name_prefix="local-disk")

    async def call(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)

    def close(self) -> None:
        """Take no more calls. Those under way are not waited for: one may hang in the kernel."""
        self._pool.shutdown(wait=False, cancel_futures=True)
