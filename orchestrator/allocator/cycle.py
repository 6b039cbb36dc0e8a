"""One run: agent by agent, who is next gets all that is free.

For each agent, roles are asked in their order, and in each role its frameworks in theirs; the first
whose filters let it through is offered everything that its role may have there. So one agent makes
one offer, and further ones only for what is reserved to other roles or left by a divided group.

Only agents that may have something new to offer are visited: `run` is given those. Nothing is added
up here; shares move by what was offered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from api.model.roles import UNRESERVED
from orchestrator.allocator.agents import Agent
from orchestrator.allocator.clients import Client, Role
from orchestrator.allocator.config import AllocatorConfig
from orchestrator.allocator.holdings import Holding, by_name
from orchestrator.allocator.sorter import Sorter

_ONLY_UNRESERVED = (UNRESERVED,)


@dataclass(slots=True)
class Grant:
    """What a run decided for one framework on one agent."""

    client: Client
    agent: Agent
    holding: Holding


class Worth:
    """Whether an offer is worth making."""

    def __init__(self, config: AllocatorConfig) -> None:
        self._least = [tuple(alternative.items()) for alternative in config.min_allocatable]

    def is_enough(self, holding: Holding) -> bool:
        """By any alternative of `min_allocatable`, or for a provider's disk or a persistent volume."""
        if not self._least:
            return bool(holding)
        sums: dict[str, int] = {}
        for kind, amount in holding.amounts.items():
            milli = amount * kind.unit_milli
            if kind.offered_alone and milli >= 1000:
                return True
            sums[kind.name] = sums.get(kind.name, 0) + milli
        for least in self._least:
            for name, milli in least:
                if sums.get(name, 0) < milli:
                    break
            else:
                return True
        return False


def run(agents: Iterable[Agent], roles: Sorter[Role], worth: Worth) -> list[Grant]:
    """Decides the offers on these agents, in this order, and charges them."""
    grants: list[Grant] = []
    open_clients = 0
    for role in roles.in_order():
        open_clients |= role.mask
    for agent in agents:
        if agent.is_active and open_clients & ~agent.blocked:
            made = _visit(agent, roles, open_clients & ~agent.blocked, worth)
            for grant in made:
                charge(grant.client, by_name(grant.holding.amounts), roles)
            grants += made
    return grants


def charge(client: Client, amounts: dict[str, int], roles: Sorter[Role]) -> None:
    """Adds to what the client and its role hold, counts it, and moves both to their new places."""
    role = client.role
    for node in (client, role):
        node.charge(amounts)
        node.served += 1
    role.order.moved(client)
    roles.moved(role)


def _visit(agent: Agent, roles: Sorter[Role], eligible: int, worth: Worth) -> list[Grant]:
    """The offers on one agent; the order of roles stands still meanwhile."""
    made: list[Grant] = []
    unreserved = agent.free(_ONLY_UNRESERVED)
    is_enough = worth.is_enough(unreserved)
    for _, _, path in roles.places():
        role = roles.node(path)
        asked = role.mask & eligible
        if not asked:
            continue
        own = _has_reservation(agent, role)
        if not own and not is_enough:
            continue
        free = agent.free((UNRESERVED, *role.reserved_for)) if own else unreserved
        grant = _first_taker(agent, role, asked, free, worth)
        if grant is None:
            continue
        made.append(grant)
        agent.take(grant.client.holder, grant.holding)
        unreserved = agent.free(_ONLY_UNRESERVED)
        is_enough = worth.is_enough(unreserved)
        if not is_enough and not _any_reserved(agent):
            break
    return made


def _has_reservation(agent: Agent, role: Role) -> bool:
    return any(name in agent.balance or name in agent.others for name in role.reserved_for)


def _any_reserved(agent: Agent) -> bool:
    return any(name != UNRESERVED for name in agent.balance) or any(
        name != UNRESERVED for name in agent.others
    )


def _first_taker(agent: Agent, role: Role, asked: int, free: Holding, worth: Worth) -> Grant | None:
    """The first framework of the role, in order, whose filters let the offer through."""
    if not worth.is_enough(free):
        return None
    for _, _, framework_id in role.order.places():
        client = role.clients[framework_id]
        if not client.bit & asked:
            continue
        offered = free
        if agent.groups:
            offered = agent.fit(free, agent.turns.get(client, 0))
            if not worth.is_enough(offered):
                continue
        if client.bit & agent.filtered and agent.refuses(client, offered):
            agent.blocked |= client.bit
            continue
        if len(agent.groups) and offered.amounts != free.amounts:
            agent.turns[client] = agent.turns.get(client, 0) + 1
        return Grant(client, agent, offered)
    return None
