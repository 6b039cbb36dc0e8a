"""The model operator's hand that sets quota and weights while all else goes on, and ends with no quota.

What must hold is looked at from outside: what was answered is what there is, over any crash, and what the
allocator goes by; and no run takes a role above a limit.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from api.model.quantity import MILLI
from api.wire.v1 import mesos
from orchestrator.allocator import NO_QUOTA, Allocator, Offer, Quota
from orchestrator.daemon import Orchestrator
from orchestrator.quota import InvalidQuota
from tests.simulation.trace import Trace

T = TypeVar("T")
Repeat = Callable[[Callable[[Orchestrator], Awaitable[Any]]], Awaitable[Any]]

ROLES = ("default", "red", "blue")
DISKS = ("disk", "disk[profile=default]")
LIMITS_MB = (0, 500, 900, 3000)
GUARANTEED = {
    "cpus": (100, 300),
    "mem": (64_000,),
    "disk": (100_000, 400_000),
    "disk[profile=block]": (50_000,),
}
WEIGHTS = (0.5, 1.0, 2.0)


SHARE = 0.3
"""Of the seeds in which there is such a hand."""


class Decrees:
    """One operator's. `repeat`: makes a call until it is answered."""

    def __init__(self, seed: int, trace: Trace, repeat: Repeat) -> None:
        self._dice = random.Random(f"{seed}-decrees")
        self.plays = self._dice.random() < SHARE
        self._trace = trace
        self._repeat = repeat
        self._answered: dict[str, Quota] = {}
        self._lives = 0
        """Of the registry."""
        self._unsure: set[str] = set()
        """Roles whose quota may be what was asked for in a call that was refused when it was repeated."""
        self.done: Counter[str] = Counter()

    async def run(self, is_over: Callable[[], bool]) -> None:
        """Set quota and weights until `is_over`; then see that there is no quota, again and again."""
        while self.plays:
            await asyncio.sleep(self._dice.uniform(0.3, 3.0))
            if is_over():
                await self._set(dict.fromkeys(ROLES, NO_QUOTA), force=True)
                await asyncio.sleep(20.0)
                continue
            roles = self._dice.sample(ROLES, self._dice.randrange(1, 3))
            await self._set({role: self._quota() for role in roles}, force=self._dice.random() < 0.5)
            if self._dice.random() < 0.3:
                await self._weigh(self._dice.choice(ROLES), self._dice.choice(WEIGHTS))

    def forget(self) -> None:
        """The registry is an older one: nobody else knows what was set since."""
        self._answered.clear()
        self._lives += 1

    async def _weigh(self, role: str, weight: float) -> None:
        wanted = [mesos.WeightInfo(role=role, weight=weight)]
        await self._repeat(lambda rooms: rooms.weights.update(wanted))

    def _quota(self) -> Quota:
        dice = self._dice
        if dice.random() < 0.25:
            return NO_QUOTA
        limits = {name: dice.choice(LIMITS_MB) * MILLI for name in DISKS if dice.random() < 0.5}
        least = {name: dice.choice(each) for name, each in GUARANTEED.items() if dice.random() < 0.3}
        within = {name: min(milli, limits.get(name, milli)) for name, milli in least.items()}
        return Quota({name: milli for name, milli in within.items() if milli}, limits)

    async def _set(self, wanted: Mapping[str, Quota], *, force: bool) -> None:
        self._unsure |= wanted.keys()
        life = self._lives
        try:
            await self._repeat(lambda rooms: rooms.quotas.update(wanted, force=force))
        except InvalidQuota as refusal:
            self._trace.note("decrees", f"refused: {refusal}"[:120])
            self.done["refused"] += 1
            return
        self._trace.note("decrees", f"quota of {', '.join(wanted)} is set")
        self.done["set"] += 1
        if life != self._lives:
            return
        self._answered.update(wanted)
        self._unsure -= wanted.keys()
        await self._repeat(self._look)

    async def _look(self, rooms: Orchestrator) -> None:
        require = self._trace.require
        for role, quota in self._answered.items():
            has = rooms.quotas.all.get(role, NO_QUOTA)
            if role not in self._unsure:
                require(has == quota, f"quota of {role} was answered as {quota}, it is {has}")
        require(rooms.allocator.quotas == rooms.quotas.all, "the allocator goes by other quota than there is")


def watch_limits(allocator: Allocator, broken: Callable[[str], None]) -> None:
    """From here on `broken` is told of each run that takes a role above a limit."""
    run = allocator.allocate_cycle

    def watched(now: float, candidates: set[str] | None = None) -> list[Offer]:
        before = {role: dict(allocator.consumed(role)) for role in allocator.quotas}
        offers = run(now, candidates)
        for role, quota in allocator.quotas.items():
            has = allocator.consumed(role)
            for name, limit in quota.limits.items():
                if has.get(name, 0) > max(limit, before[role].get(name, 0)):
                    broken(f"a run took {role} above its limit of {name}: {has[name]} of {limit}")
        return offers

    allocator.allocate_cycle = watched  # type: ignore[method-assign]
