"""What the leader knows of its cluster, in memory.

Knowledge, not facts: agents and providers own what is true, and this is rebuilt from them after
a failover. No I/O here, no decisions: the rooms that decide change it through its methods, and
whoever shows it to users listens for the changes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import UNSET

from api.model.resource import Reservation, Resource
from api.model.resources import Resources
from api.model.roles import UNRESERVED, is_under
from api.wire.convert import reservation_from_wire
from api.wire.errors import WireError
from api.wire.registration import task_of
from api.wire.v1 import mesos, resource_provider, scheduler
from orchestrator.index import Index
from orchestrator.listeners import ChangeKind, Listeners, StateChange
from orchestrator.totals import Totals
from orchestrator.withdrawal import ACTIVE, Mode, Withdrawal

COMPLETED_TASKS_LIMIT = 1_000
"""Ended and acknowledged tasks that are still shown; the oldest are forgotten beyond it."""

COMPLETED_FRAMEWORKS_LIMIT = 50
"""Removed frameworks that are still shown; the oldest are forgotten beyond it."""

ProviderKey = tuple[str, str | None]
"""(agent id, provider id); None for the agent's own resources, a provider without an id."""

TaskKey = tuple[str, str]
"""(framework id, task id)."""

ExecutorKey = tuple[str, str, str]
"""(agent id, framework id, executor id): the same id may run on several agents, each its own executor."""

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
    """When its link ended, or it was taken up from the registry without one; None while it is here, from the
    moment it asks to be admitted."""
    unreachable_since: float | None = None
    """Since when it has been away for so long that nobody can say how its tasks are; else None."""
    down: bool = False
    """Whether its machine is down for maintenance: nothing is offered or placed there."""
    withdrawal: Withdrawal = ACTIVE
    """What its operators said of it; unless it is ACTIVE, nothing is offered or placed there either."""
    findings: list[mesos.HostFinding] = field(default_factory=list)
    """What it found on its host of former lives."""
    drain_waits: tuple[str, ...] = ()
    """What a drain that is under way waits for, in words."""

    @property
    def is_awaited(self) -> bool:
        """Whether it was not here since the start, and may be back soon to say what it runs."""
        return self.registered_at is None and self.unreachable_since is None

    @property
    def is_offered(self) -> bool:
        """Whether anything of it may be offered, or placed there, while it is connected."""
        return not self.down and self.withdrawal.mode is Mode.ACTIVE

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
    reported: bytes | None = None
    """All that its agent reported of it: `mesos.v1.Task` in msgpack."""
    statuses: Sequence[mesos.TaskStatus] = ()
    """To be replaced, not changed."""
    executor_id: str | None = None
    """None for a command's own task."""
    unreachable: mesos.TaskStatus | None = None
    """What its framework was told when its agent became unreachable; None while it is not."""
    key: TaskKey = field(init=False)

    def __post_init__(self) -> None:
        self.key = self.framework_id, self.task_id

    @property
    def label(self) -> str:
        """How people are told of it."""
        return self.task_id

    @property
    def message(self) -> mesos.Task | None:
        """What its agent reported of it, read anew each time; None when it did not, or cannot be read."""
        if self.reported is None:
            return None
        try:
            return task_of(self.reported)
        except WireError:
            return None

    @property
    def shown_state(self) -> mesos.TaskState:
        """As far as is known: `state` is the last that its agent said."""
        return self.state if self.unreachable is None else self.unreachable.state

    @property
    def is_terminal(self) -> bool:
        return self.state in TERMINAL_TASK_STATES

    @property
    def executor_key(self) -> ExecutorKey | None:
        return None if self.executor_id is None else (self.agent_id, self.framework_id, self.executor_id)


@dataclass(slots=True)
class Executor:
    """An executor that runs, or that a launch is to start. `resources`: its own, without its tasks' and
    without allocation info. It is known until it has exited: what is known of one holds its resources."""

    framework_id: str
    executor_id: str
    agent_id: str
    role: str
    info: mesos.ExecutorInfo
    resources: Resources
    container_id: str | None = None

    @property
    def key(self) -> ExecutorKey:
        return self.agent_id, self.framework_id, self.executor_id

    @property
    def label(self) -> str:
        """How people are told of it."""
        return f"executor {self.executor_id}"


Holder = Task | Executor
"""What holds resources of an agent for a framework."""


