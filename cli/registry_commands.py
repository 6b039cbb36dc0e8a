"""`orlop registry …`: the command line of it. What the commands do is in cli.registry."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from cli.options import FROM_ENVIRONMENT, Output, OutputOption, Url

app = typer.Typer(
    help="The orchestrator's database: look at it, copy it, put a copy back.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

WorkDir = Annotated[
    Path | None,
    typer.Option(
        "--work-dir", metavar="DIR", help="The orchestrator's, as it is given to it.", show_default=False
    ),
]
Registry = Annotated[
    str | None,
    typer.Option("--registry", metavar="URL", help="As it is given to the orchestrator.", show_default=False),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE.toml", help="The orchestrator's settings.", show_default=False),
]


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A backup; the registry itself when left out.")
    ] = None,
    work_dir: WorkDir = None,
    registry: Registry = None,
    config: Config = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Look whether the registry, or a backup, is sound; also while it is in use."""
    from cli import registry as commands

    commands.check(_settings(work_dir, registry, config), file, output)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")],
    work_dir: WorkDir = None,
    registry: Registry = None,
    config: Config = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Copy the registry into a new file and verify the copy; also while it is in use."""
    from cli import registry as commands

    commands.backup(_settings(work_dir, registry, config), file, output)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
    work_dir: WorkDir = None,
    registry: Registry = None,
    config: Config = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Put a backup in the place of the registry, which is kept aside. No orchestrator may run."""
    from cli import registry as commands

    commands.restore(_settings(work_dir, registry, config), file, output)


@app.command()
def new(
    keep: Annotated[
        bool, typer.Option("--keep", help="Take the registry that is named, whose ever it is.")
    ] = False,
    work_dir: WorkDir = None,
    registry: Registry = None,
    config: Config = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Begin a new cluster at the next start; the registry of the present one is kept aside."""
    from cli import registry as commands

    commands.new(_settings(work_dir, registry, config), output, keep=keep)


@app.command()
def differences(
    settle: Annotated[bool, typer.Option("--settle", help="All was looked at: forget it.")] = False,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show what a restored registry and the cluster say differently, and what to do about it."""
    from cli import registry as commands

    asyncio.run(commands.differences(url, output, settle=settle))


def _settings(work_dir: Path | None, registry: str | None, config: Path | None):  # type: ignore[no-untyped-def]
    from cli.daemon_settings import OrchestratorSettings
    from cli.settings import resolve

    return resolve(OrchestratorSettings, {"work_dir": work_dir, "registry": registry}, os.environ, config)
