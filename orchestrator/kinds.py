"""Every kind of entity that operators are shown, encoded in buckets; and what is on offer of it.

It is told by `staleness` what changes. It changes nothing of what is known, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from api.model.resources import Resources
from api.wire.content import MediaType, encode
from api.wire.convert import in_both_forms, resources_to_wire
from api.wire.message import Message
from api.wire.v1 import master, mesos
from orchestrator.assembly import Repeated, extended, piece
from orchestrator.buckets import Buckets
from orchestrator.inverse_offers import InverseOffers
from orchestrator.messages import executor_shown, operation_shown, task_shown
from orchestrator.offers import Offer, Offers
from orchestrator.operations import Operations
from orchestrator.operator_messages import agent_described, framework_shown, provider_shown
from orchestrator.provisioning import Provisioning
from orchestrator.records import OperationRecord
from orchestrator.shown_answers import KINDS
from orchestrator.shown_resources import ShownResources
from orchestrator.standings import Standings
from orchestrator.state import (
    Agent,
    ClusterState,
    Executor,
    ExecutorKey,
    Framework,
    Provider,
    ProviderKey,
    Task,
    TaskKey,
)
from orchestrator.usage import Sums, Usage
from orchestrator.volumes import VolumeRecord

E = TypeVar("E")


class Bare:
    """Agents and frameworks without what changes by itself and more often."""

    def __init__(self) -> None:
        self._made: dict[str, dict[MediaType, bytes]] = {}

    def get(self, key: str, media_type: MediaType) -> bytes | None:
        return self._made.get(key, {}).get(media_type)

    def keep(self, key: str, media_type: MediaType, fragment: bytes) -> None:
        self._made.setdefault(key, {})[media_type] = fragment

    def forget(self, key: str) -> None:
        self._made.pop(key, None)


class Offered:
    """What is on offer, by agent and by framework; offers encoded, each once."""

    def __init__(self, offers: Offers) -> None:
        self._offers = offers
        self._by_agent, self._by_framework = Sums(), Sums()
        self._made: dict[str, dict[MediaType, bytes]] = {}

    def add(self, offer: Offer) -> None:
        self._by_agent.add(offer.agent_id, offer.role, offer.resources)
        self._by_framework.add(offer.framework_id, offer.role, offer.resources)

    def remove(self, offer: Offer) -> None:
        self._by_agent.take(offer.agent_id, offer.role, offer.resources)
        self._by_framework.take(offer.framework_id, offer.role, offer.resources)
        self._made.pop(offer.offer_id, None)

    def of_agent(self, agent_id: str) -> Resources:
        return self._by_agent.total(agent_id)

    def of_framework(self, framework_id: str) -> Resources:
        return self._by_framework.total(framework_id)

    def fragments_of(self, framework_id: str, media_type: MediaType) -> list[bytes]:
        """The framework's offers, as mesos.Offer."""
        return [self._fragment(offer, media_type) for offer in self._offers.of_framework(framework_id)]

    def _fragment(self, offer: Offer, media_type: MediaType) -> bytes:
        made = self._made.setdefault(offer.offer_id, {})
        if media_type not in made:
            made[media_type] = encode(self._offers.message(offer), media_type)
        return made[media_type]


