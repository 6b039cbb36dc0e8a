"""A small scheduler on the public v1 API, for one task.

It waits for an offer that suffices, launches, copies the output, acknowledges, and tears its framework
down. It uses nothing that any other scheduler could not, and leaves nothing of its own behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from typing import BinaryIO, Final

from msgspec import UNSET

from api.model.ids import IdSource
from api.wire.v1 import master, mesos, scheduler
from cli.failures import INTERRUPTED, NOT_RUN, CommandFailed
from cli.output import text
from cli.progress import ProgressLine
from cli.sandbox import SandboxFile, Write, container_of, follow, path_of
from cli.task_outcome import NEVER_RAN, TERMINAL, Outcome
from cli.task_request import TaskRequest, lacking, take, task_info
from client.agent import AgentClient, address
from client.errors import ClientError, Refused, Unreachable
from client.operator import OperatorClient
from client.scheduler import SchedulerClient

REFUSE_SECONDS: Final = 1.0
"""For how long an offer that does not suffice is declined: others may use it, and it may grow meanwhile."""
TEARDOWN_SECONDS: Final = 5.0
"""For the farewell; then the orchestrator ends the framework by its failover timeout."""
OUTPUT_SECONDS: Final = 30.0
"""For the rest of the output after the task's end."""

NOT_SUBSCRIBED: Final = 403
NOT_RUNNING_YET: Final = frozenset({mesos.TaskState.TASK_STAGING, mesos.TaskState.TASK_STARTING})
EVENTS_LIMIT: Final = 100
"""Events that wait to be handled; further ones wait in the connection."""


