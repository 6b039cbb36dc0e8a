"""The volumes of what runs, after a restart of the agent: published still, and held in its name.

What runs goes on meanwhile, whatever is found; it is asked again until all is well. Who is told, and how, is
the caller's; nothing is ended here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from agent.tasks.parts import TaskParts
from agent.tasks.record import TaskRecord
from provider.manager.publishing import PublishFailed

log = logging.getLogger(__name__)

TROUBLE = "a volume is in trouble since the agent came back: "
OVER = "its volumes are in order again"


async def keep_volumes(record: TaskRecord, parts: TaskParts, tell: Callable[[str], Awaitable[None]]) -> None:
    """Return once its volumes are published. `tell` is told of what stands in the way for longer than
    `volume_patience`, each time that it is something else, and when it is over."""
    loop, limits = asyncio.get_running_loop(), parts.limits
    since, told, attempt = loop.time(), "", 0
    while (trouble := await _trouble(record, parts)) is not None:
        log.warning("a volume of %s, which runs, is in trouble: %s", record.key, trouble)
        if trouble != told and loop.time() >= since + limits.volume_patience:
            await tell(TROUBLE + trouble)
            told = trouble
        await asyncio.sleep(min(limits.max_retry, limits.first_retry * 2.0 ** min(attempt, 10)))
        attempt += 1
    if told:
        await tell(OVER)


async def _trouble(record: TaskRecord, parts: TaskParts) -> str | None:
    try:
        await parts.publisher.publish(record)
    except (PublishFailed, OSError) as error:
        return str(error)
    return None
