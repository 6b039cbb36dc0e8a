"""The HTTP side of containers, put together: calls, streams, and the lists that older tools read.

What a call means is `agent.containers.calls`'; which requests come here is `agent.operator_api`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, to_builtins

from agent.containerizer.interface import Containerizer
from agent.containers.calls import ContainerCalls
from agent.containers.hosted import HostedContainers
from agent.containers.keeper import OperatorContainers
from agent.containers.listing import Container, ContainerListing
from agent.containers.streams import ContainerStreams, StreamParts
from agent.executors.executors import Executors
from agent.providers.plugin_containers import PluginContainerKeeper
from agent.sandboxes.sandbox import Sandboxes
from agent.tasks.tasks import Tasks
from api.model.clock import Clock
from api.wire.v1 import agent as wire

CONTAINERS = "/containers"
STATISTICS = "/monitor/statistics"


class ContainerEdge:
    """All that an agent's HTTP API says and does about containers."""

    def __init__(
        self,
        containers: OperatorContainers,
        tasks: Tasks,
        executors: Executors,
        plugins: PluginContainerKeeper,
        containerizer: Containerizer,
        sandboxes: Sandboxes,
        clock: Clock,
    ) -> None:
        hosted = HostedContainers(tasks, executors, plugins)
        containers.connect(hosted)
        self._listing = ContainerListing(tasks, executors, plugins, containers, containerizer, clock)
        self.calls = ContainerCalls(containers, hosted, containerizer, self._listing)
        self.streams = ContainerStreams(StreamParts(containers, hosted, containerizer, self.calls, sandboxes))

    async def older_list(self, path: str, query: Mapping[str, str]) -> list[dict[str, Any]] | None:
        """What GET /containers and GET /monitor/statistics answer; None for another path.

        Executors' containers, and tasks' that have no executor; to the first, the query adds others with
        show_nested=true and show_standalone=true. A container_id leaves out all but that one.
        """
        if path not in (CONTAINERS, STATISTICS):
            return None
        asked = wire.CallGetContainers()
        if path == CONTAINERS:
            asked.show_nested = query.get("show_nested") == "true"
            asked.show_standalone = query.get("show_standalone") == "true"
        wanted = query.get("container_id")
        found = await self._listing.all(asked)
        return [_older(each) for each in found if wanted is None or each.container_id.value == wanted]


def _older(container: Container) -> dict[str, Any]:
    name = container.executor_name
    return {
        "container_id": container.container_id.value,
        "executor_id": "" if container.executor_id is UNSET else container.executor_id.value,
        "executor_name": "" if name is UNSET else name,
        "framework_id": "" if container.framework_id is UNSET else container.framework_id.value,
        "source": "" if container.executor_id is UNSET else container.executor_id.value,
        "statistics": {}
        if container.resource_statistics is UNSET
        else to_builtins(container.resource_statistics),
        "status": {} if container.container_status is UNSET else to_builtins(container.container_status),
    }
