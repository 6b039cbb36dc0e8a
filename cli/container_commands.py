"""`orlop containers` and `orlop container …`: the command line. `cli.containers` and its like do it."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from cli.options import FROM_ENVIRONMENT, Output, OutputOption, Url, a_size

app = typer.Typer(
    help="Run containers on an agent, without a scheduler.", no_args_is_help=True, rich_markup_mode=None
)

ContainerName = Annotated[
    str, typer.Argument(metavar="ID", help="Its id (A.B for B within A), or the beginning of it.")
]
AgentUrl = Annotated[
    str,
    typer.Option(
        "--agent-url",
        metavar="URL",
        help="The agent itself, also without an orchestrator.  [ORLOP_AGENT_URL, else those that the"
        " orchestrator knows, else http://127.0.0.1:5051]",
        show_default=False,
    ),
]
Tty = Annotated[bool, typer.Option("--tty", "-t", help="Give it a terminal: ours, raw until it has ended.")]
AlwaysInteractive = Annotated[
    bool, typer.Option("--interactive", "-i", help="Pass standard input on: it is in any case.")
]
Agent = Annotated[
    str,
    typer.Option(
        "--agent",
        metavar="AGENT",
        help="An agent's id, its beginning, or its host's name.",
        show_default=False,
    ),
]


def list_all(
    agent_url: AgentUrl = "",
    agent: Agent = "",
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show the containers of all agents: tasks', plugins', operators', those that ended too."""
    from cli import containers
    from cli.agent_choice import Place

    asyncio.run(containers.list_all(Place(url, agent_url, agent), output))


# What follows the first word of the command belongs to it, options too.
@app.command(context_settings={"allow_interspersed_args": False})
def run(
    command: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND...", help="What to run, after --.")
    ] = None,
    image: Annotated[
        str | None, typer.Option("--image", help="Container image; none: the host's root.")
    ] = None,
    cpus: Annotated[float | None, typer.Option("--cpus", min=0.01, help="Share of a core.")] = None,
    mem: Annotated[str | None, typer.Option("--mem", metavar="SIZE", help="Memory.")] = None,
    disk: Annotated[
        str | None, typer.Option("--disk", metavar="SIZE", help="What its sandbox may hold.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="ID", help="Its id; a new one by default.")
    ] = None,
    environment: Annotated[
        list[str] | None, typer.Option("--env", metavar="NAME=VALUE", help="A variable of its environment.")
    ] = None,
    volume: Annotated[
        list[str] | None, typer.Option("--volume", metavar="/HOST:/PATH[:ro]", help="A path of the host.")
    ] = None,
    user: Annotated[str | None, typer.Option("--user", help="Whom it runs as; the agent by default.")] = None,
    interactive: Annotated[bool, typer.Option("--interactive", "-i", help="Pass standard input on.")] = False,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Print its id, and leave it running.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Do not remove it when it has ended.")] = False,
    agent_url: AgentUrl = "",
    agent: Agent = "",
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Run a command in a container, show its output, end with its exit status.

    125: it could not be run. With --output json its output goes to stderr.
    """
    from cli import container_run
    from cli.agent_choice import Place
    from cli.container_request import ContainerRequest, parse_variable, parse_volume

    if not command and image is None:
        raise typer.BadParameter("say what to run after --, or give an --image", param_hint="COMMAND")
    if interactive and detach:
        raise typer.BadParameter("a detached container gets no input from here", param_hint="--interactive")
    try:
        request = ContainerRequest(
            command=tuple(command or ()),
            name=name,
            image=image,
            cpus=cpus,
            mem_bytes=None if mem is None else a_size(mem),
            disk_bytes=None if disk is None else a_size(disk),
            environment=tuple(parse_variable(each) for each in environment or ()),
            volumes=tuple(parse_volume(each) for each in volume or ()),
            user=user,
            stdin=interactive,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    place = Place(url, agent_url, agent)
    raise typer.Exit(asyncio.run(container_run.run(place, output, request, detach=detach, keep=keep)))


@app.command("exec", context_settings={"allow_interspersed_args": False})
def run_within(
    container: ContainerName,
    command: Annotated[list[str], typer.Argument(metavar="COMMAND...", help="What to run, after --.")],
    tty: Tty = False,
    interactive: AlwaysInteractive = False,
    agent_url: AgentUrl = "",
    url: Url = FROM_ENVIRONMENT,
) -> None:
    """Run a command within a running container: input, output and exit status are passed on.

    125: it could not be run. It ends when this command does.
    """
    from cli import container_exec
    from cli.agent_choice import Place

    raise typer.Exit(
        asyncio.run(container_exec.in_container(Place(url, agent_url), container, command, terminal=tty))
    )


@app.command()
def logs(
    container: ContainerName,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until it ends.")] = False,
    agent_url: AgentUrl = "",
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show a container's output: its stdout on stdout, its stderr on stderr."""
    from cli import containers
    from cli.agent_choice import Place

    asyncio.run(containers.logs(Place(url, agent_url), output, container, follow))


@app.command()
def kill(
    container: ContainerName,
    signal: Annotated[
        int | None, typer.Option("--signal", min=1, max=64, help="Send this one, and nothing more.")
    ] = None,
    grace: Annotated[
        float, typer.Option("--grace", min=0, help="Seconds between SIGTERM and SIGKILL.")
    ] = 5.0,
    agent_url: AgentUrl = "",
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """End a container; how it ended is kept until it is removed."""
    from cli import containers
    from cli.agent_choice import Place

    asyncio.run(containers.kill(Place(url, agent_url), output, container, signal, grace))


@app.command("rm")
def remove(
    container: Annotated[list[str], typer.Argument(metavar="ID...", help="Their ids, or the beginnings.")],
    force: Annotated[bool, typer.Option("--force", help="Kill those that run.")] = False,
    agent_url: AgentUrl = "",
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Remove containers that have ended, with what was nested in them."""
    from cli import containers
    from cli.agent_choice import Place

    asyncio.run(containers.remove(Place(url, agent_url), output, container, force))
