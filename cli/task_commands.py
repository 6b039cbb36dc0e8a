"""`orlop task …`: the command line of it. What the commands do is in cli.task_run and cli.tasks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from cli.container_commands import AgentUrl, AlwaysInteractive, Tty
from cli.options import FROM_ENVIRONMENT, Output, OutputOption, Url, a_size

app = typer.Typer(help="Run and look at tasks.", no_args_is_help=True, rich_markup_mode=None)

DEFAULT_MEM_BYTES = 32 * 2**20
DEFAULT_WAIT = 60.0

TaskId = Annotated[str, typer.Argument(metavar="ID", help="The task's id, or the beginning of it.")]


# What follows the first word of the command belongs to it, options too.
@app.command(context_settings={"allow_interspersed_args": False})
def run(
    command: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND...", help="What to run, after --.")
    ] = None,
    group: Annotated[
        Path | None, typer.Option("--group", metavar="FILE", help="Run the tasks of a v1 TaskGroupInfo.")
    ] = None,
    volume: Annotated[
        list[str] | None, typer.Option("--volume", metavar="NAME:/PATH[:ro]", help="Bind a volume in.")
    ] = None,
    cpus: Annotated[float, typer.Option("--cpus", min=0.01, help="Share of a core.")] = 0.1,
    mem: Annotated[str, typer.Option("--mem", metavar="SIZE", help="Memory.")] = "32MiB",
    disk: Annotated[
        str | None, typer.Option("--disk", metavar="SIZE", help="What its sandbox may hold.")
    ] = None,
    image: Annotated[
        str | None, typer.Option("--image", help="Container image; none: the host's root.")
    ] = None,
    role: Annotated[str, typer.Option("--role", help="In which role to take offers.")] = "default",
    name: Annotated[
        str | None, typer.Option("--name", help="The task's name; the command's by default.")
    ] = None,
    wait: Annotated[
        float, typer.Option("--wait", min=0, help="Seconds to wait for a fitting offer.")
    ] = DEFAULT_WAIT,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Run a command in a container, show its output, end with its exit status.

    125: the task could not be run. With --output json its output goes to stderr. With --group, tasks that
    share network and sandbox and end together; --cpus and --mem are for those that name no amounts.
    """
    from cli import task_group, task_run
    from cli.task_request import TaskRequest, parse_mount

    if group is not None:
        if command or volume or disk or image or name:
            raise typer.BadParameter("its tasks say what to run, and how", param_hint="--group")
        running = task_group.run(url, output, group, cpus, a_size(mem), role, wait)
        raise typer.Exit(asyncio.run(running))
    if not command:
        raise typer.BadParameter("missing: what to run, after --", param_hint="COMMAND")
    try:
        mounts = tuple(parse_mount(text) for text in volume or ())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--volume") from error
    request = TaskRequest(
        command=tuple(command),
        cpus=cpus,
        mem_bytes=a_size(mem),
        mounts=mounts,
        image=image,
        role=role,
        name=name or command[0].rpartition("/")[2],
        wait_seconds=wait,
        disk_bytes=0 if disk is None else a_size(disk),
    )
    raise typer.Exit(asyncio.run(task_run.run(url, output, request)))


@app.command("list")
def list_all(url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE) -> None:
    """Show the tasks, those that ended included."""
    from cli import tasks

    asyncio.run(tasks.list_all(url, output))


@app.command()
def logs(
    task_id: TaskId,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the task ends.")] = False,
    url: Url = FROM_ENVIRONMENT,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show a task's output: its stdout on stdout, its stderr on stderr."""
    from cli import tasks

    asyncio.run(tasks.logs(url, output, task_id, follow))


@app.command("exec", context_settings={"allow_interspersed_args": False})
def run_within(
    task_id: TaskId,
    command: Annotated[list[str], typer.Argument(metavar="COMMAND...", help="What to run, after --.")],
    tty: Tty = False,
    interactive: AlwaysInteractive = False,
    agent_url: AgentUrl = "",
    url: Url = FROM_ENVIRONMENT,
) -> None:
    """Run a command within a running task: input, output and exit status are passed on.

    125: it could not be run. It ends when this command does, and with the task.
    """
    from cli import container_exec
    from cli.agent_choice import Place

    raise typer.Exit(
        asyncio.run(container_exec.in_task(Place(url, agent_url), task_id, command, terminal=tty))
    )


@app.command()
def kill(task_id: TaskId, url: Url = FROM_ENVIRONMENT, output: OutputOption = Output.TABLE) -> None:
    """End a task."""
    from cli import tasks

    asyncio.run(tasks.kill(url, output, task_id))