class ClusterState:
    """Agents, providers, frameworks and tasks, and who listens for their changes."""

    def __init__(self) -> None:
        self.agents: dict[str, Agent] = {}
        self.gone_agents: Mapping[str, str] = {}
        """Those that were removed for good, as the registry has them."""
        self.frameworks: dict[str, Framework] = {}
        self.tasks: dict[TaskKey, Task] = {}
        """To be changed by `add_task` and `complete_task` only."""
        self.executors: dict[ExecutorKey, Executor] = {}
        """To be changed by `add_executor` and `remove_executor` only."""
        self._tasks_by_agent: Index[str, Task] = Index()
        self._tasks_by_framework: Index[str, Task] = Index()
        self._executors_by_agent: Index[str, Executor] = Index()
        self._executors_by_framework: Index[str, Executor] = Index()
        self._holders_by_disk: Index[DiskKey, Holder] = Index()
        self.completed_tasks: deque[Task] = deque(maxlen=COMPLETED_TASKS_LIMIT)
        self.completed_frameworks: deque[Framework] = deque(maxlen=COMPLETED_FRAMEWORKS_LIMIT)
        self._listeners = Listeners[Task]()
        self.listen = self._listeners.listen
        self.changed = self._listeners.changed

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

    def executors_of_agent(self, agent_id: str) -> list[Executor]:
        return self._executors_by_agent.of(agent_id)

    def executors_of_framework(self, framework_id: str) -> list[Executor]:
        return self._executors_by_framework.of(framework_id)

    def count_executors_of(self, framework_id: str) -> int:
        """How many executors of a framework are known, on all agents."""
        return self._executors_by_framework.count(framework_id)

    def holders_on(self, agent_id: str) -> list[Holder]:
        """All that holds something of an agent for a framework: live tasks, and executors."""
        live = [task for task in self.tasks_of_agent(agent_id) if not task.is_terminal]
        return [*live, *self.executors_of_agent(agent_id)]

    def holders_of(self, framework_id: str) -> list[Holder]:
        """The same of one framework, on all agents."""
        live = [task for task in self.tasks_of_framework(framework_id) if not task.is_terminal]
        return [*live, *self.executors_of_framework(framework_id)]

    def users_of(self, resource_id: str, provider_id: str | None) -> list[Holder]:
        """Live tasks, and executors, that hold the disk with this source id."""
        users = self._holders_by_disk.of((provider_id, resource_id))
        return [each for each in users if isinstance(each, Executor) or not each.is_terminal]

    def add_task(self, task: Task) -> None:
        self._take_in(task)
        self.changed(ChangeKind.TASK_ADDED, task)

    def add_tasks(self, tasks: Sequence[Task]) -> None:
        """The same of all that an agent reports and that are new."""
        for task in tasks:
            self._take_in(task)
        self._listeners.added(ChangeKind.TASK_ADDED, tasks)

    def _take_in(self, task: Task) -> None:
        key = task.key
        self.tasks[key] = task
        self._tasks_by_agent.add(task.agent_id, key, task)
        self._tasks_by_framework.add(task.framework_id, key, task)
        if task.resources.counted:
            self._add_disks(task)

    def complete_task(self, task: Task) -> None:
        """The task ended and its framework knows: keep it for show only."""
        if self.tasks.pop(task.key, None) is None:
            return
        self._tasks_by_agent.remove(task.agent_id, task.key)
        self._tasks_by_framework.remove(task.framework_id, task.key)
        self._remove_disks(task)
        self.completed_tasks.append(task)
        self.changed(ChangeKind.TASK_REMOVED, task)

    def add_executor(self, executor: Executor) -> None:
        self.executors[executor.key] = executor
        self._executors_by_agent.add(executor.agent_id, executor.key, executor)
        self._executors_by_framework.add(executor.framework_id, executor.key, executor)
        self._add_disks(executor)
        self.changed(ChangeKind.EXECUTOR_ADDED, executor)

    def remove_executor(self, executor: Executor) -> None:
        """The executor has exited, or never began."""
        if self.executors.pop(executor.key, None) is None:
            return
        self._executors_by_agent.remove(executor.agent_id, executor.key)
        self._executors_by_framework.remove(executor.framework_id, executor.key)
        self._remove_disks(executor)
        self.changed(ChangeKind.EXECUTOR_REMOVED, executor)

    def _add_disks(self, holder: Holder) -> None:
        for disk in disks_of(holder.resources):
            self._holders_by_disk.add(disk, holder.key, holder)

    def _remove_disks(self, holder: Holder) -> None:
        for disk in disks_of(holder.resources):
            self._holders_by_disk.remove(disk, holder.key)


def disks_of(resources: Resources) -> list[DiskKey]:
    """The disks with an id among resources."""
    sources = [(each.provider_id, each.disk.source) for each in resources if each.disk is not None]
    return [(owner, source.id) for owner, source in sources if source is not None and source.id is not None]


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


__all__ = ["ChangeKind", "StateChange"]