class TaskScheduler:
    """Runs `request` once. `stdout` receives the task's standard output, this process's stderr its stderr."""

    def __init__(
        self,
        operator: OperatorClient,
        client: SchedulerClient,
        request: TaskRequest,
        ids: IdSource,
        stdout: BinaryIO,
    ) -> None:
        self._operator = operator
        self._client = client
        self._request = request
        self._ids = ids
        self._stdout = stdout
        self._task_id = ""
        """Of the launch under way; empty while waiting for an offer."""
        self._kills = 0
        self._ended = asyncio.Event()
        self._follower: asyncio.Task[None] | None = None
        self._events: asyncio.Queue[scheduler.Event | ClientError] = asyncio.Queue(EVENTS_LIMIT)
        self._last_lack = ""

    async def run(self) -> Outcome:
        """How the task ended. Raises CommandFailed (it could not be run) or ClientError."""
        await self._check_volumes()
        loop = asyncio.get_running_loop()
        main = asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._interrupt, main)
        # A task of its own, so that the subscription is still there for the farewell.
        listener = asyncio.create_task(self._listen())
        try:
            outcome = await self._run_to_end()
            if self._follower is not None:
                self._ended.set()
                async with asyncio.timeout(OUTPUT_SECONDS):
                    await self._follower
            return outcome
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

    async def _run_to_end(self) -> Outcome:
        with ProgressLine("waiting for an offer") as progress:
            try:
                async with asyncio.timeout(self._request.wait_seconds) as patience:
                    while True:
                        event = await self._events.get()
                        if isinstance(event, ClientError):
                            raise event
                        outcome = await self._try_to_handle(event, progress)
                        if outcome is not None:
                            return outcome
                        self._set_patience(patience)
            except TimeoutError:
                raise CommandFailed(await self._why_no_offer(), NOT_RUN) from None

    def _set_patience(self, patience: asyncio.Timeout) -> None:
        """Only offers are waited for with a limit; a task may run for as long as it likes."""
        if self._task_id:
            patience.reschedule(None)
        elif patience.when() is None:
            patience.reschedule(asyncio.get_running_loop().time() + self._request.wait_seconds)

    async def _try_to_handle(self, event: scheduler.Event, progress: ProgressLine) -> Outcome | None:
        """A call that is lost with the connection is no harm: after the next SUBSCRIBED we reconcile."""
        try:
            return await self._handle(event, progress)
        except Unreachable:
            return None
        except Refused as error:
            if error.status != NOT_SUBSCRIBED:
                raise
            return None

    async def _handle(self, event: scheduler.Event, progress: ProgressLine) -> Outcome | None:
        """React to one event; the outcome, once there is one."""
        if event.subscribed is not UNSET and self._task_id:
            # What happened while we were away: ask, and ask again for a kill that may have been lost.
            await self._client.reconcile(self._task_id)
            if self._kills:
                await self._client.kill(self._task_id)
        elif event.offers is not UNSET:
            for offer in event.offers.offers:
                await self._consider(offer, progress)
        elif event.update is not UNSET:
            return await self._update(event.update.status, progress)
        return None

    async def _consider(self, offer: mesos.Offer, progress: ProgressLine) -> None:
        resources = None if self._task_id else take(self._request, offer.resources)
        if resources is None:
            self._last_lack = f"the last one lacked {lacking(self._request, offer.resources)}"
            await self._client.decline([offer], refuse_seconds=REFUSE_SECONDS)
            return
        self._task_id = f"run-{self._ids.uuid()}"
        progress.say(f"launching on {offer.hostname}")
        info = task_info(self._request, self._task_id, offer.agent_id, resources)
        launch = mesos.OfferOperation(
            type=mesos.OfferOperationType.LAUNCH, launch=mesos.OfferOperationLaunch(task_infos=[info])
        )
        await self._client.accept([offer], [launch], refuse_seconds=0)
        await self._client.suppress(self._request.role)

    async def _update(self, status: mesos.TaskStatus, progress: ProgressLine) -> Outcome | None:
        if status.task_id.value == self._task_id and status.state is mesos.TaskState.TASK_RUNNING:
            progress.__exit__(None, None, None)
            await self._start_following(status)
        await self._client.acknowledge(status)
        if status.task_id.value != self._task_id:
            return None
        if status.state in NOT_RUNNING_YET and status.message is not UNSET:
            progress.say(status.message)
        if self._never_ran(status):
            self._task_id = ""
            await self._client.revive(self._request.role)
            return None
        if status.state not in TERMINAL:
            return None
        await self._start_following(status)
        return Outcome(self._task_id, status)

    def _never_ran(self, status: mesos.TaskStatus) -> bool:
        """Whether the launch was lost before anyone started anything, so that it may be repeated."""
        unknown = status.state is mesos.TaskState.TASK_UNKNOWN and self._follower is None
        return not self._kills and (unknown or status.reason in NEVER_RAN)

    async def _start_following(self, status: mesos.TaskStatus) -> None:
        """Copy the output from now on. Without a container there is none."""
        framework_id, container_id = self._client.framework_id, container_of(status)
        if self._follower is not None or status.agent_id is UNSET:
            return
        if framework_id is None or container_id is None:
            return
        url = await self._agent_url(status.agent_id.value)
        if url is not None:
            paths = [
                path_of(framework_id, self._task_id, container_id, name) for name in ("stdout", "stderr")
            ]
            self._follower = asyncio.create_task(self._copy_output(url, paths))

    async def _agent_url(self, agent_id: str) -> str | None:
        for agent in (await self._operator.agents()).agents:
            if agent.agent_info.id is not UNSET and agent.agent_info.id.value == agent_id:
                return address(agent)
        return None

    async def _copy_output(self, url: str, paths: list[str]) -> None:
        async with AgentClient(url) as agent:
            writers = (_writer(self._stdout), _writer(sys.stderr.buffer))
            files = [SandboxFile(agent, path, write) for path, write in zip(paths, writers, strict=True)]
            await follow(files, self._ended)

    def _interrupt(self, main: asyncio.Task[Outcome] | None) -> None:
        """The first signal ends the task in an orderly way, another one ends the waiting."""
        self._kills += 1
        if self._task_id and self._kills == 1:
            print(f"orlop: ending task {self._task_id}; once more to leave at once", file=sys.stderr)
            self._killing = asyncio.create_task(self._kill())
        elif main is not None:
            main.cancel()

    async def _kill(self) -> None:
        # A kill that is lost here is sent again after the next SUBSCRIBED.
        with contextlib.suppress(ClientError):
            await self._client.kill(self._task_id)

    async def _leave(self) -> None:
        """Tear the framework down, whatever happened: its task ends with it."""
        if self._follower is not None and not self._follower.done():
            self._follower.cancel()
        try:
            async with asyncio.timeout(TEARDOWN_SECONDS):
                await self._client.teardown()
        except (ClientError, TimeoutError) as error:
            print(f"orlop: the framework goes by its failover timeout only: {error}", file=sys.stderr)

    async def _check_volumes(self) -> None:
        """Refuse at once what no offer can mend."""
        if not self._request.mounts:
            return
        volumes = {volume.name: volume for volume in await self._operator.volumes()}
        for mount in self._request.mounts:
            if mount.volume not in volumes:
                raise CommandFailed(
                    f"no volume is named {mount.volume}; make it:"
                    f" orlop volume create {mount.volume} --profile P --size 1GiB",
                    NOT_RUN,
                )
            self._check_volume(volumes[mount.volume])

    def _check_volume(self, volume: master.VolumeInfo) -> None:
        usable = (master.VolumeState.VOLUME_AVAILABLE, master.VolumeState.VOLUME_CREATING)
        if volume.state not in usable:
            raise CommandFailed(
                f"volume {volume.name} is {text(volume.state).removeprefix('VOLUME_')},"
                f" {text(volume.message)};"
                f" see: orlop volume inspect {volume.name}",
                NOT_RUN,
            )
        if volume.role is not UNSET and volume.role != self._request.role:
            raise CommandFailed(
                f"volume {volume.name} is for role {volume.role}: add --role {volume.role}", NOT_RUN
            )

    async def _why_no_offer(self) -> str:
        """Why nothing fitting came, as far as can be known from outside."""
        names = {mount.volume for mount in self._request.mounts}
        held = [
            f"volume {volume.name} is in use by {', '.join(volume.users)}"
            for volume in (await self._operator.volumes() if names else [])
            if volume.name in names and volume.users
        ]
        reason = "; ".join(held) or self._last_lack or await self._why_withheld()
        return (
            f"no offer in role {self._request.role} sufficed within {self._request.wait_seconds:g} s:"
            f" {reason}; see: orlop roles --explain {self._request.role}, orlop agents, orlop volume list"
        )

    async def _why_withheld(self) -> str:
        """What the orchestrator says of the first agent that has something free and is not offered."""
        withheld = (
            await self._operator.explain_offers(self._request.role, self._client.framework_id)
        ).withheld
        return f"no offer came at all: {withheld[0].reason if withheld else 'nothing is free'}"


def _writer(stream: BinaryIO) -> Write:
    def write(data: bytes) -> None:
        stream.write(data)
        stream.flush()

    return write
