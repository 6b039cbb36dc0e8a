"""What there is, as operators are shown it: answers put together from what is encoded.

Each answer is made in steps, so that others have their turn between them, and is complete when no step is
left: at that one moment all of it is true. It changes nothing and decides nothing; `snapshots` takes the
steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.wire.content import MediaType, encode
from api.wire.fragments import empty, with_elements
from api.wire.message import Message
from api.wire.v1 import master, mesos
from orchestrator.allocator import Allocator
from orchestrator.assembly import Body, Repeated, Single, extended
from orchestrator.buckets import Buckets
from orchestrator.kinds import Kinds
from orchestrator.messages import operation_shown
from orchestrator.offers import Offers
from orchestrator.operator_messages import profile_shown
from orchestrator.provisioning import Provisioning
from orchestrator.records import OperationRecord
from orchestrator.selection import Selection
from orchestrator.staleness import Staleness
from orchestrator.standings import Standings
from orchestrator.state import Agent, ClusterState, Framework, Provider, Task
from orchestrator.subjects import Filter
from orchestrator.volumes import VolumeRecord

T = master.CallType


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer: the class of its body, the buckets of its fields, or the answers that it is made of."""

    message: type[Message]
    buckets: tuple[Buckets[Any, Any], ...] = ()
    parts: tuple[T, ...] = ()


class StateView:
    """Answers of the operator API that show state, in both media types."""

    def __init__(
        self,
        state: ClusterState,
        offers: Offers,
        provisioning: Provisioning,
        allocator: Allocator,
        standings: Standings,
        kinds: Kinds,
        staleness: Staleness,
    ) -> None:
        self._state = state
        self._offers = offers
        self._provisioning = provisioning
        self._allocator = allocator
        self._standings = standings
        self._kinds = kinds
        self._staleness = staleness
        self._answers = _answers(kinds)

    @property
    def moment(self) -> int:
        """It grows with everything that changes what is shown."""
        return self._staleness.moment

    # Answers: of GET_STATE, and of all calls whose answers are parts of that one, or alike.

    def steps(self, call: T, media_type: MediaType) -> Iterator[None]:
        """Encode what is not encoded of the call's answer. When no step is left `body` can be asked for, at
        once: whatever changes before, makes another step."""
        buckets = self._buckets_of(call)
        while stale := [each for each in buckets if each.is_stale(media_type)]:
            for each in stale:
                yield from each.steps(media_type)

    def body(self, call: T, media_type: MediaType) -> list[bytes]:
        """The body of the call's answer, the response's field of the call's name, in chunks."""
        shown = self._answers[call]
        repeated = [Repeated(each.field, each.pieces(media_type)) for each in shown.buckets]
        parts = [Single(part.lower(), self.body(part, media_type)) for part in shown.parts]
        return extended(empty(media_type), shown.message, (*repeated, *parts), media_type)

    def get_volume(self, name: str, media_type: MediaType) -> list[bytes]:
        """GET_VOLUMES with a name: that one or none."""
        found = [self._kinds.volumes.encoded(name, media_type)] if name in self._kinds.volumes else []
        return [with_elements(master.ResponseGetVolumes, empty(media_type), "volumes", found, media_type)]

    def selection(self, wanted: Filter) -> Selection:
        """The part of GET_STATE that a filter admits, as it is when it is asked."""
        return Selection(wanted, self._state, self._kinds)

    def get_profiles(self) -> master.ResponseGetProfiles:
        """How much there is of them is asked of the allocator each time."""
        profiles = []
        for provider in self._state.providers():
            agent_id = provider.key[0]
            connected, offers = self._state.agents[agent_id].connected, self._offers.of_agent(agent_id)
            profiles += [
                profile_shown(provider, profile, connected, self._allocator, offers)
                for profile in provider.profiles
            ]
        return master.ResponseGetProfiles(profiles=profiles)

    def _buckets_of(self, call: T) -> list[Buckets[Any, Any]]:
        shown = self._answers[call]
        return [*shown.buckets, *(each for part in shown.parts for each in self._buckets_of(part))]

    # Entities, for events.

    def agent(self, agent: Agent, media_type: MediaType) -> bytes:
        """A master.Response.GetAgents.Agent. It has registered."""
        return self._kinds.agents.encoded(agent.agent_id, media_type)

    def provider(self, provider: Provider, media_type: MediaType) -> bytes:
        """A master.Provider; also of one that has gone."""
        if self._kinds.providers.get(provider.key) is provider:
            return self._kinds.providers.encoded(provider.key, media_type)
        return self._kinds.provider(provider, media_type)

    def framework(self, framework: Framework, media_type: MediaType) -> bytes:
        """A master.Response.GetFrameworks.Framework."""
        return self._kinds.frameworks.encoded(framework.framework_id, media_type)

    def task(self, task: Task, media_type: MediaType) -> bytes:
        """A mesos.Task, one that is not completed."""
        buckets = self._kinds.tasks if task.unreachable is None else self._kinds.unreachable
        return buckets.encoded(task.key, media_type)

    def operation(self, record: OperationRecord, media_type: MediaType) -> bytes:
        """A mesos.Operation; also of one that is not shown any more."""
        if record.uuid in self._kinds.operations:
            return self._kinds.operations.encoded(record.uuid, media_type)
        return self._kinds.operation(record, media_type)

    def operation_message(self, record: OperationRecord) -> mesos.Operation:
        """The same, as a message."""
        return operation_shown(record, self._standings.latest(record))

    def volume(self, record: VolumeRecord, media_type: MediaType) -> bytes:
        """A master.VolumeInfo; also of one that has gone."""
        if self._kinds.volumes.get(record.name) is record:
            return self._kinds.volumes.encoded(record.name, media_type)
        return self._kinds.volume(record, media_type)

    def volume_message(self, record: VolumeRecord) -> master.VolumeInfo:
        """The same, as a message."""
        return self._provisioning.message(record)


