"""`orlop dev`, `orchestrator`, `agent`, `plugin …`: the command lines of what runs for long.

What they do is in cli.dev, cli.orchestrator_command, cli.agent_command and cli.plugin_command.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from cli.agent_settings import AgentSettings
from cli.daemon_settings import DevSettings, OrchestratorSettings
from cli.hangup import remember_hangups
from cli.options import a_size
from cli.settings import command

plugin_app = typer.Typer(help="The built-in CSI plugins.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("dev")(command(DevSettings, _dev, os.environ))
    app.command("orchestrator")(command(OrchestratorSettings, _orchestrator, os.environ))
    app.command("agent")(command(AgentSettings, _agent, os.environ))
    app.add_typer(plugin_app, name="plugin")


def _dev(settings: DevSettings, again: Callable[[], DevSettings]) -> None:
    from cli import dev

    raise typer.Exit(dev.run(settings))


def _orchestrator(settings: OrchestratorSettings, again: Callable[[], OrchestratorSettings]) -> None:
    remember_hangups()
    from cli import orchestrator_command

    raise typer.Exit(orchestrator_command.run(settings))


def _agent(settings: AgentSettings, again: Callable[[], AgentSettings]) -> None:
    remember_hangups()
    from cli import agent_command

    raise typer.Exit(agent_command.run(settings, again))


@plugin_app.callback()
def plugins() -> None:
    """The built-in CSI plugins: any CSI client can use them."""


@plugin_app.command("local-disk")
def local_disk(
    endpoint: Annotated[str, typer.Option("--endpoint", envvar="CSI_ENDPOINT", metavar="unix:///PATH")],
    node_id: Annotated[str, typer.Option("--node-id", help="What this node is called in CSI.")],
    pool: Annotated[Path, typer.Option("--pool", help="A folder, or a whole device that it formats.")],
    backend: Annotated[str, typer.Option("--backend", metavar="auto|image|dir")] = "auto",
    capacity: Annotated[
        str | None, typer.Option("--capacity", metavar="SIZE", help="To use at most.")
    ] = None,
    state_folder: Annotated[
        Path | None, typer.Option("--state-folder", help="Where a pool on a device is mounted.")
    ] = None,
    pool_id: Annotated[
        str | None,
        typer.Option(
            "--pool-id", metavar="UUID", help="The pool that the device carries: it is not formatted."
        ),
    ] = None,
    log_level: Annotated[str, typer.Option("--log-level")] = "info",
) -> None:
    """A CSI driver for the disks of this host: image files with real size limits, or plain folders."""
    if backend not in ("auto", "image", "dir"):
        raise typer.BadParameter(f"{backend!r} is not one of auto, image, dir", param_hint="--backend")
    from cli import plugin_command

    size = None if capacity is None else a_size(capacity)
    raise typer.Exit(
        plugin_command.run(endpoint, node_id, pool, backend, size, state_folder, pool_id, log_level)
    )


@plugin_app.command("whole-disk")
def whole_disk(
    endpoint: Annotated[str, typer.Option("--endpoint", envvar="CSI_ENDPOINT", metavar="unix:///PATH")],
    node_id: Annotated[str, typer.Option("--node-id", help="What this node is called in CSI.")],
    device: Annotated[str, typer.Option("--device", metavar="PATH", help="The disk, or a partition.")],
    volume_id: Annotated[str, typer.Option("--volume-id", help="What the disk is called in CSI.")],
    sequence: Annotated[
        str,
        typer.Option("--sequence", metavar="N", help="Its diskseq: another disk of that name is not served."),
    ] = "",
    owner: Annotated[
        str, typer.Option("--owner", help="For whom it is claimed: nobody else serves it meanwhile.")
    ] = "",
    log_level: Annotated[str, typer.Option("--log-level")] = "info",
) -> None:
    """A CSI driver for one disk as it is: a raw block volume that was there, which it never writes to."""
    from cli import plugin_command

    raise typer.Exit(
        plugin_command.run_whole_disk(endpoint, node_id, device, volume_id, sequence, owner, log_level)
    )
