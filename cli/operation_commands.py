"""`orlop operations …`: the command line of it. What the commands do is in cli.operations."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cli.failures import USAGE, CommandFailed
from cli.options import FROM_ENVIRONMENT, Output, OutputOption, Url


class _OneByItsId(TyperGroup):
    """`orlop operations ID` is `orlop operations inspect ID`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["inspect", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_OneByItsId,
    help="Operations: how they stand, and what to do about one that is stuck.",
    invoke_without_command=True,
    rich_markup_mode=None,
)

Id = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="The operation's UUID, the first 4 or more digits of it, or its framework's id."
    ),
]


@app.callback()
def list_all(
    context: typer.Context,
    every: Annotated[
        bool, typer.Option("--all", "-a", help="All that are remembered, the newest first.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, metavar="N", help="With --all: so many at most.", show_default=False),
    ] = None,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show the operations and how they stand. With an ID: the story of that one."""
    if context.invoked_subcommand is not None:
        below = {"url": url, "output": output.value}
        context.default_map = dict.fromkeys(("inspect", "retry", "abandon"), below)
        return
    if every:
        from cli import operation_history

        asyncio.run(operation_history.show(url, output, limit))
        return
    if limit is not None:
        raise CommandFailed("--limit goes with --all", USAGE)
    from cli import operations

    asyncio.run(operations.list_all(url, output))


@app.command()
def inspect(operation: Id, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE) -> None:
    """Tell one operation's story: each state and when, and what stands in its way."""
    from cli import operations

    asyncio.run(operations.inspect(url, output, operation))


@app.command()
def retry(operation: Id, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE) -> None:
    """Have an operation's provider try again now what it waits to do again."""
    from cli import operations

    asyncio.run(operations.retry(url, output, operation))


@app.command()
def abandon(operation: Id, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE) -> None:
    """Give an operation up: it ends as FAILED, once nothing can be left behind."""
    from cli import operations

    asyncio.run(operations.abandon(url, output, operation))
