"""What there is, as operators are shown it: answers put together from what is encoded.

Each answer is made in steps, so that others have their turn between them, and is complete when no step is
left: at that one moment all of it is true. It changes nothing and decides nothing; `snapshots` takes the
steps.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.wire.content import MediaType, encode
from api.wire.v1 import master, mesos
from orchestrator.allocator import Allocator
from orchestrator.assembly import Body, Single, extended
from orchestrator.kinds import Kinds
from orchestrator.messages import operation_shown
from orchestrator.offers import Offers
from orchestrator.operator_messages import profile_shown
from orchestrator.provisioning import Provisioning
from orchestrator.records import OperationRecord
from orchestrator.selection import Selection
from orchestrator.shown_answers import ShownAnswers
from orchestrator.staleness import Staleness
from orchestrator.standings import Standings
from orchestrator.state import Agent, ClusterState, Framework, Provider, Task
from orchestrator.subjects import Filter
from orchestrator.volumes import VolumeRecord

T = master.CallType


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
        self._answers = ShownAnswers(kinds.by_name)

    @property
    def moment(self) -> int:
        """It grows with everything that changes what is shown."""
        return self._staleness.moment

    # Answers: of GET_STATE, and of all calls whose answers are parts of that one, or alike.

    def steps(self, call: T, media_type: MediaType) -> Iterator[None]:
        """Encode what is not encoded of the call's answer. When no step is left `body` can be asked for, at
        once: whatever changes before, makes another step."""
        return self._answers.steps(call, media_type)

    def body(self, call: T, media_type: MediaType) -> list[bytes]:
        """The body of the call's answer, the response's field of the call's name, in chunks."""
        return self._answers.body(call, media_type)

    def get_volume(self, name: str, media_type: MediaType) -> list[bytes]:
        """GET_VOLUMES with a name: that one or none."""
        return self._answers.only(T.GET_VOLUMES, name, media_type)

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