def _answers(kinds: Kinds) -> Mapping[T, Shown]:
    parts = (T.GET_TASKS, T.GET_EXECUTORS, T.GET_FRAMEWORKS, T.GET_AGENTS, T.GET_OPERATIONS, T.GET_VOLUMES)
    return {
        T.GET_STATE: Shown(master.ResponseGetState, parts=parts),
        T.GET_TASKS: Shown(master.ResponseGetTasks, (kinds.tasks, kinds.unreachable, kinds.completed)),
        T.GET_EXECUTORS: Shown(master.ResponseGetExecutors, (kinds.executors,)),
        T.GET_FRAMEWORKS: Shown(master.ResponseGetFrameworks, (kinds.frameworks, kinds.completed_frameworks)),
        T.GET_AGENTS: Shown(master.ResponseGetAgents, (kinds.agents, kinds.recovered)),
        T.GET_OPERATIONS: Shown(master.ResponseGetOperations, (kinds.operations,)),
        T.GET_VOLUMES: Shown(master.ResponseGetVolumes, (kinds.volumes,)),
        T.GET_RESOURCE_PROVIDERS: Shown(master.ResponseGetResourceProviders, (kinds.providers,)),
    }


def last_status(task: Task) -> mesos.TaskStatus:
    """The status that brought a task where it is; made up when its agent told none."""
    if task.unreachable is not None:
        return task.unreachable
    if task.statuses:
        return task.statuses[-1]
    return mesos.TaskStatus(
        task_id=mesos.TaskID(value=task.task_id),
        state=task.state,
        agent_id=mesos.AgentID(value=task.agent_id),
    )


def response(call: T, body: list[bytes], media_type: MediaType) -> Body:
    """A master.Response with its field, the name of which is the call's in lower case."""
    head = encode(master.Response(type=master.ResponseType(str(call))), media_type)
    return Body.of(extended(head, master.Response, [Single(str(call).lower(), body)], media_type))
