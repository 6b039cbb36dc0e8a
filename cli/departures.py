"""Agents taken away through the public API: drained, deactivated, brought back, removed for good.

A drain is waited for by looking at the agent again and again; what it waits for is said as it changes. No
decision is made here.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Final

from msgspec import UNSET

from api.wire.v1 import master, mesos
from cli.failures import CommandFailed
from cli.options import Output
from cli.output import print_json, text
from cli.progress import ProgressLine
from client.errors import Unreachable
from client.operator import OperatorClient

LOOK_SECONDS: Final = 0.5
"""Between two looks at an agent that drains."""

NANOSECONDS: Final = 1_000_000_000

Agent = master.ResponseGetAgentsAgent


async def drain(
    url: str,
    output: Output,
    wanted: str,
    max_grace: float | None,
    mark_gone: bool,
    wait: bool,
    timeout: float | None,
) -> None:
    """Raises ClientError, and CommandFailed when `timeout` seconds have passed."""
    async with OperatorClient(url) as client:
        info = await _agent(client, wanted, for_good=mark_gone)
        agent_id = text(info.id)
        await client.drain_agent(agent_id, max_grace, mark_gone=mark_gone)
        if not wait:
            how = "see what it waits for: orlop agents, or orlop agents drain --wait"
            _say(output, info, "DRAINING", f"is draining; {how}")
            return
        try:
            async with asyncio.timeout(timeout):
                state = await _drained(client, agent_id)
        except TimeoutError:
            left = await _waits(client, agent_id)
            raise CommandFailed(
                f"agent {agent_id} is not drained after {timeout:g} s, and goes on draining; it waits for: "
                f"{'; '.join(left) or 'nothing that is known'}"
            ) from None
    told = "is drained: it can be stopped" if state == "DRAINED" else "is drained, and removed for good"
    _say(output, info, state, told)


async def deactivate(url: str, output: Output, wanted: str) -> None:
    async with OperatorClient(url) as client:
        info = await _agent(client, wanted)
        await client.deactivate_agent(text(info.id))
    _say(output, info, "DEACTIVATED", "is deactivated: nothing of it is offered; what runs there runs on")


async def reactivate(url: str, output: Output, wanted: str, *, force: bool) -> None:
    async with OperatorClient(url) as client:
        info = await _agent(client, wanted)
        await client.reactivate_agent(text(info.id), force=force)
    _say(output, info, "ACTIVE", "is active: it is offered again")


async def gone(url: str, output: Output, wanted: str) -> None:
    async with OperatorClient(url) as client:
        info = await _agent(client, wanted, for_good=True)
        await client.mark_agent_gone(text(info.id))
    how = "is removed for good; its volumes, if there were any: orlop volume list"
    _say(output, info, "GONE", how)


def waits_of(agent: Agent) -> list[str]:
    """What a drain of it that is under way waits for."""
    return [] if agent.drain_info is UNSET else agent.drain_info.waiting


async def _drained(client: OperatorClient, agent_id: str) -> str:
    """DRAINED, or GONE. While the orchestrator cannot be reached, nothing is known."""
    before: Sequence[str] | None = None
    with ProgressLine(f"draining agent {agent_id}") as progress:
        while True:
            try:
                agent = await _found(client, agent_id)
            except Unreachable as error:
                progress.say(f"draining agent {agent_id}: {error}")
                await asyncio.sleep(LOOK_SECONDS)
                continue
            if agent is None:
                return "GONE"
            if agent.drain_info is UNSET:
                raise CommandFailed(f"agent {agent_id} was reactivated meanwhile: it drains no more")
            if agent.drain_info.state is mesos.DrainState.DRAINED:
                return "DRAINED"
            waits = waits_of(agent)
            if waits != before:
                before = waits
                _tell(progress, agent_id, waits)
            await asyncio.sleep(LOOK_SECONDS)


def _tell(progress: ProgressLine, agent_id: str, waits: Sequence[str]) -> None:
    first = waits[0] if waits else "its agent"
    more = f" (and {len(waits) - 1} more)" if len(waits) > 1 else ""
    progress.say(f"draining agent {agent_id}: {first}{more}")
    if not sys.stderr.isatty():
        for line in waits:
            print(f"waits for: {line}", file=sys.stderr, flush=True)


async def _waits(client: OperatorClient, agent_id: str) -> list[str]:
    agent = await _found(client, agent_id)
    return [] if agent is None else waits_of(agent)


async def _found(client: OperatorClient, agent_id: str) -> Agent | None:
    """The agent; None when it is gone. One that is not back since the orchestrator's start is waited for."""
    while True:
        answer = await client.agents()
        found = [each for each in answer.agents if text(each.agent_info.id) == agent_id]
        if found:
            return found[0]
        if all(text(info.id) != agent_id for info in answer.recovered_agents):
            return None
        await asyncio.sleep(LOOK_SECONDS)


async def _agent(client: OperatorClient, wanted: str, *, for_good: bool = False) -> mesos.AgentInfo:
    """The one that is meant, here or not. `for_good`: what follows cannot be taken back, so an agent that is
    here and offered has to be named in full: its host's name may have been a former one's when the command
    was written. Raises CommandFailed."""
    answer = await client.agents()
    infos = [each.agent_info for each in answer.agents] + answer.recovered_agents
    found = [each for each in infos if wanted in (text(each.id), each.hostname)]
    found = found or [each for each in infos if wanted and text(each.id).startswith(wanted)]
    if len(found) != 1:
        why = "there is no such agent" if not found else f"{len(found)} agents are called that: give its id"
        raise CommandFailed(f"agent {wanted!r}: {why}: see `orlop agents`")
    agent_id = text(found[0].id)
    active = {text(each.agent_info.id) for each in answer.agents if each.active is True}
    if for_good and wanted != agent_id and agent_id in active:
        raise CommandFailed(
            f"agent {agent_id} ({found[0].hostname}) is here and active: to remove it for good, give its id "
            "in full, or deactivate it first"
        )
    return found[0]


def _say(output: Output, info: mesos.AgentInfo, state: str, told: str) -> None:
    if output is Output.JSON:
        print_json({"agent_id": info.id, "hostname": info.hostname, "state": state})
    else:
        print(f"agent {text(info.id)} ({info.hostname}) {told}")
