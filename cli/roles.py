"""What `orlop roles` does: the tree of roles as a table, and their weights."""

from __future__ import annotations

from collections import Counter
from typing import Final

from msgspec import UNSET, UnsetType

from api.model.quantity import format_milli, to_milli
from api.wire.v1 import master, mesos
from cli.options import Output
from cli.output import print_json, print_table
from cli.quota import Wire, amounts
from client.operator import OperatorClient

UNCOUNTED: Final = 10_000
"""A total of answers by which the orchestrator says that there may be more."""


async def list_all(url: str, output: Output) -> None:
    """Every role that is in use or was given something. Raises ClientError."""
    async with OperatorClient(url) as client:
        roles = await client.roles()
    if output is Output.JSON:
        print_json({"roles": roles})
        return
    rows = (
        (
            role.name,
            _weight(role.weight),
            str(len(role.frameworks)),
            amounts(role.guarantees),
            amounts(role.limits),
            _plain(role.reserved),
            _plain(role.allocated),
            _plain(role.offered),
        )
        for role in roles
    )
    headers = ("NAME", "WEIGHT", "FRAMEWORKS", "GUARANTEE", "LIMIT", "RESERVED", "ALLOCATED", "OFFERED")
    print_table(headers, rows, "No roles are in use.")


async def explain(url: str, output: Output, role: str) -> None:
    """Why agents are not offered to the role. Raises ClientError."""
    async with OperatorClient(url) as client:
        answer = await client.explain_offers(role)
    if output is Output.JSON:
        print_json(answer)
        return
    hosts = Counter(host for host, _ in {(each.hostname, _id(each.agent_id)) for each in answer.withheld})
    rows = (
        (_agent(each, alone=hosts[each.hostname] == 1), _id(each.framework_id), each.reason)
        for each in answer.withheld
    )
    nothing = f"Nothing that is free is withheld from role {role}."
    print_table(("AGENT", "FRAMEWORK", "REASON"), rows, nothing)
    more = (answer.total or 0) - len(answer.withheld)
    if (answer.total or 0) >= UNCOUNTED:
        print("and perhaps more: not all was looked at")
    elif more > 0:
        print(f"and {more} more")


def _agent(withheld: master.Withheld, *, alone: bool) -> str:
    """Its host, or its id when it is not the only one there."""
    return withheld.hostname if withheld.hostname and alone else _id(withheld.agent_id)


def _id(identifier: mesos.AgentID | mesos.FrameworkID | UnsetType) -> str:
    return "" if identifier is UNSET else identifier.value


def _weight(weight: float) -> str:
    return format_milli(to_milli(weight))


def _plain(found: Wire) -> str:
    """Without the amounts by profile, which are in `disk` already."""
    return amounts({name: scalar for name, scalar in found.items() if "[" not in name})


async def set_weight(url: str, output: Output, role: str, weight: float) -> None:
    """Give a role a weight. Raises ClientError."""
    info = mesos.WeightInfo(role=role, weight=weight)
    async with OperatorClient(url) as client:
        await client.update_weights([info])
    if output is Output.JSON:
        print_json(info)
    else:
        print(f"weight of {role}: {_weight(weight)}")
