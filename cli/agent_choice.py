"""Which agents a command speaks with: the one named, those that the orchestrator knows, or the one here.

So the commands on containers work while the orchestrator is down. Nothing is changed by looking.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api.wire.v1 import agent as wire
from api.wire.v1 import master
from cli.failures import CommandFailed
from cli.output import text
from client.agent import address
from client.containers import ContainerClient, path_of
from client.errors import ClientError, Unreachable
from client.operator import OperatorClient

AGENT_VARIABLE: Final = "ORLOP_AGENT_URL"
DEFAULT_AGENT_URL: Final = "http://127.0.0.1:5051"

Container = wire.ResponseGetContainersContainer


@dataclass(frozen=True)
class AgentAt:
    """An agent, and how people call it: its id, or its URL when nobody says the id."""

    url: str
    name: str
    hostname: str = ""


@dataclass(frozen=True)
class Place:
    """What a command line says of where to look: `url` is the orchestrator's."""

    url: str
    agent_url: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Found:
    """A container, and the agent that has it."""

    agent: AgentAt
    container: Container

    @property
    def path(self) -> str:
        return path_of(self.container.container_id)


def may_answer(agent: master.ResponseGetAgentsAgent) -> bool:
    """Worth being asked: it is here, or nothing of it is offered, which does not say whether it is."""
    return agent.active or agent.deactivated is True


async def agents_of(place: Place) -> list[AgentAt]:
    """The agents that are meant. Raises CommandFailed, ClientError."""
    named = place.agent_url or os.environ.get(AGENT_VARIABLE, "")
    if named:
        return [AgentAt(named, named)]
    try:
        async with OperatorClient(place.url) as client:
            known = (await client.agents()).agents
    except Unreachable:
        if place.agent:
            raise
        return [AgentAt(DEFAULT_AGENT_URL, DEFAULT_AGENT_URL)]
    found = [AgentAt(address(each), text(each.agent_info.id), each.agent_info.hostname) for each in known]
    if not place.agent:
        return found
    wanted = [each for each in found if each.name.startswith(place.agent) or each.hostname == place.agent]
    if not wanted:
        raise CommandFailed(f"no agent is called {place.agent}: see orlop agents")
    return wanted


async def one_agent(place: Place) -> AgentAt:
    """The one agent that something new is to run on. Raises CommandFailed, ClientError."""
    agents = await agents_of(place)
    if not agents:
        raise CommandFailed(
            "no agent is registered: start one with orlop agent, or name one with --agent-url"
        )
    if len(agents) > 1:
        names = ", ".join(each.name for each in agents[:5])
        raise CommandFailed(f"there are {len(agents)} agents ({names}): say which one with --agent")
    return agents[0]


async def containers_of(agents: Sequence[AgentAt]) -> tuple[list[Found], dict[str, ClientError]]:
    """All their containers, and why some of the agents did not answer, by their names."""

    async def ask(agent: AgentAt) -> list[Found] | ClientError:
        try:
            async with ContainerClient(agent.url) as client:
                return [Found(agent, each) for each in await client.list()]
        except ClientError as error:
            return error

    answers = await asyncio.gather(*(ask(agent) for agent in agents))
    found = [each for answer in answers if isinstance(answer, list) for each in answer]
    silent = {
        agent.name: answer
        for agent, answer in zip(agents, answers, strict=True)
        if isinstance(answer, ClientError)
    }
    return found, silent


async def find_container(place: Place, wanted: str) -> Found:
    """The container that `wanted` is the path of, or the beginning of it. Raises as `agents_of`."""
    found, silent = await _all(place)
    return _one(found, wanted, [each for each in found if each.path == wanted], silent, "container")


async def find_task(place: Place, wanted: str) -> Found:
    """The container of the task with that id, or one that begins with it. Raises as `agents_of`."""
    found, silent = await _all(place)
    tasks = [each for each in found if each.container.kind == "TASK"]
    exact = [each for each in tasks if text(each.container.task_id) == wanted]
    named = exact or [each for each in tasks if text(each.container.task_id).startswith(wanted)]
    return _one([], wanted, named, silent, "running task")


async def _all(place: Place) -> tuple[list[Found], dict[str, ClientError]]:
    agents = await agents_of(place)
    found, silent = await containers_of(agents)
    if silent and not found:
        raise next(iter(silent.values()))
    return found, silent


def _one(
    found: Sequence[Found], wanted: str, exact: Sequence[Found], silent: dict[str, ClientError], what: str
) -> Found:
    matching = exact or [each for each in found if each.path.startswith(wanted)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise CommandFailed(f"{len(matching)} of them begin with {wanted}: write more of the id")
    listed = "orlop task list" if "task" in what else "orlop containers"
    unheard = f"; {len(silent)} agents did not answer" if silent else ""
    raise CommandFailed(f"no {what} {wanted} is known{unheard}: see {listed}")