class Kinds:
    """All kinds, each in the buckets of the field that it stands in."""

    def __init__(
        self,
        state: ClusterState,
        operations: Operations,
        offers: Offers,
        provisioning: Provisioning,
        standings: Standings,
        inverse_offers: InverseOffers,
    ) -> None:
        self._state = state
        self._operations_room = operations
        self._provisioning = provisioning
        self._standings = standings
        self._inverse_offers = inverse_offers
        self.usage = Usage()
        self.offered = Offered(offers)
        self.bare_agents, self.bare_frameworks = Bare(), Bare()  # a framework may be named as an agent is
        self._totals = ShownResources(master.ResponseGetAgentsAgent, "total_resources")
        self._allocated = ShownResources(master.ResponseGetAgentsAgent, "allocated_resources")
        self._task_resources = ShownResources(mesos.Task, "resources")
        self.tasks: Buckets[TaskKey, Task] = _of("tasks", self._task)
        self.unreachable: Buckets[TaskKey, Task] = _of("unreachable", self._task)
        self.completed: Buckets[int, Task] = _of("completed", self._task)
        self.executors: Buckets[ExecutorKey, Executor] = _of("executors", _executor)
        self.agents: Buckets[str, Agent] = _of("agents", self._agent)
        self.recovered: Buckets[str, Agent] = _of("recovered", _recovered)
        self.frameworks: Buckets[str, Framework] = _of("frameworks", self._framework)
        self.completed_frameworks: Buckets[int, Framework] = _of("completed_frameworks", self._bare_framework)
        self.operations: Buckets[bytes, OperationRecord] = _of("operations", self.operation)
        self.volumes: Buckets[str, VolumeRecord] = _of("volumes", self.volume)
        self.providers: Buckets[ProviderKey, Provider] = _of("providers", self.provider)
        self.by_name: Mapping[str, Buckets[Any, Any]] = {name: getattr(self, name) for name in KINDS}

    # Entities that are encoded whether or not they are among the kinds: events show some that have gone.

    def operation(self, record: OperationRecord, media_type: MediaType) -> bytes:
        """A mesos.Operation: where its agent and provider stand shows in it, too."""
        return encode(operation_shown(record, self._standings.latest(record)), media_type)

    def provider(self, provider: Provider, media_type: MediaType) -> bytes:
        """A master.Provider."""
        agent = self._state.agents.get(provider.key[0])
        return encode(provider_shown(provider, agent is not None and agent.connected), media_type)

    def volume(self, record: VolumeRecord, media_type: MediaType) -> bytes:
        """A master.VolumeInfo."""
        return encode(self._provisioning.message(record), media_type)

    # Within.

    def _task(self, task: Task, media_type: MediaType) -> bytes:
        """A mesos.Task."""
        held = self._task_resources.pieces(task.resources, task.role, media_type)
        bare = encode(task_shown(task, []), media_type)
        return b"".join(extended(bare, mesos.Task, [Repeated("resources", held)], media_type))

    def _agent(self, agent: Agent, media_type: MediaType) -> bytes:
        """A master.Response.GetAgents.Agent. What its tasks and operations hold, and what is on offer of it,
        is not among what is kept of it by itself."""
        agent_id = agent.agent_id
        bare = self.bare_agents.get(agent_id, media_type)
        if bare is None:
            bare = self._bare_agent(agent, media_type)
            self.bare_agents.keep(agent_id, media_type, bare)
        held = [held for _, held in self._operations_room.held(agent_id)]
        allocated = Resources.total([self.usage.of_agent(agent_id), *held])
        offered = _resources(self.offered.of_agent(agent_id), media_type)
        fields = [
            Repeated(self._allocated.field, self._allocated.pieces(allocated, None, media_type)),
            *_repeated(master.ResponseGetAgentsAgent, {"offered_resources": offered}, media_type),
        ]
        return b"".join(extended(bare, master.ResponseGetAgentsAgent, fields, media_type))

    def _bare_agent(self, agent: Agent, media_type: MediaType) -> bytes:
        described = encode(agent_described(agent), media_type)
        total = Repeated(self._totals.field, self._totals.pieces(agent.total(), None, media_type))
        return b"".join(extended(described, master.ResponseGetAgentsAgent, [total], media_type))

    def _framework(self, framework: Framework, media_type: MediaType) -> bytes:
        """A master.Response.GetFrameworks.Framework."""
        framework_id = framework.framework_id
        bare = self.bare_frameworks.get(framework_id, media_type)
        if bare is None:
            bare = self._bare_framework(framework, media_type)
            self.bare_frameworks.keep(framework_id, media_type, bare)
        asked = self._inverse_offers.outstanding(framework_id)
        fields = {
            "offered_resources": _resources(self.offered.of_framework(framework_id), media_type),
            "offers": self.offered.fragments_of(framework_id, media_type),
            "inverse_offers": [encode(each, media_type) for each in asked],
        }
        return _with(bare, master.ResponseGetFrameworksFramework, fields, media_type)

    def _bare_framework(self, framework: Framework, media_type: MediaType) -> bytes:
        allocated = self.usage.of_framework(framework.framework_id)
        return encode(framework_shown(framework, allocated), media_type)


def _of(name: str, encode_one: Callable[[E, MediaType], bytes]) -> Buckets[Any, E]:
    kind = KINDS[name]
    return Buckets(kind.answer, kind.field, encode_one)


def _executor(executor: Executor, media_type: MediaType) -> bytes:
    return encode(executor_shown(executor), media_type)


def _recovered(agent: Agent, media_type: MediaType) -> bytes:
    return encode(agent.info, media_type)


def _resources(resources: Resources, media_type: MediaType) -> list[bytes]:
    return [encode(in_both_forms(wire), media_type) for wire in resources_to_wire(resources)]


def _with(
    encoded: bytes, message: type[Message], fields: dict[str, list[bytes]], media_type: MediaType
) -> bytes:
    """An encoded message with further repeated fields; it has required ones, so it is never empty."""
    return b"".join(extended(encoded, message, _repeated(message, fields, media_type), media_type))


def _repeated(
    message: type[Message], fields: dict[str, list[bytes]], media_type: MediaType
) -> list[Repeated]:
    """Those of the fields that have elements."""
    return [
        Repeated(name, [piece(message, name, elements, media_type)])
        for name, elements in fields.items()
        if elements
    ]
