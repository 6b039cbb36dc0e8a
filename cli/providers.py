"""Configurations of the providers that agents run: shown, added, changed and removed through the agents."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

from msgspec import UNSET

from agent.providers.config import TYPE, InvalidConfig, decode_config
from api.wire.v1 import agent as agent_api
from api.wire.v1 import master, mesos
from cli.agent_choice import may_answer
from cli.failures import CommandFailed
from cli.options import Output
from cli.output import print_json, print_table, text
from client.agent import AgentClient, address
from client.errors import ClientError, Unreachable
from client.operator import OperatorClient

STDIN = Path("-")


async def configs(url: str, output: Output, agent: str | None) -> None:
    """All configurations of one agent, or of all; an agent that does not answer is a row that says so."""
    shown: list[dict[str, Any]] = []
    for name, where in await _agents(url, agent):
        try:
            async with AgentClient(where) as client:
                found = await client.provider_configs()
        except ClientError as error:
            found = [_silent(error)]
        shown += [{"agent": name, "config": each} for each in found]
    if output is Output.JSON:
        print_json({"configs": shown})
        return
    rows = [_row(each["agent"], each["config"]) for each in shown]
    print_table(
        ("NAME", "PLUGIN", "STATE", "AGENT", "FILE", "MESSAGE"),
        rows,
        "No agent runs a provider. Add one: orlop providers add FILE",
    )


def _silent(error: ClientError) -> agent_api.ResponseGetResourceProviderConfigsConfig:
    return agent_api.ResponseGetResourceProviderConfigsConfig(state="UNKNOWN", message=str(error))


def _row(name: str, config: agent_api.ResponseGetResourceProviderConfigsConfig) -> tuple[str, ...]:
    info = config.info
    plugin = "-" if info is UNSET or info.storage is UNSET else info.storage.plugin.type
    named = "-" if info is UNSET else info.name
    return named, plugin, config.state, name, text(config.file), text(config.message)


async def add(url: str, output: Output, agent: str | None, file: Path) -> None:
    """ADD_RESOURCE_PROVIDER_CONFIG."""
    info = _read(file)
    name, where = await _one_agent(url, agent)
    async with AgentClient(where) as client:
        await client.add_provider_config(info)
    _say(output, info.type, info.name, name, "added; see how its plugin comes up: orlop plugins")


async def update(url: str, output: Output, agent: str | None, file: Path) -> None:
    """UPDATE_RESOURCE_PROVIDER_CONFIG."""
    info = _read(file)
    name, where = await _one_agent(url, agent)
    async with AgentClient(where) as client:
        await client.update_provider_config(info)
    _say(output, info.type, info.name, name, "runs as the file says; see: orlop plugins")


async def remove(url: str, output: Output, agent: str | None, name: str, type_: str | None) -> None:
    """REMOVE_RESOURCE_PROVIDER_CONFIG."""
    which, where = await _one_agent(url, agent)
    async with AgentClient(where) as client:
        await client.remove_provider_config(type_ or TYPE, name)
    _say(output, type_ or TYPE, name, which, "removed")


async def unreported(client: OperatorClient, known: Collection[str]) -> list[tuple[master.Provider, str]]:
    """The providers that agents have admitted and the orchestrator has no report of, as they are away or only
    just here; with what to do. Those of an agent that does not answer are left out: nobody can say.
    `known`: ids of the others.
    """
    agents = [each for each in (await client.agents()).agents if may_answer(each)]
    found = await asyncio.gather(*(_admitted(address(each)) for each in agents))
    return [
        (
            master.Provider(
                resource_provider_info=each.resource_provider_info,
                agent_id=agent.agent_info.id,
                connected=each.connected is True,
            ),
            text(each.message),
        )
        for agent, admitted in zip(agents, found, strict=True)
        for each in admitted
        if _provider_id(each.resource_provider_info) not in known
    ]


async def _admitted(where: str) -> list[agent_api.ResponseGetResourceProvidersResourceProvider]:
    try:
        async with AgentClient(where) as client:
            return await client.resource_providers()
    except ClientError:
        return []


async def gone(url: str, output: Output, agent: str | None, provider: str) -> None:
    """MARK_RESOURCE_PROVIDER_GONE, on the agent that knows the provider."""
    known: list[tuple[str, str, mesos.ResourceProviderInfo]] = []
    left: list[str] = []
    silent: dict[str, Unreachable] = {}
    for name, where in await _agents(url, agent):
        try:
            async with AgentClient(where) as client:
                found = await client.resource_providers()
        except Unreachable as error:  # the provider may be another one's
            silent[name] = error
            continue
        known += [(name, where, each.resource_provider_info) for each in found]
        left += [_named(each.resource_provider_info) for each in found if each.connected is False]
    meant = [each for each in known if _provider_id(each[2]).startswith(provider)]
    if silent and not known:
        raise next(iter(silent.values()))
    if len(meant) != 1:
        unasked = "".join(f"; agent {name}: {error}" for name, error in silent.items())
        raise CommandFailed(
            f"{len(meant) or 'no'} providers have an id that begins with {provider!r}; "
            f"those that have left are: {', '.join(left) or 'none'}{unasked}"
        )
    name, where, info = meant[0]
    async with AgentClient(where) as client:
        await client.mark_provider_gone(_provider_id(info))
    _say(output, info.type, info.name, name, "removed for good")


def _named(info: mesos.ResourceProviderInfo) -> str:
    return f"{_provider_id(info)} ({info.type}.{info.name})"


def _provider_id(info: mesos.ResourceProviderInfo) -> str:
    return "" if info.id is UNSET else info.id.value


def _say(output: Output, type_: str, name: str, agent: str, what: str) -> None:
    if output is Output.JSON:
        print_json({"type": type_, "name": name, "agent": agent})
    else:
        print(f"provider {name}: {what}")


def _read(file: Path) -> mesos.ResourceProviderInfo:
    """Raises CommandFailed. What the agent finds wrong with it, it says itself."""
    try:
        data = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
        return decode_config(data)
    except (OSError, InvalidConfig) as error:
        raise CommandFailed(f"{file}: {error}") from error


async def _one_agent(url: str, wanted: str | None) -> tuple[str, str]:
    found = await _agents(url, wanted)
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandFailed("no agent is registered: start one, or name its URL with --agent")
    names = ", ".join(name for name, _ in found)
    raise CommandFailed(f"there are {len(found)} agents: name one of them with --agent: {names}")


async def _agents(url: str, wanted: str | None) -> list[tuple[str, str]]:
    """Names and URLs of the agents that are meant. Raises CommandFailed when one is named and not there."""
    if wanted is not None and wanted.startswith(("http://", "https://")):
        return [(wanted, wanted)]
    async with OperatorClient(url) as client:
        agents = (await client.agents()).agents
    found = [(_id(each), address(each)) for each in agents if wanted is None or _is(each, wanted)]
    if wanted is not None and not found:
        raise CommandFailed(f"no agent is {wanted}, nor has an id that begins so: see orlop agents")
    return found


def _is(agent: master.ResponseGetAgentsAgent, wanted: str) -> bool:
    return agent.agent_info.hostname == wanted or _id(agent).startswith(wanted)


def _id(agent: master.ResponseGetAgentsAgent) -> str:
    return "" if agent.agent_info.id is UNSET else agent.agent_info.id.value
