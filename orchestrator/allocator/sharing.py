"""Charges for what several frameworks of one agent hold at once: whoever holds it is charged once.

A shared resource counts in the share of a framework, of its role and of each role above once per agent,
however often it is held below there. It is always reserved, so that quota counts it where it is reserved.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.model.roles import is_under
from orchestrator.allocator.agents import Agent
from orchestrator.allocator.clients import Client, Holder, Own, Role
from orchestrator.allocator.holdings import SHARED, Holding, Kind
from orchestrator.allocator.roster import Roster
from orchestrator.allocator.sorter import Node


def charge_shared(
    roster: Roster, agent: Agent, client: Client | None, role: Role, holding: Holding, times: int = 1
) -> None:
    """Charges what the framework took on the agent just now."""
    once, shared = _parted(holding)
    roster.charge(client, role, once, times)
    for kind, amount in shared.items():
        nodes = [node for node in _charged(client, role) if _uses(agent, kind, node, role) == amount]
        roster.add_share(nodes, kind.counts, 1)


def discharge_shared(
    roster: Roster, agent: Agent, client: Client | None, role: Role, holding: Holding
) -> None:
    """Takes back the charge for what the framework gave back just now."""
    once, shared = _parted(holding)
    roster.discharge(client, role, once)
    for kind in shared:
        nodes = [node for node in _charged(client, role) if not _uses(agent, kind, node, role)]
        roster.add_share(nodes, kind.counts, -1)


def _parted(holding: Holding) -> tuple[Holding, dict[Kind, int]]:
    shared = {kind: n for kind, n in holding.amounts.items() if kind.flags & SHARED}
    return Holding({kind: n for kind, n in holding.amounts.items() if kind not in shared}), shared


def _charged(client: Client | None, role: Role) -> Iterator[Node]:
    if client is not None:
        yield client
    yield from role.line


def _uses(agent: Agent, kind: Kind, node: Node, role: Role) -> int:
    """How often it is held on the agent by whoever is charged at this node."""
    return sum(
        holding.amounts.get(kind, 0)
        for holder, holding in agent.held.items()
        if _is_charged(node, holder, role)
    )


def _is_charged(node: Node, holder: Holder, role: Role) -> bool:
    path = holder[1]
    if path is None:
        return False
    if isinstance(node, Client):
        return holder == node.holder
    if isinstance(node, Own):
        return path == role.path
    return is_under(path, node.path)
