"""Why a framework is not being offered an agent: the checks of a run, told one by one.

For people only; nothing is decided or changed here.
"""

from __future__ import annotations

from orchestrator.allocator.agents import Agent
from orchestrator.allocator.clients import Client, Role
from orchestrator.allocator.filters import covering, refuses
from orchestrator.allocator.holdings import Holding
from orchestrator.allocator.roster import Roster
from orchestrator.allocator.worth import Worth


def explain(client: Client | None, agent: Agent | None, roles: Roster, worth: Worth) -> str:
    """The first reason that holds, in one line; or what it would be offered, and after whom."""
    if agent is None:
        return "the agent is not known: it is not registered, or was removed"
    if not agent.is_active:
        return "the agent is not active: it is disconnected or drained"
    if client is None or not client.is_subscribed:
        return "the framework is not subscribed to this role"
    if not client.framework_active:
        return "the framework is not connected"
    if client.is_suppressed:
        return "the framework suppressed this role: it must revive it"
    return _explain_free(client, agent, roles, worth)


def _explain_free(client: Client, agent: Agent, roles: Roster, worth: Worth) -> str:
    role = client.role
    free = agent.free(role.reserved_for)
    fits = Holding(agent.fit(free.amounts, agent.turns.get(client, 0)), free.others)
    if not free:
        return _nothing_free(agent, role)
    if not fits:
        return "the capacity that these pools share is in use or on offer"
    if not worth.is_enough(fits):
        return f"too little is free to be worth an offer: {fits.resources(None)}"
    if refuses(agent, client, fits):
        return _filtered(client, agent, fits)
    before = [other.path for other in roles.in_order()]
    return (
        f"{fits.resources(None)} is free and goes out with the next run; order of roles: {', '.join(before)}"
    )


def _nothing_free(agent: Agent, role: Role) -> str:
    others = sorted(name for name in agent.reserved if name not in role.reserved_for)
    if others:
        return f"what is free is reserved for other roles: {', '.join(others)}"
    return "nothing is free: all is in use or on offer"


def _filtered(client: Client, agent: Agent, fits: Holding) -> str:
    refused, end = covering(agent, client, fits)[0]
    return f"the framework declined {refused.resources()} here, until {end:g}, or until it revives"
