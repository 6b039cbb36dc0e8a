"""What there is, as operators are shown it: answers assembled from encoded fragments.

Each entity is encoded when it is first asked for after it changed; an answer is those fragments,
joined. It changes nothing and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from itertools import islice

from api.model.resources import Resources
from api.wire.codec import encode
from api.wire.convert import resources_to_wire
from api.wire.v1 import master, mesos
from orchestrator.allocator import Allocator
from orchestrator.inverse_offers import InverseOffers
from orchestrator.ledger import Ledger
from orchestrator.messages import executor_shown, operation_shown
from orchestrator.offers import Offer, Offers
from orchestrator.operations import Operations
from orchestrator.operator_messages import (
    agent_shown,
    framework_shown,
    profile_shown,
    provider_shown,
)
from orchestrator.provisioning import Provisioning
from orchestrator.records import OperationRecord
from orchestrator.standings import Standings
from orchestrator.state import (
    Agent,
    ChangeKind,
    ClusterState,
    Executor,
    Framework,
    Holder,
    Provider,
    StateChange,
    Task,
)
from orchestrator.tasks import task_message
from orchestrator.volumes import VolumeRecord

ENDED_OPERATIONS_SHOWN = 1_000
"""Ended and acknowledged operations in an answer: the latest; older ones are left out."""

OPERATION_FRAGMENTS = 20_000
"""Encoded operations that are kept; beyond it all are forgotten, and made again when asked for. Nobody
announces the end of an operation that is forgotten by the ledger."""


class Fragments:
    """Encoded entities of one kind, by key. A changed one is forgotten, and made again when asked for."""

    def __init__(self) -> None:
        self._made: dict[Hashable, bytes] = {}

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        fragment = self._made.get(key)
        if fragment is None:
            fragment = self._made[key] = make()
        return fragment

    def forget(self, key: Hashable) -> None:
        self._made.pop(key, None)

    def keep_only(self, keys: Iterable[Hashable]) -> None:
        """Forget all but these: for entities whose end is announced by nobody."""
        kept = {key: self._made[key] for key in keys if key in self._made}
        self._made = kept


class OperationFragments:
    """The same for operations: where their agent and provider stand shows in them, too."""

    def __init__(self) -> None:
        self._made: dict[bytes, tuple[mesos.OperationState, bytes]] = {}

    def get(self, record: OperationRecord, latest: mesos.OperationStatus) -> bytes:
        made = self._made.get(record.uuid)
        if made is None or made[0] is not latest.state:
            if len(self._made) >= OPERATION_FRAGMENTS:
                self._made.clear()
            made = self._made[record.uuid] = latest.state, encode(operation_shown(record, latest))
        return made[1]

    def forget(self, uuid: bytes) -> None:
        self._made.pop(uuid, None)


class StateView:
    """Answers of the operator API that show state: JSON, as bytes."""

    def __init__(
        self,
        state: ClusterState,
        ledger: Ledger,
        operations: Operations,
        offers: Offers,
        provisioning: Provisioning,
        allocator: Allocator,
        standings: Standings,
        inverse_offers: InverseOffers,
    ) -> None:
        self._state = state
        self._ledger = ledger
        self._operations_room = operations
        self._offers_room = offers
        self._provisioning = provisioning
        self._allocator = allocator
        self._inverse_offers = inverse_offers
        self._standings = standings
        self._agents = Fragments()
        self._providers = Fragments()
        self._frameworks = Fragments()
        self._tasks = Fragments()
        self._completed = Fragments()
        self._executors = Fragments()
        self._operations = OperationFragments()
        self._volumes = Fragments()
        self._offers = Fragments()
        state.listen(self._changed)

    # Entities.

    def agent(self, agent: Agent) -> bytes:
        """A master.Response.GetAgents.Agent, without what is on offer."""
        return self._agents.get(
            agent.agent_id, lambda: encode(agent_shown(agent, self._allocated_on(agent.agent_id)))
        )

    def provider(self, provider: Provider) -> bytes:
        """A master.Provider."""
        connected = self._state.agents[provider.key[0]].connected
        return self._providers.get(provider.key, lambda: encode(provider_shown(provider, connected)))

    def framework(self, framework: Framework) -> bytes:
        """A master.Response.GetFrameworks.Framework, without what it is offered."""
        return self._frameworks.get(framework.framework_id, lambda: self._framework_made(framework))

    def task(self, task: Task) -> bytes:
        """A mesos.Task."""
        return self._tasks.get(task.key, lambda: encode(task_message(task)))

    def executor(self, executor: Executor) -> bytes:
        """A master.Response.GetExecutors.Executor."""
        return self._executors.get(executor.key, lambda: encode(executor_shown(executor)))

    def operation(self, record: OperationRecord) -> bytes:
        """A mesos.Operation."""
        return self._operations.get(record, self._standings.latest(record))

    def operation_message(self, record: OperationRecord) -> mesos.Operation:
        """The same, as a message."""
        return operation_shown(record, self._standings.latest(record))

    def volume(self, record: VolumeRecord) -> bytes:
        """A master.VolumeInfo."""
        if self._provisioning.volumes.get(record.name) is not record:  # it is gone, and is not kept
            return encode(self._provisioning.message(record))
        return self._volumes.get(record.name, lambda: encode(self._provisioning.message(record)))

    # Answers: each is the body of the response's field of the same name.

    def get_agents(self) -> bytes:
        offered = _resources_by(self._offers_room.outstanding(), lambda offer: offer.agent_id)
        agents, recovered = [], []
        for agent in self._state.agents.values():
            if agent.registered_at is None:
                recovered.append(encode(agent.info))
            else:
                agents.append(_with_offered(self.agent(agent), offered.get(agent.agent_id)))
        return _object({"agents": agents, "recovered_agents": recovered})

    def get_frameworks(self) -> bytes:
        outstanding = self._offers_room.outstanding()
        self._offers.keep_only(offer.offer_id for offer in outstanding)
        offered = _resources_by(outstanding, lambda offer: offer.framework_id)
        offers: dict[str, list[bytes]] = {}
        for offer in outstanding:
            offers.setdefault(offer.framework_id, []).append(self._offer(offer))
        frameworks = [
            _extended(
                _extended(
                    _with_offered(self.framework(framework), offered.get(framework.framework_id)),
                    "offers",
                    offers.get(framework.framework_id, []),
                ),
                "inverse_offers",
                [encode(asked) for asked in self._inverse_offers.outstanding(framework.framework_id)],
            )
            for framework in self._state.frameworks.values()
        ]
        completed = [self._framework_made(framework) for framework in self._state.completed_frameworks]
        return _object({"frameworks": frameworks, "completed_frameworks": completed})

    def get_tasks(self) -> bytes:
        known, completed = self._state.tasks.values(), list(self._state.completed_tasks)
        self._completed.keep_only(id(task) for task in completed)
        return _object(
            {
                "tasks": [self.task(task) for task in known if not task.unreachable],
                "unreachable_tasks": [self.task(task) for task in known if task.unreachable],
                "completed_tasks": [
                    self._completed.get(id(task), lambda task=task: encode(task_message(task)))  # type: ignore[misc]
                    for task in completed
                ],
            }
        )

    def get_executors(self) -> bytes:
        return _object(
            {"executors": [self.executor(executor) for executor in self._state.executors.values()]}
        )

    def get_operations(self) -> bytes:
        return _object({"operations": [self.operation(record) for record in self._operations_shown()]})

    def get_volumes(self, name: str | None = None) -> bytes:
        """All volumes; with a name, that one or none."""
        volumes = self._provisioning.volumes
        records = list(volumes.values()) if name is None else [volumes[name]] if name in volumes else []
        return _object({"volumes": [self.volume(record) for record in records]})

    def get_resource_providers(self) -> bytes:
        providers = [self.provider(p) for p in self._state.providers() if p.info is not None]
        return _object({"resource_providers": providers})

    def get_profiles(self) -> bytes:
        profiles = []
        for provider in self._state.providers():
            agent_id = provider.key[0]
            connected, offers = self._state.agents[agent_id].connected, self._offers_room.of_agent(agent_id)
            for profile in provider.profiles:
                shown = profile_shown(provider, profile, connected, self._allocator, offers)
                profiles.append(encode(shown))
        return _object({"profiles": profiles})

    def get_state(self) -> bytes:
        parts = {
            "get_tasks": self.get_tasks(),
            "get_executors": self.get_executors(),
            "get_frameworks": self.get_frameworks(),
            "get_agents": self.get_agents(),
            "get_operations": self.get_operations(),
            "get_volumes": self.get_volumes(),
        }
        return b"{" + b",".join(b'"%b":%b' % (name.encode(), body) for name, body in parts.items()) + b"}"

    # What is forgotten when.

    def _changed(self, change: StateChange) -> None:
        match change.subject:
            case Agent() as agent:
                self._agents.forget(agent.agent_id)
                for provider in agent.providers.values():
                    self._providers.forget(provider.key)
            case Provider() as provider:
                self._providers.forget(provider.key)
                self._agents.forget(provider.key[0])
            case Framework() as framework:
                self._frameworks.forget(framework.framework_id)
            case Task() as task:
                self._task_changed(task, removed=change.kind is ChangeKind.TASK_REMOVED)
            case Executor() as executor:
                self._executors.forget(executor.key)
                self._holder_changed(executor)
            case OperationRecord() as record:
                self._operations.forget(record.uuid)
                self._agents.forget(record.agent_id)
            case VolumeRecord() as record:
                self._volumes.forget(record.name)

    def _task_changed(self, task: Task, *, removed: bool) -> None:
        self._tasks.forget(task.key)
        self._completed.forget(id(task))
        self._holder_changed(task)

    def _holder_changed(self, holder: Holder) -> None:
        self._agents.forget(holder.agent_id)
        self._frameworks.forget(holder.framework_id)
        for resource in holder.resources:
            if resource.disk is not None and resource.disk.persistence is not None:
                self._volumes.forget(resource.disk.persistence.id)  # it names its users

    # Within.

    def _framework_made(self, framework: Framework) -> bytes:
        holders = self._state.holders_of(framework.framework_id)
        return encode(framework_shown(framework, _used(holders)))

    def _allocated_on(self, agent_id: str) -> Resources:
        held = [held for _, held in self._operations_room.held(agent_id)]
        return Resources.total([_used(self._state.holders_on(agent_id)), *held])

    def _offer(self, offer: Offer) -> bytes:
        return self._offers.get(offer.offer_id, lambda: encode(self._offers_room.message(offer)))

    def _operations_shown(self) -> list[OperationRecord]:
        """Every operation that somebody waits for, and the latest of the others, in order of acceptance."""
        records = self._ledger.operations
        ended = (r for r in reversed(records.values()) if r.terminal and r.acknowledged)
        shown = {record.uuid for record in islice(ended, ENDED_OPERATIONS_SHOWN)}
        return [r for r in records.values() if r.uuid in shown or not (r.terminal and r.acknowledged)]


def _used(holders: Iterable[Holder]) -> Resources:
    return Resources.total(holder.resources.allocated(holder.role) for holder in holders)


def _resources_by(offers: Iterable[Offer], key: Callable[[Offer], str]) -> dict[str, Resources]:
    grouped: dict[str, list[Resources]] = {}
    for offer in offers:
        grouped.setdefault(key(offer), []).append(offer.resources.allocated(offer.role))
    return {name: Resources.total(resources) for name, resources in grouped.items()}


def _with_offered(fragment: bytes, offered: Resources | None) -> bytes:
    if offered is None:
        return fragment
    return _extended(fragment, "offered_resources", [encode(wire) for wire in resources_to_wire(offered)])


def _extended(fragment: bytes, name: str, elements: list[bytes]) -> bytes:
    """An encoded object with one more repeated field; it has required fields, so it is never empty."""
    if not elements:
        return fragment
    return b'%b,"%b":[%b]}' % (fragment[:-1], name.encode(), b",".join(elements))


def _object(fields: Mapping[str, list[bytes]]) -> bytes:
    """An object of repeated fields; empty ones do not appear."""
    present = ((name, elements) for name, elements in fields.items() if elements)
    return b"{%b}" % b",".join(b'"%b":[%b]' % (name.encode(), b",".join(each)) for name, each in present)


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


def response(kind: master.ResponseType, body: bytes) -> bytes:
    """A master.Response with its field, the name of which is the type's in lower case."""
    return b'{"type":"%b","%b":%b}' % (kind.encode(), kind.lower().encode(), body)
