"""What must hold of the allocator's books at any time, worked out anew from the ground.

Slow and plain on purpose, for tests and the simulation: it trusts only the totals as given, and who
holds what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.allocator.agents import Agent
from orchestrator.allocator.config import InvariantBroken
from orchestrator.allocator.holdings import Holding, by_name

if TYPE_CHECKING:
    from orchestrator.allocator.allocator import Allocator


def check(allocator: Allocator) -> None:
    """Raises InvariantBroken, naming the first that does not hold."""
    for agent in allocator.agents.values():
        _check_balance(agent)
        _check_fits(agent)
        allocator.filters.check(agent)
        _check_filters(agent)
    _check_shares(allocator)
    _check_order(allocator)


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise InvariantBroken(what)


def _check_balance(agent: Agent) -> None:
    """Held and free add up to the total."""
    total = agent.read(agent.total)
    held = Holding()
    for holder, holding in agent.held.items():
        _require(bool(holding), f"{holder} holds an empty holding on {agent.id}")
        _require(all(amount > 0 for amount in holding.amounts.values()), f"{holder} holds less than nothing")
        held.add(holding)
    for kind in {**total.amounts, **held.amounts}:
        free = agent.balance.get(kind.role, {}).get(kind, 0)
        expected = total.amounts.get(kind, 0) - held.amounts.get(kind, 0)
        _require(free == expected, f"balance of {kind} on {agent.id} is {free}, not {expected}")
    for role, amounts in agent.balance.items():
        _require(bool(amounts), f"empty balance for {role} on {agent.id}")
        for kind in amounts:
            _require(kind in total.amounts or kind in held.amounts, f"{kind} on {agent.id} is unknown")


def _check_fits(agent: Agent) -> None:
    """Neither a kind nor a group is given out beyond what there is, but by somebody else's decision."""
    _require(agent.may_exceed or not agent.exceeds(), f"more is given out on {agent.id} than there is")


def _check_filters(agent: Agent) -> None:
    _require(agent.blocked & ~agent.filtered == 0, f"{agent.id} is blocked for a client without a filter")


def _check_shares(allocator: Allocator) -> None:
    """What roles and frameworks are charged with is what they hold."""
    roles: dict[str, dict[str, int]] = {}
    clients: dict[tuple[str | None, str | None], dict[str, int]] = {}
    totals: dict[str, int] = {}
    for agent in allocator.agents.values():
        _add(totals, agent.share_totals())
        for holder, holding in agent.held.items():
            if holder[1] is not None:
                _add(roles.setdefault(holder[1], {}), by_name(holding.amounts))
                _add(clients.setdefault(holder, {}), by_name(holding.amounts))
    _require(allocator.totals.totals() == totals, "the cluster's totals are not the sum of its agents'")
    for path, role in allocator.roster.roles.items():
        _require(_nonzero(role.used) == _nonzero(roles.get(path, {})), f"role {path} is charged wrongly")
    for holder, client in allocator.roster.clients.items():
        _require(_nonzero(client.used) == _nonzero(clients.get(holder, {})), f"{holder} is charged wrongly")
    for holder in clients:
        known = (
            holder in allocator.roster.clients
            if holder[0] is not None
            else holder[1] in allocator.roster.roles
        )
        _require(known, f"{holder} holds something and is not known")


def _check_order(allocator: Allocator) -> None:
    """Those that may be offered something, and no others, stand in the order, which is sorted."""
    orders = [allocator.roster.order.in_order()]
    _require(
        {r.path for r in orders[0]} == {r.path for r in allocator.roster.roles.values() if r.mask},
        "the roles in the order are not those with open clients",
    )
    for role in allocator.roster.roles.values():
        listed = role.order.in_order()
        expected = [client for client in role.clients.values() if client.is_open]
        _require(
            sorted(c.framework_id for c in listed) == sorted(c.framework_id for c in expected),
            f"the order of role {role.path} does not hold its open clients",
        )
        _require(role.mask == sum(client.bit for client in expected), f"mask of role {role.path} is wrong")
        keys = [(allocator.totals.share(c.used) * c.factor, c.served, c.path) for c in listed]
        _require(keys == sorted(keys), f"the order of role {role.path} is not by share")
    keys = [(allocator.totals.share(r.used) * r.factor, r.served, r.path) for r in orders[0]]
    _require(keys == sorted(keys), "the order of roles is not by share")


def _add(into: dict[str, int], more: dict[str, int]) -> None:
    for name, amount in more.items():
        into[name] = into.get(name, 0) + amount


def _nonzero(amounts: dict[str, int]) -> dict[str, int]:
    return {name: amount for name, amount in amounts.items() if amount}
