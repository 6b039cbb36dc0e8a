"""Brings a plugin up in its container and keeps it up.

Launch, probe until ready, ask what it can do, watch; when the container ends, start it again after a
wait that doubles from 0.1 s to 30 s and begins anew once the plugin was ready for a minute. A
container that an earlier life of this process left running is kept if it is configured alike.

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
"""Seconds between probes, at first and at most."""


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
    probed for as long as its container runs.
    """

    container: PluginContainer
    prefix: str
    socket_path: str
    probe_seconds: float = 60.0


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
            if found.id == wanted.id and found.running and found.digest == wanted.digest:
                keep = True
            else:
                await self._end(found.id)
        if not keep:
            _unlink(self._config.socket_path)
            await self._containers.launch(wanted)
        self._client.redial()

    async def _end(self, container_id: str) -> None:
        await self._containers.kill(container_id)
        with contextlib.suppress(ContainerFailed):  # it may be gone already
            await self._containers.wait(container_id)
        await self._containers.remove(container_id)

    async def _bring_up(self) -> tuple[float | None, str]:
        """Probe and watch until the container ends. When it became ready (monotonic), and how it ended."""
        ended = asyncio.ensure_future(self._containers.wait(self._config.container.id))
        probing = asyncio.ensure_future(self._probe())
        ready_at: float | None = None
        try:
            await asyncio.wait({ended, probing}, return_when=asyncio.FIRST_COMPLETED)
            if probing.done() and not ended.done():
                facts = probing.result()
                ready_at = self._clock.monotonic()
                self._become("answered", message="", facts=facts)
                self._gate.set()
                self._on_ready(facts)
            return ready_at, await ended
        finally:
            probing.cancel()
            ended.cancel()
            await asyncio.gather(probing, ended, return_exceptions=True)

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
