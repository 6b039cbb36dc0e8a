"""The event stream of the operator API: a snapshot, then every change.

A change is encoded once for all subscribers, when it happens, and sent when what it rests on is
durable. Nothing is encoded while nobody listens. No sockets here: `streams` has them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from api.wire import content
from api.wire.codec import encode
from api.wire.content import JSON, MEDIA_TYPES, MediaType
from api.wire.recordio import encode_record
from api.wire.v1 import master, mesos
from orchestrator.journal import Journal, durable
from orchestrator.records import OperationRecord
from orchestrator.state import Agent, ChangeKind, ClusterState, Framework, Provider, StateChange, Task
from orchestrator.state_view import StateView, last_status
from orchestrator.streams import RecordStream, Streams
from orchestrator.volumes import VolumeRecord
from orchestrator.withdrawal import Withdrawal
from store.port import StoreFailed

log = logging.getLogger(__name__)

HEARTBEATS = {
    each: content.encode(master.Event(type=master.EventType.HEARTBEAT), each) for each in MEDIA_TYPES
}

PENDING_LIMIT = 100_000
"""Events that wait for the store. Beyond it all subscribers are cut off; they come back for a snapshot."""

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
        journal: Journal,
        streams: Streams,
        *,
        heartbeat_interval: float,
    ) -> None:
        self._state = state
        self._view = view
        self._journal = journal
        self._streams = streams
        self._heartbeat_interval = heartbeat_interval
        self._subscribers: dict[RecordStream, int] = {}
        """Stream -> number of the last event that its snapshot contains."""
        self._gathered: list[tuple[int, bytes]] = []
        """Events of this turn of the event loop."""
        self._pending: deque[tuple[asyncio.Future[None] | None, list[tuple[int, bytes]]]] = deque()
        """Events of earlier turns, and the write that they wait for."""
        self._waiting = 0
        self._count = 0
        self._sender: asyncio.Task[None] | None = None
        self._announced: dict[str, Standing] = {}
        """Agents that are connected and have said what they have, and how they stood when last told of."""
        state.listen(self._changed)

    async def subscribe(self, media_type: MediaType) -> RecordStream:
        """A stream that begins with SUBSCRIBED and HEARTBEAT. Raises TooManySubscribers, StoreFailed."""
        stream = self._streams.open(HEARTBEATS[media_type], self._heartbeat_interval, media_type)
        interval = b"%b" % repr(float(self._heartbeat_interval)).encode()
        subscribed = b'{"get_state":%b,"heartbeat_interval_seconds":%b}' % (self._view.get_state(), interval)
        stream.push(_made_of(media_type, _record(E.SUBSCRIBED, subscribed)))
        stream.push(encode_record(HEARTBEATS[media_type]))
        self._subscribers[stream] = self._count
        try:
            await self._journal.barrier()
        except BaseException:
            self.unsubscribed(stream)
            self._streams.forget(stream)
            raise
        return stream

    def unsubscribed(self, stream: RecordStream) -> None:
        """The stream is over."""
        self._subscribers.pop(stream, None)

    def __len__(self) -> int:
        return len(self._subscribers)

    # Changes.

    def _changed(self, change: StateChange) -> None:
        record = self._record_of(change)
        if record is None:
            return
        self._count += 1
        self._gathered.append((self._count, record))
        self._waiting += 1
        if self._waiting > PENDING_LIMIT:
            self._forget()
            for stream in tuple(self._subscribers):
                stream.cut(f"more than {PENDING_LIMIT} events wait for the store")
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
        """Send what is pending once it is durable."""
        try:
            while self._pending:
                write, events = self._pending[0]
                if write is not None:
                    await durable(write)
                if self._pending and self._pending[0][1] is events:  # else it was forgotten meanwhile
                    self._pending.popleft()
                    self._waiting -= len(events)
                    self._push(events)
        except StoreFailed:
            self._forget()
            log.warning("events were not sent: the store failed, and the orchestrator stops")
        finally:
            self._sender = None

    def _push(self, events: list[tuple[int, bytes]]) -> None:
        media_types = {stream.media_type for stream in self._subscribers}
        for number, record in events:
            records = {each: _made_of(each, record) for each in media_types}
            for stream, known in self._subscribers.items():
                if number > known:
                    stream.push(records[stream.media_type])

    def _forget(self) -> None:
        self._pending.clear()
        self._gathered.clear()
        self._waiting = 0

    def _record_of(self, change: StateChange) -> bytes | None:
        """The event of a change, encoded and framed; None when there is none, or nobody listens."""
        match change.subject:
            case Agent() as agent:
                return self._agent_changed(agent)
            case Provider() as provider:
                announced = self._agent_reported(self._state.agents[provider.key[0]], provider)
                return announced or self._provider_changed(change.kind, provider)
        if not self._subscribers:
            return None
        match change.subject:
            case Task() as task:
                return self._task_changed(change.kind, task)
            case Framework() as framework:
                return self._framework_changed(change.kind, framework)
            case OperationRecord() as operation if change.kind is ChangeKind.OPERATION_UPDATED:
                return _record(E.OPERATION_UPDATED, b'{"operation":%b}' % self._view.operation(operation))
            case VolumeRecord() as volume:
                removed = change.kind is ChangeKind.VOLUME_REMOVED
                return _with_removal(E.VOLUME_UPDATED, b"volume", self._view.volume(volume), removed)
        return None

    def _agent_changed(self, agent: Agent) -> bytes | None:
        """An agent that is lost is removed from what is live; it is added again when it reports."""
        if agent.agent_id not in self._announced:
            return None
        if agent.connected:
            return self._agent_withdrawn(agent)
        del self._announced[agent.agent_id]
        if not self._subscribers:
            return None
        removed = master.EventAgentRemoved(agent_id=mesos.AgentID(value=agent.agent_id))
        return _record(E.AGENT_REMOVED, encode(removed))

    def _agent_withdrawn(self, agent: Agent) -> bytes | None:
        """An operator withdrew an agent, or brought it back; or what a drain waits for is something else."""
        standing = _standing(agent)
        if self._announced[agent.agent_id] == standing:
            return None
        self._announced[agent.agent_id] = standing
        return (
            _record(E.AGENT_UPDATED, b'{"agent":%b}' % self._view.agent(agent)) if self._subscribers else None
        )

    def _agent_reported(self, agent: Agent, provider: Provider) -> bytes | None:
        """An agent is added when it has said what it has itself: its event carries its resources."""
        if provider.key[1] is not None or agent.agent_id in self._announced:
            return None
        self._announced[agent.agent_id] = _standing(agent)
        if not self._subscribers:
            return None
        return _record(E.AGENT_ADDED, b'{"agent":%b}' % self._view.agent(agent))

    def _provider_changed(self, kind: ChangeKind, provider: Provider) -> bytes | None:
        if provider.info is None or not self._subscribers:
            return None
        removed = kind is ChangeKind.PROVIDER_REMOVED
        return _with_removal(E.PROVIDER_UPDATED, b"provider", self._view.provider(provider), removed)

    def _task_changed(self, kind: ChangeKind, task: Task) -> bytes | None:
        if kind is ChangeKind.TASK_ADDED:
            return _record(E.TASK_ADDED, b'{"task":%b}' % self._view.task(task))
        if kind is ChangeKind.TASK_REMOVED:
            return None
        updated = master.EventTaskUpdated(
            framework_id=mesos.FrameworkID(value=task.framework_id),
            status=last_status(task),
            state=task.shown_state,
        )
        return _record(E.TASK_UPDATED, encode(updated))

    def _framework_changed(self, kind: ChangeKind, framework: Framework) -> bytes:
        if kind is ChangeKind.FRAMEWORK_REMOVED:
            removed = master.EventFrameworkRemoved(framework_info=framework.info)
            return _record(E.FRAMEWORK_REMOVED, encode(removed))
        event = E.FRAMEWORK_ADDED if kind is ChangeKind.FRAMEWORK_ADDED else E.FRAMEWORK_UPDATED
        return _record(event, b'{"framework":%b}' % self._view.framework(framework))


def _standing(agent: Agent) -> Standing:
    return agent.is_offered, agent.withdrawal, agent.drain_waits


def _record(event: E, body: bytes) -> bytes:
    """An event with its field, the name of which is the type's in lower case, framed."""
    return encode_record(b'{"type":"%b","%b":%b}' % (event.encode(), event.lower().encode(), body))


def _made_of(media_type: MediaType, record: bytes) -> bytes:
    """The event as records of this media type have it."""
    if media_type == JSON:
        return record
    event = content.decode(master.Event, record.partition(b"\n")[2], JSON)
    return encode_record(content.encode(event, media_type))


def _with_removal(event: E, field: bytes, body: bytes, removed: bool) -> bytes:
    suffix = b',"removed":true' if removed else b""
    return _record(event, b'{"%b":%b%b}' % (field, body, suffix))
