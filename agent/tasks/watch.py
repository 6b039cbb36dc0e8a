"""RUNNING and KILLING: the container is waited for, its checks are listened to, its time is counted.

Everything that can happen to a running task comes together here and is taken one at a time, so that its
statuses are in order. Nothing holds up the container's end.
"""

from __future__ import annotations

import asyncio

from agent.checks.health import Health, health_of, judge
from agent.checks.running import Kind, Report
from agent.containerizer.interface import Exit, UnknownContainer
from agent.tasks.checking import running_checks
from agent.tasks.context import TaskContext, given_up
from agent.tasks.journal import TaskJournal
from agent.tasks.record import Checked, KillIntent, grace_seconds
from agent.tasks.spec import DEFAULT_GRACE_PERIOD, completion_seconds, health_rule
from agent.tasks.state import TaskEvent, TaskPhase
from agent.tasks.status import LIMITED, OF_THE_AGENT, Reason, event_of_exit, status_of_exit
from agent.tasks.upkeep import keep_volumes
from api.wire.v1 import mesos

KILLING_STATE = mesos.FrameworkInfoCapabilityType.TASK_KILLING_STATE


class TaskWatch:
    """One task while its container runs."""

    def __init__(self, context: TaskContext, journal: TaskJournal) -> None:
        self._context = context
        self._record = context.record
        self._parts = context.parts
        self._journal = journal

    async def watch(self) -> None:
        """Until the container has ended and the task has taken its terminal phase."""
        if self._context.found is not None:
            self._context.locate(self._context.found)
        waiting = asyncio.create_task(self._context.repeat(self._wait))
        looking = asyncio.create_task(self._look_after_volumes())
        self._begin_checks()
        try:
            while not waiting.done():
                await self._next(waiting)
            ended = waiting.result()
        except asyncio.CancelledError:
            if self._context.checks is not None:
                self._context.checks.abandon()
            raise
        finally:
            self._end_checks()
            await given_up(waiting, looking)
        if ended is None:
            await self._disappeared()
        else:
            message, reason, source = status_of_exit(self._record, ended)
            await self._journal.end(event_of_exit(self._record, ended), message, reason, source)

    async def _next(self, waiting: asyncio.Task[Exit | None]) -> None:
        """Wait for the next thing that happens, and act on it; the container's end goes before all."""
        checks = None if self._record.kill is not None else self._context.checks
        wish = asyncio.create_task(self._context.wish.wait())
        report = None if checks is None else asyncio.create_task(checks.next())
        note = asyncio.create_task(self._context.notes.get())
        others = (wish, note) if report is None else (wish, note, report)
        try:
            await asyncio.wait(
                (waiting, *others), timeout=self._seconds_left(), return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            await given_up(*(job for job in others if not job.done()))
        if waiting.done():
            return
        if report is not None and report.done() and not report.cancelled():
            await self._found(report.result())
        if note.done() and not note.cancelled() and self._record.kill is None:
            await self._journal.note(note.result(), Reason.REASON_CONTAINER_UPDATE_FAILED)
        if self._seconds_left() == 0:
            await self._too_late()
        if self._context.wish.is_set():
            self._context.wish.clear()
            await self._kill()

    async def _wait(self) -> Exit | None:
        try:
            return await self._parts.containerizer.wait(self._record.container_id)
        except UnknownContainer:
            return None

    # ending it

    async def _kill(self) -> None:
        kill = self._record.kill
        assert kill is not None, "a wish is set only together with its intent"
        self._end_checks()
        announce = self._record.phase is TaskPhase.RUNNING and self._record.has_capability(KILLING_STATE)
        await self._journal.killing(announce=announce)

        async def send() -> None:
            try:
                await self._parts.containerizer.kill(self._record.container_id, kill.grace_period)
            except UnknownContainer:
                pass  # never started or gone; `_wait` says so

        await self._context.repeat(send)

    def _seconds_left(self) -> float | None:
        """Of the task's time; None for a task that may take any time, or is being ended."""
        allowed = completion_seconds(self._record.info)
        started = self._record.started_at
        if allowed is None or started is None or self._record.kill is not None:
            return None
        return max(0.0, min(allowed, started + allowed - self._parts.clock.now()))

    async def _too_late(self) -> None:
        allowed = completion_seconds(self._record.info)
        message = f"it did not end within its max_completion_time of {allowed:g} s"
        grace = grace_seconds(self._record.info.kill_policy, 0.0)
        await self._context.wish_end(KillIntent(grace, message, Reason.REASON_MAX_COMPLETION_TIME_REACHED))

    async def _disappeared(self) -> None:
        kill = self._record.kill
        if kill is not None:
            known = kill.reason is not None and kill.reason in LIMITED
            event = TaskEvent.LIMITED if known else TaskEvent.DISAPPEARED
            reason = kill.reason if known else Reason.REASON_TASK_KILLED_DURING_LAUNCH
            if kill.reason in OF_THE_AGENT:
                event, reason = TaskEvent.REMOVED if kill.gone else event, kill.reason
            await self._journal.end(event, self._context.wish_message, reason)
            return
        rebooted = self._record.boot_id != self._parts.boot_id
        cause = "the host was started anew" if rebooted else "its container is gone"
        reason = Reason.REASON_AGENT_RESTARTED if rebooted else Reason.REASON_EXECUTOR_TERMINATED
        message = f"{cause} and nobody saw how it ended: run it again"
        await self._journal.end(TaskEvent.DISAPPEARED, message, reason)

    # checks

    def _begin_checks(self) -> None:
        if self._record.phase is TaskPhase.RUNNING and self._record.kill is None:
            self._context.checks = running_checks(self._context)
            if self._context.checks is not None:
                self._context.checks.begin()

    def _end_checks(self) -> None:
        if self._context.checks is not None:
            self._context.checks.stop()

    async def _found(self, report: Report) -> None:
        if self._record.kill is not None:
            return  # it is being ended: nothing that is found now matters any more
        if report.kind is Kind.CHECK:
            await self._checked(report)
        else:
            await self._judged(report)

    async def _checked(self, report: Report) -> None:
        before = self._record.checked
        if report.found.status == before.status:
            return
        checked = Checked(before.healthy, before.failures, report.found.status)
        await self._journal.observe(checked, report.found.words, Reason.REASON_TASK_CHECK_STATUS_UPDATED)

    async def _judged(self, report: Report) -> None:
        rule = health_rule(self._record.info)
        before = self._record.checked
        judged = judge(health_of(before.healthy), before.failures, report.found.passed, report.age, rule)
        if not judged.told:
            return
        healthy = judged.health is Health.HEALTHY
        words = report.found.words
        if not healthy:
            words = f"unhealthy, failure {judged.failures} of {rule.failures}: {words}"
        kill = None
        if judged.health is Health.HOPELESS:
            grace = grace_seconds(self._record.info.kill_policy, DEFAULT_GRACE_PERIOD)
            kill = KillIntent(grace, f"its health check failed {judged.failures} times: {report.found.words}")
        checked = Checked(healthy, judged.failures, before.status)
        reason = Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED
        await self._journal.observe(checked, words, reason, kill)
        if kill is not None:
            self._context.wish_now(kill)

    # volumes

    async def _look_after_volumes(self) -> None:
        if self._context.found is not None:  # after a restart of the agent
            await keep_volumes(self._record, self._parts, self._context.note)
