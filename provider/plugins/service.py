"""One plugin: its containers kept up, its calls let through, its configuration changed while it is in use.

Each container has a life of its own (`container_life`); the plugin is ready when all that it needs are. Calls
come through here: each waits for the container that serves it, then for its turn (`slots`), and is made once.
No volumes and no operations here; which calls are made to a plugin that is up is others' business.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from api.model.clock import Clock
from provider.calls import PluginError, PluginFacts, Request
from provider.observer import Observer
from provider.plugins.call import Call
from provider.plugins.config import PluginConfig, Service, ServingContainer
from provider.plugins.container_life import (
    TRANSITIONS,
    ContainerLife,
    ContainerStatus,
    LifeParts,
    PluginPhase,
    ProbedClient,
)
from provider.plugins.containers import ContainerFailed, PluginContainers, end_container
from provider.plugins.discovery import Assessed, Described, assess, facts_of
from provider.plugins.methods import METHODS, service_of
from provider.plugins.secrets import SecretFiles
from provider.plugins.slots import CallSlots

if TYPE_CHECKING:
    import random  # noqa: TID251 - only its type

__all__ = ["TRANSITIONS", "PluginConfig", "PluginPhase", "PluginService", "PluginStatus", "ProbedClient"]

log = logging.getLogger(__name__)
T = TypeVar("T")

WORST_FIRST = (
    PluginPhase.FAILED,
    PluginPhase.RESTARTING,
    PluginPhase.STARTING,
    PluginPhase.PROBING,
    PluginPhase.STOPPED,
    PluginPhase.READY,
)
"""A plugin is as its worst container is."""


@dataclass(frozen=True, slots=True)
class PluginStatus:
    """How the plugin is, for operators. `restarts` counts the ends of its containers; `next_start` is in
    seconds since the epoch. `calls_limit` calls may be under way at once just now, `calls_waiting` wait."""

    phase: PluginPhase = PluginPhase.STOPPED
    message: str = ""
    restarts: int = 0
    facts: PluginFacts | None = None
    containers: tuple[ContainerStatus, ...] = ()
    capabilities: tuple[Assessed, ...] = ()
    calls_in_flight: int = 0
    calls_limit: int = 0
    next_start: float | None = None
    calls_waiting: int = 0


class PluginService:
    """One plugin. `on_ready` is called with its facts each time all of it has come up, `on_status` after each
    change of a container's state. `secrets` are those that `client` sends."""

    def __init__(
        self,
        config: PluginConfig,
        containers: PluginContainers,
        client: ProbedClient,
        clock: Clock,
        random: random.Random,
        on_ready: Callable[[PluginFacts], None],
        on_status: Callable[[PluginStatus], None] = lambda status: None,
        secrets: SecretFiles | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.config = config
        self.secrets = secrets or SecretFiles()
        self._client = client
        self._clock = clock
        self._containers = containers
        self._observer = observer or Observer()
        self._on_ready = on_ready
        self._on_status = on_status
        self._parts = LifeParts(
            containers,
            client,
            self.secrets,
            clock,
            random,
            self._clear,
            self._life_changed,
            lambda: self.known_as(),
        )
        self.known_as: Callable[[], str | None] = lambda: None
        """What the plugin is called that looks after the volumes; set before `start` by who knows."""
        self._slots = CallSlots(config.max_concurrent_calls, clock)
        self._lives: dict[str, ContainerLife] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._gates = {service: asyncio.Event() for service in Service}
        self._whole = asyncio.Event()
        self._stopped: asyncio.Future[None] | None = None
        self._changing = asyncio.Lock()
        self._changes: set[asyncio.Future[None]] = set()
        self._draining = ""
        self._facts: PluginFacts | None = None
        self._assessed: tuple[Assessed, ...] = ()
        self._past_restarts = 0
        self._adopt(config)

    @property
    def status(self) -> PluginStatus:
        """How it is now."""
        containers = tuple(life.status for life in self._lives.values())
        worst = min(containers, key=lambda each: WORST_FIRST.index(each.phase))
        where = f"container {worst.container_id}: " if len(containers) > 1 else ""
        return PluginStatus(
            worst.phase,
            self._draining or (f"{where}{worst.message}" if worst.message else ""),
            self._past_restarts + sum(each.restarts for each in containers),
            self._facts,
            containers,
            self._assessed,
            self._slots.in_flight,
            self._slots.limit,
            worst.next_start,
            self._slots.waiting,
        )

    async def start(self) -> None:
        """Begin to bring the plugin up; returns at once."""
        if self._stopped is None:
            self._stopped = asyncio.get_running_loop().create_future()
            for life in self._lives.values():
                self._begin(life)

    async def stop(self) -> None:
        """Stop looking after it. The containers go on running; a change under way is given up."""
        changes = list(self._changes)
        for change in changes:
            change.cancel()
        await asyncio.gather(*changes, return_exceptions=True)
        await self._end_lives(list(self._lives))
        if self._stopped is not None and not self._stopped.done():
            self._stopped.set_result(None)
        self._stopped = None
        await self._client.close()

    async def watch(self) -> None:
        """Returns once it was stopped. Raises what nobody foresaw, a failed store above all: the plugin is
        looked after no more then, so the host has to end and start again."""
        if self._stopped is not None:
            await asyncio.shield(self._stopped)

    async def shut_down(self) -> None:
        """Stop, and end the plugin's containers as well. Raises ContainerFailed."""
        await self.stop()
        for found in await self._containers.list(self.config.prefix):
            await end_container(self._containers, found.id)

    def hurry(self) -> None:
        """Start now what waits to be started again."""
        for life in self._lives.values():
            life.hurry()

    async def ready(self) -> PluginFacts:
        """Wait until all of the plugin is up. For ever if need be: cancel to give up."""
        while self._facts is None or not self._whole.is_set():
            await self._whole.wait()
        return self._facts

    async def call(self, request: Request[T]) -> T:
        """Make a call when the plugin is up and it is this call's turn. Raises PluginError. Cancelling one
        that was made leaves its outcome unknown."""
        gate = self._gates[service_of(METHODS[type(request)])]
        call = Call(request, self._client, self._slots, self._clock, gate)
        asked = call.began
        try:
            await call.made()
            self._observer.call_waited(call.method, call.began - asked)
            answer = await call.answer()
        except PluginError as error:
            self._ended(call, error.code)
            raise
        except BaseException:  # it was given up
            call.give_up()
            raise
        self._ended(call, "OK")
        return answer

    async def reconfigure(self, config: PluginConfig) -> None:
        """Go on with another configuration; the same one changes nothing.

        New calls wait, those under way have `drain_seconds` to end, and the containers that are configured
        otherwise are ended and started anew; volumes stay published all the while. Returns when the new ones
        are being started: `ready` waits for them, and should they never be, `status` says why.
        """
        if config.prefix != self.config.prefix:
            raise ValueError(
                f"a plugin's containers are {self.config.prefix}*: {config.prefix!r} is another's"
            )
        change = asyncio.ensure_future(self._change(config))
        self._changes.add(change)
        change.add_done_callback(self._changes.discard)
        await asyncio.shield(change)  # half a change would leave a container that nobody looks after

    async def _change(self, config: PluginConfig) -> None:
        async with self._changing:
            if config == self.config:
                return
            ending = self._affected(config)
            try:
                if ending and self._stopped is not None:
                    await self._drain(config.drain_seconds)
                    await self._end_lives(ending)
                    for container_id in ending:
                        with contextlib.suppress(ContainerFailed):  # the next launch sees to it
                            await end_container(self._containers, container_id)
                self._adopt(config)
            finally:
                self._draining = ""
                self._life_changed()

    # The parts

    def _adopt(self, config: PluginConfig) -> None:
        """Make it so: lives for the new containers, none for those that are gone."""
        self.config = config
        self.secrets.of_plugin(config.secrets)
        self._client.connect(config)
        self._slots.resize(config.max_concurrent_calls)
        lives: dict[str, ContainerLife] = {}
        for each in config.containers:
            known = self._lives.get(each.container.id)
            if known is not None and known.goes_on_with(each, _used(config, each), config):
                known.config = config
                lives[each.container.id] = known
            else:
                lives[each.container.id] = ContainerLife(each, _used(config, each), config, self._parts)
        self._past_restarts += sum(
            life.status.restarts for life in self._lives.values() if life not in lives.values()
        )
        self._lives = lives
        if self._stopped is not None:
            for life in lives.values():
                self._begin(life)

    def _affected(self, config: PluginConfig) -> list[str]:
        """The ids of the containers that do not go on as they are."""
        wanted = {each.container.id: each for each in config.containers}
        return [
            name
            for name, life in self._lives.items()
            if name not in wanted or not life.goes_on_with(wanted[name], _used(config, wanted[name]), config)
        ]

    def _begin(self, life: ContainerLife) -> None:
        name = life.status.container_id
        if name not in self._tasks:
            task = asyncio.create_task(life.run(), name=f"plugin-{name}")
            self._tasks[name] = task
            task.add_done_callback(self._life_ended)

    def _life_ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or self._stopped is None or self._stopped.done():
            return
        error = task.exception()
        if error is not None:
            self._stopped.set_exception(error)

    async def _end_lives(self, names: list[str]) -> None:
        """Look after these containers no more; they go on running."""
        tasks = {name: self._tasks.pop(name) for name in names if name in self._tasks}
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)  # how it failed, `watch` tells
        for name in tasks:
            self._lives[name].stop()

    async def _clear(self) -> None:
        """End what an earlier life or configuration left and nobody wants. Raises ContainerFailed."""
        wanted = {each.container.id for each in self.config.containers}
        for found in await self._containers.list(self.config.prefix):
            if found.id not in wanted:
                await end_container(self._containers, found.id)

    # Who may call

    def _ended(self, call: Call[T], code: str) -> None:
        call.ended(code)
        self._observer.call_ended(call.method, code, self._clock.monotonic() - call.began)

    async def _drain(self, seconds: float) -> None:
        self._draining = "its configuration changed: new calls wait until those under way have ended"
        self._refresh()
        self._on_status(self.status)
        try:
            async with asyncio.timeout(seconds):
                await self._slots.idle()
        except TimeoutError:
            log.warning("plugin %s: %d calls go on: they are lost", self.config.prefix, self._slots.in_flight)

    def _life_changed(self) -> None:
        was_whole = self._whole.is_set()
        self._refresh()
        if self._whole.is_set() and not was_whole and self._facts is not None:
            self._on_ready(self._facts)
        self._on_status(self.status)

    def _refresh(self) -> None:
        """Open the gates of what is up, and shut the others."""
        up = {each: life for each, life in self._serving().items() if life.is_ready}
        whole = len(up) == len(self._serving()) and not self._draining
        if whole:
            parts = {each: life.described for each, life in up.items() if life.described is not None}
            self._learn(parts)
        for service, gate in self._gates.items():
            is_open = not self._draining and self._facts is not None and self._is_up(service, up)
            _set(gate, is_open)
        _set(self._whole, whole)

    def _is_up(self, service: Service, up: Mapping[Service, ContainerLife]) -> bool:
        """A service that no container serves is as good as up: the call is refused with what to do."""
        return service in up or self.config.serving(service) is None

    def _learn(self, parts: Mapping[Service, Described]) -> None:
        self._facts = facts_of(parts)
        self._assessed = assess(parts)

    def _serving(self) -> dict[Service, ContainerLife]:
        found = {service: self.config.serving(service) for service in Service}
        return {
            service: self._lives[each.container.id] for service, each in found.items() if each is not None
        }


def _used(config: PluginConfig, container: ServingContainer) -> frozenset[Service]:
    """The services for which the plugin uses this container: those that no earlier one lists."""
    return frozenset(each for each in Service if config.serving(each) == container)


def _set(event: asyncio.Event, is_set: bool) -> None:
    if is_set:
        event.set()
    else:
        event.clear()
