"""`orlop status`, `profiles`, …: what there is. What the commands do is in cli.cluster and cli.history."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

import typer

from cli.options import FROM_ENVIRONMENT, Output, OutputOption, Url

VIEWS = {
    "status": "Show the cluster in a few lines.",
    "profiles": "Show what volumes can be made from, and how much is free.",
    "frameworks": "Show the frameworks.",
    "executors": "Show the executors of frameworks, and how many tasks each has.",
    "plugins": "Show the CSI plugins: their containers, their calls, and what each can do.",
}


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    for name, help_text in VIEWS.items():
        app.command(name, help=help_text)(_view(name))
    app.command()(events)


def _view(name: str) -> Callable[..., None]:
    def view(url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE) -> None:
        from cli import cluster

        asyncio.run(cluster.show(name, url, output))

    return view


def events(
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what happens from now on.")
    ] = False,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show what happened to operations and tasks that are still known, oldest first."""
    from cli import history

    asyncio.run(history.show(url, output, follow))
