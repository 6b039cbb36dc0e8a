"""`orlop roles …`: the command line of it. What the commands do is in cli.roles."""

from __future__ import annotations

import asyncio
import math
from typing import Annotated

import typer

from cli.options import FROM_ENVIRONMENT, Output, OutputOption, Url

app = typer.Typer(
    help="Roles: the tree of them, their weights, and what each has.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


Explained = Annotated[
    str | None,
    typer.Option(
        "--explain",
        metavar="ROLE",
        help="Say of each agent that has something free why it is not offered to this role's frameworks.",
        show_default=False,
    ),
]


@app.callback()
def list_all(
    context: typer.Context,
    explain: Explained = None,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show the roles, and what each has, those below it included."""
    if context.invoked_subcommand is not None:
        context.default_map = {"weight": {"url": url, "output": output.value}}
        return
    from cli import roles

    if explain is not None:
        asyncio.run(roles.explain(url, output, explain))
    else:
        asyncio.run(roles.list_all(url, output))


@app.command()
def weight(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="A role, such as eng or eng/storage.")],
    value: Annotated[float, typer.Argument(metavar="WEIGHT", help="1 is what every role has at first.")],
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Give a role more or less than its siblings: with 2, twice as much as one with 1."""
    from cli import roles

    if not math.isfinite(value):
        raise typer.BadParameter(f"a weight of {value:g} is no number: give for example 2")
    asyncio.run(roles.set_weight(url, output, role, value))
