"""`orlop volume …`: the command line of it. What the commands do is in cli.volumes."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from cli.options import FROM_ENVIRONMENT, Output, OutputOption, Size, Timeout, Url, a_size

app = typer.Typer(help="Operators' volumes.", no_args_is_help=True, rich_markup_mode=None)

DEFAULT_TIMEOUT = 300.0

Name = Annotated[str, typer.Argument(metavar="NAME", help="The volume's name.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Return as soon as the request is durable.")]


@app.command()
def create(
    name: Name,
    profile: Annotated[str, typer.Option("--profile", "-p", help="What it is made from: orlop profiles.")],
    size: Size,
    block: Annotated[bool, typer.Option("--block", help="A bare device, no filesystem.")] = False,
    role: Annotated[
        str | None, typer.Option("--role", help='Whose schedulers may use it ("default").')
    ] = None,
    agent: Annotated[str | None, typer.Option("--agent", help="On which agent (id or host name).")] = None,
    provider: Annotated[
        str | None, typer.Option("--provider", help="Of several that have the profile (name or id).")
    ] = None,
    no_wait: NoWait = False,
    timeout: Timeout = DEFAULT_TIMEOUT,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Create a volume. One that exists with the same properties is left as it is."""
    from cli import volumes

    wanted = volumes.NewVolume(name, profile, size, block, role, agent, provider)
    asyncio.run(volumes.create(url, output, wanted, None if no_wait else timeout))


@app.command("list")
def list_all(url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE) -> None:
    """Show all volumes."""
    from cli import volumes

    asyncio.run(volumes.list_all(url, output))


@app.command()
def inspect(name: Name, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE) -> None:
    """Show all that is known of one volume."""
    from cli import volumes

    asyncio.run(volumes.inspect(url, output, name))


@app.command()
def expand(
    name: Name,
    size: Size,
    no_wait: NoWait = False,
    timeout: Timeout = DEFAULT_TIMEOUT,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Make a volume larger; what is on it stays. One that is as large already is left as it is."""
    from cli import volumes

    asyncio.run(volumes.expand(url, output, name, size, None if no_wait else timeout))


@app.command()
def adopt(
    source_id: Annotated[
        str, typer.Argument(metavar="ID", help="What the plugin calls it: orlop volume list.")
    ],
    name: Annotated[
        str | None, typer.Option("--name", help="Make it a volume of this name; else it is a free disk.")
    ] = None,
    role: Annotated[
        str | None, typer.Option("--role", help='Whose schedulers may use it ("default").')
    ] = None,
    profile: Annotated[str | None, typer.Option("--profile", "-p", help="What it was made from.")] = None,
    agent: Annotated[str | None, typer.Option("--agent", help="On which agent (id or host name).")] = None,
    provider: Annotated[
        str | None,
        typer.Option("--provider", help="Whose it is (name or id), when several have one of that id."),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option("--size", parser=a_size, metavar="SIZE", help="Where the plugin does not tell it."),
    ] = None,
    no_wait: NoWait = False,
    timeout: Timeout = DEFAULT_TIMEOUT,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Let in a volume that the plugin had already; what is on it stays."""
    from cli import volume_adoption

    wanted = volume_adoption.Adoption(source_id, name, role, profile, agent, provider, size)
    asyncio.run(volume_adoption.adopt(url, output, wanted, None if no_wait else timeout))


@app.command()
def destroy(
    name: Name,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Forget it when its provider is gone for good, or away and never coming back."
        ),
    ] = False,
    no_wait: NoWait = False,
    timeout: Timeout = DEFAULT_TIMEOUT,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Destroy a volume and what is on it. Refused while something uses it."""
    from cli import volumes

    asyncio.run(volumes.destroy(url, output, name, force, None if no_wait else timeout))
