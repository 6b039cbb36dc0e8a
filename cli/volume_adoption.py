"""Adopting volumes that plugins had already. Talks to the operator API alone."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import UNSET

from cli.failures import CommandFailed
from cli.options import Output
from cli.output import print_json
from cli.volumes import created_line, find_agent, until_available
from client.operator import OperatorClient


@dataclass(frozen=True)
class Adoption:
    """What `orlop volume adopt` asks for. Without a name the volume is let in as a disk that is on offer."""

    source_id: str
    name: str | None
    role: str | None
    profile: str | None
    agent: str | None
    provider: str | None
    size_bytes: int | None


async def adopt(url: str, output: Output, wanted: Adoption, timeout: float | None) -> None:
    """Adopt; with a name, wait for `timeout` seconds unless None. Raises CommandFailed or ClientError."""
    async with OperatorClient(url) as client:
        volume = await client.adopt_volume(
            wanted.source_id,
            name=wanted.name,
            role=wanted.role,
            profile=wanted.profile,
            agent_id=None if wanted.agent is None else await find_agent(client, wanted.agent),
            provider_id=None if wanted.provider is None else await _provider_id(client, wanted),
            size_bytes=wanted.size_bytes,
        )
        if volume is not None and timeout is not None:
            volume = await until_available(client, volume, timeout)
    if output is Output.JSON:
        print_json({"source_id": wanted.source_id, "volume": volume})
    elif volume is None:
        print(f"volume {wanted.source_id}: let in, and on offer once its provider has reported")
    else:
        print(created_line(volume))


async def _provider_id(client: OperatorClient, wanted: Adoption) -> str:
    """The id of the provider that is named by its name or its id. Raises CommandFailed."""
    agent_id = None if wanted.agent is None else await find_agent(client, wanted.agent)
    found = [
        info.id.value
        for each in await client.providers()
        if (info := each.resource_provider_info).id is not UNSET
        and wanted.provider in (info.name, info.id.value)
        and (agent_id is None or (each.agent_id is not UNSET and each.agent_id.value == agent_id))
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandFailed(f"no provider is called {wanted.provider}: see orlop providers")
    raise CommandFailed(
        f"{len(found)} agents have a provider {wanted.provider}: name one of them with --agent"
    )
