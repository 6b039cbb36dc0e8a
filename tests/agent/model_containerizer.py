"""A containerizer in memory: containers outlive the agent, and end when the test or a script says so.

Implements `agent.containerizer.interface.Containerizer`. `Host` is what survives the agent: make
a new `ModelContainerizer` on it after a crash. No process is started.

A container whose command is `/bin/sh -c "exit N"` ends at once with N; `sleep` commands run until
they are killed or `Host.end` is called; anything else runs until `Host.end`.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from signal import SIGKILL

from agent.containerizer.interface import (
    ContainerInput,
    ContainerizerError,
    ContainerSpec,
    ContainerState,
    Exit,
    Isolation,
    LaunchError,
    Limits,
    Progress,
    Statistics,
    UnknownContainer,
    Who,
)
from api.model.clock import Clock

EXIT = re.compile(r"exit (\d+)")


@dataclass
class _Container:
    spec: ContainerSpec
    pid: int
    started_at: float
    exit: Exit | None = None
    kills: list[float | int] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)
    input: _Input = field(default_factory=lambda: _Input())


@dataclass
class _Input:
    """Keeps what was written."""

    data: bytes = b""
    closed: bool = False
    size: tuple[int, int] | None = None

    async def write(self, data: bytes) -> None:
        if self.closed:
            raise ContainerizerError("the input is closed", Who.REQUEST)
        self.data += data

    async def close(self) -> None:
        self.closed = True

    async def resize(self, rows: int, columns: int) -> None:
        if self.size is None:
            raise ContainerizerError("it has no terminal", Who.REQUEST)
        self.size = rows, columns


class Host:
    """The machine that the containers live on."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.containers: dict[str, _Container] = {}
        self.launched: list[str] = []
        """Ids in the order in which containers really started: a repeat does not count."""
        self.nested: set[str] = set()
        """Those of them that were started in another one."""
        self.refusal: LaunchError | None = None
        """When set, every launch fails with it."""
        self.slow: str | None = None
        """When set, launches do not come to an end, and say this of their progress unless it is empty."""
        self.ignores_term = False
        """Whether only SIGKILL ends containers."""
        self.changed = asyncio.Event()

    def end(
        self, container_id: str, status: int | None, signal: int | None = None, oom: bool = False
    ) -> None:
        """The container's main process ends now."""
        container = self.containers[container_id]
        if container.exit is None:
            text = f"ended by signal {signal}" if signal else ""
            container.exit = Exit(status, signal, oom, text, self.clock.now())
            for child_id, child in self.containers.items():
                if child.spec.parent == container_id:
                    self.end(child_id, 137, 9)
            self.notify()

    def vanish(self, container_id: str) -> None:
        """The container is gone without a trace, as after a restart of the host."""
        del self.containers[container_id]
        self.notify()

    def require_running(self, spec: ContainerSpec) -> None:
        """Raises LaunchError unless the spec's parent, if it has one, runs."""
        if spec.parent is not None and spec.parent not in self.running:
            raise LaunchError(f"container {spec.id}: its parent {spec.parent} does not run", Who.REQUEST)

    @property
    def running(self) -> list[str]:
        return sorted(c for c, container in self.containers.items() if container.exit is None)

    def notify(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


class ModelContainerizer:
    """A `Containerizer` over a `Host`."""

    name = "model"

    def __init__(self, host: Host) -> None:
        self._host = host

    @property
    def isolation(self) -> Isolation:
        return Isolation(volumes=True, memory_limit=True, cpu_limit=True, images=True)

    async def start(self) -> None:
        await asyncio.sleep(0)

    async def close(self) -> None:
        await asyncio.sleep(0)

    async def launch(self, spec: ContainerSpec, progress: Progress | None = None) -> ContainerState:
        await asyncio.sleep(0)
        host = self._host
        if spec.id not in host.containers:
            host.require_running(spec)
            while host.slow is not None:
                if progress is not None and host.slow:
                    progress(host.slow)
                await host.changed.wait()
            if host.refusal is not None:
                raise host.refusal
            host.launched.append(spec.id)
            if spec.parent is not None:
                host.nested.add(spec.id)
            host.containers[spec.id] = _Container(
                spec, pid=1000 + len(host.launched), started_at=host.clock.now()
            )
            if (found := EXIT.search(" ".join(spec.argv))) is not None:
                host.end(spec.id, int(found[1]))
            host.notify()
        await asyncio.sleep(0)
        return self._state(spec.id)

    async def wait(self, container_id: str) -> Exit:
        while True:
            changed = self._host.changed
            container = self._known(container_id)
            if container.exit is not None:
                return container.exit
            await changed.wait()

    async def kill(
        self, container_id: str, grace_period: float | None = None, signal: int | None = None
    ) -> None:
        container = self._known(container_id)
        await asyncio.sleep(0)
        grace = container.spec.grace_period if grace_period is None else grace_period
        container.kills.append(grace if signal is None else signal)
        if signal == SIGKILL:
            self._host.end(container_id, 137, 9)
        if container.exit is not None or signal is not None:
            return
        if self._host.ignores_term:
            asyncio.get_running_loop().call_later(grace, self._host.end, container_id, 137, 9)
        else:
            self._host.end(container_id, 143, 15)

    async def remove(self, container_id: str) -> None:
        await asyncio.sleep(0)
        container = self._host.containers.get(container_id)
        if container is not None and container.exit is None:
            raise ContainerizerError(f"{container_id} runs: kill it first", Who.REQUEST)
        self._host.containers.pop(container_id, None)

    async def list(self) -> list[ContainerState]:
        await asyncio.sleep(0)
        return [self._state(container_id) for container_id in sorted(self._host.containers)]

    async def statistics(self, container_id: str) -> Statistics:
        running = self._known(container_id).exit is None
        return Statistics(memory_total=1 << 20, processes=1) if running else Statistics()

    async def input(self, container_id: str) -> ContainerInput:
        container = self._known(container_id)
        if not container.spec.stdin:
            raise ContainerizerError(f"container {container_id} has no input", Who.REQUEST)
        return container.input

    async def update(self, container_id: str, limits: Limits) -> None:
        self._known(container_id).limits = limits

    def _known(self, container_id: str) -> _Container:
        try:
            return self._host.containers[container_id]
        except KeyError:
            raise UnknownContainer(container_id) from None

    def _state(self, container_id: str) -> ContainerState:
        container = self._known(container_id)
        running = container.exit is None
        return ContainerState(
            container_id,
            running,
            container.pid if running else None,
            container.exit,
            dict(container.spec.labels),
            container.spec.parent,
            container.started_at,
        )
