"""What must hold of the allocator's books at any time, worked out anew from the ground.

Slow and plain on purpose, for tests and the simulation: it trusts only the totals as given, and who
holds what.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from api.model.roles import is_under
from orchestrator.allocator.agents import Agent
from orchestrator.allocator.clients import Client, Own, Role
from orchestrator.allocator.config import InvariantBroken
from orchestrator.allocator.holdings import SHARED, Amounts, Kind, add_amount, vector
from orchestrator.allocator.names import Vector
from orchestrator.allocator.sorter import Node, Sorter
from orchestrator.allocator.stock import capacities, reservations, share

if TYPE_CHECKING:
    from orchestrator.allocator.allocator import Allocator


def check(allocator: Allocator) -> None:
    """Raises InvariantBroken, naming the first that does not hold."""
    cluster = allocator.cluster
    for agent in cluster.agents.values():
        _check_free(agent)
        cluster.filters.check(agent)
    _check_totals(allocator)
    _check_notes(allocator)
    _check_charges(allocator)
    _check_quota(allocator)
    _check_tree(allocator)


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise InvariantBroken(what)


def _check_free(agent: Agent) -> None:
    """Held and free add up to the total."""
    stock = agent.read(agent.total)
    _require(stock.is_like(agent.stock), f"the stock of {agent.id} is not its total")
    held: Amounts = {}
    for holder, holding in agent.held.items():
        _require(bool(holding), f"{holder} holds an empty holding on {agent.id}")
        _require(all(amount > 0 for amount in holding.amounts.values()), f"{holder} holds less than nothing")
        for kind, amount in holding.amounts.items():
            if not kind.flags & SHARED:
                add_amount(held, kind, amount)
    for kind in {**stock.amounts, **held}:
        expected = stock.amounts.get(kind, 0) - held.get(kind, 0)
        _require(agent.free_of(kind) == expected, f"{kind} free on {agent.id} is not {expected}")
    for role, free in (("*", agent.star), *agent.reserved.items()):
        _require(bool(free) or role == "*", f"empty table for {role} on {agent.id}")
        for kind, amount in free.amounts.items():
            _require(kind.role == role and amount > 0, f"{kind} on {agent.id} does not belong there")
            _require(kind not in agent.deficit, f"{kind} on {agent.id} is free and lacking")
    free_others = agent.stock.others
    for holding in agent.held.values():
        free_others = free_others - holding.others
    counted = agent.star.others
    for free in agent.reserved.values():
        counted = counted + free.others
    _require(counted == free_others, f"ranges on {agent.id} are {counted}, not {free_others}")


def _check_notes(allocator: Allocator) -> None:
    """Agents remember nothing of those that are gone: their bits may be others' now."""
    roster = allocator.cluster.roster
    known, picky = set(roster.clients.values()), sum(client.bit for client in roster.picky)
    for agent in allocator.cluster.agents.values():
        _require(set(agent.turns) <= known, f"{agent.id} counts turns of who is gone")
        _require(not agent.unwanted & ~picky, f"{agent.id} is unwanted by who wants every agent")


def _check_totals(allocator: Allocator) -> None:
    cluster = allocator.cluster
    found = [0] * len(cluster.names)
    for agent in cluster.agents.values():
        _add(found, share(agent.stock.amounts) + capacities(agent.groups))
    _require(cluster.totals.totals == found, "the cluster's totals are not the sum of its agents'")


def _check_charges(allocator: Allocator) -> None:
    """What roles and frameworks are charged with is what they hold."""
    roster, agents = allocator.cluster.roster, allocator.cluster.agents.values()
    for holder in {holder for agent in agents for holder in agent.held}:
        known = holder in roster.clients if holder[0] is not None else holder[1] in (None, *roster.roles)
        _require(known, f"{holder} holds something and is not known")
    for role in roster.roles.values():
        held = _held_under(agents, role.path, below=True)
        _require(role.used == _sum(held, role), f"role {role.path} is charged wrongly")
        if role.own is not None:
            own = _held_under(agents, role.path, below=False)
            _require(role.own.used == _sum(own, role), f"what competes in {role.path} is charged wrongly")
        for client in role.clients.values():
            mine = [
                (agent, kind, amount)
                for agent in agents
                if client.holder in agent.held
                for kind, amount in agent.held[client.holder].amounts.items()
            ]
            _require(client.used == _sum(mine, client), f"{client.holder} is charged wrongly")
            places = sum(client.holder in agent.held for agent in agents)
            _require(client.places == places, f"{client.holder} holds something in {places} places")
        _check_consumed(role, agents, held)


