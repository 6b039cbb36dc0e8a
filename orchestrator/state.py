"""What the leader knows of its cluster, in memory.

Knowledge, not facts: agents and providers own what is true, and this is rebuilt from them after
a failover. No I/O here, no decisions: the rooms that decide change it through its methods, and
whoever shows it to users listens for the changes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from msgspec import UNSET

from api.model.resource import Reservation, Resource
from api.model.resources import Conversion, NotContained, Resources
from api.model.roles import UNRESERVED, is_under
from api.wire.convert import reservation_from_wire
from api.wire.v1 import mesos, resource_provider, scheduler
from orchestrator.allocator import converted_total
from orchestrator.index import Index

COMPLETED_TASKS_LIMIT = 1_000
"""Ended and acknowledged tasks that are still shown; the oldest are forgotten beyond it."""

COMPLETED_FRAMEWORKS_LIMIT = 50
"""Removed frameworks that are still shown; the oldest are forgotten beyond it."""

ProviderKey = tuple[str, str | None]
"""(agent id, provider id); None for the agent's own resources, a provider without an id."""

TaskKey = tuple[str, str]
"""(framework id, task id)."""

DiskKey = tuple[str | None, str]
"""(provider id, source id) of a disk."""

TERMINAL_TASK_STATES = frozenset(
    {
        mesos.TaskState.TASK_FINISHED,
        mesos.TaskState.TASK_FAILED,
        mesos.TaskState.TASK_KILLED,
        mesos.TaskState.TASK_ERROR,
        mesos.TaskState.TASK_LOST,
        mesos.TaskState.TASK_DROPPED,
        mesos.TaskState.TASK_GONE,
        mesos.TaskState.TASK_GONE_BY_OPERATOR,
    }
)


class ChangeKind(StrEnum):
    AGENT_ADDED = "AGENT_ADDED"
    AGENT_UPDATED = "AGENT_UPDATED"
    AGENT_REMOVED = "AGENT_REMOVED"
    PROVIDER_UPDATED = "PROVIDER_UPDATED"
    PROVIDER_REMOVED = "PROVIDER_REMOVED"
    FRAMEWORK_ADDED = "FRAMEWORK_ADDED"
    FRAMEWORK_UPDATED = "FRAMEWORK_UPDATED"
    FRAMEWORK_REMOVED = "FRAMEWORK_REMOVED"
    TASK_ADDED = "TASK_ADDED"
    TASK_UPDATED = "TASK_UPDATED"
    TASK_REMOVED = "TASK_REMOVED"
    OPERATION_UPDATED = "OPERATION_UPDATED"
    OPERATION_REMOVED = "OPERATION_REMOVED"
    VOLUME_UPDATED = "VOLUME_UPDATED"
    VOLUME_REMOVED = "VOLUME_REMOVED"


class Totals:
    """One provider's totals as the orchestrator reckons them between two reports.

    base: what was last reported, with the conversions that finished since.
    Invariant: `view` is `base` with every conversion in flight applied, in the order they were
    begun, as far as each still fits: what does not fit, the provider will drop.

    Providers may have very many disks. So the view is carried along from conversion to conversion, and
    every change says what it did to it: the small part that is different now.
    """

    def __init__(self) -> None:
        self.base = Resources()
        self._in_flight: dict[bytes, Conversion] = {}
        self._misfits: set[bytes] = set()
        """Those in flight that did not fit when the view was reckoned."""
        self._view: Resources | None = None

    @property
    def view(self) -> Resources:
        if self._view is None:
            view = self.base
            self._misfits.clear()
            for uuid, conversion in self._in_flight.items():
                try:
                    view = view.apply(conversion)
                except NotContained:
                    self._misfits.add(uuid)
            self._view = view
        return self._view

    def report(self, base: Resources, ended: Iterable[bytes]) -> None:
        """The provider restated its totals; what ended before that is in them already."""
        self.base = base
        for uuid in ended:
            self._in_flight.pop(uuid, None)
        self._view = None

    def begin(self, uuid: bytes, conversion: Conversion) -> Conversion:
        """A speculative operation was accepted: show its result before it is confirmed."""
        before = self.view
        known = uuid in self._in_flight
        self._in_flight[uuid] = conversion
        if known:
            self._view = None
            return difference(before, self.view)
        try:
            self._view = before.apply(conversion)
        except NotContained:
            self._misfits.add(uuid)
            return NO_CHANGE
        return Conversion(conversion.consumed, conversion.converted.described_as_in(before))

    def finish(self, uuid: bytes, conversion: Conversion) -> Conversion:
        """An operation finished after the last report. Lost or foreign totals are left alone.

        A disk cut from one pool takes capacity from that pool's group: its siblings shrink, too.
        """
        before = self.view
        assumed = None if uuid in self._misfits else self._in_flight.get(uuid)
        self._in_flight.pop(uuid, None)
        contained = self.base.contains(conversion.consumed)
        is_base = before is self.base
        if contained:
            self.base = converted_total(self.base, conversion.consumed, conversion.converted)
        if contained and not self._misfits and self._is_apart(conversion):
            if assumed == conversion:
                return NO_CHANGE
            if assumed is None and is_base:
                self._view = self.base
                return _exchanged(before, self._view, conversion)
            if assumed is None:
                self._view = converted_total(before, conversion.consumed, conversion.converted)
                return _exchanged(before, self._view, conversion)
        self._view = None
        return difference(before, self.view)

    def undo(self, uuid: bytes) -> Conversion:
        """A speculative operation did not happen."""
        before = self.view
        if self._in_flight.pop(uuid, None) is None:
            return NO_CHANGE
        self._view = None
        return difference(before, self.view)

    def _is_apart(self, conversion: Conversion) -> bool:
        """Whether no conversion in flight touches what this one does, so that their order does not matter.

        Those that divide (pools, amounts) count as touching one another.
        """
        mine = {resource for part in _parts(conversion) for resource in part.counted}
        divides = any(part.divisible for part in _parts(conversion))
        for other in self._in_flight.values():
            for part in _parts(other):
                if (divides and part.divisible) or not mine.isdisjoint(part.counted):
                    return False
        return True


