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
        if not agent.is_active:
            continue
        agent.recall()
        if open_clients & ~agent.blocked:
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
    has_reserved = agent.has_reserved()
    for _, _, path in roles.places():
        role = roles.node(path)
        asked = role.mask & eligible
        if not asked:
            continue
        own = has_reserved and agent.has_reserved_for(role.reserved_for)
        if own:
            free = agent.free((UNRESERVED, *role.reserved_for))
            if not worth.is_enough(free):
                continue
        elif is_enough:
            free = unreserved
        else:
            continue
        grant = _first_taker(agent, role, asked, free, worth)
        if grant is None:
            continue
        if not made:
            agent.remember()
        made.append(grant)
        agent.take(grant.client.holder, grant.holding)
        if not has_reserved and not agent.groups:
            break  # that was all
        unreserved = agent.free(_ONLY_UNRESERVED)
        is_enough = worth.is_enough(unreserved)
    if not made:
        agent.remember()
    return made


def _first_taker(agent: Agent, role: Role, asked: int, free: Holding, worth: Worth) -> Grant | None:
    """The first framework of the role, in order, whose filters let the offer through."""
    is_divided = bool(agent.groups)
    for _, _, framework_id in role.order.places():
        client = role.clients[framework_id]
        if not client.bit & asked:
            continue
        offered = free
        if is_divided:
            offered = agent.fit(free, agent.turns.get(client, 0))
            if not worth.is_enough(offered):
                continue
        if client.bit & agent.filtered and agent.refuses(client, offered):
            agent.blocked |= client.bit
            continue
        if is_divided and offered.amounts != free.amounts:
            agent.turns[client] = agent.turns.get(client, 0) + 1
        return Grant(client, agent, offered)
    return None
