"""Adopting volumes that plugins had already. Talks to the operator API alone."""

from __future__ import annotations

from dataclasses import dataclass

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