NO_CHANGE: Final = Conversion(Resources(), Resources())


def difference(before: Resources, after: Resources) -> Conversion:
    """What became of `before`: what is gone, and what is new."""
    return Conversion(before - after, after - before)


def _exchanged(before: Resources, after: Resources, conversion: Conversion) -> Conversion:
    """What `conversion` made of `before`; with siblings of its pools that shrank, too."""
    divided = difference(before.divisible, after.divisible)
    return Conversion(
        divided.consumed + conversion.consumed.counted,
        divided.converted + conversion.converted.counted.described_as_in(before),
    )


def _parts(conversion: Conversion) -> tuple[Resources, Resources]:
    return conversion.consumed, conversion.converted


@dataclass(slots=True)
class Provider:
    """A resource provider, as last reported."""

    key: ProviderKey
    info: mesos.ResourceProviderInfo | None
    version: bytes
    totals: Totals = field(default_factory=Totals)
    profiles: list[resource_provider.ProfileInfo] = field(default_factory=list)
    plugin: resource_provider.PluginState | None = None
    capabilities: frozenset[str] = frozenset()
    """What it can do beyond what every provider can (`rp.CallUpdateState.capabilities`)."""
    notices: list[resource_provider.VolumeNotice] = field(default_factory=list)
    notices_total: int = 0

    @property
    def default_reservations(self) -> tuple[Reservation, ...]:
        """How all of it is reserved that no operation has reserved otherwise; () for not at all."""
        stack = [] if self.info is None else self.info.default_reservations
        return tuple(reservation_from_wire(each, "default_reservations") for each in stack)

    def is_common(self, resource: Resource, role: str) -> bool:
        """Whether nobody in particular has reserved it, so that an operator may take it for `role`."""
        if not resource.is_reserved:
            return True
        return resource.reservations == self.default_reservations and is_under(role, resource.role)


@dataclass(slots=True)
class Agent:
    """An admitted agent. `connected` is knowledge: its containers run on regardless."""

    agent_id: str
    info: mesos.AgentInfo
    version: str = ""
    address: str = ""
    isolation: str = ""
    capabilities: list[mesos.AgentInfoCapability] = field(default_factory=list)
    connected: bool = False
    registered_at: float | None = None
    reregistered_at: float | None = None
    providers: dict[str | None, Provider] = field(default_factory=dict)
    departed: dict[str, str] = field(default_factory=dict)
    """Providers that it knows and that are not here now, and why."""
    unavailability: mesos.Unavailability | None = None
    """When it will be away, by the maintenance schedule."""
    away_since: float | None = None
    """When its link ended, or it was taken up from the registry without one; None while it is here."""
    down: bool = False
    """Whether its machine is down for maintenance: nothing is offered or placed there."""

    @property
    def ip(self) -> str:
        """Where its API is reached, without the port; "" when it did not say."""
        return self.address.rpartition(":")[0]

    def total(self) -> Resources:
        """All it has, its providers' included."""
        return Resources.total([provider.totals.view for provider in self.providers.values()])


