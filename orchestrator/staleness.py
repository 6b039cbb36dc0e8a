"""What of that which is encoded is stale after a change, and where else the same fact shows.

A change names one entity; the agent that a task is on, or the volume that it uses, is found here. It only
tells `kinds`: it changes nothing of what is known, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.inverse_offers import InverseOffers
from orchestrator.kinds import Kinds
from orchestrator.ledger import Ledger
from orchestrator.offers import Offer, Offers
from orchestrator.provisioning import Provisioning
from orchestrator.records import OperationRecord
from orchestrator.state import (
    COMPLETED_FRAMEWORKS_LIMIT,
    COMPLETED_TASKS_LIMIT,
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
from orchestrator.volumes import VolumeRecord

ENDED_OPERATIONS_SHOWN = 1_000
"""Ended and acknowledged operations in an answer: the latest to end; older ones are left out."""

Reach = tuple[object, ...]
"""What shows of an agent in its providers, volumes and operations."""


class Staleness:
    """Keeps the kinds as the state is. `moment` grows with everything that changes what is shown.

    Construct it before anything changes: from then on it is told.
    """

    def __init__(
        self,
        kinds: Kinds,
        state: ClusterState,
        ledger: Ledger,
        offers: Offers,
        provisioning: Provisioning,
        inverse_offers: InverseOffers,
    ) -> None:
        self.moment = 0
        self._kinds = kinds
        self._state = state
        self._volumes = provisioning.volumes
        self._reach: dict[str, Reach] = {}
        self._providers_on: dict[str, set[str | None]] = {}
        self._volumes_on: dict[str, dict[str, None]] = {}
        self._agent_of: dict[str, str] = {}
        """Of volumes, as they are in `_volumes_on`."""
        self._open_on: dict[str, dict[bytes, None]] = {}
        self._ended: dict[bytes, None] = {}
        self._take_up(ledger, offers)
        state.listen(self._changed, added=self._tasks_added)
        offers.listen(self._offer_changed)
        inverse_offers.listen(self._asked)

    def _take_up(self, ledger: Ledger, offers: Offers) -> None:
        """What is there already."""
        for framework in self._state.frameworks.values():
            self._kinds.frameworks.put(framework.framework_id, framework)
        for agent in self._state.agents.values():
            self._agent_changed(agent)
        for task in self._state.tasks.values():
            self._holder_changed(task)
        for executor in self._state.executors.values():
            self._holder_changed(executor)
        for record in ledger.operations.values():
            self._operation_changed(record)
        for volume in self._volumes.values():
            self._volume_changed(volume)
        for task in self._state.completed_tasks:
            self._kinds.completed.put(id(task), task)
        for framework in self._state.completed_frameworks:
            self._kinds.completed_frameworks.put(id(framework), framework)
        for offer in offers.outstanding():
            self._offer_changed(offer, True)

    # What is forgotten when.

    def _changed(self, change: StateChange) -> None:
        self.moment += 1
        match change.subject:
            case Task() | Executor() as holder:
                gone = change.kind in (ChangeKind.TASK_REMOVED, ChangeKind.EXECUTOR_REMOVED)
                self._holder_changed(holder, removed=gone)
            case Agent() as agent:
                self._agent_changed(agent, removed=change.kind is ChangeKind.AGENT_REMOVED)
            case Provider() as provider if change.kind is ChangeKind.TOTALS_CHANGED:
                self._totals_changed(provider)
            case Provider() as provider:
                self._provider_changed(provider, removed=change.kind is ChangeKind.PROVIDER_REMOVED)
            case Framework() as framework:
                self._framework_changed(framework, removed=change.kind is ChangeKind.FRAMEWORK_REMOVED)
            case OperationRecord() as record:
                self._operation_changed(record)
            case VolumeRecord() as volume:
                self._volume_changed(volume, removed=change.kind is ChangeKind.VOLUME_REMOVED)

    def _holder_changed(self, holder: Holder, *, removed: bool = False) -> None:
        if isinstance(holder, Task):
            self._task_changed(holder, removed=removed)
        elif removed:
            self._kinds.executors.remove(holder.key)
        else:
            self._kinds.executors.put(holder.key, holder)
        if not self._kinds.usage.changed(holder, removed=removed):
            return
        self._kinds.agents.touch(holder.agent_id)
        self._touch_framework(holder.framework_id)
        self._touch_volumes(holder)

    def _tasks_added(self, tasks: Sequence[Task]) -> None:
        """Many that are new, and running."""
        self.moment += len(tasks)
        shown = self._kinds.tasks
        for task in tasks:
            shown.put(task.key, task)
        for agent_id, framework_id in self._kinds.usage.added(tasks):
            self._kinds.agents.touch(agent_id)
            self._touch_framework(framework_id)
        for task in tasks:
            self._touch_volumes(task)

    def _touch_volumes(self, holder: Holder) -> None:
        """They name their users."""
        if not holder.resources.counted:
            return
        for resource in holder.resources.counted:
            if resource.disk is not None and resource.disk.persistence is not None:
                self._kinds.volumes.touch(resource.disk.persistence.id)

    def _task_changed(self, task: Task, *, removed: bool) -> None:
        if removed:
            self._kinds.tasks.remove(task.key)
            self._kinds.unreachable.remove(task.key)
            self._kinds.completed.put(id(task), task)
            self._kinds.completed.keep_last(COMPLETED_TASKS_LIMIT)
        elif id(task) in self._kinds.completed:
            self._kinds.completed.touch(id(task))
        else:
            here, elsewhere = self._kinds.tasks, self._kinds.unreachable
            if task.unreachable is not None:
                here, elsewhere = elsewhere, here
            elsewhere.remove(task.key)
            here.put(task.key, task)

    def _agent_changed(self, agent: Agent, *, removed: bool = False) -> None:
        agent_id = agent.agent_id
        here, elsewhere = self._kinds.agents, self._kinds.recovered
        if agent.registered_at is None:
            here, elsewhere = elsewhere, here
        elsewhere.remove(agent_id)
        if removed:
            here.remove(agent_id)
            self._reach.pop(agent_id, None)
            self._forget_providers(agent_id, set())
            self._touch_all_on(agent_id)
        else:
            here.put(agent_id, agent)
            self._look_at_reach(agent)
            for provider in agent.providers.values():
                self._kinds.providers.touch(provider.key)  # whether its agent is here shows in it
        self._touch_agent(agent_id)
        self._look_at_disks(agent_id)

    def _totals_changed(self, provider: Provider) -> None:
        self._kinds.providers.touch(provider.key)
        self._touch_agent(provider.key[0])
        self._look_at_disks(provider.key[0])

    def _look_at_disks(self, agent_id: str) -> None:
        """Those who hold a disk that is described otherwise by now hold that."""
        for holder in self._kinds.usage.described_anew(agent_id):
            self._holder_changed(holder)

    def _provider_changed(self, provider: Provider, *, removed: bool) -> None:
        if removed or provider.info is None:
            self._kinds.providers.remove(provider.key)
        else:
            self._kinds.providers.put(provider.key, provider)
        self._touch_agent(provider.key[0])
        agent = self._state.agents.get(provider.key[0])
        if agent is not None:
            self._look_at_reach(agent)

    def _framework_changed(self, framework: Framework, *, removed: bool) -> None:
        self._touch_framework(framework.framework_id)
        if removed:
            self._kinds.frameworks.remove(framework.framework_id)
            self._kinds.completed_frameworks.put(id(framework), framework)
            self._kinds.completed_frameworks.keep_last(COMPLETED_FRAMEWORKS_LIMIT)
        else:
            self._kinds.frameworks.put(framework.framework_id, framework)

    def _operation_changed(self, record: OperationRecord) -> None:
        """Every operation that somebody waits for is shown, and the latest of the others."""
        self._kinds.operations.put(record.uuid, record)
        self._kinds.agents.touch(record.agent_id)  # what it holds; totals are told of by themselves
        on_agent = self._open_on.setdefault(record.agent_id, {})
        if not record.terminal:
            on_agent[record.uuid] = None
            return
        on_agent.pop(record.uuid, None)
        if not on_agent:
            del self._open_on[record.agent_id]
        if record.acknowledged:
            self._ended[record.uuid] = None
            if len(self._ended) > ENDED_OPERATIONS_SHOWN:
                oldest = next(iter(self._ended))
                del self._ended[oldest]
                self._kinds.operations.remove(oldest)

    def _volume_changed(self, record: VolumeRecord, *, removed: bool = False) -> None:
        name = record.name
        if removed and name in self._volumes:
            return  # another one has the name by now, perhaps elsewhere
        before = self._agent_of.pop(name, None)
        if before is not None:
            self._volumes_on[before].pop(name)
            if not self._volumes_on[before]:
                del self._volumes_on[before]
        if removed:
            self._kinds.volumes.remove(name)
            return
        self._kinds.volumes.put(name, record)
        self._agent_of[name] = record.agent_id
        self._volumes_on.setdefault(record.agent_id, {})[name] = None

    def _look_at_reach(self, agent: Agent) -> None:
        """Whether an agent and its providers are here shows in all that is theirs."""
        reach = _reach_of(agent)
        if self._reach.get(agent.agent_id) != reach:
            self._reach[agent.agent_id] = reach
            self._forget_providers(agent.agent_id, set(agent.providers))
            for provider in agent.providers.values():
                if provider.info is not None:
                    self._kinds.providers.put(provider.key, provider)
            self._touch_all_on(agent.agent_id)

    def _forget_providers(self, agent_id: str, present: set[str | None]) -> None:
        """An agent that comes back has only the providers that it says again."""
        for provider_id in self._providers_on.get(agent_id, set()) - present:
            self._kinds.providers.remove((agent_id, provider_id))
        self._providers_on[agent_id] = present
        if not present:
            del self._providers_on[agent_id]

    def _touch_all_on(self, agent_id: str) -> None:
        for name in self._volumes_on.get(agent_id, ()):
            self._kinds.volumes.touch(name)
        for uuid in self._open_on.get(agent_id, ()):
            self._kinds.operations.touch(uuid)

    def _touch_agent(self, agent_id: str) -> None:
        self._kinds.bare_agents.forget(agent_id)
        self._kinds.agents.touch(agent_id)

    def _touch_framework(self, framework_id: str) -> None:
        self._kinds.bare_frameworks.forget(framework_id)
        self._kinds.frameworks.touch(framework_id)
        if framework_id not in self._state.frameworks:
            for key, framework in self._kinds.completed_frameworks.items():
                if framework.framework_id == framework_id:
                    self._kinds.completed_frameworks.touch(key)

    def _offer_changed(self, offer: Offer, outstanding: bool) -> None:
        self.moment += 1
        if outstanding:
            self._kinds.offered.add(offer)
        else:
            self._kinds.offered.remove(offer)
        self._kinds.agents.touch(offer.agent_id)
        self._kinds.frameworks.touch(offer.framework_id)

    def _asked(self, framework_id: str) -> None:
        """What a framework is asked by inverse offers is different."""
        self.moment += 1
        self._kinds.frameworks.touch(framework_id)


def _reach_of(agent: Agent) -> Reach:
    providers = tuple((provider_id, each.capabilities) for provider_id, each in agent.providers.items())
    here = agent.connected, agent.registered_at is None, agent.unreachable_since is None
    return *here, providers, tuple(agent.departed.items())
