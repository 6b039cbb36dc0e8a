"""The images that are about to be used, though no container and no launch has them yet: by name, with who
wants them.

A task is known from its arrival, and may wait for its volumes and its files before it looks for its image; a
plugin is without a container for a moment whenever it is started anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from msgspec import UNSET

from agent.containers.record import ContainerRecord
from agent.containers.state import ContainerPhase
from agent.executors.record import ExecutorRecord
from agent.executors.state import ExecutorPhase
from agent.images.asked import image_in
from agent.tasks.record import TaskRecord
from agent.tasks.state import TaskPhase
from api.wire.v1 import mesos

BEFORE_RUNNING = (TaskPhase.RECEIVED, TaskPhase.STARTING)


@dataclass(frozen=True, slots=True)
class Pending:
    """Asked each time an image is judged. The sources give what there is at that moment."""

    tasks: Callable[[], Iterable[TaskRecord]]
    executors: Callable[[], Iterable[ExecutorRecord]]
    containers: Callable[[], Iterable[ContainerRecord]]
    providers: Callable[[], Iterable[mesos.ResourceProviderInfo]]

    def __call__(self) -> Mapping[str, str]:
        """Who wants an image, by its name as it was written."""
        found: dict[str, str] = {}
        for task in self.tasks():
            if task.phase in BEFORE_RUNNING and (name := image_in(task.info.container)):
                found[name] = f"task {task.info.task_id.value} waits to start"
        for executor in self.executors():
            if executor.phase is ExecutorPhase.LAUNCHING and (name := image_in(executor.info.container)):
                found[name] = f"executor {executor.executor_id} waits to start"
        for container in self.containers():
            if container.phase is ContainerPhase.LAUNCHING and (name := image_in(container.call.container)):
                found[name] = f"container {container.key} waits to start"
        for provider in self.providers():
            for name in _images_of(provider):
                found[name] = f"provider {provider.name} has it for its plugin"
        return found


def _images_of(provider: mesos.ResourceProviderInfo) -> Iterable[str]:
    if provider.storage is UNSET:
        return ()
    containers = (each.container for each in provider.storage.plugin.containers)
    return [name for container in containers if (name := image_in(container))]
