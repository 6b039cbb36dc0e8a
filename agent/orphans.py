"""Containers of this agent that nothing knows: started just before a crash, or forgotten just after.

Which those are, the daemon says; here they are ended and removed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from agent.containerizer.interface import Containerizer, ContainerizerError, Who

log = logging.getLogger(__name__)

ORPHAN_ATTEMPTS = 5
"""Tries to remove a container that belongs to nothing; then it is left, with an error in the log, until
the agent starts again."""

ORPHANS_AT_ONCE = 8
"""Removals side by side; the others wait for their turn."""

ORPHAN_TIMEOUT = 60.0
"""Seconds for one try: a container whose processes will not end does not hold up the others for ever."""


async def remove_orphans(containerizer: Containerizer, orphans: Sequence[str]) -> None:
    """Remove the containers with these ids, some of them side by side."""
    turns = asyncio.Semaphore(ORPHANS_AT_ONCE)

    async def remove(orphan: str) -> None:
        for attempt in range(ORPHAN_ATTEMPTS):
            async with turns:
                if await _removed(containerizer, orphan):
                    return
            await asyncio.sleep(2.0**attempt)

    await asyncio.gather(*(remove(orphan) for orphan in orphans))


async def _removed(containerizer: Containerizer, orphan: str) -> bool:
    try:
        async with asyncio.timeout(ORPHAN_TIMEOUT):
            await remove_container(containerizer, orphan)
    except TimeoutError:
        log.error("the container %s belongs to nothing and did not end in %g s", orphan, ORPHAN_TIMEOUT)
    except ContainerizerError as error:
        log.error("the container %s belongs to nothing: %s", orphan, error.message)
    else:
        log.info("removed the container %s, which belonged to nothing", orphan)
        return True
    return False


async def remove_container(containerizer: Containerizer, container_id: str) -> None:
    """Kill a container at once and remove it; nothing happens to one that is not there."""
    try:
        await containerizer.kill(container_id, 0.0)
        await containerizer.wait(container_id)
        await containerizer.remove(container_id)
    except ContainerizerError as error:
        if error.who is not Who.REQUEST:
            raise
        log.debug("container %s: %s", container_id, error.message)
