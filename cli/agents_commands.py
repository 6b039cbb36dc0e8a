"""`orlop agents …`: the command line of it. What they do is in cli.cluster, cli.reservations and others."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from cli.maintenance_commands import a_duration
from cli.options import FROM_ENVIRONMENT, Output, OutputOption, Url

app = typer.Typer(
    help="The agents, and what is reserved on them.", invoke_without_command=True, rich_markup_mode=None
)

Agent = Annotated[
    str, typer.Argument(metavar="AGENT", help="Its id or the beginning of it, or its host's name.")
]
SUBCOMMANDS = ("reserve", "unreserve", "reconfigure", "drain", "deactivate", "reactivate", "gone")
Amounts = Annotated[
    str,
    typer.Option(
        "--resources", metavar="RESOURCES", help="How much of what, for example cpus=1,mem=1GiB,disk=10GiB."
    ),
]


@app.callback()
def list_all(
    context: typer.Context, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE
) -> None:
    """Show the agents."""
    if context.invoked_subcommand is not None:
        below = {"url": url, "output": output.value}
        context.default_map = dict.fromkeys(SUBCOMMANDS, below)
        return
    from cli import cluster

    asyncio.run(cluster.show("agents", url, output))


@app.command()
def reserve(
    agent: Agent,
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="For whom.", show_default=False)],
    resources: Amounts,
    below: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="ROLE",
            help="Out of what is reserved for that role above it; by default of what is unreserved.",
            show_default=False,
        ),
    ] = None,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Reserve some of an agent's own resources for a role, and for the roles below it."""
    from cli import reservations

    asyncio.run(reservations.reserve(url, output, agent, role, resources, below))


@app.command()
def unreserve(
    agent: Agent,
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="Whose.", show_default=False)],
    resources: Amounts,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Take reservations off again that were made while the agent ran; a refined one becomes the one below."""
    from cli import reservations

    asyncio.run(reservations.unreserve(url, output, agent, role, resources))


@app.command()
def reconfigure(
    agent: Annotated[
        str,
        typer.Argument(
            metavar="[AGENT]", help="Its id or the beginning of it, or its host's name.", show_default=False
        ),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    agent_url: Annotated[
        str, typer.Option("--agent-url", help="The agent itself: no orchestrator is needed then.")
    ] = "",
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Have an agent read its configuration again and apply it while it runs: all of it, or nothing."""
    from cli import reconfiguration

    raise typer.Exit(asyncio.run(reconfiguration.reconfigure(url, output, agent_url, agent, dry_run=dry_run)))


@app.command()
def drain(
    agent: Agent,
    max_grace: Annotated[
        float | None,
        typer.Option(
            "--max-grace",
            parser=a_duration,
            metavar="DURATION",
            help="At most so long between SIGTERM and SIGKILL of each task, for example 30s; by default as "
            "long as each task's own kill policy says.",
            show_default=False,
        ),
    ] = None,
    mark_gone: Annotated[
        bool, typer.Option("--mark-gone", help="Remove it for good once nothing is left there.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Until it is drained; what it waits for is said meanwhile.")
    ] = False,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout",
            parser=a_duration,
            metavar="DURATION",
            help="Give up waiting after so long; it goes on draining.",
            show_default=False,
        ),
    ] = None,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Empty an agent: nothing is offered there, tasks are ended, volumes unmounted and detached."""
    from cli import departures

    asyncio.run(departures.drain(url, output, agent, max_grace, mark_gone, wait, timeout))


@app.command()
def deactivate(agent: Agent, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE) -> None:
    """Offer nothing of an agent any more. What runs there runs on."""
    from cli import departures

    asyncio.run(departures.deactivate(url, output, agent))


@app.command()
def reactivate(
    agent: Agent,
    force: Annotated[
        bool,
        typer.Option("--force", help="Also while it drains. What was told to end ends all the same."),
    ] = False,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Offer an agent again that was deactivated or drained."""
    from cli import departures

    asyncio.run(departures.reactivate(url, output, agent, force=force))


@app.command()
def gone(agent: Agent, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE) -> None:
    """Remove an agent for good, whether it is here or not: all that ran there counts as ended."""
    from cli import departures

    asyncio.run(departures.gone(url, output, agent))
