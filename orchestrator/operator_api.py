"""The operator API: what there is, volumes, and the event stream.

An edge: it passes calls on to the rooms that decide, and answers with what they say. What is shown
rests on what is durable. No sockets here: replies are values.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from msgspec import UNSET

from api.model.clock import Clock
from api.model.errors import InvalidRequest
from api.wire.content import MediaType
from api.wire.http_rules import Accepted, Head, Rejection, check_call
from api.wire.served import SERVED, refusals
from api.wire.v1 import master
from orchestrator.adoptions import Adoptions
from orchestrator.expansion import Expansion
from orchestrator.few_at_once import FewAtOnce
from orchestrator.frameworks import Frameworks
from orchestrator.interventions import Interventions
from orchestrator.journal import Journal
from orchestrator.offers import Offers
from orchestrator.provisioning import Provisioning
from orchestrator.registry_calls import still_found
from orchestrator.replies import Answer, Reply, told
from orchestrator.restoration import Restoration
from orchestrator.state import ClusterState
from orchestrator.state_calls import ANSWERED, StateCalls
from orchestrator.state_view import StateView
from orchestrator.version import Identity, version_info

T = master.CallType
R = master.ResponseType
Handler = Callable[[master.Call], Awaitable[Reply]]

NEED_PAYLOAD = frozenset(
    {
        T.PROVISION_VOLUME,
        T.DEPROVISION_VOLUME,
        T.ADOPT_VOLUME,
        T.EXPAND_VOLUME,
        T.GROW_VOLUME,
        T.SHRINK_VOLUME,
        T.TEARDOWN,
        T.RETRY_OPERATION,
        T.ABANDON_OPERATION,
        T.UPDATE_MAINTENANCE_SCHEDULE,
        T.START_MAINTENANCE,
        T.STOP_MAINTENANCE,
        T.UPDATE_QUOTA,
        T.SET_QUOTA,
        T.REMOVE_QUOTA,
        T.UPDATE_WEIGHTS,
        T.EXPLAIN_OFFERS,
        T.RESERVE_RESOURCES,
        T.UNRESERVE_RESOURCES,
        T.CREATE_VOLUMES,
        T.DESTROY_VOLUMES,
        T.KILL_TASK,
        T.DRAIN_AGENT,
        T.DEACTIVATE_AGENT,
        T.REACTIVATE_AGENT,
        T.MARK_AGENT_GONE,
        T.GET_METRICS,
        T.SET_LOGGING_LEVEL,
        T.LIST_FILES,
        T.READ_FILE,
        T.FOLLOW,
    }
)

FORGOTTEN = "forgotten: what may be left of it at its resource provider is not deleted"
"""What the answer to a forced end says of a volume whose provider could not be asked."""

NAME_LIMIT = 255
"""Characters of a profile's name or an id in a call."""


