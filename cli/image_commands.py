"""`orlop images …`: the command line of it. What the commands do is in cli.images."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from cli.container_commands import Agent, AgentUrl
from cli.options import FROM_ENVIRONMENT, Output, OutputOption, Url

app = typer.Typer(
    help="The images on agents' hosts, and how to make room.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@app.callback()
def list_all(
    context: typer.Context,
    agent_url: AgentUrl = "",
    agent: Agent = "",
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show the images of all agents, and why each stays."""
    if context.invoked_subcommand is not None:
        context.default_map = {
            "prune": {"agent_url": agent_url, "agent": agent, "url": url, "output": output.value}
        }
        return
    from cli import images
    from cli.agent_choice import Place

    asyncio.run(images.list_all(Place(url, agent_url, agent), output))


@app.command()
def prune(
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", metavar="IMAGE", help="One that stays: a name, a pattern with *, an id."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Remove nothing: say what would go, and why the rest stays.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", "-a", help="Also images that the agent did not pull.")
    ] = False,
    agent_url: AgentUrl = "",
    agent: Agent = "",
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Remove the images that nothing uses: no container, no launch, no pin."""
    from cli import images
    from cli.agent_choice import Place

    place = Place(url, agent_url, agent)
    asyncio.run(images.prune(place, output, tuple(exclude or ()), dry_run=dry_run, everything=everything))
