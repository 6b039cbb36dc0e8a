"""How agents stand, in words: active, drained, deactivated by an operator, or down for maintenance.

What the orchestrator says of an agent is put together with what it says of machines; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import UNSET

from api.wire.v1 import master, mesos
from cli.output import text
from client.agent import address
from client.operator import OperatorClient

Agent = master.ResponseGetAgentsAgent


async def down(client: OperatorClient, agents: Sequence[Agent]) -> set[str]:
    """The ids of those whose machines are down for maintenance. Raises ClientError."""
    if not any(each.deactivated is True for each in agents):
        return set()
    status = await client.maintenance_status()
    names = {_name(machine) for machine in status.down_machines}
    return {text(each.agent_info.id) for each in agents if names & set(_names(each))}


def standing(agent: Agent, *, is_down: bool) -> str:
    """Of one agent, for people. `is_down`: its machine is, for maintenance."""
    away = "" if agent.active or agent.deactivated is True else "inactive"
    if agent.drain_info is not UNSET:
        waits = len(agent.drain_info.waiting)
        state = str(agent.drain_info.state).lower()
        return f"{state} (waits for {waits})" if waits else state
    if is_down:
        return "down for maintenance"
    return away or ("deactivated" if agent.deactivated is True else "active")


def _names(agent: Agent) -> Iterable[tuple[str, str]]:
    """All that a schedule may call its machine."""
    hostname = agent.agent_info.hostname.lower()
    ip = address(agent).rpartition("//")[2].rpartition(":")[0].strip("[]")
    return (hostname, ip), (hostname, ""), ("", ip)


def _name(machine: mesos.MachineID) -> tuple[str, str]:
    hostname = machine.hostname.lower() if isinstance(machine.hostname, str) else ""
    return hostname, machine.ip if isinstance(machine.ip, str) else ""
