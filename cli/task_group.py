"""`orlop task run --group FILE`: a small scheduler on the public v1 API, for one group of tasks.

It waits for an offer that suffices, launches the group, copies the output of its tasks, each line under its
task's name, and tears its framework down. The group lives and ends as the agent has it: this only looks on.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import UNSET

from api.model.ids import IdSource, RandomIds
from api.wire.v1 import mesos, scheduler
from cli.failures import INTERRUPTED, NOT_RUN, USAGE, CommandFailed
from cli.options import Output
from cli.output import print_json, text
from cli.progress import ProgressLine
from cli.sandbox import SandboxFile, Write, container_of, follow, path_of
from cli.task_group_request import MAX_FILE_BYTES, GroupRequest, InvalidGroup, cut, launched, read_group
from cli.task_outcome import NEVER_RAN, TERMINAL, exit_status
from cli.task_run import framework_client
from client.agent import AgentClient, address
from client.errors import ClientError, Refused, Unreachable
from client.operator import OperatorClient
from client.scheduler import SchedulerClient

REFUSE_SECONDS: Final = 1.0
TEARDOWN_SECONDS: Final = 5.0
OUTPUT_SECONDS: Final = 30.0
NOT_SUBSCRIBED: Final = 403
EVENTS_LIMIT: Final = 100
"""Events that wait to be handled; further ones wait in the connection."""


async def run(
    url: str, output: Output, file: Path, cpus: float, mem_bytes: int, role: str, wait_seconds: float
) -> int:
    """Run the group; the exit status for the caller: 0 when all finished, else the first failed task's.

    Raises CommandFailed (NOT_RUN) when it could not be run, (USAGE) when the file describes no group.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise InvalidGroup(f"it has more than {MAX_FILE_BYTES} bytes")
        read = read_group(content, cpus, mem_bytes)
    except (OSError, InvalidGroup) as error:
        raise CommandFailed(f"{file}: {error}", USAGE) from error
    request = GroupRequest(file.stem, read, role, wait_seconds)
    client = framework_client(url, request.name, role)
    try:
        async with OperatorClient(url) as operator, client:
            streams = sys.stderr if output is Output.JSON else sys.stdout
            group = GroupScheduler(operator, client, request, RandomIds(), streams.buffer)
            statuses = await group.run()
    except ClientError as error:
        raise CommandFailed(str(error), NOT_RUN) from error
    if output is Output.JSON:
        print_json(
            {name: {"exit_status": exit_status(each), "status": each} for name, each in statuses.items()}
        )
    for name, status in statuses.items():
        if status.state is not mesos.TaskState.TASK_FINISHED:
            print(f"orlop: task {name}: {text(status.state)}, {text(status.message)}", file=sys.stderr)
    return _status_of(list(statuses.values()))


def _status_of(statuses: list[mesos.TaskStatus]) -> int:
    """Of the task that ended the group: the others were killed for it."""
    bad = [each for each in statuses if each.state is not mesos.TaskState.TASK_FINISHED]
    first = [each for each in bad if each.state is not mesos.TaskState.TASK_KILLED] or bad
    return exit_status(first[0]) if first else 0


def _with(volumes: tuple[str, ...]) -> str:
    """What else an offer had to hold, all of it on one agent."""
    return f", with {'volume' if len(volumes) == 1 else 'volumes'} {', '.join(volumes)}" if volumes else ""


