"""Work that a room of the agent has under way: begun, given up when the agent stops, never lost silently.

What fails here was foreseen by nobody, and memory and disk may differ afterwards: the agent has to end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Jobs:
    """The jobs of one room."""

    def __init__(self, what: str, failed: Callable[[BaseException], None]) -> None:
        """`what` is driven by a job, for the log; `failed` is told of an error that ended one."""
        self._what = what
        self._failed = failed
        self._all: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Have it done beside the rest."""
        job = asyncio.create_task(work)
        self._all.add(job)
        job.add_done_callback(self._ended)

    async def stop(self) -> None:
        """Cancel what is under way, and wait until it has ended."""
        for job in self._all:
            job.cancel()
        await asyncio.gather(*self._all, return_exceptions=True)

    def _ended(self, job: asyncio.Task[None]) -> None:
        self._all.discard(job)
        if not job.cancelled() and (error := job.exception()) is not None:
            log.error("%s can be driven no further", self._what, exc_info=error)
            self._failed(error)
