"""The life of one container of a plugin: launched, probed until it is ready, watched, started anew.

    STARTING -> PROBING -> READY            it comes up
    any of these -> RESTARTING -> STARTING  it ended: once more, after a wait that doubles
    STARTING, PROBING -> FAILED             it ended several times and never became ready, or cannot work
                                            as configured: it is tried again at the longest wait, and stays
                                            FAILED until it is ready

A container that is up is probed now and then (`liveness`): when it is not to be kept it is killed, and so
ends. One that does not answer at all after its start is killed too, also one that an earlier life of this
process left running. The plugin as a whole, its calls and its configuration belong to the service; there are
no volumes here.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from api.model.clock import Clock
from provider.calls import PluginClient, PluginError
from provider.plugins.config import PluginConfig, Service, ServingContainer
from provider.plugins.containers import ContainerFailed, PluginContainers, end_container
from provider.plugins.discovery import Described, Unusable, check, remark
from provider.plugins.liveness import SILENT, Liveness
from provider.plugins.secrets import SecretFiles

if TYPE_CHECKING:
    import random  # noqa: TID251 - only its type

log = logging.getLogger(__name__)

FIRST_BACKOFF = 0.1
MAX_BACKOFF = 30.0
"""Seconds before the container is started again, at first and at most. Each wait is drawn at random from the
upper half of what it would be, so that the plugins of many hosts do not come back at one moment."""

STEADY_SECONDS = 60.0
"""A container that was ready for so long starts over with the first backoff."""

FAILED_AFTER = 5
"""Ends in a row of a container that never was ready after which it is FAILED, and waits the longest."""

FIRST_PROBE = 0.01
MAX_PROBE = 1.0
"""Seconds between probes while it comes up, at first and at most."""

FIRST_PATIENCE = 10.0
"""Seconds for the answer to a Probe, and to each question after it, while it comes up; doubled each time that
they were too few, as far as there is time until it has to have answered."""

FIRST_WORD = 5.0
"""Seconds after which a container that is not ready yet is told of, with why; doubled each time."""

LOG_LINES = 10
LINE_CHARACTERS = 400
"""Of what a container printed, shown when it fails; longer lines are cut off."""


class ProbedClient(PluginClient, Protocol):
    """A plugin client with the calls that bring the plugin's containers up, each by its socket."""

    def connect(self, config: PluginConfig) -> None: ...

    async def probe(self, socket_path: str, wait: float) -> bool: ...

    async def describe(self, socket_path: str, services: frozenset[Service], wait: float) -> Described: ...

    def redial(self, socket_path: str) -> None: ...

    async def close(self) -> None: ...


class PluginPhase(enum.StrEnum):
    """Where a container is in its life."""

    STOPPED = "STOPPED"
    STARTING = "STARTING"
    PROBING = "PROBING"
    READY = "READY"
    RESTARTING = "RESTARTING"
    FAILED = "FAILED"


_P = PluginPhase

TRANSITIONS: Mapping[tuple[PluginPhase, str], PluginPhase] = MappingProxyType(
    {
        (_P.STOPPED, "start"): _P.STARTING,
        (_P.STARTING, "launched"): _P.PROBING,
        (_P.STARTING, "ended"): _P.RESTARTING,
        (_P.STARTING, "gave up"): _P.FAILED,
        (_P.PROBING, "slow"): _P.PROBING,
        (_P.PROBING, "answered"): _P.READY,
        (_P.PROBING, "ended"): _P.RESTARTING,
        (_P.PROBING, "gave up"): _P.FAILED,
        (_P.READY, "probed"): _P.READY,
        (_P.READY, "ended"): _P.RESTARTING,
        (_P.RESTARTING, "waited"): _P.STARTING,
        (_P.FAILED, "waited"): _P.FAILED,
        (_P.FAILED, "launched"): _P.FAILED,
        (_P.FAILED, "slow"): _P.FAILED,
        (_P.FAILED, "answered"): _P.READY,
        (_P.FAILED, "gave up"): _P.FAILED,
        **{(phase, "stop"): _P.STOPPED for phase in _P},
    }
)
"""(phase, event) -> phase. What is not here is refused."""


@dataclass(frozen=True, slots=True)
class ContainerStatus:
    """How a container is, for operators. `restarts` counts its ends; `log` is the last that it printed, while
    it is not ready; `next_start` is when it is started again, in seconds since the epoch."""

    container_id: str
    services: tuple[str, ...]
    phase: PluginPhase = PluginPhase.STOPPED
    message: str = ""
    restarts: int = 0
    log: tuple[str, ...] = ()
    next_start: float | None = None


