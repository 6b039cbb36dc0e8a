"""From RECEIVED to RUNNING: everything a task needs is brought here, then its container is started.

Each step may be repeated: after a crash the run begins again at its phase. What was taken for a task that
does not come to run is given back by `agent.tasks.release`.
"""

from __future__ import annotations

import asyncio
from typing import Final

from agent.checkpoint import insert_task_change
from agent.commands import InvalidTask
from agent.container_volumes import Places, check_target, volume_binds
from agent.containerizer.interface import (
    Bind,
    ContainerizerError,
    ContainerSpec,
    ContainerState,
    LaunchError,
    Who,
)
from agent.tasks.causes import PREPARATION_ERRORS, UserUnknown, told
from agent.tasks.context import TaskContext, given_up
from agent.tasks.journal import TaskJournal
from agent.tasks.parts import Owner
from agent.tasks.progress import TaskProgress
from agent.tasks.publisher import volume_names
from agent.tasks.spec import container_spec, validate
from agent.tasks.state import TaskEvent
from agent.tasks.status import LIMITED, OF_THE_AGENT, Reason
from api.wire.v1 import mesos

LOOK_SECONDS: Final = 0.2
"""Between looks whether a launch that is not wanted any more has come to wait for its image."""


class TaskStart:
    """The steps of one task before it runs."""

    def __init__(self, context: TaskContext, journal: TaskJournal) -> None:
        self._context = context
        self._record = context.record
        self._parts = context.parts
        self._journal = journal
        self._progress = TaskProgress(context.parts, lambda: (context.record,))
        self._spec: ContainerSpec | None = None

    async def arrive(self) -> None:
        """Make a new task durable, before anything else is done for it."""
        await self._parts.store.write(insert_task_change(self._record))

    # RECEIVED

    async def prepare(self) -> None:
        """Bring everything; STARTING afterwards, or the task has ended."""
        try:
            validate(self._record.info, grouped=self._record.parent is not None)
            spec = await self._context.unless_wished(self._bring(fetch=True))
        except InvalidTask as error:
            await self._journal.end(TaskEvent.INVALID, str(error), Reason.REASON_TASK_INVALID)
            return
        except PREPARATION_ERRORS as error:
            await self._journal.end(TaskEvent.PUBLISH_FAILED, *told(error))
            return
        if spec is None:
            await self._given_up()
            return
        self._spec = spec
        await self._journal.prepared()

    async def _given_up(self) -> None:
        """Someone wished for its end first: its owner, or what it was to live in did not come to be."""
        kill, event = self._record.kill, TaskEvent.KILL
        reason = Reason.REASON_TASK_KILLED_DURING_LAUNCH
        if kill is not None and kill.reason is not None and kill.reason in LIMITED:
            event, reason = TaskEvent.PUBLISH_FAILED, kill.reason
        elif kill is not None and kill.reason in OF_THE_AGENT:
            event, reason = TaskEvent.REMOVED if kill.gone else event, kill.reason
        await self._journal.end(event, self._context.wish_message, reason)

    async def _bring(self, *, fetch: bool) -> ContainerSpec:
        """All that the container needs, and its description. Raises InvalidTask, PREPARATION_ERRORS."""
        record, progress = self._record, self._progress
        owner = self._owner()
        if record.parent is not None:
            with progress.step("waiting for its group to start"):
                await self._parts.roots.ready(record)
        with progress.step(f"publishing {volume_names(record)}"):
            binds = await self._parts.publisher.publish(record, progress.say)
        sandbox = self._context.make_sandbox()
        command = record.info.command
        if fetch and isinstance(command, mesos.CommandInfo) and command.uris:
            with progress.step("fetching its files"):
                await self._parts.fetcher.fetch(command, sandbox, owner, progress.say)
        for bind in binds:
            check_target(sandbox, bind.target)
        binds += await self._volumes(owner)
        limit = self._parts.limits.output_limit_bytes
        return container_spec(record, self._parts.agent_id(), str(sandbox), binds, limit)

    def _owner(self) -> Owner | None:
        try:
            return self._parts.owner_of(self._record.user)
        except LaunchError as error:
            raise UserUnknown(error.message) from error

    async def _volumes(self, owner: Owner | None) -> tuple[Bind, ...]:
        container = self._record.info.container
        if not isinstance(container, mesos.ContainerInfo) or not container.volumes:
            return ()
        record, parts = self._record, self._parts
        grouped = record.parent is not None
        places = Places(
            self._context.sandbox,
            (lambda: parts.roots.parent_sandbox(record)) if grouped else None,
            owner,
            parts.hidden,
            await parts.roots.volumes(record) if grouped else (),
            lambda bind: parts.publisher.lend(record, bind),
        )
        return volume_binds(container, places)

    # STARTING

    async def launch(self) -> None:
        """Start the container, once: RUNNING afterwards, or KILLING, or the task has ended."""
        context = self._context
        for attempt in range(self._parts.limits.launch_attempts):
            if context.wish.is_set():
                break
            if context.found is None and self._record.boot_id != self._parts.boot_id:
                await self._lost_with_the_host()
                return
            try:
                with self._progress.step("starting its container"):
                    if not await self._start():
                        break
            except (InvalidTask, *PREPARATION_ERRORS) as error:
                last = attempt + 1 == self._parts.limits.launch_attempts
                if not isinstance(error, ContainerizerError) or error.who is not Who.RETRY or last:
                    context.doubtful = True
                    await self._journal.end(TaskEvent.LAUNCH_FAILED, *told(error))
                    return
                await context.pause(attempt)
                continue
            await self._journal.running()
            return
        await self._journal.killing(announce=False)  # what may have been started is ended there

    async def _start(self) -> bool:
        """False: someone wished for its end while it waited for its image, and the launch was broken off."""
        found = self._context.found
        if found is None:
            if self._spec is None:  # found STARTING after a crash: the same preparation, the same answer
                self._spec = await self._context.unless_wished(self._bring(fetch=False))
                if self._spec is None:
                    return False
            found = await self._unless_pulling(self._spec)
        if found is None:
            return False
        self._context.locate(found)
        return True

    async def _unless_pulling(self, spec: ContainerSpec) -> ContainerState | None:
        """The container; None when its launch was given up. A launch that says how far it is waits for an
        image, and may be broken off; any other is soon over, and its outcome is better known."""
        launch = asyncio.create_task(self._parts.containerizer.launch(spec, self._progress.say))
        wish = asyncio.create_task(self._context.wish.wait())
        try:
            await asyncio.wait((launch, wish), return_when=asyncio.FIRST_COMPLETED)
            while not launch.done():
                if self._progress.said:
                    await given_up(launch)
                    return None
                await asyncio.wait((launch,), timeout=LOOK_SECONDS)
            return launch.result()
        finally:
            await given_up(launch, wish)

    async def _lost_with_the_host(self) -> None:
        text = "the host was started anew before it was known to run; it may have run: run it again"
        reason = Reason.REASON_AGENT_RESTARTED
        if self._record.kill is not None:
            text, reason = self._context.wish_message, Reason.REASON_TASK_KILLED_DURING_LAUNCH
        await self._journal.end(TaskEvent.DISAPPEARED, text, reason)
