"""Which answers show which kinds of entities, and how they are put together of what is encoded.

Whoever has the kinds, encoded in buckets, has the answers: a leader from what it knows, a standby from what
it was told. Each is made in steps, and complete when no step is left. It knows no entity, opens no socket.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from api.wire.content import MediaType
from api.wire.fragments import empty, with_elements
from api.wire.message import Message
from api.wire.v1 import master, mesos
from orchestrator.assembly import Repeated, Single, extended
from orchestrator.buckets import Buckets

T = master.CallType


@dataclass(frozen=True, slots=True)
class Kind:
    """Entities of class `entity`, which stand in the repeated field `field` of `answer`."""

    answer: type[Message]
    field: str
    entity: type[Message]


_TASKS, _FRAMEWORKS, _AGENTS = (
    master.ResponseGetTasks,
    master.ResponseGetFrameworks,
    master.ResponseGetAgents,
)
_FRAMEWORK = master.ResponseGetFrameworksFramework

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "tasks": Kind(_TASKS, "tasks", mesos.Task),
        "unreachable": Kind(_TASKS, "unreachable_tasks", mesos.Task),
        "completed": Kind(_TASKS, "completed_tasks", mesos.Task),
        "executors": Kind(master.ResponseGetExecutors, "executors", master.ResponseGetExecutorsExecutor),
        "agents": Kind(_AGENTS, "agents", master.ResponseGetAgentsAgent),
        "recovered": Kind(_AGENTS, "recovered_agents", mesos.AgentInfo),
        "frameworks": Kind(_FRAMEWORKS, "frameworks", _FRAMEWORK),
        "completed_frameworks": Kind(_FRAMEWORKS, "completed_frameworks", _FRAMEWORK),
        "operations": Kind(master.ResponseGetOperations, "operations", mesos.Operation),
        "volumes": Kind(master.ResponseGetVolumes, "volumes", master.VolumeInfo),
        "providers": Kind(master.ResponseGetResourceProviders, "resource_providers", master.Provider),
    }
)
"""All kinds that are shown, by name."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """One answer: the class of its body, the kinds in its fields, or the answers that it is made of."""

    message: type[Message]
    kinds: tuple[str, ...] = ()
    parts: tuple[T, ...] = ()


_PARTS = (T.GET_TASKS, T.GET_EXECUTORS, T.GET_FRAMEWORKS, T.GET_AGENTS, T.GET_OPERATIONS, T.GET_VOLUMES)

_ANSWERS: Final[Mapping[T, _Shown]] = MappingProxyType(
    {
        T.GET_STATE: _Shown(master.ResponseGetState, parts=_PARTS),
        T.GET_TASKS: _Shown(master.ResponseGetTasks, ("tasks", "unreachable", "completed")),
        T.GET_EXECUTORS: _Shown(master.ResponseGetExecutors, ("executors",)),
        T.GET_FRAMEWORKS: _Shown(master.ResponseGetFrameworks, ("frameworks", "completed_frameworks")),
        T.GET_AGENTS: _Shown(master.ResponseGetAgents, ("agents", "recovered")),
        T.GET_OPERATIONS: _Shown(master.ResponseGetOperations, ("operations",)),
        T.GET_VOLUMES: _Shown(master.ResponseGetVolumes, ("volumes",)),
        T.GET_RESOURCE_PROVIDERS: _Shown(master.ResponseGetResourceProviders, ("providers",)),
    }
)

SHOWN: Final = frozenset(_ANSWERS)
"""The calls that are answered of kinds alone."""


class ShownAnswers:
    """The answers of whoever has these kinds, in both media types."""

    def __init__(self, kinds: Mapping[str, Buckets[Any, Any]]) -> None:
        """`kinds`: all of `KINDS`, by name."""
        self._kinds = kinds

    def steps(self, call: T, media_type: MediaType) -> Iterator[None]:
        """Encode what is not encoded of the call's answer. When no step is left `body` can be asked for, at
        once: whatever changes before, makes another step."""
        buckets = self._buckets_of(call)
        while stale := [each for each in buckets if each.is_stale(media_type)]:
            for each in stale:
                yield from each.steps(media_type)

    def body(self, call: T, media_type: MediaType) -> list[bytes]:
        """The body of the call's answer, the response's field of the call's name, in chunks."""
        shown = _ANSWERS[call]
        kinds = [self._kinds[name] for name in shown.kinds]
        repeated = [Repeated(each.field, each.pieces(media_type)) for each in kinds]
        parts = [Single(part.lower(), self.body(part, media_type)) for part in shown.parts]
        return extended(empty(media_type), shown.message, (*repeated, *parts), media_type)

    def only(self, call: T, key: object, media_type: MediaType) -> list[bytes]:
        """The same of a call that shows one kind, with one entity of it or none."""
        shown = _ANSWERS[call]
        kind = self._kinds[shown.kinds[0]]
        found = [kind.encoded(key, media_type)] if key in kind else []
        return [with_elements(shown.message, empty(media_type), kind.field, found, media_type)]

    def _buckets_of(self, call: T) -> list[Buckets[Any, Any]]:
        shown = _ANSWERS[call]
        own = [self._kinds[name] for name in shown.kinds]
        return [*own, *(each for part in shown.parts for each in self._buckets_of(part))]
