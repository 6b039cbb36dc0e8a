"""A standby: follows whoever leads, and answers requests meanwhile. It only puts together.

One for each process that may lead; while the process leads, it rests. It decides nothing about who does.
"""

from __future__ import annotations

from api.model.clock import Clock
from api.model.process import Process
from orchestrator.answers import Answers
from orchestrator.http import HttpLimits, HttpServer
from orchestrator.standby.follower import Follower, Leader
from orchestrator.standby.metrics import StandbyMetrics
from orchestrator.standby.paths import StandbyPaths
from orchestrator.standby.reads import PATH, StandbyApi
from orchestrator.standby.source import HttpSource, Source
from orchestrator.streams import Streams


class Standby:
    """`server` answers requests, whether or not anybody is followed."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        process: Process,
        product_version: str,
        limits: HttpLimits | None = None,
        source: Source | None = None,
    ) -> None:
        """`name`: what leaders are told that this orchestrator is called. `source`: how they are asked."""
        limits = limits or HttpLimits()
        answers = Answers(limits.unread_seconds)
        self._follower = Follower(source or HttpSource(), clock, name)
        metrics = StandbyMetrics(self._follower, process, clock)
        self.server = HttpServer(
            {PATH: StandbyApi(self._follower, process, metrics, product_version)},
            Streams(),
            metrics,
            limits,
            StandbyPaths(self._follower, metrics, process, product_version),
            answers,
        )

    def open(self, address: str = "") -> None:
        """Answer requests, from now on; `address`: where, host:port, for leaders to tell."""
        self._follower.address = address
        self.server.open()

    async def close(self) -> None:
        """Follow nobody, and let what is being answered be answered."""
        await self._follower.close()
        await self.server.close()

    def follow(self, epoch: int, address: str) -> None:
        """Who leads now: the lease's epoch, and host:port of the leader's HTTP API. The same again changes
        nothing."""
        self._follower.follow(Leader(epoch, address))

    def leave(self, *, keep: bool = False) -> None:
        """Nobody is followed: this process leads, or nobody does. `keep`: the view goes on being shown, and
        grows old."""
        self._follower.leave(keep=keep)

    @property
    def age(self) -> float | None:
        """Of what reads are answered of, in seconds; None: there is nothing."""
        return self._follower.age