Held = list[tuple[Agent, Kind, int]]


def _held_under(agents: Iterable[Agent], path: str, *, below: bool) -> Held:
    return [
        (agent, kind, amount)
        for agent in agents
        for (_, role), holding in agent.held.items()
        if role is not None and (is_under(role, path) if below else role == path)
        for kind, amount in holding.amounts.items()
    ]


def _sum(held: Held, node: Node) -> list[int]:
    found = [0] * len(node.used)
    for _, kind, amount in held:
        if not kind.flags & SHARED:
            _add(found, vector({kind: amount}))
    for _, kind in {(agent, kind): None for agent, kind, _ in held if kind.flags & SHARED}:
        _add(found, kind.counts)
    return found


def _check_consumed(role: Role, agents: Iterable[Agent], held: Held) -> None:
    found = [0] * len(role.used)
    for _, kind, amount in held:
        if kind.is_plain:
            _add(found, vector({kind: amount}))
    for agent in agents:
        for path, amounts in reservations(agent.stock).items():
            if is_under(path, role.path):
                _add(found, amounts)
    consumed = [role.consumed(slot) for slot in range(len(found))]
    _require(consumed == found, f"role {role.path} is taken to consume {consumed}, it does {found}")


def _check_quota(allocator: Allocator) -> None:
    """What guarantees lack, what is free for them, who wants it."""
    cluster, roster = allocator.cluster, allocator.cluster.roster
    required = [0] * len(cluster.names)
    for role in roster.roles.values():
        unmet = {s: g - role.consumed(s) for s, g in role.guarantees if g > role.consumed(s)}
        _require(role.unmet == unmet, f"role {role.path} is taken to lack {role.unmet}, it does {unmet}")
        _add(required, tuple(unmet.items()))
        caps = tuple(above for above in role.lineage if above.limits)
        _require(role.caps == caps, f"role {role.path} does not know what limits it")
    headroom = roster.headroom
    _require(headroom.required == required, "what is required for guarantees is not what roles lack")
    _require(headroom.tight == sum(r > 0 for r in required), "so many names are not required")
    if headroom.is_kept:
        available = [0] * len(cluster.names)
        for agent in cluster.agents.values():
            _add(available, agent.count_offerable())
        _require(headroom.available == available, "what is available is not what agents have free")
    wanting = {role.path for role in roster.roles.values() if role.unmet and role.reach}
    _require({n.path for n in roster.wanting.nodes()} == wanting, "others want guarantees than lack them")
    _check_sorted(allocator, roster.wanting, "those that lack guarantees")


def _check_tree(allocator: Allocator) -> None:
    """Places with open clients, and no others, stand in order, which is sorted."""
    roster = allocator.cluster.roster
    for role in (roster.root, *roster.roles.values()):
        expected: list[Client] = [client for client in role.clients.values() if client.is_open]
        _require(
            sorted(node.path for node in role.order.nodes()) == sorted(c.framework_id for c in expected),
            f"the order of role {role.path} does not hold its open clients",
        )
        _check_sorted(allocator, role.order, f"role {role.path}")
        _require(role.mask == sum(client.bit for client in expected), f"mask of role {role.path} is wrong")
        if role is not roster.root:
            reach = role.mask
            for child in role.children.values():
                reach |= child.reach
            _require(role.reach == reach, f"reach of role {role.path} is wrong")
        _check_inner(allocator, role)


def _check_inner(allocator: Allocator, role: Role) -> None:
    if role.inner is None or role.spent is None:
        _require(not role.children, f"role {role.path} has children and no order of them")
        return
    stand: list[Node] = [child for child in role.children.values() if child.reach]
    if role.own is not None and role.mask:
        stand.append(role.own)
    listed = role.inner.nodes() + role.spent.nodes()
    _require(
        sorted(node.path for node in listed) == sorted(node.path for node in stand),
        f"the order below role {role.path} does not hold who competes there",
    )
    for node in role.spent.nodes():
        _require(not isinstance(node, Own), f"{node.path} cannot have spent anything")
    _check_sorted(allocator, role.inner, f"what is below {role.path}")
    _check_sorted(allocator, role.spent, f"what stands aside below {role.path}")


def _check_sorted(allocator: Allocator, order: Sorter, what: str) -> None:
    keys = [node.new_key(allocator.cluster.totals)[:3] for node in order.nodes()]
    _require(keys == sorted(keys), f"the order of {what} is not by share")
    _require([key[:3] for key in order.places()] == keys, f"the order of {what} is of old")


def _add(into: list[int], more: Vector) -> None:
    for slot, amount in more:
        into[slot] += amount
