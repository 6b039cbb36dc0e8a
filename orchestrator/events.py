"""The event stream of the operator API: a snapshot, then every change.

A change is encoded once for all subscribers, when it happens, and sent when what it rests on is
durable. Nothing is encoded while nobody listens. No sockets here: `streams` has them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from api.wire.content import MediaType, encode
from api.wire.recordio import encode_record
from api.wire.v1 import master
from orchestrator import event_messages
from orchestrator.assembly import Body, Single, extended
from orchestrator.event_messages import Encode
from orchestrator.fan_out import Event, FanOut
from orchestrator.journal import Journal, durable
from orchestrator.late_events import LateEvents, Subject
from orchestrator.records import OperationRecord
from orchestrator.snapshots import StateSnapshots
from orchestrator.state import Agent, ChangeKind, ClusterState, Framework, Provider, StateChange, Task
from orchestrator.state_view import StateView
from orchestrator.streams import CutOff, RecordStream, Streams
from orchestrator.subjects import Filter, concerned
from orchestrator.volumes import VolumeRecord
from orchestrator.withdrawal import Withdrawal
from store.port import StoreFailed

log = logging.getLogger(__name__)

HEARTBEAT = master.Event(type=master.EventType.HEARTBEAT)

PENDING_LIMIT = 100_000
"""Events that wait for the store. Beyond it all subscribers are cut off; they come back for a snapshot."""

DELIVERY_LIMIT = 1_000
"""Events that are handed over together when many wait."""

E = master.EventType
Standing = tuple[bool, Withdrawal, tuple[str, ...]]


class EventStream:
    """The subscribers of the operator API, and what they are told.

    Construct it after the view, so that the view has forgotten what changed before it is asked.
    """

    def __init__(
        self,
        state: ClusterState,
        view: StateView,
        snapshots: StateSnapshots,
        journal: Journal,
        streams: Streams,
        *,
        heartbeat_interval: float,
    ) -> None:
        self._state = state
        self._view = view
        self._snapshots = snapshots
        self._journal = journal
        self._streams = streams
        self._heartbeat_interval = heartbeat_interval
        self._subscribers = FanOut()
        self._gathered: list[Event] = []
        """Events of this turn of the event loop."""
        self._pending: deque[tuple[asyncio.Future[None] | None, list[Event]]] = deque()
        """Events of earlier turns, and the write that they wait for."""
        self._waiting = 0
        self._sender: asyncio.Task[None] | None = None
        self._announced: dict[str, Standing] = {}
        """Agents that are connected and have said what they have, and how they stood when last told of."""
        self._late = LateEvents(self._tell_late)
        state.listen(self._changed, added=self._tasks_added)

    async def subscribe(self, media_type: MediaType, wanted: Filter | None = None) -> RecordStream:
        """A stream that begins with SUBSCRIBED and HEARTBEAT. Raises TooManySubscribers, StoreFailed.

        `wanted`: only that is in the snapshot and in what follows; None: everything.
        """
        stream = self._streams.open(encode(HEARTBEAT, media_type), self._heartbeat_interval, media_type)
        self._subscribers.add(stream, wanted)
        try:
            if wanted is None:
                snapshot = await self._snapshots.take(master.CallType.GET_STATE, media_type)
            else:
                snapshot = await self._snapshots.select(self._view.selection(wanted), media_type)
            await self._journal.barrier()
        except BaseException:
            self.unsubscribed(stream)
            self._streams.forget(stream)
            raise
        subscribed = self._subscribed(snapshot.body, media_type)
        stream.begin(subscribed.chunks, subscribed.length)
        self._streams.bound_beginnings()
        stream.push(encode_record(encode(HEARTBEAT, media_type)))
        self._subscribers.show(stream, snapshot.moment)
        return stream

    def unsubscribed(self, stream: RecordStream) -> None:
        """The stream is over."""
        self._subscribers.remove(stream)

    def __len__(self) -> int:
        return len(self._subscribers)

    def _subscribed(self, state: list[bytes], media_type: MediaType) -> Body:
        interval = master.EventSubscribed(heartbeat_interval_seconds=float(self._heartbeat_interval))
        body = extended(
            encode(interval, media_type), master.EventSubscribed, [Single("get_state", state)], media_type
        )
        head = encode(master.Event(type=E.SUBSCRIBED), media_type)
        return Body.of(extended(head, master.Event, [Single("subscribed", body)], media_type))

    # Changes.

    def _tasks_added(self, tasks: Sequence[Task]) -> None:
        if self._subscribers.media_types:
            for task in tasks:
                self._changed(StateChange(ChangeKind.TASK_ADDED, task))

    def _changed(self, change: StateChange) -> None:
        self._tell(change.kind, change.subject, self._view.moment, lambda: self._event_of(change))

    def _tell(self, kind: str, subject: object, moment: int, event_of: Callable[[], Encode | None]) -> None:
        try:
            made = event_of()
            media_types = self._subscribers.media_types
            if made is None or not media_types:
                return
            records = {each: made(each) for each in media_types}
        except Exception:  # whoever changed the state has done nothing wrong, and goes on
            log.exception("an event of %s cannot be told: report this", kind)
            self._lose("an event cannot be told")
            return
        self._gathered.append(Event(moment, concerned(subject), records))
        self._waiting += 1
        if self._waiting > PENDING_LIMIT:
            self._lose(f"more than {PENDING_LIMIT} events wait for the store")
        elif len(self._gathered) == 1:
            asyncio.get_running_loop().call_soon(self._gather)

    def _gather(self) -> None:
        """What happened in a turn waits for the writes of that turn, and not for later ones."""
        if not self._gathered:
            return
        gathered, self._gathered = self._gathered, []
        self._pending.append((self._journal.latest, gathered))
        if self._sender is None:
            self._sender = asyncio.ensure_future(self._send())

    async def _send(self) -> None:
        """Send what is pending once it is durable; all that is durable by then together."""
        try:
            while self._pending:
                write, events = self._pending[0]
                if write is not None:
                    await durable(write)
                if self._pending and self._pending[0][1] is events:  # else it was forgotten meanwhile
                    await self._subscribers.deliver(self._take_durable())
        except StoreFailed:
            self._forget()
            log.warning("events were not sent: the store failed, and the orchestrator stops")
        except Exception:
            log.exception("events were not handed over: report this")
            self._lose("events were lost")
        finally:
            self._sender = None

    def _take_durable(self) -> list[Event]:
        """The first that are pending, which are durable, and those behind them that are as well."""
        taken: list[Event] = []
        while self._pending and (not taken or len(taken) < DELIVERY_LIMIT):
            write, events = self._pending[0]
            if taken and not (write is None or (write.done() and write.exception() is None)):
                break
            self._pending.popleft()
            taken += events
        self._waiting -= len(taken)
        return taken

    def _lose(self, reason: str) -> None:
        """Subscribers would miss something: they come back for a snapshot."""
        self._forget()
        self._subscribers.cut_all(CutOff.OVERRUN, reason)

    def _forget(self) -> None:
        self._pending.clear()
        self._gathered.clear()
        self._waiting = 0

    def _event_of(self, change: StateChange) -> Encode | None:
        """The event of a change; None when there is none."""
        match change.subject:
            case Agent() as agent:
                return self._agent_changed(agent)
            case Provider() as provider if change.kind is ChangeKind.TOTALS_CHANGED:
                self._tell_later(self._state.agents[provider.key[0]], provider)
                return None
            case Provider() as provider:
                announced = self._agent_reported(self._state.agents[provider.key[0]], provider)
                return announced or self._provider_changed(change.kind, provider)
            case Task() as task:
                return self._task_changed(change.kind, task)
            case Framework() as framework:
                return self._framework_changed(change.kind, framework)
            case OperationRecord() as operation:
                return event_messages.operation_updated(self._view, operation)
            case VolumeRecord() as volume if change.kind is ChangeKind.VOLUME_REMOVED:
                return event_messages.volume_removed(self._view.volume_message(volume))
            case VolumeRecord() as volume:
                return event_messages.volume_updated(self._view, volume)
        return None

    def _agent_changed(self, agent: Agent) -> Encode | None:
        """An agent that is lost is removed from what is live; it is added again when it reports."""
        if agent.agent_id not in self._announced:
            return None
        if agent.connected:
            return self._agent_withdrawn(agent)
        del self._announced[agent.agent_id]
        self._late.is_told(agent)
        return event_messages.agent_removed(agent)

    def _agent_withdrawn(self, agent: Agent) -> Encode | None:
        """An operator withdrew an agent, or brought it back; or what a drain waits for is something else. Of
        whatever else is different it is told a moment later."""
        standing = _standing(agent)
        if self._announced[agent.agent_id] == standing:
            self._tell_later(agent)
            return None
        self._announced[agent.agent_id] = standing
        self._late.is_told(agent)
        return event_messages.agent_updated(self._view, agent)

    def _agent_reported(self, agent: Agent, provider: Provider) -> Encode | None:
        """An agent is added when it has said what it has itself: its event carries its resources. One that
        was lost and is given up only loses what it had."""
        if provider.key[1] is not None or not agent.connected or agent.agent_id in self._announced:
            return None
        self._announced[agent.agent_id] = _standing(agent)
        self._late.is_told(agent)
        return event_messages.agent_added(self._view, agent)

    def _provider_changed(self, kind: ChangeKind, provider: Provider) -> Encode | None:
        if provider.info is None:
            return None
        self._late.is_told(provider)
        if kind is not ChangeKind.PROVIDER_REMOVED:
            return event_messages.provider_updated(self._view, provider)
        return event_messages.provider_removed(provider, self._state.agents[provider.key[0]].connected)

    def _tell_later(self, *subjects: Subject) -> None:
        if self._subscribers.media_types:
            for subject in subjects:
                self._late.put(subject, self._view.moment)

    def _tell_late(self, subject: Subject, moment: int) -> None:
        self._tell("what changed of late", subject, moment, lambda: self._late_event_of(subject))

    def _late_event_of(self, subject: Subject) -> Encode | None:
        """What operations, and reports, made of an agent or a provider; None when it is not here any more."""
        if isinstance(subject, Agent):
            is_known = subject.agent_id in self._announced and subject.connected
            return event_messages.agent_updated(self._view, subject) if is_known else None
        if self._state.provider(subject.key) is not subject or subject.info is None:
            return None
        return event_messages.provider_updated(self._view, subject)

    def _task_changed(self, kind: ChangeKind, task: Task) -> Encode | None:
        if kind is ChangeKind.TASK_ADDED:
            return event_messages.task_added(self._view, task)
        return None if kind is ChangeKind.TASK_REMOVED else event_messages.task_updated(task)

    def _framework_changed(self, kind: ChangeKind, framework: Framework) -> Encode:
        if kind is ChangeKind.FRAMEWORK_REMOVED:
            return event_messages.framework_removed(framework)
        event, body = FRAMEWORK_EVENTS[kind]
        return event_messages.framework_told(event, body, self._view, framework)


FRAMEWORK_EVENTS = {
    ChangeKind.FRAMEWORK_ADDED: (E.FRAMEWORK_ADDED, master.EventFrameworkAdded),
    ChangeKind.FRAMEWORK_UPDATED: (E.FRAMEWORK_UPDATED, master.EventFrameworkUpdated),
}


def _standing(agent: Agent) -> Standing:
    return agent.is_offered, agent.withdrawal, agent.drain_waits
