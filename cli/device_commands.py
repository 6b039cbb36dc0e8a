"""`orlop devices`: the command line of it. What it does is in cli.devices."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from cli.container_commands import Agent, AgentUrl
from cli.options import FROM_ENVIRONMENT, Output, OutputOption, Url


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(devices)


def devices(
    wide: Annotated[
        bool, typer.Option("--wide", "-w", help="Also models, and the other names of each device.")
    ] = False,
    agent_url: AgentUrl = "",
    agent: Agent = "",
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show the disks of all agents' hosts, what each is used for, and why it is or is not."""
    from cli import devices as shown
    from cli.agent_choice import Place

    asyncio.run(shown.show(Place(url, agent_url, agent), output, wide=wide))
