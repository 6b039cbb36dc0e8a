"""What tasks and executors hold, summed by framework and by agent: kept up to date, never counted anew.

A framework may have a hundred thousand tasks; that one of them ends must not cost a look at all of them.
Pure bookkeeping: whoever keeps the holders says when one begins, ends, or holds something else.
"""

from __future__ import annotations

from collections.abc import Sequence

from api.model.resource_sum import ResourceSum
from api.model.resources import EMPTY, Resources
from orchestrator.reports import Multiples
from orchestrator.state import Holder, Task

HolderKey = tuple[type, tuple[str, ...]]


class Sums:
    """Of resources, by name (of an agent, a framework) and there by the role that they are for."""

    def __init__(self) -> None:
        self._sums: dict[str, dict[str, ResourceSum]] = {}

    def add(self, name: str, role: str, resources: Resources) -> None:
        if not resources:
            return
        of_name = self._sums.setdefault(name, {})
        if role not in of_name:
            of_name[role] = ResourceSum()
        of_name[role].add(resources)

    def take(self, name: str, role: str, resources: Resources) -> None:
        if not resources:
            return
        of_name = self._sums[name]
        of_name[role].take(resources)
        if not of_name[role]:
            del of_name[role]
            if not of_name:
                del self._sums[name]

    def total(self, name: str) -> Resources:
        of_name = self._sums.get(name)
        if of_name is None:
            return EMPTY
        return Resources.total(held.total().allocated(role) for role, held in of_name.items())


class Usage:
    """Sums of what is held, allocated to the roles it is held for."""

    def __init__(self) -> None:
        self._held: dict[HolderKey, tuple[Holder, Resources]] = {}
        """Who holds something, and its resources as they were counted."""
        self._by_framework = Sums()
        self._by_agent = Sums()
        self._with_disks: dict[str, dict[HolderKey, Holder]] = {}
        self._multiples = Multiples()

    def of_framework(self, framework_id: str) -> Resources:
        return self._by_framework.total(framework_id)

    def of_agent(self, agent_id: str) -> Resources:
        return self._by_agent.total(agent_id)

    def described_anew(self, agent_id: str) -> list[Holder]:
        """Those of an agent whose disks are not as they were counted: their provider says otherwise now."""
        with_disks = self._with_disks.get(agent_id, {})
        return [holder for key, holder in with_disks.items() if self._held[key][1] is not holder.resources]

    def changed(self, holder: Holder, *, removed: bool = False) -> bool:
        """A holder is there, or is not any more; True when the sums are different for it."""
        key = (type(holder), holder.key)
        known = self._held.get(key)
        if removed or (isinstance(holder, Task) and holder.is_terminal):
            if known is None or known[0] is not holder:  # or another of that name is there by now
                return False
            self._end(key)
            return True
        if known is not None and known[0] is holder and known[1] is holder.resources:
            return False
        if known is not None:
            self._end(key)
        self._begin(key, holder)
        return True

    def added(self, tasks: Sequence[Task]) -> list[tuple[str, str]]:
        """Many tasks that were not there; (agent id, framework id) of those whose sums are different."""
        parts: dict[tuple[str, str, str], list[Resources]] = {}
        for task in tasks:
            key = (Task, task.key)
            if task.is_terminal or not task.resources or task.resources.counted or key in self._held:
                self.changed(task)
                parts.setdefault((task.agent_id, task.framework_id, task.role), [])
                continue
            self._held[key] = task, task.resources
            parts.setdefault((task.agent_id, task.framework_id, task.role), []).append(task.resources)
        for (agent_id, framework_id, role), held in parts.items():
            total = self._multiples.total(held)
            self._by_framework.add(framework_id, role, total)
            self._by_agent.add(agent_id, role, total)
        return [(agent_id, framework_id) for agent_id, framework_id, _ in parts]

    def _begin(self, key: HolderKey, holder: Holder) -> None:
        resources = holder.resources
        self._held[key] = holder, resources
        self._by_framework.add(holder.framework_id, holder.role, resources)
        self._by_agent.add(holder.agent_id, holder.role, resources)
        if resources.counted:
            self._with_disks.setdefault(holder.agent_id, {})[key] = holder

    def _end(self, key: HolderKey) -> None:
        holder, resources = self._held.pop(key)
        self._by_framework.take(holder.framework_id, holder.role, resources)
        self._by_agent.take(holder.agent_id, holder.role, resources)
        with_disks = self._with_disks.get(holder.agent_id)
        if with_disks is not None and with_disks.pop(key, None) is not None and not with_disks:
            del self._with_disks[holder.agent_id]
