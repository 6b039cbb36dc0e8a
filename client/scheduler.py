"""A scheduler's side of the v1 scheduler API: subscribe, stay subscribed, call.

It resubscribes by itself and keeps the framework's id; it decides nothing about offers, and it repeats
no call: what a lost call did is learned from the events that follow.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import UNSET

from api.wire import codec
from api.wire.errors import WireError
from api.wire.v1 import mesos, scheduler
from client.errors import ClientError, FrameworkEnded, Unreachable
from client.reconnection import DEFAULT_HEARTBEAT_SECONDS, SILENT_HEARTBEATS, resubscribing
from client.transport import Stream, Transport

if TYPE_CHECKING:
    import random  # noqa: TID251 - for its type

PATH: Final = "/api/v1/scheduler"
STREAM_ID: Final = "Mesos-Stream-Id"

T = scheduler.CallType


class SchedulerClient:
    """One framework's connection. Use it as an asynchronous context manager, or call `close`.

    `url` may be several, with commas between. `random` jitters the pauses between attempts.
    `give_up_seconds`: how long the orchestrator may be away, from the last event on, before `events` raises
    Unreachable; None waits for ever. The first subscription is not retried unless `first_is_retried`: an
    orchestrator that was never there is the caller's to hear about.
    """

    def __init__(
        self,
        url: str,
        framework_info: mesos.FrameworkInfo,
        *,
        random: random.Random | None = None,
        give_up_seconds: float | None = None,
        first_is_retried: bool = False,
    ) -> None:
        self._transport = Transport(url)
        self._random = random
        self._give_up_seconds = give_up_seconds
        self._first_is_retried = first_is_retried
        self._stream_id: str | None = None
        self.framework_info = framework_info

    async def __aenter__(self) -> SchedulerClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections. The framework stays, for its failover timeout: `teardown` ends it."""
        await self._transport.close()

    @property
    def url(self) -> str:
        """The server that answered last: after a redirect, the leader."""
        return self._transport.url

    @property
    def stream_id(self) -> str | None:
        """Of the present subscription; None while there is none."""
        return self._stream_id

    @property
    def framework_id(self) -> str | None:
        """The id that the orchestrator gave, from the first SUBSCRIBED on."""
        known = self.framework_info.id
        return None if known is UNSET else known.value

    async def events(self) -> AsyncGenerator[scheduler.Event, None]:
        """Every event, SUBSCRIBED and heartbeats included; SUBSCRIBED again after each reconnection.

        After another SUBSCRIBED old offers are gone; RECONCILE tells what became of tasks and operations.
        Raises FrameworkEnded when the orchestrator sends ERROR and Refused when it refuses the framework (the
        caller must change something), Unreachable as the class says.
        """
        subscriptions = resubscribing(
            self._subscription,
            random=self._random,
            give_up_seconds=self._give_up_seconds,
            first_is_retried=self._first_is_retried,
        )
        async with contextlib.aclosing(subscriptions) as events:
            async for event in events:
                yield event

    async def _subscription(self) -> AsyncGenerator[scheduler.Event, None]:
        subscribe = scheduler.Call(
            type=T.SUBSCRIBE, subscribe=scheduler.CallSubscribe(framework_info=self.framework_info)
        )
        if self.framework_info.id is not UNSET:
            subscribe.framework_id = self.framework_info.id
        try:
            async with (
                self._transport.stream(PATH, codec.encode(subscribe)) as stream,
                contextlib.aclosing(self._read(stream)) as events,
            ):
                async for event in events:
                    yield event
        finally:
            self._stream_id = None
        raise Unreachable(self._transport.url, "the orchestrator closed the stream")

    async def _read(self, stream: Stream) -> AsyncGenerator[scheduler.Event, None]:
        silence = SILENT_HEARTBEATS * DEFAULT_HEARTBEAT_SECONDS
        async with contextlib.aclosing(stream.records(silence)) as records:
            async for record in records:
                event = _decoded(record)
                if event.error is not UNSET:
                    raise FrameworkEnded(event.error.message)
                if event.subscribed is not UNSET:
                    self._subscribed(stream, event.subscribed)
                yield event

    def _subscribed(self, stream: Stream, subscribed: scheduler.EventSubscribed) -> None:
        self._stream_id = stream.stream_id
        self.framework_info = msgspec.structs.replace(self.framework_info, id=subscribed.framework_id)
        if subscribed.heartbeat_interval_seconds is not UNSET:
            stream.silence_seconds = SILENT_HEARTBEATS * subscribed.heartbeat_interval_seconds

    async def call(self, call: scheduler.Call) -> None:
        """Send a call of this framework. Raises Refused, or Unreachable (also while not subscribed)."""
        if self._stream_id is None or self.framework_info.id is UNSET:
            raise Unreachable(self._transport.url, "not subscribed (any more)")
        call.framework_id = self.framework_info.id
        await self._transport.post(PATH, codec.encode(call), {STREAM_ID: self._stream_id})

    async def accept(
        self,
        offers: Sequence[mesos.Offer],
        operations: Sequence[mesos.OfferOperation],
        *,
        refuse_seconds: float | None = None,
    ) -> None:
        """Accept offers of one agent (or provider); what the operations leave is refused for that long."""
        accept = scheduler.CallAccept(
            offer_ids=[offer.id for offer in offers],
            operations=list(operations),
            filters=_filters(refuse_seconds),
        )
        await self.call(scheduler.Call(type=T.ACCEPT, accept=accept))

    async def decline(self, offers: Sequence[mesos.Offer], *, refuse_seconds: float | None = None) -> None:
        decline = scheduler.CallDecline(
            offer_ids=[offer.id for offer in offers], filters=_filters(refuse_seconds)
        )
        await self.call(scheduler.Call(type=T.DECLINE, decline=decline))

    async def revive(self, *roles: str) -> None:
        await self.call(scheduler.Call(type=T.REVIVE, revive=scheduler.CallRevive(roles=list(roles))))

    async def suppress(self, *roles: str) -> None:
        await self.call(scheduler.Call(type=T.SUPPRESS, suppress=scheduler.CallSuppress(roles=list(roles))))

    async def acknowledge(self, status: mesos.TaskStatus) -> None:
        """Acknowledge a task's update. One without a uuid wants no acknowledgement: nothing is sent."""
        if status.uuid is UNSET or status.agent_id is UNSET:
            return
        acknowledge = scheduler.CallAcknowledge(
            agent_id=status.agent_id, task_id=status.task_id, uuid=status.uuid
        )
        await self.call(scheduler.Call(type=T.ACKNOWLEDGE, acknowledge=acknowledge))

    async def acknowledge_operation(self, status: mesos.OperationStatus) -> None:
        """Acknowledge an operation's update; nothing is sent for one without a uuid or an operation id."""
        if status.uuid is UNSET or status.operation_id is UNSET:
            return
        acknowledge = scheduler.CallAcknowledgeOperationStatus(
            agent_id=status.agent_id,
            resource_provider_id=status.resource_provider_id,
            uuid=status.uuid.value,
            operation_id=status.operation_id,
        )
        await self.call(
            scheduler.Call(type=T.ACKNOWLEDGE_OPERATION_STATUS, acknowledge_operation_status=acknowledge)
        )

    async def kill(self, task_id: str) -> None:
        kill = scheduler.CallKill(task_id=mesos.TaskID(value=task_id))
        await self.call(scheduler.Call(type=T.KILL, kill=kill))

    async def reconcile(self, *task_ids: str) -> None:
        """Ask for the latest status of these tasks; of all of the framework's when none is named."""
        tasks = [scheduler.CallReconcileTask(task_id=mesos.TaskID(value=each)) for each in task_ids]
        await self.call(scheduler.Call(type=T.RECONCILE, reconcile=scheduler.CallReconcile(tasks=tasks)))

    async def reconcile_operations(self, *operation_ids: str) -> None:
        """Ask for the latest status of these operations; of all of the framework's when none is named."""
        operations = [
            scheduler.CallReconcileOperationsOperation(operation_id=mesos.OperationID(value=each))
            for each in operation_ids
        ]
        await self.call(
            scheduler.Call(
                type=T.RECONCILE_OPERATIONS,
                reconcile_operations=scheduler.CallReconcileOperations(operations=operations),
            )
        )

    async def teardown(self) -> None:
        """Remove the framework and end its tasks. Quiet when it never came to be."""
        if self.framework_info.id is not UNSET:
            await self.call(scheduler.Call(type=T.TEARDOWN))


def _filters(refuse_seconds: float | None) -> mesos.Filters | msgspec.UnsetType:
    return UNSET if refuse_seconds is None else mesos.Filters(refuse_seconds=refuse_seconds)


def _decoded(record: bytes) -> scheduler.Event:
    try:
        return codec.decode(scheduler.Event, record)
    except WireError as error:
        raise ClientError(f"the orchestrator sent an event that cannot be read: {error}") from error
