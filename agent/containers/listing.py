"""What containers there are on this agent, whoever they belong to, for those who look: GET_CONTAINERS.

It changes nothing. What cannot be measured is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from msgspec import UNSET

from agent.containerizer.interface import Containerizer, ContainerizerError, Exit, Statistics
from agent.containers.keeper import OperatorContainers
from agent.containers.paths import id_of, path_of
from agent.containers.record import ContainerRecord
from agent.containers.sizes import DiskSizes
from agent.containers.spec import MIB, image_of, words_of
from agent.executors.executors import Executors
from agent.executors.record import ExecutorRecord
from agent.executors.state import ExecutorPhase
from agent.providers.plugin_containers import PluginContainerKeeper
from agent.tasks.record import TaskRecord
from agent.tasks.state import TaskPhase
from agent.tasks.status import MAX_MESSAGE, describe_exit
from agent.tasks.tasks import Tasks
from api.model.clock import Clock
from api.wire.v1 import agent as wire
from api.wire.v1 import mesos

Container = wire.ResponseGetContainersContainer

MAX_COMMAND = 200
"""Characters of a command that are shown."""


class ContainerListing:
    """The containers of one agent."""

    def __init__(
        self,
        tasks: Tasks,
        executors: Executors,
        plugins: PluginContainerKeeper,
        containers: OperatorContainers,
        containerizer: Containerizer,
        clock: Clock,
    ) -> None:
        self._tasks = tasks
        self._executors = executors
        self._plugins = plugins
        self._containers = containers
        self._containerizer = containerizer
        self._clock = clock
        self._sizes = DiskSizes(clock)

    async def all(self, asked: wire.CallGetContainers) -> list[Container]:
        """The tasks' containers and what else is asked for, measured while they run."""
        found = self._of_frameworks(nested=asked.show_nested is True)
        if asked.show_standalone is True:
            found += [(each, _of_plugin(each)) for each in self._plugins.ids]
        for record in self._containers.records:
            wanted = asked.show_nested if len(record.path) > 1 else asked.show_standalone
            if wanted is True and (record.live or asked.show_ended is True):
                found.append((record.run_id, _of_operator(record)))
        running = [(run_id, each) for run_id, each in found if each.state == "RUNNING"]
        await asyncio.gather(*(self._measure(run_id, each) for run_id, each in running))
        return [each for _, each in found]

    def _of_frameworks(self, *, nested: bool) -> list[tuple[str, Container]]:
        """The containers of executors and of tasks without one; with `nested` also of groups' tasks."""
        found = [(each.container_id, _of_executor(each)) for each in self._executors.records]
        for record in self._tasks.records:
            has_own = record.executor_id is None or (nested and record.parent is not None)
            if has_own and not record.terminal:
                found.append((record.container_id, _of_task(record)))
        return found

    async def _measure(self, run_id: str, container: Container) -> None:
        try:
            measured = await self._containerizer.statistics(run_id)
        except (ContainerizerError, OSError):
            return  # it has just ended, or the host does not say
        statistics = container.resource_statistics = as_wire_statistics(measured, self._clock.now())
        sandbox = self._sandbox_of(container, run_id)
        used = None if sandbox is None else await self._sizes.sandbox(str(sandbox))
        if used is not None:
            statistics.disk_used_bytes = used
        await self._measure_disks(self._resources_of(container, run_id), statistics)

    def _sandbox_of(self, container: Container, run_id: str) -> Path | None:
        """Where it works; of a plugin nobody needs to know."""
        match container.kind:
            case "TASK" if (task := self._tasks.find_container(run_id)) is not None:
                return self._tasks.sandbox(task)
            case "EXECUTOR" if (executor := self._executors.find_container(run_id)) is not None:
                return self._executors.sandbox_of(executor.record)
            case "STANDALONE" | "NESTED":
                return self._containers.sandbox(path_of(container.container_id))
        return None

    def _resources_of(self, container: Container, run_id: str) -> Sequence[mesos.Resource]:
        """What it was given."""
        match container.kind:
            case "TASK" if (task := self._tasks.find_container(run_id)) is not None:
                return task.info.resources
            case "EXECUTOR" if (executor := self._executors.find_container(run_id)) is not None:
                return executor.record.info.resources
            case "STANDALONE" | "NESTED":
                found = self._containers.find(path_of(container.container_id))
                return () if found is None else found.call.resources
        return ()

    async def _measure_disks(
        self, resources: Sequence[mesos.Resource], statistics: mesos.ResourceStatistics
    ) -> None:
        """What it was given of the agent's disk, and each of its volumes."""
        for resource in resources:
            if resource.name != "disk" or resource.scalar is UNSET:
                continue
            size = int(resource.scalar.value * MIB)
            disk = resource.disk
            if disk is UNSET:
                statistics.disk_limit_bytes = size
                continue
            shown = mesos.DiskStatistics(source=disk.source, persistence=disk.persistence, limit_bytes=size)
            if (
                disk.source is not UNSET
                and disk.source.mount is not UNSET
                and disk.source.mount.root is not UNSET
            ):
                fill = await self._sizes.volume(disk.source.mount.root)
                if fill is not None:
                    shown.limit_bytes, shown.used_bytes = fill.size, fill.used
            statistics.disk_statistics.append(shown)


