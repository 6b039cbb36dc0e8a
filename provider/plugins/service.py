"""Brings a plugin up in its container and keeps it up.

Launch, probe until ready, ask what it can do, watch; when the container ends, start it again after a
wait that doubles from 0.1 s to 30 s and begins anew once the plugin was ready for a minute. A plugin
that is up is probed now and then: when it hangs, its container is killed, and so ends. A container
that an earlier life of this process left running is kept if it is configured alike.

No volumes and no operations here; which calls are made to a plugin that is up is others' business.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from api.model.clock import Clock
from provider.calls import PluginClient, PluginError, PluginFacts
from provider.plugins.containers import ContainerFailed, PluginContainer, PluginContainers

if TYPE_CHECKING:
    import random  # noqa: TID251 - only its type

log = logging.getLogger(__name__)

FIRST_BACKOFF = 0.1
MAX_BACKOFF = 30.0
"""Seconds before the container is started again, at first and at most."""

STEADY_SECONDS = 60.0
"""A plugin that was ready for so long starts over with the first backoff."""

FIRST_PROBE = 0.01
MAX_PROBE = 1.0
"""Seconds between probes while it comes up, at first and at most."""

CHECK_SECONDS = 10.0
"""Between probes of a plugin that is up."""

CHECK_TIMEOUT = 5.0
"""Seconds for the answer to such a probe. No other call counts: those may take long."""

CHECK_FAILURES = 3
"""Such probes without success in a row after which the plugin hangs: its container is killed."""


class ProbedClient(PluginClient, Protocol):
    """A plugin client with the calls that bring a plugin up."""

    async def probe(self) -> bool: ...

    async def discover(self) -> PluginFacts: ...

    def redial(self) -> None: ...

    async def close(self) -> None: ...


class PluginPhase(enum.StrEnum):
    STOPPED = "STOPPED"
    STARTING = "STARTING"
    PROBING = "PROBING"
    READY = "READY"
    BACKOFF = "BACKOFF"


_P = PluginPhase

TRANSITIONS: Mapping[tuple[PluginPhase, str], PluginPhase] = MappingProxyType(
    {
        (_P.STOPPED, "start"): _P.STARTING,
        (_P.STARTING, "launched"): _P.PROBING,
        (_P.STARTING, "failed"): _P.BACKOFF,
        (_P.PROBING, "answered"): _P.READY,
        (_P.PROBING, "slow"): _P.PROBING,
        (_P.PROBING, "failed"): _P.BACKOFF,
        (_P.READY, "failed"): _P.BACKOFF,
        (_P.BACKOFF, "waited"): _P.STARTING,
        **{(phase, "stop"): _P.STOPPED for phase in _P},
    }
)
"""(phase, event) -> phase. What is not here is refused."""


@dataclass(frozen=True, slots=True)
class PluginStatus:
    """How the plugin is, for operators. `restarts` counts the ends of its container."""

    phase: PluginPhase = PluginPhase.STOPPED
    message: str = ""
    restarts: int = 0
    facts: PluginFacts | None = None
    container_id: str = ""


@dataclass(frozen=True, slots=True)
class PluginConfig:
    """What to run. `prefix`: ids of containers that are this plugin's, now or in an earlier life.

    `probe_seconds`: how long a plugin may take to come up before its status says that it is slow; it is
    probed for as long as its container runs. The others: see the constants they are by default.
    """

    container: PluginContainer
    prefix: str
    socket_path: str
    probe_seconds: float = 60.0
    check_seconds: float = CHECK_SECONDS
    check_timeout: float = CHECK_TIMEOUT
    check_failures: int = CHECK_FAILURES


class PluginService:
    """One plugin. `on_ready` is called with its facts each time it has come up."""

    def __init__(
        self,
        config: PluginConfig,
        containers: PluginContainers,
        client: ProbedClient,
        clock: Clock,
        random: random.Random,
        on_ready: Callable[[PluginFacts], None],
        on_status: Callable[[PluginStatus], None] = lambda status: None,
    ) -> None:
        self._config = config
        self._containers = containers
        self._client = client
        self._clock = clock
        self._random = random
        self._on_ready = on_ready
        self._on_status = on_status
        self._gate = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._hung = False
        """Its container is not to be kept, even if it should still run."""
        self.status = PluginStatus(container_id=config.container.id)

    async def start(self) -> None:
        """Begin to bring the plugin up; returns at once."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"plugin-{self._config.container.id}")

    async def stop(self) -> None:
        """Stop looking after it. The container goes on running."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)  # how it failed, `watch` has told
            self._become("stop")
        self._gate.clear()
        await self._client.close()

    async def watch(self) -> None:
        """Returns once it was stopped. Raises what nobody foresaw, a failed store above all: the plugin is
        looked after no more then, so the host has to end and start again."""
        task = self._task
        if task is not None:
            await asyncio.wait((task,))
            if not task.cancelled():
                task.result()

    async def shut_down(self) -> None:
        """Stop, and end the plugin's container as well. Raises ContainerFailed."""
        await self.stop()
        await self._end(self._config.container.id)

    async def ready(self) -> PluginFacts:
        """Wait until the plugin is up. For ever if need be: cancel to give up."""
        while self.status.facts is None or not self._gate.is_set():
            await self._gate.wait()
        return self.status.facts

    async def _run(self) -> None:
        backoff = FIRST_BACKOFF
        self._become("start")
        while True:
            ready_at: float | None = None
            try:
                await self._launch()
                self._become("launched")
                ready_at, ended = await self._bring_up()
                log.warning("plugin %s: %s", self._config.container.id, ended)
            except (ContainerFailed, PluginError, OSError) as error:
                ended = str(error)
                log.warning("plugin %s: %s", self._config.container.id, ended)
            self._gate.clear()
            self._become("failed", message=ended, restarts=self.status.restarts + 1)
            if ready_at is not None and self._clock.monotonic() - ready_at >= STEADY_SECONDS:
                backoff = FIRST_BACKOFF
            await asyncio.sleep(backoff * (0.5 + self._random.random() / 2))
            backoff = min(MAX_BACKOFF, backoff * 2)
            self._become("waited")

    async def _launch(self) -> None:
        """One running container, configured as it should be."""
        wanted = self._config.container
        keep = False
        for found in await self._containers.list(self._config.prefix):
            alike = found.id == wanted.id and found.digest == wanted.digest
            if alike and found.running and not self._hung:
                keep = True
            else:
                await self._end(found.id)
        if not keep:
            _unlink(self._config.socket_path)
            await self._containers.launch(wanted)
        self._hung = False
        self._client.redial()

    async def _end(self, container_id: str) -> None:
        await self._containers.kill(container_id)
        with contextlib.suppress(ContainerFailed):  # it may be gone already
            await self._containers.wait(container_id)
        await self._containers.remove(container_id)

    async def _bring_up(self) -> tuple[float | None, str]:
        """Probe and watch until the container ends, or the plugin hangs and the container is killed.

        Returns when it became ready (monotonic), and how it ended.
        """
        ended = asyncio.ensure_future(self._containers.wait(self._config.container.id))
        probing = asyncio.ensure_future(self._probe())
        hanging: asyncio.Future[str] | None = None
        ready_at: float | None = None
        try:
            await asyncio.wait({ended, probing}, return_when=asyncio.FIRST_COMPLETED)
            if probing.done() and not ended.done():
                facts = probing.result()
                ready_at = self._clock.monotonic()
                self._become("answered", message="", facts=facts)
                self._gate.set()
                self._on_ready(facts)
                hanging = asyncio.ensure_future(self._check())
                await asyncio.wait({ended, hanging}, return_when=asyncio.FIRST_COMPLETED)
                if not ended.done():
                    return ready_at, await self._kill_hung(hanging.result())
            return ready_at, await ended
        finally:
            watching = [task for task in (probing, ended, hanging) if task is not None]
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

    async def _check(self) -> str:
        """Probe a plugin that is up; returns once it hangs, with what the last probe met."""
        failures = 0
        while True:
            await asyncio.sleep(self._config.check_seconds)
            try:
                async with asyncio.timeout(self._config.check_timeout):
                    await self._client.probe()  # one that is not ready just now does answer
                failures = 0
                continue
            except TimeoutError:
                reason = f"no answer within {self._config.check_timeout:g} s"
            except PluginError as error:
                reason = str(error)
            failures += 1
            log.info("plugin %s: probe %d failed: %s", self._config.container.id, failures, reason)
            if failures >= self._config.check_failures:
                return reason

    async def _kill_hung(self, reason: str) -> str:
        """End the container, and with it the calls under way: nobody knows their outcome, so they are
        repeated. Should the end be slow or fail, the next launch sees to it."""
        self._hung = True
        self._gate.clear()
        ended = f"killed, it hung: {self._config.check_failures} probes in a row failed ({reason})"
        try:
            await self._containers.kill(self._config.container.id)
        except ContainerFailed as error:
            ended += f"; {error}"
        return ended

    async def _probe(self) -> PluginFacts:
        pause = FIRST_PROBE
        slow_at = self._clock.monotonic() + self._config.probe_seconds
        while True:
            try:
                if await self._client.probe():
                    return await self._client.discover()
                message = "the plugin says that it is not ready"
            except PluginError as error:
                message = str(error)
                self._client.redial()
            if self._clock.monotonic() >= slow_at:
                slow_at += self._config.probe_seconds
                self._become("slow", message=f"not up after {self._config.probe_seconds:g} s: {message}")
            await asyncio.sleep(pause)
            pause = min(MAX_PROBE, pause * 2)

    def _become(self, event: str, **changed: object) -> None:
        phase = TRANSITIONS.get((self.status.phase, event))
        if phase is None:
            raise RuntimeError(f"a plugin that is {self.status.phase} cannot take {event!r}")
        self.status = replace(self.status, phase=phase, **changed)  # type: ignore[arg-type]
        self._on_status(self.status)


def _unlink(socket_path: str) -> None:
    """Remove the socket that an earlier plugin left, so that nobody dials into the void."""
    with contextlib.suppress(FileNotFoundError):
        Path(socket_path).unlink()
    Path(socket_path).parent.mkdir(parents=True, exist_ok=True)