@dataclass(frozen=True, slots=True)
class LifeParts:
    """What a life works with. `clear` ends containers of this plugin that are not wanted any more: it comes
    before each launch, and raises ContainerFailed. `changed` is called after each change of the status.
    `known_as`: see `discovery.check`."""

    containers: PluginContainers
    client: ProbedClient
    secrets: SecretFiles
    clock: Clock
    random: random.Random
    clear: Callable[[], Awaitable[None]]
    changed: Callable[[], None]
    known_as: Callable[[], str | None]


class ContainerLife:
    """One container, from `run` until that is cancelled. `services`: those for which the plugin uses it."""

    def __init__(
        self, serving: ServingContainer, services: frozenset[Service], config: PluginConfig, parts: LifeParts
    ) -> None:
        self.serving = serving
        self.services = services
        self.described: Described | None = None
        """What it says of itself, once it was ready."""
        self.status = ContainerStatus(
            serving.container.id, tuple(sorted(each.value for each in serving.services))
        )
        self.config = config
        self._parts = parts
        self._id = serving.container.id
        self._socket = serving.socket_path
        self._hurried = asyncio.Event()
        self._liveness = Liveness(
            self._id,
            lambda wait: parts.client.probe(self._socket, wait),
            lambda: self.config,
            self._unwell,
        )
        self._hung = False
        """It is not to be kept, even if it should still run."""

    @property
    def is_ready(self) -> bool:
        return self.status.phase is PluginPhase.READY

    def goes_on_with(
        self, serving: ServingContainer, services: frozenset[Service], config: PluginConfig
    ) -> bool:
        """Whether its container can stay as it is under another configuration of the plugin."""
        return (serving, services, config.type) == (self.serving, self.services, self.config.type)

    async def run(self) -> None:
        """Keep it up until cancelled. Its container goes on running then. Raises what nobody foresaw."""
        backoff, vain = FIRST_BACKOFF, 0
        self._become("start")
        while True:
            ready_at: float | None = None
            unusable = False
            try:
                await self._launch()
                self._become("launched")
                ready_at, ended = await self._bring_up()
            except (ContainerFailed, PluginError, OSError) as error:
                ended = str(error)
            except Unusable as error:
                ended, unusable = str(error), True
                ended += await self._kill()
            vain = vain + 1 if ready_at is None else 0
            if ready_at is not None and self._parts.clock.monotonic() - ready_at >= STEADY_SECONDS:
                backoff = FIRST_BACKOFF
            failed = unusable or vain >= FAILED_AFTER
            backoff = MAX_BACKOFF if failed else backoff
            await self._wait(backoff, ended, failed)
            backoff = min(MAX_BACKOFF, backoff * 2)

    async def end(self) -> None:
        """End the container, and free what it holds. Raises ContainerFailed."""
        await end_container(self._parts.containers, self._id)

    def stop(self) -> None:
        """Say that nobody looks after it any more."""
        self._become("stop", next_start=None)

    def hurry(self) -> None:
        """Make the next attempt now, if one is waited for."""
        self._hurried.set()

    async def _wait(self, backoff: float, ended: str, failed: bool) -> None:
        """Show how it ended, and wait for the next attempt."""
        message = self._parts.secrets.scrub(ended)
        log.warning("plugin container %s: %s", self._id, message)
        pause = backoff * (0.5 + self._parts.random.random() / 2)
        self._become(
            "gave up" if failed or self.status.phase is PluginPhase.FAILED else "ended",
            message=message,
            restarts=self.status.restarts + 1,
            log=await self._last_lines(),
            next_start=self._parts.clock.now() + pause,
        )
        self._hurried.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._hurried.wait()
        self._become("waited", next_start=None)

    async def _launch(self) -> None:
        """One running container, configured as it should be."""
        wanted = self.serving.container
        await self._parts.clear()
        found = {each.id: each for each in await self._parts.containers.list(wanted.id)}.get(wanted.id)
        keep = found is not None and found.running and found.digest == wanted.digest and not self._hung
        if not keep:
            if found is not None:
                await self.end()
            _unlink(self._socket)
            await self._parts.containers.launch(wanted)
        self._hung = False
        self._parts.client.redial(self._socket)

    async def _bring_up(self) -> tuple[float | None, str]:
        """Probe and watch until the container ends, or the plugin hangs and the container is killed.

        Returns when it became ready (monotonic), and how it ended. Raises Unusable.
        """
        ended = asyncio.ensure_future(self._parts.containers.wait(self._id))
        probing = asyncio.ensure_future(self._probe())
        hanging: asyncio.Future[str] | None = None
        ready_at: float | None = None
        try:
            await asyncio.wait({ended, probing}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                described = probing.result()
                if described is None:
                    return None, await self._kill_hung(
                        f"killed: it did not answer within {self.config.probe_seconds:g} s of its start"
                    )
                self.described = described
                ready_at = self._parts.clock.monotonic()
                self._become("answered", message=remark(described, self.config), log=())
                hanging = asyncio.ensure_future(self._liveness.lost())
                await asyncio.wait({ended, hanging}, return_when=asyncio.FIRST_COMPLETED)
                if not ended.done():
                    return ready_at, await self._kill_hung(f"killed, {hanging.result()}")
            return ready_at, await ended
        finally:
            watching = [task for task in (probing, ended, hanging) if task is not None]
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

    async def _probe(self) -> Described | None:
        """What it says of itself, once it is ready; None when it did not answer in time. One that answers
        that it is not ready, or that refuses a question, is asked for as long as its container runs. One that
        takes longer to answer than was waited for is given twice as long the next time."""
        pause, limit, wait = FIRST_PROBE, self.config.probe_seconds, FIRST_PATIENCE
        began = answered = self._parts.clock.monotonic()
        slow_after = min(FIRST_WORD, limit)
        while True:
            try:
                if await self._parts.client.probe(self._socket, wait):
                    described = await self._parts.client.describe(self._socket, self.services, wait)
                    check(described, self.services, self.config, self._parts.known_as())
                    return described
                message, silent = "the plugin says that it is not ready", False
            except PluginError as error:
                message = str(error)
                silent = error.code in SILENT
                wait *= 2 if error.code == "DEADLINE_EXCEEDED" else 1
                self._parts.client.redial(self._socket)
            now = self._parts.clock.monotonic()
            if not silent:
                answered = now
            elif now - answered >= limit:
                return None
            wait = min(wait, max(FIRST_PATIENCE, limit - (now - answered)))
            if now - began >= slow_after:
                slow_after *= 2
                await self._slow(f"not ready after {now - began:.0f} s: {message}")
            await asyncio.sleep(pause)
            pause = min(MAX_PROBE, pause * 2)

    async def _slow(self, message: str) -> None:
        self._become("slow", message=self._parts.secrets.scrub(message), log=await self._last_lines())

    def _unwell(self, message: str) -> None:
        """What is wrong with a container that is up, or "" when it is well again."""
        assert self.described is not None
        self._become(
            "probed", message=self._parts.secrets.scrub(message) or remark(self.described, self.config)
        )

    async def _kill_hung(self, ended: str) -> str:
        """End the container, and with it the calls under way: nobody knows their outcome, so they are
        repeated. Should the end be slow or fail, the next launch sees to it."""
        return ended + await self._kill()

    async def _kill(self) -> str:
        """Returns what went wrong, in words that go behind others."""
        self._hung = True
        try:
            await self._parts.containers.kill(self._id)
        except ContainerFailed as error:
            return f"; {error}"
        return ""

    async def _last_lines(self) -> tuple[str, ...]:
        try:
            lines = await self._parts.containers.log(self._id, LOG_LINES)
        except ContainerFailed as error:
            return (f"(its log cannot be read: {error})",)
        self._parts.secrets.learn()  # an earlier life may have caused what it printed
        return tuple(_shown(self._parts.secrets.scrub(line)) for line in lines)

    def _become(self, event: str, **changed: object) -> None:
        phase = TRANSITIONS.get((self.status.phase, event))
        if phase is None:
            raise RuntimeError(f"a plugin container that is {self.status.phase} cannot take {event!r}")
        self.status = replace(self.status, phase=phase, **changed)  # type: ignore[arg-type]
        self._parts.changed()


def _shown(line: str) -> str:
    """A line of a log without what a terminal would obey, and not too long."""
    return "".join(each if each.isprintable() else " " for each in line[:LINE_CHARACTERS])


def _unlink(socket_path: str) -> None:
    """Remove the socket that an earlier plugin left, so that nobody dials into the void."""
    with contextlib.suppress(FileNotFoundError):
        Path(socket_path).unlink()
    Path(socket_path).parent.mkdir(parents=True, exist_ok=True)
