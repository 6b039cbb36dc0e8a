"""The parts of the cluster that can be crashed: what they share.

A part is a place where processes live one after the other. What survives them (disks, containers)
is the part's; what they build is the process's and dies with it. A crash is `kill`; recovery is
building everything anew, as a supervisor would.
"""

from __future__ import annotations

import random
from abc import abstractmethod
from typing import TYPE_CHECKING

from store.port import StoreError
from tests.simulation.loop import Process
from tests.simulation.simstore import SimDisk, SimStore

if TYPE_CHECKING:
    from tests.simulation.cluster import Cluster

RESTART_SECONDS = 0.5


class NoAnswer(Exception):
    """The answer never came: nobody knows whether it was done. The caller repeats the call."""


class Part:
    """One place of the cluster. `process` is None between a crash and the restart."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster = cluster
        self.name = name
        self.process: Process | None = None
        self.lives = 0
        self.kills = 0
        self._stores = 0
        self.doomed = 0
        """Kill it at so many further commits; 0 for no such plan."""
        self.doomed_before = False
        """Whether just before that commit, else right after it."""

    def start(self) -> None:
        """A new process on what survived."""
        if self.process is not None:
            return
        self.lives += 1
        self.cluster.trace.note(self.name, f"starts (life {self.lives})")
        self.process = Process(self.cluster.loop, self.name)
        self.process.spawn(self._guard(self.process))

    async def _guard(self, process: Process) -> None:
        """A process that cannot go on ends, and is started again."""
        try:
            why = await self.live()
        except (StoreError, OSError) as error:
            why = error
        self.cluster.trace.note(self.name, f"ends by itself: {type(why).__name__}")
        if not isinstance(why, StoreError):
            self.cluster.broken(f"{self.name} could not go on: {why!r}", why)
        self.cluster.loop.call_soon(self.kill, context=self.cluster.context)

    @abstractmethod
    async def live(self) -> BaseException:
        """Everything that the process does; returns what it could not live with."""

    def kill(self, down: float = RESTART_SECONDS) -> None:
        """As by SIGKILL; started again after `down` seconds."""
        process, self.process = self.process, None
        if process is not None:
            self.kills += 1
            self.doomed = 0
            self.cluster.trace.note(self.name, "is killed")
            process.kill()
            self.cluster.call_later(down, self.start)

    def stop(self, seconds: float) -> None:
        """As by SIGSTOP, and SIGCONT after so many seconds."""
        process = self.process
        if process is not None:
            process.stop()
            self.cluster.call_later(seconds, process.go_on)

    def rng(self, purpose: str) -> random.Random:
        return random.Random(f"{self.cluster.seed}-{self.name}-{self.lives}-{purpose}")

    def store(self, disk: SimDisk) -> SimStore:
        """This life's store on a disk."""
        self._stores += 1
        return SimStore(
            disk, self.rng(f"store-{self._stores}"), self._dies_now, self._committed, self._write_fails
        )

    def _dies_now(self) -> bool:
        if self.doomed != 1 or not self.doomed_before:
            return False
        self.cluster.trace.note(self.name, "(just before a commit)")
        self.kill()
        return True

    def _committed(self) -> None:
        if self.doomed:
            self.doomed -= 1
            if not self.doomed:
                self.cluster.trace.note(self.name, "(right after a commit)")
                self.kill()

    def _write_fails(self) -> bool:
        if self.cluster.plays("writes fail") and self.cluster.faults.random() < 0.0005:
            self.cluster.trace.note(self.name, "a write fails")
            return True
        return False