class OperatorApi:
    """Calls to /api/v1."""

    name = "operator"

    def __init__(
        self,
        state: ClusterState,
        view: StateView,
        state_calls: StateCalls,
        frameworks: Frameworks,
        provisioning: Provisioning,
        adoptions: Adoptions,
        expansion: Expansion,
        interventions: Interventions,
        journal: Journal,
        offers: Offers,
        restoration: Restoration,
        clock: Clock,
        *,
        standbys: Callable[[], list[master.Standby]],
        identity: Identity,
        product_version: str,
        further: Mapping[T, Handler],
    ) -> None:
        """`standbys`: who follows. `further`: calls that rooms of their own answer."""
        self._state = state
        self._view = view
        self._state_calls = state_calls
        self._frameworks = frameworks
        self._provisioning = provisioning
        self._adoptions = adoptions
        self._expansion = expansion
        self._interventions = interventions
        self._journal = journal
        self._offers = offers
        self._restoration = restoration
        self._standbys = standbys
        self._identity = identity
        self._product_version = product_version
        self._started = clock.now()
        self._volume_calls = FewAtOnce()
        self._handlers: Mapping[T, Handler] = {
            T.GET_HEALTH: self._get_health,
            T.GET_VERSION: self._get_version,
            T.GET_MASTER: self._get_master,
            T.PROVISION_VOLUME: self._provision,
            T.DEPROVISION_VOLUME: self._deprovision,
            T.ADOPT_VOLUME: self._adopt,
            T.EXPAND_VOLUME: self._expand,
            T.GROW_VOLUME: self._grow,
            T.SHRINK_VOLUME: self._shrink,
            T.RETRY_OPERATION: self._retry_operation,
            T.ABANDON_OPERATION: self._abandon_operation,
            T.TEARDOWN: self._teardown,
            **further,
        }

    def read(self, head: Head, body: bytes) -> Accepted[master.Call] | Rejection:
        """See `replies.Api`."""
        return check_call(head, body, master.Call, self._validate)

    async def answer(self, call: master.Call, stream_id: str | None, media_type: MediaType) -> Reply:
        """See `replies.Api`."""
        assert isinstance(call.type, T)
        if call.type in ANSWERED:
            return await self._state_calls.answer(call, media_type)
        handler = self._handlers.get(call.type)
        if handler is None:
            why = SERVED[master.Call].refusal(str(call.type).lower()) or "there is nothing to tell yet"
            return Rejection(501, f"{call.type} is not served: {why}")
        return await handler(call)

    def _validate(self, call: master.Call) -> str | None:
        if call.type not in self._handlers and call.type not in ANSWERED:
            return None
        field = str(call.type).lower()
        if call.type in NEED_PAYLOAD and getattr(call, field) is UNSET:
            return f"expecting '{field}' to be present"
        lines = refusals(call)
        return f"not served: {'; '.join(lines)}" if lines else None

    async def _get_health(self, call: master.Call) -> Reply:
        return told(R.GET_HEALTH, master.ResponseGetHealth(healthy=True))

    async def _get_version(self, call: master.Call) -> Reply:
        shown = master.ResponseGetVersion(version_info=version_info(self._product_version))
        return told(R.GET_VERSION, shown)

    async def _get_master(self, call: master.Call) -> Reply:
        shown = master.ResponseGetMaster(
            master_info=self._identity.master_info(), start_time=self._started, elected_time=self._started
        )
        paused = self._offers.paused()
        if paused is not None:
            shown.offers_paused = paused
        if (waits := self._journal.waits) is not None:
            shown.writes_waiting = waits
        if found := len(still_found(self._restoration, self._provisioning.volumes)):
            shown.registry_differences = found
        shown.standbys = self._standbys()
        return told(R.GET_MASTER, shown)

    async def _provision(self, call: master.Call) -> Reply:
        wanted = call.provision_volume
        assert isinstance(wanted, master.CallProvisionVolume)
        if len(wanted.profile) > NAME_LIMIT:
            raise InvalidRequest(f"a profile's name has at most {NAME_LIMIT} characters")
        await self._volume_calls.turn()
        record = await self._provisioning.provision(wanted)
        accepted = master.ResponseProvisionVolume(volume=self._provisioning.message(record))
        if record.operation is not None:
            accepted.operation_id = record.operation.hex()
        return told(R.PROVISION_VOLUME, accepted, 202)

    async def _adopt(self, call: master.Call) -> Reply:
        wanted = call.adopt_volume
        assert isinstance(wanted, master.CallAdoptVolume)
        record = await self._adoptions.adopt(wanted)
        shown = UNSET if record is None else self._provisioning.message(record)
        return told(R.ADOPT_VOLUME, master.ResponseAdoptVolume(volume=shown), 202)

    async def _deprovision(self, call: master.Call) -> Reply:
        wanted = call.deprovision_volume
        assert isinstance(wanted, master.CallDeprovisionVolume)
        await self._volume_calls.turn()
        forgotten = False
        if wanted.force is True:
            record, forgotten = await self._provisioning.forget(wanted.name)
        else:
            record = await self._provisioning.deprovision(wanted.name)
        shown = self._provisioning.message(record)
        if forgotten:
            shown.message = FORGOTTEN
        accepted = master.ResponseDeprovisionVolume(volume=shown)
        return told(R.DEPROVISION_VOLUME, accepted, 202)

    async def _expand(self, call: master.Call) -> Reply:
        wanted = call.expand_volume
        assert isinstance(wanted, master.CallExpandVolume)
        record = await self._expansion.expand(wanted)
        accepted = master.ResponseExpandVolume(volume=self._provisioning.message(record))
        if record.operation is not None:
            accepted.operation_id = record.operation.hex()
        return told(R.EXPAND_VOLUME, accepted, 202)

    async def _grow(self, call: master.Call) -> Reply:
        wanted = call.grow_volume
        assert isinstance(wanted, master.CallGrowVolume)
        await self._expansion.resize(wanted)
        return Answer(202)

    async def _shrink(self, call: master.Call) -> Reply:
        wanted = call.shrink_volume
        assert isinstance(wanted, master.CallShrinkVolume)
        await self._expansion.resize(wanted)
        return Answer(202)

    async def _retry_operation(self, call: master.Call) -> Reply:
        wanted = call.retry_operation
        assert isinstance(wanted, master.CallRetryOperation)
        record, message = await self._interventions.retry(_checked(wanted.operation_id))
        shown = self._view.operation_message(record)
        answer = master.ResponseRetryOperation(operation=shown, message=message)
        return told(R.RETRY_OPERATION, answer, 202)

    async def _abandon_operation(self, call: master.Call) -> Reply:
        wanted = call.abandon_operation
        assert isinstance(wanted, master.CallAbandonOperation)
        record, message = await self._interventions.abandon(_checked(wanted.operation_id))
        shown = self._view.operation_message(record)
        answer = master.ResponseAbandonOperation(operation=shown, message=message)
        return told(R.ABANDON_OPERATION, answer, 202)

    async def _teardown(self, call: master.Call) -> Reply:
        wanted = call.teardown
        assert isinstance(wanted, master.CallTeardown)
        framework_id = wanted.framework_id.value
        if framework_id not in self._state.frameworks:
            raise InvalidRequest(f"framework {framework_id[:NAME_LIMIT]!r} is not known: see GET_FRAMEWORKS")
        await self._frameworks.remove(framework_id)
        return Answer(200)


def _checked(operation_id: str) -> str:
    if not 0 < len(operation_id) <= NAME_LIMIT:
        raise InvalidRequest(f"an operation's id has 1 to {NAME_LIMIT} characters")
    return operation_id
