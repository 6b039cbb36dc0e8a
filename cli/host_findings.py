"""What agents found on their hosts, of former lives above all, and agents whose place another one has."""

from __future__ import annotations

from collections.abc import Sequence

from api.wire.v1 import master, mesos
from cli.output import print_fields, text

FORMER = "FORMER_AGENT"
DISK = "DISK"


def add_former(answer: master.ResponseGetAgents) -> None:
    """To the findings of each agent that is here are added the agents that were in its place."""
    here = {_place(each.agent_info): each for each in answer.agents if each.active}
    away = [each.agent_info for each in answer.agents if not each.active] + answer.recovered_agents
    for info in away:
        successor = here.get(_place(info))
        if successor is not None:
            successor.findings = [*successor.findings, _former(info)]


def print_findings(agents: Sequence[master.ResponseGetAgentsAgent]) -> None:
    """Below the agents, only when there is something to say."""
    for agent in agents:
        for each in agent.findings:
            print()
            fields = (
                ("found", each.kind),
                ("agent", f"{text(agent.agent_info.id)} on {agent.agent_info.hostname}"),
                ("what", each.what),
                ("to do", each.advice),
            )
            print_fields(fields)


def _place(info: mesos.AgentInfo) -> tuple[str, int]:
    return info.hostname, info.port


def _former(info: mesos.AgentInfo) -> mesos.HostFinding:
    name = text(info.id)
    return mesos.HostFinding(
        kind=FORMER,
        what=f"agent {name} was at the same host name and port, and is not connected",
        advice="when its work directory is lost, give it up, so that the owners of its tasks and volumes are "
        f"told: orlop agents gone {name}",
    )