@dataclass(slots=True)
class Framework:
    """A framework that was admitted. Its session, when it has one, is kept by `frameworks`."""

    framework_id: str
    info: mesos.FrameworkInfo
    registered_at: float
    connected: bool = False
    recovered: bool = False
    reregistered_at: float | None = None
    unregistered_at: float | None = None
    suppressed: set[str] = field(default_factory=set)
    offer_constraints: scheduler.OfferConstraints | None = None

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles it is subscribed to, in the order it named them."""
        return roles_of(self.info)

    def has_capability(self, capability: mesos.FrameworkInfoCapabilityType) -> bool:
        return any(entry.type is capability for entry in self.info.capabilities)


@dataclass(slots=True)
class Task:
    """A task, as its agent last spoke of it. `resources` are without allocation info."""

    framework_id: str
    task_id: str
    agent_id: str
    role: str
    name: str
    state: mesos.TaskState
    resources: Resources
    info: mesos.TaskInfo | None = None
    message: mesos.Task | None = None
    statuses: list[mesos.TaskStatus] = field(default_factory=list)

    @property
    def key(self) -> TaskKey:
        return self.framework_id, self.task_id

    @property
    def is_terminal(self) -> bool:
        return self.state in TERMINAL_TASK_STATES

    def disks(self) -> list[DiskKey]:
        """The disks with an id among its resources."""
        sources = [(r.provider_id, r.disk.source) for r in self.resources if r.disk is not None]
        return [
            (owner, source.id) for owner, source in sources if source is not None and source.id is not None
        ]


@dataclass(frozen=True, slots=True)
class StateChange:
    """Something became different. `subject` is the entity as it is now (as it last was, when removed)."""

    kind: ChangeKind
    subject: object


class ClusterState:
    """Agents, providers, frameworks and tasks, and who listens for their changes."""

    def __init__(self) -> None:
        self.agents: dict[str, Agent] = {}
        self.frameworks: dict[str, Framework] = {}
        self.tasks: dict[TaskKey, Task] = {}
        """To be changed by `add_task` and `complete_task` only."""
        self._tasks_by_agent: Index[str, Task] = Index()
        self._tasks_by_framework: Index[str, Task] = Index()
        self._tasks_by_disk: Index[DiskKey, Task] = Index()
        self.completed_tasks: deque[Task] = deque(maxlen=COMPLETED_TASKS_LIMIT)
        self.completed_frameworks: deque[Framework] = deque(maxlen=COMPLETED_FRAMEWORKS_LIMIT)
        self._listeners: list[Callable[[StateChange], None]] = []

    def listen(self, listener: Callable[[StateChange], None]) -> None:
        """Call `listener` at every change, in order, before the change's caller goes on."""
        self._listeners.append(listener)

    def changed(self, kind: ChangeKind, subject: object) -> None:
        """Tell the listeners. Called by whoever changed an entity in place."""
        change = StateChange(kind, subject)
        for listener in self._listeners:
            listener(change)

    def provider(self, key: ProviderKey) -> Provider | None:
        agent = self.agents.get(key[0])
        return agent.providers.get(key[1]) if agent else None

    def providers(self) -> Iterator[Provider]:
        """Providers with an id, by agent."""
        for agent in self.agents.values():
            for provider_id, provider in agent.providers.items():
                if provider_id is not None:
                    yield provider

    def tasks_of_agent(self, agent_id: str) -> list[Task]:
        return self._tasks_by_agent.of(agent_id)

    def tasks_of_framework(self, framework_id: str) -> list[Task]:
        return self._tasks_by_framework.of(framework_id)

    def count_tasks_of(self, framework_id: str) -> int:
        """How many tasks of a framework are known: running, or ended and not acknowledged."""
        return self._tasks_by_framework.count(framework_id)

    def users_of(self, resource_id: str, provider_id: str | None) -> list[Task]:
        """Live tasks that hold the disk with this source id."""
        users = self._tasks_by_disk.of((provider_id, resource_id))
        return [task for task in users if not task.is_terminal]

    def add_task(self, task: Task) -> None:
        self.tasks[task.key] = task
        self._tasks_by_agent.add(task.agent_id, task.key, task)
        self._tasks_by_framework.add(task.framework_id, task.key, task)
        for disk in task.disks():
            self._tasks_by_disk.add(disk, task.key, task)
        self.changed(ChangeKind.TASK_ADDED, task)

    def complete_task(self, task: Task) -> None:
        """The task ended and its framework knows: keep it for show only."""
        if self.tasks.pop(task.key, None) is None:
            return
        self._tasks_by_agent.remove(task.agent_id, task.key)
        self._tasks_by_framework.remove(task.framework_id, task.key)
        for disk in task.disks():
            self._tasks_by_disk.remove(disk, task.key)
        self.completed_tasks.append(task)
        self.changed(ChangeKind.TASK_REMOVED, task)


def roles_of(info: mesos.FrameworkInfo) -> tuple[str, ...]:
    """The roles that a framework subscribes to, in the order it named them; "*" when it can name only one
    and names none."""
    if info.roles:
        return tuple(dict.fromkeys(info.roles))
    if isinstance(info.role, str):
        return (info.role,)
    names_many = mesos.FrameworkInfoCapabilityType.MULTI_ROLE
    return () if any(entry.type is names_many for entry in info.capabilities) else (UNRESERVED,)


def value_of(identifier: object) -> str | None:
    """The text of an optional identifier message, None when it is not set."""
    return None if identifier is UNSET or identifier is None else str(identifier.value)  # type: ignore[attr-defined]
