"""`orlop maintenance …`: the command line of it. What the commands do is in cli.maintenance."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

import typer

from cli.options import FROM_ENVIRONMENT, Output, OutputOption, Url

app = typer.Typer(
    help="Machines that will be away, and those that are.",
    invoke_without_command=True,
    rich_markup_mode=None,
)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def a_duration(text: str) -> float:
    """Seconds; for typer: "90s", "30m", "2h", "1d", or bare seconds."""
    number, unit = (text[:-1], _UNITS[text[-1]]) if text[-1:] in _UNITS else (text, 1)
    try:
        seconds = float(number) * unit
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e10:
        raise typer.BadParameter(f"{text!r} is no duration: write for example 90s, 30m, 2h or 1d")
    return seconds


Hosts = Annotated[
    list[str],
    typer.Argument(
        metavar="HOST...", help="Hostnames, or HOSTNAME@IP, or @IP, of machines.", show_default=False
    ),
]
Start = Annotated[
    datetime | None,
    typer.Option(help="When it begins, in local time; now when it is not said.", show_default=False),
]
Duration = Annotated[
    float | None,
    typer.Option(
        "--for",
        parser=a_duration,
        metavar="DURATION",
        help="How long it will take: 90s, 30m, 2h, 1d. Open when it is not said.",
        show_default=False,
    ),
]


@app.callback()
def list_all(
    context: typer.Context, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE
) -> None:
    """Show the schedule, which machines are down, and what frameworks said to leaving the others."""
    if context.invoked_subcommand is not None:
        below = {"url": url, "output": output.value}
        context.default_map = dict.fromkeys(("schedule", "unschedule", "start", "stop"), below)
        return
    from cli import maintenance

    asyncio.run(maintenance.show(url, output))


@app.command()
def schedule(
    hosts: Hosts,
    start: Start = None,
    duration: Duration = None,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Say when machines will be away. Frameworks are asked to leave them; nothing is ended."""
    from cli import maintenance

    asyncio.run(maintenance.schedule(url, output, hosts, start, duration))


@app.command()
def unschedule(hosts: Hosts, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE) -> None:
    """Take machines out of the schedule, unless they are down."""
    from cli import maintenance

    asyncio.run(maintenance.unschedule(url, output, hosts))


@app.command()
def start(hosts: Hosts, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE) -> None:
    """Take scheduled machines down: nothing is offered there any more, and their tasks are killed."""
    from cli import maintenance

    asyncio.run(maintenance.start(url, output, hosts))


@app.command()
def stop(hosts: Hosts, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE) -> None:
    """Bring machines back: they are offered again, and are scheduled no more."""
    from cli import maintenance

    asyncio.run(maintenance.stop(url, output, hosts))
