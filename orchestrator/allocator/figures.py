"""What the books come to, in the milli-units that people and operators' calls speak of. Read only."""

from __future__ import annotations

from api.model.resources import Resources
from orchestrator.allocator.agents import Agent
from orchestrator.allocator.cluster import Cluster
from orchestrator.allocator.config import Headroom
from orchestrator.allocator.holdings import vector
from orchestrator.allocator.names import MICRO, milli
from orchestrator.allocator.quota import Quantities
from orchestrator.allocator.stock import capacities, revocable, share


def consumed(cluster: Cluster, role: str) -> Quantities:
    """What counts against a role's quota; parts of a milli-unit count as one."""
    found = cluster.roster.roles.get(role)
    if found is None:
        return {}
    return milli(cluster.names, [found.consumed(slot) for slot in range(len(cluster.names))], up=True)


def lacks(cluster: Cluster, role: str) -> Quantities:
    """What a role lacks of its own guarantees; parts of a milli-unit count as none."""
    found = cluster.roster.roles.get(role)
    return (
        {} if found is None else {cluster.names.name(s): n // MICRO for s, n in sorted(found.unmet.items())}
    )


def capacity(cluster: Cluster) -> Quantities:
    totals = cluster.totals
    fixed = [total - part for total, part in zip(totals.totals, totals.revocable, strict=True)]
    for agent in cluster.agents.values():
        if not agent.may_offer:
            for slot, amount in (*share(agent.stock.amounts), *capacities(agent.groups)):
                fixed[slot] -= amount
            for slot, amount in revocable(agent.stock):
                fixed[slot] += amount
    return milli(cluster.names, fixed)


def headroom(cluster: Cluster) -> Headroom:
    """Counted anew while no role has a guarantee, as nobody keeps it then."""
    books, names = cluster.roster.headroom, cluster.names
    available = list(books.available)
    if not books.is_kept:
        for agent in cluster.agents.values():
            for slot, amount in agent.count_offerable():
                available[slot] += amount
    return Headroom(milli(names, books.required, up=True), milli(names, available))


def quantities(cluster: Cluster, agent: Agent, resources: Resources) -> Quantities:
    """What of these, as they are on this agent, counts in quota when somebody uses them."""
    read = agent.read(resources).amounts
    amounts = [0] * len(cluster.names)
    for slot, amount in vector({kind: n for kind, n in read.items() if kind.is_plain}):
        amounts[slot] = amount
    return milli(cluster.names, amounts, up=True)


def shares(cluster: Cluster) -> dict[str, float]:
    """Each role's dominant share, 0 to 1, weights aside."""
    return {path: cluster.totals.share(role.used) for path, role in sorted(cluster.roster.roles.items())}
