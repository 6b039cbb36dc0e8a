"""Whether the disks in use work: each is asked again and again, and what is wrong with it is kept.

It must not: use a disk, or let one go.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final

from agent.devices.plan import Place
from agent.devices.ports import Host

log = logging.getLogger(__name__)

HEALTH_SECONDS: Final = 10.0
"""How often each disk in use is asked whether it works."""


class DiskHealth:
    """What is wrong with the disks that are in use. `changed` is called when that is something else."""

    def __init__(self, host: Host, in_use: Mapping[str, Place], changed: Callable[[], None]) -> None:
        """`in_use`: where the disks are, by the ids of their records; it changes meanwhile."""
        self._host = host
        self._in_use = in_use
        self._changed = changed
        self._troubles: dict[str, str] = {}
        self._turn = 0

    def trouble(self, pool_id: str) -> str:
        """What is wrong with a disk, for people; empty when nothing is."""
        return self._troubles.get(pool_id, "")

    def forget(self, pool_id: str) -> None:
        """It is in use no more."""
        self._troubles.pop(pool_id, None)

    async def watch(self) -> None:
        """Ask for ever."""
        while True:
            await asyncio.sleep(HEALTH_SECONDS)
            self._turn += 1
            places = dict(self._in_use)
            found = await asyncio.gather(
                *(self._host.trouble(place.path, self._turn) for place in places.values()),
                return_exceptions=True,
            )
            for pool_id, trouble in zip(places, found, strict=True):
                self._judge(pool_id, str(trouble))

    def _judge(self, pool_id: str, trouble: str) -> None:
        if self.trouble(pool_id) == trouble or pool_id not in self._in_use:
            return
        path = self._in_use[pool_id].path
        if trouble:
            log.error("disk %s with pool %s does not work: %s", path, pool_id, trouble)
            self._troubles[pool_id] = trouble
        else:
            log.warning("disk %s with pool %s works again", path, pool_id)
            del self._troubles[pool_id]
        self._changed()
