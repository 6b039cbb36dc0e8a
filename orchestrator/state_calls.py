"""Operator calls that show state as it was at one moment, and the stream of what changes from there on.

An edge: it asks the view, and answers when what was shown is durable. What of the answers is encoded when is
not its business.
"""

from __future__ import annotations

from msgspec import UNSET

from api.model.errors import InvalidRequest
from api.wire.content import MediaType
from api.wire.v1 import master
from orchestrator.events import EventStream
from orchestrator.journal import Journal
from orchestrator.replies import Bulk, OpenStream, Reply, told
from orchestrator.snapshots import StateSnapshots
from orchestrator.state_view import StateView, response
from orchestrator.subjects import Filter

FILTER_LIMIT = 1_000
"""Frameworks and agents that one subscriber may name; more are refused: it should ask for everything."""

T = master.CallType
R = master.ResponseType

ANSWERED = frozenset(
    {
        T.GET_STATE,
        T.GET_TASKS,
        T.GET_EXECUTORS,
        T.GET_FRAMEWORKS,
        T.GET_AGENTS,
        T.GET_OPERATIONS,
        T.GET_VOLUMES,
        T.GET_RESOURCE_PROVIDERS,
        T.GET_PROFILES,
        T.SUBSCRIBE,
    }
)
"""The calls that are answered here."""


class StateCalls:
    """GET_STATE, its parts, and what is alike; SUBSCRIBE."""

    def __init__(
        self, view: StateView, snapshots: StateSnapshots, events: EventStream, journal: Journal
    ) -> None:
        self._view = view
        self._snapshots = snapshots
        self._events = events
        self._journal = journal

    async def answer(self, call: master.Call, media_type: MediaType) -> Reply:
        """The answer, in that media type. Raises InvalidRequest, TooManySubscribers, StoreFailed."""
        assert isinstance(call.type, T)
        if call.type is T.SUBSCRIBE:
            return await self._subscribe(call, media_type)
        if call.type is T.GET_PROFILES:
            profiles = self._view.get_profiles()
            await self._journal.barrier()
            return told(R.GET_PROFILES, profiles)
        wanted = call.get_volumes
        if isinstance(wanted, master.CallGetVolumes) and isinstance(wanted.name, str):
            body = self._view.get_volume(wanted.name, media_type)
            await self._journal.barrier()
            return Bulk(200, response(call.type, body, media_type), media_type)
        return await self._show(call.type, media_type)

    async def _show(self, call_type: T, media_type: MediaType) -> Bulk:
        """What was read from memory is told when it is durable."""
        snapshot = await self._snapshots.take(call_type, media_type)
        await self._journal.barrier()
        version = f"{call_type} {media_type}", snapshot.moment
        return Bulk(200, response(call_type, snapshot.body, media_type), media_type, version)

    async def _subscribe(self, call: master.Call, media_type: MediaType) -> OpenStream:
        stream = await self._events.subscribe(media_type, _filter(call))
        return OpenStream(stream, ended=lambda: self._events.unsubscribed(stream))


def _filter(call: master.Call) -> Filter | None:
    wanted = call.subscribe
    if wanted is UNSET or not (wanted.framework_ids or wanted.agent_ids):
        return None
    if len(wanted.framework_ids) + len(wanted.agent_ids) > FILTER_LIMIT:
        raise InvalidRequest(
            f"more than {FILTER_LIMIT} frameworks and agents are named: subscribe to everything"
        )
    return Filter(
        frozenset(each.value for each in wanted.framework_ids),
        frozenset(each.value for each in wanted.agent_ids),
    )
