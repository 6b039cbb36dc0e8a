"""The checks of one running task: probe after probe, each in time, until they are stopped.

What is found is handed on in order; what it means is decided by `agent.checks.health` and told by who
watches the task. Nothing here can hold up the task's end: `stop` only cancels.
"""

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agent.checks.commands import CommandProbes
from agent.checks.definition import Check, CommandProbe, HttpProbe
from agent.checks.findings import Found, no_answer
from agent.checks.network import Connect, probe_http, probe_tcp
from agent.containerizer.interface import ContainerizerError
from api.model.clock import Clock

log = logging.getLogger(__name__)

MAX_REPORTS: Final = 4
"""Findings that wait to be taken; a check waits with its next probe while there are so many."""

TIDY_SECONDS: Final = 10.0
"""For a command that was too slow to be killed and removed; then the check goes on and says so."""


class Kind(enum.StrEnum):
    """Which of a task's checks."""

    HEALTH = "health check"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found, `age` seconds after its task had started."""

    kind: Kind
    found: Found
    age: float


@dataclass(frozen=True, slots=True)
class Means:
    """How probes are made: `commands` for those that have any, `host` to connect to (IPv4, IPv6)."""

    commands: Mapping[Kind, CommandProbes]
    hosts: tuple[str, str]
    connect: Connect


class RunningChecks:
    """Makes the probes of one task."""

    def __init__(self, checks: Mapping[Kind, Check], means: Means, clock: Clock, started_at: float) -> None:
        """`started_at`: when the task started, in seconds since the epoch."""
        self._checks = checks
        self._means = means
        self._clock = clock
        self._started_at = started_at
        self._reports: asyncio.Queue[Report] = asyncio.Queue(MAX_REPORTS)
        self._jobs: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Probe from now on."""
        self._jobs = [asyncio.create_task(self._go_on(kind, check)) for kind, check in self._checks.items()]

    async def next(self) -> Report:
        """The next finding. Never, for a task without checks. Raises what a check stumbled over."""
        taking = asyncio.create_task(self._reports.get())
        try:
            await asyncio.wait((taking, *self._jobs), return_when=asyncio.FIRST_COMPLETED)
            for job in self._jobs:
                if job.done() and not job.cancelled() and not taking.done():
                    job.result()
            return await taking
        finally:
            taking.cancel()

    def stop(self) -> None:
        """Probe no more. `tidy` has to follow some time."""
        for job in self._jobs:
            job.cancel()

    async def tidy(self) -> None:
        """Nothing that was started for a probe is left. Raises ContainerizerError, OSError: call again."""
        await asyncio.gather(*self._jobs, return_exceptions=True)
        for commands in self._means.commands.values():
            await commands.tidy()

    def abandon(self) -> None:
        """The agent stops."""
        self.stop()
        for commands in self._means.commands.values():
            commands.abandon()

    async def _go_on(self, kind: Kind, check: Check) -> None:
        await asyncio.sleep(max(0.0, check.schedule.delay - self._age()))
        while True:
            found = await self._look(kind, check)
            if found is not None:
                await self._reports.put(Report(kind, found, self._age()))
            await asyncio.sleep(check.schedule.interval)

    async def _look(self, kind: Kind, check: Check) -> Found | None:
        """One probe; None when the agent could not make it, which says nothing of the task."""
        try:
            async with asyncio.timeout(check.schedule.timeout):
                answer = await self._probe(kind, check)
        except TimeoutError:
            await self._tidy_in_time(kind)
            return no_answer(check, f"no answer within {check.schedule.timeout:g} s")
        except (ContainerizerError, OSError) as error:
            log.warning("a %s could not be made and does not count: %s", kind, error)
            await self._tidy_in_time(kind)
            return None
        except Exception:
            log.exception("a %s stumbled over a fault of the agent's own: report it", kind)
            return None
        return no_answer(check, answer) if isinstance(answer, str) else answer

    async def _probe(self, kind: Kind, check: Check) -> Found | str:
        probe = check.probe
        if isinstance(probe, CommandProbe):
            return await self._means.commands[kind].run(probe.command)
        host = self._means.hosts[1 if probe.ipv6 else 0]
        if isinstance(probe, HttpProbe):
            return await probe_http(probe, host, self._means.connect)
        return await probe_tcp(probe, host, self._means.connect)

    async def _tidy_in_time(self, kind: Kind) -> None:
        commands = self._means.commands.get(kind)
        if commands is None:
            return
        try:
            async with asyncio.timeout(TIDY_SECONDS):
                await commands.tidy()
        except (TimeoutError, ContainerizerError, OSError) as error:
            log.warning("the command of a %s is still there: %s", kind, str(error) or "it does not end")

    def _age(self) -> float:
        return max(0.0, self._clock.now() - self._started_at)
