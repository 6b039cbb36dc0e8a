"""Tasks and executors hold disks as those were when they began. What grew is still theirs, at its new size.

A disk is known by its provider and its id. It must not: decide who may use what.
"""

from __future__ import annotations

from dataclasses import replace

from api.model.resource import Resource
from api.model.resources import Resources
from orchestrator.allocator import Allocator
from orchestrator.state import Agent, ClusterState


def follow(state: ClusterState, allocator: Allocator | None, agent: Agent) -> None:
    """What live tasks and executors of the agent hold is what there is of their disks now.

    `allocator`: what it counts as theirs changes as well; None when that is counted anew afterwards.
    """
    using = [holder for holder in state.holders_on(agent.agent_id) if holder.resources.counted]
    if not using:
        return
    total = agent.total()
    present: dict[tuple[str | None, str], Resource] | None = None
    for holder in using:
        lost = [r for r in holder.resources.counted if _key(r) is not None and total.count(r) == 0]
        if not lost:
            continue
        if present is None:
            present = {key: r for r in total.counted if (key := _key(r)) is not None}
        now = [_as_used(before, present.get(_key(before) or (None, ""), before)) for before in lost]
        old, new = Resources(lost), Resources(now)
        if old == new:
            continue
        holder.resources = holder.resources - old + new
        if allocator is not None:
            allocator.release(holder.framework_id, holder.role, agent.agent_id, old)
            allocator.allocate(holder.framework_id, holder.role, agent.agent_id, new)


def _key(resource: Resource) -> tuple[str | None, str] | None:
    source = resource.disk.source if resource.disk is not None else None
    return None if source is None or source.id is None else (resource.provider_id, source.id)


def _as_used(before: Resource, now: Resource) -> Resource:
    assert before.disk is not None and now.disk is not None
    return now.with_disk(replace(now.disk, volume=before.disk.volume))