def as_wire_exit(ended: Exit) -> wire.ResponseWaitContainer:
    """How a container ended, as WAIT_CONTAINER says it. `exit_status` is as wait(2) has it."""
    answer = wire.ResponseWaitContainer(message=describe_exit(ended)[:MAX_MESSAGE])
    if ended.status is not None:
        answer.exit_status = ended.signal if ended.signal else ended.status << 8
    finished = ended.status == 0
    answer.state = mesos.TaskState.TASK_FINISHED if finished else mesos.TaskState.TASK_FAILED
    if ended.oom or ended.limitation == "memory":
        answer.reason = mesos.TaskStatusReason.REASON_CONTAINER_LIMITATION_MEMORY
    elif ended.limitation == "disk":
        answer.reason = mesos.TaskStatusReason.REASON_CONTAINER_LIMITATION_DISK
    return answer


def as_wire_statistics(measured: Statistics, now: float) -> mesos.ResourceStatistics:
    """`now` in seconds since the epoch. What is not known is left out."""
    found = mesos.ResourceStatistics(timestamp=now)
    for name, value in (
        ("cpus_user_time_secs", measured.cpu_user_seconds),
        ("cpus_system_time_secs", measured.cpu_system_seconds),
        ("cpus_limit", measured.cpus_limit),
        ("cpus_nr_periods", measured.periods),
        ("cpus_nr_throttled", measured.throttled_periods),
        ("cpus_throttled_time_secs", measured.throttled_seconds),
        ("mem_rss_bytes", measured.memory_rss),
        ("mem_total_bytes", measured.memory_total),
        ("mem_limit_bytes", measured.memory_limit),
        ("processes", measured.processes),
        ("threads", measured.threads),
    ):
        if value is not None:
            setattr(found, name, value)
    return found


def _of_task(record: TaskRecord) -> Container:
    container_id = mesos.ContainerID(value=record.container_id)
    if record.parent is not None:
        container_id.parent = mesos.ContainerID(value=record.parent)
    return Container(
        framework_id=mesos.FrameworkID(value=record.framework_id),
        executor_id=mesos.ExecutorID(value=record.executor_id or record.info.task_id.value),
        executor_name=record.info.name,
        task_id=record.info.task_id,
        container_id=container_id,
        container_status=_status(container_id, record.pid),
        kind="TASK",
        state="LAUNCHING" if record.phase in (TaskPhase.RECEIVED, TaskPhase.STARTING) else "RUNNING",
        created=record.received_at,
    )


def _of_executor(record: ExecutorRecord) -> Container:
    container_id = mesos.ContainerID(value=record.container_id)
    return Container(
        framework_id=mesos.FrameworkID(value=record.framework_id),
        executor_id=record.info.executor_id,
        executor_name=record.info.name,
        container_id=container_id,
        container_status=_status(container_id, None),
        kind="EXECUTOR",
        state="LAUNCHING" if record.phase is ExecutorPhase.LAUNCHING else "RUNNING",
        created=record.received_at,
    )


def _of_plugin(container_id: str) -> Container:
    return Container(container_id=mesos.ContainerID(value=container_id), kind="PLUGIN", state="RUNNING")


def _of_operator(record: ContainerRecord) -> Container:
    container_id = id_of(record.path)
    image = image_of(record.call)
    return Container(
        container_id=container_id,
        container_status=_status(container_id, record.pid),
        kind="STANDALONE" if len(record.path) == 1 else "NESTED",
        state=record.phase.value,
        exit=UNSET if record.ended is None else as_wire_exit(record.ended),
        created=record.created_at,
        message=UNSET if record.doing is None else record.doing,
        command=words_of(record.call)[:MAX_COMMAND] or UNSET,
        image=UNSET if image is None else image,
    )


def _status(container_id: mesos.ContainerID, pid: int | None) -> mesos.ContainerStatus:
    status = mesos.ContainerStatus(container_id=container_id)
    if pid is not None:
        status.executor_pid = pid
    return status
