"""`orlop agents reserve`, `unreserve`: amounts of an agent's own resources kept for roles, and given back.

Which of the agent's resources are meant is found here; whether it can be is for the orchestrator to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from api.model.quantity import MILLI, InvalidQuantity, bytes_to_mb_up, parse_size, to_milli
from api.model.resources import Reservation, Resource, Resources, Scalar
from api.wire.convert import resources_from_wire, resources_to_wire
from api.wire.v1 import master, mesos
from cli.failures import USAGE, CommandFailed
from cli.options import Output
from cli.output import print_json
from client.operator import OperatorClient

SIZES: Final = frozenset({"mem", "disk"})
"""Names whose amounts are sizes, and are counted in MB."""


async def reserve(url: str, output: Output, agent: str, role: str, amounts: str, below: str | None) -> None:
    """Reserve for `role` what is unreserved, or reserved for `below`. Raises CommandFailed, ClientError."""
    wanted = amounts_of(amounts)
    async with OperatorClient(url) as client:
        found = await _agent(client, agent)
        free = _found(found, wanted, lambda each: each.role == (below or "*"), below or "nobody")
        chosen = [each.push_reservation(Reservation(role)) for each in free]
        call = master.CallReserveResources(agent_id=_id(found), resources=resources_to_wire(chosen))
        await client.call(master.Call(type=master.CallType.RESERVE_RESOURCES, reserve_resources=call))
    _say(output, found, role, chosen, f"is being reserved for role {role}")


async def unreserve(url: str, output: Output, agent: str, role: str, amounts: str) -> None:
    """Take dynamic reservations for `role` off. Raises CommandFailed, ClientError."""
    wanted = amounts_of(amounts)
    async with OperatorClient(url) as client:
        found = await _agent(client, agent)
        chosen = _found(
            found, wanted, lambda each: each.role == role and each.reservations[-1].dynamic, f"role {role}"
        )
        call = master.CallUnreserveResources(agent_id=_id(found), resources=resources_to_wire(chosen))
        await client.call(master.Call(type=master.CallType.UNRESERVE_RESOURCES, unreserve_resources=call))
    _say(output, found, role, chosen, f"is being given back by role {role}")


def amounts_of(text: str) -> dict[str, int]:
    """Milli-units by name, of `cpus=1,mem=1GiB`. Raises CommandFailed (USAGE)."""
    found: dict[str, int] = {}
    for part in text.split(","):
        name, _, amount = (each.strip() for each in part.partition("="))
        try:
            milli = bytes_to_mb_up(parse_size(amount)) * MILLI if name in SIZES else to_milli(float(amount))
        except (ValueError, InvalidQuantity) as error:
            raise CommandFailed(f"--resources: {part!r} is not NAME=AMOUNT ({error})", USAGE) from error
        if not name or name in found or milli <= 0:
            raise CommandFailed(f"--resources: {part!r}: name each once, and more than 0 of it", USAGE)
        found[name] = milli
    return found


async def _agent(client: OperatorClient, wanted: str) -> master.ResponseGetAgentsAgent:
    agents = (await client.agents()).agents
    found = [each for each in agents if wanted in (_id(each).value, each.agent_info.hostname)]
    found = found or [each for each in agents if wanted and _id(each).value.startswith(wanted)]
    if len(found) != 1:
        why = "there is no such agent" if not found else f"{len(found)} agents are called that"
        raise CommandFailed(f"agent {wanted!r}: {why}: see `orlop agents`")
    return found[0]


def _id(agent: master.ResponseGetAgentsAgent) -> mesos.AgentID:
    assert agent.agent_info.id, "agents that are listed have ids"
    return agent.agent_info.id


def _found(
    agent: master.ResponseGetAgentsAgent,
    wanted: dict[str, int],
    fits: Callable[[Resource], bool],
    owner: str,
) -> list[Resource]:
    """So much of the agent's own resources as is wanted. Raises CommandFailed when it does not have it."""
    chosen: list[Resource] = []
    left = dict(wanted)
    for each in resources_from_wire(agent.total_resources).divisible:
        plain = each.provider_id is None and each.disk is None and not each.revocable
        if plain and left.get(each.name, 0) > 0 and each.milli > 0 and fits(each):
            part = min(left[each.name], each.milli)
            left[each.name] -= part
            chosen.append(each.with_value(Scalar(part)))
    lacking = [name for name, milli in left.items() if milli > 0]
    if lacking:
        raise CommandFailed(
            f"agent {agent.agent_info.hostname}: too little {', '.join(lacking)} is reserved for {owner}"
        )
    return chosen


def _say(
    output: Output, agent: master.ResponseGetAgentsAgent, role: str, chosen: list[Resource], what: str
) -> None:
    if output is Output.JSON:
        print_json({"agent_id": _id(agent), "role": role, "resources": resources_to_wire(chosen)})
    else:
        amounts = Resources(chosen).quantities()
        shown = ", ".join(f"{name} {milli / MILLI:g}" for name, milli in sorted(amounts.items()))
        print(f"{shown} of agent {agent.agent_info.hostname} {what}: see `orlop operations`")
