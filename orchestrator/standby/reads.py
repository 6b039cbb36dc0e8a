"""The operator API of a standby: what was told it answers by itself, and says how old that is.

Everything else is the leader's to answer, and whoever asks is sent there: also who wants an answer younger
than there is one, and with a call that cannot be read here, as the leader may be newer. It changes nothing.
No sockets here: replies are values.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from msgspec import UNSET

from api.model.process import Process
from api.wire import codec
from api.wire.content import JSON, MediaType, encode
from api.wire.http_rules import Accepted, Head, Rejection, check_call, oldest_wanted
from api.wire.message import Message
from api.wire.served import refusals
from api.wire.v1 import master
from orchestrator.operator_api import NEED_PAYLOAD
from orchestrator.pages.daemon_calls import DaemonCalls
from orchestrator.pages.page import Measured
from orchestrator.replies import Bulk, Reply, told
from orchestrator.shown_answers import SHOWN
from orchestrator.standby.elsewhere import elsewhere
from orchestrator.standby.follower import AGE_LIMIT_SECONDS, Follower, View
from orchestrator.state_view import response
from orchestrator.version import version_info

T = master.CallType
R = master.ResponseType
Handler = Callable[[master.Call], Awaitable[Reply]]

PATH: Final = "/api/v1"
AGE: Final = "Orlop-State-Age"
"""The header that says how old an answer is, in seconds. A leader never sends it."""


DOCUMENTS: Final[Mapping[T, type[Message]]] = {
    T.GET_MASTER: master.ResponseGetMaster,
    T.GET_ROLES: master.ResponseGetRoles,
    T.GET_QUOTA: master.ResponseGetQuota,
    T.GET_WEIGHTS: master.ResponseGetWeights,
    T.GET_MAINTENANCE_SCHEDULE: master.ResponseGetMaintenanceSchedule,
    T.GET_MAINTENANCE_STATUS: master.ResponseGetMaintenanceStatus,
    T.GET_PROFILES: master.ResponseGetProfiles,
}
"""What the leader tells besides kinds, and its class."""


class StandbyApi:
    """Calls to /api/v1 of an orchestrator that does not lead."""

    name = "operator"

    def __init__(self, follower: Follower, process: Process, metrics: Measured, product_version: str) -> None:
        self._follower = follower
        self._product_version = product_version
        self._handlers: Mapping[T, Handler] = {
            T.GET_HEALTH: self._get_health,
            T.GET_VERSION: self._get_version,
            **DaemonCalls(process, metrics).handlers(),
        }

    def read(self, head: Head, body: bytes) -> Accepted[master.Call] | Rejection:
        """See `replies.Api`."""
        accepted = check_call(head, body, master.Call, self._validate)
        if isinstance(accepted, Accepted):
            oldest = oldest_wanted(head.cache_control)
            is_fine = accepted.call.type in self._handlers or self._is_younger(accepted.call, oldest)
            return accepted if is_fine else elsewhere(self._follower, PATH)
        if self._follower.leader is None:
            return accepted
        return elsewhere(self._follower, PATH)  # it says what is wrong, if anything is

    async def answer(self, call: master.Call, stream_id: str | None, media_type: MediaType) -> Reply:
        """See `replies.Api`."""
        assert isinstance(call.type, T)
        handler = self._handlers.get(call.type)
        if handler is not None:
            return await handler(call)
        view, reply = self._follower.view, None
        if view is not None and call.type in SHOWN:
            reply = await self._shown(view, call, media_type)
        elif view is not None and call.type in DOCUMENTS:
            reply = self._document(view, call.type, media_type)
        return reply or elsewhere(self._follower, PATH)

    def _validate(self, call: master.Call) -> str | None:
        """Of what is answered here."""
        if call.type in self._handlers:
            field = str(call.type).lower()
            if call.type in NEED_PAYLOAD and getattr(call, field) is UNSET:
                return f"expecting '{field}' to be present"
            lines = refusals(call)
            return f"not served: {'; '.join(lines)}" if lines else None
        return None

    def _is_younger(self, call: master.Call, oldest: float | None) -> bool:
        """Whether what would be answered is no older than that, in seconds; None: it may be of any age."""
        view = self._follower.view
        if oldest is None or view is None:
            return True
        assert isinstance(call.type, T)
        known = view.replica.documents.get(call.type)
        return self._follower.age_of(view.replica.until if known is None else known.until) <= oldest

    # What the leader told. None: it is too old to be shown.

    async def _shown(self, view: View, call: master.Call, media_type: MediaType) -> Bulk | None:
        assert isinstance(call.type, T)
        if self._age(view.replica.until) is None:
            return None
        wanted = call.get_volumes
        if call.type is T.GET_VOLUMES and wanted is not UNSET and isinstance(wanted.name, str):
            return await self._one_volume(view, wanted.name, media_type)
        snapshot = await view.snapshots.take(call.type, media_type)
        age = self._age(view.replica.was_true_until(snapshot.moment))
        if age is None:
            return None
        version = f"{call.type} {media_type}", snapshot.moment
        body = response(call.type, snapshot.body, media_type)
        return Bulk(200, body, media_type, version, headers={AGE: age})

    async def _one_volume(self, view: View, name: str, media_type: MediaType) -> Bulk | None:
        await view.settled()
        age = self._age(view.replica.until)
        if age is None:
            return None
        body = response(T.GET_VOLUMES, view.replica.volume(name, media_type), media_type)
        return Bulk(200, body, media_type, headers={AGE: age})

    def _document(self, view: View, call: T, media_type: MediaType) -> Bulk | None:
        known = view.replica.documents.get(call)
        age = None if known is None else self._age(known.until)
        if known is None or age is None:
            return None
        body = known.body
        if media_type != JSON:
            body = encode(codec.decode(DOCUMENTS[call], body), media_type)
        return Bulk(200, response(call, [body], media_type), media_type, headers={AGE: age})

    def _age(self, until: float) -> str | None:
        age = self._follower.age_of(until)
        return None if age > AGE_LIMIT_SECONDS else f"{age:.3f}"

    # What it answers of itself.

    async def _get_health(self, call: master.Call) -> Reply:
        return told(R.GET_HEALTH, master.ResponseGetHealth(healthy=True))

    async def _get_version(self, call: master.Call) -> Reply:
        shown = master.ResponseGetVersion(version_info=version_info(self._product_version))
        return told(R.GET_VERSION, shown)
