"""`orlop`: the commands by name, and how each ends.

Importing this must stay quick: the modules with a typer command in them import nothing but typer and the
options; what a command does is imported when it runs.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

from cli import (
    agents_commands,
    allocator_commands,
    cluster_commands,
    container_commands,
    daemon_commands,
    device_commands,
    image_commands,
    maintenance_commands,
    operation_commands,
    provider_commands,
    quota_commands,
    registry_commands,
    role_commands,
    task_commands,
    volume_commands,
)
from cli.failures import FAILED, INTERRUPTED, UNREACHABLE, USAGE, CommandFailed
from cli.options import Output

HELP = "Storage-first orchestration: CSI plugins become disks on offer, volumes and tasks that use them."

app = typer.Typer(
    name="orlop",
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
daemon_commands.register(app)
app.add_typer(volume_commands.app, name="volume")
app.add_typer(task_commands.app, name="task")
app.add_typer(container_commands.app, name="container")
app.command("containers")(container_commands.list_all)
app.add_typer(operation_commands.app, name="operations")
app.add_typer(provider_commands.app, name="providers")
app.add_typer(agents_commands.app, name="agents")
app.add_typer(image_commands.app, name="images")
app.add_typer(quota_commands.app, name="quota")
app.add_typer(role_commands.app, name="roles")
app.add_typer(maintenance_commands.app, name="maintenance")
app.add_typer(registry_commands.app, name="registry")
app.add_typer(allocator_commands.app, name="allocator")
cluster_commands.register(app)
device_commands.register(app)


@app.callback()
def for_all_commands(
    context: typer.Context,
    url: Annotated[str | None, typer.Option("--url", help="As each command's own --url.")] = None,
    output: Annotated[Output | None, typer.Option("--output", "-o", help="As each command's own.")] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Storage-first orchestration: CSI plugins become disks on offer."""
    if version:
        from importlib.metadata import version as installed

        print(f"orlop {installed('orlop')}")
        raise typer.Exit
    given = {"url": url, "output": output.value if output else None}
    defaults = {name: value for name, value in given.items() if value is not None}
    if defaults:
        context.default_map = _defaults(context.command, defaults)


def _defaults(command: Any, defaults: dict[str, str]) -> dict[str, Any]:
    """The same defaults for every command below `command`, as click wants them."""
    below = getattr(command, "commands", {})
    return {**defaults, **{name: _defaults(each, defaults) for name, each in below.items()}}


def main() -> None:
    """The console script. Never returns: ends with the exit statuses of `cli.failures`."""
    try:
        _check_arguments(sys.argv[1:])
        app()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more can be said there, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = FAILED
    except Exception as error:
        status = _status_of(error)
        print(f"orlop: {error}", file=sys.stderr)
    else:
        status = 0
    sys.exit(status)


def _check_arguments(arguments: list[str]) -> None:
    """What is not UTF-8 can be put into no message of the API. Raises CommandFailed."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            shown = argument.encode(errors="surrogateescape")
            raise CommandFailed(f"the argument {shown!r} is not UTF-8: put it into a file", USAGE) from None


def _status_of(error: Exception) -> int:
    """The exit status after `error`; raises it again when it is a fault of our own."""
    if isinstance(error, CommandFailed):
        return error.status
    # Imported here: a command that fails with these has imported them already.
    from api.model.errors import OrlopError
    from client.errors import ClientError, Unreachable

    if isinstance(error, Unreachable):
        return UNREACHABLE
    if isinstance(error, ClientError | OrlopError):
        return FAILED
    raise error


if __name__ == "__main__":
    main()