class GroupScheduler:
    """Runs `request` once. The tasks' output goes to `stdout`, and to this process's stderr."""

    def __init__(
        self,
        operator: OperatorClient,
        client: SchedulerClient,
        request: GroupRequest,
        ids: IdSource,
        stdout: BinaryIO,
    ) -> None:
        self._operator = operator
        self._client = client
        self._request = request
        self._ids = ids
        self._stdout = stdout
        self._names: dict[str, str] = {}
        """Names of the launched tasks, by their ids; empty while waiting for an offer."""
        self._ended: dict[str, mesos.TaskStatus] = {}
        self._over = asyncio.Event()
        self._events: asyncio.Queue[scheduler.Event | ClientError] = asyncio.Queue(EVENTS_LIMIT)
        self._followers: dict[str, asyncio.Task[None]] = {}
        self._jobs: set[asyncio.Task[None]] = set()
        self._kills = 0

    async def run(self) -> dict[str, mesos.TaskStatus]:
        """The last status of each task, by its name. Raises CommandFailed or ClientError."""
        loop, main = asyncio.get_running_loop(), asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._interrupt, main)
        # A task of its own, so that the subscription is still there for the farewell.
        listener = asyncio.create_task(self._listen())
        try:
            await self._run_to_end()
            self._over.set()
            async with asyncio.timeout(OUTPUT_SECONDS):
                await asyncio.gather(*self._followers.values())
            return {name: self._ended[task_id] for task_id, name in self._names.items()}
        except asyncio.CancelledError:
            raise CommandFailed("interrupted", INTERRUPTED) from None
        finally:
            await self._leave()
            listener.cancel()

    async def _listen(self) -> None:
        """Pass events on until the subscription fails for good, and then that."""
        try:
            async with contextlib.aclosing(self._client.events()) as events:
                async for event in events:
                    await self._events.put(event)
        except ClientError as error:
            await self._events.put(error)

    async def _run_to_end(self) -> None:
        """Until every task has ended. Only offers are waited for with a limit."""
        with ProgressLine("waiting for an offer") as progress:
            try:
                async with asyncio.timeout(self._request.wait_seconds) as patience:
                    while not self._names or len(self._ended) < len(self._names):
                        event = await self._events.get()
                        if isinstance(event, ClientError):
                            raise event
                        await self._try_to_handle(event, progress)
                        self._set_patience(patience)
            except TimeoutError:
                raise CommandFailed(
                    f"no offer in role {self._request.role} sufficed within {self._request.wait_seconds:g} s"
                    f"{_with(self._request.volumes)}; see: orlop roles --explain {self._request.role}",
                    NOT_RUN,
                ) from None

    def _set_patience(self, patience: asyncio.Timeout) -> None:
        if self._names:
            patience.reschedule(None)
        elif patience.when() is None:
            patience.reschedule(asyncio.get_running_loop().time() + self._request.wait_seconds)

    async def _try_to_handle(self, event: scheduler.Event, progress: ProgressLine) -> None:
        """A call that is lost with the connection is no harm: after the next SUBSCRIBED we reconcile."""
        try:
            await self._handle(event, progress)
        except Unreachable:
            return
        except Refused as error:
            if error.status != NOT_SUBSCRIBED:
                raise

    async def _handle(self, event: scheduler.Event, progress: ProgressLine) -> None:
        if event.subscribed is not UNSET and self._names:
            await self._client.reconcile(*self._names)
        elif event.offers is not UNSET:
            for offer in event.offers.offers:
                await self._consider(offer, progress)
        elif event.update is not UNSET:
            await self._update(event.update.status, progress)

    async def _consider(self, offer: mesos.Offer, progress: ProgressLine) -> None:
        pieces = None if self._names else cut(self._request, offer.resources)
        if pieces is None:
            await self._client.decline([offer], refuse_seconds=REFUSE_SECONDS)
            return
        operation, tasks = launched(self._request, f"group-{self._ids.uuid()}", offer, pieces)
        self._names = {task.task_id.value: task.name for task in tasks}
        progress.say(f"launching on {offer.hostname}")
        await self._client.accept([offer], [operation], refuse_seconds=0)
        await self._client.suppress(self._request.role)

    async def _update(self, status: mesos.TaskStatus, progress: ProgressLine) -> None:
        name = self._names.get(status.task_id.value)
        if name is not None and status.state is mesos.TaskState.TASK_RUNNING:
            progress.__exit__(None, None, None)
        elif name is not None and status.state not in TERMINAL and status.message is not UNSET:
            progress.say(f"{name}: {status.message}")
        if name is not None and (status.state in TERMINAL or status.state is mesos.TaskState.TASK_RUNNING):
            await self._start_following(status, name)
        await self._client.acknowledge(status)
        if name is None or status.state not in TERMINAL:
            return
        if status.reason in NEVER_RAN and not self._kills:  # so for all of them, and there is another offer
            self._names.clear()
            self._ended.clear()
            await self._client.revive(self._request.role)
            return
        self._ended.setdefault(status.task_id.value, status)

    async def _start_following(self, status: mesos.TaskStatus, name: str) -> None:
        """Copy the task's output from now on. Without a container there is none."""
        task_id, container_id = status.task_id.value, container_of(status)
        framework_id = self._client.framework_id
        if task_id in self._followers or framework_id is None or container_id is None:
            return
        for agent in (await self._operator.agents()).agents:
            if agent.agent_info.id is not UNSET and agent.agent_info.id == status.agent_id:
                paths = [path_of(framework_id, task_id, container_id, each) for each in ("stdout", "stderr")]
                copy = self._copy_output(address(agent), paths, name)
                self._followers[task_id] = asyncio.create_task(copy)

    async def _copy_output(self, url: str, paths: list[str], name: str) -> None:
        streams = (_Named(name, self._stdout), _Named(name, sys.stderr.buffer))
        async with AgentClient(url) as agent:
            writers: list[Write] = [each.write for each in streams]
            files = [SandboxFile(agent, path, write) for path, write in zip(paths, writers, strict=True)]
            await follow(files, self._over)
        for stream in streams:
            stream.finish()

    def _interrupt(self, main: asyncio.Task[dict[str, mesos.TaskStatus]] | None) -> None:
        """The first signal ends the group in an orderly way, another one ends the waiting."""
        self._kills += 1
        if self._names and self._kills == 1:
            print("orlop: ending the group; once more to leave at once", file=sys.stderr)
            self._jobs.add(asyncio.ensure_future(self._kill()))
        elif main is not None:
            main.cancel()

    async def _kill(self) -> None:
        """One of its tasks takes the group with it; one that has ended already does not."""
        for task_id in self._names:
            with contextlib.suppress(ClientError):
                await self._client.kill(task_id)

    async def _leave(self) -> None:
        """Tear the framework down, whatever happened: its tasks end with it."""
        for follower in self._followers.values():
            follower.cancel()
        try:
            async with asyncio.timeout(TEARDOWN_SECONDS):
                await self._client.teardown()
        except (ClientError, TimeoutError) as error:
            print(f"orlop: the framework goes by its failover timeout only: {error}", file=sys.stderr)


class _Named:
    """Writes whole lines, each with a name before it: those of several tasks do not run into each other."""

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self._prefix = f"{name}: ".encode()
        self._stream = stream
        self._rest = b""

    def write(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            self._stream.write(self._prefix + line + b"\n")
        self._stream.flush()

    def finish(self) -> None:
        """What has no end of line is written all the same."""
        if self._rest:
            self.write(b"\n")


MAX_LINE_BYTES: Final = 64 * 1024
"""A longer line is broken in two."""
