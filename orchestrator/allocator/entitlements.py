"""What quota is judged by: what roles consume, what the cluster has. Sums only, nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from api.model.roles import is_under
from orchestrator.allocator.groups import Group
from orchestrator.allocator.holdings import Kind
from orchestrator.allocator.quota import Quota, QuotaName, disk_of_profile

if TYPE_CHECKING:
    from orchestrator.allocator.allocator import Allocator


def count(kind: Kind, amount: int, into: dict[QuotaName, int]) -> None:
    if kind.identity.revocable:
        return
    into[kind.name] = into.get(kind.name, 0) + amount * kind.unit_milli * kind.cost_milli
    source = kind.identity.disk.source if kind.identity.disk is not None else None
    if source is not None and source.profile is not None:
        name = disk_of_profile(source.profile)
        into[name] = into.get(name, 0) + amount * kind.unit_milli * 1000


def consumed(allocator: Allocator, role: str) -> Mapping[QuotaName, int]:
    found: dict[QuotaName, int] = {}
    for agent in allocator.agents.values():
        for kind, amount in agent.total_amounts().items():
            if kind.is_reserved and is_under(kind.role, role):
                count(kind, amount, found)
        for (_, path), holding in agent.held.items():
            if path is not None and is_under(path, role):
                for kind, amount in holding.amounts.items():
                    if not kind.is_reserved:
                        count(kind, amount, found)
    return {name: -(-micro // 1000) for name, micro in sorted(found.items())}


def capacity(allocator: Allocator) -> Mapping[QuotaName, int]:
    found: dict[QuotaName, int] = {}
    for agent in allocator.agents.values():
        for kind, amount in agent.total_amounts().items():
            count(kind, amount, found)
        for group in agent.groups:
            _count_once(group, agent.total_amounts(), found)
    return {name: micro // 1000 for name, micro in sorted(found.items())}


def _count_once(group: Group, total: Mapping[Kind, int], into: dict[QuotaName, int]) -> None:
    name = group.kinds[0].name
    into[name] -= sum(total.get(kind, 0) * kind.cost_milli for kind in group.kinds) - group.capacity


def required(allocator: Allocator, quotas: Mapping[str, Quota]) -> dict[QuotaName, int]:
    found: dict[QuotaName, int] = {}
    for role, quota in quotas.items():
        has = consumed(allocator, role) if quota.guarantees else {}
        for name, amount in quota.guarantees.items():
            found[name] = found.get(name, 0) + max(amount - has.get(name, 0), 0)
    return found
