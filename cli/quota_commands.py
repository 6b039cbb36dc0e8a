"""`orlop quota …`: the command line of it. What the commands do is in cli.quota."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from cli.options import FROM_ENVIRONMENT, Output, OutputOption, Url

app = typer.Typer(
    help="Quota of roles: what is kept for them, and what they may have at most.",
    invoke_without_command=True,
    rich_markup_mode=None,
)

Role = Annotated[str, typer.Argument(metavar="ROLE", help="A role, such as eng or eng/storage.")]
AMOUNTS = "For example cpus=2,mem=4GiB,disk=10GiB,'disk[profile=fast]=5GiB'; NAME=none takes one away."


@app.callback()
def list_all(
    context: typer.Context, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE
) -> None:
    """Show quota: what each role is guaranteed, may have, has, and is offered."""
    if context.invoked_subcommand is not None:
        below = {"url": url, "output": output.value}
        context.default_map = dict.fromkeys(("set", "remove"), below)
        return
    from cli import quota

    asyncio.run(quota.list_all(url, output))


@app.command("set")
def set_(
    role: Role,
    guarantee: Annotated[
        list[str] | None,
        typer.Option("--guarantee", metavar="AMOUNTS", help=f"What is kept for the role. {AMOUNTS}"),
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option("--limit", metavar="AMOUNTS", help="What the role may have at most, in the same form."),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Though more is guaranteed than there is, or in use than the limit."),
    ] = False,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Set a role's quota. What is not named stays as it is."""
    from cli import quota

    if not guarantee and not limit:
        raise typer.BadParameter("say what to set: --guarantee, --limit, or both")
    changes = quota.Changes(quota.changes_of(guarantee or []), quota.changes_of(limit or []))
    asyncio.run(quota.set_role(url, output, role, changes, force))


@app.command()
def remove(role: Role, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE) -> None:
    """Remove a role's quota: nothing is kept for it, and nothing limits it."""
    from cli import quota

    asyncio.run(quota.remove(url, output, role))
