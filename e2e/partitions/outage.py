"""How long a cluster is without a leader, as those see it who use it.

An operator asks again and again over HTTP; a framework of the client library stays subscribed, and no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

from msgspec import UNSET

from api.wire.v1 import mesos
from client import SchedulerClient
from e2e.harness.daemon import Daemon, until
from e2e.partitions.site import Site

LONGEST_SECONDS: Final = 60.0
"""For anything of it; a slow machine is no failure."""
FRAMEWORK: Final = mesos.FrameworkInfo(
    user="root",
    name="subscriber",
    roles=["subscriber"],
    failover_timeout=3600.0,
    capabilities=[
        mesos.FrameworkInfoCapability(type=mesos.FrameworkInfoCapabilityType.MULTI_ROLE),
        mesos.FrameworkInfoCapability(type=mesos.FrameworkInfoCapabilityType.RESERVATION_REFINEMENT),
    ],
)


@dataclass(frozen=True)
class Outage:
    """Seconds from the moment something was done to the leader. `leader` is the one after it."""

    leader: Daemon
    answered: float
    """Until another one answers as the leader."""
    complete: float
    """Until all agents and their plugins are there for it."""
    offered: float
    """Until it has made an offer to the framework."""

    def __str__(self) -> str:
        back = f"all agents are there after {self.complete:.1f} s, the first offer after {self.offered:.1f} s"
        return f"{self.leader.name} answers after {self.answered:.1f} s, {back}"


class Subscriber:
    """Notes when offers come, and lets them be."""

    def __init__(self, url: str) -> None:
        self._client = SchedulerClient(url, FRAMEWORK, random=random.Random(1), first_is_retried=True)
        self.offered_at = 0.0
        """When the first offer of the present subscription came."""
        self.subscriptions = 0

    @contextlib.asynccontextmanager
    async def subscribed(self) -> AsyncIterator[None]:
        """For as long as this lasts; its framework is torn down at the end."""
        listening = asyncio.create_task(self._listen())
        try:
            await self._until(lambda: self.offered_at > 0)
            yield
            await self._client.teardown()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await self._client.close()

    async def offered_anew(self, since: int) -> float:
        """When the first offer came after more subscriptions than these."""
        await self._until(lambda: self.subscriptions > since and self.offered_at > 0)
        return self.offered_at

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(LONGEST_SECONDS):
            while not holds():  # noqa: ASYNC110 - what is measured is rounded to more than this
                await asyncio.sleep(0.02)

    async def _listen(self) -> None:
        async for event in self._client.events():
            if event.subscribed is not UNSET:
                self.subscriptions, self.offered_at = self.subscriptions + 1, 0.0
            elif event.offers is not UNSET and not self.offered_at:
                self.offered_at = time.monotonic()


async def after(site: Site, old: Daemon, act: Callable[[], object]) -> Outage:
    """Do it to the leader, and wait for another one."""
    subscriber = Subscriber(site.url)
    async with subscriber.subscribed():
        before, began = subscriber.subscriptions, time.monotonic()
        act()
        leader, answered, complete = await asyncio.to_thread(_replaced, site, old)
        offered = await subscriber.offered_anew(before)
    return Outage(leader, answered - began, complete - began, offered - began)


def _replaced(site: Site, old: Daemon) -> tuple[Daemon, float, float]:
    """Another leader; when it answered first, and when everything was there."""
    leader = until(lambda: site.leader(but=old), LONGEST_SECONDS, f"another one leads than {old.name}")
    answered = time.monotonic()
    until(site.is_ready, LONGEST_SECONDS, "all agents are back")
    return leader, answered, time.monotonic()
