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


async def remove_orphans(containerizer: Containerizer, orphans: Sequence[str]) -> None:
    """Remove the containers with these ids, one after the other."""
    for orphan in orphans:
        for attempt in range(ORPHAN_ATTEMPTS):
            try:
                await remove_container(containerizer, orphan)
                log.info("removed the container %s, which belonged to nothing", orphan)
                break
            except ContainerizerError as error:
                log.error("the container %s belongs to nothing: %s", orphan, error.message)
            await asyncio.sleep(2.0**attempt)


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
