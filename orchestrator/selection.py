"""The part of the state that concerns some frameworks or some agents: for subscribers who want no more.

It is made as whole answers are: in steps, and complete at the moment when no step is left. Only what is
selected is looked at, not all that there is. It changes nothing and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api.wire.content import MediaType
from api.wire.fragments import empty
from api.wire.message import Message
from api.wire.v1 import master
from orchestrator.assembly import Repeated, Single, extended, joined
from orchestrator.buckets import Buckets
from orchestrator.kinds import Kinds
from orchestrator.state import ClusterState, Executor, Task
from orchestrator.subjects import Filter, concerned

Selected = list[tuple[Buckets[Any, Any], list[Any]]]
"""Keys of what is selected, by kind."""


class Selection:
    """What one filter selects of GET_STATE. A framework or an agent that is not known selects nothing."""

    def __init__(self, wanted: Filter, state: ClusterState, kinds: Kinds) -> None:
        self._wanted = wanted
        self._state = state
        self._kinds = kinds

    def steps(self, media_type: MediaType) -> Iterator[None]:
        """Encode what is selected and not encoded, an entity at each step."""
        for buckets, keys in [each for part in self._selected().values() for each in part]:
            for key in keys:
                if key in buckets:
                    buckets.element(key, media_type)
                    yield

    def body(self, media_type: MediaType) -> list[bytes]:
        """A master.Response.GetState, as the state is now. What has changed meanwhile is encoded."""
        parts = []
        for name, selected in self._selected().items():
            message = MESSAGES[name]
            fields = []
            for buckets, keys in selected:
                elements = [buckets.element(key, media_type) for key in keys]
                pieces = [joined(elements, media_type)] if elements else []
                fields.append(Repeated(buckets.field, pieces))
            parts.append(Single(name, extended(empty(media_type), message, fields, media_type)))
        return extended(empty(media_type), master.ResponseGetState, parts, media_type)

    def _selected(self) -> dict[str, Selected]:
        kinds, wanted = self._kinds, self._wanted
        tasks: dict[Any, Task] = {}
        executors: dict[Any, Executor] = {}
        for framework_id in wanted.framework_ids:
            tasks |= {task.key: task for task in self._state.tasks_of_framework(framework_id)}
            executors |= {each.key: each for each in self._state.executors_of_framework(framework_id)}
        for agent_id in wanted.agent_ids:
            tasks |= {task.key: task for task in self._state.tasks_of_agent(agent_id)}
            executors |= {each.key: each for each in self._state.executors_of_agent(agent_id)}
        return {
            "get_tasks": [
                (kinds.tasks, [key for key in tasks if key in kinds.tasks]),
                (kinds.unreachable, [key for key in tasks if key in kinds.unreachable]),
                (kinds.completed, self._of(kinds.completed)),
            ],
            "get_executors": [(kinds.executors, list(executors))],
            "get_frameworks": [
                (kinds.frameworks, [key for key in sorted(wanted.framework_ids) if key in kinds.frameworks]),
                (kinds.completed_frameworks, self._of(kinds.completed_frameworks)),
            ],
            "get_agents": [
                (kinds.agents, [key for key in sorted(wanted.agent_ids) if key in kinds.agents]),
                (kinds.recovered, [key for key in sorted(wanted.agent_ids) if key in kinds.recovered]),
            ],
            "get_operations": [(kinds.operations, self._of(kinds.operations))],
            "get_volumes": [(kinds.volumes, self._of(kinds.volumes))],
        }

    def _of(self, buckets: Buckets[Any, Any]) -> list[Any]:
        """Of kinds of which few are shown: they are looked through."""
        items: Iterable[tuple[Any, object]] = buckets.items()
        return [key for key, entity in items if self._wanted.admits(concerned(entity))]


MESSAGES: Mapping[str, type[Message]] = {
    "get_tasks": master.ResponseGetTasks,
    "get_executors": master.ResponseGetExecutors,
    "get_frameworks": master.ResponseGetFrameworks,
    "get_agents": master.ResponseGetAgents,
    "get_operations": master.ResponseGetOperations,
    "get_volumes": master.ResponseGetVolumes,
}
