"""A host in memory: containers that outlive the agent, one of them the plugin's, and its mounts.

Implements the containerizer's port on the agent tests' model; adds virtual durations, faults of the
runtime and reboots. The kernel's own view, which the invariants compare with everybody's books.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable

from agent.containerizer.interface import (
    ContainerizerError,
    ContainerSpec,
    ContainerState,
    Exit,
    LaunchError,
    Progress,
    Who,
)
from api.model.clock import Clock
from tests.agent.model_containerizer import Host, ModelContainerizer
from tests.simulation.loop import Process, VirtualLoop
from tests.simulation.trace import Trace

SLEEP = re.compile(r"sleep (\d+)")
STATUS = re.compile(r"return (\d+)$")
CUSTOM = "./custom-executor"
PLUGIN_LABEL = "orlop.plugin.config"


class SimHost(Host):
    """What survives the agent. `faulty` says whether the runtime may fail now."""

    def __init__(
        self,
        loop: VirtualLoop,
        name: str,
        clock: Clock,
        rng: random.Random,
        trace: Trace,
        faulty: Callable[[], bool],
    ) -> None:
        super().__init__(clock)
        self.name = name
        self.rng = rng
        self.trace = trace
        self.faulty = faulty
        self.boot = 1
        self.kernel = Process(loop, f"{name}-kernel")
        self.plugin_started: Callable[[], None] = lambda: None
        self.plugin_ended: Callable[[], None] = lambda: None
        self.volume_used: Callable[[str, str], None] = lambda path, container_id: None
        self.tasks_started: dict[tuple[str, str], list[str]] = {}
        """Which containers were really started for a task: never more than one."""
        self.executors_started = 0
        self.executor_started: Callable[[str, ContainerSpec], None] = lambda container_id, spec: None
        self.executor_ended: Callable[[str], None] = lambda container_id: None
        self.custom_executors: set[str] = set()
        """Running containers of executors that are programs of their own."""
        self.late: dict[str, dict[str, str]] = {}
        """What was brought into containers that ran, by target."""
        self._seen: set[str] = set()
        self._plugin: str | None = None

    @property
    def boot_id(self) -> str:
        return f"{self.name}-boot-{self.boot}"

    def users_of(self, path: str) -> list[str]:
        """Running containers that have `path` bound in."""
        return sorted(
            container_id
            for container_id, container in self.containers.items()
            if container.exit is None
            and (
                any(bind.source == path for bind in container.spec.binds)
                or path in self.late.get(container_id, {}).values()
            )
        )

    @property
    def plugin_container(self) -> str | None:
        """The id of the plugin's running container."""
        return self._plugin

    def notify(self) -> None:
        """Something about the containers is different: take notice of what started and what ended."""
        self._seen.intersection_update(self.containers)
        for container_id, container in self.containers.items():
            if container_id not in self._seen:
                self._seen.add(container_id)
                self.kernel.call(self._started, container_id, container.spec)
        plugin = self._plugin
        if plugin is not None and (plugin not in self.containers or self.containers[plugin].exit is not None):
            self._plugin = None
            self.kernel.call(self.plugin_ended)
        for each in sorted(self.custom_executors):
            if each not in self.containers or self.containers[each].exit is not None:
                self.custom_executors.discard(each)
                self.kernel.call(self.executor_ended, each)
        super().notify()

    def _started(self, container_id: str, spec: ContainerSpec) -> None:
        if PLUGIN_LABEL in spec.labels:
            self.trace.require(self._plugin is None, "two plugin containers run at once")
            self._plugin = container_id
            self.trace.note(self.name, f"plugin container {container_id} starts")
            self.plugin_started()
            return
        if "orlop.executor" in spec.labels:
            self._executor_started(container_id, spec)
            return
        key = (spec.labels["orlop.framework"], spec.labels["orlop.task"])
        self.trace.note(self.name, f"container {container_id} of task {key[1]} starts")
        started = self.tasks_started.setdefault(key, [])
        started.append(container_id)
        self.trace.require(len(started) == 1, f"task {key} was started {len(started)} times: {started}")
        for bind in spec.binds:
            self.volume_used(bind.source, container_id)
        command = " ".join(spec.argv)
        sleep, status = SLEEP.search(command), STATUS.search(command)
        if sleep is not None:
            self.kernel.later(float(sleep[1]), self._ends, container_id, int(status[1]) if status else 0)

    def _executor_started(self, container_id: str, spec: ContainerSpec) -> None:
        """One after another of a name; it waits for its tasks."""
        names = [(each, spec.labels[each]) for each in ("orlop.framework", "orlop.executor")]
        alike = [
            other
            for other, container in self.containers.items()
            if container.exit is None and all(container.spec.labels.get(k) == v for k, v in names)
        ]
        self.trace.require(alike == [container_id], f"executor {names[1][1]} runs in {alike}")
        self.trace.note(self.name, f"container {container_id} of executor {names[1][1]} starts")
        self.executors_started += 1
        for bind in spec.binds:
            self.volume_used(bind.source, container_id)
        if CUSTOM in " ".join(spec.argv):
            self.custom_executors.add(container_id)
            self.executor_started(container_id, spec)

    def _ends(self, container_id: str, status: int) -> None:
        if container_id in self.containers:
            self.end(container_id, status)

    def end(
        self, container_id: str, status: int | None, signal: int | None = None, oom: bool = False
    ) -> None:
        if container_id in self.containers and self.containers[container_id].exit is None:
            self.trace.note(self.name, f"container {container_id} ends with {status}")
        super().end(container_id, status, signal, oom)

    def reboot(self) -> None:
        """All containers and mounts are gone."""
        self.boot += 1
        self.trace.note(self.name, "reboots")
        for container_id in sorted(self.containers):
            del self.containers[container_id]
        self.notify()


class SimContainerizer(ModelContainerizer):
    """A containerizer whose runtime is slow and now and then fails, before or after it has acted."""

    def __init__(self, host: SimHost) -> None:
        super().__init__(host)
        self._sim = host

    async def _runtime(self) -> None:
        await asyncio.sleep(self._sim.rng.choice((0.001, 0.01, 0.05, 0.3)))

    def _fails(self) -> bool:
        return self._sim.faulty() and self._sim.rng.random() < 0.03

    async def launch(self, spec: ContainerSpec, progress: Progress | None = None) -> ContainerState:
        await self._runtime()
        if self._fails():
            raise LaunchError("the runtime timed out before it acted", Who.RETRY)
        state = await super().launch(spec)
        if self._fails():
            raise LaunchError("the runtime timed out after it acted", Who.RETRY)
        return state

    async def wait(self, container_id: str) -> Exit:
        ended = await super().wait(container_id)
        await self._runtime()
        return ended

    async def kill(
        self, container_id: str, grace_period: float | None = None, signal: int | None = None
    ) -> None:
        await self._runtime()
        if self._fails():
            raise ContainerizerError("the runtime timed out", Who.RETRY)
        await super().kill(container_id, grace_period, signal)

    async def remove(self, container_id: str) -> None:
        await self._runtime()
        if self._fails():
            raise ContainerizerError("the runtime timed out", Who.RETRY)
        await super().remove(container_id)
        self._sim.notify()
