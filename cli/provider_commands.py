"""`orlop providers …`: the command line of it. What the commands do is in cli.cluster and cli.providers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from cli.options import FROM_ENVIRONMENT, Output, OutputOption, Url

app = typer.Typer(
    help="Resource providers, and the configurations of those that agents run.",
    invoke_without_command=True,
    rich_markup_mode=None,
)

Agent = Annotated[
    str | None,
    typer.Option(
        "--agent",
        metavar="AGENT",
        help="Which agent: its id or the beginning of it, its host's name, or the URL of its HTTP API. Not"
        " needed when there is only one.",
        show_default=False,
    ),
]
File = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="The configuration as JSON (a ResourceProviderInfo); - is stdin."),
]


@app.callback()
def list_all(
    context: typer.Context, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE
) -> None:
    """Show the resource providers."""
    if context.invoked_subcommand is not None:
        below = {"url": url, "output": output.value}
        context.default_map = dict.fromkeys(("configs", "add", "update", "remove", "gone"), below)
        return
    from cli import cluster

    asyncio.run(cluster.show("providers", url, output))


@app.command()
def configs(agent: Agent = None, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE) -> None:
    """Show the configurations of all agents' providers, and what is wrong with them."""
    from cli import providers

    asyncio.run(providers.configs(url, output, agent))


@app.command()
def add(
    file: File, agent: Agent = None, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE
) -> None:
    """Have an agent run a further CSI plugin."""
    from cli import providers

    asyncio.run(providers.add(url, output, agent, file))


@app.command()
def update(
    file: File, agent: Agent = None, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE
) -> None:
    """Change how an agent runs a CSI plugin: it is drained and restarted, and disturbs no task."""
    from cli import providers

    asyncio.run(providers.update(url, output, agent, file))


@app.command()
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The provider's name.")],
    type_: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="Its type.", show_default=False)
    ] = None,
    agent: Agent = None,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """End a CSI plugin on an agent and forget its configuration. Volumes and tasks stay."""
    from cli import providers

    asyncio.run(providers.remove(url, output, agent, name, type_))


@app.command()
def gone(
    provider: Annotated[str, typer.Argument(metavar="ID", help="The provider's id, or the beginning of it.")],
    agent: Agent = None,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Give up for good a provider that has left: its operations end, what it had is out of reach."""
    from cli import providers

    asyncio.run(providers.gone(url, output, agent, provider))
