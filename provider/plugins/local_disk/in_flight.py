"""One call at a time on a volume, carried to its end even when its client has gone.

A second call on the same volume is refused with ABORTED, as the CSI specification asks. A client that
gives up (deadline, cancellation) does not stop a call between two steps: the call goes on, and a repeat
is refused until it has ended. No I/O here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from provider.plugins.local_disk.refusals import Refusal, aborted

LOG = logging.getLogger(__name__)
T = TypeVar("T")


class InFlight:
    """The calls under way, by volume."""

    def __init__(self) -> None:
        self._tasks: dict[str, tuple[str, asyncio.Task[Any]]] = {}

    async def alone(self, volume_id: str, call: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of `work()`, the only call on that volume meanwhile. Raises Refusal ABORTED."""
        if volume_id in self._tasks:
            other = self._tasks[volume_id][0]
            raise aborted(f"{other} is under way on volume {volume_id}; repeat {call} when it has ended")
        task = asyncio.get_running_loop().create_task(work())
        self._tasks[volume_id] = (call, task)
        task.add_done_callback(lambda done: self._ended(volume_id, call, done))
        return await asyncio.shield(task)

    async def drain(self, seconds: float) -> None:
        """Wait until the calls under way have ended, at most that long."""
        tasks = [task for _, task in self._tasks.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    def _ended(self, volume_id: str, call: str, task: asyncio.Task[Any]) -> None:
        del self._tasks[volume_id]
        if task.cancelled():
            return
        error = task.exception()  # taken, so that a call whose client has gone leaves a line, not a warning
        if error is not None and not isinstance(error, Refusal):
            LOG.error("%s of volume %s failed: %r", call, volume_id, error)
