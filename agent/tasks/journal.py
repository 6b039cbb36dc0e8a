"""What is durable of one task, and told: each phase with its status, each finding of its checks.

What was written is what is true: memory follows the store, never the other way round. Nothing is done to
containers or volumes here.
"""

from __future__ import annotations

import logging
from typing import Final

from agent.checkpoint import (
    add_status_change,
    boot_change,
    checked_change,
    kill_change,
    phase_change,
    released_change,
    started_change,
)
from agent.tasks.context import TaskContext
from agent.tasks.record import Checked, KillIntent
from agent.tasks.state import TERMINAL, TaskEvent, TaskPhase, next_phase
from agent.tasks.status import Reason, Source, make_status
from api.wire.v1 import mesos
from store.port import Change

log = logging.getLogger(__name__)

MAX_UNHEARD: Final = 50
"""Statuses of a task that nobody has acknowledged, with which no further notes are told, and findings of its
checks no longer one by one: the last one is in every later status."""


class TaskJournal:
    """Writes for one task."""

    def __init__(self, context: TaskContext) -> None:
        self._context = context
        self._record = context.record
        self._parts = context.parts

    async def prepared(self) -> None:
        """All that the task needs is there: STARTING, in this boot of the host."""
        key, phase = self._record.key, next_phase(self._record.phase, TaskEvent.PUBLISHED)
        await self._parts.store.write(phase_change(key, phase), boot_change(key, self._parts.boot_id))
        self._record.phase = self._record.told = phase
        self._record.boot_id = self._parts.boot_id

    async def running(self) -> None:
        """Its container was started: RUNNING, from now on."""
        now = self._parts.clock.now()
        started = started_change(self._record.key, now)
        self._record.started_at = now
        phase = next_phase(self._record.phase, TaskEvent.LAUNCHED)
        await self._take(phase, None, None, Source.SOURCE_EXECUTOR, started)
        self._parts.deliver(self._record)

    async def killing(self, *, announce: bool) -> None:
        """Someone wants it to end; with `announce` its framework is told."""
        phase = next_phase(self._record.phase, TaskEvent.KILL)
        if announce:
            await self._take(phase, self._context.wish_message, None, Source.SOURCE_EXECUTOR)
            self._parts.deliver(self._record)
            return
        await self._parts.store.write(phase_change(self._record.key, phase))
        self._record.phase = self._record.told = phase

    async def end(
        self,
        event: TaskEvent,
        message: str,
        reason: Reason | None,
        source: Source = Source.SOURCE_AGENT,
    ) -> None:
        """Take a terminal phase, with the status that is delivered once its volumes are free."""
        phase = next_phase(self._record.phase, event)
        await self._take(phase, message, reason, source)
        log.info("task %s is %s: %s", "/".join(self._record.key), phase, message)
        self._parts.ended(self._record)

    async def observe(
        self, checked: Checked, message: str, reason: Reason, kill: KillIntent | None = None
    ) -> None:
        """A check found something that the framework is told; with `kill` that is the last straw, and both
        are written together."""
        record, key = self._record, self._record.key
        changes: list[Change] = [checked_change(key, checked)]
        if kill is not None:
            changes.append(kill_change(key, kill))
        previous, record.checked = record.checked, checked
        told = len(record.statuses) < MAX_UNHEARD
        try:
            if told:
                await self._take(record.phase, message, reason, Source.SOURCE_EXECUTOR, *changes)
            else:
                await self._parts.store.write(*changes)
        except BaseException:
            record.checked = previous
            raise
        if told:
            self._parts.deliver(record)

    async def note(self, message: str, reason: Reason) -> None:
        """Something that its owner should know while it runs; it changes nothing."""
        if len(self._record.statuses) < MAX_UNHEARD:
            await self._take(self._record.phase, message, reason, Source.SOURCE_AGENT)
            self._parts.deliver(self._record)

    async def released(self) -> None:
        """Nothing of it is left on this host but its sandbox."""
        await self._parts.store.write(released_change(self._record.key))
        self._record.released = True

    async def _take(
        self, phase: TaskPhase, message: str | None, reason: Reason | None, source: Source, *more: Change
    ) -> None:
        """A phase and the status that tells of it: durable together, and only then true in memory."""
        status = make_status(
            self._record,
            phase,
            mesos.AgentID(value=self._parts.agent_id()),
            uuid=self._parts.ids.uuid().bytes,
            timestamp=self._parts.clock.now(),
            message=message,
            reason=reason,
            source=source,
            address=self._parts.address,
        )
        key = self._record.key
        await self._parts.store.write(phase_change(key, phase), add_status_change(key, status), *more)
        self._record.phase = phase
        self._record.statuses.append(status)
        if phase not in TERMINAL:
            self._record.told = phase
