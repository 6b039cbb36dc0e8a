"""Version-0 pages of the cluster's state: /state, /state-summary, /slaves, /frameworks, /tasks.

Pure: a snapshot in, the page out in small pieces, between each of which the event loop may have its turn
(an empty piece is nothing but such a place).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice
from typing import TypeVar

from api.model.resources import Resources
from api.wire.v0.amounts import Sum, amounts, in_full
from api.wire.v0.documents import Document, as_json
from api.wire.v0.queries import TaskQuery
from api.wire.v1 import mesos
from orchestrator.offers import Offer
from orchestrator.pages.parts import (
    AgentPart,
    ExecutorPart,
    FrameworkPart,
    TaskPart,
    closed,
    offer_json,
    opened,
)
from orchestrator.pages.snapshots import Snapshot

STEP = 50
"""Small values that are looked at between two places at which a slice may end."""

RUN = 500
"""Tasks that are put in order at once. To begin with the first of all costs as much as there are runs."""

T = TypeVar("T")
Pieces = Iterator[bytes]

COUNTED = [state for state in mesos.TaskState if state is not mesos.TaskState.TASK_UNKNOWN]
"""The states whose tasks /state-summary counts."""


def state(snapshot: Snapshot, about: Document) -> Pieces:
    """All there is. `about`: what the orchestrator says of itself."""
    known = [agent for agent in snapshot.agents if agent.is_known]
    counts = {
        "activated_slaves": sum(agent.is_active for agent in known),
        "deactivated_slaves": sum(not (agent.is_active or agent.is_unreachable) for agent in known),
        "unreachable_slaves": sum(agent.is_unreachable for agent in snapshot.agents),
    }
    yield opened(about | counts) + b","
    yield from _slaves(snapshot, None)
    yield b","
    yield from _frameworks(snapshot, None)
    yield b',"orphan_tasks":[],"unregistered_frameworks":[]}'


def slaves(snapshot: Snapshot, slave_id: str | None) -> Pieces:
    """All agents, or the one of that id."""
    yield b"{"
    yield from _slaves(snapshot, slave_id)
    yield b"}"


def frameworks(snapshot: Snapshot, framework_id: str | None) -> Pieces:
    """All frameworks, or the one of that id."""
    yield b"{"
    yield from _frameworks(snapshot, framework_id)
    yield b',"unregistered_frameworks":[]}'


def tasks(snapshot: Snapshot, query: TaskQuery) -> Pieces:
    """Tasks of all frameworks, those included that have ended, by the time of their first status."""
    runs: list[list[TaskPart]] = []
    for part in _steps([*snapshot.tasks, *snapshot.completed_tasks], RUN):
        chosen = [task for task in part if _is_wanted(task, query)]
        runs.append(sorted(chosen, key=_since, reverse=not query.ascending))
        yield b""
    ordered = merge(*runs, key=_since, reverse=not query.ascending)
    yield from _passed_over(ordered, query.offset)
    yield b'{"tasks":['
    yield from _listed(task.json for task in islice(ordered, query.limit))
    yield b"]}"


def summary(snapshot: Snapshot, about: Document) -> Pieces:
    """Agents and frameworks with numbers of tasks, instead of the tasks."""
    by_agent: dict[str, _Tally] = {}
    by_framework: dict[str, _Tally] = {}
    for part in _steps([*snapshot.tasks, *snapshot.completed_tasks]):
        for task in part:
            by_agent.setdefault(task.agent_id, _Tally()).add(task, task.framework_id)
            by_framework.setdefault(task.framework_id, _Tally()).add(task, task.agent_id)
        yield b""
    offers = _Offers(snapshot.offers)
    yield from offers.group()
    yield opened(about) + b',"slaves":['
    known = (agent for agent in snapshot.agents if agent.is_known)
    yield from _listed(
        closed(agent.summary, [("offered_resources", _amounts(offers.on(agent.agent_id)))])[:-1]
        + by_agent.pop(agent.agent_id, _Tally()).fields("framework_ids")
        for agent in known
    )
    yield b'],"frameworks":['
    used: dict[str, Sum] = {}
    yield from _use(snapshot, used)
    yield from _listed(
        framework.head
        + _amounts_of(used.get(framework.framework_id, Sum()), offers.of(framework.framework_id))
        + by_framework.get(framework.framework_id, _Tally()).fields("slave_ids")
        for framework in snapshot.frameworks
    )
    yield b"]}"


# Agents.


def _slaves(snapshot: Snapshot, slave_id: str | None) -> Pieces:
    offers = _Offers(snapshot.offers)
    yield from offers.group()
    chosen = [agent for agent in snapshot.agents if slave_id in (None, agent.agent_id)]
    yield b'"slaves":['
    yield from _listed(_slave(agent, offers) for agent in chosen if agent.is_known)
    yield b'],"recovered_slaves":['
    yield from _listed(agent.summary + b"}" for agent in chosen if not agent.is_known)
    yield b"]"


def _slave(agent: AgentPart, offers: _Offers) -> bytes:
    offered = offers.on(agent.agent_id)
    fields = [
        ("offered_resources", _amounts(offered)),
        ("offered_resources_full", as_json(in_full(offered))),
    ]
    return closed(agent.summary + b"," + agent.full, fields)


# Frameworks.


@dataclass(slots=True)
class _Having:
    """What belongs to one framework."""

    tasks: list[TaskPart] = field(default_factory=list)
    unreachable: list[TaskPart] = field(default_factory=list)
    completed: list[TaskPart] = field(default_factory=list)
    executors: list[ExecutorPart] = field(default_factory=list)


def _frameworks(snapshot: Snapshot, framework_id: str | None) -> Pieces:
    having: dict[str, _Having] = {}
    for tasks in _steps(snapshot.tasks):
        for task in tasks:
            its = having.setdefault(task.framework_id, _Having())
            (its.unreachable if task.is_unreachable else its.tasks).append(task)
        yield b""
    for tasks in _steps(snapshot.completed_tasks):
        for task in tasks:
            having.setdefault(task.framework_id, _Having()).completed.append(task)
        yield b""
    for executors in _steps(snapshot.executors):
        for executor in executors:
            having.setdefault(executor.framework_id, _Having()).executors.append(executor)
        yield b""
    offers = _Offers(snapshot.offers)
    yield from offers.group()
    for name, parts in (
        (b'"frameworks":[', snapshot.frameworks),
        (b',"completed_frameworks":[', snapshot.completed_frameworks),
    ):
        yield name
        chosen = [part for part in parts if framework_id in (None, part.framework_id)]
        for index, part in enumerate(chosen):
            yield b"," if index else b""
            yield from _framework(part, having.get(part.framework_id, _Having()), offers)
        yield b"]"


def _framework(part: FrameworkPart, having: _Having, offers: _Offers) -> Pieces:
    used = Sum()
    both: list[TaskPart | ExecutorPart] = [*having.tasks, *having.executors]
    for holders in _steps(both):
        for holder in holders:
            used.add(holder.holds)
        yield b""
    yield part.head + _amounts_of(used, offers.of(part.framework_id))
    yield b',"tasks":['
    yield from _listed(task.json for task in having.tasks)
    yield b'],"unreachable_tasks":['
    yield from _listed(task.json for task in having.unreachable)
    yield b'],"completed_tasks":['
    yield from _listed(task.json for task in having.completed)
    yield b'],"offers":['
    yield from _listed(offer_json(offer) for offer in offers.each_of(part.framework_id))
    yield b'],"executors":['
    yield from _listed(executor.json for executor in having.executors)
    yield b"]}"


def _use(snapshot: Snapshot, used: dict[str, Sum]) -> Pieces:
    """Add up what each framework holds, into `used`."""
    both: list[TaskPart | ExecutorPart] = [*snapshot.tasks, *snapshot.executors]
    for holders in _steps(both):
        for holder in holders:
            used.setdefault(holder.framework_id, Sum()).add(holder.holds)
        yield b""


def _amounts_of(used: Sum, offered: Resources) -> bytes:
    """The fields of a framework that say what it has; each after a comma."""
    in_use = as_json(used.shown())
    used.add(offered)
    total = as_json(used.shown()) if offered else in_use
    fields = [("used_resources", in_use), ("offered_resources", _amounts(offered)), ("resources", total)]
    return closed(b"", fields)[:-1]


# Offers, tasks.


class _Offers:
    """What is on offer, by agent and by framework."""

    def __init__(self, offers: Sequence[Offer]) -> None:
        self._offers = offers
        self._by_agent: dict[str, list[Offer]] = {}
        self._by_framework: dict[str, list[Offer]] = {}

    def group(self) -> Pieces:
        for offers in _steps(self._offers):
            for offer in offers:
                self._by_agent.setdefault(offer.agent_id, []).append(offer)
                self._by_framework.setdefault(offer.framework_id, []).append(offer)
            yield b""

    def each_of(self, framework_id: str) -> list[Offer]:
        return self._by_framework.get(framework_id, [])

    def of(self, framework_id: str) -> Resources:
        return Resources.total(offer.resources for offer in self.each_of(framework_id))

    def on(self, agent_id: str) -> Resources:
        return Resources.total(offer.resources for offer in self._by_agent.get(agent_id, []))


class _Tally:
    """Numbers of tasks by state, and what they belong to."""

    def __init__(self) -> None:
        self._states: Counter[mesos.TaskState] = Counter()
        self._ids: dict[str, None] = {}

    def add(self, task: TaskPart, other_id: str) -> None:
        self._states[task.state] += 1
        self._ids[other_id] = None

    def fields(self, ids: str) -> bytes:
        """Further fields of an object, which they close."""
        counts: Document = {state: self._states[state] for state in COUNTED}
        return b"," + as_json(counts | {ids: list(self._ids)})[1:]


def _is_wanted(task: TaskPart, query: TaskQuery) -> bool:
    return query.task_id in (None, task.task_id) and query.framework_id in (None, task.framework_id)


def _since(task: TaskPart) -> float:
    return task.since


def _amounts(resources: Resources) -> bytes:
    return as_json(amounts(resources))


def _listed(elements: Iterable[bytes]) -> Pieces:
    """The elements of a list, with commas."""
    separator = b""
    for element in elements:
        yield separator + element
        separator = b","


def _passed_over(tasks: Iterator[TaskPart], many: int) -> Pieces:
    """Leave so many out, as far as there are any."""
    while many > 0 and (left_out := len(list(islice(tasks, min(many, STEP))))):
        many -= left_out
        yield b""


def _steps(values: Sequence[T], step: int = STEP) -> Iterator[Sequence[T]]:
    return (values[first : first + step] for first in range(0, len(values), step))
