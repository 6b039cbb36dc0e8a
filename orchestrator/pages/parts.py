"""Entities of the cluster as version-0 pages show them: frozen values, encoded as far as they go.

Pure: state in, parts out. What of an entity changes with every offer is not in its part. There may be very
many, so that the garbage collector does not track them.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from api.model.resources import Resources
from api.wire.v0 import documents
from api.wire.v0.amounts import amounts, attributes, in_full, split
from api.wire.v0.documents import Document, as_json
from api.wire.v1 import mesos
from orchestrator.messages import task_shown
from orchestrator.offers import Offer
from orchestrator.state import Agent, Executor, Framework, Task


class TaskPart(Struct, frozen=True, gc=False):
    """A task. `since`: when its first status was told, by which tasks are put in order."""

    task_id: str
    framework_id: str
    agent_id: str
    state: mesos.TaskState
    is_unreachable: bool
    holds: Resources
    """What it holds of its agent: nothing once it has ended, or while nobody knows how it is."""
    since: float
    json: bytes


class ExecutorPart(Struct, frozen=True, gc=False):
    """An executor."""

    framework_id: str
    agent_id: str
    holds: Resources
    json: bytes


class AgentPart(Struct, frozen=True, gc=False):
    """An agent. `summary` is an object that is not closed; `full` are further fields for it.

    is_known: it has been here since the start; one that has not is `recovered`, and `summary` is all of it.
    """

    agent_id: str
    is_known: bool
    is_active: bool
    is_unreachable: bool
    summary: bytes
    full: bytes


class FrameworkPart(Struct, frozen=True, gc=False):
    """A framework, as an object that is not closed."""

    framework_id: str
    head: bytes


def task_part(task: Task) -> TaskPart:
    message = task_shown(task, [])
    return TaskPart(
        task_id=task.task_id,
        framework_id=task.framework_id,
        agent_id=task.agent_id,
        state=message.state,
        is_unreachable=task.unreachable is not None,
        holds=Resources() if task.is_terminal or task.unreachable is not None else task.resources,
        since=message.statuses[0].timestamp or 0.0 if message.statuses else 0.0,
        json=as_json(documents.task(message, amounts(task.resources), task.role)),
    )


def executor_part(executor: Executor) -> ExecutorPart:
    document = documents.executor(executor.info, amounts(executor.resources), executor.role)
    document |= {"framework_id": executor.framework_id, "slave_id": executor.agent_id}
    return ExecutorPart(executor.framework_id, executor.agent_id, executor.resources, as_json(document))


def agent_part(agent: Agent, used: Resources) -> AgentPart:
    """`used`: what tasks, executors and operations hold of it."""
    total = agent.total()
    parts = split(total)
    full = {name: parts.pop(name) for name in ("reserved_resources_full", "unreserved_resources_full")}
    full["used_resources_full"] = in_full(used)
    document: Document = {
        "id": agent.agent_id,
        "hostname": agent.info.hostname,
        "port": agent.info.port,
        "attributes": attributes(agent.info.attributes),
    }
    if agent.registered_at is None:
        document |= parts
    else:
        document |= _registered(agent)
        document |= parts
        document["used_resources"] = amounts(used)
    if agent.info.domain:
        document["domain"] = agent.info.domain
    return AgentPart(
        agent_id=agent.agent_id,
        is_known=agent.registered_at is not None,
        is_active=agent.connected and agent.is_offered,
        is_unreachable=agent.unreachable_since is not None,
        summary=opened(document),
        full=opened(full)[1:],
    )


def _registered(agent: Agent) -> Document:
    document: Document = {
        "pid": f"slave(1)@{agent.address}",
        "registered_time": agent.registered_at,
        "active": agent.connected and agent.is_offered,
        "deactivated": not agent.is_offered,
        "version": agent.version,
        "capabilities": [each.type for each in agent.capabilities if each.type],
    }
    if agent.reregistered_at is not None:
        document["reregistered_time"] = agent.reregistered_at
    if (drain := agent.withdrawal.info) is not None:
        document["drain_info"] = drain
        document["estimated_drain_start_time_seconds"] = agent.withdrawal.since
    return document


def framework_part(framework: Framework) -> FrameworkPart:
    document = documents.framework(framework.info) | {
        "id": framework.framework_id,
        "active": framework.connected,
        "connected": framework.connected,
        "recovered": framework.recovered,
        "registered_time": framework.registered_at,
        "unregistered_time": framework.unregistered_at or 0.0,
    }
    if framework.reregistered_at is not None:
        document["reregistered_time"] = framework.reregistered_at
    return FrameworkPart(framework.framework_id, opened(document))


def offer_json(offer: Offer) -> bytes:
    return as_json(
        {
            "id": offer.offer_id,
            "framework_id": offer.framework_id,
            "slave_id": offer.agent_id,
            "allocation_info": {"role": offer.role},
            "resources": amounts(offer.resources),
        }
    )


def opened(document: Document) -> bytes:
    """The object without its closing brace: more fields may follow, each after a comma."""
    return as_json(document)[:-1]


def closed(head: bytes, fields: Iterable[tuple[str, bytes]]) -> bytes:
    """An object that was not closed, with these fields, encoded, and closed."""
    return head + b"".join(b',"%b":%b' % (name.encode(), value) for name, value in fields) + b"}"
