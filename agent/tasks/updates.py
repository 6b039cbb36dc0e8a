"""Delivery of task statuses: each until it is acknowledged, in order, at a bounded rate.

The order and the resends are `provider.status_stream`'s, one stream per task under its container's
UUID. Statuses become durable before they come here, and this room forgets nothing of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

from msgspec import UNSET

from agent.tasks.record import TaskRecord
from agent.tasks.state import TERMINAL, TaskPhase
from api.model.clock import Clock
from api.wire.v1 import link, mesos
from provider.status_stream import Acknowledged, Resend, StatusStreams

Send = Callable[[link.AgentMessage], None]

_TERMINAL_STATES = frozenset(
    {mesos.TaskState(f"TASK_{phase}") for phase in TERMINAL} | {mesos.TaskState.TASK_GONE}
)
assert TaskPhase.LOST in TERMINAL  # TASK_LOST and TASK_GONE are one phase in two vocabularies


class TaskUpdates:
    """The status streams of an agent's tasks."""

    def __init__(self, send: Send, clock: Clock, resend: Resend = Resend()) -> None:
        self._send = send
        self._clock = clock
        self._streams = StatusStreams(resend)
        self._records: dict[UUID, TaskRecord] = {}
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        """Streams that wait for an acknowledgement or for their terminal status."""
        return len(self._streams)

    def deliver(self, record: TaskRecord) -> None:
        """Every status of `record` that may be told and is not acknowledged goes out. Idempotent."""
        stream = UUID(record.container_id)
        for status in record.told_statuses:
            # With its stream only, which its last acknowledgement closes: an ended task without any has none.
            self._records[stream] = record
            terminal = status.state in _TERMINAL_STATES
            self._streams.append(stream, _uuid(status), terminal=terminal, now=self._clock.monotonic())
        self._changed.set()

    def tell(self, record: TaskRecord, status: mesos.TaskStatus) -> None:
        """A status without a uuid goes out once, if there is a link."""
        update = link.AgentMessageUpdateTaskStatus(
            framework_id=mesos.FrameworkID(value=record.framework_id),
            status=status,
            latest_state=record.wire_state,
        )
        self._send(
            link.AgentMessage(type=link.AgentMessageType.UPDATE_TASK_STATUS, update_task_status=update)
        )

    def acknowledge(self, record: TaskRecord, uuid: bytes) -> bool:
        """Whether `uuid` was the status in flight; it is taken off the record then."""
        if len(uuid) != 16:
            return False
        stream = UUID(record.container_id)
        result = self._streams.acknowledge(stream, UUID(bytes=uuid), self._clock.monotonic())
        if result is Acknowledged.STALE:
            return False
        record.statuses.pop(0)
        if result is Acknowledged.CLOSED:
            del self._records[stream]
        self._changed.set()
        return True

    def resume(self) -> None:
        """There is a link: what is unacknowledged is sent at once, all of it."""
        self._streams.resume(self._clock.monotonic())
        self._changed.set()

    def pause(self) -> None:
        """There is no link: nothing is sent until there is one."""
        self._streams.pause()

    async def run(self) -> None:
        """Send what is due, for ever."""
        while True:
            self._changed.clear()
            self._send_due()
            due = self._streams.next_due()
            wait = None if due is None else max(0.0, due - self._clock.monotonic())
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                pass

    def _send_due(self) -> None:
        for stream, uuid in self._streams.due(self._clock.monotonic()):
            record = self._records[stream]
            status = next(each for each in record.statuses if _uuid(each) == uuid)
            self._send(
                link.AgentMessage(
                    type=link.AgentMessageType.UPDATE_TASK_STATUS,
                    update_task_status=link.AgentMessageUpdateTaskStatus(
                        framework_id=mesos.FrameworkID(value=record.framework_id),
                        status=status,
                        latest_state=record.wire_state,
                    ),
                )
            )


def _uuid(status: mesos.TaskStatus) -> UUID:
    assert status.uuid is not UNSET, "a status without a uuid is never made durable"
    return UUID(bytes=status.uuid)
