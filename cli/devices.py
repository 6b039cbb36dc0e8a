"""The disks of agents' hosts: what each is used for, and why. Asks the agents themselves."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from msgspec import UNSET

from api.wire.v1 import agent as wire
from cli.agent_choice import AgentAt, Place, agents_of
from cli.failures import CommandFailed
from cli.options import Output
from cli.output import print_json, print_table, size, text
from client.agent import AgentClient
from client.errors import ClientError

Shown = wire.ResponseGetDevicesDevice


async def show(place: Place, output: Output, *, wide: bool) -> None:
    """Every device of every agent that is meant. Raises ClientError, CommandFailed."""
    agents = await agents_of(place)
    answers = await asyncio.gather(*(_asked(each) for each in agents), return_exceptions=True)
    found: list[tuple[AgentAt, wire.ResponseGetDevices]] = []
    silent: list[tuple[AgentAt, BaseException]] = []
    for agent, answer in zip(agents, answers, strict=True):
        if isinstance(answer, wire.ResponseGetDevices):
            found.append((agent, answer))
        elif isinstance(answer, ClientError):
            silent.append((agent, answer))
        else:
            raise answer
    if output is Output.JSON:
        print_json({"devices": [_document(agent, answer) for agent, answer in found]})
    else:
        _print(found, wide=wide)
    if silent and len(agents) == 1:
        raise silent[0][1]
    if silent:
        raise CommandFailed("; ".join(f"agent {agent.name}: {error}" for agent, error in silent))


async def _asked(agent: AgentAt) -> wire.ResponseGetDevices:
    async with AgentClient(agent.url) as client:
        return await client.devices()


def _document(agent: AgentAt, answer: wire.ResponseGetDevices) -> dict[str, object]:
    message = {} if answer.message is UNSET else {"message": answer.message}
    return {"agent_id": agent.name, **message, "devices": answer.devices}


def _print(found: Sequence[tuple[AgentAt, wire.ResponseGetDevices]], *, wide: bool) -> None:
    headers = ["DEVICE", "KIND", "SIZE", "STATE", "RULE", "PROVIDER", "ON IT", "IDENTITY"]
    headers += ["MODEL", "ALSO CALLED"] if wide else []
    rows = [_row(agent, each, wide=wide) for agent, answer in found for each in answer.devices]
    print_table(["AGENT", *headers, "MESSAGE"], rows, "No device was found on any agent's host.")
    for agent, answer in found:
        if answer.message is not UNSET:
            print(f"agent {agent.name}: {answer.message}", file=sys.stderr)


def _row(agent: AgentAt, device: Shown, *, wide: bool) -> list[str]:
    more = [text(device.model), ", ".join(device.links) or "-"] if wide else []
    return [
        agent.name,
        device.path,
        text(device.kind),
        "-" if device.size is UNSET else size(device.size),
        device.state,
        text(device.rule),
        text(device.provider),
        text(device.contents),
        text(device.identity),
        *more,
        text(device.message),
    ]
