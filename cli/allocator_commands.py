"""`orlop allocator …`: the command line of it. What the commands do is in cli.allocation_replay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Output, OutputOption

app = typer.Typer(
    help="The allocator: what would be offered if …", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def commands() -> None:
    """The allocator: what would be offered if …"""


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A scenario: docs/allocation-replay.md.")],
    explain: Annotated[
        bool, typer.Option("--explain", help="Also say why what is free was not offered.")
    ] = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Run an allocation scenario, here and without a cluster, and print every offer."""
    from cli import allocation_replay

    allocation_replay.replay(file, explain, output)
